"""Grading while frames come: the same grades as the whole shoot gives, a bounded delay, and nothing that grows."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dayspool.deflicker import DeflickerWish, Known, Measure
from dayspool.deflicker.online import Graded, Online
from dayspool.deflicker.pairs import Tying
from dayspool.deflicker.solve import solve

FPS = 10.0
SAME_EV = 1e-4


@dataclass(frozen=True, slots=True)
class _Shoot:
    """Frames of a grid of 10 by 12 blocks, one scene that never moves."""

    slots: np.ndarray
    measures: list[Measure | None]
    nominal_ev: np.ndarray
    target_ev: np.ndarray


def _shoot(rng: np.random.Generator, frames: int, *, ramped: bool, lost: int = 0, gap: int = 0) -> _Shoot:
    """Make a shoot: light that comes and goes, flicker, a few outliers, jumps of white balance, steps of exposure."""
    scene, grain = rng.normal(-3.0, 1.0, (10, 12)), rng.normal(0.0, 0.01, (frames, 3, 10, 12))
    at = np.arange(frames)
    target = 0.01 * at if ramped else np.zeros(frames)
    nominal = np.round(3 * target) / 3
    came = 0.3 * np.sin(at / 23) - target + nominal + rng.normal(0.0, 0.06, frames)
    came[rng.integers(0, frames, frames // 40)] += 0.4
    red, blue = (np.repeat(rng.normal(0.0, 0.1, frames // 60 + 1), 60)[:frames] for _ in range(2))
    blocks = np.ones((10, 12), np.float32)
    measures: list[Measure | None] = [
        Measure(
            light=(scene + came[index] + grain[index, 0]).astype(np.float32),
            red=(red[index] + grain[index, 1]).astype(np.float32),
            blue=(blue[index] + grain[index, 2]).astype(np.float32),
            peak=0.4 * blocks,
            noise=0.01 * blocks,
            sharpness=1.0,
        )
        for index in range(frames)
    ]
    for index in rng.integers(0, frames, lost):
        measures[index] = None
    slots = np.where(at < frames // 2, at, at + gap)
    return _Shoot(slots, measures, nominal, target if ramped else np.full(frames, np.nan))


def _offline(shoot: _Shoot, wish: DeflickerWish) -> np.ndarray:
    """Return the grades of a whole shoot, shape (frames, 3)."""
    tying = Tying()
    for measure, nominal_ev in zip(shoot.measures, shoot.nominal_ev, strict=True):
        tying.push(measure, nominal_ev)
    known = Known(slots=shoot.slots, nominal_ev=shoot.nominal_ev, target_ev=shoot.target_ev)
    curves = solve(known, tying.ties, wish, fps=FPS, colour=True)
    return np.stack([curves.grade_ev, curves.grade_red, curves.grade_blue], axis=1)


def _pushed(online: Online, shoot: _Shoot) -> list[tuple[Graded, ...]]:
    """Return what each frame of a shoot made final, and at the end what was left."""
    frames = zip(shoot.slots.tolist(), shoot.measures, shoot.nominal_ev, shoot.target_ev, strict=True)
    return [*(online.push(slot, one, nominal, target) for slot, one, nominal, target in frames), online.finish()]


def _numbers(graded: list[tuple[Graded, ...]]) -> np.ndarray:
    return np.array([(one.grade_ev, one.grade_red, one.grade_blue) for some in graded for one in some]).reshape(-1, 3)


@settings(max_examples=3, phases=(Phase.explicit, Phase.generate))  # a smaller shoot tells no more
@given(
    seed=st.integers(0, 2**32 - 1),
    frames=st.integers(270, 330),
    ramped=st.booleans(),
    lost=st.integers(0, 3),
    gap=st.integers(0, 40),
    colour=st.booleans(),
)
def test_the_grades_are_those_of_the_whole_shoot(
    seed: int, frames: int, *, ramped: bool, lost: int, gap: int, colour: bool
) -> None:
    shoot = _shoot(np.random.default_rng(seed), frames, ramped=ramped, lost=lost, gap=gap)
    wish = DeflickerWish(smooth_seconds=0.5, keyframes={int(shoot.slots[70]): 0.2}, colour=colour)
    graded = _pushed(Online(wish, fps=FPS, colour=True), shoot)
    assert [one.slot for some in graded for one in some] == shoot.slots.tolist()
    np.testing.assert_allclose(_numbers(graded), _offline(shoot, wish), rtol=0, atol=SAME_EV)


def test_grades_come_in_order_and_late_by_the_delay_at_most() -> None:
    shoot = _shoot(np.random.default_rng(1), 200, ramped=True)
    online = Online(DeflickerWish(smooth_seconds=0.5), fps=FPS, colour=True)
    final = 0
    for index, some in enumerate(_pushed(online, shoot)[:-1]):
        final += len(some)
        assert index - final < online.delay
    assert 200 - online.delay <= final < 200


def test_grades_that_are_not_final_are_told_and_soon_hardly_move() -> None:
    shoot = _shoot(np.random.default_rng(5), 330, ramped=True)
    wish = DeflickerWish(smooth_seconds=0.5)
    online = Online(wish, fps=FPS, colour=True)
    assert online.provisional() == ()
    final = 0
    frames = zip(shoot.slots.tolist(), shoot.measures, shoot.nominal_ev, shoot.target_ev, strict=True)
    for slot, measure, nominal_ev, target_ev in list(frames)[:200]:
        final += len(online.push(slot, measure, nominal_ev, target_ev))
    early = online.provisional()
    assert [one.slot for one in early] == shoot.slots[final:200].tolist()
    whole = _offline(shoot, wish)[final:200]
    moved = np.abs([one.grade_ev for one in early] - whole[:, 0])
    assert moved[: -round(6 * 0.5 * FPS)].max() < 0.002
    assert moved.max() < 0.15
    assert online.finish() == early


def test_a_lift_is_added_to_all_but_keyframes() -> None:
    shoot = _shoot(np.random.default_rng(2), 60, ramped=False)
    plain, lifted = (
        _numbers(_pushed(Online(wish, fps=FPS, colour=True, lift_ev=lift_ev), shoot))
        for wish, lift_ev in ((DeflickerWish(), 0.0), (DeflickerWish(keyframes={59: 0.5}), 0.25))
    )
    assert lifted[59, 0] == pytest.approx(0.5)
    np.testing.assert_allclose(lifted[0, 0], plain[0, 0] + 0.25, atol=0.05)


@pytest.mark.parametrize("frames", [0, 1, 2, 3])
def test_a_few_frames_are_graded_at_the_end(frames: int) -> None:
    shoot = _shoot(np.random.default_rng(3), frames, ramped=False) if frames else None
    online = Online(DeflickerWish(), fps=FPS, colour=True)
    graded = _pushed(online, shoot) if shoot else [online.finish()]
    assert sum(len(some) for some in graded) == frames
    if shoot:
        np.testing.assert_allclose(_numbers(graded), _offline(shoot, DeflickerWish()), atol=SAME_EV)


@pytest.mark.slow
def test_what_is_held_is_flat_however_many_frames_come() -> None:
    online = Online(DeflickerWish(smooth_seconds=0.5), fps=FPS, colour=True)
    shoot = _shoot(np.random.default_rng(4), 150, ramped=False)
    held, graded = [], 0
    for index in range(800):
        turn = index % 150
        graded += len(online.push(index, shoot.measures[turn], shoot.nominal_ev[turn], shoot.target_ev[turn]))
        if index in (299, 799):
            held.append(len(pickle.dumps(online)))
    assert graded >= 800 - online.delay - 1
    assert held[1] == pytest.approx(held[0], rel=0.2)
