"""Wishes left for a running shoot by other processes: read between frames, answered in the journal."""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dayspool.errors import JournalUnwritable, PlanError
from dayspool.journal.schema import FILE_NAME, check_untouched

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

__all__ = ["Request", "RequestKind", "bias_in", "leave_request"]


class RequestKind(StrEnum):
    """What may be asked of a running shoot."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    BIAS = "bias"  # pictures brighter or darker, by `Request.ev`


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One wish, with its number in the table; `ev` is what a wish for a bias is about."""

    id: int
    kind: RequestKind
    ev: float = 0.0


def bias_in(body: str) -> float:
    """Return the EV that the stored body of a request speaks of; 0 where it speaks of none, or of no number."""
    with suppress(ValueError, TypeError, AttributeError):
        ev = float(json.loads(body).get("ev", 0.0))
        return ev if math.isfinite(ev) else 0.0
    return 0.0


def leave_request(shoot: Path, kind: RequestKind, utc: datetime, *, ev: float = 0.0) -> None:
    """Leave a wish for whoever shoots in this folder, now or later.

    This is how another process, such as the web page, is heard: the intervalometer reads the wishes between frames.

    Raises:
        PlanError: the folder holds no journal.
        JournalDamaged, JournalTooNew, JournalUnwritable: it cannot be used.
    """
    path = shoot / FILE_NAME
    if not path.exists():
        raise PlanError(f"{shoot} is no shoot: it has no {FILE_NAME}")
    check_untouched(path)
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as database:
            database.execute("PRAGMA synchronous = FULL")
            body = json.dumps({"ev": ev}) if kind is RequestKind.BIAS else "{}"
            database.execute(
                "INSERT INTO requests (utc, kind, body) VALUES (?, ?, ?)", (utc.isoformat(), kind.value, body)
            )
    except sqlite3.Error as error:
        raise JournalUnwritable(f"the request could not be left in {path}: {error}") from error
