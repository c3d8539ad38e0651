"""Grade a shoot while it goes on: final grades some frames behind the newest, the same as the whole shoot would give.

Nothing in a solution reaches further than a bounded number of frames (docs/decisions/0017). So the frames of a window
are solved as if they were all, and those in it with enough neighbours on both sides are final. What is further back is
forgotten: memory and the work for a frame are the same after a hundred thousand frames as after a thousand.
"""

from __future__ import annotations

import dataclasses
import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dayspool.deflicker.curves import Curves, Known
from dayspool.deflicker.pairs import Comparing, Tie
from dayspool.deflicker.solve import solve
from dayspool.deflicker.ties import Ties

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dayspool.deflicker.measure import Measure
    from dayspool.deflicker.wish import DeflickerWish

__all__ = ["Graded", "Online"]

_REACH = {False: (16.0, 12.0), True: (24.0, 16.0)}
"""Times the smoothing, by whether colour is graded: what was earlier and what comes later than that moves no grade by
0.1 mEV. White balance that jumped is held for longer than light is."""

_EVERY = 1.0  # times the smoothing: so many frames become final at once, so that solving costs little for each
_FEWEST = 32  # frames that any of these is at least, however short the smoothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """The grade of one frame.

    Attributes:
        slot: its slot.
        grade_ev: by how much to brighten it, in EV, the lift of the film included.
        grade_red: log2 of the gain of red over that of green.
        grade_blue: log2 of the gain of blue over that of green.
        confidence: 0 to 1: how well it is tied to its neighbours; 0 for one that is tied to none.
    """

    slot: int
    grade_ev: float
    grade_red: float
    grade_blue: float
    confidence: float


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is kept of a frame in the window."""

    slot: int
    nominal_ev: float
    target_ev: float
    ties: tuple[tuple[int, Tie], ...]


class Online:
    """Takes frames in slot order and gives their grades, `delay` frames later at most.

    Args:
        wish: as for `solve`.
        fps: frames per second of film.
        colour: whether colour may be graded.
        lift_ev: what is added to all grades so that clipped light is not drawn darker; fixed when a film begins.
    """

    def __init__(self, wish: DeflickerWish, *, fps: float, colour: bool, lift_ev: float = 0.0) -> None:
        # A keyframe is what a grade is in the end: what is added to all is not added to it.
        keyframes = {slot: ev - lift_ev for slot, ev in wish.keyframes.items()}
        self._wish = dataclasses.replace(wish, keyframes=keyframes)
        self._fps, self._colour, self._lift_ev = fps, colour, lift_ev
        before, after, every = (
            max(math.ceil(times * wish.smooth_seconds * fps), _FEWEST)
            for times in (*_REACH[colour and wish.colour], _EVERY)
        )
        self._before, self._after, self._every = before, after, every
        self._comparing = Comparing()
        self._window: deque[_Frame] = deque()
        self._final = 0

    @property
    def delay(self) -> int:
        """How many frames have to follow one, at most, before its grade is final."""
        return self._after + self._every - 1

    def push(
        self,
        slot: int,
        measure: Measure | None,
        nominal_ev: float,
        target_ev: float,
        usable: NDArray[np.bool_] | None = None,
    ) -> tuple[Graded, ...]:
        """Take the next frame, and return the frames whose grades became final, in slot order.

        Args:
            slot: its slot, higher than that of the frame before.
            measure: the frame in numbers; None for one that could not be measured.
            nominal_ev: what its exposure makes of a scene; NaN where nobody knows.
            target_ev: how bright it was meant to be; NaN where it was not said.
            usable: which of its blocks may be looked at; None for all.
        """
        ties = self._comparing.push(measure, nominal_ev, usable)
        self._window.append(_Frame(slot, nominal_ev, target_ev, ties))
        ready = len(self._window) - self._final - self._after
        if ready < self._every:
            return ()
        return self._settle(ready)

    def provisional(self) -> tuple[Graded, ...]:
        """Return what is known now of the grades of all frames that are not final yet, in slot order.

        Six times the smoothing behind the newest frame they hardly move by 1 mEV any more; the newest by some 30 mEV.
        """
        return self._graded(len(self._window) - self._final)

    def finish(self) -> tuple[Graded, ...]:
        """Return the grades of all frames that are left; none may be pushed after that."""
        return self._settle(len(self._window) - self._final)

    def _settle(self, count: int) -> tuple[Graded, ...]:
        """Make the next `count` frames final, and forget what is too far back to matter to those that follow."""
        graded = self._graded(count)
        self._final += count
        while self._final > self._before:
            self._window.popleft()
            self._final -= 1
        return graded

    def _graded(self, count: int) -> tuple[Graded, ...]:
        """Return the next `count` frames as the window tells them."""
        if not count:
            return ()
        curves = self._solved()
        return tuple(_graded(curves, index, self._lift_ev) for index in range(self._final, self._final + count))

    def _solved(self) -> Curves:
        """Solve the window as if it were the whole shoot."""
        frames = tuple(self._window)
        known = Known(
            slots=np.array([frame.slot for frame in frames], dtype=np.int64),
            nominal_ev=np.array([frame.nominal_ev for frame in frames]),
            target_ev=np.array([frame.target_ev for frame in frames]),
        )
        return solve(known, _ties(frames), self._wish, fps=self._fps, colour=self._colour)


def _ties(frames: tuple[_Frame, ...]) -> Ties:
    """Return the ties among frames, which are counted from the first of them."""
    pairs = [(index - lag, index, tie) for index, frame in enumerate(frames) for lag, tie in frame.ties if lag <= index]
    numbers = np.array(
        [(tie.ev, tie.red, tie.blue, tie.confidence, tie.rejected) for _, _, tie in pairs], dtype=np.float64
    )
    ev, red, blue, confidence, rejected = numbers.reshape(-1, 5).T
    return Ties(
        first=np.array([first for first, _, _ in pairs], dtype=np.int64),
        second=np.array([second for _, second, _ in pairs], dtype=np.int64),
        ev=ev,
        red=red,
        blue=blue,
        confidence=confidence,
        rejected=rejected,
    )


def _graded(curves: Curves, index: int, lift_ev: float) -> Graded:
    """Return one frame of a solution."""
    return Graded(
        slot=int(curves.slots[index]),
        grade_ev=float(curves.grade_ev[index]) + lift_ev,
        grade_red=float(curves.grade_red[index]),
        grade_blue=float(curves.grade_blue[index]),
        confidence=float(curves.confidence[index]),
    )
