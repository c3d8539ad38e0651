"""The look of a shoot brought to the pictures of its film: which of them, edited how, and one recipe for each frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING

from dayspool.develop.introspect import installed_modules
from dayspool.errors import PlanError
from dayspool.journal import JournalReader
from dayspool.look.check import adapting_modules, ignored_modules
from dayspool.look.ramp import EXPOSURE
from dayspool.look.shoot_look import look_of
from dayspool.look.wish import Picture
from dayspool.render.frames import footage_of

if TYPE_CHECKING:
    from pathlib import Path

    from dayspool.core.plan import Place
    from dayspool.core.schedule import Schedule
    from dayspool.develop import Recipe
    from dayspool.look.check import Trouble
    from dayspool.look.shoot_look import Look
    from dayspool.look.wish import LookWish
    from dayspool.render.frames import Footage
    from dayspool.render.pipeline import FrameFile
    from dayspool.sidecar.schema import Modules

__all__ = ["ShootLook", "shoot_look"]

_CAMERA_TIME = timezone(timedelta(0), "camera time")  # nobody knows which zone's


@dataclass(frozen=True, slots=True, kw_only=True)
class ShootLook:
    """A shoot's film as it is to be: its pictures, and the look of each.

    Attributes:
        shoot: its folder.
        look: what the keyframes, ramps and files of a look come to.
        wish: what was asked for.
        footage: the pictures of the film.
        pictures: the same with their times, in slot order.
        modules: how the installed darktable lays out its parameters.
        zone: where times of the clock are told.
        place: where the camera stood, where that is known.
        curve: a tone curve that the built-in developer draws.
        notes: what a person should know of the look, a sentence each.
    """

    shoot: Path
    look: Look
    wish: LookWish
    footage: Footage
    pictures: tuple[Picture, ...]
    modules: Modules
    zone: tzinfo
    place: Place | None = None
    curve: tuple[tuple[float, float], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def needs_darktable(self) -> str | None:
        """Why only darktable can develop it, as a clause; `None` where another developer can."""
        if not self.look.needs_darktable:
            return None
        count = len(self.look.keyframes)
        if count:
            return f"the look has {count} keyframe{'s' if count > 1 else ''} made in darktable"
        if self.wish.path is not None:
            return f"{self.wish.path.name} is a look for darktable"
        ramps = [name for name in self.wish.ramp if name != EXPOSURE] or ["the look"]
        return f"the ramp of {', '.join(ramps)} is one for darktable"

    @property
    def raws(self) -> tuple[Path, ...]:
        """The RAW files among the pictures, in slot order."""
        return tuple(frame.path for frame in self.footage.frames) if self.footage.raw else ()

    def frames_for(self, developer: str) -> list[FrameFile]:
        """Return the frames, each with what a developer of this name is to make of it.

        The built-in one gets no sidecars: what they hold besides a look is darktable's own beginning for RAW files,
        and it has one of its own. Only it gets the curve.

        Raises:
            PlanError: as `refuse_ignored`.
        """
        builtin = developer == "builtin"
        if not builtin:
            self.refuse_ignored()
        return [replace(frame, recipe=self._recipe(frame.slot, builtin=builtin)) for frame in self.footage.frames]

    def refuse_ignored(self) -> None:
        """Refuse a look before any work is done on it that darktable would only follow in part.

        Raises:
            PlanError: the installed darktable would ignore something in keyframes, in a style or in a sidecar without
                a word; all of it, with the file that it stands in.
        """
        found = [trouble for trouble in ignored_modules(self.look, self.modules) if trouble.fatal]
        if found:
            raise PlanError(*(f"{one.files[0] if one.files else 'the look'}: {one.text}{_more(one)}" for one in found))

    def notes_for(self, developer: str = "auto") -> tuple[str, ...]:
        """Return what a person should know before hours are spent with a developer of this name."""
        if developer == "auto":
            developer = "darktable" if self.needs_darktable or self.footage.raw else "builtin"
        if developer == "builtin":
            return self.notes
        adapting = adapting_modules(self.look, self.modules, pinned=self.wish.pin)
        notes = (*self.notes, *(trouble.text for trouble in adapting))
        if not self.curve:
            return notes
        return (*notes, f"the curve of [look] is left out: the built-in developer draws it, and {developer} not")

    def _recipe(self, slot: int, *, builtin: bool) -> Recipe:
        recipe = self.look.recipe(slot)
        return replace(recipe, sidecar=None, curve=self.curve) if builtin else recipe


def shoot_look(
    shoot: Path,
    *,
    wish: LookWish,
    pictures: str = "auto",
    place: Place | None = None,
    zone: tzinfo = UTC,
    camera_zone: tzinfo | None = None,
    curve: tuple[tuple[float, float], ...] = (),
) -> ShootLook:
    """Find the pictures of a shoot's film and how each is to look.

    Args:
        shoot: its folder.
        wish: what is asked of the look.
        pictures: which of them: `auto`, `wifi` or `card`, as for `footage_of`.
        place: where the camera stood; ramps that follow the sun need it.
        zone: where times of the clock are read.
        camera_zone: which zone's time the camera's clock showed, for an import whose pictures do not tell; UTC where
            nobody said.
        curve: a tone curve for the built-in developer.

    Raises:
        FilmError: there are no pictures.
        PlanError: what is asked of the look does not go together with the shoot.
        SidecarUnreadable: a keyframe's sidecar is broken, or of a later darktable.
        JournalError: the journal cannot be read.
    """
    footage = footage_of(shoot, pictures)
    with JournalReader(shoot) as journal:
        schedule = journal.session().schedule
        assert schedule is not None, "a shoot with pictures has begun"
        local = camera_zone if camera_zone is not None and _by_camera_clock(journal, schedule) else None
    shown = tuple(
        Picture(
            slot=one.slot, path=one.path, utc=schedule.instant(one.slot).replace(tzinfo=local or UTC).astimezone(UTC)
        )
        for one in footage.frames
    )
    modules = installed_modules()
    look = look_of(shown, wish=wish, modules=modules, place=place, zone=zone)
    return ShootLook(
        shoot=shoot,
        look=look,
        wish=wish,
        footage=footage,
        pictures=shown,
        modules=modules,
        zone=_CAMERA_TIME if local is UTC else zone,
        place=place,
        curve=curve,
        notes=(*look.notes, *(() if look.keyframes or wish.chosen is None else _passed_over(shoot, footage))),
    )


def _more(trouble: Trouble) -> str:
    """Say where else it is."""
    more = len(trouble.files) - 1
    return f" (and {more} more sidecar{'s' if more > 1 else ''})" if more > 0 else ""


def _by_camera_clock(journal: JournalReader, schedule: Schedule) -> bool:
    """Say whether the slots of an import are the camera's clock read as UTC: it knew no offset from it."""
    first = next((row for row in journal.frames() if row.taken), None)
    if first is None or first.taken is None:
        return False
    told = datetime.fromisoformat(first.taken).replace(tzinfo=UTC)
    return abs(told - schedule.instant(first.slot)) <= schedule.interval_at(first.slot)


def _passed_over(shoot: Path, footage: Footage) -> list[str]:
    """Say that edits lie beside pictures of the kind that the film is not made of."""
    other, choice = ("frames", "wifi") if footage.source == "card" else ("cards", "card")
    sidecars = sum(1 for _ in (shoot / other).rglob("*.xmp"))
    if not sidecars:
        return []
    lie = "a sidecar lies" if sidecars == 1 else f"{sidecars} sidecars lie"
    return [f"{lie} beside the pictures in {other}/, which are not used; --pictures {choice} uses them"]
