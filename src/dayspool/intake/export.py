"""Hand a shoot to other programs: a folder of pictures numbered as they like it, with sidecars; whole or not at all."""

from __future__ import annotations

import filecmp
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dayspool.core.events import ExposureSteered
from dayspool.errors import FrameError, FrameMissing, JournalUnwritable, PlanError
from dayspool.intake.sidecar import exposure_sidecar
from dayspool.journal import JournalReader
from dayspool.picture import sync_folder, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dayspool.core.events import OriginalKept

__all__ = ["Export", "Exported", "export_shoot"]

_FEWEST_DIGITS = 5
_PART = ".dayspool-part"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """One picture of an export: its slot, the file of the shoot, its name in the new folder, and its sidecars."""

    slot: int
    source: Path
    name: str
    sidecars: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What was handed out.

    Attributes:
        folder: where it lies.
        pictures: in slot order.
        without_original: slots with a frame and no original; left out when originals were asked for.
        linked: whether the pictures are hard links and share their room with the shoot.
    """

    folder: Path
    pictures: tuple[Exported, ...]
    without_original: tuple[int, ...]
    linked: bool


def export_shoot(
    shoot: Path,
    folder: Path,
    *,
    originals: bool = False,
    keep_gaps: bool = False,
    copy: bool = False,
    xmp: bool = False,
    told: Callable[[int, int], None] | None = None,
) -> Export:
    """Hand out the frames of a shoot, or its originals, as `IMG_00001.jpg`, `IMG_00002.jpg` and so on.

    Sidecars that lie beside a picture (`NAME.xmp`, `NAME.jpg.xmp`) come along as copies, for programs write into them.

    Args:
        shoot: its folder.
        folder: where to; it must be new or empty, and is there when all is done.
        originals: what the card had instead of frames: the RAW file where there is one, else the JPEG.
        keep_gaps: count slots instead of pictures, so that a gap leaves a hole in the numbers.
        copy: copies, also where hard links could be made.
        xmp: write a sidecar with the ramp's residue where it is known and no sidecar lies there.
        told: hears how many pictures are done, and of how many.

    Raises:
        PlanError: the folder holds something, lies in the shoot, or there is nothing to hand out.
        FrameMissing: a picture that the journal knows is not on the disk.
        JournalUnwritable: the disk refused; nothing is left behind.
    """
    folder = folder.resolve() if folder.name == ".." else folder
    _check_place(shoot, folder)
    with JournalReader(shoot) as journal:
        frames = {row.slot: shoot / "frames" / row.name for row in journal.frames() if row.name}
        best = _best_originals(journal.originals())
        residues = _residues(journal) if xmp else {}
    sources = {slot: shoot / "cards" / one.name for slot, one in best.items()} if originals else frames
    if not sources:
        what = "originals; `dayspool import` brings them from the card" if originals else "frames yet"
        raise PlanError(f"{shoot} has no {what}")
    part = folder.absolute().with_name(f".{folder.absolute().name}{_PART}")
    try:
        _remove(part)
        part.mkdir(parents=True)
        writer = _Writer(part, copy=copy, residues=residues)
        pictures = []
        for slot, name in _names(sources, keep_gaps=keep_gaps):
            pictures.append(writer.hand_out(slot, sources[slot], name))
            if told is not None:
                told(len(pictures), len(sources))
        sync_folder(part)
        part.rename(folder.absolute())  # over an empty folder too
        sync_folder(folder.absolute().parent)
    except OSError as error:
        raise JournalUnwritable(
            f"{folder} cannot be written: {error.strerror}; nothing was left behind: make room, or name another folder"
        ) from error
    finally:
        with suppress(OSError):
            _remove(part)
    lacking = tuple(slot for slot in sorted(frames) if slot not in sources)
    return Export(folder=folder, pictures=tuple(pictures), without_original=lacking, linked=writer.linked)


def _check_place(shoot: Path, folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise PlanError(f"{folder} is not a folder; name one that is new or empty")
    if folder.is_dir() and next(folder.iterdir(), None) is not None:
        raise PlanError(f"{folder} holds other things; an export goes into a folder that is new or empty")
    if folder.resolve().is_relative_to(shoot.resolve()):
        raise PlanError(f"{folder} lies in the shoot itself; name a folder outside of {shoot}")


def _best_originals(kept: Iterator[OriginalKept]) -> dict[int, OriginalKept]:
    """Return one original for each slot: the RAW file where there is one."""
    best: dict[int, OriginalKept] = {}
    for one in kept:
        if one.slot not in best or Path(one.name).suffix != ".JPG":
            best[one.slot] = one
    return best


def _residues(journal: JournalReader) -> dict[int, float]:
    events = (record.event for record in journal.records())
    return {event.slot: event.residue_ev for event in events if isinstance(event, ExposureSteered)}


def _names(sources: dict[int, Path], *, keep_gaps: bool) -> Iterator[tuple[int, str]]:
    """Yield every slot with its new name, in slot order; numbers begin at 1 and are as wide as the last one."""
    slots = sorted(sources)
    last = slots[-1] - slots[0] + 1 if keep_gaps else len(slots)
    digits = max(_FEWEST_DIGITS, len(str(last)))
    for place, slot in enumerate(slots):
        number = slot - slots[0] + 1 if keep_gaps else place + 1
        yield slot, f"IMG_{number:0{digits}d}{sources[slot].suffix}"


class _Writer:
    """Puts pictures and their sidecars into a new folder."""

    def __init__(self, folder: Path, *, copy: bool, residues: dict[int, float]) -> None:
        self._folder = folder
        self._residues = residues
        self.linked = not copy

    def hand_out(self, slot: int, source: Path, name: str) -> Exported:
        """Link or copy a picture, copy its sidecars, and write one where it is wanted and none lies there."""
        if not source.is_file():
            raise FrameMissing(f"{source} is in the journal and not on the disk; bring it back, or import it again")
        self._place(source, self._folder / name)
        stem = Path(name).stem
        sidecars = []
        for beside, new in ((source.with_suffix(".xmp"), f"{stem}.xmp"), (_appended(source), f"{name}.xmp")):
            if beside.is_file():
                shutil.copyfile(beside, self._folder / new)
                sidecars.append(new)
        if slot in self._residues and f"{stem}.xmp" not in sidecars:
            write_whole(self._folder / f"{stem}.xmp", exposure_sidecar(self._residues[slot]))
            sidecars.append(f"{stem}.xmp")
        return Exported(slot=slot, source=source, name=name, sidecars=tuple(sidecars))

    def _place(self, source: Path, target: Path) -> None:
        if self.linked:
            try:
                os.link(source, target)
            except OSError:  # another disk, or one without hard links: then all are copies
                self.linked = False
            else:
                return
        shutil.copy2(source, target)
        if not filecmp.cmp(source, target, shallow=False):
            raise FrameError(f"{target} came out different from {source}; check disk and memory")


def _appended(source: Path) -> Path:
    return source.with_name(f"{source.name}.xmp")


def _remove(part: Path) -> None:
    """Remove what an export that was killed left: a folder of a name that only exports use."""
    if part.is_dir() and not part.is_symlink():
        shutil.rmtree(part)
