"""The pictures of a shoot, as its journal knows them: in slot order, never by looking at file names.

A slot may be shown by the picture that came over Wi-Fi or by its originals from the card, a RAW file or a JPEG. A film
is made of one kind only: a RAW file and the camera's JPEG of one light look different, and the film would jump.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from dayspool.errors import FilmError, PlanError
from dayspool.journal import JournalReader
from dayspool.picture.raw import is_raw
from dayspool.render.pipeline import FrameFile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["PICTURES", "Footage", "captions_of", "footage_of"]

PICTURES = ("auto", "wifi", "card")


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """What a film of a shoot is made of.

    Attributes:
        frames: one picture a slot, all of one kind, in slot order.
        source: `wifi` for the shoot's frames (those of an import too), `card` for originals.
        raw: whether they are RAW files.
        sentence: which pictures these are and why, with numbers, for a person.
        recovered: the slots that are gaps among the frames and have an original from the card.
        without: the slots whose pictures are not used, because they are of another kind.
    """

    frames: tuple[FrameFile, ...]
    source: str
    raw: bool
    sentence: str
    recovered: tuple[int, ...] = ()
    without: tuple[int, ...] = ()


def footage_of(shoot: Path, pictures: str = "auto") -> Footage:
    """Choose the pictures of a film.

    Args:
        shoot: its folder.
        pictures: `wifi` takes the frames, `card` the originals and nothing else, `auto` the originals where every
            frame has one of the same kind. Of RAW files and JPEGs, `card` takes those that there are more of.

    Raises:
        FilmError: there are none.
        PlanError: no such choice, or there is no journal.
        JournalError: it cannot be read.
    """
    if pictures not in PICTURES:
        raise PlanError(f"pictures can be {', '.join(PICTURES)}, not {pictures!r}")
    with JournalReader(shoot) as journal:
        frames = {row.slot: shoot / "frames" / row.name for row in journal.frames() if row.name}
        originals = [(one.slot, shoot / "cards" / one.name) for one in journal.originals()]
    raws, jpegs = ({slot: path for slot, path in originals if is_raw(path) is raw} for raw in (True, False))
    if not frames and not originals:
        raise FilmError(f"{shoot} has no frames yet; shoot or import some first")
    if pictures == "card":
        return _of_card(shoot, frames, raws, jpegs)
    if pictures == "auto":
        for kind in (raws, jpegs):
            if kind and frames.keys() <= kind.keys():
                return _originals(frames, kind, "every frame has one")
    return _of_wifi(shoot, frames, raws, jpegs)


def captions_of(shoot: Path) -> dict[int, str]:
    """Return the time of day of each frame by the camera's own clock, for a contact sheet."""
    with JournalReader(shoot) as journal:
        taken = {row.slot: row.taken for row in journal.frames()}
    return {slot: f"{datetime.fromisoformat(local):%H:%M:%S}" for slot, local in taken.items() if local}


def _of_card(shoot: Path, frames: Mapping[int, Path], raws: Mapping[int, Path], jpegs: Mapping[int, Path]) -> Footage:
    kind, other = (raws, jpegs) if len(raws) >= len(jpegs) else (jpegs, raws)
    if not kind:
        raise FilmError(
            f"{shoot} has no originals; `dayspool import` brings them from the card, or use --pictures wifi"
        )
    made = _originals(frames, kind, "asked for")
    without = tuple(sorted((frames.keys() | other.keys()) - kind.keys()))
    if not without:
        return made
    lacking = f"{_count(len(without), 'slot')} with another picture left out (the first is slot {without[0]})"
    return replace(made, without=without, sentence=f"{made.sentence}; {lacking}")


def _originals(frames: Mapping[int, Path], kind: Mapping[int, Path], why: str) -> Footage:
    raw = is_raw(next(iter(kind.values())))
    recovered = tuple(sorted(kind.keys() - frames.keys()))
    sentence = f"{_count(len(kind), 'RAW file' if raw else 'JPEG')} from the card ({why})"
    if recovered:
        sentence += f", {len(recovered)} of them for slots without a frame"
    return Footage(frames=_sorted(kind), source="card", raw=raw, sentence=sentence, recovered=recovered)


def _of_wifi(shoot: Path, frames: Mapping[int, Path], raws: Mapping[int, Path], jpegs: Mapping[int, Path]) -> Footage:
    """Return the frames of the kind that there are more of; of as many RAW files as JPEGs, the RAW files."""
    if not frames:
        raise FilmError(f"{shoot} has no frames, but originals from the card; use --pictures card")
    votes = Counter(is_raw(path) for path in frames.values())
    raw = votes[True] >= votes[False]
    chosen = {slot: path for slot, path in frames.items() if is_raw(path) is raw}
    without = tuple(sorted(frames.keys() - chosen.keys()))
    sentence = _count(len(chosen), "frame")
    if without:
        kinds = "RAW files and JPEGs" if raw else "JPEGs and RAW files"
        sentence += f" ({kinds} do not mix: {_count(len(without), 'other')} left out, the first is slot {without[0]})"
    if best := max(raws, jpegs, key=len):
        sentence += f" ({len(frames.keys() & best.keys())} of them have an original; --pictures card takes those alone)"
    return Footage(frames=_sorted(chosen), source="wifi", raw=raw, sentence=sentence, without=without)


def _sorted(paths: Mapping[int, Path]) -> tuple[FrameFile, ...]:
    return tuple(FrameFile(slot=slot, path=paths[slot]) for slot in sorted(paths))


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
