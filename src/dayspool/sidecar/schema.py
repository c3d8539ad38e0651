"""How a darktable module lays out its parameters, as the module itself tells it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

__all__ = ["Field", "Kind", "Module", "Modules", "Value"]

Value: TypeAlias = float | int | bytes
"""A field's value: a float for the real kinds, an int for the whole ones and for choices, bytes for text and opaque."""


class Kind(StrEnum):
    """What the bytes of a field are (introspection.h of darktable, DT_INTROSPECTION_VERSION 8); all little-endian."""

    FLOAT = "float"
    DOUBLE = "double"
    INT8 = "int8"
    UINT8 = "uint8"
    SHORT = "short"
    USHORT = "ushort"
    INT = "int"
    UINT = "uint"
    LONG = "long"
    ULONG = "ulong"
    BOOL = "bool"  # 4 bytes
    ENUM = "enum"  # 4 bytes
    TEXT = "text"  # an array of char
    OPAQUE = "opaque"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One leaf of the parameters: arrays and structs are taken apart.

    Attributes:
        name: where it lies, such as `exposure` or `basecurve[0][3].x`.
        kind: what it is.
        offset: from the beginning of the parameters, in bytes.
        size: in bytes.
        minimum: the least legal value, or `None` where the module names none.
        maximum: the greatest, likewise.
        default: what the module's source names; the module may start from another (see `Module.defaults`).
        choices: the names of an enum's values.
    """

    name: str
    kind: Kind
    offset: int
    size: int
    minimum: float | None = None
    maximum: float | None = None
    default: float | None = None
    choices: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """The layout of one version of one module's parameters.

    Attributes:
        operation: what sidecars call it, such as `exposure`.
        version: of the layout (`dt_module_mod_version`).
        size: of the parameters in bytes.
        fields: the leaves, by offset; those of a union overlap.
        defaults: the parameters darktable itself starts from, or `None` where they are not known, or where it takes
            them from the picture (such as `temperature`: as its camera saw white).
        single: whether darktable allows only one instance of it.
    """

    operation: str
    version: int
    size: int
    fields: tuple[Field, ...]
    defaults: bytes | None = None
    single: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Modules:
    """The modules of one darktable build.

    Attributes:
        darktable: its version, such as `4.2.1`.
        source: where the layouts are from: `installed`, or the name of a shipped table.
        modules: in order of their names.
        blending: the version of its parameters of blending, or `None` where it is not known.
        masks: the version of its drawn masks, likewise.
        note: a sentence for a person where the layouts are not those of the installed darktable; else empty.
    """

    darktable: str
    source: str
    modules: tuple[Module, ...]
    blending: int | None = None
    masks: int | None = None
    note: str = ""

    @property
    def installed(self) -> bool:
        """Whether the darktable of this machine said so itself; else it may know other modules."""
        return self.source == "installed"

    def find(self, operation: str, version: int | None = None) -> Module | None:
        """Return the layout of a module, or `None` if this version of it is not known."""
        for module in self.modules:
            if module.operation == operation and version in (None, module.version):
                return module
        return None
