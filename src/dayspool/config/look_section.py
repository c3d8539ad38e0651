"""`[look]` in `shoot.toml`: what is wished of the look, and which pictures the film is made of."""

from __future__ import annotations

import math
from collections.abc import Mapping  # noqa: TC003 - cattrs reads the annotations at run time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cattrs.gen import make_dict_structure_fn, override

from dayspool.config.reading import did_you_mean, refuse
from dayspool.core.plan import Mistake
from dayspool.errors import PlanError
from dayspool.look.ramp import ramp_problems
from dayspool.look.wish import EDITED, Between, LookWish

if TYPE_CHECKING:
    from collections.abc import Iterator

    import cattrs

__all__ = ["PICTURES", "LookSection", "read_look"]

PICTURES = ("auto", "wifi", "card")


@dataclass(frozen=True, slots=True, kw_only=True)
class LookSection:
    """The table `[look]`; all of it but `curve` and `pictures` is explained at `LookWish`.

    Attributes:
        keyframes: which edited pictures count: `edited`, `rating:4`, `label:red`, `none`, or a list of slots; `adobe`
            for what Lightroom or LRTimelapse wrote instead.
        between: how values go from keyframe to keyframe.
        path: a sidecar, a style, or a folder of sidecars; from the shoot's folder on.
        ramp: by module and field, values at positions.
        moving: modules that turn, cut or bend the picture and shall move between keyframes.
        pin: whether modules that look at each picture are held still.
        curve: points (input, output) from 0 to 1 of a tone curve, for pictures that the built-in developer makes.
        pictures: `auto`, `wifi` or `card`.
    """

    keyframes: str | tuple[int, ...] = EDITED
    between: Between = Between.MONOTONE
    path: Path | None = None
    ramp: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    moving: tuple[str, ...] = ()
    pin: bool = False
    curve: tuple[tuple[float, float], ...] = ()
    pictures: str = PICTURES[0]

    def wish(self, shoot: Path) -> LookWish:
        """Return what is wished of the look of a shoot in this folder."""
        return LookWish(
            keyframes=self.keyframes,
            between=self.between,
            path=None if self.path is None else shoot / self.path.expanduser(),
            ramp=self.ramp,
            moving=self.moving,
            pin=self.pin,
        )


def read_look(made: cattrs.Converter) -> None:
    """Teach a converter to read the table."""
    hooks = {
        "keyframes": _keyframes,
        "between": _between,
        "path": _path,
        "ramp": _ramp,
        "moving": _moving,
        "pin": _pin,
        "curve": _curve,
        "pictures": _pictures,
    }
    by_field: dict[str, Any] = {name: override(struct_hook=hook) for name, hook in hooks.items()}
    made.register_structure_hook(
        LookSection, make_dict_structure_fn(LookSection, made, _cattrs_forbid_extra_keys=True, **by_field)
    )


def _keyframes(value: Any, _: Any) -> str | tuple[int, ...]:
    if isinstance(value, list) and all(type(slot) is int for slot in value):
        chosen: str | tuple[int, ...] = tuple(value)
    elif isinstance(value, str):
        chosen = value
    else:
        refuse(
            f'{value!r} chooses no keyframes; write "edited", "rating:4", "label:red", "adobe", "none" or a list of '
            "slots"
        )
    _wished(keyframes=chosen)
    return chosen


def _wished(**wish: Any) -> None:
    """Let the wish itself say what is wrong with a value; which key it is about is known here."""
    try:
        LookWish(**wish)
    except PlanError as error:
        raise PlanError(*(getattr(problem, "text", problem) for problem in error.problems)) from None


def _between(value: Any, _: Any) -> Between:
    return Between(_one_of(value, tuple(Between)))


def _pictures(value: Any, _: Any) -> str:
    return _one_of(value, PICTURES)


def _one_of(value: Any, words: tuple[str, ...]) -> str:
    if value in words:
        return str(value)
    choices = f"it can be {', '.join(words)}"
    refuse(f"{value!r} is not known; {did_you_mean(value, words, choices) if isinstance(value, str) else choices}")


def _path(value: Any, _: Any) -> Path:
    if not isinstance(value, str) or not value or "\0" in value:
        refuse(f"{value!r} is no path; write one in quotes, to a sidecar (.xmp), a style (.dtstyle) or a folder")
    return Path(value)


def _moving(value: Any, _: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        refuse(f'{value!r} are no modules; write them as a list, like ["crop"]')
    _wished(moving=tuple(value))
    return tuple(value)


def _pin(value: Any, _: Any) -> bool:
    if isinstance(value, bool):
        return value
    refuse(f"{value!r} is neither true nor false; pin holds modules still that look at each picture")


def _curve(value: Any, _: Any) -> tuple[tuple[float, float], ...]:
    points = value if isinstance(value, list) else [value]
    if not all(isinstance(point, list) and len(point) == 2 and all(map(_within, point)) for point in points):
        refuse(f"{value!r} is no curve; write points from 0 to 1, like [[0, 0], [0.25, 0.2], [1, 1]]")
    curve = tuple((float(x), float(y)) for x, y in points)
    if len(curve) == 1 or any(right[0] <= left[0] for left, right in pairwise(curve)):
        refuse("a curve has two points at least, each further right than the one before")
    return curve


def _within(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1


def _ramp(value: Any, _: Any) -> Mapping[str, Mapping[str, float]]:
    """Read ramps under `"exposure.exposure"`; without the quotes TOML makes tables of it, which mean the same."""
    if not isinstance(value, dict):
        refuse('write ramps as a table: [look.ramp] and below "exposure.exposure" = {"0%" = 0.0, "100%" = 1.5}')
    ramps = dict(_flat(value, ""))
    problems = [
        Mistake(problem.text, *(key.removeprefix("ramp.") for key in problem.keys)) for problem in _wrong(ramps)
    ]
    if problems:
        raise PlanError(*problems)
    return {name: {at: float(number) for at, number in values.items()} for name, values in ramps.items()}


def _flat(table: dict[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        inner = f"{name}.{key}" if name else key
        if isinstance(value, dict) and any(isinstance(one, dict) for one in value.values()):
            yield from _flat(value, inner)
        else:
            yield inner, value


def _wrong(ramps: dict[str, Any]) -> Iterator[Mistake]:
    for name, values in ramps.items():
        if not isinstance(values, dict):
            yield Mistake(
                f'{values!r} is no ramp; write values at positions, like {{"0%" = 0.0, "sunset" = 0.8}}', name
            )
            continue
        numbers = {at: one for at, one in values.items() if type(one) in (int, float)}
        yield from (Mistake(f"at {at}: {values[at]!r} is no number", name) for at in values if at not in numbers)
        yield from ramp_problems({name: {**numbers, **{at: math.pi for at in values if at not in numbers}}})
