"""What an XMP packet says that concerns darktable: its descriptions, their properties, and the lists in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from dayspool.errors import SidecarUnreadable
from dayspool.sidecar.blob import LARGEST_TOGETHER
from dayspool.sidecar.entries import mask_of, same_text, step_of, whole_number
from dayspool.sidecar.splices import DARKTABLE, RDF, Splice, added_properties, listed, properties, relisted, spliced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dayspool.sidecar.masks import Mask
    from dayspool.sidecar.packet import Element, Name, Tree
    from dayspool.sidecar.splices import Property
    from dayspool.sidecar.step import Step

__all__ = ["SCHEMA", "Made", "Reading"]

SCHEMA = 5
"""The `xmp_version` that darktable 3.4 to 5.x write."""

_OLDEST_SCHEMA = 4
_COLOURS = range(5)
_HISTORY, _MASKS, _LABELS = (DARKTABLE, "history"), (DARKTABLE, "masks_history"), (DARKTABLE, "colorlabels")
_RATING = ("http://ns.adobe.com/xap/1.0/", "Rating")
_DESCRIPTION = (RDF, "Description")

Entry = TypeVar("Entry")
Made = tuple["Element | None", "bytes | Mapping[str, str]"]
"""An item of a list to be written: the item whose place it takes, and its bytes or its properties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A parsed packet; `steps` and `masks` are in the order of their numbers, each beside the element it is from."""

    tree: Tree
    description: Element
    properties: Mapping[Name, Property]
    lists: Mapping[Name, Element]
    steps: tuple[tuple[Element, Step], ...]
    masks: tuple[tuple[Element, Mask], ...]

    @classmethod
    def of(cls, tree: Tree) -> Reading:
        """Take in a packet.

        Raises:
            SidecarUnreadable: it is no XMP, of a darktable that is not known, or an entry of it is broken.
        """
        descriptions = _descriptions(tree)
        found = properties(*descriptions)
        lists: dict[Name, Element] = {}
        for description in descriptions:
            for name in (_HISTORY, _MASKS, _LABELS):
                if description.child(name) is not None:
                    lists.setdefault(name, description)
        _refuse_strange_schema(found, lists)
        steps = _entries(lists.get(_HISTORY), _HISTORY, "num", step_of, _step_bytes)
        masks = _entries(lists.get(_MASKS), _MASKS, "mask_num", mask_of, _mask_bytes)
        main = lists.get(_HISTORY) or _best(descriptions)
        return cls(tree=tree, description=main, properties=found, lists=lists, steps=steps, masks=masks)

    def text(self, name: Name) -> str | None:
        """Return a simple property, or `None`."""
        found = self.properties.get(name)
        return found.text if found else None

    def number(self, name: str) -> int | None:
        """Return a number in darktable's namespace, or `None`."""
        text = self.text((DARKTABLE, name))
        return None if text is None else whole_number(text, name)

    @property
    def rating(self) -> int:
        """Stars, -1 for rejected; what is no number counts as none."""
        try:
            return int(self.text(_RATING) or "0")
        except ValueError:
            return 0

    @property
    def labels(self) -> tuple[int, ...]:
        """The numbers of the colour labels."""
        holder = self.lists.get(_LABELS)
        _, items = listed(holder.child(_LABELS) if holder else None)
        said = {item.text.strip() for item in items}
        return tuple(label for label in _COLOURS if str(label) in said)

    def history(self, steps: Sequence[Step], texts: Callable[[Step, int], Mapping[str, str]]) -> Splice:
        """Return the splice that makes the history consist of these steps."""
        places = _places(self.steps, steps, lambda step: step.instance)
        made = [
            self._made(place, texts(step, number))
            for number, (place, step) in enumerate(zip(places, steps, strict=True))
        ]
        return self._relisted(_HISTORY, made)

    def forms(self, masks: Sequence[Mask], texts: Callable[[Mask], Mapping[str, str]]) -> Splice:
        """Return the splice that makes these the drawn masks."""
        places = _places(self.masks, masks, lambda mask: (mask.num, mask.id))
        made = [self._made(place, texts(mask)) for place, mask in zip(places, masks, strict=True)]
        return self._relisted(_MASKS, made)

    def changed(self, splices: Sequence[Splice], texts: Mapping[Name, str | None]) -> bytes:
        """Return the file with splices applied and simple properties set, or with `None` removed."""
        utf8, known = self.tree.utf8, self.properties
        edits = [*splices]
        for name, text in texts.items():
            if name in known and known[name].text != text:
                edits.append(known[name].removed(utf8) if text is None else known[name].set_to(utf8, text))
        missing = {name: text for name, text in texts.items() if text is not None and name not in known}
        edits.append(added_properties(utf8, self.description, missing))
        return self.tree.encoding.bytes_of(spliced(utf8, edits))

    def _relisted(self, name: Name, made: Sequence[Made]) -> Splice:
        return relisted(self.tree.utf8, self.lists.get(name, self.description), name, made)

    def _made(self, place: Element | None, texts: Mapping[str, str]) -> Made:
        """Return an item with these properties: the bytes of the one in its place, edited where they differ."""
        if place is None:
            return None, texts
        known = properties(*_holders(place))
        if any(name[0] == DARKTABLE and _ours(name[1]) and name[1] not in texts for name in known):
            return place, texts  # blending that is no longer there
        edits = [
            known[DARKTABLE, key].set_to(self.tree.utf8, text)
            for key, text in texts.items()
            if (DARKTABLE, key) in known and not same_text(key, known[DARKTABLE, key].text, text)
        ]
        missing = {(DARKTABLE, key): text for key, text in texts.items() if (DARKTABLE, key) not in known and text}
        edits.append(added_properties(self.tree.utf8, place, missing))
        shifted = [Splice(edit.start - place.start, edit.end - place.start, edit.data) for edit in edits]
        return place, spliced(self.tree.utf8[place.start : place.end], shifted)


def _ours(key: str) -> bool:
    return key in {"blendop_version", "blendop_params"}


def _descriptions(tree: Tree) -> tuple[Element, ...]:
    root = tree.root
    packet = root if root.name == (RDF, "RDF") else root.child((RDF, "RDF"))
    found = tuple(child for child in packet.children if child.name == _DESCRIPTION) if packet else ()
    if not found:
        raise SidecarUnreadable("it is no XMP: it has no rdf:RDF with an rdf:Description")
    return found


def _best(descriptions: Sequence[Element]) -> Element:
    """Return the description that darktable's properties belong to: the one that has some, else the first."""
    for description in descriptions:
        if any(name[0] == DARKTABLE for name in properties(description)):
            return description
    return descriptions[0]


def _refuse_strange_schema(found: Mapping[Name, Property], lists: Mapping[Name, Element]) -> None:
    stated = found.get((DARKTABLE, "xmp_version"))
    schema = whole_number(stated.text, "xmp_version") if stated else None
    if schema is not None and schema > SCHEMA:
        raise SidecarUnreadable(
            f"it is of a later darktable (xmp_version {schema}; {SCHEMA} is the latest that is known); update dayspool"
        )
    holder = lists.get(_HISTORY)
    if holder and listed(holder.child(_HISTORY))[1] and (schema is None or schema < _OLDEST_SCHEMA):
        raise SidecarUnreadable(
            f"its history is in the form of darktable before 3.0 (xmp_version {schema}); "
            "open the picture in darktable's darkroom once, which writes it anew"
        )


def _entries(
    holder: Element | None,
    name: Name,
    number: str,
    made: Callable[[Mapping[str, str], str], Entry],
    size: Callable[[Entry], int],
) -> tuple[tuple[Element, Entry], ...]:
    """Return the entries of a list, by their numbers as darktable sorts them; a missing number is the place.

    `size` says how many bytes an entry unpacks to: small texts may hold much, and together more than there is room for.
    """
    _, items = listed(holder.child(name) if holder else None)
    numbered, unpacked = [], 0
    for place, item in enumerate(items):
        texts = {key: found.text for (space, key), found in properties(*_holders(item)).items() if space == DARKTABLE}
        where = f"entry {place} of {name[1]}"
        num = whole_number(texts[number], f"{number} of {where}") if number in texts else place
        entry = made(texts, where)
        unpacked += size(entry)
        if unpacked > LARGEST_TOGETHER:
            raise SidecarUnreadable(f"{name[1]} unpacks to more than {LARGEST_TOGETHER >> 20} MB")
        numbered.append((num, item, entry))
    return tuple((item, entry) for _, item, entry in sorted(numbered, key=lambda found: found[0]))


def _step_bytes(step: Step) -> int:
    return len(step.params) + len(step.blend or b"")


def _mask_bytes(mask: Mask) -> int:
    return len(mask.points) + len(mask.source)


def _holders(item: Element) -> tuple[Element, ...]:
    """Return what holds the properties of an item: itself, or an `rdf:Description` in it."""
    return (item, *(child for child in item.children if child.name == _DESCRIPTION))


def _places(
    old: Sequence[tuple[Element, Entry]], new: Sequence[Entry], same: Callable[[Entry], object]
) -> list[Element | None]:
    """Return for each new entry the old item that it takes the place of: an equal one first, else one of its kind."""
    free = [*old]
    places: list[Element | None] = [None] * len(new)
    for exactly in (True, False):
        for number, entry in enumerate(new):
            wanted = entry if exactly else same(entry)
            fits = (pair for pair in free if wanted == (pair[1] if exactly else same(pair[1])))
            if places[number] is None and (found := next(fits, None)) is not None:
                free.remove(found)
                places[number] = found[0]
    return places
