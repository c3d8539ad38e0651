"""What a person asks of deflicker: how smooth, how far, where to look, and what to do with odd frames."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping  # noqa: TC003 - cattrs reads the annotations at run time
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["DeflickerWish", "Highlights", "OddKind", "Remedy"]


class Highlights(StrEnum):
    """How clipped light is kept from pulsing: grades fade out towards white, all frames are lifted, or neither."""

    AUTO = "auto"
    BLEND = "blend"
    LIFT = "lift"
    NONE = "none"


class OddKind(StrEnum):
    """What may be the matter with a frame."""

    COVERED = "covered"
    BLURRED = "blurred"
    DUPLICATE = "duplicate"
    BROKEN = "broken"
    LIGHTNING = "lightning"
    UNTIED = "untied"


class Remedy(StrEnum):
    """What is done with an odd frame: left as it is, graded like any other, made of its neighbours, or left out."""

    KEEP = "keep"
    CORRECT = "correct"
    BLEND = "blend"
    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeflickerWish:
    """The wishes of one shoot.

    Attributes:
        on: whether anything is graded.
        smooth_seconds: changes slower than about so many seconds of film are kept as light, faster ones are flicker.
        bound_ev: a frame is changed by at most so much beyond what its exposure says.
        keyframes: by slot, the grade in EV that a frame has to have exactly.
        colour: whether colour is graded too, for pictures whose white balance was chosen by the camera frame by frame.
        highlights: how clipped light is kept from pulsing.
        region: (left, top, right, bottom) as shares of the picture, 0 to 1: only what lies inside is measured.
        field: whether light that flickers unevenly over the picture (vignetting) is evened out.
        banding: whether bands of lamps on mains current are evened out.
        second_pass: whether developed plates are measured again, and what the look added is taken out too.
        odd: what is done with odd frames of each kind.
    """

    on: bool = True
    smooth_seconds: float = 1.0
    bound_ev: float = 1.0
    keyframes: Mapping[int, float] = dataclasses.field(default_factory=dict)
    colour: bool = True
    highlights: Highlights = Highlights.AUTO
    region: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    field: bool = False
    banding: bool = False
    second_pass: bool = False
    odd: Mapping[OddKind, Remedy] = dataclasses.field(default_factory=dict)
