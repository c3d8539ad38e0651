"""An XMP packet as a tree of elements that know where in the bytes they lie, so that edits can be splices."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from dayspool.errors import SidecarUnreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LARGEST_BYTES", "Attribute", "Element", "Encoding", "Name", "Tree", "parse"]

LARGEST_BYTES = 32 << 20
_DEEPEST = 64

Name = tuple[str, str]
"""An expanded name: the address of its namespace and what it is called in it."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BARE_UTF16 = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_READABLE = frozenset({"utf-8", "ascii", "iso8859-1"})
# These are only used on bytes that expat has found well-formed.
_ATTRIBUTE = re.compile(rb"""\s+([^\s=/>]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_TAG_NAME = re.compile(rb"<[^\s/>]+")
_TAG_END = re.compile(rb"\s*(/?)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How a file spells its characters; the rest of this room works on UTF-8 alone."""

    bom: bytes
    codec: str

    def bytes_of(self, utf8: bytes) -> bytes:
        """Return a document in UTF-8 as the file spells it."""
        return self.bom + (utf8 if self.codec == "utf-8" else self._encoded(utf8))

    def _encoded(self, utf8: bytes) -> bytes:
        # What a narrow encoding has no byte for can only be text that was put in: it goes in as a reference.
        return utf8.decode().encode(self.codec, errors="xmlcharrefreplace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """An attribute: its text, and where it lies, from the space before its name to its closing quote."""

    text: str
    start: int
    end: int
    value_start: int
    value_end: int


@dataclass(slots=True, kw_only=True, eq=False)
class Element:
    """An element; `start` and `end` are offsets in UTF-8 bytes, `inner_*` those of what is between its tags."""

    name: Name
    prefixes: Mapping[str, str]
    attributes: dict[Name, Attribute]
    start: int
    inner_start: int
    attributes_end: int
    empty_tag: bool
    inner_end: int = -1
    end: int = -1
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def child(self, name: Name) -> Element | None:
        """Return its first child of a name."""
        return next((child for child in self.children if child.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A parsed document: its bytes in UTF-8 without byte order mark, and the root element."""

    utf8: bytes
    encoding: Encoding
    root: Element


def parse(data: bytes) -> Tree:
    """Parse a document that is not trusted.

    Raises:
        SidecarUnreadable: it is too large, not well-formed, or has a document type, which XMP never has and which is
            how entities that grow without bound come in.
    """
    if len(data) > LARGEST_BYTES:
        raise SidecarUnreadable(f"it has {len(data) >> 20} MB, and no sidecar has more than {LARGEST_BYTES >> 20}")
    encoding, utf8 = _utf8(data)
    builder = _Builder(utf8)
    return Tree(utf8=utf8, encoding=encoding, root=builder.built())


def _utf8(data: bytes) -> tuple[Encoding, bytes]:
    encoding = _encoding(data)
    body = data[len(encoding.bom) :]
    try:
        utf8 = body if encoding.codec == "utf-8" else body.decode(encoding.codec).encode()
    except UnicodeError as fault:
        raise SidecarUnreadable(f"it is not the {encoding.codec} that it says it is: {fault}") from fault
    if encoding.bytes_of(utf8) != data:
        raise SidecarUnreadable(f"its {encoding.codec} would not survive being written again; save it as UTF-8")
    return encoding, utf8


def _encoding(data: bytes) -> Encoding:
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return Encoding(bom=bom, codec=codec)
    for beginning, codec in _BARE_UTF16:
        if data.startswith(beginning):
            return Encoding(bom=b"", codec=codec)
    declared = _DECLARED.match(data)
    name = declared[1].decode() if declared else "utf-8"
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        codec = name
    if codec not in _READABLE:
        raise SidecarUnreadable(f"it is written in {name}; save it as UTF-8, as XMP is meant to be")
    return Encoding(bom=b"", codec=codec)


class _Builder:
    """Takes expat's events; offsets are those of the events, ends of tags are looked up in the bytes."""

    def __init__(self, utf8: bytes) -> None:
        self._utf8 = utf8
        self._open: list[Element] = []
        self._root: Element | None = None
        self._declared: dict[str, str] = {}
        self._parser = expat.ParserCreate("utf-8", " ")  # whatever its declaration says: it is UTF-8 by now
        self._parser.ordered_attributes = True
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartNamespaceDeclHandler = self._namespace
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def built(self) -> Element:
        try:
            self._parser.Parse(self._utf8, True)
        except expat.ExpatError as fault:
            raise SidecarUnreadable(f"it is not well-formed XML: {fault}") from fault
        assert self._root is not None, "expat refuses a document without a root"
        return self._root

    def _doctype(self, *_: object) -> None:
        raise SidecarUnreadable("it has a document type or entities, which XMP never has (nothing of it was read)")

    def _namespace(self, prefix: str | None, address: str | None) -> None:
        self._declared[prefix or ""] = address or ""

    def _start(self, name: str, pairs: list[str]) -> None:
        if len(self._open) >= _DEEPEST:
            raise SidecarUnreadable(f"its elements are nested more than {_DEEPEST} deep")
        above = self._open[-1].prefixes if self._open else {}
        prefixes = {**above, **self._declared} if self._declared else above
        self._declared = {}
        element = self._element(_expanded(name), prefixes, pairs)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _element(self, name: Name, prefixes: Mapping[str, str], pairs: list[str]) -> Element:
        start = self._parser.CurrentByteIndex
        tag = _TAG_NAME.match(self._utf8, start)
        assert tag is not None
        spans, position = [], tag.end()
        while found := _ATTRIBUTE.match(self._utf8, position):
            position = found.end()
            if found[1] != b"xmlns" and not found[1].startswith(b"xmlns:"):
                spans.append((found.start(), found.end(), *found.span(2 if found[2] is not None else 3)))
        closing = _TAG_END.match(self._utf8, position)
        assert closing is not None
        attributes = {
            _expanded(key): Attribute(text=text, start=span[0], end=span[1], value_start=span[2], value_end=span[3])
            for key, text, span in zip(pairs[::2], pairs[1::2], spans, strict=True)
        }
        return Element(
            name=name,
            prefixes=prefixes,
            attributes=attributes,
            start=start,
            attributes_end=position,
            inner_start=closing.end(),
            empty_tag=bool(closing[1]),
        )

    def _end(self, _: str) -> None:
        element = self._open.pop()
        if element.empty_tag:
            element.inner_end = element.end = element.inner_start
        else:
            element.inner_end = self._parser.CurrentByteIndex
            element.end = self._utf8.index(b">", element.inner_end) + 1

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].text += text


def _expanded(name: str) -> Name:
    namespace, _, local = name.rpartition(" ")
    return namespace, local
