"""Read a journal, beside its writer or without one, from any process."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from dayspool.core.events import CameraReady, ExposureSteered, OriginalKept, ShootBegan
from dayspool.core.session import Session, fold_all
from dayspool.errors import JournalDamaged, JournalUnwritable, PlanError
from dayspool.journal.codec import decode, gap_reason, kind_of
from dayspool.journal.schema import FILE_NAME, check_untouched, read_only_address
from dayspool.journal.verdicts import verdicts_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from dayspool.core.events import Event, Record
    from dayspool.core.frame import GapReason
    from dayspool.journal.verdicts import Verdict

__all__ = ["FrameRow", "JournalReader"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRow:
    """One slot as the journal knows it: a frame (`name` set), a gap (`gap_reason` set), or not decided yet.

    Attributes:
        late_ms: how long after its instant the shutter request left, in milliseconds.
        taken: the camera's own clock as in EXIF, ISO 8601 without a zone.
    """

    slot: int
    late_ms: float | None
    confirmed_utc: str | None
    name: str | None
    size_bytes: int | None
    width: int | None
    height: int | None
    taken: str | None
    shutter_seconds: float | None
    aperture: float | None
    iso: float | None
    gap_reason: GapReason | None
    gap_detail: str | None


class JournalReader:
    """A read-only view of the journal in a shoot's folder.

    Raises:
        PlanError: the folder holds no journal.
        JournalDamaged, JournalTooNew, JournalUnwritable: it cannot be read; it is left untouched.
    """

    def __init__(self, shoot: Path) -> None:
        self.path = shoot / FILE_NAME
        if not self.path.exists():
            raise PlanError(
                f"{shoot} is no shoot: it has no {FILE_NAME}. `dayspool shoot` or `dayspool import` makes one"
            )
        check_untouched(self.path)
        self._database = self._connect()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(read_only_address(self.path), uri=True, isolation_level=None, timeout=10)

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the journal."""
        self.close()

    def close(self) -> None:
        """Close the journal; the reader is of no use afterwards."""
        self._database.close()

    def records(self, after: int = 0) -> Iterator[Record]:
        """Yield every record with a number above `after`, in order, without holding them all."""
        query = "SELECT seq, utc, kind, slot, body FROM events WHERE seq > ? ORDER BY seq"
        for seq, utc, kind, slot, body in self._rows(query, (after,)):
            yield decode(seq, utc, kind, slot, body)

    def session(self) -> Session:
        """Return where the shoot stands."""
        return fold_all(self.records())

    def began(self) -> ShootBegan | None:
        """Return the event that fixed the slots, or `None` in an empty journal."""
        event = self._newest(ShootBegan)
        assert event is None or isinstance(event, ShootBegan)
        return event

    def last_camera(self) -> CameraReady | None:
        """Return the camera that answered last, or `None` if none ever did."""
        event = self._newest(CameraReady)
        assert event is None or isinstance(event, CameraReady)
        return event

    def last_utc(self) -> datetime | None:
        """Return when the last record was written; `None` in an empty journal."""
        row = next(self._rows("SELECT seq, utc, kind, slot, body FROM events ORDER BY seq DESC LIMIT 1", ()), None)
        return None if row is None else decode(*row).utc

    def _newest(self, event_type: type[Event]) -> Event | None:
        query = "SELECT seq, utc, kind, slot, body FROM events WHERE kind = ? ORDER BY seq DESC LIMIT 1"
        row = next(self._rows(query, (kind_of(event_type),)), None)
        return None if row is None else decode(*row).event

    def frames(self) -> Iterator[FrameRow]:
        """Yield every slot that has a frame, in slot order."""
        return self._frame_rows("WHERE name IS NOT NULL")

    def gaps(self) -> Iterator[FrameRow]:
        """Yield every slot that is a gap, in slot order. A frame that came later (from the card) ends its gap."""
        return self._frame_rows("WHERE name IS NULL AND gap_reason IS NOT NULL")

    def recovered(self) -> Iterator[FrameRow]:
        """Yield every slot that was a gap until its frame came from the card, in slot order."""
        return self._frame_rows("WHERE name IS NOT NULL AND gap_reason IS NOT NULL")

    def originals(self) -> Iterator[OriginalKept]:
        """Yield every original brought from the card, in slot order; a RAW file and a JPEG of one slot are two."""
        query = "SELECT seq, utc, kind, slot, body FROM events WHERE kind = ? ORDER BY slot, seq"
        for row in self._rows(query, (kind_of(OriginalKept),)):
            event = decode(*row).event
            assert isinstance(event, OriginalKept)
            yield event

    def steered(self) -> Iterator[ExposureSteered]:
        """Yield what the ramp chose, in slot order; the last choice for a slot counts."""
        query = "SELECT max(seq), utc, kind, slot, body FROM events WHERE kind = ? GROUP BY slot ORDER BY slot"
        for row in self._rows(query, (kind_of(ExposureSteered),)):
            event = decode(*row).event
            assert isinstance(event, ExposureSteered)
            yield event

    def verdicts(self) -> tuple[Verdict, ...]:
        """Return what was found odd about frames and what is done about it, in slot order."""
        with self._told():
            return verdicts_in(self._database)

    def slots(self) -> Iterator[FrameRow]:
        """Yield every slot anything is known of, in slot order."""
        return self._frame_rows("")

    def late_ms(self) -> list[float]:
        """Return how late each shutter request left, in milliseconds, sorted."""
        rows = self._rows("SELECT late_ms FROM frames WHERE late_ms IS NOT NULL ORDER BY late_ms", ())
        return [late for (late,) in rows]

    def _frame_rows(self, where: str) -> Iterator[FrameRow]:
        columns = ", ".join(FrameRow.__slots__)
        for row in self._rows(f"SELECT {columns} FROM frames {where} ORDER BY slot", ()):  # noqa: S608 - our own names
            values = dict(zip(FrameRow.__slots__, row, strict=True))
            reason = values["gap_reason"]
            values["gap_reason"] = None if reason is None else gap_reason(reason)
            yield FrameRow(**values)

    def _rows(self, query: str, values: tuple[object, ...]) -> Iterator[tuple[Any, ...]]:
        with self._told():
            yield from self._database.execute(query, values)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what SQLite says in our words."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise JournalUnwritable(f"{self.path} cannot be read: {error}") from error
        except sqlite3.DatabaseError as error:
            raise JournalDamaged(f"{self.path} is damaged ({error}); it was left as it is") from error
