"""What a dump tells of a camera, taken out of it piece by piece: its description, its offers, its settings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from dayspool.sim.groups import GROUPS, Group, Shape
from dayspool.sim.parts import Status
from dayspool.sim.profile import ALWAYS, Choices, Method, Offer, Setting, When

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Described", "described", "offers_from", "settings_from", "slot_rows"]

_UDN = re.compile(r"(uuid:[0-9A-Fa-f-]*-)([0-9A-Fa-f]{12})")
_HEADER = re.compile(r"([A-Za-z-]{1,40}): ?([\x20-\x7e]{0,200})")
_USUAL = frozenset(("CACHE-CONTROL", "DATE", "EXT", "LOCATION", "SERVER", "ST", "USN"))
_BEFORE_REC_MODE = 9  # names at most in the list of an app camera before startRecMode; seven were recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What the descriptions and search replies of a dump say; defaults stand for what they leave out."""

    found: bool = False
    paths: tuple[str, ...] = ("/dd.xml",)
    port: int = 64_321
    friendly_name: str = ""
    media_server: bool = False
    digital_imaging: bool = False
    content_directory: bool = False
    services: tuple[str, ...] = ()
    action_list_path: str = ""
    liveview_url: str = ""
    model_description: str = "SonyDigitalMediaServer"
    manufacturer_url: str = "http://www.sony.net/"
    server: str = "UPnP/1.0 SonyImagingDevice/1.0"
    udn_form: str = "uuid:00000000-0005-0010-8000-{mac}"
    mac_prefix: str = "1c994c"
    extra: tuple[tuple[str, str], ...] = ()


def described(dump: dict[str, Any]) -> Described:
    """Return what the dump's descriptions and search replies say."""
    server, extra = _replied(dump)
    told: dict[str, Any] = {"extra": extra} | ({"server": server} if server else {})
    paths = []
    for page in dump.get("descriptions") or []:
        root = _root(page.get("body"))
        address = _split(page.get("url"))
        if root is None or address is None or not any(_tag(element) == "device" for element in root):
            continue
        paths.append(address[1] or "/")
        if len(paths) == 1:
            told |= {"port": address[0], **_page(root)}
    if paths:
        told["paths"] = tuple(dict.fromkeys(paths))
    return Described(found=bool(paths), **told)


def _split(url: object) -> tuple[int, str] | None:
    """Return port and path of an address; `None` when it is none."""
    try:
        parts = urlsplit(str(url))
        port = parts.port or 80
    except ValueError:
        return None
    return port, parts.path


def _root(body: object) -> Any:
    try:
        return fromstring(body, forbid_dtd=True) if isinstance(body, str) else None
    except (ParseError, DefusedXmlException, ValueError):
        return None


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _page(root: Any) -> dict[str, Any]:
    """Return what one description says."""
    values: dict[str, list[str]] = {}
    for element in root.iter():
        values.setdefault(_tag(element), []).append((element.text or "").strip())

    def first(tag: str) -> str:
        text = values.get(tag, [""])[0]
        return text if text.isascii() and text.isprintable() else ""

    types = values.get("serviceType", [])
    told: dict[str, Any] = {
        "friendly_name": first("friendlyName"),
        "media_server": "MediaServer" in first("deviceType"),
        "digital_imaging": any("DigitalImaging" in kind for kind in types),
        "content_directory": any("ContentDirectory" in kind for kind in types),
        "services": tuple(name for name in values.get("X_ScalarWebAPI_ServiceType", []) if re.fullmatch(r"\w+", name)),
        "action_list_path": (_split(first("X_ScalarWebAPI_ActionList_URL")) or (0, ""))[1],
        "liveview_url": first("X_ScalarWebAPI_LiveView_URL"),
    }
    for key, tag in (("model_description", "modelDescription"), ("manufacturer_url", "manufacturerURL")):
        if first(tag):
            told[key] = first(tag)
    if match := _UDN.fullmatch(first("UDN")):
        upper = match[2] == match[2].upper() and match[2] != match[2].lower()
        told |= {"udn_form": match[1] + ("{MAC}" if upper else "{mac}"), "mac_prefix": match[2][:6].lower()}
    return told


def _replied(dump: dict[str, Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the server of the first search reply, and its headers beyond the usual ones."""
    for reply in dump.get("ssdp") or []:
        if not isinstance(reply, str):
            continue
        headers = [match.groups() for line in reply.splitlines() if (match := _HEADER.fullmatch(line.rstrip()))]
        named = {name.upper(): value for name, value in headers}
        if "SERVER" in named:
            return named["SERVER"], tuple((n, v) for n, v in headers if n.upper() not in _USUAL)
    return "", ()


# -- offers -----------------------------------------------------------------------------------------------------------


def offers_from(dump: dict[str, Any], methods: Iterable[Method]) -> tuple[Offer, ...]:
    """Return the offers behind the recorded lists, each with the simplest condition that explains where it was.

    Without a list, every method of the camera service is offered always.
    """
    lists = [
        (row.get("state") if isinstance(row.get("state"), dict) else {}, [str(name) for name in row["methods"]])
        for row in dump.get("api_lists") or []
        if isinstance(row.get("methods"), list)
    ]
    if not lists:
        return tuple(Offer(name=name) for name in dict.fromkeys(m.name for m in methods if m.service == "camera"))
    names = _merged([[name for name in offered if re.fullmatch(r"\w{1,60}", name)] for _, offered in lists])
    return tuple(Offer(name=name, when=_condition(name, lists)) for name in names)


def _merged(lists: list[list[str]]) -> list[str]:
    """Return every name once, in an order that agrees with the lists: a new one comes after the one before it there."""
    merged: list[str] = []
    for names in sorted(lists, key=len, reverse=True):
        at = -1
        for name in names:
            if name not in merged:
                merged.insert(at + 1, name)
            at = merged.index(name)
    return merged


def _condition(name: str, lists: list[tuple[Any, list[str]]]) -> When:
    early = [names for _, names in lists if "startRecMode" in names and len(names) <= _BEFORE_REC_MODE]
    late = [(state, names) for state, names in lists if names not in early]
    after_start = True if early and not any(name in names for names in early) else None
    with_it = [state for state, names in late if name in names]
    without = [state for state, names in late if name not in names]
    if late and not with_it:
        return When(rec_mode=False)
    if not without:
        return When(rec_mode=after_start)
    if all(state.get("status") == Status.NOT_READY for state in without):
        return When(rec_mode=after_start, statuses=frozenset(Status) - {Status.NOT_READY})
    for group, key in (("ShootMode", "shoot_mode"), ("ExposureMode", "exposure_mode")):
        there, elsewhere = {str(s.get(key)) for s in with_it}, {str(s.get(key)) for s in without}
        if there and not there & elsewhere and "None" not in there:
            return When(rec_mode=after_start, values={group: frozenset(there)})
    if with_it and all(state.get("liveview") is True for state in with_it):
        return When(rec_mode=after_start, liveview=True)
    return When(rec_mode=after_start)


# -- settings ---------------------------------------------------------------------------------------------------------


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
