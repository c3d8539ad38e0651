"""What the numbers of darktable's modules mean: on which scale they move, and which of them rather stay put."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from dayspool.look.interpolate import PLAIN, Measure, Scale
from dayspool.sidecar.schema import Field, Kind, Module

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BLEND",
    "BLEND_CHOICES",
    "GEOMETRY",
    "NEUTRAL",
    "REAL",
    "counted_by",
    "kept_in_order",
    "measure_of",
    "none_at",
]

REAL = frozenset({Kind.FLOAT, Kind.DOUBLE})
_WHOLE = frozenset(
    {Kind.INT8, Kind.UINT8, Kind.SHORT, Kind.USHORT, Kind.INT, Kind.UINT, Kind.LONG, Kind.ULONG},
)

# Factors, which are even in their logarithm. temperature: multipliers of the channels; negadoctor: gains of the film's
# white balance; channelmixerrgb.temperature: kelvin, of which equal ratios look alike (iop/*.c of darktable 4.2).
_FACTORS = frozenset(
    {
        ("temperature", "red"),
        ("temperature", "green"),
        ("temperature", "blue"),
        ("temperature", "g2"),
        ("temperature", "various"),  # the second green from layout 4 on
        ("negadoctor", "wb_high[0]"),
        ("negadoctor", "wb_high[1]"),
        ("negadoctor", "wb_high[2]"),
        ("negadoctor", "wb_high[3]"),
        ("negadoctor", "wb_low[0]"),
        ("negadoctor", "wb_low[1]"),
        ("negadoctor", "wb_low[2]"),
        ("negadoctor", "wb_low[3]"),
        ("channelmixerrgb", "temperature"),
    }
)

# An angle is named so and its legal range is a full turn: in degrees, in radians (blurs writes ±3.14), or for hues 1.
_ANGLE = re.compile(r"hue|angle|rotat|_H$")
_TURNS = ((360.0, 0.5), (math.tau, 0.01))
_HUE_TURN = 1.0

# Whole numbers with a range that are choices all the same: how many clusters the tables beside them hold.
_CHOICES = frozenset({("colormapping", "n")})

# How many of a table's rows count (basecurve, tonecurve, rgbcurve, colorzones, colorchecker): where that differs, the
# rows of the one mean nothing to the other.
_NODES = re.compile(r"(?P<curve>\w*?curve)_(?:num_)?nodes(?P<channel>\[\d+\])")
_PATCHES = re.compile(r"num_patches")
# Which form a row of retouch is about.
_FORM = re.compile(r"(?P<row>rt_forms\[\d+\])\.formid")

# Numbers that must keep their order: where a curve's points lie, and black, grey and white of the levels. Straight ways
# between two rising rows never cross; others may.
_ORDERED = re.compile(
    r"(?:\w*curve(?:_nodes)?(?:\[\d+\])+\.x|levels(?:\[\d+\])+|(?:equalizer_|transition_)?x(?:\[\d+\])+)"
)

# Numbers that are none at this value: a noise profile that darktable finds by itself, a zone that is not set.
_NONE_AT = ((re.compile(r"denoiseprofile\.a\[0\]"), -1.0), (re.compile(r"zonesystem\.zone\[\d+\]"), -1.0))

GEOMETRY = frozenset(
    {
        "ashift",
        "borders",
        "clipping",
        "crop",
        "enlargecanvas",
        "finalscale",
        "flip",
        "lens",
        "liquify",
        "rawprepare",
        "rotatepixels",
        "scalepixels",
    }
)
"""Modules that say which part of the picture is where: moving them is the film's business."""

RUN_ANYWAY = frozenset(
    {
        *("colorin", "colorout", "demosaic", "finalscale", "flip", "gamma", "mask_manager", "overexposed"),
        *("rawoverexposed", "rawprepare", "rotatepixels", "scalepixels"),
    }
)
"""Modules that darktable runs on every picture that needs them, and writes into the history of those that it opens."""

_BALANCE = ("shadows", "midtones", "highlights", "global")
_TONES = ("noise", "ultra_deep_blacks", "deep_blacks", "blacks", "shadows")
_BRIGHT_TONES = ("midtones", "highlights", "whites", "speculars")
NEUTRAL: Mapping[str, Mapping[str, float]] = {
    "exposure": {"mode": 0, "black": 0.0, "exposure": 0.0, "compensate_exposure_bias": 0},
    "colorbalancergb": {
        **{f"{zone}_{axis}": 0.0 for zone in _BALANCE for axis in "YC"},
        **{f"{kind}_{zone}": 0.0 for kind in ("chroma", "saturation") for zone in _BALANCE},
        **{f"brilliance_{zone}": 0.0 for zone in _BALANCE},
        "hue_angle": 0.0,
        "vibrance": 0.0,
        "contrast": 0.0,
    },
    "toneequal": dict.fromkeys((*_TONES, *_BRIGHT_TONES), 0.0),
    "atrous": {"mix": 0.0},
    "basicadj": dict.fromkeys(
        ("black_point", "exposure", "hlcompr", "contrast", "brightness", "saturation", "vibrance"), 0.0
    ),
    "colorbalance": {
        **{f"{wheel}[{number}]": 1.0 for wheel in ("lift", "gamma", "gain") for number in range(4)},
        **dict.fromkeys(("saturation", "contrast", "saturation_out"), 1.0),
    },
    "hazeremoval": {"strength": 0.0},
    "shadhi": {"shadows": 0.0, "highlights": 0.0, "whitepoint": 0.0},
    "watermark": {"opacity": 0.0},
    "colisa": {"contrast": 0.0, "brightness": 0.0, "saturation": 0.0},
    "colorcorrection": {"hia": 0.0, "hib": 0.0, "loa": 0.0, "lob": 0.0, "saturation": 1.0},
    "colorcontrast": {"a_steepness": 1.0, "a_offset": 0.0, "b_steepness": 1.0, "b_offset": 0.0},
    "graduatednd": {"density": 0.0},
    "grain": {"strength": 0.0},
    "relight": {"ev": 0.0},
    "sharpen": {"amount": 0.0},
    "soften": {"amount": 0.0},
    "velvia": {"strength": 0.0},
    "vibrance": {"amount": 0.0},
    "vignette": {"brightness": 0.0, "saturation": 0.0},
}
"""Values with which a module that is on leaves the picture as it is; one that is missing on one side fades in so."""


def measure_of(operation: str, field: Field) -> Measure | None:
    """Return on which scale a field moves between keyframes, or `None` if it is taken over whole at the keyframe."""
    if field.kind in REAL:
        return _real(operation, field)
    ranged = field.minimum is not None and field.maximum is not None and field.maximum - field.minimum >= 2
    chooses = bool(field.choices) or (operation, field.name) in _CHOICES or counted_by(field) is not None
    return PLAIN if field.kind in _WHOLE and ranged and not chooses else None


def _real(operation: str, field: Field) -> Measure:
    if (operation, field.name) in _FACTORS:
        return Measure(scale=Scale.LOG)
    if field.minimum is None or field.maximum is None or not _ANGLE.search(field.name):
        return PLAIN
    span = field.maximum - field.minimum
    for turn, tolerance in _TURNS:
        if abs(span - turn) <= tolerance:
            return Measure(scale=Scale.ANGLE, turn=turn, origin=field.minimum)
    if "hue" in field.name and span == _HUE_TURN:
        return Measure(scale=Scale.ANGLE, turn=_HUE_TURN, origin=field.minimum)
    return PLAIN


def counted_by(field: Field) -> re.Pattern[str] | None:
    """Return which fields' meaning hangs on this one, or `None` if it counts nothing."""
    if curve := _NODES.fullmatch(field.name):
        return re.compile(rf"{curve['curve']}(?:_nodes)?{re.escape(curve['channel'])}\[.*")
    if form := _FORM.fullmatch(field.name):
        return re.compile(rf"{re.escape(form['row'])}\..*")
    return re.compile(r"(?:source|target)_[Lab]\[.*") if _PATCHES.fullmatch(field.name) else None


def none_at(operation: str, field: Field) -> float | None:
    """Return the value at which a field says that there is none; between it and a number there is no way."""
    name = f"{operation}.{field.name}"
    return next((value for pattern, value in _NONE_AT if pattern.fullmatch(name)), None)


def kept_in_order(field: Field) -> bool:
    """Say whether a field belongs to a row that must keep rising, so that it can only move linearly."""
    return _ORDERED.fullmatch(field.name) is not None


# Layout of dt_develop_blend_params_t, version 11, that darktable 3.8 to 4.2 write: develop/blend.h, in which it is 420
# bytes of 4-byte fields, but for the 20 characters of an operation's name. It is not in the modules' introspection.
_BLEND_NUMBERS = (
    ("opacity", 16, 0.0, 100.0),
    ("feathering_radius", 32, 0.0, 250.0),
    ("blur_radius", 40, 0.0, 100.0),
    ("contrast", 44, -1.0, 1.0),
    ("brightness", 48, -1.0, 1.0),
    ("details", 52, -1.0, 1.0),
)
_BLEND_BEFORE, _BLEND_AFTER = 56, 388

BLEND: Mapping[int, Module] = {
    11: Module(
        operation="blend",
        version=11,
        size=420,
        fields=tuple(
            Field(name=name, kind=Kind.FLOAT, offset=offset, size=4, minimum=least, maximum=most)
            for name, offset, least, most in _BLEND_NUMBERS
        ),
    )
}
"""The layouts of blend parameters by their version, as far as they are numbers that can move."""

BLEND_CHOICES: Mapping[int, tuple[tuple[str, int, int], ...]] = {
    11: (
        ("mask mode", 0, 4),
        ("colour space", 4, 4),
        ("blend mode", 8, 8),
        ("mask combination", 20, 4),
        ("mask", 24, 4),
        ("parametric channels", 28, 4),
        ("feathering guide", 36, 4),
        ("parametric ranges", _BLEND_BEFORE, _BLEND_AFTER - _BLEND_BEFORE),
        ("raster mask", _BLEND_AFTER, 32),
    )
}
"""The rest of them: name, offset and size; where any differs, blending is taken over whole at the keyframe."""
