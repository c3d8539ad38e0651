"""What a person asks of the look of a shoot: which keyframes, what lies between them, and ramps."""

from __future__ import annotations

import re
from collections.abc import Mapping  # noqa: TC003 - cattrs reads the annotations at run time
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 - cattrs reads the annotations at run time
from typing import TYPE_CHECKING

from dayspool.core.plan import Mistake
from dayspool.errors import PlanError
from dayspool.look.interpolate import Between
from dayspool.look.ramp import ramp_problems
from dayspool.look.semantics import GEOMETRY
from dayspool.picture.raw import is_raw

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["ADOBE", "EDITED", "LABELS", "NONE", "Between", "Chosen", "LookWish", "Picture"]

EDITED, ADOBE, NONE = "edited", "adobe", "none"
LABELS = ("red", "yellow", "green", "blue", "purple")
"""The colour labels of darktable, by their numbers in a sidecar."""
_RATING = re.compile(r"rating:([1-5])")
_LABEL = re.compile(rf"label:({'|'.join(LABELS)})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture that a slot is shown by: the frame or its original from the card.

    Attributes:
        slot: its slot.
        path: the file; the sidecar that counts lies beside it and is called NAME.EXT.xmp.
        utc: when the slot was due, aware, UTC.
    """

    slot: int
    path: Path
    utc: datetime

    @property
    def sidecar(self) -> Path:
        """Where darktable keeps its sidecar."""
        return self.path.with_name(f"{self.path.name}.xmp")

    @property
    def raw(self) -> bool:
        """Whether it is a RAW file, by its name."""
        return is_raw(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which edited pictures are keyframes: those with at least `rating` stars, a `label`, or in these `slots`."""

    rating: int | None = None
    label: int | None = None
    slots: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookWish:
    """The table `[look]` of a plan, and what `--look` says instead.

    Attributes:
        keyframes: `edited`: every picture whose sidecar holds an edit; `rating:4` and `label:red` narrow it, a list of
            slots names them; `adobe`: what Lightroom or LRTimelapse wrote into NAME.xmp, as far as it can be mapped;
            `none` leaves all edits alone.
        between: how values go from keyframe to keyframe: `linear`, `smooth` or `monotone`.
        path: a sidecar (`.xmp`) for every frame, a style (`.dtstyle`) underneath every keyframe, or a folder in which
            the keyframes' sidecars lie instead of beside the pictures.
        ramp: by module and field, such as `exposure.exposure`, the values at positions: `0%`, `sunset+30m`, `21:30`,
            `slot:120`. `temperature.kelvin` is understood for RAWs, as multipliers of red, green and blue.
        moving: modules that turn, cut or bend the picture (crop, lens …) and shall move between keyframes all the same.
        pin: whether modules that look at each picture are held still, where their parameters allow it; in what frames
            are developed with, never in the keyframes' own files.

    Raises:
        PlanError: with every mistake at once.
    """

    keyframes: str | tuple[int, ...] = EDITED
    between: Between = Between.MONOTONE
    path: Path | None = None
    ramp: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    moving: tuple[str, ...] = ()
    pin: bool = False

    def __post_init__(self) -> None:
        problems = [*self._keyframe_problems(), *ramp_problems(self.ramp), *self._moving_problems()]
        if problems:
            raise PlanError(*problems)

    @property
    def chosen(self) -> Chosen | None:
        """Which pictures are keyframes; `None` for none."""
        if not isinstance(self.keyframes, str):
            return Chosen(slots=tuple(sorted(set(self.keyframes))))
        if rating := _RATING.fullmatch(self.keyframes):
            return Chosen(rating=int(rating[1]))
        if label := _LABEL.fullmatch(self.keyframes):
            return Chosen(label=LABELS.index(label[1]))
        return None if self.keyframes in (ADOBE, NONE) else Chosen()

    @property
    def adobe(self) -> bool:
        """Whether edits made in Lightroom or LRTimelapse are followed instead of darktable's."""
        return self.keyframes == ADOBE

    def _moving_problems(self) -> list[Mistake]:
        choices = ", ".join(sorted(GEOMETRY))
        return [
            Mistake(f"{name!r} is none of the modules that stand still otherwise: {choices}", "moving")
            for name in self.moving
            if name not in GEOMETRY
        ]

    def _keyframe_problems(self) -> list[Mistake]:
        if not isinstance(self.keyframes, str):
            wrong = [slot for slot in self.keyframes if slot < 0]
            return [Mistake(f"{slot} is no slot; they count from 0", "keyframes") for slot in wrong]
        known = (
            self.keyframes in (EDITED, ADOBE, NONE)
            or _RATING.fullmatch(self.keyframes)
            or _LABEL.fullmatch(self.keyframes)
        )
        if known:
            return []
        return [
            Mistake(
                f"{self.keyframes!r} chooses no keyframes; write edited, rating:4, label:red, adobe, none or a list of "
                "slots",
                "keyframes",
            )
        ]
