"""Odd frames: what was done to a frame is found and named, and what scenes do by themselves is no fault of a frame."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest

from benchmarks.deflicker.scenes import SCENES, scene
from benchmarks.deflicker.scenes_camera import linear
from dayspool.deflicker.curves import Curves
from dayspool.deflicker.graph import offsets
from dayspool.deflicker.measure import Measure, measured
from dayspool.deflicker.outliers import LIMITS, judged
from dayspool.deflicker.pairs import Tying
from dayspool.deflicker.watch import Watch
from dayspool.deflicker.wish import OddKind

FRAMES, SIZE = 24, (192, 108)
TODAY = datetime.now(UTC).date().toordinal()
STEP = 1 / (255 * 12.92)
FALSE_ALARMS = {"lightning", "knock"}  # where the scene itself has odd frames
SAME_PICTURES = {"sunset-exif", "sunset-blind"}  # as in the sunset


def measures(pixels):
    return [measured(linear(one), step=STEP, encoded=True) for one in pixels]


def verdicts(frames: list[Measure | None], **told):
    tying, watch = Tying(), Watch()
    for one in frames:
        tying.push(one, 0.0)
        watch.push(one)
    ties = tying.ties
    tied = offsets(len(frames), ties, ties.ev)
    none = np.zeros(len(frames))
    names = {field.name: none for field in dataclasses.fields(Curves)}
    curves = Curves(**names | {"slots": np.arange(len(frames)), "piece": tied.piece, "lift_ev": 0.0})
    return {one.index: one for one in judged(curves, ties, watch.seen, **told)}


def kinds(frames, **told):
    return {index: one.kind for index, one in verdicts(frames, **told).items()}


@cache
def shots(name="clouds", seed=5):
    made = scene(name, seed, frames=FRAMES, size=SIZE)
    return tuple(made.pixels(index) for index in range(FRAMES))


@cache
def as_shot(name="clouds", seed=5):
    return tuple(measures(shots(name, seed)))


def with_faults(name, faults):
    """Measures of a scene, to some of whose frames something was done."""
    frames = list(as_shot(name))
    for index, fault in faults.items():
        (frames[index],) = measures([fault(shots(name)[index])])
    return frames


def covered(rgb):
    out = rgb.copy()
    out[:, 30:] = np.linspace(20, 60, out.shape[1] - 30, dtype=np.uint8)[:, np.newaxis]
    return out


def blurred(rgb):
    wide = np.pad(rgb.astype(float), ((4, 4), (4, 4), (0, 0)), mode="edge")
    boxes = [wide[down : down + SIZE[1], right : right + SIZE[0]] for down in range(9) for right in range(9)]
    return np.mean(boxes, axis=0).astype(np.uint8)


def cut_short(rgb):
    out = rgb.copy()
    out[60:] = 128
    return out


def black_below(rgb):
    out = rgb.copy()
    out[70:] = 0
    return out


def lit(rgb):
    light = linear(rgb) * np.linspace(1.2, 3.5, SIZE[0])[np.newaxis, :, np.newaxis]
    return np.uint8(255 * np.clip(light, 0, 1) ** (1 / 2.2))


FAULTS = {
    covered: OddKind.COVERED,
    blurred: OddKind.BLURRED,
    cut_short: OddKind.BROKEN,
    black_below: OddKind.BROKEN,
    lit: OddKind.LIGHTNING,
    np.zeros_like: OddKind.BROKEN,
}


@pytest.mark.parametrize("name", ["clouds", "passers", "traffic", "leaves"])
def test_what_was_done_to_a_frame_is_found(name):
    done = dict(zip(range(2, FRAMES, 4), FAULTS, strict=False))
    found = {index: FAULTS[fault] for index, fault in done.items()}
    if name == "leaves":  # light that leaves change all the time hides a flash of 1.8 EV
        found.pop(18)
    assert kinds(with_faults(name, done)) == found


@pytest.mark.parametrize("seed", [11, TODAY])
@pytest.mark.parametrize("name", sorted(SCENES.keys() - FALSE_ALARMS - SAME_PICTURES))
def test_no_scene_is_odd(name, seed):
    assert verdicts(as_shot(name, seed)) == {}


@pytest.mark.parametrize("seed", [13, TODAY])
def test_bolts_are_lightning(seed):
    made = scene("lightning", seed, frames=FRAMES, size=SIZE)
    bright = np.array([np.log2(made.truth(index).mean()) for index in range(FRAMES)])
    bolts = np.flatnonzero(bright > np.median(bright) + 0.6)
    found = kinds(measures(made.pixels(index) for index in range(FRAMES)))
    assert set(found.values()) <= {OddKind.LIGHTNING, OddKind.COVERED}
    assert set(found) == set(bolts.tolist())


@pytest.mark.parametrize("code", [60, 120, 180])
@pytest.mark.parametrize("name", ["clouds", "traffic"])
def test_what_hides_the_picture_is_no_lightning_however_bright_it_is(name, code):
    hand = np.random.default_rng(2).normal(code, 5, (SIZE[1], SIZE[0], 1)).astype(np.uint8)
    places = [0, 9, 10, FRAMES - 1]

    def hidden(rgb):
        return np.where(np.arange(SIZE[0])[:, np.newaxis] < 172, hand, rgb)

    assert kinds(with_faults(name, dict.fromkeys(places, hidden))) == dict.fromkeys(places, OddKind.COVERED)


@pytest.mark.parametrize("name", ["passers", "clouds"])
def test_frames_beside_a_frozen_camera_are_not_odd(name):
    every = as_shot(name)
    frames = [*every[:8], *[every[8]] * 20, *every[9:18]]
    digests = [*map(str, range(8)), *["8"] * 20, *map(str, range(9, 18))]
    assert kinds(frames, digests=digests) == dict.fromkeys(range(9, 28), OddKind.DUPLICATE)


def test_the_same_picture_sent_twice_is_named():
    frames = as_shot()[:12]
    copied = [*frames[:6], frames[5], *frames[6:]]
    times = [f"12:00:{second:02}" for second in [*range(6), 5, *range(6, 12)]]
    assert kinds(copied, taken=times) == {6: OddKind.DUPLICATE}
    assert kinds(copied) == kinds(copied, taken=list(range(13))) == {}
    digests = [None, *map(str, range(11)), "3"]
    (found,) = verdicts(copied, digests=digests).values()
    assert (found.index, found.kind, found.score) == (12, OddKind.DUPLICATE, 1.0)
    assert "8 before" in found.sentence


def test_what_a_decoder_complained_of_is_told_in_its_words():
    (found,) = verdicts(list(as_shot()[:8]), troubles={3: "it is cut short"}).values()
    assert (found.index, found.kind, found.sentence) == (3, OddKind.BROKEN, "it is cut short")


def test_a_frame_that_nothing_ties_is_untied():
    frames = list(as_shot()[:8])
    frames[4] = None
    assert kinds(frames) == {4: OddKind.UNTIED}
    assert kinds(frames[3:5]) == {0: OddKind.UNTIED, 1: OddKind.UNTIED}


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_frames_are_not_odd(count):
    assert kinds(as_shot()[:count]) == {}


def test_every_kind_has_its_limit_and_a_reason():
    assert set(LIMITS) == set(OddKind)
    assert all(limit.reason for limit in LIMITS.values())
