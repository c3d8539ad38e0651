"""The mark in sidecars that this program wrote, and how to tell whether somebody edited one since.

darktable's GUI writes a sidecar anew as soon as it has drawn a thumbnail: it keeps attributes of foreign namespaces on
`rdf:Description` (and drops those on `rdf:li`), adds the modules that it always runs to the history, brings parameters
to their newest version and spells blending out. What it leaves alone unless a person edits is its `change_timestamp`.
All measured with 4.2.1; `tests/sidecar/data` has the files.
"""

from __future__ import annotations

import math
import re
import struct
from typing import TYPE_CHECKING

from dayspool.sidecar.fingerprint import OWN_NAME, step_digest
from dayspool.sidecar.hashes import is_as_darktable_left_it
from dayspool.sidecar.splices import DAYSPOOL

if TYPE_CHECKING:
    from dayspool.sidecar.document import Sidecar
    from dayspool.sidecar.step import Step

__all__ = ["BEFORE", "is_ours", "marked", "meant_then", "own_ev_then", "unchanged", "unmarked"]

BEFORE = "before"
"""Where the mark keeps what the file was before; see `dayspool.sidecar.before`."""

_FINGERPRINT, _STEPS, _CHANGED = "fingerprint", "steps", "change_timestamp"
_EV = "exposure"
_NEVER_CHANGED = "-1"
_EV_OFFSET = 8  # behind the mode and the black level, in every version of exposure's parameters
_RUN_BY_ITSELF = frozenset(
    {
        *("rawprepare", "temperature", "highlights", "demosaic", "rotatepixels", "scalepixels", "flip", "colorin"),
        *("colorout", "finalscale", "overexposed", "rawoverexposed", "gamma", "mask_manager"),
    }
)
"""What darktable puts into the history of any picture that it opens."""


def marked(sidecar: Sidecar) -> Sidecar:
    """Return it with our mark: what it means now, and what the person had last changed before."""
    steps = " ".join(f"{_known_as(step)}:{step.version}:{step_digest(step)}" for step in sidecar.active)
    texts = {_FINGERPRINT: sidecar.fingerprint, _STEPS: steps, _CHANGED: _changed(sidecar)}
    ev = next((_ev(step) for step in sidecar.active if step.name == OWN_NAME and step.operation == "exposure"), None)
    return sidecar.with_texts({**texts, _EV: ev}, DAYSPOOL)


def own_ev_then(sidecar: Sidecar) -> float | None:
    """Return the EV of our own exposure when the sidecar was marked, or `None`."""
    try:
        ev = float(sidecar.text(_EV, DAYSPOOL) or "")
    except ValueError:
        return None
    return ev if math.isfinite(ev) else None


def meant_then(sidecar: Sidecar) -> str | None:
    """Return the fingerprint that it had when it was marked, before darktable tidied it up; `None` without a mark."""
    return sidecar.text(_FINGERPRINT, DAYSPOOL)


def is_ours(sidecar: Sidecar) -> bool:
    """Return whether it carries our mark and nobody has edited it since, darktable's own tidying aside.

    What others than darktable add shows by its hash, which then fits no longer; entries beyond `end` a person undid.
    """
    fingerprint = sidecar.text(_FINGERPRINT, DAYSPOOL)
    if fingerprint is None or sidecar.text(_CHANGED, DAYSPOOL) != _changed(sidecar) or len(sidecar.steps) > sidecar.end:
        return False
    return fingerprint == sidecar.fingerprint or (is_as_darktable_left_it(sidecar) and _only_tidied(sidecar))


def unchanged(sidecar: Sidecar, step: Step) -> bool:
    """Return whether a step of ours is as it was when the sidecar was marked; unmarked ones no person has seen."""
    then = _steps_then(sidecar)
    return not then or then.get(_known_as(step), "").endswith(step_digest(step))


def unmarked(sidecar: Sidecar) -> Sidecar:
    """Return it without our mark."""
    return sidecar.with_texts(dict.fromkeys((_FINGERPRINT, _STEPS, _CHANGED, _EV, BEFORE)), DAYSPOOL)


def _steps_then(sidecar: Sidecar) -> dict[str, str]:
    entries = (sidecar.text(_STEPS, DAYSPOOL) or "").split()
    return {known_as: then for known_as, _, then in (entry.partition(":") for entry in entries)}


def _only_tidied(sidecar: Sidecar) -> bool:
    """Return whether all that was written still holds, and all that came is what darktable adds by itself."""
    now = {_known_as(step): step for step in sidecar.active}
    for known_as, then in _steps_then(sidecar).items():
        step = now.pop(known_as, None)
        if step is None or not _same(step, then):
            return False
    return all(step.operation in _RUN_BY_ITSELF for step in now.values())


def _same(step: Step, then: str) -> bool:
    """Return whether a step does what it did: its hash is the same, or a later darktable has rewritten a person's."""
    version, _, digest = then.partition(":")
    known = re.fullmatch("[0-9]{1,9}", version)
    rewritten = step.name != OWN_NAME and known is not None and step.version > int(version)
    return rewritten or step_digest(step) == digest


def _ev(step: Step) -> str | None:
    held = step.params[_EV_OFFSET : _EV_OFFSET + 4]
    return repr(struct.unpack("<f", held)[0]) if len(held) == 4 else None


def _known_as(step: Step) -> str:
    return f"{step.operation},{step.priority}"


def _changed(sidecar: Sidecar) -> str:
    return sidecar.text("change_timestamp") or _NEVER_CHANGED
