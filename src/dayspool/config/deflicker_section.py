"""`[deflicker]` in `shoot.toml`: how flicker is taken out of the film, and what is done with odd frames."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping  # noqa: TC003 - cattrs reads the annotations at run time
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cattrs.gen import make_dict_structure_fn, override

from dayspool.config.reading import did_you_mean, refuse, unknown_key
from dayspool.core.plan import Mistake, duration_text, parse_duration
from dayspool.errors import PlanError

if TYPE_CHECKING:
    import cattrs

    from dayspool.deflicker import DeflickerWish

__all__ = ["HIGHLIGHTS", "ODD", "REMEDIES", "DeflickerSection", "read_deflicker", "smoothing"]

# The words of `dayspool.deflicker.wish`, which needs NumPy to be loaded, and a shoot does without; a test compares.
HIGHLIGHTS = ("auto", "blend", "lift", "none")
ODD = ("covered", "blurred", "duplicate", "broken", "lightning", "untied")
REMEDIES = ("keep", "correct", "blend", "drop")
_SRGB = "srgb"

_SHORTEST, _LONGEST = timedelta(milliseconds=100), timedelta(minutes=1)
_MOST_EV = 10.0
_WHOLE = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeflickerSection:
    """The table `[deflicker]`; all of it but `mask` and `tone` is explained at `DeflickerWish`.

    Attributes:
        on: whether anything is graded.
        smooth: changes slower than about so much of the film are kept as light.
        bound: the most that a frame is changed by beyond what its exposure says, in EV.
        colour: whether the white balance that a camera chose frame by frame is evened out too.
        highlights: how clipped light is kept from pulsing.
        region: left, top, right and bottom of what is measured, as shares of the picture.
        mask: a picture, white where frames are measured and black where not; from the shoot's folder on.
        tone: what the camera's JPEGs make of light: points (encoded value, linear light) from 0 to 1, none for sRGB;
            None if it is to be learned from them, where they tell it.
        field: whether uneven flicker (vignetting) is taken out.
        banding: whether bands of lamps are.
        second_pass: whether developed plates are measured again.
        keyframes: by slot, the grade in EV that a frame has to have.
        odd: what is done with odd frames of a kind.
    """

    on: bool = True
    smooth: timedelta = timedelta(seconds=1)
    bound: float = 1.0
    colour: bool = True
    highlights: str = HIGHLIGHTS[0]
    region: tuple[float, float, float, float] = _WHOLE
    mask: Path | None = None
    tone: tuple[tuple[float, float], ...] | None = None
    field: bool = False
    banding: bool = False
    second_pass: bool = False
    keyframes: Mapping[int, float] = dataclasses.field(default_factory=dict)
    odd: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def wish(self) -> DeflickerWish:
        """Return what is wished in numbers; needs NumPy."""
        from dayspool.deflicker.wish import DeflickerWish, Highlights, OddKind, Remedy

        return DeflickerWish(
            on=self.on,
            smooth_seconds=self.smooth.total_seconds(),
            bound_ev=self.bound,
            keyframes=self.keyframes,
            colour=self.colour,
            highlights=Highlights(self.highlights),
            region=self.region,
            field=self.field,
            banding=self.banding,
            second_pass=self.second_pass,
            odd={OddKind(kind): Remedy(remedy) for kind, remedy in self.odd.items()},
        )


def smoothing(length: timedelta) -> timedelta:
    """Return a length of film that changes are told from flicker by.

    Raises:
        PlanError: it is none that could be meant.
    """
    if not _SHORTEST <= length <= _LONGEST:
        refuse(
            f"{duration_text(length)} is nothing to smooth over; write how much of the film, from "
            f"{duration_text(_SHORTEST)} to {duration_text(_LONGEST)}"
        )
    return length


def read_deflicker(made: cattrs.Converter) -> None:
    """Teach a converter to read the table."""
    hooks = {
        "smooth": _smooth,
        "bound": _bound,
        "highlights": _highlights,
        "region": _region,
        "mask": _mask,
        "tone": _tone,
        "keyframes": _keyframes,
        "odd": _odd,
    }
    by_field: dict[str, Any] = {name: override(struct_hook=hook) for name, hook in hooks.items()}
    made.register_structure_hook(
        DeflickerSection, make_dict_structure_fn(DeflickerSection, made, _cattrs_forbid_extra_keys=True, **by_field)
    )


def _smooth(value: Any, _: Any) -> timedelta:
    if not isinstance(value, str):
        refuse(f'{value!r} is no duration; write how much of the film in quotes, like "1s"')
    return smoothing(parse_duration(value))


def _bound(value: Any, _: Any) -> float:
    if _is_number(value) and 0 < value <= _MOST_EV:
        return float(value)
    refuse(f"{value!r} is no bound; write how far a frame may be changed, in EV, up to {_MOST_EV:g}")


def _highlights(value: Any, _: Any) -> str:
    if value in HIGHLIGHTS:
        return str(value)
    refuse(_not_known(value, HIGHLIGHTS))


def _region(value: Any, _: Any) -> tuple[float, float, float, float]:
    if isinstance(value, list) and len(value) == 4 and all(map(_is_share, value)):
        left, top, right, bottom = map(float, value)
        if left < right and top < bottom:
            return left, top, right, bottom
    refuse(
        f"{value!r} is no region; write left, top, right and bottom as shares of the picture: [0, 0.5, 1, 1] is its "
        "lower half"
    )


def _mask(value: Any, _: Any) -> Path:
    if not isinstance(value, str) or not value or "\0" in value:
        refuse(f"{value!r} is no path; write one in quotes, to a picture that is white where frames are measured")
    return Path(value)


def _tone(value: Any, _: Any) -> tuple[tuple[float, float], ...]:
    if value == _SRGB:
        return ()
    points = value if isinstance(value, list) else [value]
    if not all(isinstance(point, list) and len(point) == 2 and all(map(_is_share, point)) for point in points):
        refuse(
            f'{value!r} is no tone; write "{_SRGB}", or points of an encoded value and its linear light, both from 0 '
            "to 1, like [[0.5, 0.25], [0.8, 0.6]]"
        )
    inner = [(float(code), float(light)) for code, light in points if (code, light) not in {(0, 0), (1, 1)}]
    whole = [(0.0, 0.0), *inner, (1.0, 1.0)]
    if any(right[0] <= left[0] or right[1] <= left[1] for left, right in pairwise(whole)):
        refuse("of the points of a tone both numbers rise from one to the next, between black [0, 0] and white [1, 1]")
    return tuple(inner)


def _keyframes(value: Any, _: Any) -> Mapping[int, float]:
    if not isinstance(value, dict):
        refuse("write keyframes as a table: [deflicker.keyframes] and below 120 = 0.3, a slot and its grade in EV")
    problems = [Mistake(problem, slot) for slot, ev in value.items() if (problem := _keyframe_problem(slot, ev))]
    if problems:
        raise PlanError(*problems)
    return {int(slot): float(ev) for slot, ev in value.items()}


def _keyframe_problem(slot: str, ev: Any) -> str | None:
    if not (slot.isascii() and slot.isdigit() and len(slot) <= 18):
        return f"{slot!r} is no slot; write its number"
    if not _is_number(ev) or not abs(ev) <= _MOST_EV:
        return f"{ev!r} is no grade; write EV, from -{_MOST_EV:g} to {_MOST_EV:g}"
    return None


def _odd(value: Any, _: Any) -> Mapping[str, str]:
    if not isinstance(value, dict):
        refuse('write what is done as a table: [deflicker.odd] and below covered = "blend"')
    problems: list[Mistake] = []
    for kind, remedy in value.items():
        if kind not in ODD:
            problems.append(unknown_key(kind, ODD, kind))
        elif remedy not in REMEDIES:
            problems.append(Mistake(_not_known(remedy, REMEDIES), kind))
    if problems:
        raise PlanError(*problems)
    return value


def _not_known(value: Any, words: tuple[str, ...]) -> str:
    choices = f"it can be {', '.join(words)}"
    meant = did_you_mean(value, words, choices) if isinstance(value, str) else choices
    return f"{value!r} is not known; {meant}"


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
