"""A hash of what a sidecar means to the picture, blind to how it is spelt and to what changes no pixel."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dayspool.sidecar.masks import Mask
    from dayspool.sidecar.step import Step

__all__ = ["OWN_NAME", "digest", "step_digest"]

OWN_NAME = "dayspool"
"""What our own instances of modules are called, so that a person sees whose they are."""

_KEPT_BY_UPGRADES = {"exposure": 20}
"""The beginning of a module's parameters that its later versions only add to, in bytes."""


def step_digest(step: Step) -> str:
    """Return 16 hexadecimal digits for what a step does.

    darktable's GUI writes steps back in the newest version of their parameters and with blending spelt out. Our own
    exposure is written in an old version on purpose, so of our own only what upgrades keep counts; blending that is
    off is the same as blending that is not mentioned.
    """
    kept = _KEPT_BY_UPGRADES.get(step.operation) if step.name == OWN_NAME else None
    version, params = (step.version, step.params) if kept is None else (0, step.params[:kept])
    blend = step.blend if step.blend and step.blends else b""
    head = f"{step.operation} {version} {step.priority} {int(step.enabled)} {len(params)} {step.name}"
    return hashlib.sha256(head.encode() + b"\0" + params + b"\0" + blend).hexdigest()[:16]


def digest(steps: Iterable[Step], masks: Iterable[Mask], order: tuple[int | None, str | None]) -> str:
    """Return 32 hexadecimal digits for steps that count, masks as they stand and the order of the modules."""
    whole = hashlib.sha256(repr(order).encode())
    for step in steps:
        whole.update(step_digest(step).encode())
    for mask in masks:
        form = (mask.id, mask.type, mask.name, mask.version, mask.points, mask.count, mask.source)
        whole.update(repr(form).encode())
    return whole.hexdigest()[:32]
