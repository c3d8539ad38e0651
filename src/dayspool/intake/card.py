"""Find the originals on a camera's card, or in a copy of it, and read when each was taken. Nothing is changed."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dayspool.errors import PlanError
from dayspool.intake.folder import Unreadable
from dayspool.picture import PictureFacts, read_head

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ORIGINAL_SUFFIXES", "CardFile", "CardScan", "scan_card"]

ORIGINAL_SUFFIXES = {".jpg": ".JPG", ".jpeg": ".JPG", ".arw": ".ARW"}
_NUMBER = re.compile(r"(\d{4,5})(?!.*\d)")  # DSC09999; the last number of a name, so that `DSC00012-2` is none
_FOLDER = re.compile(r"(\d{3})")  # DCF: 100MSDCF


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFile:
    """One original on the card.

    Attributes:
        source_name: its folder and name on the card: `100MSDCF/DSC00123.ARW`.
        suffix: `.JPG` or `.ARW`, however it is written there.
        facts: what its EXIF says.
        place: the numbers of its folder and of itself, as the camera counted; 0 where the names tell none.
    """

    path: Path
    source_name: str
    suffix: str
    size_bytes: int
    modified_ns: int
    facts: PictureFacts
    place: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardScan:
    """What lies on a card: originals in the order of their names, files that cannot be read, and how many others."""

    files: tuple[CardFile, ...]
    unreadable: tuple[Unreadable, ...]
    ignored: int


def scan_card(paths: Iterable[Path]) -> CardScan:
    """Look at every original of cards: of their `DCIM` folders where they have one, else of all folders in them.

    Hidden files and folders are left alone, links to folders are not followed. Of each file only its head is read,
    about 0.5 ms for each.

    Raises:
        PlanError: a path does not exist, or there is no original in any of them.
    """
    asked = list(paths)
    found: dict[Path, Path] = {}
    ignored = 0
    for path in asked:
        for file in _files(path):
            if file.suffix.lower() in ORIGINAL_SUFFIXES:
                found.setdefault(file.resolve(), file)
            else:
                ignored += 1
    files: list[CardFile] = []
    unreadable: list[Unreadable] = []
    for file in sorted(found.values(), key=str):
        try:
            files.append(_look(file))
        except OSError as error:
            unreadable.append(Unreadable(path=file, reason=f"the file cannot be read: {error.strerror}"))
    if not files and not unreadable:
        where = ", ".join(map(str, asked))
        raise PlanError(f"{where}: there are no originals (.jpg, .jpeg, .arw) among {ignored} other files")
    return CardScan(files=tuple(files), unreadable=tuple(unreadable), ignored=ignored)


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise PlanError(f"{path}: there is no such card or folder")

    def refuse(error: OSError) -> None:
        raise PlanError(f"{error.filename}: cannot be looked into: {error.strerror}") from error

    cards = (path / name for name in ("DCIM", "dcim"))
    root = next((folder for folder in cards if folder.is_dir()), path)
    for folder, inner, names in os.walk(root, onerror=refuse):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        files = (Path(folder, name) for name in names if not name.startswith("."))
        yield from (file for file in files if file.is_file() or file.is_symlink())  # a dangling link is named later


def _look(path: Path) -> CardFile:
    with path.open("rb") as file:
        known = os.fstat(file.fileno())
        facts = read_head(file)
    return CardFile(
        path=path,
        source_name=f"{path.absolute().parent.name}/{path.name}",
        suffix=ORIGINAL_SUFFIXES[path.suffix.lower()],
        size_bytes=known.st_size,
        modified_ns=known.st_mtime_ns,
        facts=facts,
        place=(_number(_FOLDER, path.absolute().parent.name), _number(_NUMBER, path.stem)),
    )


def _number(pattern: re.Pattern[str], name: str) -> int:
    match = pattern.search(name)
    return int(match[1]) if match else 0
