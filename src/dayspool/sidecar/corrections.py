"""What the program adds to a person's edit: module instances of our own, named so that a person sees whose they are."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from dayspool.errors import PlanError
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.fingerprint import OWN_NAME
from dayspool.sidecar.marks import own_ev_then, unchanged, unmarked
from dayspool.sidecar.order import JPEG_ORDER, RAW_ORDER, built_in, order_of, order_text, placed
from dayspool.sidecar.step import Step

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["OWN_NAME", "corrected", "without_ours"]

Gains: TypeAlias = tuple[float, float, float]
_Matrix: TypeAlias = "tuple[tuple[float, float, float], ...]"

_NO_GAINS = (1.0, 1.0, 1.0)
_LARGEST_EV = 18.0  # what darktable's exposure module takes, from -18 to 18
_LARGEST_GAIN = 16.0

# Linear Rec. 709 to linear Rec. 2020 (Rec. ITU-R BT.2087, section 2), and its inverse.
_TO_2020: _Matrix = (
    (0.6274039, 0.3292830, 0.0433131),
    (0.0690973, 0.9195404, 0.0113623),
    (0.0163914, 0.0880133, 0.8955953),
)
_FROM_2020: _Matrix = (
    (1.6604910, -0.5876411, -0.0728499),
    (-0.1245505, 1.1328999, -0.0083494),
    (-0.0181508, -0.1005789, 1.1187297),
)
_EXPOSURE = struct.Struct("<iffff")
_UNITY: _Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
_REC709, _REC2020 = 3, 4  # DT_COLORSPACE_LIN_REC709 and DT_COLORSPACE_LIN_REC2020 of darktable
_COLORIN_VERSION, _WORK_OFFSET = 7, 528


def corrected(sidecar: Sidecar | None, *, ev: float, gains: Gains = _NO_GAINS, raw: bool) -> Sidecar:
    """Return a sidecar with our corrections on top of an edit, in place of those of an earlier call.

    The exposure is an instance of `exposure` behind the last of the person's, where light is still linear, so that the
    two add up; it is there even at 0 EV, because darktable takes an empty history for none at all. The gains are an
    instance of `channelmixerrgb` that does nothing else. Both are named `OWN_NAME` and put into the order of modules;
    nothing of the person's is changed, but what he had undone (entries beyond `history_end`) goes, as it would when
    he himself goes on editing.

    Measured with darktable 4.2.1 on RAW and JPEG in patches of strong colours: exposure from -3 to +3 EV within
    0.0006 EV, gains from 0.4 to 3 within 0.0004 of what was asked.

    Args:
        sidecar: a person's edit; `None` for a picture without one.
        ev: exposure, in EV.
        gains: factors for linear red, green and blue with the primaries of sRGB.
        raw: whether the picture is a RAW. JPEGs are only linear behind `colorin`, wherever a person's order has it.

    Raises:
        PlanError: a number is out of range, or the edit works in a colour space or an order that is not known.
    """
    _refuse_out_of_range(ev, gains)
    base = Sidecar.blank(raw=raw) if sidecar is None else sidecar
    if not base.active:  # darktable's import leaves sidecars without history that name the wrong order for JPEGs
        base = base.with_order(RAW_ORDER if raw else JPEG_ORDER)
    steps, theirs = base.steps[: base.end], _theirs(base)
    taken = {step.instance for step in theirs}
    stale = {step.instance for step in steps if step.name == OWN_NAME} - taken
    order = order_of(base.order_list) if base.order_list else built_in(base.order_version)
    order = tuple(entry for entry in order if entry not in stale)
    exposure = _exposure(ev, _priority(stale, taken, "exposure"))
    order = placed(order, exposure.instance, like="exposure", after=() if raw else ("colorin",))
    own = [exposure]
    if gains != _NO_GAINS:
        mixer = _mixer(gains, _working_space(base), _priority(stale, taken, "channelmixerrgb"))
        order = placed(order, mixer.instance, like="channelmixerrgb", after=("colorin",))
        own.append(mixer)
    return unmarked(base.with_steps((*theirs, *own)).with_order(base.order_version, order_text(order)))


def _refuse_out_of_range(ev: float, gains: Gains) -> None:
    if not abs(ev) <= _LARGEST_EV:
        raise PlanError(
            f"a correction of {ev:+.2f} EV is beyond the {_LARGEST_EV:.0f} EV that darktable's exposure takes"
        )
    if not all(1 / _LARGEST_GAIN <= gain <= _LARGEST_GAIN for gain in gains):
        raise PlanError(f"gains {gains} are not all between 1/{_LARGEST_GAIN:.0f} and {_LARGEST_GAIN:.0f}")


def without_ours(sidecar: Sidecar) -> Sidecar:
    """Return a sidecar as the person would have edited it had nothing of ours been there, nor our mark.

    darktable's GUI lets a person turn our exposure up and down as if it were his. What he turned it by, since the
    sidecar was marked, is his edit and stays, as an instance without our name.

    Raises:
        PlanError: he changed our gains, which cannot be told apart from his.
    """
    theirs = _theirs(sidecar)
    if theirs == sidecar.steps[: sidecar.end]:
        return sidecar
    gone = {step.instance for step in sidecar.steps if step.name == OWN_NAME} - {step.instance for step in theirs}
    kept = unmarked(sidecar.with_steps(theirs))
    if not sidecar.order_list:
        return kept
    order = (entry for entry in order_of(sidecar.order_list) if entry not in gone)
    return kept.with_order(sidecar.order_version, order_text(order))


def _theirs(sidecar: Sidecar) -> tuple[Step, ...]:
    """Return the person's steps, of those that count, and what he changed of ours."""
    theirs = [step for step in sidecar.steps[: sidecar.end] if step.name != OWN_NAME]
    for step in sidecar.active:
        if step.name == OWN_NAME and not unchanged(sidecar, step):
            theirs.append(_turned(sidecar, step))
    return tuple(theirs)


def _turned(sidecar: Sidecar, step: Step) -> Step:
    """Return what a person turned our exposure by, as an instance of his."""
    then = own_ev_then(sidecar)
    if step.operation != "exposure" or then is None or len(step.params) < _EXPOSURE.size:
        raise PlanError(
            f"{sidecar.where}: the {step.operation} instance named {OWN_NAME} is dayspool's own and was changed; "
            "put the change into an instance of your own, and delete that one"
        )
    mode, black, ev, *rest = _EXPOSURE.unpack_from(step.params)
    turned = (ev if step.enabled else 0.0) - then
    params = _EXPOSURE.pack(mode, black, turned, *rest) + step.params[_EXPOSURE.size :]
    return replace(step, name="", enabled=True, params=params)


def _priority(stale: Collection[tuple[str, int]], taken: Collection[tuple[str, int]], operation: str) -> int:
    """Return the priority of our instance: the one it has already, else the next that is free, never the first."""
    for name, priority in stale:
        if name == operation:
            return priority
    return 1 + max((priority for name, priority in taken if name == operation), default=0)


def _exposure(ev: float, priority: int) -> Step:
    """Return an exposure in version 5 of its parameters, which every darktable since 2.0 reads and brings up to date.

    Its fields: manual mode, black level, EV, and two of the automatic mode, at their defaults.
    """
    params = _EXPOSURE.pack(0, 0.0, ev, 50.0, -4.0)
    return Step(operation="exposure", version=5, params=params, name=OWN_NAME, priority=priority)


def _mixer(gains: Gains, space: int, priority: int) -> Step:
    """Return a channel mixer (version 3 of its parameters, 160 bytes) that multiplies and does nothing else.

    Its fields: what goes into red, green and blue, four floats each; the same for saturation, lightness and grey;
    six switches; illuminant "same as pipeline" and two more; adaptation "none (bypass)"; x, y and temperature, which
    count for nothing then; gamut compression off, clipping of negatives off, algorithm 3.
    """
    there, back = (_UNITY, _UNITY) if space == _REC709 else (_TO_2020, _FROM_2020)
    rows = [
        [sum(there[row][k] * gains[k] * back[k][column] for k in range(3)) for column in range(3)] for row in range(3)
    ]
    mixed = struct.pack("<12f", *(number for row in rows for number in (*row, 0.0)))
    choices = struct.pack("<6i4i", *(0,) * 6, 0, 2, 4, 4)
    params = mixed + bytes(48) + choices + struct.pack("<4f2i", 0.333, 0.333, 5003.0, 0.0, 0, 2)
    return Step(operation="channelmixerrgb", version=3, params=params, name=OWN_NAME, priority=priority)


def _working_space(sidecar: Sidecar) -> int:
    """Return the colour space that the modules behind `colorin` work in: linear Rec. 2020 unless the edit says other.

    Raises:
        PlanError: it is one that gains cannot be worked out for.
    """
    colorin = next((step for step in sidecar.active if step.operation == "colorin"), None)
    if colorin is None:
        return _REC2020
    space = -1
    if colorin.version == _COLORIN_VERSION and len(colorin.params) >= _WORK_OFFSET + 4:
        space = struct.unpack_from("<i", colorin.params, _WORK_OFFSET)[0]
    if space not in (_REC709, _REC2020):
        raise PlanError(
            "gains can only be added to an edit that works in linear Rec. 2020 or linear Rec. 709; "
            "choose one as working profile in the input colour profile module"
        )
    return space
