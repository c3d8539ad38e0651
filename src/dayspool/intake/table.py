"""The journal of a shoot as a table, one row for each slot, for spreadsheets (CSV) and programs (JSON)."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from dayspool.core.events import (
    ExposureSteered,
    FrameMetered,
    FrameStored,
    Gap,
    HealthRead,
    OriginalKept,
    Record,
    RunStarted,
    ShotIntended,
    ShotTaken,
)
from dayspool.core.session import Session, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dayspool.core.schedule import Schedule

__all__ = ["SlotRow", "as_csv", "as_json", "slot_rows"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet takes for the begin of a formula


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRow:
    """All that the journal knows of a slot; empty where it knows nothing. Times are ISO 8601, UTC.

    Attributes:
        due: the instant of the slot.
        window: the window of a daily plan, by the day on which it began.
        asked: when the shutter request left, and `late_ms` after the slot's instant.
        confirmed: when the camera said that it had exposed.
        clock_ahead_s: so much later it was by the machine's clock at the end of that run, if it was set meanwhile.
        frame: its path below `frames/`; `origin_name` is the card's file it came from, if it did.
        taken: the camera's own clock, without a zone.
        shutter_seconds: with `aperture` and `iso` the exposure as EXIF tells it.
        measured_ev: how much brighter than middle grey it came out; the next two as in `FrameMetered`.
        wanted_ev: what the ramp wanted, as in `ExposureSteered`, and so the next four.
        gap: the reason of a gap, `gap_sentence` in words, `gap_detail` what showed it.
        recovered: it was a gap, and its frame came from the card.
        originals: paths below `cards/`, and how sure the match was.
        battery: the camera's and the machine's health as last read before this slot was decided.
    """

    slot: int
    due: str | None = None
    window: str | None = None
    asked: str | None = None
    late_ms: float | None = None
    confirmed: str | None = None
    clock_ahead_s: float | None = None
    frame: str | None = None
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    digest: str | None = None
    origin_name: str | None = None
    taken: str | None = None
    shutter_seconds: float | None = None
    aperture: float | None = None
    iso: float | None = None
    measured_ev: float | None = None
    clipped_share: float | None = None
    scene_ev: float | None = None
    wanted_ev: float | None = None
    applied_ev: float | None = None
    residue_ev: float | None = None
    target_ev: float | None = None
    bias_ev: float | None = None
    compensation_ev: float | None = None
    limits: tuple[str, ...] = ()
    gap: str | None = None
    gap_sentence: str | None = None
    gap_detail: str | None = None
    recovered: bool = False
    originals: tuple[str, ...] = ()
    original_confidence: float | None = None
    battery: float | None = None
    charging: bool | None = None
    card_images: int | None = None
    disk_free_bytes: int | None = None


def slot_rows(records: Iterable[Record]) -> tuple[SlotRow, ...]:
    """Return a row for every slot that the journal says anything about, in slot order."""
    known: dict[int, dict[str, Any]] = {}
    health: dict[str, Any] = {}
    session = Session()
    of_run: list[int] = []
    for record in records:
        if isinstance(record.event, RunStarted):
            _dated(known, of_run, session)
        session = fold(session, record)
        if isinstance(record.event, ShotIntended):
            of_run.append(record.event.slot)
        if isinstance(record.event, HealthRead):
            read = asdict(record.event)
            health = {name: read[name] for name in ("battery", "charging", "card_images", "disk_free_bytes")}
            continue
        told = _told(record)
        if told is None:
            continue
        slot, values = told
        row = known.setdefault(slot, {})
        if "original" in values:
            row["originals"] = (*row.get("originals", ()), values.pop("original"))
        row.update(values)
        if isinstance(record.event, FrameStored | Gap) and "battery" not in row:
            row.update(health)
    _dated(known, of_run, session)
    return tuple(_row(slot, known[slot], session.schedule) for slot in sorted(known))


def _dated(known: dict[int, dict[str, Any]], of_run: list[int], session: Session) -> None:
    """Note by how much the times of a run that is over now were off: its clock may have been set at any moment."""
    for slot in of_run:
        known[slot]["clock_ahead_s"] = session.clock_ahead.total_seconds()
    of_run.clear()


def _told(record: Record) -> tuple[int, dict[str, Any]] | None:
    """Return what an event says of its slot, under the names of the columns."""
    match record.event:
        case ShotIntended(slot=slot):
            return slot, {"asked": record.utc.isoformat()}
        case ShotTaken(slot=slot, late_ms=late):
            return slot, {"late_ms": late, "confirmed": record.utc.isoformat()}
        case FrameStored() as stored:
            values = asdict(stored)
            return values.pop("slot"), {"frame": values.pop("name"), **values}
        case FrameMetered() as metered:
            values = asdict(metered)
            return values.pop("slot"), values
        case ExposureSteered() as steered:
            names = ("wanted_ev", "applied_ev", "residue_ev", "target_ev", "bias_ev", "compensation_ev", "limits")
            return steered.slot, {name: getattr(steered, name) for name in names}
        case OriginalKept() as kept:
            return kept.slot, {"original": kept.name, "original_confidence": kept.confidence}
        case Gap(slot=slot, reason=reason, detail=detail):
            return slot, {"gap": reason.value, "gap_sentence": reason.sentence, "gap_detail": detail or None}
        case _:
            return None


def _row(slot: int, values: dict[str, Any], schedule: Schedule | None) -> SlotRow:
    row = SlotRow(slot=slot, **values)
    row = replace(row, recovered=row.frame is not None and row.gap is not None)
    if schedule is None or not schedule.is_planned(slot):
        return row
    return replace(row, due=schedule.instant(slot).isoformat(), window=schedule.stretch_of(slot).window or None)


def as_json(rows: Sequence[SlotRow]) -> str:
    """Return the rows as a JSON list, a row on each line."""
    return "[\n" + ",\n".join(json.dumps(asdict(row), ensure_ascii=False) for row in rows) + "\n]\n"


def as_csv(rows: Sequence[SlotRow]) -> str:
    """Return the rows as CSV with a heading; several values of one cell stand apart by a space.

    Text that a spreadsheet would take for a formula gets an apostrophe before it: names come from cameras and cards.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    names = [field.name for field in fields(SlotRow)]
    writer.writerow(names)
    writer.writerows([_cell(getattr(row, name)) for name in names] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        value = " ".join(map(str, value))
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return f"'{value}"
    return value
