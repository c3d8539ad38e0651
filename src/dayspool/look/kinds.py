"""Looks that were made on a RAW file and put on JPEGs, or the other way round: told apart, warned of, set in order.

What differs is where darktable turns the picture's own colours into linear light (`colorin`): late for RAW files, whose
values are linear from the start; first of all for JPEGs. In the order for RAW files exposure and the like multiply a
JPEG's encoded values (4.2.1: +0.5 EV came out as +1.07). And the multipliers of `temperature` even out a sensor, which
the camera has done to a JPEG already.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dayspool.errors import PlanError
from dayspool.picture.raw import is_raw
from dayspool.sidecar.order import JPEG_ORDER, RAW_ORDER, order_of, order_text, placed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dayspool.look.keyframes import Keyframe
    from dayspool.look.wish import Picture
    from dayspool.sidecar.document import Sidecar
    from dayspool.sidecar.style import Style

__all__ = ["fitted", "misfit_of_style"]

_MEDIA = "http://ns.adobe.com/xap/1.0/mm/"  # DerivedFrom: the name of the picture that darktable wrote a sidecar for
_DEVELOPED = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff"})
_SENSOR = frozenset({"rawprepare", "demosaic"})  # darktable switches them on for RAW files alone
_FOR_JPEG = {RAW_ORDER: JPEG_ORDER, 4: 5}  # the latter two are those of darktable 5
_FOR_RAW = {theirs: ours for ours, theirs in _FOR_JPEG.items()}
_BALANCE = "its white balance (temperature) evens out a sensor and tints them"


def fitted(
    keyframes: Sequence[Keyframe], pictures: Sequence[Picture], given: Path | None
) -> tuple[tuple[Keyframe, ...], tuple[str, ...]]:
    """Return the keyframes in the order of modules that their pictures need, and sentences where they do not fit.

    An edit that lies beside a picture stays as darktable shows it there. One that is given for all pictures gets the
    order for them if it was made on the other kind.

    Args:
        keyframes: the edits.
        pictures: those of the film.
        given: the one sidecar that is given as the look of all, if one is.
    """
    raw_by_slot = {picture.slot: picture.raw for picture in pictures}
    made, strange = [], []
    for key in keyframes:
        raw = raw_by_slot[key.slot]
        theirs = _made_on_raw(key.sidecar, key.path if key.path == given else None)
        fits = theirs is None or theirs is raw
        strange += [] if fits else [key]
        made.append(key if fits or key.path != given else replace(key, sidecar=_reordered(key.sidecar, raw=raw)))
    if not strange:
        return tuple(made), ()
    raw = raw_by_slot[strange[0].slot]
    return tuple(made), (_sentence(strange, raw=raw, given=given),)


def misfit_of_style(style: Style, pictures: Sequence[Picture]) -> tuple[str, ...]:
    """Return a sentence if a style brings a RAW file's white balance to pictures that are developed already."""
    brings = any(step.operation == "temperature" and step.enabled for step in style.steps)
    names = (style.order or "").split(",")[::2]
    if not brings or all(picture.raw for picture in pictures) or _late(names) is not True:
        return ()
    return (f"the style {style.name} was made on a RAW file, and these are JPEGs: {_BALANCE}",)


def _made_on_raw(sidecar: Sidecar, path: Path | None) -> bool | None:
    """Say whether an edit was made on a RAW file, `None` if it does not tell; of one given, by its file's name too."""
    names = [Path(sidecar.text("DerivedFrom", _MEDIA) or ""), *([] if path is None else [path.with_suffix("")])]
    for name in names:
        if is_raw(name) or name.suffix.lower() in _DEVELOPED:
            return is_raw(name)
    on = {step.operation for step in sidecar.active if step.enabled}
    if on & _SENSOR:
        return True
    if path is None:  # darktable 4.2.1 gives either order to JPEGs
        return None
    if sidecar.order_version in _FOR_RAW:
        return False
    late = _late((sidecar.order_list or "").split(",")[::2])
    if late is not None:
        return late
    return True if sidecar.order_version in _FOR_JPEG and "temperature" in on else None


def _late(names: Sequence[str]) -> bool | None:
    """Say whether a list of modules has `colorin` where RAW files need it, `None` if it does not tell."""
    if not {"colorin", "exposure"}.issubset(names):
        return None
    return names.index("colorin") > names.index("exposure")


def _reordered(sidecar: Sidecar, *, raw: bool) -> Sidecar:
    """Return it with `colorin` where pictures of this kind need it; everything else stays where it is."""
    version, text = sidecar.order_version, sidecar.order_list
    version = (_FOR_RAW if raw else _FOR_JPEG).get(version or 0, version)
    if text:
        try:
            order = order_of(text)
        except PlanError:  # darktable reads it no better
            return sidecar
        text = order_text(placed(order, ("colorin", 0), like="colorin", after=("equalizer" if raw else "demosaic",)))
    return sidecar.with_order(version, text)


def _sentence(strange: Sequence[Keyframe], *, raw: bool, given: Path | None) -> str:
    first, more = strange[0], len(strange) - 1
    who = (
        f"{first.path.name} and {more} more sidecar{'s' if more > 1 else ''} were" if more else f"{first.path.name} was"
    )
    made_on, these = ("a JPEG or the like", "RAW files") if raw else ("a RAW file", "JPEGs")
    order = f"run in the order for {these} here" if first.path == given else "stay in their order"
    balanced = any(step.operation == "temperature" and step.enabled for key in strange for step in key.sidecar.active)
    tints = f", but {_BALANCE}" if balanced and not raw else ""
    return (
        f"{who} made on {made_on}, and these are {these}: its modules {order}{tints}. Better edit one of these pictures"
    )
