"""`dayspool shoot` beyond the whole way: which camera a resumed shoot takes, and how a shoot without a frame ends."""

import json
from datetime import UTC, datetime, timedelta

import anyio
import pytest
from click.testing import CliRunner

import dayspool.cli.shoot
from dayspool.camera.unlock import KEY_VARIABLE
from dayspool.cli.narrate import Narrator
from dayspool.cli.output import Output
from dayspool.cli.shoot import _source, _Stopping, command
from dayspool.clock import SystemClock
from dayspool.config import CameraSection, PlanFile
from dayspool.core.events import CameraLost, CameraReady, Gap, Record, ShootBegan
from dayspool.core.frame import GapReason
from dayspool.core.session import Session
from dayspool.discovery import identity_of
from dayspool.errors import CameraError, CameraUnreachable, PlanError
from dayspool.journal import JournalWriter
from dayspool.shoot import ShootSummary
from dayspool.shoot.finding import find_one
from dayspool.sim import Body, serving

BEGAN = ShootBegan(origin="2026-06-01T12:00:00+00:00", interval_seconds=10.0, count=6, source="camera")


def shoot_with(folder, ready):
    """Make the folder of a shoot that had this camera last."""
    folder.mkdir()
    with JournalWriter(folder, SystemClock().utc) as journal:
        journal.append(BEGAN, ready)
    return folder


async def resumed(folder, address):
    planned = PlanFile(every=timedelta(seconds=10), camera=CameraSection(url=address))
    source = await _source(folder, planned, None, _Stopping())
    async with source.open() as camera:
        return camera.endpoint


@pytest.mark.parametrize("same_body", [True, False])
def test_a_named_address_wins_over_the_last_one_and_another_body_there_is_refused(tmp_path, same_body):
    async def play():
        old = Body(clock=SystemClock(), seed=1, picture_px=(48, 32))
        new = Body(clock=SystemClock(), seed=1 if same_body else 2, picture_px=(48, 32))
        async with serving(old, port=0, ssdp=False) as at_old, serving(new, port=0, ssdp=False) as at_new:
            found = await find_one(seconds=5, address=at_old.location)
            ready = CameraReady(
                endpoint=at_old.endpoint, model=found.model, identity=identity_of(found.udn), location=found.location
            )
            source = shoot_with(tmp_path / "s", ready)
            assert await resumed(source, None) == at_old.endpoint
            assert await resumed(source, at_old.endpoint) == at_old.endpoint
            try:
                return await resumed(source, at_new.location) == at_new.endpoint
            except CameraUnreachable as error:
                return str(error)

    taken = anyio.run(play)
    if same_body:
        assert taken is True
    else:
        assert "not the one this shoot began with" in taken


def summary(*, frames=0, exposures=0, ended="done"):
    return ShootSummary(frames=frames, gaps=6 - frames, exposures=exposures, late_ms_p99=None, ended=ended)


@pytest.mark.parametrize(
    ("ended", "code", "says"),
    [
        (summary(), 1, "none was taken"),
        (summary(exposures=4), 1, "4 pictures are on the camera's card only"),
        (summary(frames=1, exposures=1), 0, ""),
        (summary(ended="stopped"), 0, ""),
    ],
)
@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_a_shoot_that_ends_without_a_frame_has_failed(tmp_path, monkeypatch, ended, code, says, flags):
    monkeypatch.setattr(dayspool.cli.shoot, "run_shoot", lambda *_, **__: ended)
    done = CliRunner().invoke(command, [str(tmp_path / "s"), "--every", "10s", "--frames", "6", *flags])
    assert done.exit_code == code, done.output
    assert says in done.stderr
    if flags:
        assert json.loads(done.stdout.splitlines()[-1])["ended"] == ended.ended


def test_a_developer_key_that_others_may_read_is_told_before_the_shoot(tmp_path, monkeypatch):
    key = tmp_path / "key.toml"
    key.write_text("")
    key.chmod(0o644)
    monkeypatch.setenv(KEY_VARIABLE, str(key))
    done = CliRunner().invoke(command, [str(tmp_path / "s"), "--every", "10s", "--camera", "127.0.0.1:9"])
    assert isinstance(done.exception, PlanError)
    assert not isinstance(done.exception, CameraError)
    assert "chmod 600" in str(done.exception)
    assert not (tmp_path / "s").exists()


def test_a_detail_is_told_once(capsys):
    events = [
        CameraLost(detail="it sleeps"),
        Gap(slot=1, reason=GapReason.CAMERA_UNREACHABLE, detail="it sleeps"),
        Gap(slot=2, reason=GapReason.CAMERA_REFUSED, detail="it is on BULB"),
        Gap(slot=3, reason=GapReason.CAMERA_REFUSED, detail="it is on BULB"),
        Gap(slot=4, reason=GapReason.CAMERA_REFUSED, detail="it is locked"),
    ]
    with Narrator(Output(as_json=False)) as tell:
        for seq, event in enumerate(events):
            tell(Record(seq=seq, utc=datetime(2026, 6, 1, tzinfo=UTC), event=event), Session())
    assert capsys.readouterr().out.splitlines() == [
        "camera lost: it sleeps",
        "slot 1 is a gap: the camera could not be reached",
        "slot 2 is a gap: the camera declined; it is on BULB",
        "slot 4 is a gap: the camera declined; it is locked",
    ]


def test_status_says_what_helps_once(tmp_path):
    from dayspool.cli.status import command as status

    folder = shoot_with(tmp_path / "s", CameraReady(endpoint="http://10.0.0.1:10000/camera", model="DSC-RX100M2"))
    with JournalWriter(folder, SystemClock().utc) as journal:
        for slot in range(4):
            detail = "it is on BULB" if slot < 3 else "it is locked"
            journal.append(Gap(slot=slot, reason=GapReason.CAMERA_REFUSED, detail=detail))
    told = CliRunner().invoke(status, [str(folder)]).stdout
    assert told.count("it is on BULB") == told.count("it is locked") == 1
    assert "4 × the camera declined" in told


@pytest.mark.parametrize("words", [(), ("--window", "06:00-07:00")])
def test_a_plan_without_a_slot_is_refused_before_a_camera_is_searched_or_anything_written(tmp_path, words):
    nowhere = ("--camera", "http://127.0.0.1:9/sony/camera")
    done = CliRunner().invoke(
        command, [str(tmp_path / "s"), "--every", "10s", "--until", "2020-01-01", *nowhere, *words]
    )
    assert isinstance(done.exception, PlanError), done.output
    assert list(tmp_path.iterdir()) == []
