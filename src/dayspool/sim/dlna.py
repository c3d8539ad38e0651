"""The media server of "Send to Smartphone": SOAP calls in, lists of pictures out, as an ILCE-6300 and -6400 wrote them.

Root, then `PhotoRoot` (the whole card) or `PushRoot` (what was chosen on the camera), then dates, then pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from dayspool.sim.card import CardFile, Kind, Variant
from dayspool.sim.faults import FaultKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dayspool.sim.body import Body

__all__ = ["CONTENT_DIRECTORY_PATH", "PUSH_LIST_PATH", "Directory", "SoapReply"]

CONTENT_DIRECTORY_PATH = "/upnp/control/ContentDirectory"
PUSH_LIST_PATH = "/upnp/control/XPushList"
_DIRECTORY = "urn:schemas-upnp-org:service:ContentDirectory:1"
_PUSH_LIST = "urn:schemas-sony-com:service:XPushList:1"
_ENVELOPE = (
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"'
    ' s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>{}</s:Body></s:Envelope>'
)
_DIDL = (
    '<DIDL-Lite xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/"'
    ' xmlns:upnp="urn:schemas-upnp-org:metadata-1-0/upnp/" xmlns:dlna="urn:schemas-dlna-org:metadata-1-0/"'
    ' xmlns:arib="urn:schemas-arib-or-jp:elements-1-0/" xmlns:av="urn:schemas-sony-com:av">{}</DIDL-Lite>'
)
_LARGEST_PAGE = 100
_EVIL = "../../x"
_UPDATE_ID = 636_251_077
_JPEG = "http-get:*:image/jpeg:"
_MOVIE = "http-get:*:video/mp4:*"


@dataclass(frozen=True, slots=True)
class SoapReply:
    """HTTP status and XML body."""

    status: int
    body: bytes


class _Fault(Exception):
    """A UPnP error; it never leaves this module."""

    def __init__(self, code: int, text: str) -> None:
        self.code, self.text = code, text
        super().__init__(code, text)


class Directory:
    """The ContentDirectory and the XPushList of one body."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._root = "PushRoot" if "Push" in body.profile.description_path else "PhotoRoot"

    def answer(self, path: str, soap_action: str, content: bytes, host: str) -> SoapReply:
        """Answer one call; `host` is how the caller reaches the camera."""
        service = {CONTENT_DIRECTORY_PATH: _DIRECTORY, PUSH_LIST_PATH: _PUSH_LIST}[path]
        try:
            action, arguments = _called(service, soap_action, content)
            told = self._push(action, arguments) if service == _PUSH_LIST else self._directory(action, arguments, host)
        except _Fault as fault:
            return SoapReply(500, _fault_xml(fault).encode())
        rows = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in told.items())
        reply = f'<u:{action}Response xmlns:u="{service}">{rows}</u:{action}Response>'
        return SoapReply(200, _ENVELOPE.format(reply).encode())

    def _push(self, action: str, arguments: Mapping[str, str]) -> dict[str, str]:
        if action == "X_TransferEnd" and not arguments.get("ErrCode", "").isdigit():
            raise _Fault(402, "Invalid Args")
        if action not in {"X_TransferStart", "X_TransferEnd"}:
            raise _Fault(401, "Invalid Action")
        return {}

    def _directory(self, action: str, arguments: Mapping[str, str], host: str) -> dict[str, str]:
        if action == "GetSystemUpdateID":
            return {"Id": str(_UPDATE_ID)}
        if action in {"GetSearchCapabilities", "GetSortCapabilities"}:
            return {action.removeprefix("Get").replace("Capabilities", "Caps"): ""}
        if action != "Browse":
            raise _Fault(401, "Invalid Action")
        start, count = _number(arguments, "StartingIndex"), _number(arguments, "RequestedCount")
        flag = arguments.get("BrowseFlag")
        if flag not in {"BrowseDirectChildren", "BrowseMetadata"}:
            raise _Fault(402, "Invalid Args")
        children = flag == "BrowseDirectChildren"
        rows = self._rows(arguments.get("ObjectID", ""), host, children=children)
        page = rows[start : start + min(count or _LARGEST_PAGE, _LARGEST_PAGE)]
        return {
            "Result": _DIDL.format("".join(page)),
            "NumberReturned": str(len(page)),
            "TotalMatches": str(len(rows)),
            "UpdateID": str(_UPDATE_ID),
        }

    def _rows(self, object_id: str, host: str, *, children: bool) -> list[str]:
        """Return the elements behind an id: what is in it, or itself.

        Raises:
            _Fault: there is no such thing.
        """
        days = self._days()
        root = _container("0", "-1", "root", 1), [_container(self._root, "0", self._root, len(days))]
        tree: dict[str, tuple[str, list[str]]] = {"0": root}
        tree[self._root] = root[1][0], [self._day(index, day, files) for index, (day, files) in enumerate(days, 1)]
        for index, (day, files) in enumerate(days, 1):
            items = [self._item(index, place, file, host) for place, file in enumerate(files, 1)]
            tree[_day_id(index)] = self._day(index, day, files), items
            for place, item in enumerate(items, 1):
                tree[f"{_day_id(index)}_{place:06d}"] = item, []
        if object_id not in tree:
            raise _Fault(701, "No such object")
        own, inside = tree[object_id]
        return inside if children else [own]

    def _days(self) -> list[tuple[str, list[CardFile]]]:
        """Return the files by the date of the camera's clock."""
        days: dict[str, list[CardFile]] = {}
        for file in self._body.card.files:
            days.setdefault(f"{file.taken:%Y-%m-%d}", []).append(file)
        return sorted(days.items())

    def _day(self, index: int, day: str, files: list[CardFile]) -> str:
        return _container(_day_id(index), self._root, day, len(files))

    def _item(self, index: int, place: int, file: CardFile, host: str) -> str:
        evil = self._body.mishaps.lasting(FaultKind.EVIL_NAMES) is not None
        title = f"{_EVIL}{file.name}" if evil else file.name
        still = file.kind is Kind.STILL
        tag = f"{_day_id(index)}_{place:06d}"
        return (
            f'<item id="{tag}" restricted="1" parentID="{_day_id(index)}"><dc:title>{escape(title)}</dc:title>'
            f"<upnp:class>object.item.{'imageItem.photo' if still else 'videoItem'}</upnp:class>"
            f"<dc:date>{file.taken:%Y-%m-%dT%H:%M:%S}</dc:date>"
            f"<av:contentType>{'STILL' if still else 'MOVIE'}</av:contentType>"
            f"{self._resources(file, tag, f'{host}:{self._body.ports.files}')}</item>"
        )

    def _resources(self, file: CardFile, tag: str, authority: str) -> str:
        """Return the copies that can be fetched: three converted ones, and the file itself unless it is RAW."""
        card = self._body.card
        base = f"http://{authority}/"
        if file.kind is Kind.MOVIE:
            address = f"{base}ORG_{file.name}?{_query(tag, _MOVIE)}"
            return f'<res protocolInfo="{_MOVIE}" size="{card.size(file)}">{escape(address)}</res>'
        rows = []
        for variant in (Variant.LARGE, Variant.SMALL, Variant.THUMBNAIL):
            protocol = f"{_JPEG}DLNA.ORG_PN=JPEG_{variant.value};DLNA.ORG_CI=1"
            address = f"{base}{variant.value}_{file.name}?{_query(tag, protocol)}"
            rows.append(f'<res protocolInfo="{protocol}">{escape(address)}</res>')
        if file.jpeg:
            width, height = card.px(Variant.ORIGINAL)
            size = f'size="{card.size(file)}" resolution="{width}x{height}"'
            address = f"{base}ORG_{file.name}?{_query(tag, f'{_JPEG}*')}"
            rows.append(f'<res protocolInfo="{_JPEG}*" {size}>{escape(address)}</res>')
        return "".join(rows)

    def file_at(self, path: str) -> tuple[CardFile, Variant] | None:
        """Return the file and its copy behind a path at the files' port; `None` when there is none."""
        kind, _, name = path.removeprefix("/").partition("_")
        file = self._body.card.named(name)
        variant = next((variant for variant in Variant if variant.value == kind), None)
        if file is None or variant is None or file.name != name:
            return None
        if file.kind is Kind.STILL and not file.jpeg and variant is Variant.ORIGINAL:
            return None
        return file, variant


def _day_id(index: int) -> str:
    return f"03_01_{index:06d}"


def _container(tag: str, parent: str, title: str, children: int) -> str:
    return (
        f'<container id="{tag}" restricted="1" parentID="{parent}" childCount="{children}"><dc:title>{title}</dc:title>'
        "<upnp:class>object.container</upnp:class><av:mediaClass>P,V</av:mediaClass></container>"
    )


def _query(tag: str, protocol: str) -> str:
    """Return what stands after the question mark: id and protocol between exclamation marks, every sign escaped."""
    return _percent(f"!{tag}!{protocol}!!!!!", keep="_" if protocol.endswith(":*") else "")


def _percent(text: str, keep: str) -> str:
    return "".join(sign if sign.isalnum() or sign in keep else f"%{ord(sign):02x}" for sign in text)


def _called(service: str, soap_action: str, content: bytes) -> tuple[str, dict[str, str]]:
    """Return the action that is called and its arguments.

    Raises:
        _Fault: header and body do not say the same, or are nonsense.
    """
    if not (len(soap_action) > 2 and soap_action[0] == soap_action[-1] == '"'):  # in quotes, as UPnP wants it
        raise _Fault(401, "Invalid Action")
    named, _, action = soap_action[1:-1].partition("#")
    try:
        root: Any = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise _Fault(402, "Invalid Args") from error
    call = next((element for element in root.iter() if element.tag == f"{{{service}}}{action}"), None)
    if named != service or call is None:
        raise _Fault(401, "Invalid Action")
    return action, {child.tag.rpartition("}")[2]: child.text or "" for child in call}


def _number(arguments: Mapping[str, str], name: str) -> int:
    value = arguments.get(name, "0")
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise _Fault(402, "Invalid Args")
    return int(value)


def _fault_xml(fault: _Fault) -> str:
    detail = (
        '<UPnPError xmlns="urn:schemas-upnp-org:control-1-0">'
        f"<errorCode>{fault.code}</errorCode><errorDescription>{fault.text}</errorDescription></UPnPError>"
    )
    return _ENVELOPE.format(
        f"<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>{detail}</detail></s:Fault>"
    )
