"""Darktable sidecars as data: read and changed without losing a byte that is not understood."""

from __future__ import annotations

from dayspool.sidecar.corrections import OWN_NAME, corrected, without_ours
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.masks import Mask
from dayspool.sidecar.order import ordered
from dayspool.sidecar.schema import Field, Kind, Module, Modules, Value
from dayspool.sidecar.step import Step
from dayspool.sidecar.style import Style, merged
from dayspool.sidecar.values import packed, unpack

__all__ = [
    "OWN_NAME",
    "Field",
    "Kind",
    "Mask",
    "Module",
    "Modules",
    "Sidecar",
    "Step",
    "Style",
    "Value",
    "corrected",
    "merged",
    "ordered",
    "packed",
    "unpack",
    "without_ours",
]
