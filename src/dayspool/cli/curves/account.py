"""What deflicker made of a shoot, frame by frame, as rows for a table, a plot and a page."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime, tzinfo

    from dayspool.core.frame import GapReason
    from dayspool.deflicker import Curves

__all__ = ["COLUMNS", "Account", "Gap", "Note", "Row", "account_of"]

_DIGITS = 5  # of an EV: far below what can be measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One frame; what is not known is `None`. EV throughout, colours as log2 of R/G and of B/G.

    Attributes:
        slot: its slot; `utc` when that was due.
        nominal_ev: how bright its exposure draws a scene.
        measured_ev: how bright it came out; `trend_ev` how bright it is to be; `grade_ev` what it is changed by.
        confidence: how well it is tied to its neighbours, 0 to 1.
        rejected_share: the share of its picture that disagrees with them, 0 to 1.
        measured_red: how red it came out; so `measured_blue`.
        grade_red: the gain of red over that of green; so `grade_blue`.
        bounded: whether the grade was cut at the bound; `stepped` whether a step was taken out before it.
        sun_degrees: where the sun stood above the horizon, if the plan has a place.
        odd: what is the matter with it, and `remedy` what is done about it.
        excluded: why it was not measured; its grade is that of its exposure alone.
    """

    slot: int
    utc: datetime
    nominal_ev: float | None = None
    measured_ev: float | None = None
    trend_ev: float | None = None
    grade_ev: float | None = None
    confidence: float | None = None
    rejected_share: float | None = None
    measured_red: float | None = None
    measured_blue: float | None = None
    grade_red: float | None = None
    grade_blue: float | None = None
    bounded: bool = False
    stepped: bool = False
    sun_degrees: float | None = None
    odd: str | None = None
    remedy: str | None = None
    excluded: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A run of slots without a frame, all for the same reason."""

    first: int
    last: int
    begin: datetime
    end: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is the matter with one frame, what is done about it, and a sentence for a person."""

    kind: str
    remedy: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All rows in slot order, the gaps between them, and what a person should know."""

    rows: tuple[Row, ...]
    gaps: tuple[Gap, ...]
    zone: tzinfo
    lift_ev: float = 0.0
    notes: tuple[str, ...] = ()
    sentences: Mapping[int, str] = field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        return {
            "frames": [_told(row) for row in self.rows],
            "gaps": [asdict(gap) for gap in self.gaps],
            "lift_ev": self.lift_ev,
            "notes": self.notes,
        }


COLUMNS = tuple(one.name for one in fields(Row))
"""The names of a row's values, in the order of a table's columns."""


def account_of(
    curves: Curves,
    *,
    moments: Mapping[int, datetime],
    excluded: Mapping[int, str],
    odd: Mapping[int, Note],
    gaps: Iterable[tuple[int, GapReason]],
    due: Callable[[int], datetime],
    sun: Callable[[datetime], float] | None,
    zone: tzinfo,
    notes: Sequence[str] = (),
) -> Account:
    """Put together what is known of every frame.

    Args:
        curves: the solution.
        moments: when the slot of each frame was due; these are the rows.
        excluded: by slot, why a frame was not measured.
        odd: by slot, what is the matter with a frame.
        gaps: slots without a frame and their reasons, in slot order.
        due: when any slot was due.
        sun: degrees above the horizon at a moment; None without a place.
        zone: where times are shown.
        notes: what a person should know.
    """
    solved = {int(slot): index for index, slot in enumerate(curves.slots)}
    rows = [
        Row(
            slot=slot,
            utc=utc,
            sun_degrees=None if sun is None else round(sun(utc), 2),
            odd=odd[slot].kind if slot in odd else None,
            remedy=odd[slot].remedy if slot in odd else None,
            excluded=excluded.get(slot),
            **(_solved(curves, solved[slot], measured=slot not in excluded) if slot in solved else {}),
        )
        for slot, utc in sorted(moments.items())
    ]
    return Account(
        rows=tuple(rows),
        gaps=tuple(_runs(gaps, due)),
        zone=zone,
        lift_ev=curves.lift_ev,
        notes=tuple(notes),
        sentences={slot: note.sentence for slot, note in odd.items()},
    )


_OF_EACH = ("nominal_ev", "trend_ev", "grade_ev", "grade_red", "grade_blue")
_OF_MEASURED = ("measured_ev", "measured_red", "measured_blue")


def _solved(curves: Curves, index: int, *, measured: bool) -> dict[str, Any]:
    names = (*_OF_EACH, *_OF_MEASURED) if measured else _OF_EACH
    numbers: dict[str, Any] = {name: _number(getattr(curves, name)[index]) for name in names}
    if not measured:
        return numbers
    return numbers | {
        "confidence": _number(curves.confidence[index]) or 0.0,
        "rejected_share": _number(curves.rejected[index]),
        "bounded": bool(curves.bounded[index]),
        "stepped": bool(curves.stepped[index]),
    }


def _number(value: float) -> float | None:
    """Return a number that JSON knows, or None for one that nobody knows."""
    return round(float(value), _DIGITS) + 0.0 if math.isfinite(value) else None


def _runs(gaps: Iterable[tuple[int, GapReason]], due: Callable[[int], datetime]) -> Iterable[Gap]:
    first = last = None
    why: GapReason | None = None
    for slot, reason in gaps:
        if last is not None and (slot != last + 1 or reason is not why):
            yield _gap(first, last, why, due)
            first = None
        first, last, why = slot if first is None else first, slot, reason
    if last is not None:
        yield _gap(first, last, why, due)


def _gap(first: int | None, last: int, why: GapReason | None, due: Callable[[int], datetime]) -> Gap:
    assert first is not None
    assert why is not None
    return Gap(first=first, last=last, begin=due(first), end=due(last + 1), reason=why.sentence)


def _told(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in COLUMNS}
