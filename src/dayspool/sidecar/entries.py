"""Entries of a sidecar's lists, from the texts of their properties to steps and masks, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayspool.errors import SidecarUnreadable
from dayspool.sidecar.blob import decode, encode
from dayspool.sidecar.masks import Mask
from dayspool.sidecar.step import Step

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["mask_of", "same_text", "step_of", "texts_of_mask", "texts_of_step", "whole_number"]

_ON = frozenset({"1", "true", "True"})  # as darktable 4.2.1 takes them; of an entry that says nothing it is off
_BLOBS = frozenset({"params", "blendop_params", "mask_points", "mask_src"})


def step_of(texts: Mapping[str, str], where: str) -> Step:
    """Return the step that an entry of `darktable:history` spells.

    Raises:
        SidecarUnreadable: what darktable itself insists on is missing, or a value is none.
    """
    for needed in ("operation", "modversion", "params"):
        if needed not in texts:
            raise SidecarUnreadable(f"{where} has no {needed}, so darktable would drop the whole history")
    blend = texts.get("blendop_params")
    return Step(
        operation=texts["operation"],
        version=whole_number(texts["modversion"], f"modversion of {where}"),
        params=_bytes(texts["params"], where),
        enabled=texts.get("enabled", "").strip() in _ON,
        name=texts.get("multi_name", ""),
        priority=_number(texts, "multi_priority", where),
        blend_version=_number(texts, "blendop_version", where) if "blendop_version" in texts else None,
        blend=None if blend is None else _bytes(blend, where),
    )


def texts_of_step(step: Step, num: int) -> dict[str, str]:
    """Return the properties of a step as an entry of `darktable:history` spells them."""
    texts = {
        "num": str(num),
        "operation": step.operation,
        "enabled": str(int(step.enabled)),
        "modversion": str(step.version),
        "params": encode(step.params),
        "multi_name": step.name,
        "multi_priority": str(step.priority),
    }
    if step.blend_version is not None:
        texts["blendop_version"] = str(step.blend_version)
    if step.blend is not None:
        texts["blendop_params"] = encode(step.blend)
    return texts


def mask_of(texts: Mapping[str, str], where: str) -> Mask:
    """Return the form that an entry of `darktable:masks_history` spells.

    Raises:
        SidecarUnreadable: a value is none.
    """
    return Mask(
        num=_number(texts, "mask_num", where),
        id=_number(texts, "mask_id", where),
        type=_number(texts, "mask_type", where),
        name=texts.get("mask_name", ""),
        version=_number(texts, "mask_version", where),
        points=_bytes(texts.get("mask_points", ""), where),
        count=_number(texts, "mask_nb", where),
        source=_bytes(texts.get("mask_src", ""), where),
    )


def texts_of_mask(mask: Mask) -> dict[str, str]:
    """Return the properties of a form as an entry of `darktable:masks_history` spells them."""
    return {
        "mask_num": str(mask.num),
        "mask_id": str(mask.id),
        "mask_type": str(mask.type),
        "mask_name": mask.name,
        "mask_version": str(mask.version),
        "mask_points": encode(mask.points),
        "mask_nb": str(mask.count),
        "mask_src": encode(mask.source),
    }


def same_text(key: str, old: str, new: str) -> bool:
    """Return whether two texts of a property mean the same: blobs may be spelt as hex or as gz."""
    return old == new or (key in _BLOBS and decode(old) == decode(new))


def whole_number(text: str, what: str) -> int:
    """Return the number that a text spells.

    Raises:
        SidecarUnreadable: it spells none of 32 bits.
    """
    try:
        number = int(text)
    except ValueError:
        number = 1 << 32
    if abs(number) >= 1 << 32:
        raise SidecarUnreadable(f"{what} is {text[:24]!r}, which is no number that darktable writes")
    return number


def _number(texts: Mapping[str, str], key: str, where: str) -> int:
    return whole_number(texts.get(key, "0"), f"{key} of {where}")


def _bytes(text: str, where: str) -> bytes:
    try:
        return decode(text)
    except SidecarUnreadable as fault:
        raise SidecarUnreadable(f"{where}: {fault}") from fault
