"""The signatures of every method that a recorded camera has: what each takes and gives back, by name.

Plain parameters give `[0]` back, objects, half-presses and continuous shooting give `[]` (recorded: `getMethodTypes` of
ILCE-5000, ILCE-6300 and HDR-AS100V; the object groups those lack follow the same rule).
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from dayspool.sim.groups import GROUPS, SLOTS, SLOTS_OF_VERSION, Group, Shape
from dayspool.sim.profile import Method, Offer, When

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "AV_CONTENT",
    "GUIDE_ACCESS",
    "SYSTEM",
    "about",
    "event_rows",
    "groups",
    "offers",
    "rows",
    "when",
    "without",
    "words",
]

Signature = tuple[tuple[str, ...], tuple[str, ...]]

_STORAGE = SLOTS[10].signature.replace('"type":"string", ', "")
_BALANCE = '{"whiteBalanceMode":"string", "colorTemperature":"int"}'
_BALANCES = '{"whiteBalanceMode":"string", "colorTemperatureRange":"int*"}*'
_SIZE = '{"aspect":"string", "size":"string"}'

_ABOUT: Mapping[str, Signature] = {
    "getMethodTypes": (("string",), ("string", "string*", "string*", "string")),
    "getVersions": ((), ("string*",)),
}
_PLAIN: Mapping[str, Signature] = {
    **_ABOUT,
    "getApplicationInfo": ((), ("string", "string")),
    "getAvailableApiList": ((), ("string*",)),
    "getEvent": (("bool",), tuple(slot.signature for slot in SLOTS[: SLOTS_OF_VERSION["1.0"]])),
    "startRecMode": ((), ("int",)),
    "stopRecMode": ((), ("int",)),
    "actTakePicture": ((), ("string*",)),
    "awaitTakePicture": ((), ("string*",)),
    "startContShooting": ((), ()),
    "stopContShooting": ((), ()),
    "startBulbShooting": ((), ()),
    "stopBulbShooting": ((), ()),
    "startMovieRec": ((), ("int",)),
    "stopMovieRec": ((), ("string",)),
    "startIntervalStillRec": ((), ("int",)),
    "stopIntervalStillRec": ((), ("int",)),
    "startLiveview": ((), ("string",)),
    "startLiveviewWithSize": (("string",), ("string",)),
    "stopLiveview": ((), ("int",)),
    "actZoom": (("string", "string"), ("int",)),
    "actHalfPressShutter": ((), ()),
    "cancelHalfPressShutter": ((), ()),
    "setTouchAFPosition": (("double", "double"), ("int", '{"AFResult":"bool", "AFType":"string"}')),
    "getTouchAFPosition": ((), ('{"set":"bool", "touchCoordinates":"double*"}',)),
    "cancelTouchAFPosition": ((), ()),
    "actTrackingFocus": (('{"xPosition":"double", "yPosition":"double"}',), ("int",)),
    "cancelTrackingFocus": ((), ("int",)),
    "actFormatStorage": ((), ("int",)),
    "getStorageInformation": ((), (_STORAGE,)),
}


def _verbs(group: Group) -> Mapping[str, Signature]:
    """Return the signatures of one group's four methods."""
    kind = group.kind
    one, many = (kind,), (kind, f"{kind}*")
    match group.shape:
        case Shape.STEP:
            types: tuple[Signature, ...] = ((one, ("int",)), ((), one), ((), (kind,) * 4), ((), (f"{kind}*",) * 3))
        case Shape.SHIFT:
            types = ((one, ("int",)), ((), one), ((), many), ((), (f"{kind}*",)))
        case Shape.OBJECT:
            pair = f'{{"{group.key}":"{kind}"}}'
            offer = f'{{"{group.key}":"{kind}", "candidate":"{kind}*"}}'
            types = (((pair,), ()), ((), (pair,)), ((), (offer,)), ((), (f'{{"candidate":"{kind}*"}}',)))
        case Shape.WHITE_BALANCE:
            setter = (("string", "bool", "int"), ("int",))
            types = (setter, ((), (_BALANCE,)), ((), (_BALANCE, _BALANCES)), ((), (_BALANCES,)))
        case Shape.STILL_SIZE:
            types = ((("string", "string"), ("int",)), ((), (_SIZE,)), ((), (_SIZE, f"{_SIZE}*")), ((), (f"{_SIZE}*",)))
        case _:
            types = ((one, ("int",)), ((), one), ((), many), ((), (f"{kind}*",)))
    verbs = ("set", "get", "getAvailable", "getSupported")
    return {f"{verb}{group.name}": signature for verb, signature in zip(verbs, types, strict=True)}


_SIGNATURES: Mapping[str, Signature] = dict(
    chain(_PLAIN.items(), *(_verbs(group).items() for group in GROUPS.values()))
)


def rows(names: str) -> tuple[Method, ...]:
    """Return the rows of version 1.0 of the camera service's methods named there, in that order.

    `getEvent` may be among them.
    """
    signatures = ((name, *_SIGNATURES[name]) for name in words(names))
    return tuple(Method(name=name, params=params, results=results) for name, params, results in signatures)


def groups(names: str, verbs: str = "set get getAvailable getSupported") -> str:
    """Return the methods of those groups, as one text."""
    return " ".join(f"{verb}{name}" for name in words(names) for verb in words(verbs))


def event_rows(*versions: str, name: str = "getEvent") -> tuple[Method, ...]:
    """Return the rows of the event poll in those versions."""
    slots = [slot.signature for slot in SLOTS]
    return tuple(
        Method(name=name, params=("bool",), results=tuple(slots[: SLOTS_OF_VERSION[version]]), version=version)
        for version in versions
    )


def about(service: str) -> tuple[Method, ...]:
    """Return the two rows that every service has."""
    return tuple(Method(name=name, params=p, results=r, service=service) for name, (p, r) in _ABOUT.items())


_KEYS = '{"methods":"string", "developerName":"string", "developerID":"string", "sg":"string"}'
GUIDE_ACCESS: tuple[Method, ...] = (
    Method(name="getServiceProtocols", results=("string", "string*"), service="guide"),
    *about("guide"),
    Method(name="actEnableMethods", params=(_KEYS,), results=('{"dg":"string"}',), service="accessControl"),
    *about("accessControl"),
)
"""The services that every description but the oldest lists beside `camera` (recorded: their names, and the unlock)."""

_MOMENT = '{"dateTime":"string", "timeZoneOffsetMinute":"int", "dstOffsetMinute":"int"}'
SYSTEM: tuple[Method, ...] = (
    Method(name="setCurrentTime", params=(_MOMENT,), results=("int",), service="system"),
    *about("system"),
)
"""The `system` service of QX cameras (coded in clients)."""

_ITEM_QUERY = '{"uri":"string", "stIdx":"int", "cnt":"int", "type":"string*", "view":"string", "sort":"string"}'
_COUNT_QUERY = '{"uri":"string", "type":"string*", "target":"string", "view":"string"}'
AV_CONTENT: tuple[Method, ...] = (
    Method(name="getSchemeList", results=('{"scheme":"string"}*',), service="avContent"),
    Method(
        name="getSourceList", params=('{"scheme":"string"}',), results=('{"source":"string"}*',), service="avContent"
    ),
    Method(
        name="getContentCount",
        params=(_COUNT_QUERY,),
        results=('{"count":"int"}',),
        version="1.2",
        service="avContent",
    ),
    Method(
        name="getContentList",
        params=(_ITEM_QUERY,),
        results=('{"uri":"string", "title":"string", "content":"Content"}*',),
        version="1.3",
        service="avContent",
    ),
    Method(name="deleteContent", params=('{"uri":"string*"}',), version="1.1", service="avContent"),
    Method(
        name="setStreamingContent",
        params=('{"uri":"string", "remotePlayType":"string"}',),
        results=('{"playbackUrl":"string"}',),
        service="avContent",
    ),
    Method(name="startStreaming", service="avContent"),
    Method(name="pauseStreaming", service="avContent"),
    Method(name="stopStreaming", service="avContent"),
    Method(name="seekStreamingPosition", params=('{"positionMsec":"int"}',), service="avContent"),
    Method(
        name="requestToNotifyStreamingStatus",
        params=('{"polling":"bool"}',),
        results=('{"status":"string", "factor":"string"}',),
        service="avContent",
    ),
    *about("avContent"),
)
"""The `avContent` service (coded in clients of cameras that have it)."""


def words(text: str, between: str | None = None) -> tuple[str, ...]:
    """Return the words of a list written as one text."""
    return tuple(text.split(between))


def without(names: str, absent: str) -> str:
    """Return a list of names but for some of them."""
    missing = set(words(absent))
    return " ".join(name for name in words(names) if name not in missing)


def when(
    *,
    rec_mode: bool | None = None,
    liveview: bool | None = None,
    liveview_seconds: float = 0.0,
    statuses: Iterable[str] = (),
    **values: Iterable[object],
) -> When:
    """Return a condition, written short: `when(ExposureMode=("Manual",))`."""
    return When(
        rec_mode=rec_mode,
        liveview=liveview,
        liveview_seconds=liveview_seconds,
        statuses=frozenset(statuses),
        values={group: frozenset(wanted) for group, wanted in values.items()},
    )


def offers(names: str, conditions: Mapping[str, When], otherwise: When) -> tuple[Offer, ...]:
    """Return the offers of a list of names parted by blanks; `conditions` says which differ from `otherwise`."""
    return tuple(Offer(name=name, when=conditions.get(name, otherwise)) for name in words(names))
