"""Keyframes: the pictures whose edits a shoot follows, found by their sidecars."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dayspool.errors import PlanError, SidecarUnreadable
from dayspool.look.wish import LABELS, Chosen
from dayspool.sidecar.corrections import without_ours
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.masks import settled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dayspool.look.wish import LookWish, Picture

__all__ = ["Keyframe", "keyframes_of", "unheeded_duplicates"]

_HEAD_BYTES = 64
_DUPLICATE = re.compile(r"(?P<stem>.+)_\d\d(?P<suffix>\.[^.]+)\.xmp")
_KINDS = (".xmp", ".dtstyle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyframe:
    """A picture's edit that counts: its slot, the sidecar's file and what it says."""

    slot: int
    path: Path
    sidecar: Sidecar


def keyframes_of(pictures: Sequence[Picture], wish: LookWish) -> tuple[Keyframe, ...]:
    """Return the keyframes that a wish chooses, by slot.

    A sidecar without an edit (darktable writes one beside every picture that it imports) and one that dayspool itself
    wrote are none.

    Raises:
        PlanError: a listed slot has no picture, no sidecar or no edit; nothing is rated or labelled so; or the look's
            own file or folder is not there.
        SidecarUnreadable: a sidecar is broken, or of a later darktable; it is named.
    """
    ordered = sorted(pictures, key=lambda picture: picture.slot)
    path = wish.path
    if path is not None and not path.is_dir() and (path.suffix.lower() not in _KINDS or not path.is_file()):
        wrong = "is none" if path.exists() else "is not there"
        raise PlanError(f"the look {path} {wrong}; give a sidecar (.xmp), a style (.dtstyle) or a folder of sidecars")
    if path is not None and path.is_file() and path.suffix.lower() == ".xmp":
        return _one_for_all(path, ordered[0].slot)
    chosen = wish.chosen
    if chosen is None:
        return ()
    folder = path if path is not None and path.is_dir() else None
    if chosen.slots is not None:
        return _listed(chosen.slots, ordered, folder)
    found = [keyframe for picture in ordered if (keyframe := _read(picture, folder)) and _wanted(keyframe, chosen)]
    if not found and (chosen.rating is not None or chosen.label is not None):
        raise PlanError(
            f"no edited picture has {_shown(chosen)}; mark some in darktable, or choose keyframes another way"
        )
    if not found and folder is not None:
        raise PlanError(
            f"no sidecar in {folder} is named after a picture of this shoot, such as {ordered[0].sidecar.name}"
        )
    return tuple(found)


def unheeded_duplicates(pictures: Sequence[Picture], wish: LookWish) -> tuple[str, ...]:
    """Return a sentence if there are edits of duplicates, which darktable keeps beside as NAME_01.EXT.xmp."""
    if wish.chosen is None or (wish.path is not None and wish.path.is_file()):
        return ()
    names = {picture.path.name for picture in pictures}
    found = []
    for folder in dict.fromkeys(wish.path or picture.path.parent for picture in pictures):
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            of = _DUPLICATE.fullmatch(path.name)
            its_own = path.stem in names
            if of is not None and not its_own and f"{of['stem']}{of['suffix']}" in names and _may_be_edited(path):
                found.append(path.name)
    if not found:
        return ()
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return (f"{found[0]}{more}: edits of duplicates made in darktable are passed over; edit the picture itself",)


def _may_be_edited(path: Path) -> bool:
    """Say whether a sidecar holds an edit of a person, or cannot be read."""
    try:
        sidecar = _parsed(path)
    except SidecarUnreadable:
        return True
    return sidecar is not None and sidecar.edited and not sidecar.ours


def _one_for_all(path: Path, slot: int) -> tuple[Keyframe, ...]:
    sidecar = _parsed(path)
    if sidecar is None or not sidecar.active:
        raise PlanError(f"{path} holds no edit of darktable; develop a picture there and give its sidecar")
    return (_keyframe(slot, path, sidecar),)


def _listed(slots: Sequence[int], pictures: Sequence[Picture], folder: Path | None) -> tuple[Keyframe, ...]:
    by_slot = {picture.slot: picture for picture in pictures}
    found, problems = [], []
    for slot in slots:
        picture = by_slot.get(slot)
        if picture is None:
            problems.append(f"slot {slot} is to be a keyframe, but no picture was taken there")
            continue
        path = _place(picture, folder)
        sidecar = _parsed(path)
        if sidecar is None:
            problems.append(
                f"slot {slot} is to be a keyframe, but {path} is not there; develop {picture.path.name} first"
            )
        elif not sidecar.active:
            problems.append(f"slot {slot} is to be a keyframe, but {path} holds no edit of darktable")
        elif sidecar.ours:
            problems.append(
                f"slot {slot} is to be a keyframe, but {path} is what dayspool wrote there; edit it in darktable"
            )
        else:
            found.append(_keyframe(slot, path, sidecar))
    if problems:
        raise PlanError(*problems)
    return tuple(found)


def _read(picture: Picture, folder: Path | None) -> Keyframe | None:
    """Return the edit of a picture, if there is one of a person."""
    path = _place(picture, folder)
    sidecar = _parsed(path)
    if sidecar is None or not sidecar.edited or sidecar.ours:
        return None
    return _keyframe(picture.slot, path, sidecar)


def _keyframe(slot: int, path: Path, sidecar: Sidecar) -> Keyframe:
    """Return a keyframe without what dayspool itself added to a sidecar that was edited later on."""
    theirs = without_ours(sidecar)
    if theirs is not sidecar:  # entries are numbered anew
        theirs = theirs.with_masks(tuple(replace(mask, num=0) for mask in settled(sidecar.masks, sidecar.end)))
    return Keyframe(slot=slot, path=path, sidecar=theirs)


def _place(picture: Picture, folder: Path | None) -> Path:
    return picture.sidecar if folder is None else folder / picture.sidecar.name


def _parsed(path: Path) -> Sidecar | None:
    """Return a sidecar, or `None` if there is none."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SidecarUnreadable(f"the sidecar {path} cannot be read: {error.strerror}") from error
    sidecar = Sidecar.read(data, where=str(path))
    if b"\0" in data[:_HEAD_BYTES]:  # frames' sidecars are cut and filled in as UTF-8
        raise SidecarUnreadable(f"the sidecar {path} is written in UTF-16; darktable writes UTF-8: save the edit there")
    return sidecar


def _wanted(keyframe: Keyframe, chosen: Chosen) -> bool:
    if chosen.rating is not None and keyframe.sidecar.rating < chosen.rating:
        return False
    return chosen.label is None or chosen.label in keyframe.sidecar.labels


def _shown(chosen: Chosen) -> str:
    if chosen.rating is not None:
        return f"{chosen.rating} stars or more"
    return f"the label {LABELS[chosen.label or 0]}"
