"""An import of originals from a card into the shoot they were taken for, as a whole: look, match, bring."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dayspool.errors import JournalUnwritable, PlanError
from dayspool.intake.card import scan_card
from dayspool.intake.exposures import Copy, join_exposures
from dayspool.intake.folder import Unreadable
from dayspool.intake.keep import Brought, Kept, keep_originals
from dayspool.intake.pairing import Matching, pair_originals
from dayspool.intake.shots import shots_of
from dayspool.journal import JournalReader, JournalWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path

__all__ = ["CardImport", "import_card", "is_camera_shoot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardImport:
    """What an import from a card did, or would do.

    Attributes:
        matching: which exposure belongs to which slot, and what is left over.
        copies: files that are on the card twice.
        left_out: files that cannot be read, or do not tell when they were taken.
        kept: what became of each original; empty in a dry run.
        recovered: slots that were gaps, and have a frame now.
        gaps: how many slots are gaps still.
    """

    matching: Matching
    copies: tuple[Copy, ...]
    left_out: tuple[Unreadable, ...]
    kept: tuple[Kept, ...]
    recovered: tuple[int, ...]
    gaps: int

    @property
    def failed(self) -> tuple[Kept, ...]:
        """The originals that could not be brought."""
        return tuple(one for one in self.kept if one.outcome is Brought.FAILED)


def is_camera_shoot(shoot: Path) -> bool:
    """Say whether a folder holds a shoot that a camera took, and not an import."""
    try:
        with JournalReader(shoot) as journal:
            began = journal.began()
    except PlanError:
        return False
    return began is not None and began.source == "camera"


def import_card(
    shoot: Path,
    paths: Iterable[Path],
    *,
    utc: Callable[[], datetime],
    link: bool = False,
    dry_run: bool = False,
    told: Callable[[int, int], None] | None = None,
) -> CardImport:
    """Match the originals of cards to a shoot's slots and bring them in; the cards are only read.

    Args:
        shoot: a shoot that a camera took.
        paths: mounted cards, or folders of originals.
        utc: the time for the journal.
        link: hard links instead of copies.
        dry_run: only say what would be done.
        told: hears how many originals are brought, and of how many.

    Raises:
        PlanError: there are no originals, the shoot lies inside the card, or the paths are the shoot's own folders.
        JournalError, FrameError: as the journal and `keep_originals`.
    """
    asked = list(paths)
    inside = [path for path in asked if path.is_dir() and shoot.resolve().is_relative_to(path.resolve())]
    if inside:
        raise PlanError(f"{shoot} lies inside {inside[0]}, which is only read; name the card's own folder")
    for path in asked:
        if any(path.resolve().is_relative_to((shoot / own).resolve()) for own in ("frames", "cards")):
            raise PlanError(f"{path} holds what the shoot has already; name the camera's card, or a copy of it")
    found = scan_card(asked)
    exposures, copies = join_exposures(found.files)
    with JournalReader(shoot) as journal:
        matching = pair_originals(shots_of(journal.records()), exposures)
    kept: tuple[Kept, ...] = ()
    if matching.matches and not dry_run:
        with JournalWriter(shoot, utc) as writer:
            if not link:
                _check_room(shoot, matching, {one.source_name for one in writer.originals()})
            kept = keep_originals(writer, shoot, matching.matches, link=link, told=told)
    timeless = (
        Unreadable(path=file.path, reason="its EXIF does not tell when it was taken")
        for file in found.files
        if file.facts.taken_local is None
    )
    with JournalReader(shoot) as journal:
        return CardImport(
            matching=matching,
            copies=copies,
            left_out=(*found.unreadable, *timeless),
            kept=kept,
            recovered=tuple(row.slot for row in journal.recovered()),
            gaps=sum(1 for _ in journal.gaps()),
        )


def _check_room(shoot: Path, matching: Matching, there: set[str]) -> None:
    """Refuse to begin what cannot end: room for every original that is not there yet."""
    files = [file for match in matching.matches for file in match.exposure.files]
    wanted = sum(file.size_bytes for file in files if file.source_name not in there)
    free = shutil.disk_usage(shoot).free
    if wanted > free:
        raise JournalUnwritable(
            f"{shoot} has room for {free / 1e9:.1f} GB and the originals take {wanted / 1e9:.1f} GB more; "
            "nothing was copied: make room, or use --link where the card is a folder on the same disk"
        )
