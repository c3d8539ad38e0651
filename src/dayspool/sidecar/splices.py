"""Edits of an XMP packet as splices into its bytes: properties set and removed, lists written anew."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dayspool.sidecar.packet import Attribute, Element, Name

__all__ = [
    "DARKTABLE",
    "DAYSPOOL",
    "RDF",
    "Property",
    "Splice",
    "added_properties",
    "listed",
    "properties",
    "relisted",
    "spliced",
]

DARKTABLE = "http://darktable.sf.net/"
DAYSPOOL = "http://dayspool/sidecar/1.0/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_USUAL_PREFIX = {DARKTABLE: "darktable", DAYSPOOL: "dayspool", RDF: "rdf"}
_CONTAINERS = ((RDF, "Seq"), (RDF, "Bag"), (RDF, "Alt"))
_ITEM = (RDF, "li")
_QUOTED = {'"': "&quot;", "'": "&apos;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_TAG_NAME = re.compile(rb"<([^\s/>]+)")
_SPACE = b" \t\r\n"
_INDENT = b"\n     "


@dataclass(frozen=True, slots=True)
class Splice:
    """Bytes `start` to `end` give way to others."""

    start: int
    end: int
    data: bytes


def spliced(utf8: bytes, splices: Iterable[Splice]) -> bytes:
    """Return the bytes with splices applied, which must not overlap; insertions at one place keep their order."""
    parts, position = [], 0
    for splice in sorted(splices, key=lambda splice: (splice.start, splice.end)):
        assert splice.start >= position, "splices do not overlap"
        parts += [utf8[position : splice.start], splice.data]
        position = splice.end
    return b"".join([*parts, utf8[position:]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A simple property of RDF, in either spelling: an attribute, or an element with text in it."""

    text: str
    start: int
    end: int
    value_start: int
    value_end: int
    element: Element | None = None

    def set_to(self, utf8: bytes, text: str) -> Splice:
        """Return the splice that gives it another value."""
        if self.element is None:
            return Splice(self.value_start, self.value_end, escape(text, _QUOTED).encode())
        if not self.element.empty_tag:
            return Splice(self.value_start, self.value_end, escape(text).encode())
        return _opened(utf8, self.element, escape(text).encode())

    def removed(self, utf8: bytes) -> Splice:
        """Return the splice that takes it away, with the space before it."""
        start = len(utf8[: self.start].rstrip(_SPACE)) if self.element else self.start
        return Splice(start, self.end, b"")


def properties(*holders: Element) -> dict[Name, Property]:
    """Return the simple properties of elements (`rdf:Description`, `rdf:li`); the first of a name counts."""
    found: dict[Name, Property] = {}
    for holder in holders:
        for name, attribute in holder.attributes.items():
            found.setdefault(name, _of_attribute(attribute))
        for child in holder.children:
            if not child.children:
                found.setdefault(child.name, _of_element(child))
    return found


def _of_attribute(attribute: Attribute) -> Property:
    return Property(
        text=attribute.text,
        start=attribute.start,
        end=attribute.end,
        value_start=attribute.value_start,
        value_end=attribute.value_end,
    )


def _of_element(element: Element) -> Property:
    return Property(
        text=element.text,
        start=element.start,
        end=element.end,
        value_start=element.inner_start,
        value_end=element.inner_end,
        element=element,
    )


def listed(element: Element | None) -> tuple[Element | None, tuple[Element, ...]]:
    """Return the container (`rdf:Seq` or its likes) in a list property, and its items."""
    if element is None:
        return None, ()
    container = next((child for child in element.children if child.name in _CONTAINERS), None)
    items = container.children if container else ()
    return container, tuple(item for item in items if item.name == _ITEM)


def added_properties(utf8: bytes, holder: Element, texts: Mapping[Name, str]) -> Splice:
    """Return the splice that gives an element attributes for properties that it does not have."""
    added, prefixes, space = b"", dict(holder.prefixes), _attribute_space(utf8, holder)
    for (namespace, name), text in texts.items():
        prefix, declared = _prefix(prefixes, namespace)
        for part in (*declared, f'{prefix}:{name}="{escape(text, _QUOTED)}"'):
            added += space + part.encode()
    return Splice(holder.attributes_end, holder.attributes_end, added)


def relisted(
    utf8: bytes, description: Element, name: Name, items: Sequence[tuple[Element | None, bytes | Mapping[str, str]]]
) -> Splice:
    """Return the splice that writes a list anew.

    Args:
        utf8: the document.
        description: what has the list, or is to have it.
        name: of the list property.
        items: for each item the one whose place it takes, if any, and either its bytes, or the properties in
            darktable's namespace that it is to be made of.
    """
    element = description.child(name)
    container, old = listed(element)
    leading = _leading(utf8, container, old)
    scope = dict((container or description).prefixes)
    usual = next(iter(leading.values()), _INDENT)
    usual = usual if not usual.strip() else _INDENT
    body = b"".join(
        (leading[id(place)] if place else usual) + (made if isinstance(made, bytes) else _item(scope, made, usual))
        for place, made in items
    )
    if container is None:
        return _new_list(utf8, description, element, name, body)
    if container.empty_tag:
        return _opened(utf8, container, body + _INDENT[:-1] if body else b"")
    return Splice(container.inner_start, old[-1].end if old else container.inner_start, body)


def _leading(utf8: bytes, container: Element | None, items: Sequence[Element]) -> dict[int, bytes]:
    """Return what stands before each item: space, and comments."""
    if container is None:
        return {}
    ends = [container.inner_start, *(item.end for item in items)]
    return {id(item): utf8[end : item.start] for item, end in zip(items, ends, strict=False)}


def _item(scope: dict[str, str], texts: Mapping[str, str], indent: bytes) -> bytes:
    rdf, declared_rdf = _prefix(dict(scope), RDF)
    darktable, declared = _prefix(dict(scope), DARKTABLE)
    attributes = [f'{darktable}:{key}="{escape(text, _QUOTED)}"' for key, text in texts.items()]
    space = (indent.decode() + " ") if b"\n" in indent else " "
    return "".join([f"<{rdf}:li", *(space + part for part in (*declared_rdf, *declared, *attributes)), "/>"]).encode()


def _new_list(utf8: bytes, description: Element, element: Element | None, name: Name, body: bytes) -> Splice:
    scope = dict(description.prefixes)
    prefix, declared = _prefix(scope, name[0])
    rdf, declared_rdf = _prefix(scope, RDF)
    tag = " ".join([f"{prefix}:{name[1]}", *declared, *declared_rdf])
    close = f"\n    </{rdf}:Seq>\n   </{prefix}:{name[1]}>"
    made = f"<{tag}>\n    <{rdf}:Seq>".encode() + body + close.encode()
    if element is not None:
        return Splice(element.start, element.end, made)
    made = b"\n   " + made
    if description.empty_tag:
        return _opened(utf8, description, made + b"\n  ")
    place = description.children[-1].end if description.children else description.inner_start
    return Splice(place, place, made)


def _opened(utf8: bytes, element: Element, inner: bytes) -> Splice:
    """Return the splice that makes an empty tag a pair of tags with something in between."""
    tag = _TAG_NAME.match(utf8, element.start)
    assert tag is not None
    return Splice(element.attributes_end, element.end, b">" + inner + b"</" + tag[1] + b">")


def _prefix(scope: dict[str, str], namespace: str) -> tuple[str, tuple[str, ...]]:
    """Return a prefix that stands for a namespace, and the declaration that it still needs; `scope` learns it."""
    for prefix, address in scope.items():
        if prefix and address == namespace:
            return prefix, ()
    prefix = _USUAL_PREFIX.get(namespace, "ns")
    while prefix in scope:
        prefix += "_"
    scope[prefix] = namespace
    return prefix, (f'xmlns:{prefix}="{namespace}"',)


def _attribute_space(utf8: bytes, element: Element) -> bytes:
    """Return the space that a new attribute gets before it: what the last one has."""
    last = max(element.attributes.values(), key=lambda attribute: attribute.end, default=None)
    if last is None:
        return b" "
    found = re.compile(rb"\s+").match(utf8, last.start)
    assert found is not None
    return found[0]
