"""Run every controller over every scene and count: error, moves, reversals."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.ramp.rivals import RIVALS
from benchmarks.ramp.scenes import INTERVAL_SECONDS, SCENES, Scene, Series, series
from benchmarks.tables import Row, Table
from dayspool.core.events import FrameMetered
from dayspool.core.ladder import Ladder, Setting
from dayspool.core.ramp import Ramp, RampState, step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["tables"]

SEEDS = range(8)
BLACK_EV, WHITE_EV = -8.0, 2.4  # a JPEG shows no more
SETTLING = 30  # frames at the start that do not count
REVERSAL_FRAMES = 30
THIRDS = np.arange(-39, 8) / 3
LADDER = Ladder(
    shutters=tuple(float(2**third) for third in THIRDS),
    isos=tuple(float(100 * 2 ** (third / 3)) for third in range(19)),
)
LONGEST_SECONDS = 6.0
RAMP = Ramp(iso_max=6400)


@dataclass(frozen=True, slots=True)
class Score:
    """What one run came to, in EV and counts."""

    errors: np.ndarray[Any, np.dtype[np.float64]]
    moves: int
    reversals: int


def ours(run: Series, *, place: bool) -> tuple[list[float], Callable[[float], float]]:
    """Return the exposures that `core.ramp` chooses, and its target."""
    begun = round(run.light[0] * 3) / 3 - 4.0  # as the camera's own metering would begin, for all of them
    state = RampState.begin(Setting(shutter_seconds=min(LONGEST_SECONDS, 2.0**-begun), aperture=4.0, iso=100))
    applied, metered, told_at = 0.0, None, None
    exposures = []
    for slot in range(len(run.light)):
        elevation = float(run.elevation[slot]) if place else None
        state, setting, _ = step(
            state,
            slot=slot,
            metered=metered,
            metered_elevation_deg=told_at,
            elevation_deg=elevation,
            seconds=INTERVAL_SECONDS,
            ramp=RAMP,
            ladder=LADDER,
            longest_seconds=LONGEST_SECONDS,
        )
        applied = setting.ev100
        exposures.append(applied)
        measured = seen(run, slot, applied)
        metered = FrameMetered(
            slot=slot, measured_ev=measured, clipped_share=float(measured >= WHITE_EV), scene_ev=applied + measured
        )
        told_at = elevation
    return exposures, RAMP.target_ev


def theirs(run: Series, make: Callable[[], Any]) -> tuple[list[float], Callable[[float], float]]:
    """Return the exposures that another controller chooses, and its target."""
    rival = make()
    applied = round((run.light[0] - rival.target(run.light[0])) * 3) / 3
    exposures = []
    for slot in range(len(run.light)):
        exposures.append(applied)
        measured = seen(run, slot, applied)
        applied = min(16.0, max(-4.6, rival.next(applied, measured, float(run.elevation[slot]))))
    return exposures, rival.target


def seen(run: Series, slot: int, applied: float) -> float:
    """Return by how many EV the meter finds the picture brighter than middle grey."""
    measured = run.gain * (run.seen[slot] - applied - run.slip[slot]) + run.noise[slot]
    return float(min(max(measured, BLACK_EV), WHITE_EV))


def score(run: Series, exposures: list[float], target: Callable[[float], float]) -> Score:
    """Compare with the light of the landscape, lamps and lightning left out."""
    chosen = np.array(exposures)
    wanted = np.array([target(float(ev)) for ev in run.light])
    errors = (run.light - chosen - wanted)[SETTLING:]
    steps = np.diff(chosen[SETTLING:])
    moved = np.flatnonzero(np.abs(steps) > 1e-6)
    turns = sum(
        1 for one, two in itertools.pairwise(moved) if steps[one] * steps[two] < 0 and two - one < REVERSAL_FRAMES
    )
    return Score(errors=errors, moves=len(moved), reversals=turns)


def runs(scene: Scene, play: Callable[[Series], tuple[list[float], Callable[[float], float]]]) -> list[Score]:
    """Return the scores of all seeds."""
    scores = []
    for seed in SEEDS:
        run = series(scene, seed)
        scores.append(score(run, *play(run)))
    return scores


def cell(scores: list[Score]) -> str:
    """Return RMS / p99 · moves · reversals: errors of all seeds together, counts as means for one transition."""
    errors = np.concatenate([one.errors for one in scores])
    rms, p99 = float(np.sqrt(np.mean(errors**2))), float(np.quantile(np.abs(errors), 0.99))
    moves = sum(one.moves for one in scores) / len(scores)
    turns = sum(one.reversals for one in scores) / len(scores)
    return f"{rms:.2f} / {p99:.2f} · {moves:.0f} · {turns:.1f}"


def tables() -> Iterator[Table]:
    """Measure and return the table for docs/ramping.md."""
    players: dict[str, Any] = {name: lambda run, make=make: theirs(run, make) for name, make in RIVALS.items()}
    players["**dayspool**, place not known"] = lambda run: ours(run, place=False)
    players["**dayspool**"] = lambda run: ours(run, place=True)
    rows = [Row((name, *(cell(runs(scene, play)) for scene in SCENES))) for name, play in players.items()]
    yield Table(
        title="Exposure through dusk and dawn",
        columns=("controller", *(scene.name for scene in SCENES)),
        rows=tuple(rows),
        note=(
            f"RMS / 99th percentile of the exposure error in EV · moves · reversals within {REVERSAL_FRAMES} frames,"
            f" for one transition of five hours at {INTERVAL_SECONDS:.0f} s; {len(SEEDS)} seeds; thirds of a stop."
        ),
    )
