"""A dump put together from single exchanges, however they were come by: asked for, or overheard."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

from dayspool.camera.models import model_named
from dayspool.discovery.address import HttpAddress
from dayspool.discovery.description import parse_description
from dayspool.discovery.hints import dialect_hinted
from dayspool.errors import CameraConfused
from dayspool.learn.dump import Dump, DumpedFile, Exchange

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["EVENT_METHODS", "assemble", "escaping_of", "model_of"]

EVENT_METHODS = ("getEvent", "receiveEvent")
_UNIQUE_NAME = re.compile(r"<UDN>\s*(uuid:[^<>\s]{1,100})\s*</UDN>")
SAME_CALL_AT_MOST = 20

# Where an event keeps what a state is told by: type, and the field of it.
_STATE = {
    "status": ("cameraStatus", "cameraStatus"),
    "shoot_mode": ("shootMode", "currentShootMode"),
    "exposure_mode": ("exposureMode", "currentExposureMode"),
    "camera_function": ("cameraFunction", "currentCameraFunction"),
    "liveview": ("liveviewStatus", "liveviewStatus"),
}


def assemble(
    *,
    source: Literal["camera", "capture"],
    endpoint: str | None,
    exchanges: Sequence[Exchange],
    descriptions: Sequence[DumpedFile] = (),
    ssdp: Sequence[str] = (),
    liveview: dict[str, Any] | None = None,
    model: str | None = None,
    escapes_slashes: bool | None = None,
    unread: Counter[str] | None = None,
) -> Dump:
    """Sort exchanges into what they say: versions, method types, offers by state, events, the application."""
    left_out: Counter[str] = Counter(unread or {})
    named = model_of(descriptions) or model
    return Dump(
        source=source,
        model=named,
        dialect=_dialect(endpoint, named, descriptions),
        endpoint=endpoint,
        application=_application(exchanges),
        descriptions=tuple(descriptions),
        ssdp=_own(ssdp, descriptions),
        services=_services(exchanges),
        api_lists=_api_lists(exchanges),
        events=_events(exchanges),
        exchanges=tuple(_without_repetition(exchanges, left_out)),
        escapes_slashes=escapes_slashes,
        liveview=liveview or {},
        unread=dict(left_out),
    )


def _own(ssdp: Iterable[str], descriptions: Iterable[DumpedFile]) -> tuple[str, ...]:
    """Return the answers that carry the camera's unique name; another device may answer from the same host."""
    names = {name.lower() for file in descriptions for name in _UNIQUE_NAME.findall(file.body)}
    return tuple(text for text in ssdp if not names or any(name in text.lower() for name in names))


def model_of(descriptions: Iterable[DumpedFile]) -> str | None:
    """Return the model, by its own word if a description has that, or by the name its owner may have changed."""
    friendly = None
    for file in descriptions:
        _, opened, after = file.body.partition("X_ModelName>")
        if opened and (name := after.partition("<")[0].strip()):
            return name
        address = HttpAddress.parse(file.url)
        if address is not None and friendly is None:
            try:
                friendly = parse_description(file.body.encode(), location=address).friendly_name
            except CameraConfused:
                continue
    return friendly


def escaping_of(body: bytes) -> bool | None:
    """Tell whether a reply's JSON writes its slashes with a backslash; `None` where it has none."""
    return b"\\/" in body if b"/" in body else None


def _dialect(endpoint: str | None, model: str | None, descriptions: Sequence[DumpedFile]) -> str | None:
    """Return the generation: what is known of the model, or what its addresses tell."""
    address = HttpAddress.parse(endpoint) if endpoint else None
    if address is None:
        return None
    row = model_named(model) if model else None
    if row is not None and row.dialect is not None:
        return str(row.dialect)
    return str(dialect_hinted(address, HttpAddress.parse(descriptions[0].url) if descriptions else None))


def _application(exchanges: Iterable[Exchange]) -> list[str]:
    for one in exchanges:
        if one.method == "getApplicationInfo" and one.result:
            return [str(part) for part in one.result]
    return []


def _services(exchanges: Iterable[Exchange]) -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = {}
    for one in exchanges:
        service = services.setdefault(one.service, {})
        if one.method == "getVersions" and one.result and isinstance(one.result[0], list):
            service["versions"] = one.result[0]
        elif one.method == "getMethodTypes" and one.result:
            rows = service.setdefault("method_types", [])
            rows += [row for row in one.result if _is_row(row) and row not in rows]
    return {name: service for name, service in services.items() if service}


def _is_row(row: object) -> bool:
    return isinstance(row, list) and len(row) == 4 and isinstance(row[0], str)


def _api_lists(exchanges: Iterable[Exchange]) -> list[dict[str, Any]]:
    """Pair every list of offers with the state that the events told around it; one row for each that differs."""
    rows: list[dict[str, Any]] = []
    state: dict[str, Any] = {}
    untold: list[dict[str, Any]] = []
    for one in sorted(exchanges, key=lambda one: one.at_seconds):
        if one.method == "getAvailableApiList" and one.result and isinstance(one.result[0], list):
            row = {"state": dict(state), "methods": [name for name in one.result[0] if isinstance(name, str)]}
            untold += [] if state else [row]
            rows += [] if row in rows else [row]
        elif one.method in EVENT_METHODS and one.result:
            state |= _state(one.result)
            for row in untold:
                row["state"] = dict(state)  # asked before the first event: that is still what was so
            untold.clear()
        elif one.method.startswith(("start", "stop", "set")) and one.result is not None:
            untold.clear()
    return rows


def _state(result: list[Any]) -> dict[str, Any]:
    by_type = {slot["type"]: slot for slot in result if isinstance(slot, dict) and isinstance(slot.get("type"), str)}
    return {
        name: by_type[kind][key] for name, (kind, key) in _STATE.items() if kind in by_type and key in by_type[kind]
    }


def _events(exchanges: Iterable[Exchange]) -> list[dict[str, Any]]:
    """Return the last plain answer of each event method and version."""
    events: dict[tuple[str, str], dict[str, Any]] = {}
    for one in exchanges:
        if one.method in EVENT_METHODS and one.params == [False] and one.result:
            events[one.method, one.version] = {"method": one.method, "version": one.version, "result": one.result}
    return list(events.values())


def _without_repetition(exchanges: Iterable[Exchange], left_out: Counter[str]) -> Iterable[Exchange]:
    seen: Counter[str] = Counter()
    for one in exchanges:
        call = f"{one.service} {one.method} {one.version} {one.params}"
        seen[call] += 1
        if seen[call] <= SAME_CALL_AT_MOST:
            yield one
        else:
            left_out[f"repetition of a call beyond the first {SAME_CALL_AT_MOST}"] += 1
