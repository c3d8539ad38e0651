"""What a person should know before the first frame: each a sentence, none of them a reason to refuse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from dayspool.cli.outlook.outlook import local_days
from dayspool.cli.output import size_text
from dayspool.core.plan import duration_text
from dayspool.core.twilight import Light

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from dayspool.camera.model import Model
    from dayspool.cli.outlook.needs import Needs
    from dayspool.cli.outlook.outlook import Outlook
    from dayspool.core.schedule import Stretch
    from dayspool.core.twilight import Band

__all__ = ["Circumstances", "notes"]

_LONG = timedelta(hours=2)  # shorter shoots are left to any battery
_LONGEST_EXPOSURE = timedelta(seconds=30)  # that these bodies time by themselves
_A_DAY = timedelta(days=1)
_SOON = timedelta(days=2)
_MINUTE = timedelta(minutes=1)
_KINDS = {"jpeg": "JPEG", "raw": "RAW", "raw+jpeg": "RAW and JPEG"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """With what a shoot is to be done.

    Attributes:
        now: when that is asked, aware.
        start: when the plan wants to begin, where it names a date.
        model: the camera; `None` when nothing is known of it.
        own: whether that is the camera the shoot has; else it is only the likely one.
        postview: the size of pictures over Wi-Fi that the plan asks for, if any.
        needs: what the shoot takes.
        free_bytes: on the disk of the shoot.
        folder: where that is, for people.
        card_bytes: the size of the card, if it was told.
        learned: the shortest interval of the shoot's own camera, once it was measured.
    """

    now: datetime
    start: datetime | None
    model: Model | None
    own: bool
    postview: str | None
    needs: Needs
    free_bytes: int
    folder: str
    card_bytes: int | None
    learned: timedelta | None = None

    @property
    def shortest_seconds(self) -> float | None:
        """From shot to shot the camera keeps this: as measured, else as users of its model advise."""
        if self.learned is not None:
            return self.learned.total_seconds()
        return None if self.model is None else self.model.shortest_interval_seconds

    @property
    def camera(self) -> str:
        """The camera, for the beginning of a clause."""
        name = "camera" if self.model is None else self.model.name
        return f"the {name}" if self.own else f"the {name}, if that is your camera,"


def notes(outlook: Outlook, around: Circumstances) -> Iterator[str]:
    """Yield all that is worth knowing of a shoot, the gravest first."""
    yield from _pace(outlook, around)
    yield from _body(around)
    if outlook.slots is None:
        yield "the shoot has no end; it goes on until it is stopped"
    if around.start is not None and around.start < around.now - _MINUTE <= outlook.first:
        yield f"{outlook.local(around.start):%Y-%m-%d %H:%M} has gone by: the shoot begins at once, or when it next may"
    if outlook.first - around.now > _SOON:
        wait = (outlook.first - around.now) // _A_DAY
        yield f"nothing is due before {outlook.local(outlook.first):%Y-%m-%d %H:%M}, in {wait} days"
    yield from _room(outlook, around)
    yield from _power(outlook, around)
    yield from _night(outlook, around)
    yield from _sun(outlook)
    yield from _clocks(outlook)


def _pace(outlook: Outlook, around: Circumstances) -> Iterator[str]:
    """Say that the camera cannot keep up."""
    shortest = around.shortest_seconds
    least = min(stretch.interval for stretch in outlook.stretches)
    if shortest is not None and least < timedelta(seconds=shortest):
        yield (
            f"{around.camera} needs about {shortest:g} s between shots; "
            f"at {duration_text(least)} slots will be lost to a busy camera"
        )


def _body(around: Circumstances) -> Iterator[str]:
    """Say what the shoot's own camera makes worth knowing."""
    model = around.model
    if model is None or not around.own:
        return
    if model.half_press:
        yield f"the {model.name} takes no picture when its autofocus finds nothing; set it to manual focus (MF)"
    if model.sets_exposure is False:
        yield (
            f"shutter, aperture and ISO of the {model.name} cannot be set over Wi-Fi, and it may expose by itself "
            "whatever its dial says: look at the first frames"
        )
    if around.postview is not None and "postview" not in model.originals:
        yield f"nobody has told that the {model.name} lets the size of its pictures over Wi-Fi be chosen; it is tried"


def _room(outlook: Outlook, around: Circumstances) -> Iterator[str]:
    """Say that the disk of this machine, or the camera's card, is too small."""
    needs, card = around.needs, around.card_bytes
    if needs.storage_bytes is not None and needs.storage_bytes > around.free_bytes:
        free, needed = size_text(around.free_bytes), size_text(needs.storage_bytes)
        yield f"only {free} are free in {around.folder}, {needed} are needed"
    if card is None or outlook.slots is None:
        return
    over = [
        f"about {card * outlook.slots // size} as {_KINDS[kind]}"
        for kind, size in needs.card_bytes.items()
        if size is not None and size > card
    ]
    if over:
        yield f"a card of {size_text(card)} does not hold the {outlook.slots} frames: {', '.join(over)}"
    elif needs.most_jpeg_bytes is not None and needs.most_jpeg_bytes > card:
        most = size_text(needs.most_jpeg_bytes)
        yield f"a card of {size_text(card)} may become full: JPEGs of much detail take up to {most}"
    if needs.card_bytes["raw"] is None:
        yield "how large a RAW of this camera is, is not known; count on more than its JPEGs take"


def _power(outlook: Outlook, around: Circumstances) -> Iterator[str]:
    """Say that the battery will not do, as far as anything is known of it."""
    span = outlook.end - outlook.first
    if around.model is None or span <= _LONG:
        return
    row = around.needs.endurance
    lasts = "without an end" if outlook.slots is None else f"of {duration_text(_MINUTE * round(span / _MINUTE))}"
    usb = None if row is None else row.usb_power
    goes_on = "on USB power it goes on shooting" if usb else "whether it shoots on USB power is not known"
    if row is not None and row.battery_hours is not None and span <= timedelta(hours=row.battery_hours):
        return
    if row is not None and row.battery is not None:
        yield f"{around.camera} is said to last {row.battery} on its battery, too little for a shoot {lasts}; {goes_on}"
    elif around.own:
        yield (
            f"how long the {around.model.name} lasts on its battery over Wi-Fi is not known; for a shoot {lasts} "
            f"give it power ({goes_on})"
        )


def _night(outlook: Outlook, around: Circumstances) -> Iterator[str]:
    """Say how long exposures may be at night, where the interval limits them."""
    dark = [band for sun in outlook.days for band in sun.bands if band.light <= Light.DEEP]
    if not dark:
        return
    least = min(
        (stretch.interval for stretch in outlook.stretches if _meets(outlook, stretch, dark)),
        default=_LONGEST_EXPOSURE * 2,
    )
    seconds = around.shortest_seconds
    saving = timedelta(seconds=seconds or 0)
    if not saving < least < _LONGEST_EXPOSURE + saving:
        return
    if seconds is None:
        yield f"an exposure at night, and saving its picture, has to take less than {duration_text(least)}"
    else:
        yield (
            f"exposures at night can last {duration_text(least - saving)} at most: {around.camera} needs about "
            f"{seconds:g} s of the {duration_text(least)} between slots"
        )


def _meets(outlook: Outlook, stretch: Stretch, spans: list[Band]) -> bool:
    """Say whether a stretch has a slot in one of the spans."""
    end = outlook.end if stretch.end is None else stretch.instant(stretch.end)
    return any(band.begin < end and stretch.origin < band.end for band in spans)


def _sun(outlook: Outlook) -> Iterator[str]:
    """Say on which days the sun does not set or rise, and that windows which wait for it stay shut."""
    opened = {window.name for window in outlook.windows}
    for always, group in groupby(outlook.days, key=lambda sun: sun.always):
        days = [sun.day for sun in group]
        if always is None:
            continue
        what = "set" if always is Light.DAY else "rise"
        when = f"on {days[0]}" if len(days) == 1 else f"from {days[0]} to {days[-1]}"
        shut = 0 if "" in opened else sum(day.isoformat() not in opened for day in days)
        windows = f"; on {shut} of {len(days)} days no window opens" if shut else ""
        yield f"the sun does not {what} {when}{windows}"


def _clocks(outlook: Outlook) -> Iterator[str]:
    """Say that the clocks change, and what that does to the slots."""
    for day in local_days(outlook.first, outlook.end, outlook.zone):
        before, after = (outlook.local(outlook.midnight(each)) for each in (day, day + _A_DAY))
        if before.utcoffset() != after.utcoffset():
            windows = ", and windows follow the clocks" if outlook.windows[0].name else ""
            yield f"the clocks change on {day}, from {before:%Z} to {after:%Z}: slots stay evenly spaced{windows}"
