"""Layouts of darktable's modules as JSON, the way the probe prints, the cache keeps and the package ships them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dayspool.sidecar.schema import Field, Kind, Module, Modules

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_table", "with_defaults"]

_LARGEST_BYTES = 1 << 20  # of a module's parameters; the largest of 4.2.1 takes 13 kB
_MOST_FIELDS = 100_000  # of a module; retouch of 4.2.1 has 3914
_WHOLE = {"char": Kind.INT8}  # a char alone is a small number; many in a row are text


def read_table(data: bytes, *, source: str) -> Modules:
    """Return what a table says; `source` is where it is from.

    Raises:
        ValueError: it is no such table.
    """
    try:
        told = json.loads(data)
        modules = tuple(_module(module) for module in told["modules"])
        blending, masks = (int(told[name]) for name in ("blending", "masks"))
        return Modules(darktable=str(told["darktable"]), source=source, modules=modules, blending=blending, masks=masks)
    except (LookupError, TypeError, AttributeError, RecursionError) as fault:
        raise ValueError(f"no table of darktable modules: {fault!r}") from fault


def with_defaults(layouts: bytes, defaults: bytes) -> bytes:
    """Return the table `layouts` with the parameters that darktable starts from, as hex by operation, put in.

    What makes no sense is left out, so that the layouts are not lost for it.
    """
    try:
        table, known = json.loads(layouts), json.loads(defaults)
        for module in table["modules"]:
            told = known.get(module["operation"])
            if isinstance(told, str) and len(bytes.fromhex(told)) == module["size"]:
                module["defaults"] = told
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return layouts
    return json.dumps(table, separators=(",", ":")).encode()


def _module(told: dict[str, Any]) -> Module:
    operation, size, defaults = str(told["operation"]), int(told["size"]), told.get("defaults")
    if not 0 <= size <= _LARGEST_BYTES:
        raise ValueError(f"the parameters of {operation} are said to take {size} bytes")
    fields: list[Field] = []
    for node in told["layout"]:
        for field in _leaves(node, "", 0):
            if field.offset < 0 or field.offset + field.size > size or len(fields) >= _MOST_FIELDS:
                raise ValueError(f"{field.name} of {operation} lies outside of its {size} bytes")
            fields.append(field)
    known = None if defaults is None else bytes.fromhex(defaults)
    if known is not None and len(known) != size:
        raise ValueError(f"the defaults of {operation} have {len(known)} bytes instead of {size}")
    return Module(
        operation=operation,
        version=int(told["version"]),
        size=size,
        fields=tuple(sorted(fields, key=lambda field: field.offset)),
        defaults=known,
        single=bool(told["single"]),
    )


def _leaves(node: dict[str, Any], parent: str, start: int, name: str | None = None) -> Iterator[Field]:
    """Yield the leaves at and below a node; `start` is the offset of what it lies in, `name` its name in full."""
    full = name or (f"{parent}.{node['name']}" if parent else node["name"])
    kind, offset, size = node["kind"], start + node["offset"], node["size"]
    if kind in {"struct", "union"}:
        for child in node["fields"]:
            yield from _leaves(child, full, offset)
    elif kind == "array" and node["element"]["kind"] != "char":
        element = node["element"]
        if not 0 <= node["count"] <= _MOST_FIELDS:
            raise ValueError(f"{full} is said to have {node['count']} elements")
        for index in range(node["count"]):
            yield from _leaves(element, full, offset + index * element["size"], f"{full}[{index}]")
    elif kind == "array":
        yield Field(name=full, kind=Kind.TEXT, offset=offset, size=size)
    elif kind == "complex":
        for place, part in enumerate(("real", "imag")):
            yield _leaf({"kind": "float"}, f"{full}.{part}", offset + place * size // 2, size // 2)
    else:
        yield _leaf(node, full, offset, size)


def _leaf(node: dict[str, Any], name: str, offset: int, size: int) -> Field:
    kind = node["kind"]
    return Field(
        name=name,
        kind=_WHOLE.get(kind) or Kind(kind),
        offset=offset,
        size=size,
        minimum=node.get("minimum"),
        maximum=node.get("maximum"),
        default=node.get("default"),
        choices=tuple((text, value) for text, value in node.get("choices", ())),
    )
