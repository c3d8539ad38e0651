"""The settings of a dumped camera: values and choices out of its getters and events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dayspool.sim.groups import GROUPS, Group, Shape
from dayspool.sim.profile import ALWAYS, Choices, Setting

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["settings_from", "slot_rows"]


def settings_from(dump: dict[str, Any]) -> tuple[Setting, ...]:
    """Return every setting whose value or choices were recorded, from getters and events."""
    answers: dict[str, list[Any]] = {}
    for exchange in dump.get("exchanges") or []:
        reply = exchange.get("reply")
        result = reply.get("result") if isinstance(reply, dict) else None
        if isinstance(result, list) and isinstance(exchange.get("method"), str):
            answers[exchange["method"]] = result
    slots = {slot["type"]: slot for event in dump.get("events") or [] for slot in _slots(event.get("result"))}
    found = (_setting(group, answers, slots.get(group.slot, {})) for group in GROUPS.values())
    return tuple(setting for setting in found if setting is not None)


def _slots(result: object) -> Iterator[dict[str, Any]]:
    for slot in result if isinstance(result, list) else ():
        for part in slot if isinstance(slot, list) else (slot,):
            if isinstance(part, dict) and isinstance(part.get("type"), str):
                yield part


def slot_rows(dump: dict[str, Any], kind: str) -> tuple[dict[str, Any], ...]:
    """Return what the recorded events hold of one type: the slots themselves, or the rows listed in them."""
    slots = [slot for event in dump.get("events") or [] for slot in _slots(event.get("result")) if slot["type"] == kind]
    if slots and isinstance(slots[-1].get(kind), list):
        return tuple(row for row in slots[-1][kind] if isinstance(row, dict))
    return tuple(slots)


def _setting(group: Group, answers: dict[str, list[Any]], slot: dict[str, Any]) -> Setting | None:
    """Return one group's setting; `None` when nothing that makes sense was recorded of it."""
    name = group.name
    told, choices = _available(group, answers.get(f"getAvailable{name}", []))
    got = answers.get(f"get{name}", [])
    in_event, event_choices = _event(group, slot)
    value = next((v for v in (told, _value(group, got[0]) if got else None, in_event) if v is not None), None)
    choices = choices or event_choices
    supported = _supported(group, answers.get(f"getSupported{name}", []))
    pick = choices or supported
    if value is None and pick and group.shape is not Shape.STEP:
        value = (pick[0][0], -1) if group.shape is Shape.WHITE_BALANCE else pick[0]
    if value is None and pick:
        value = 0
    if value is None:
        return None
    if isinstance(value, bool):  # what is on or off needs no list, and LiveviewFrameInfo has none
        choices = choices or (True, False)
    offered = (Choices(values=choices, when=ALWAYS),) if choices else ()
    return Setting(group=name, value=value, choices=offered, supported=supported or choices or None)


def _value(group: Group, raw: object) -> Any:
    """Return one value as the simulator keeps it; `None` when it is not of the group's shape."""
    match group.shape:
        case Shape.OBJECT:
            inner = raw.get(group.key) if isinstance(raw, dict) else None
            return inner if type(inner) is {"string": str, "int": int, "bool": bool}[group.kind] else None
        case Shape.WHITE_BALANCE if isinstance(raw, dict) and isinstance(raw.get("whiteBalanceMode"), str):
            kelvin = raw.get("colorTemperature")
            return raw["whiteBalanceMode"], kelvin if type(kelvin) is int else -1
        case Shape.STILL_SIZE if isinstance(raw, dict):
            pair = raw.get("aspect"), raw.get("size")
            return pair if all(isinstance(part, str) for part in pair) else None
        case Shape.TEXT if isinstance(raw, str):
            return raw
        case Shape.NUMBER | Shape.STEP | Shape.SHIFT if type(raw) is int:
            return raw
    return None


def _many(group: Group, raw: object) -> tuple[Any, ...]:
    """Return a list of choices as the simulator keeps it."""
    if not isinstance(raw, list):
        return ()
    if group.shape is Shape.WHITE_BALANCE:
        rows = [row for row in raw if isinstance(row, dict) and isinstance(row.get("whiteBalanceMode"), str)]
        return tuple((row["whiteBalanceMode"], _span(row.get("colorTemperatureRange"))) for row in rows)
    if group.shape is Shape.OBJECT:
        raw = [{group.key: value} for value in raw]
    return tuple(value for value in (_value(group, each) for each in raw) if value is not None)


def _span(raw: object) -> tuple[int, ...]:
    numbers = tuple(each for each in raw if type(each) is int) if isinstance(raw, list) else ()
    return numbers if len(numbers) == 3 else ()


def _available(group: Group, result: list[Any]) -> tuple[Any, tuple[Any, ...]]:
    """Return value and choices of a `getAvailable…` answer."""
    if not result:
        return None, ()
    match group.shape:
        case Shape.STEP | Shape.SHIFT:
            numbers = [each for each in result if type(each) is int]
            adjustable = len(numbers) == 4 and numbers[3] in (1, 2) and numbers[1] > numbers[2]
            return (numbers[0] if numbers else None), tuple(numbers[1:]) if adjustable else ()
        case Shape.OBJECT:
            raw = result[0] if isinstance(result[0], dict) else {}
            return _value(group, raw), _many(group, raw.get("candidate"))
    return _value(group, result[0]), _many(group, result[1] if len(result) > 1 else None)


def _supported(group: Group, result: list[Any]) -> tuple[Any, ...]:
    """Return the choices of a `getSupported…` answer."""
    if not result:
        return ()
    if group.shape is Shape.STEP:
        firsts = [part[0] for part in result if isinstance(part, list) and part and type(part[0]) is int]
        return tuple(firsts) if len(firsts) == 3 else ()
    if group.shape is Shape.OBJECT:
        return _many(group, result[0].get("candidate") if isinstance(result[0], dict) else None)
    return _many(group, result[0])


def _event(group: Group, slot: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:
    """Return value and choices of a slot of an event."""
    if not slot:
        return None, ()
    capital = group.slot[:1].upper() + group.slot[1:]
    match group.shape:
        case Shape.OBJECT:
            return _value(group, slot), _many(group, slot.get("candidate"))
        case Shape.WHITE_BALANCE:
            names = {"whiteBalanceMode": "currentWhiteBalanceMode", "colorTemperature": "currentColorTemperature"}
            return _value(group, {key: slot.get(name) for key, name in names.items()}), ()
        case Shape.STILL_SIZE:
            return _value(group, {"aspect": slot.get("currentAspect"), "size": slot.get("currentSize")}), ()
        case Shape.STEP:
            value = _value(group, slot.get(f"current{capital}"))
            steps = [slot.get(f"{edge}{capital}") for edge in ("max", "min", "stepIndexOf")]
            return value, _available(group, [0, *steps])[1]
    return _value(group, slot.get(f"current{capital}")), _many(group, slot.get(f"{group.slot}Candidates"))
