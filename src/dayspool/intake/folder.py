"""Find the pictures of a folder and look at each: whole or not, how large, taken when. Nothing is changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dayspool.errors import FrameUnreadable, PlanError
from dayspool.picture import RAW_SUFFIXES, PictureFacts, inspect, is_raw, read, read_head, refuse_no_raw

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["FoundPicture", "Scan", "Unreadable", "scan"]

_LARGEST_BYTES = 256 << 20
_SUFFIXES = frozenset({".jpg", ".jpeg"}) | RAW_SUFFIXES
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPicture:
    """A whole JPEG, or what begins as a RAW file, and what it says of itself."""

    path: Path
    size_bytes: int
    facts: PictureFacts

    @property
    def suffix(self) -> str:
        """What the name of its frame ends in."""
        return self.path.suffix.lower() if is_raw(self.path) else ".jpg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A file that should have been a picture, and why it is none."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What was found: pictures in name order, those left out with the reason, and how many other files there were."""

    pictures: tuple[FoundPicture, ...]
    unreadable: tuple[Unreadable, ...]
    ignored: int


def scan(paths: Iterable[Path]) -> Scan:
    """Look at every picture named, or lying in a folder named; folders inside folders are not entered.

    In a folder, pictures are files ending in `.jpg`, `.jpeg` or as RAW files do, in any case, not hidden; others are
    counted and ignored, and so is the JPEG of a RAW file: one of the same name beside it.
    A file named itself is looked at whatever it is called. Name order counts digits as numbers: `dsc9` before `dsc10`.

    Raises:
        PlanError: a path does not exist or cannot be listed, or no picture is left.
    """
    asked = list(paths)
    files: dict[Path, Path] = {}
    ignored = 0
    for path in asked:
        for candidate in _members(path):
            if candidate is None:
                ignored += 1
            else:
                files.setdefault(candidate.resolve(), candidate)
    twins = _twins(files.values())
    ignored += len(twins)
    pictures: list[FoundPicture] = []
    unreadable: list[Unreadable] = []
    for file in sorted(set(files.values()) - twins, key=_name_order):
        try:
            pictures.append(_look(file))
        except FrameUnreadable as error:
            unreadable.append(Unreadable(path=file, reason=str(error)))
    found = Scan(pictures=tuple(pictures), unreadable=tuple(unreadable), ignored=ignored)
    if not pictures:
        raise PlanError(_nothing_there(asked, found))
    return found


def _members(path: Path) -> Iterator[Path | None]:
    """Yield the pictures a path stands for, and `None` for each file that is none."""
    try:
        if not path.is_dir():
            if not path.exists():
                raise PlanError(f"{path}: there is no such folder or picture")
            if not path.is_file():  # a device or a pipe would be read without end
                raise PlanError(f"{path}: is neither a folder nor a file")
            yield path
            return
        for member in path.iterdir():
            if member.is_file() or (member.is_symlink() and not member.exists()):  # a dangling link is named later
                wanted = member.suffix.lower() in _SUFFIXES and not member.name.startswith(".")
                yield member if wanted else None
    except OSError as error:
        raise PlanError(f"{path}: cannot be looked into: {error.strerror}") from error


def _twins(files: Iterable[Path]) -> set[Path]:
    """Return the JPEGs beside which there is a RAW file of the same name: one exposure, of which the RAW tells more."""
    files = list(files)
    raws = {(path.parent, path.stem.lower()) for path in files if is_raw(path)}
    return {path for path in files if not is_raw(path) and (path.parent, path.stem.lower()) in raws}


def _look(path: Path) -> FoundPicture:
    try:
        size_bytes = path.stat().st_size
        if size_bytes > _LARGEST_BYTES:
            raise FrameUnreadable(f"the file has {size_bytes} bytes; a camera's picture has {_LARGEST_BYTES} at most")
        if is_raw(path):
            return FoundPicture(path=path, size_bytes=size_bytes, facts=_raw_facts(path))
        data = path.read_bytes()
    except OSError as error:
        raise FrameUnreadable(f"the file cannot be read: {error.strerror}") from error
    inspect(data)
    return FoundPicture(path=path, size_bytes=len(data), facts=read(data))


def _raw_facts(path: Path) -> PictureFacts:
    with path.open("rb") as file:
        refuse_no_raw(file.read(32))
        return read_head(file)


def _name_order(path: Path) -> tuple[list[tuple[int, str]], str]:
    """Sort by name, digits as numbers and letters in any case; the whole path decides between equal names."""
    parts = _DIGITS.split(path.name.lower())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], str(path)


def _nothing_there(asked: list[Path], found: Scan) -> str:
    where = ", ".join(map(str, asked)) or "nowhere"
    if found.unreadable:
        first = found.unreadable[0]
        count = len(found.unreadable)
        return f"{where}: none of the {count} pictures can be read; the first is {first.path.name}: {first.reason}"
    others = f" among {found.ignored} other files" if found.ignored else ""
    return f"{where}: there are no pictures{others}; dayspool imports JPEG (.jpg, .jpeg) and RAW files (.arw, .dng, …)"
