"""`camera snap`: bulb exposures and bursts, with simulated bodies that have them; nothing overwritten."""

from contextlib import asynccontextmanager

import pytest
from click.testing import CliRunner

from dayspool.camera import open_camera
from dayspool.cli import root
from dayspool.clock import LoopClock
from dayspool.errors import CameraRefused, PlanError
from dayspool.picture import inspect, read
from dayspool.sim import PROFILES, Body, Fault, FaultKind, Faults
from dayspool.testing import BEGINNING, InMemoryTransport


@pytest.fixture
def with_body(monkeypatch):
    """Return a function that puts a simulated model, fifty times as fast, behind the command."""

    def put(name, *, faults=None, **settings):
        profile = PROFILES[name]

        @asynccontextmanager
        async def opened(*_):
            body = Body(
                clock=LoopClock(BEGINNING), profile=profile, seed=5, picture_px=(48, 32), speed=50, faults=faults
            )
            endpoint = f"http://{profile.address}:{profile.ports.control}{profile.service_base}/camera"
            async with open_camera(endpoint, model=profile.model, transport=InMemoryTransport(body)) as camera:
                await camera.start()
                for setting, value in settings.items():
                    await camera.set(setting.replace("_", "-"), value)
                yield camera

        monkeypatch.setattr("dayspool.cli.camera.snap.opened", opened)

    return put


def snap(*words):
    return CliRunner().invoke(root, ["camera", "snap", *map(str, words)])


def test_bulb(with_body, tmp_path):
    with_body("a5000", exposure_mode="Manual", shutter="BULB")
    done = snap("-o", tmp_path / "a.jpg", "--bulb", "1s")
    assert done.exit_code == 0, done.output
    assert read((tmp_path / "a.jpg").read_bytes()).exposure.shutter_seconds > 40, (
        "a second of the test, fifty of the body"
    )
    assert isinstance(snap("-o", tmp_path / "b.jpg").exception, CameraRefused)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jpg"]


def test_a_burst_is_numbered_and_overwrites_nothing(with_body, tmp_path):
    with_body("a7m3", drive_mode="Continuous")
    done = snap("-o", tmp_path / "a.jpg", "--burst", "100ms", "--json")
    assert done.exit_code == 0, done.output
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) > 2
    assert names == [f"a-{number:03d}.jpg" for number in range(1, len(names) + 1)]
    assert {inspect((tmp_path / name).read_bytes()).width for name in names} == {48}
    assert isinstance(snap("-o", tmp_path / "a.jpg", "--burst", "100ms").exception, PlanError)


def test_bulb_and_burst_are_not_one(with_body, tmp_path):
    with_body("a5000")
    done = snap("-o", tmp_path / "a.jpg", "--burst", "1s", "--bulb", "1s")
    assert done.exit_code == 2
    assert "give one of them" in done.output


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (FaultKind.ANSWER_LOST, "a picture may have been taken all the same"),
        (FaultKind.PICTURE_GONE, "the picture was taken, and lies on the camera's card"),
    ],
)
def test_an_exposure_that_is_not_fetched_is_not_lost(with_body, tmp_path, kind, told):
    with_body("a5000", faults=Faults(faults=(Fault(kind=kind, shot=1),)))
    done = snap("-o", tmp_path / "a.jpg")
    assert any(told in note for note in done.exception.__notes__)


def test_a_picture_after_a_burst_names_the_drive_mode(with_body, tmp_path):
    with_body("a7m3", drive_mode="Continuous")
    assert "dayspool camera set drive-mode single" in str(snap("-o", tmp_path / "a.jpg").exception)
