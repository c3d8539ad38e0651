"""The look of a shoot beside its pictures: sidecars that darktable opens, ours marked, a person's never touched.

A sidecar in which there is an edit of a person is left alone, whatever else is in it. One without any (darktable writes
such a one beside every picture that it imports) and one of our own are written into: only the development changes,
stars, labels, tags and all that other programs keep there stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dayspool.errors import JournalUnwritable, PlanError, SidecarUnreadable
from dayspool.look.guard import holders
from dayspool.picture.whole import sync_folder, write_whole
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

    WRITTEN = "written"  # there was none, or one without any development
    RENEWED = "renewed"  # there was one of ours, of another look
    UNCHANGED = "unchanged"  # it is there, as it is to be
    KEYFRAME = "keyframe"  # a person's edit, and the look follows it
    LEFT = "left"  # a person's edit that the look does not follow, or a file that is not understood
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
        existing = _existing(picture)
        if existing is None or picture.sidecar in keyframes or (existing.edited and not existing.ours):
            yield Applied(picture=picture, fate=Fate.KEYFRAME if picture.sidecar in keyframes else Fate.LEFT)
            continue
        new = existing.developed_as(_wanted(look, picture))
        if existing.ours and meant_then(existing) == new.fingerprint:
            yield Applied(picture=picture, fate=Fate.UNCHANGED)
            continue
        if not dry:
            _write(picture, new.marked().data)
        yield Applied(picture=picture, fate=Fate.RENEWED if existing.ours else Fate.WRITTEN)


def remove_look(
    pictures: Sequence[Picture],
    *,
    dry: bool = False,
    force: bool = False,
) -> Iterator[Applied]:
    """Take back what `apply_look` wrote and nobody edited since; what else is in such a file stays.

    Raises:
        PlanError, JournalUnwritable: as `apply_look`.
    """
    folders = _folders(pictures)
    for index, picture in enumerate(pictures):
        if not dry and not force and index % _LOOK_AGAIN == 0:
            _refuse_held(folders)
        existing = _existing(picture)
        ours = existing is not None and existing.ours
        if existing is not None and ours and not dry:
            _take_back(picture, existing)
        yield Applied(picture=picture, fate=Fate.REMOVED if ours else Fate.ABSENT)


def _existing(picture: Picture) -> Sidecar | None:
    """Return the sidecar beside a picture, a blank one if there is none, `None` if it is not understood."""
    try:
        return Sidecar.read(picture.sidecar.read_bytes(), where=str(picture.sidecar))
    except FileNotFoundError:
        return Sidecar.blank(raw=picture.raw)
    except (SidecarUnreadable, OSError):
        return None


def _wanted(look: Look, picture: Picture) -> Sidecar:
    """Return the development of a picture, composed the way a render does it."""
    recipe = look.recipe(picture.slot)
    person = None if recipe.sidecar is None else Sidecar.read(recipe.sidecar, where=f"the look of slot {picture.slot}")
    if person is not None and person.active and (recipe.ev, recipe.gains) == (0.0, (1.0, 1.0, 1.0)):
        return person  # what a person goes on editing holds nothing that does nothing
    return corrected(person, ev=recipe.ev, gains=recipe.gains, raw=picture.raw)


def _write(picture: Picture, data: bytes) -> None:
    try:
        write_whole(picture.sidecar, data, replace=True)
    except OSError as error:
        raise _refused(picture, error) from error


def _take_back(picture: Picture, existing: Sidecar) -> None:
    """Delete a sidecar that holds nothing but our development; take only that out of any other."""
    blank = Sidecar.blank(raw=picture.raw)
    try:
        if existing.data == blank.developed_as(existing).marked().data:
            picture.sidecar.unlink()
            sync_folder(picture.sidecar.parent)
        else:
            write_whole(picture.sidecar, existing.with_steps(()).with_masks(()).data, replace=True)
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
