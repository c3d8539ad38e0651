"""What the program adds to a person's edit: module instances of our own, named so that a person sees whose they are."""

from __future__ import annotations

import struct

from dayspool.errors import PlanError
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.fingerprint import OWN_NAME
from dayspool.sidecar.step import Step

__all__ = ["OWN_NAME", "corrected"]


def corrected(
    sidecar: Sidecar | None, *, ev: float, gains: tuple[float, float, float] = (1.0, 1.0, 1.0), raw: bool
) -> Sidecar:
    """Return a sidecar with our corrections on top of an edit, in place of those of an earlier call."""
    if gains != (1.0, 1.0, 1.0):
        raise PlanError("gains of red, green and blue cannot be given to darktable yet; use --developer builtin")
    base = Sidecar.blank(raw=raw) if sidecar is None else sidecar
    steps = base.steps[: base.end]
    theirs = [step for step in steps if step.name != OWN_NAME]
    priority = next((step.priority for step in steps if step.name == OWN_NAME and step.operation == "exposure"), None)
    if priority is None:
        priority = 1 + max((step.priority for step in steps if step.operation == "exposure"), default=0)
    params = struct.pack("<iffff", 0, 0.0, ev, 50.0, -4.0)
    own = Step(operation="exposure", version=5, params=params, name=OWN_NAME, priority=priority)
    return base.with_steps([*theirs, own])
