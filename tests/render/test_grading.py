"""Grades in recipes, and what is done with odd frames."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dayspool.cli.wished import wished
from dayspool.core.events import ExposureSteered, FrameStored, ShootBegan
from dayspool.deflicker import DeflickerWish
from dayspool.deflicker.wish import Highlights, OddKind, Remedy
from dayspool.develop import BuiltinDeveloper
from dayspool.develop.tone import Tone
from dayspool.errors import PlanError, ToolFailed
from dayspool.journal import JournalWriter
from dayspool.render import FrameFile, OddFrame, grade_shoot
from dayspool.render.grades import grades_of
from dayspool.render.odd import REMEDIES, middle_beside, remedied, remedy_of
from tests.render.flicker import FRAMES, HEIGHT, WIDTH, fast_ev, flicker_ev, flickering, imported, scene, written

FLICKER = flicker_ev(7)
SKY = np.s_[: HEIGHT // 3]
WISH = DeflickerWish()


class Darktable(BuiltinDeveloper):
    """Goes by another name, and so gets what darktable gets."""

    name = "darktable"


@pytest.fixture(scope="module")
def burnt(tmp_path_factory) -> Path:
    """A shoot under a burnt-out sky."""

    def burn(_, light):
        light = light.copy()
        light[SKY] = 1.5
        return light

    return flickering(tmp_path_factory.mktemp("burnt"), FLICKER, burn)


def graded(shoot: Path, developer=None, **wish):
    made_of = wished(shoot, look="none", pictures=None)
    return grade_shoot(
        made_of, wish=replace(WISH, **wish), fps=30.0, developer=developer or BuiltinDeveloper(), workers=1
    )


def greens(grading) -> np.ndarray:
    return np.array([frame.recipe.grade[1] for frame in grading.frames])


def test_grades_make_up_for_flicker_and_for_nothing_else(burnt):
    grading = graded(burnt)
    whole = greens(grading) + FLICKER
    assert fast_ev(whole) < 0.004
    assert abs(np.polyfit(range(FRAMES), whole, 1)[0]) < 0.004
    assert grading.graded == FRAMES
    assert all(frame.recipe.ev == 0 for frame in grading.frames)


@pytest.fixture(scope="module")
def stormy(tmp_path_factory) -> Path:
    """A shoot with a bolt of lightning in slot 18, which lights the near more than the far."""
    down = np.linspace(0.6, 2.2, HEIGHT)[:, np.newaxis, np.newaxis]

    def lit(number, light):
        return light / 3 * 2**down if number == 18 else light / 3

    return flickering(tmp_path_factory.mktemp("stormy"), FLICKER, lit)


def test_lightning_is_kept_and_goes_with_the_frames_around_it(stormy):
    grading = graded(stormy)
    (flash,) = grading.odd
    assert (flash.slot, flash.kind, flash.remedy) == (18, OddKind.LIGHTNING, Remedy.KEEP)
    kept = greens(grading)
    assert kept[18] == pytest.approx(np.median([*kept[14:18], *kept[19:23]]), abs=1e-4)
    assert np.abs(np.diff(np.delete(kept + FLICKER, 18))).max() < 0.01, "a flash does not bend what is light"
    assert grading.curves.grade_ev == pytest.approx(kept), "the curves tell what is done"


def test_what_is_kept_is_still_graded_by_its_own_exposure():
    frames = 9
    set_ev = np.where(np.arange(frames) < 4, 0.0, 1.0)
    curves = SimpleNamespace(
        grade_ev=0.2 - set_ev, grade_red=np.zeros(frames), grade_blue=np.zeros(frames), piece=np.zeros(frames)
    )
    curves.grade_ev[4] = 5.0
    set_ev[1] = np.nan  # nobody knows how that one was exposed
    found = grades_of(curves, set_ev, kept=np.arange(frames) == 4, odd=[4])
    assert found[4] == pytest.approx([-0.8] * 3)
    assert found[3] == pytest.approx([0.2] * 3)


def test_what_is_done_with_lightning_is_the_plans(stormy):
    assert graded(stormy, odd={OddKind.LIGHTNING: Remedy.DROP}).frames[18].slot == 19
    held = graded(stormy, keyframes={18: -0.7})
    assert held.frames[18].recipe.grade[1] == pytest.approx(-0.7), "a person has the last word"


def test_a_second_pass_leaves_alone_what_is_kept_and_is_told_of_in_the_curves(stormy):
    first, second = graded(stormy), graded(stormy, second_pass=True)
    assert greens(second)[18] == greens(first)[18]
    assert np.abs(greens(second) - greens(first)).max() > 1e-5
    assert second.curves.grade_ev == pytest.approx(greens(second), abs=1e-9)


def test_burnt_out_light_is_lifted_for_who_cannot_blend_it(burnt):
    assert graded(burnt).curves.lift_ev == 0
    lifted = graded(burnt, Darktable())
    assert lifted.curves.lift_ev > 0.1
    assert greens(lifted).min() > -0.05
    assert graded(burnt, highlights=Highlights.LIFT).curves.lift_ev == lifted.curves.lift_ev
    left = graded(burnt, Darktable(), highlights=Highlights.BLEND, field=True)
    assert left.curves.lift_ev == 0
    assert [note.split(":")[0] for note in left.notes] == [
        "field of [deflicker] left out",
        "highlights are not blended",
    ]


def test_without_a_guard_light_is_multiplied_and_no_more(burnt):
    guarded, plain = graded(burnt), graded(burnt, highlights=Highlights.NONE)
    recipe = plain.frames[3].recipe
    assert recipe.grade == (0, 0, 0)
    assert recipe.ev == pytest.approx(guarded.frames[3].recipe.grade[1])


def test_a_person_has_the_last_word(burnt):
    grading = graded(burnt, keyframes={5: 0.4, 30: -0.2}, bound_ev=0.1)
    assert greens(grading)[[5, 30]] == pytest.approx([0.4, -0.2], abs=1e-4)
    assert "would have to be changed by more than the bound of 0.1 EV" in grading.notes[0]
    again = graded(burnt, keyframes={5: 0.4}, second_pass=True)
    assert greens(again)[5] == pytest.approx(0.4, abs=1e-4)


def test_uneven_light_is_evened_out_if_that_is_asked(tmp_path):
    across = np.linspace(-1, 1, WIDTH)[np.newaxis, :, np.newaxis]

    def vignetting(number, light):
        return light * 2 ** (0.3 * (number % 2) * across**2)

    shoot = flickering(tmp_path, FLICKER[:16], vignetting)
    assert all(frame.recipe.field == () for frame in graded(shoot).frames)
    fields = [np.array(frame.recipe.field) for frame in graded(shoot, field=True).frames]
    bends = np.array([field[:, 0].mean() - field[:, field.shape[1] // 2].mean() for field in fields])
    assert np.abs(np.diff(bends[2:-2])) == pytest.approx(0.3, abs=0.1)


def test_steps_of_the_exposure_are_taken_out_and_not_smeared(tmp_path):
    """A camera that exposes longer and longer as the light goes, its shutter times told by their names in EXIF."""
    names = (60, 50, 40, 30)
    true = [2 ** (-6 + third / 3) for third in range(4)]
    (tmp_path / "in").mkdir()
    came = []
    for number in range(FRAMES):
        step = number // 9
        ev = math.log2(true[step] / true[0]) - 0.03 * number
        came.append(ev)
        written(tmp_path / "in", number, scene() * 2**ev, seconds=1 / names[step])
    shoot = imported(tmp_path)
    grading = graded(shoot)
    assert grading.curves.nominal_ev[9] - grading.curves.nominal_ev[8] == pytest.approx(1 / 3, abs=1e-6)
    assert fast_ev(np.array(came)) > 0.05
    assert fast_ev(greens(grading) + np.array(came)) < 0.004
    steps = np.diff(greens(grading) + np.array(came))
    assert np.abs(steps).max() < 0.05


def ramped(shoot: Path, came_ev: np.ndarray, wanted_ev: np.ndarray, applied_ev: np.ndarray) -> Path:
    """Make a shoot of a camera that was steered (EV at ISO 100, more is less light) and drew a scene by `came_ev`."""
    (shoot / "frames").mkdir(parents=True)
    began = datetime(2026, 6, 21, 20, tzinfo=UTC)
    with JournalWriter(shoot, lambda: began) as journal:
        journal.append(ShootBegan(origin=began.isoformat(), interval_seconds=10.0, count=len(came_ev), source="camera"))
        for slot, (came, wanted, applied) in enumerate(zip(came_ev, wanted_ev, applied_ev, strict=True)):
            path = written(shoot / "frames", slot, scene() * 2**came)
            seconds = 16 / 2**applied
            steered = ExposureSteered(
                slot=slot, wanted_ev=wanted, applied_ev=applied, residue_ev=wanted - applied, target_ev=0.0
            )
            steered = replace(steered, shutter_seconds=seconds, iso=100.0, aperture=4.0)
            frame = FrameStored(slot=slot, name=path.name, size_bytes=1, shutter_seconds=seconds, iso=100, aperture=4.0)
            journal.append(steered, frame)
    return shoot


def test_a_ramped_sunset_comes_out_as_smooth_as_it_was_wanted(tmp_path):
    """The light goes, the ramp opens up by half of that in thirds of stops, and the shutter misses each a little."""
    at = np.arange(FRAMES)
    light_ev, wanted_ev = -0.06 * at, 10 - 0.03 * at
    applied_ev = np.round(wanted_ev * 3) / 3
    missed_ev = np.random.default_rng(1).normal(0, 0.02, 99)[np.round(applied_ev * 3).astype(int)]
    came_ev = light_ev + 10 - applied_ev + missed_ev
    grading = graded(ramped(tmp_path / "shoot", came_ev, wanted_ev, applied_ev))
    meant_ev = light_ev + 10 - wanted_ev
    left_ev = came_ev + greens(grading) - meant_ev
    assert fast_ev(came_ev) > 0.05
    assert fast_ev(left_ev) < 0.003
    assert np.ptp(left_ev) < 0.06, "the light is kept, and so is what was wanted"
    assert grading.curves.bounded.sum() == 0


def test_the_cameras_tone_is_undone_where_it_is_known(burnt):
    tone = Tone(points=((0.5, 0.3),))
    made_of = wished(burnt, look="none", pictures=None)
    frames = grade_shoot(made_of, wish=WISH, fps=30.0, developer=BuiltinDeveloper(), tone=tone).frames
    assert {frame.recipe.tone for frame in frames} == {tone}
    frames = grade_shoot(made_of, wish=WISH, fps=30.0, developer=BuiltinDeveloper(), tone=Tone(points=())).frames
    assert {frame.recipe.tone for frame in frames} == {None}, "sRGB's own"
    left = grade_shoot(made_of, wish=WISH, fps=30.0, developer=Darktable(), tone=tone)
    assert {frame.recipe.tone for frame in left.frames} == {None}
    assert left.notes == ("tone of [deflicker] left out: darktable grades light as sRGB has it",)


def test_a_developer_that_fails_in_the_second_pass_is_stopped(burnt):
    class Failing(BuiltinDeveloper):
        stopped = 0

        def develop(self, *_, **__):
            raise ToolFailed("gone", argv=["x"], status=1, last_lines=[])

        def stop(self):
            self.stopped += 1

    developer = Failing()
    with pytest.raises(ToolFailed):
        graded(burnt, developer, second_pass=True)
    assert developer.stopped == 1


def test_too_many_workers_are_refused(burnt):
    made_of = wished(burnt, look="none", pictures=None)
    with pytest.raises(PlanError, match="are too many"):
        grade_shoot(made_of, wish=WISH, fps=30.0, developer=BuiltinDeveloper(), workers=999)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_shortest_shoots(tmp_path, count):
    grading = graded(flickering(tmp_path, FLICKER[:count]), second_pass=True)
    assert len(grading.frames) == count
    assert grading.odd == (), "one that has no neighbours is not odd for that"
    assert np.isfinite(greens(grading)).all()


def frames(*slots):
    return [FrameFile(slot=slot, path=Path(f"{slot}.jpg")) for slot in slots]


def odd(slot, remedy):
    return OddFrame(slot=slot, kind=OddKind.COVERED, remedy=remedy, score=1.0, sentence="covered")


def test_every_kind_has_a_remedy_which_the_plan_may_change():
    assert set(REMEDIES) == set(OddKind)
    assert remedy_of(OddKind.COVERED, {}) is Remedy.CORRECT
    assert remedy_of(OddKind.COVERED, {OddKind.COVERED: Remedy.BLEND}) is Remedy.BLEND


def test_a_frame_is_made_of_the_nearest_sound_ones():
    verdicts = {slot: odd(slot, Remedy.BLEND) for slot in (3, 4)} | {1: odd(1, Remedy.DROP), 6: odd(6, Remedy.KEEP)}
    filmed, wanting = remedied(frames(0, 1, 2, 3, 4, 5, 6, 7), verdicts, {5})
    assert [frame.slot for frame in filmed] == [0, 2, 3, 4, 5, 6, 7]
    made = {frame.slot: [part.slot for part in frame.blend] for frame in filmed if frame.blend}
    assert made == {3: [2, 7], 4: [2, 7]}
    assert wanting == ()


def test_at_the_ends_one_neighbour_will_do_and_without_any_nothing_is_done():
    filmed, wanting = remedied(frames(0, 1), {0: odd(0, Remedy.BLEND)}, set())
    assert [part.slot for part in filmed[0].blend] == [1]
    filmed, wanting = remedied(frames(0, *range(10, 30)), {s: odd(s, Remedy.BLEND) for s in range(10, 30)}, set())
    assert wanting == tuple(range(18, 30))
    assert filmed[-1].blend == ()


def test_around_a_frame_odd_ones_do_not_count():
    assert middle_beside(2, [1.0, 2.0, 99.0, 3.0, 50.0], {2, 4}) == 2.0
    assert middle_beside(0, [5.0], {0}) == 5.0
