"""Copy the pictures of an import and their sidecars into a shoot, under their slots' names; originals are only read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayspool.errors import FrameError, FrameUnreadable, JournalUnwritable
from dayspool.picture import frame_stored, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dayspool.core.events import FrameStored
    from dayspool.intake.folder import FoundPicture
    from dayspool.intake.plan import ImportPlan

__all__ = ["copy_in"]


def copy_in(plan: ImportPlan, frames_dir: Path) -> Iterator[FrameStored]:
    """Copy every placed picture, in slot order, and yield its event once it is safe on the disk.

    A frame that is there already with the same content is yielded too, so an interrupted import can be run again.
    Sidecars beside a picture (`NAME.EXT.xmp`, `NAME.xmp`) come along; one that the frame has already stays as it is.

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
        source = placed.picture.path
        data = _content(placed.picture)
        try:
            suffix = placed.picture.suffix
            stored = frame_stored(placed.slot, data, suffix=suffix, origin_name=source.name)
        except FrameUnreadable as error:
            raise FrameUnreadable(f"{source}: changed since it was looked at: {error}; run the import again") from error
        _copy_one(data, frames_dir / stored.name, source=source)
        _copy_sidecars(source, frames_dir / stored.name)
        yield stored


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


def _copy_sidecars(source: Path, target: Path) -> None:
    """Copy what was edited before the import, so that it counts in the shoot; later edits there are never touched."""
    for beside, new in (
        (_darktable(source), _darktable(target)),
        (source.with_suffix(".xmp"), target.with_suffix(".xmp")),
    ):
        try:
            if beside.is_file() and not new.exists():
                write_whole(new, beside.read_bytes())
        except OSError as error:
            raise JournalUnwritable(f"cannot copy the sidecar {beside} to {new}: {error.strerror}") from error


def _darktable(picture: Path) -> Path:
    return picture.with_name(f"{picture.name}.xmp")
