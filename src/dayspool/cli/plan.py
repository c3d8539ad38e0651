"""`dayspool plan`: everything that can be known of a shoot before its first frame."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.output import Output, json_option, size_text
from dayspool.cli.planning import PlanOptions, plan_of, plan_options
from dayspool.core.plan import duration_text
from dayspool.core.schedule import grid_at_or_after
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from dayspool.camera.model import Model
    from dayspool.config import PlanFile
    from dayspool.core.schedule import Schedule

__all__ = ["command"]

# A 2-megapixel postview as measured on an A6300 over Wi-Fi; nobody has recorded the RX100 M2's.
POSTVIEW_BYTES = 410_000
ORIGINAL_BYTES = 8_000_000  # full-size JPEGs of these bodies have 3 to 15 MB
FILM_FPS = 30
LIKELY_MODEL = "DSC-RX100M2"
DAYS_OF_SUN = 4


@click.command
@click.argument("shoot", type=click.Path(path_type=Path), required=False)
@plan_options
@json_option
def command(shoot: Path | None, options: PlanOptions, output: Output) -> None:
    """Show the slots, sun times, film length and storage of SHOOT's plan, or of the same options as `shoot`.

    Touches nothing.
    """
    from dayspool.clock import SystemClock

    planned = plan_of(shoot, options)
    schedule = _schedule(shoot, planned, SystemClock().utc())
    slots = schedule.count
    original = planned.camera.postview == "original"
    storage = None if slots is None else slots * (ORIGINAL_BYTES if original else POSTVIEW_BYTES)
    last = None if slots is None else schedule.instant(slots - 1)
    warnings = list(_warnings(planned, schedule, storage, shoot))
    output.say(f"{'endless' if slots is None else slots} slots, one every {duration_text(schedule.interval_at(0))}")
    output.say(f"  first  {_local(schedule.origin)}")
    if slots is not None and last is not None and storage is not None:
        output.say(f"  last   {_local(last)}")
        output.say(f"  film   {slots / FILM_FPS:.1f} s at {FILM_FPS} frames per second")
        output.say(f"  needs  about {size_text(storage)} for {'full-size' if original else '2-megapixel'} pictures")
    sun = list(_sun(planned, schedule, last))
    for line in sun:
        output.say(f"  {line['day']}  sunrise {line['sunrise']}  sunset {line['sunset']}")
    for warning in warnings:
        output.say(f"  note: {warning}")
    output.result(
        {
            "slots": slots,
            "first": schedule.origin,
            "last": last,
            "film_seconds": None if slots is None else round(slots / FILM_FPS, 3),
            "storage_bytes": storage,
            "sun": sun,
            "warnings": warnings,
        }
    )


def _schedule(shoot: Path | None, planned: PlanFile, now: datetime) -> Schedule:
    """Return the slots as planned now: from the journal's first one once the shoot has begun, else as if begun now."""
    from dayspool.journal import FILE_NAME, JournalReader

    begun = None
    if shoot is not None and (shoot / FILE_NAME).exists():
        with JournalReader(shoot) as journal:
            begun = journal.session().schedule
    if begun is None:
        return planned.plan().schedule(now)
    _refuse_other_slots(begun, planned)
    return begun.with_count(planned.plan().count_from(begun.origin))


def _refuse_other_slots(begun: Schedule, planned: PlanFile) -> None:
    """Raise what is fixed since the shoot began and was changed in its plan all the same."""
    if planned.every != begun.interval_at(0):
        raise PlanError(
            f"every: this shoot has a slot every {duration_text(begun.interval_at(0))} since it began, and its plan "
            f"now says {duration_text(planned.every)}; put it back, or begin another folder"
        )
    if grid_at_or_after(begun.origin, planned.every, planned.phase) != begun.origin:
        raise PlanError(
            f"phase: the slots of this shoot are fixed since it began, and {duration_text(planned.phase)} would move "
            "them; put it back, or begin another folder"
        )


def _warnings(planned: PlanFile, schedule: Schedule, storage: int | None, shoot: Path | None) -> Iterator[str]:
    from dayspool.camera.models import model_named

    own = _camera_of(shoot)
    model = model_named(own) if own is not None else _likely(planned)
    shortest = model.shortest_interval_seconds if model is not None else None
    if model is not None and shortest is not None and planned.every < timedelta(seconds=shortest):
        which = f"the {model.name}" if own is not None else f"the {model.name}, if that is your camera,"
        yield (
            f"{which} needs about {shortest:g} s between shots; "
            f"at {duration_text(planned.every)} slots will be lost to a busy camera"
        )
    if model is not None and own is not None:
        yield from _about(model, planned)
    if schedule.count is None:
        yield "the shoot has no end; it goes on until it is stopped"
    folder = _nearest_there(shoot or Path.cwd())
    free = shutil.disk_usage(folder).free
    if storage is not None and storage > free:
        yield f"only {size_text(free)} are free in {folder}, {size_text(storage)} are needed"


def _likely(planned: PlanFile) -> Model | None:
    """Return the model most likely used, as long as no camera is named."""
    from dayspool.camera.models import model_named

    return model_named(LIKELY_MODEL) if planned.camera.url is None else None


def _camera_of(shoot: Path | None) -> str | None:
    """Return the model a shoot had last, if it has had any."""
    from dayspool.journal import FILE_NAME, JournalReader

    if shoot is None or not (shoot / FILE_NAME).exists():
        return None
    with JournalReader(shoot) as journal:
        camera = journal.last_camera()
    return None if camera is None else camera.model


def _about(model: Model, planned: PlanFile) -> Iterator[str]:
    """Yield what the shoot's own camera makes worth knowing."""
    if model.half_press:
        yield f"the {model.name} takes no picture when its autofocus finds nothing; set it to manual focus (MF)"
    if model.sets_exposure is False:
        yield (
            f"shutter, aperture and ISO of the {model.name} cannot be set over Wi-Fi, and it may expose by itself "
            "whatever its dial says: look at the first frames"
        )
    if planned.camera.postview is not None and "postview" not in model.originals:
        yield f"nobody has told that the {model.name} lets the size of its pictures over Wi-Fi be chosen; it is tried"


def _nearest_there(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists: where it would be made."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())


def _sun(planned: PlanFile, schedule: Schedule, last: datetime | None) -> Iterator[dict[str, str]]:
    if planned.place is None:
        return
    from dayspool.sun import sun_times

    day = schedule.origin.astimezone().date()
    end = (last or schedule.origin).astimezone().date()
    for _ in range(DAYS_OF_SUN):
        if day > end:
            return
        times = sun_times(planned.place, day)
        rise, fall = times.sunrise, times.sunset
        yield {
            "day": day.isoformat(),
            "sunrise": "none" if rise is None else f"{rise.astimezone():%H:%M}",
            "sunset": "none" if fall is None else f"{fall.astimezone():%H:%M}",
        }
        day += timedelta(days=1)


def _local(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S %Z}"
