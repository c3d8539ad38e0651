"""Files of a card become exposures: RAW and JPEG of one are joined, copies of one file count once."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dayspool.errors import FrameUnreadable
from dayspool.intake.counter import counted_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from dayspool.core.exposure import Exposure
    from dayspool.intake.card import CardFile

__all__ = ["CardExposure", "Copy", "clock_seconds", "digest_of", "join_exposures"]

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CardExposure:
    """One release of the shutter, as the card holds it.

    Attributes:
        files: a JPEG, a RAW file, or both.
        clock: when, by the camera's clock, in seconds of a calendar read as UTC.
        whole: whether that clock tells whole seconds only, and so was cut down by up to one.
        exposure: with which exposure, where EXIF tells.
    """

    files: tuple[CardFile, ...]
    clock: float
    whole: bool
    exposure: Exposure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A file with the same content as another one of the card."""

    file: CardFile
    same_as: CardFile


def clock_seconds(taken: str) -> float:
    """Return a camera's clock, ISO 8601 without a zone, as seconds of a calendar read as UTC."""
    return datetime.fromisoformat(taken).replace(tzinfo=UTC).timestamp()


def digest_of(path: Path) -> str:
    """Return the BLAKE2b of a file (16 bytes, hex).

    Raises:
        FrameUnreadable: it cannot be read.
    """
    made = hashlib.blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                made.update(chunk)
    except OSError as error:
        raise FrameUnreadable(f"{path} cannot be read: {error.strerror}") from error
    return made.hexdigest()


def join_exposures(
    files: Iterable[CardFile], digest: Callable[[Path], str] = digest_of
) -> tuple[tuple[CardExposure, ...], tuple[Copy, ...]]:
    """Return the exposures in the order they were taken, and the copies among the files.

    Files whose EXIF tells no time belong to none. A RAW file and a JPEG are one exposure when they have one name (the
    folder may differ), one time and one exposure; where two different files of one kind claim that, each stands alone,
    and the matching has to tell them apart or say that it cannot. Only files that could be copies are read whole.
    """
    alike: dict[tuple[object, ...], list[CardFile]] = defaultdict(list)
    for file in files:
        if file.facts.taken_local is not None:
            alike[(file.suffix, file.size_bytes, file.facts.taken_local)].append(file)
    copies: list[Copy] = []
    kept = [one for group in alike.values() for one in _without_copies(group, digest, copies)]
    named: dict[tuple[object, ...], list[CardFile]] = defaultdict(list)
    for file in kept:
        named[(file.path.stem.upper(), file.facts.taken_local)].append(file)
    exposures = [_exposure(part) for group in named.values() for part in _parts(group)]
    return _in_order(exposures), tuple(copies)


def _without_copies(group: list[CardFile], digest: Callable[[Path], str], copies: list[Copy]) -> Iterable[CardFile]:
    if len(group) == 1:
        return group
    first: dict[str, CardFile] = {}
    for file in sorted(group, key=lambda one: (not all(one.place), len(one.source_name), one.source_name)):
        same = first.setdefault(digest(file.path), file)
        if same is not file:
            copies.append(Copy(file=file, same_as=same))
    return first.values()


def _parts(group: list[CardFile]) -> list[tuple[CardFile, ...]]:
    """Join the files of one name and time, or part them where they cannot be one exposure."""
    kinds = {file.suffix for file in group}
    told = {file.facts.exposure for file in group if file.facts.exposure is not None}
    if len(kinds) == len(group) and len(told) <= 1:
        return [tuple(sorted(group, key=lambda file: file.suffix))]
    return [(file,) for file in group]


def _exposure(files: tuple[CardFile, ...]) -> CardExposure:
    taken = files[0].facts.taken_local
    assert taken is not None
    exposure = next((file.facts.exposure for file in files if file.facts.exposure is not None), None)
    return CardExposure(files=files, clock=clock_seconds(taken), whole="." not in taken, exposure=exposure)


def _in_order(exposures: Sequence[CardExposure]) -> tuple[CardExposure, ...]:
    """Sort by the camera's clock, and within one moment as the camera counted."""
    return tuple(sorted((exposures[place] for place in counted_order(exposures)), key=lambda one: one.clock))
