"""The frames of a shoot, as its journal knows them: in slot order, never by looking at file names."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from dayspool.errors import FilmError
from dayspool.journal import JournalReader
from dayspool.render.pipeline import FrameFile

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["captions_of", "frames_of"]


def frames_of(shoot: Path) -> list[FrameFile]:
    """Return every frame of a shoot in slot order.

    Raises:
        FilmError: it has none.
        PlanError, JournalError: there is no journal, or it cannot be read.
    """
    with JournalReader(shoot) as journal:
        frames = [FrameFile(slot=row.slot, path=shoot / "frames" / row.name) for row in journal.frames() if row.name]
    if not frames:
        raise FilmError(f"{shoot} has no frames yet; shoot or import some first")
    return frames


def captions_of(shoot: Path) -> dict[int, str]:
    """Return the time of day of each frame by the camera's own clock, for a contact sheet."""
    with JournalReader(shoot) as journal:
        taken = {row.slot: row.taken for row in journal.frames()}
    return {slot: f"{datetime.fromisoformat(local):%H:%M:%S}" for slot, local in taken.items() if local}
