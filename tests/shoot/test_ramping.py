"""A ramp through the whole stack in virtual time: real JPEGs, metered, and settings set through the simulated body."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from dayspool.core.events import (
    BiasAsked,
    CameraLost,
    CameraReady,
    ExposureSteered,
    FocusHeld,
    FrameMetered,
    FrameStored,
)
from dayspool.core.frame import GapReason
from dayspool.core.plan import Place
from dayspool.core.ramp import Ramp
from dayspool.journal import RequestKind, leave_request
from dayspool.sim import PROFILES, Fault, FaultKind
from tests.shoot.scenes import play

KIEL = Place(latitude=54.32, longitude=10.14)
DUSK = datetime(2026, 6, 1, 20, 0, tzinfo=UTC)  # the sun has set there a quarter of an hour ago
NIGHT = datetime(2026, 12, 1, 22, 0, tzinfo=UTC)
FOUND = timedelta(seconds=8)  # so long before it is looked for


def set_to(profile, **values):
    """Return a body as a person left it."""
    settings = tuple(replace(one, value=values.get(one.group, one.value)) for one in profile.settings)
    return replace(profile, settings=settings)


A5000_IN_M = set_to(PROFILES["a5000"], ExposureMode="Manual", ShutterSpeed="1/30", FNumber="5.6", IsoSpeedRate="100")


def of(played, kind):
    return [record.event for record in played.records if isinstance(record.event, kind)]


def ramped(folder, profile=A5000_IN_M, *faults, ramp=None, place=KIEL, **options):
    return play(
        folder, *faults, profile=profile, ramp=ramp or Ramp(), place=place, **{"began": DUSK - FOUND, **options}
    )


@pytest.fixture(scope="module")
def dusk(tmp_path_factory):
    return ramped(tmp_path_factory.mktemp("dusk"), ramp=Ramp(shutter_max_seconds=0.25), every="90s", frames=30)


def test_a_body_in_m_is_taken_through_dusk(dusk):
    assert dusk.gaps == {}
    steered, metered = of(dusk, ExposureSteered), of(dusk, FrameMetered)
    assert [one.slot for one in steered] == list(range(30)) == [one.slot for one in metered]
    came_out = [one.measured_ev - before.target_ev for one, before in zip(metered, steered, strict=True)]
    assert all(abs(error) < 0.6 for error in came_out[5:]), came_out
    assert metered[0].scene_ev - metered[-1].scene_ev > 4, "it became dark meanwhile"
    assert any(one.iso > 100 for one in steered), "ISO comes to help"
    applied = [one.applied_ev for one in steered[3:]]
    assert sum(later > earlier + 0.01 for earlier, later in pairwise(applied)) <= 1


def test_what_the_journal_says_was_set_is_what_was_exposed(dusk):
    told = {one.slot: one for one in of(dusk, ExposureSteered)}
    for frame in of(dusk, FrameStored):
        steered = told[frame.slot]
        assert (frame.iso, frame.aperture) == (steered.iso, steered.aperture) or frame.slot == 0
        assert frame.slot == 0 or frame.shutter_seconds == pytest.approx(steered.shutter_seconds, rel=0.02)
        assert steered.residue_ev == pytest.approx(steered.wanted_ev - steered.applied_ev, abs=1e-3)


def test_white_balance_is_locked_and_focus_held_after_the_first_frame(tmp_path):
    calls = []

    def answer(call):
        if call.method in ("setWhiteBalance", "setFocusMode"):
            calls.append((call.method, call.params[0]))

    played = ramped(tmp_path, every="20s", frames=4, answer=answer)
    assert calls == [("setWhiteBalance", "Daylight"), ("setFocusMode", "MF")]
    assert "white balance was automatic" in of(played, CameraReady)[0].note


def test_the_shutter_never_outlasts_the_interval(tmp_path):
    played = ramped(tmp_path, every="10s", frames=14, began=NIGHT - FOUND)
    assert set(played.gaps) == {0}
    assert max(row.shutter_seconds for row in played.frames) <= 7
    assert max(row.iso for row in played.frames) == 1600


def test_a_shot_that_found_no_focus_is_the_last_one_in_autofocus(tmp_path):
    played = ramped(tmp_path, every="10s", frames=5, began=NIGHT - FOUND)
    assert played.gaps == {0: GapReason.SHUTTER_FAILED}
    assert of(played, FocusHeld) == [FocusHeld(slot=1)]


def test_a_body_that_only_knows_compensation_is_steered_by_it(tmp_path):
    program = set_to(PROFILES["a5000"], ExposureMode="Program Auto")
    played = ramped(tmp_path, program, every="30s", frames=12)
    steered = of(played, ExposureSteered)
    assert len(played.frames) == len(steered) == 12
    assert all(one.shutter_seconds is None and one.compensation_ev is not None for one in steered)
    assert "compensation only in Program Auto" in of(played, CameraReady)[0].note


def test_a_body_without_any_setting_is_metered_and_the_journal_says_so_once(tmp_path):
    played = ramped(tmp_path, PROFILES["rx100m2"], every="10s", frames=4)
    assert len(of(played, FrameMetered)) == 4
    assert all(one.scene_ev is not None for one in of(played, FrameMetered)), "by its EXIF"
    assert of(played, ExposureSteered) == []
    assert [ready.note.count("cannot be steered") for ready in of(played, CameraReady)] == [1]


def test_a_camera_that_refuses_is_not_stormed(tmp_path):
    tries = []

    def refuse(call):
        if call.method == "setShutterSpeed":
            tries.append(call)
            return {"error": [1, "Not Available Now"]}
        return None

    played = ramped(tmp_path, every="20s", frames=14, answer=refuse)
    assert played.gaps == {}
    assert len(tries) <= 5
    refused = [one for one in of(played, ExposureSteered) if "refused" in one.limits]
    assert len(refused) > 10
    assert all(one.shutter_seconds == pytest.approx(1 / 30) for one in refused)


def test_settings_are_set_again_for_a_camera_that_comes_back_as_it_was_at_first(tmp_path):
    down = Fault(kind=FaultKind.LINK_DOWN, begins=100.0, ends=150.0)
    played = ramped(tmp_path, A5000_IN_M, down, every="20s", frames=14)
    assert of(played, CameraLost)
    told = {one.slot: one for one in of(played, ExposureSteered)}
    steered = [row for row in played.frames if row.slot in told]
    assert len(steered) > 9
    for row in steered[1:]:
        assert row.shutter_seconds == pytest.approx(told[row.slot].shutter_seconds, rel=0.02)


def test_a_bias_asked_for_while_it_runs_is_followed(tmp_path):
    async def wish(intervalometer, clock, folder):
        await clock.sleep_until(DUSK + timedelta(minutes=4))
        leave_request(folder, RequestKind.BIAS, clock.utc(), ev=1.0)

    played = ramped(tmp_path, every="40s", frames=14, steer=wish)
    assert of(played, BiasAsked) == [BiasAsked(ev=1.0)]
    targets = [one.target_ev for one in of(played, ExposureSteered)]
    assert targets[-1] - targets[2] > 0.5, "though it gets darker meanwhile"
    assert of(played, ExposureSteered)[-1].bias_ev == 1.0


def test_a_steered_shoot_says_all_in_its_journal(dusk):
    kinds = {type(record.event).__name__ for record in dusk.records}
    assert {"ExposureSteered", "FrameMetered"} <= kinds
    assert json.loads((dusk.folder / "ledger.jsonl").read_text().splitlines()[-1])["iso"] > 100
