"""What a dump tells of a camera, taken out of it piece by piece: its description and its offers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from dayspool.sim.parts import Status
from dayspool.sim.profile import Method, Offer, When

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Described", "described", "offers_from"]

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
    told = _replied(dump)
    paths: list[str] = []
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


def _replied(dump: dict[str, Any]) -> dict[str, Any]:
    """Return what the first search reply says: server, where the description is, and what is beyond the usual."""
    for reply in dump.get("ssdp") or []:
        if not isinstance(reply, str):
            continue
        headers = [match.groups() for line in reply.splitlines() if (match := _HEADER.fullmatch(line.rstrip()))]
        named = {name.upper(): value for name, value in headers}
        if "SERVER" in named:
            told: dict[str, Any] = {"extra": tuple((n, v) for n, v in headers if n.upper() not in _USUAL)}
            if named["SERVER"]:
                told["server"] = named["SERVER"]
            address = _split(named.get("LOCATION", ""))
            if address is not None and address[1]:
                told |= {"port": address[0], "paths": (address[1],)}
            return told
    return {}


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
