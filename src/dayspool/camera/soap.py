"""SOAP and DIDL as bytes and values: calls to a camera's media server, and its lists of pictures. No network here.

An answer is XML whose `<Result>` holds another XML document as escaped text (UPnP ContentDirectory:1). Everything is
bounded, document types are refused, and names are matched without their namespaces, on which firmwares disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from dayspool.camera.original import Content, Original, moment_of, short_text
from dayspool.errors import CameraConfused, CameraError, CameraRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["ANSWER_CAP_BYTES", "Listing", "decode_answer", "encode_call", "parse_listing"]

ANSWER_CAP_BYTES = 1 << 20  # a page of 100 items has about 250 kB
_ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"'
    ' s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">'
    '<s:Body><u:{action} xmlns:u="{service}">{arguments}</u:{action}></s:Body></s:Envelope>'
)
_CONVERTED = "DLNA.ORG_CI=1"
_LARGE = "DLNA.ORG_PN=JPEG_LRG"
_JPEG = "image/jpeg"
_LONGEST_SIZE = 15  # digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of a container.

    Attributes:
        ids: the camera's names for the entries, pictures or not.
        containers: those of the containers among them.
        originals: the pictures in it.
        left_out: how many items are no pictures, or offer nothing larger than a preview.
        returned: how many entries the page holds.
        total: how many the container holds, where the camera says it.
    """

    ids: frozenset[str]
    containers: tuple[str, ...]
    originals: tuple[Original, ...]
    left_out: int
    returned: int
    total: int | None


def encode_call(service: str, action: str, arguments: Mapping[str, str]) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body of one call; the SOAPAction stands in quotes, as every recorded client has it."""
    told = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in arguments.items())
    headers = {"Content-Type": 'text/xml; charset="utf-8"', "SOAPAction": f'"{service}#{action}"'}
    return headers, _ENVELOPE.format(action=action, service=service, arguments=told).encode()


def decode_answer(status: int, body: bytes, *, action: str) -> dict[str, str]:
    """Return the values of an answer by name.

    Raises:
        CameraRefused: the camera answered with a fault; `code` is its UPnP error, or the HTTP status.
        CameraConfused: it is no SOAP.
    """
    try:
        root = _parse(body, action)
    except CameraConfused:
        if status == 200:
            raise
        raise CameraRefused(f"{action}: the camera answered HTTP {status}", code=status) from None
    answer = next(_each(root, f"{action}Response"), None)
    if status == 200 and answer is not None:
        return {_name(value): _inner(value) for value in answer}
    raise _fault(root, status, action)


def _fault(root: Element, status: int, action: str) -> CameraError:
    if next(_each(root, "Fault"), None) is None:
        return CameraConfused(f"{action}: HTTP {status} and XML that neither answers nor refuses", code=status)
    code = _number(_text(root, "errorCode")) or status
    said = _text(root, "errorDescription") or _text(root, "faultstring") or ""
    return CameraRefused(f"{action}: the camera answered {code} ({said[:80]})", code=code)


def parse_listing(values: Mapping[str, str]) -> Listing:
    """Read the answer to `Browse`.

    Raises:
        CameraConfused: there is no list in it.
    """
    text = values.get("Result", "").strip()
    if text.startswith("&lt;"):  # escaped once more than it should be
        text = unescape(text)
    root = _parse(text.encode("utf-8", "surrogatepass"), "Browse") if text else Element("DIDL-Lite")
    items, containers = list(_each(root, "item")), list(_each(root, "container"))
    originals = tuple(found for item in items if (found := _original(item)) is not None)
    return Listing(
        ids=frozenset(_ids((*items, *containers))),
        containers=tuple(_ids(containers)),
        originals=originals,
        left_out=len(items) - len(originals),
        returned=len(items) + len(containers),
        total=_number(values.get("TotalMatches")),
    )


def _ids(entries: Iterable[Element]) -> Iterator[str]:
    return (found for entry in entries if (found := short_text(entry.get("id"))) is not None)


def _original(item: Element) -> Original | None:
    """Return an item's best picture: the JPEG of the card, or else the large copy the camera makes.

    The originals carry no `DLNA.ORG_CI=1` (converted). A RAW has only copies (A6300, A6400).
    """
    offers = [found for found in _each(item, "res") if _mime(found) == _JPEG and short_text(_own_text(found))]
    untouched = [found for found in offers if _CONVERTED not in _protocol(found)]
    large = [found for found in offers if _LARGE in _protocol(found)]
    best = next(iter(untouched or large), None)
    if best is None:
        return None
    url = _own_text(best)
    return Original(
        name=short_text(_text(item, "title")) or "",
        uri=short_text(item.get("id")) or url,
        url=url,
        content=Content.JPEG if untouched else Content.REDUCED,
        taken=moment_of(_text(item, "date")),
        size_bytes=_number(best.get("size")),
    )


def _protocol(resource: Element) -> str:
    return resource.get("protocolInfo") or ""


def _mime(resource: Element) -> str:
    """Return the third field of `http-get:*:image/jpeg:…`."""
    return (_protocol(resource).split(":") + [""] * 3)[2].strip().lower()


def _parse(data: bytes, action: str) -> Element:
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        message = f"{action}: the answer has a document type or entities, which no camera sends"
        raise CameraConfused(message) from None
    except (ParseError, ValueError, LookupError) as error:
        raise CameraConfused(f"{action}: the answer is no XML ({error})") from None
    return root


def _each(element: Element, name: str) -> Iterator[Element]:
    return (found for found in element.iter() if _name(found) == name)


def _name(element: Element) -> str:
    """Return an element's name without its namespace; comments and processing instructions have none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _text(element: Element, name: str) -> str | None:
    found = next(_each(element, name), None)
    return None if found is None else _own_text(found)


def _own_text(element: Element) -> str:
    return (element.text or "").strip()


def _inner(element: Element) -> str:
    return "".join(element.itertext()).strip()


def _number(text: str | None) -> int | None:
    """Read a number of bytes or entries; what is none, or beyond any card, gives `None`."""
    said = (text or "").strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) <= _LONGEST_SIZE else None
