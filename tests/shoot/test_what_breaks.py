"""What breaks in long shoots, and has no file of its own yet; docs/what-breaks.md tells where every row is tested."""

import errno
import json
import os
import re
from dataclasses import replace
from datetime import timedelta

import anyio
import httpx2
import pytest

from dayspool.core.events import DownloadsPaused, DownloadsResumed, FetchFailed, FrameStored, Gap, ShotTaken
from dayspool.core.frame import GapReason
from dayspool.journal import RequestKind, leave_request
from dayspool.picture import whole
from dayspool.picture.exif import PictureFacts
from dayspool.shoot import disk
from dayspool.sim import RX100M2, Fault, FaultKind
from dayspool.testing import BEGINNING
from tests.shoot import scenes
from tests.shoot.scenes import OddCamera, play
from tests.shoot.test_intervalometer import check

SECOND = timedelta(seconds=1)
KEEPS_ALL = replace(RX100M2, pictures_kept=10_000)  # of the addresses of its pictures


def slots_of(played):
    return [row.slot for row in played.frames]


def refuse_while(monkeypatch, target, name, is_refused, number):
    """Let a system call refuse while `is_refused` says so."""
    real = getattr(target, name)

    def call(*args, **more):
        if is_refused():
            raise OSError(number, os.strerror(number))
        return real(*args, **more)

    monkeypatch.setattr(target, name, call)


class Since:
    """Says whether the first shoot lies between two moments: `wrap_clock` hands over its clock."""

    def __init__(self, begins, ends):
        self._begins, self._ends, self._clock = begins, ends, None

    def take(self, clock):
        self._clock = clock
        return clock

    def __call__(self):
        if self._clock is None:
            return False
        try:
            now = (self._clock.utc() - BEGINNING) / SECOND
        except anyio.NoEventLoopError:  # the shoot is over
            return False
        return self._begins <= now < self._ends


@pytest.mark.parametrize(
    ("target", "name", "number"),
    [
        pytest.param(whole.os, "fsync", errno.EIO, id="fsync fails"),
        pytest.param(whole, "sync_folder", errno.EIO, id="the folder's fsync fails"),
        pytest.param(type(scenes.Path()), "open", errno.ENOSPC, id="no room for the part"),
        pytest.param(type(scenes.Path()), "rename", errno.ENOSPC, id="no room for the name"),
        pytest.param(type(scenes.Path()), "open", errno.EROFS, id="read-only"),
        pytest.param(type(scenes.Path()), "open", errno.EDQUOT, id="quota"),
    ],
)
def test_row_11_a_disk_that_refuses_pictures_delays_them_and_no_shot(tmp_path, monkeypatch, target, name, number):
    refused = Since(22, 75)
    refuse_while(monkeypatch, target, name, refused, number)
    played = play(tmp_path, frames=14, wrap_clock=refused.take, profile=KEEPS_ALL)
    check(played, 14)
    assert played.gaps == {}
    assert [exposure.slot for exposure in played.exposures] == list(range(14))
    assert played.count(DownloadsPaused) == played.count(DownloadsResumed)
    assert 1 <= played.count(DownloadsPaused) <= 5, "tried again at growing distances"
    assert played.summary.ended == "done"


def test_row_11_below_the_reserve_downloads_pause_and_everything_comes_afterwards_newest_first(tmp_path, monkeypatch):
    full, real = Since(22, 250), os.statvfs

    def statvfs(path):
        room = real(path)
        return room if not full() else os.statvfs_result((*room[:3], 1, 1, *room[5:]))

    monkeypatch.setattr(disk.os, "statvfs", statvfs)
    played = play(tmp_path, frames=36, wrap_clock=full.take, profile=KEEPS_ALL)
    check(played, 36)
    assert played.gaps == {}
    assert (played.count(DownloadsPaused), played.count(DownloadsResumed)) == (1, 1)
    order = [record.event.slot for record in played.records if type(record.event).__name__ == "FrameStored"]
    late = order[order.index(2) - 20 : order.index(2) + 1]
    assert late == sorted(late, reverse=True), "the newest first"


def test_row_11_a_shoot_stopped_with_a_full_disk_leaves_its_pictures_to_the_next_run(tmp_path, monkeypatch):
    full = Since(12, 60)
    refuse_while(monkeypatch, whole.os, "fsync", full, errno.ENOSPC)

    async def steer(intervalometer, clock, folder):
        await clock.sleep_until(BEGINNING + 35 * SECOND)
        leave_request(folder, RequestKind.STOP, clock.utc())

    played = play(tmp_path, frames=5, steer=steer, wrap_clock=full.take)
    assert played.summary.ended == "stopped"
    assert [shot.slot for shot in played.session.unfetched] == [1, 2, 3]
    assert slots_of(played) == [0]


def test_row_11_somebody_elses_file_in_the_way_is_left_and_costs_one_frame(tmp_path):
    async def steer(intervalometer, clock, folder):
        await clock.sleep_until(BEGINNING + 5 * SECOND)
        (folder / "frames" / "000002.jpg").write_bytes(b"somebody's")

    played = play(tmp_path, steer=steer)
    assert played.gaps == {2: GapReason.ON_CARD}
    assert (tmp_path / "frames" / "000002.jpg").read_bytes() == b"somebody's"


class SlowPictures(OddCamera):
    """A camera whose pictures come a kilobyte a second, and which knows byte ranges or does not."""

    asked: list
    ranges = True

    async def handle_async_request(self, request):
        if request.method == "POST":
            return await super().handle_async_request(request)
        plain = httpx2.Request("GET", request.url)
        data = await (await super().handle_async_request(plain)).aread()
        begins = int(request.headers.get("range", "bytes=0-")[6:-1]) if self.ranges else 0
        self.asked.append(begins)
        size = len(data)
        more = {"Content-Range": f"bytes {begins}-{size - 1}/{size}"} if begins else {}
        stream = Dripping(data[begins:])
        headers = {"Content-Length": str(size - begins), **more}
        return httpx2.Response(206 if begins else 200, headers=headers, stream=stream)


class Dripping(httpx2.AsyncByteStream):
    def __init__(self, data):
        self._data = data

    async def __aiter__(self):
        from dayspool.clock import pause

        for at in range(0, len(self._data), 1024):
            await pause(1)
            yield self._data[at : at + 1024]


@pytest.mark.parametrize("ranges", [True, False])
def test_row_12_a_download_that_never_fits_between_slots_is_no_failure(tmp_path, monkeypatch, ranges):
    monkeypatch.setattr(SlowPictures, "asked", [], raising=False)
    monkeypatch.setattr(SlowPictures, "ranges", ranges)
    monkeypatch.setattr(scenes, "OddCamera", SlowPictures)
    body_px = (320, 214)
    monkeypatch.setattr(scenes, "Body", lambda **more: REAL_BODY(**{**more, "picture_px": body_px}))
    played = play(tmp_path, frames=6, every="10s", profile=KEEPS_ALL)
    assert played.gaps == {}
    assert len(played.frames) == 6
    cuts = [record.event for record in played.records if isinstance(record.event, FetchFailed)]
    assert cuts
    assert all(event.cut_off for event in cuts)
    assert [exposure.slot for exposure in played.exposures] == list(range(6))
    assert any(SlowPictures.asked) is ranges, "where the camera can, it goes on where it stopped"


REAL_BODY = scenes.Body


def test_row_12_pictures_that_the_camera_has_forgotten_say_so(tmp_path, monkeypatch):
    full = Since(12, 45)
    refuse_while(monkeypatch, whole.os, "fsync", full, errno.ENOSPC)
    played = play(tmp_path, Fault(kind=FaultKind.URL_DEAD), frames=8, wrap_clock=full.take)
    check(played, 8)
    assert set(played.gaps.values()) == {GapReason.ON_CARD}
    details = [record.event.detail for record in played.records if isinstance(record.event, Gap)]
    assert all("404" in detail for detail in details)


def test_a_request_that_never_left_is_made_once_more_and_one_that_left_never(tmp_path):
    def answer(call):
        if call.method == "actTakePicture" and call.times in (2, 5, 6):
            raise httpx2.ConnectError("no route")
        return None

    played = play(tmp_path, answer=answer, frames=8)
    check(played, 8)
    assert played.gaps == {3: GapReason.CAMERA_UNREACHABLE}, "twice refused, slot 3 is given up"
    assert 1 in slots_of(played)


def test_row_5_two_pictures_since_a_lost_answer_are_nobodys(tmp_path):
    bodies = []

    async def keep(body):
        bodies.append(body)

    async def by_hand(intervalometer, clock, folder):
        await clock.sleep_until(BEGINNING + 75 * SECOND)
        await bodies[0].take_picture()

    faults = Fault(kind=FaultKind.ANSWER_LOST, shot=2), Fault(kind=FaultKind.LINK_DOWN, begins=61, ends=90)
    played = play(tmp_path, *faults, every="1m", frames=4, before=keep, steer=by_hand)
    assert played.gaps == {1: GapReason.ON_CARD}
    (gap,) = [record.event for record in played.records if isinstance(record.event, Gap)]
    assert "2 pictures more" in gap.detail


def test_row_6_a_camera_that_hangs_until_its_battery_is_pulled_costs_its_slots_only(tmp_path):
    faults = (
        Fault(kind=FaultKind.SILENT, begins=65, ends=665),
        Fault(kind=FaultKind.LINK_DOWN, begins=665, ends=800),
        Fault(kind=FaultKind.WRONG_SHOOT_MODE, begins=800),
    )
    played = play(tmp_path, *faults, frames=100)
    check(played, 100)
    assert set(played.gaps.values()) <= {GapReason.CAMERA_UNREACHABLE, GapReason.ANSWER_LOST}
    assert slots_of(played)[-18:] == list(range(82, 100)), "within two intervals of its return"
    talk = sum(record.utc > BEGINNING + 100 * SECOND and not isinstance(record.event, Gap) for record in played.records)
    assert talk < 4 * 18 + 60, "an outage is told once, not with each attempt"


def test_row_13_a_counter_that_wraps_mixes_up_nothing(tmp_path):
    played = play(tmp_path, Fault(kind=FaultKind.FILE_NUMBER, number=9_997), frames=8)
    check(played, 8)
    assert played.gaps == {}
    assert len({(tmp_path / "frames" / row.name).read_bytes() for row in played.frames}) == 8


class SameNames(OddCamera):
    """A camera that calls every picture DSC00001.JPG, and begins another folder after the third."""

    real: str = ""

    async def handle_async_request(self, request):
        if request.method == "GET":
            url = str(request.url)
            assert "DSC00001.JPG" in url
            plain = re.sub(r"10[01]MSDCF/DSC00001[.]JPG", self.real, url)
            return await super().handle_async_request(httpx2.Request("GET", plain))
        reply = await super().handle_async_request(request)
        content = (await reply.aread()).decode()
        found = re.search(r"pict\d{6}_\d{6}(\d{4})[.]JPG", content)
        if found:
            type(self).real = found[0]
            content = content.replace(found[0], f"{100 + (int(found[1]) > 2)}MSDCF/DSC00001.JPG")
        return httpx2.Response(200, stream=httpx2.ByteStream(content.encode()))


def test_row_13_another_folder_and_the_same_name_with_another_picture_mix_up_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(scenes, "OddCamera", SameNames)
    played = play(tmp_path, frames=6)
    check(played, 6)
    assert played.gaps == {}
    assert {
        record.event.url.rpartition("?")[0][-21:] for record in played.records if type(record.event) is ShotTaken
    } == {
        "100MSDCF/DSC00001.JPG",
        "101MSDCF/DSC00001.JPG",
    }
    assert len({(tmp_path / "frames" / row.name).read_bytes() for row in played.frames}) == 6
    began = [row.taken[-2:] for row in played.frames]
    assert began == ["00", "10", "20", "30", "40", "50"], "each slot has its own exposure"


@pytest.mark.parametrize("exif", [True, False])
def test_row_26_of_two_equal_pictures_the_later_one_is_the_repeat_whichever_comes_first(tmp_path, monkeypatch, exif):
    refused = Since(22, 75)  # slots 2 to 6 wait, and come newest first
    refuse_while(monkeypatch, whole.os, "fsync", refused, errno.EIO)
    repeated = Fault(kind=FaultKind.PICTURE_REPEATED, shot=6)
    if not exif:
        monkeypatch.setattr("dayspool.picture.stored.read", lambda data: PictureFacts())
    played = play(tmp_path, repeated, frames=10, wrap_clock=refused.take, profile=KEEPS_ALL)
    check(played, 10)
    stored = [record.event.slot for record in played.records if isinstance(record.event, FrameStored)]
    waited = [slot for slot in stored if 2 <= slot <= 6]
    assert waited != sorted(waited), "newest first"
    if exif:
        assert played.gaps == {5: GapReason.FROZEN_PICTURE}
    else:  # nobody can know which of them it is
        assert list(played.gaps.values()) == [GapReason.FROZEN_PICTURE]


def test_row_4_a_storm_of_40403_is_waited_for_and_loses_only_the_slots_it_takes(tmp_path):
    storm = {"times": 0}

    def answer(call):
        if call.method == "awaitTakePicture" and call.times % 4:
            storm["times"] += 1
            return {"error": [40403, "Still Capturing Not Finished"]}
        return None

    played = play(
        tmp_path, Fault(kind=FaultKind.LONG_EXPOSURE, every=1, seconds=17), frames=12, every="40s", answer=answer
    )
    check(played, 12)
    assert storm["times"] >= 12
    assert played.gaps == {}
    assert len(played.exposures) == 12


def test_row_4_a_40403_that_never_ends_is_given_up_and_the_run_goes_on(tmp_path):
    def answer(call):
        return {"error": [40403, "Still Capturing Not Finished"]} if call.method == "awaitTakePicture" else None

    played = play(tmp_path, Fault(kind=FaultKind.LONG_EXPOSURE, shot=2, seconds=17), frames=20, answer=answer)
    check(played, 20)
    lost = {slot for slot, reason in played.gaps.items() if reason is GapReason.CAMERA_BUSY}
    assert lost == set(played.gaps)
    assert max(lost) <= 11, "a minute and a half"
    assert 1 in slots_of(played), "the events tell of the picture afterwards"


def test_row_27_a_night_without_a_camera_is_not_a_night_of_lines(tmp_path, caplog):
    played = play(tmp_path, Fault(kind=FaultKind.LINK_DOWN, begins=35, ends=3600), frames=360)
    others = [record for record in played.records if not isinstance(record.event, Gap)]
    outage = [record for record in others if 40 < (record.utc - BEGINNING) / SECOND < 3590]
    assert len(outage) <= 20, "an hour of it"
    assert caplog.records == []
    assert json.dumps(played.summary.ended) == '"done"'


def test_row_10_a_full_card_keeps_the_run_alive_until_its_end(tmp_path):
    played = play(tmp_path, profile=replace(RX100M2, card_images=2), frames=8)
    assert played.summary.ended == "done"
    assert set(played.gaps.values()) == {GapReason.CARD_FULL}


@pytest.mark.parametrize("word", ["error", "state"])
def test_a_camera_that_is_back_and_not_ready_yet_is_called_busy_and_not_out_of_reach(tmp_path, word):
    """Found by a week of chaos: the attempt in which it says so takes 20 s, and ended like one that nobody heard."""
    began = []

    def answer(call):
        began.append(anyio.current_time())
        if 60 <= anyio.current_time() - began[0] < 118:
            not_ready = {"result": [{"type": "cameraStatus", "cameraStatus": "NotReady"}]}
            return {"error": [40401, "Camera Not Ready"]} if word == "error" else not_ready
        return None

    played = play(tmp_path, Fault(kind=FaultKind.LINK_DOWN, begins=12, ends=65), answer=answer, frames=16)
    check(played, 16)
    gone = dict.fromkeys(range(2, 6), GapReason.CAMERA_UNREACHABLE)
    assert played.gaps == gone | dict.fromkeys(range(6, 12), GapReason.CAMERA_BUSY), "it answers in time for slot 6"
    assert sum("answers again" in getattr(record.event, "detail", "") for record in played.records) == 1
