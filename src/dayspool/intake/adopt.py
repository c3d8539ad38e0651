"""Copy the pictures of an import into a shoot, each under its slot's name; the originals are only read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dayspool.core.frame import frame_name
from dayspool.errors import FrameError, FrameUnreadable, JournalUnwritable
from dayspool.picture.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dayspool.intake.folder import FoundPicture
    from dayspool.intake.plan import ImportPlan
    from dayspool.picture import PictureFacts

__all__ = ["Adopted", "copy_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A picture that is now a frame of the shoot, on the disk and compared with its original."""

    slot: int
    name: str
    size_bytes: int
    width: int
    height: int
    facts: PictureFacts
    source: Path


def copy_in(plan: ImportPlan, frames_dir: Path) -> Iterator[Adopted]:
    """Copy every placed picture, in slot order, and yield each once it is safe on the disk.

    A frame that is there already with the same content is yielded too, so an interrupted import can be run again.

    Raises:
        FrameUnreadable: an original changed or went away since it was planned.
        FrameError: a frame of that slot exists with another content; it stays as it is.
        JournalUnwritable: the disk refused.
    """
    try:
        frames_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JournalUnwritable(f"cannot create the folder {frames_dir}: {error.strerror}") from error
    for placed in plan.placed:
        name = frame_name(placed.slot)
        _copy_one(_content(placed.picture), frames_dir / name, source=placed.picture.path)
        yield Adopted(
            slot=placed.slot,
            name=name,
            size_bytes=placed.picture.size_bytes,
            width=placed.picture.width,
            height=placed.picture.height,
            facts=placed.picture.facts,
            source=placed.picture.path,
        )


def _content(picture: FoundPicture) -> bytes:
    try:
        data = picture.path.read_bytes()
    except OSError as error:
        raise FrameUnreadable(
            f"{picture.path}: cannot be read any more: {error.strerror}; run the import again"
        ) from error
    if len(data) != picture.size_bytes:
        raise FrameUnreadable(
            f"{picture.path}: had {picture.size_bytes} bytes when it was looked at and now has {len(data)}; "
            "let it come to rest and run the import again"
        )
    return data


def _copy_one(data: bytes, target: Path, *, source: Path) -> None:
    try:
        if not target.exists():
            write_whole(target, data)
        held = target.read_bytes()
    except OSError as error:
        raise JournalUnwritable(
            f"cannot write {target}: {error.strerror}; the pictures before it are safe: mend that and import again"
        ) from error
    if held != data:
        raise FrameError(f"{target} holds another picture than {source}; import into a new shoot")
