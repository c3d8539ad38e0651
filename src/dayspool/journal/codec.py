"""Events to rows and back: a kind, the slot if there is one, and the rest as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import cattrs

from dayspool.core.events import EVENT_TYPES, Event, Record
from dayspool.core.frame import GapReason
from dayspool.errors import JournalDamaged, JournalTooNew

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["decode", "encode", "gap_reason", "kind_of"]

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


def gap_reason(text: Any) -> GapReason:
    """Return the reason of a stored gap.

    Raises:
        JournalTooNew: a later dayspool wrote a reason this one does not know.
        TypeError: it is no text at all.
    """
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is no reason")
    try:
        return GapReason(text)
    except ValueError:
        raise JournalTooNew(
            f"the journal has a gap for the unknown reason {text!r}; update dayspool to read it"
        ) from None


_CONVERTER = cattrs.Converter(forbid_extra_keys=False, detailed_validation=False)
_CONVERTER.register_structure_hook(GapReason, lambda value, _: gap_reason(value))


def kind_of(event_type: type[Event]) -> str:
    """Return the kind under which a type of event is stored: `ShotTaken` is `shot_taken`."""
    return _WORD.sub("_", event_type.__name__).lower()


_TYPES: dict[str, type[Event]] = {kind_of(event_type): event_type for event_type in EVENT_TYPES}
_KINDS = {event_type: kind for kind, event_type in _TYPES.items()}
_SLOTTED = frozenset(
    event_type for event_type in EVENT_TYPES if any(field.name == "slot" for field in fields(event_type))
)
_UNSTRUCTURE: dict[type[Event], Callable[[Any], dict[str, Any]]] = {
    event_type: _CONVERTER.get_unstructure_hook(event_type) for event_type in EVENT_TYPES
}
_STRUCTURE: dict[str, Callable[[Any, Any], Event]] = {
    kind: _CONVERTER.get_structure_hook(event_type) for kind, event_type in _TYPES.items()
}


def encode(event: Event) -> tuple[str, int | None, str]:
    """Return `(kind, slot, body)`; the slot is a column of its own and not repeated in the JSON body."""
    event_type = type(event)
    body = _UNSTRUCTURE[event_type](event)
    slot = body.pop("slot") if event_type in _SLOTTED else None
    return _KINDS[event_type], slot, json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def decode(seq: int, utc: str, kind: str, slot: int | None, body: str) -> Record:
    """Return the record behind a row.

    Raises:
        JournalTooNew: a later dayspool wrote a kind of event, or a reason, that this one does not know.
        JournalDamaged: the row does not hold what its kind needs.
    """
    if kind not in _TYPES:
        raise JournalTooNew(f"the journal holds an event of the unknown kind {kind!r}; update dayspool to read it")
    event_type = _TYPES[kind]
    try:
        values = json.loads(body)
        if event_type in _SLOTTED:
            values["slot"] = slot
        event = _STRUCTURE[kind](values, event_type)
        moment = datetime.fromisoformat(utc).astimezone(UTC)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise JournalDamaged(f"row {seq} of the journal ({kind}) cannot be read: {error}") from error
    return Record(seq=seq, utc=moment, event=event)
