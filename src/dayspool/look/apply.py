"""The look of a shoot beside its pictures: sidecars that darktable opens, ours marked, a person's never touched.

A sidecar in which there is an edit of a person, or may be one, is left alone, whatever else is in it: undone, switched
off, or added by another program. One that certainly has none (darktable writes such a one beside every picture that it
imports) and one of our own are written into: only the development changes, stars, labels, tags and all that other
programs keep there stay, and what the file was is kept in it until the look is taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dayspool.errors import JournalUnwritable, PlanError, SidecarUnreadable
from dayspool.look.guard import holders
from dayspool.picture.whole import PART_SUFFIX, sync_folder, write_whole
from dayspool.sidecar.before import MOST_BYTES, before, written_into
from dayspool.sidecar.corrections import corrected
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.marks import meant_then

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dayspool.look.shoot_look import Look
    from dayspool.look.wish import Picture

__all__ = ["Applied", "Fate", "apply_look", "remove_look"]

_LOOK_AGAIN = 50  # files from one look for a running darktable to the next


class Fate(StrEnum):
    """What becomes of the sidecar beside a picture."""

    WRITTEN = "written"  # there was none, or one without any development of a person's
    RENEWED = "renewed"  # there was one of ours, of another look
    UNCHANGED = "unchanged"  # it is there, as it is to be
    KEYFRAME = "keyframe"  # a person's edit, and the look follows it
    LEFT = "left"  # a person's edit, or what may be one, that the look does not follow; or not understood
    REMOVED = "removed"
    ABSENT = "absent"  # nothing of ours was there to remove


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A picture and what became of its sidecar."""

    picture: Picture
    fate: Fate


def apply_look(
    look: Look,
    pictures: Sequence[Picture],
    *,
    dry: bool = False,
    force: bool = False,
) -> Iterator[Applied]:
    """Write the sidecars of pictures one after the other, and tell what became of each; again to go on.

    Args:
        look: what they are to look like.
        pictures: those wanted.
        dry: only tell.
        force: write although a running darktable has the folder.

    Raises:
        PlanError: a running darktable has the folder, or may have it.
        JournalUnwritable: the disk refused; what was written is whole, the rest as it was.
    """
    keyframes = {keyframe.path for keyframe in look.keyframes}
    folders = _folders(pictures)
    for index, picture in enumerate(pictures):
        if not dry and not force and index % _LOOK_AGAIN == 0:
            _refuse_held(folders)
        planned = _Plan(Fate.KEYFRAME) if picture.sidecar in keyframes else _planned(look, picture)
        if planned.data is not None and not dry:
            _write(picture, planned.data, replace=planned.replace)
        yield Applied(picture=picture, fate=planned.fate)


def remove_look(
    pictures: Sequence[Picture],
    *,
    dry: bool = False,
    force: bool = False,
) -> Iterator[Applied]:
    """Take back what `apply_look` wrote and nobody edited since; what others have written to such a file stays.

    One that nothing has been written to is what it was, byte for byte; one that was not there is gone.

    Raises:
        PlanError, JournalUnwritable: as `apply_look`.
    """
    folders = _folders(pictures)
    for index, picture in enumerate(pictures):
        if not dry and not force and index % _LOOK_AGAIN == 0:
            _refuse_held(folders)
        ours = _ours(picture)
        if not dry:
            _take_back(picture, ours)
        yield Applied(picture=picture, fate=Fate.ABSENT if ours is None else Fate.REMOVED)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to become of a sidecar: its new bytes if it gets any, and whether they take the place of others."""

    fate: Fate
    data: bytes | None = None
    replace: bool = False


def _planned(look: Look, picture: Picture) -> _Plan:
    """Say what becomes of the sidecar of a picture that is no keyframe."""
    try:
        existing = _existing(picture)
    except (SidecarUnreadable, OSError):
        return _Plan(Fate.LEFT)
    wanted = _wanted(look, picture)
    if existing is None:
        return _Plan(Fate.WRITTEN, written_into(None, wanted, raw=picture.raw).data)
    if existing.ours:
        if meant_then(existing) == existing.developed_as(wanted).fingerprint:
            return _Plan(Fate.UNCHANGED)
        new = written_into(before(existing, raw=picture.raw), wanted, raw=picture.raw)
        return _Plan(Fate.RENEWED, new.data, replace=True)
    if not existing.untouched or len(existing.data) > MOST_BYTES:
        return _Plan(Fate.LEFT)
    return _Plan(Fate.WRITTEN, written_into(existing, wanted, raw=picture.raw).data, replace=True)


def _existing(picture: Picture) -> Sidecar | None:
    """Return the sidecar beside a picture, `None` if there is none."""
    try:
        return Sidecar.read(picture.sidecar.read_bytes(), where=str(picture.sidecar))
    except FileNotFoundError:
        return None


def _ours(picture: Picture) -> Sidecar | None:
    """Return the sidecar beside a picture if it is one of ours that nobody has edited."""
    try:
        existing = _existing(picture)
    except (SidecarUnreadable, OSError):
        return None
    return existing if existing is not None and existing.ours else None


def _wanted(look: Look, picture: Picture) -> Sidecar:
    """Return the development of a picture, composed the way a render does it."""
    recipe = look.recipe(picture.slot)
    person = None if recipe.sidecar is None else Sidecar.read(recipe.sidecar, where=f"the look of slot {picture.slot}")
    if person is not None and person.active and recipe.corrections == (0.0, (1.0, 1.0, 1.0)):
        return person  # what a person goes on editing holds nothing that does nothing
    ev, gains = recipe.corrections
    return corrected(person, ev=ev, gains=gains, raw=picture.raw)


def _write(picture: Picture, data: bytes, *, replace: bool) -> None:
    try:
        write_whole(picture.sidecar, data, replace=replace)
    except OSError as error:
        raise _refused(picture, error) from error


def _take_back(picture: Picture, ours: Sidecar | None) -> None:
    """Make a sidecar what it was before, or delete it if it was not there; clear away what a killed run left of one."""
    back = None if ours is None else before(ours, raw=picture.raw)
    try:
        if back is not None:
            write_whole(picture.sidecar, back.data, replace=True)
            return
        if ours is not None:
            picture.sidecar.unlink()
            sync_folder(picture.sidecar.parent)
        picture.sidecar.with_name(picture.sidecar.name + PART_SUFFIX).unlink(missing_ok=True)
    except OSError as error:
        raise _refused(picture, error) from error


def _refused(picture: Picture, error: OSError) -> JournalUnwritable:
    return JournalUnwritable(
        f"{picture.sidecar} cannot be written: {error.strerror or error}; what was written before it is whole, and "
        "the same command goes on from there"
    )


def _folders(pictures: Sequence[Picture]) -> list[Path]:
    return sorted({picture.path.parent for picture in pictures})


def _refuse_held(folders: Sequence[Path]) -> None:
    for folder in folders:
        for holder in holders(folder):
            raise PlanError(
                f"{holder.sentence}; it would not see sidecars written now, and write over them at the next edit: "
                "close it first, then run this again (--force writes all the same)"
            )
