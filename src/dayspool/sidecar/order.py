"""Orders of darktable's modules: those it has built in, and a place in one for an instance of our own.

An instance beyond a module's first that no list mentions is run by darktable 4.2.1 at the very end, on encoded values:
+1.3 EV of exposure came out as 2.9 (measured). So whoever adds an instance has to say where, which takes a whole list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dayspool.sidecar.document import Sidecar

__all__ = [
    "EVERYWHERE",
    "JPEG_ORDER",
    "LEGACY_ORDER",
    "RAW_ORDER",
    "Order",
    "built_in",
    "order_of",
    "order_text",
    "ordered",
    "placed",
]

LEGACY_ORDER, RAW_ORDER, JPEG_ORDER = 1, 2, 3
"""`iop_order_version`: before darktable 3.0; "v3.0" for RAW; and the same for pictures that are developed already."""
_RAW_ORDER_5, _JPEG_ORDER_5 = 4, 5
EVERYWHERE = frozenset({None, LEGACY_ORDER, RAW_ORDER, JPEG_ORDER})
"""Those that 4.2.1 and later have. It runs a JPEG of a later order in that of RAWs: +0.5 EV came out as +1.0."""

Order: TypeAlias = "tuple[tuple[str, int], ...]"
"""Instances, an operation and a priority each, as the pipe runs them."""

# As libdarktable 4.2.1 itself lists them (dt_ioppr_serialize_text_iop_order_list of each version).
_LEGACY = """
rawprepare invert temperature highlights cacorrect hotpixels rawdenoise demosaic mask_manager denoiseprofile tonemap
exposure spots retouch lens cacorrectrgb ashift liquify rotatepixels scalepixels flip clipping toneequal crop
graduatednd basecurve bilateral profile_gamma hazeremoval colorin channelmixerrgb diffuse censorize negadoctor blurs
basicadj colorreconstruct colorchecker defringe equalizer vibrance colorbalance colorbalancergb colorize colortransfer
colormapping bloom nlmeans globaltonemap shadhi atrous bilat colorzones lowlight monochrome sigmoid filmic filmicrgb
colisa zonesystem tonecurve levels rgblevels rgbcurve relight colorcorrection sharpen lowpass highpass grain lut3d
colorcontrast colorout channelmixer soften vignette splittoning velvia clahe finalscale overexposed rawoverexposed
dither borders watermark gamma
"""
_RAW = """
rawprepare invert temperature highlights cacorrect hotpixels rawdenoise demosaic denoiseprofile bilateral rotatepixels
scalepixels lens cacorrectrgb hazeremoval ashift flip clipping liquify spots retouch exposure mask_manager tonemap
toneequal crop graduatednd profile_gamma equalizer colorin channelmixerrgb diffuse censorize negadoctor blurs nlmeans
colorchecker defringe atrous lowpass highpass sharpen colortransfer colormapping channelmixer basicadj colorbalance
colorbalancergb rgbcurve rgblevels basecurve filmic sigmoid filmicrgb lut3d colisa tonecurve levels shadhi zonesystem
globaltonemap relight bilat colorcorrection colorcontrast velvia vibrance colorzones bloom colorize lowlight monochrome
grain soften splittoning vignette colorreconstruct colorout clahe finalscale overexposed rawoverexposed dither borders
watermark gamma
"""
_SINCE_5 = (  # each behind the other, as a port of darktable 5's orders to another language has them; never tried
    ("rasterfile", "temperature"),
    ("enlargecanvas", "flip"),
    ("overlay", "enlargecanvas"),
    ("primaries", "blurs"),
    ("colorequal", "colorbalance"),
    ("agx", "sigmoid"),
)
_DISPLAY_BOUND = frozenset({"basecurve", "filmic", "sigmoid", "agx", "filmicrgb", "lut3d", "tonecurve", "colorout"})
"""From the first of these on values are no longer in proportion to light."""


def built_in(version: int | None) -> Order:
    """Return the order that `iop_order_version` stands for; none is said by sidecars from before darktable 3.0.

    Raises:
        PlanError: there is no such order up to darktable 5.
    """
    names = (_LEGACY if version in (None, LEGACY_ORDER) else _RAW).split()
    if version in (_RAW_ORDER_5, _JPEG_ORDER_5):
        for name, kin in _SINCE_5:
            names.insert(names.index(kin) + 1, name)
        names.remove("finalscale")
        names.insert(names.index("colorout"), "finalscale")
    elif version not in (None, LEGACY_ORDER, RAW_ORDER, JPEG_ORDER):
        raise PlanError(
            f"the sidecar has an order of modules (iop_order_version {version}) that is not known; "
            "in darktable's module order panel choose v3.0"
        )
    if version in (JPEG_ORDER, _JPEG_ORDER_5):  # light is linear as soon as colorin has run, which here is early
        names.remove("colorin")
        names.insert(names.index("demosaic") + 1, "colorin")
    return tuple((name, 0) for name in names)


def order_of(text: str) -> Order:
    """Return the order in `iop_order_list`.

    Raises:
        PlanError: it is not pairs of an operation and a number.
    """
    parts = text.split(",")
    try:
        return tuple((name, int(number)) for name, number in zip(parts[::2], parts[1::2], strict=True))
    except ValueError:
        raise PlanError(f"the sidecar's order of modules is broken: {text[:40]!r}; reset it in darktable") from None


def order_text(order: Iterable[tuple[str, int]]) -> str:
    """Return `iop_order_list` for an order."""
    return ",".join(f"{name},{number}" for name, number in order)


def ordered(sidecar: Sidecar) -> Sidecar:
    """Return it with a place in its order for each instance that has none, before those of the same module.

    That is where darktable 4.2.1 puts the instances that a style adds (measured).

    Raises:
        PlanError: an instance has no place, and the order that it should get one in is not known.
    """
    if all(step.priority == 0 for step in sidecar.active):
        return sidecar
    before = order = order_of(sidecar.order_list) if sidecar.order_list else built_in(sidecar.order_version)
    for step in sidecar.active:
        if step.instance not in order:
            kin = (place for place, (name, _) in enumerate(order) if name == step.operation)
            place = next(kin, len(order))
            order = (*order[:place], step.instance, *order[place:])
    if order == before:
        return sidecar
    return sidecar.with_order(sidecar.order_version, order_text(order))


def placed(order: Order, instance: tuple[str, int], *, like: str, after: Iterable[str] = ()) -> Order:
    """Return the order with an instance put, or moved, behind others.

    Args:
        order: where to put it.
        instance: what to put.
        like: it goes behind the last instance of this module that still works on linear light.
        after: and behind the first instance of each of these modules.
    """
    rest = tuple(entry for entry in order if entry != instance)
    bounds = [place for place, (name, _) in enumerate(rest) if name in _DISPLAY_BOUND]
    # The legacy order has a display-bound module before colorin: what must follow colorin follows it there too.
    kin = [place for place, (name, _) in enumerate(rest[: bounds[0] if bounds else None]) if name == like]
    behind = [*kin[-1:], *(_first(rest, name) for name in after)]
    place = 1 + max(behind, default=-1)
    return (*rest[:place], instance, *rest[place:])


def _first(order: Sequence[tuple[str, int]], name: str) -> int:
    return next((place for place, (other, _) in enumerate(order) if other == name), -1)
