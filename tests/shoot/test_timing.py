"""What may delay a shot, and does not: other calls, steering, downloads, putting pictures away, slow connections."""

from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
import trio

from dayspool.core.events import ExposureSteered, FrameMetered, ShotIntended
from dayspool.core.ramp import Ramp
from dayspool.journal import JournalWriter
from dayspool.shoot.store import FrameStore
from dayspool.sim import PROFILES, RX100M2
from dayspool.testing import BEGINNING
from tests.shoot import scenes
from tests.shoot.scenes import OddCamera, play
from tests.shoot.test_ramping import A5000_IN_M, DUSK, KIEL

SECOND = timedelta(seconds=1)
LEAD = timedelta(milliseconds=50)
JSON_PROFILES = sorted(name for name, profile in PROFILES.items() if profile.json)


@pytest.fixture
def seen(monkeypatch):
    """Everything that is asked of a camera: the moment, in the loop's time, and the method, or `GET`."""
    asked = []

    class Watched(OddCamera):
        async def handle_async_request(self, request):
            if request.method == "GET":
                asked.append((trio.current_time(), "GET"))
            return await super().handle_async_request(request)

    monkeypatch.setattr(scenes, "OddCamera", Watched)
    return asked


def note(seen):
    def answer(call):
        seen.append((trio.current_time(), call.method))

    return answer


def asked_before_shots(seen, slots=0.0):
    """Return what is asked of the camera in the last moments before each shot but the first; `slots` is their phase."""
    shots = [moment for moment, method in seen if method == "actTakePicture"]
    assert len(shots) > 2
    for shot in shots[1:]:
        due = slots + round((shot - slots) / 10) * 10
        yield {method for moment, method in seen if due - LEAD / SECOND <= moment < shot}


@pytest.mark.parametrize("name", JSON_PROFILES)
def test_nothing_optional_lies_between_the_lead_and_the_shutter(tmp_path, seen, name):
    """Row 23: whatever is asked of a camera right before a shot is its focus, and nothing else."""
    played = play(tmp_path, profile=PROFILES[name], frames=4, answer=note(seen))
    assert played.frames or played.gaps
    assert set().union(*asked_before_shots(seen)) == set()
    assert any(method == "GET" for _, method in seen)


def test_nor_does_steering_with_its_settings_pictures_and_metering(tmp_path, seen):
    played = play(tmp_path, profile=A5000_IN_M, frames=8, answer=note(seen), ramp=Ramp(), place=KIEL, began=DUSK)
    assert played.gaps == {}
    assert played.count(ExposureSteered) >= 7
    assert played.count(FrameMetered) == 8
    assert any(method.startswith("set") for _, method in seen[20:]), "something was steered"
    assert set().union(*asked_before_shots(seen)) == set()


def test_a_shutter_request_without_a_connection_leaves_in_its_slot_or_not_at_all(tmp_path, monkeypatch):
    patience = []

    class Far(OddCamera):
        async def handle_async_request(self, request):
            if b"actTakePicture" in request.content:
                patience.append((trio.current_time() % 5, request.extensions["timeout"]["connect"]))
                if len(patience) == 3:
                    await trio.sleep(patience[-1][1])
                    raise httpx2.ConnectTimeout("no answer to the first packet")
            return await super().handle_async_request(request)

    monkeypatch.setattr(scenes, "OddCamera", Far)
    played = play(tmp_path, every="5s", frames=6)
    assert list(played.gaps) == [2]
    assert [allowed for _, allowed in patience] == [pytest.approx(2.5, abs=0.001)] * 6, "half the interval"
    assert [exposure.slot for exposure in played.exposures] == [0, 1, 3, 4, 5]


def test_a_disk_that_is_slow_to_take_pictures_delays_one_shot_at_most(tmp_path, monkeypatch):
    put = FrameStore.put

    def slowly(store, slot, data):
        trio.lowlevel.current_clock().jump(0.9)
        return put(store, slot, data)

    class Late(OddCamera):
        async def handle_async_request(self, request):
            if request.method == "GET":
                begun = trio.current_time()
                await trio.sleep(max(0.0, begun // 10 * 10 + 9.6 - begun))  # just before the next slot
            return await super().handle_async_request(request)

    monkeypatch.setattr(FrameStore, "put", slowly)
    monkeypatch.setattr(scenes, "OddCamera", Late)
    played = play(tmp_path, frames=6, profile=replace(RX100M2, pictures_kept=100))
    late = [row.late_ms for row in played.frames]
    assert played.gaps == {}
    assert late[1] == pytest.approx(500, abs=1), "nobody could know"
    assert [round(ms) for ms in late[2:]] == [0] * 4


def test_a_disk_that_is_slow_to_take_the_journal_delays_one_shot_at_most(tmp_path, monkeypatch):
    append = JournalWriter.append

    def slowly(journal, *events):
        if any(isinstance(event, ShotIntended) for event in events):
            trio.lowlevel.current_clock().jump(0.3)
        return append(journal, *events)

    monkeypatch.setattr(JournalWriter, "append", slowly)
    played = play(tmp_path, frames=6, began=BEGINNING - 5 * SECOND)
    late = [row.late_ms for row in played.frames]
    assert played.gaps == {}
    assert late[0] == pytest.approx(250, abs=1), "nobody could know"
    assert [round(ms) for ms in late[1:]] == [0] * 5
