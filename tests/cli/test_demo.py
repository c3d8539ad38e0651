"""The demo's bad ends: nobody is left behind, nothing waits for ever, and half a shoot is no film."""

import json
import signal
import socket
import subprocess
import sys
from contextlib import nullcontext
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import anyio
import pytest
from astral import Observer
from astral.sun import elevation, sun
from click.testing import CliRunner

import dayspool.cli.render
import dayspool.cli.shoot
import dayspool.shoot.finding
from dayspool.cli import demo
from dayspool.errors import CameraError, CameraUnreachable, ToolFailed
from dayspool.shoot import ShootSummary
from dayspool.sim import KIEL
from tests.processes import simulator


def answers(endpoint):
    where = urlsplit(endpoint)
    with socket.socket() as line:
        return line.connect_ex((where.hostname, where.port)) == 0


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_takes_the_simulator_along(tmp_path, ending):
    before = signal.getsignal(ending)
    with pytest.raises(SystemExit) as ended, demo._simulator(tmp_path) as endpoint:
        signal.raise_signal(ending)
    assert ended.value.code == 128 + ending
    assert not answers(endpoint)
    assert signal.getsignal(ending) is before


def test_ctrl_c_while_searching_takes_the_simulator_along(tmp_path):
    with pytest.raises(KeyboardInterrupt), demo._simulator(tmp_path) as endpoint:
        signal.raise_signal(signal.SIGINT)
    assert not answers(endpoint)


def program(text):
    return subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True)


def test_a_simulator_that_says_nothing_is_killed(monkeypatch):
    monkeypatch.setattr(demo, "START_SECONDS", 0.3)
    with program("import signal; signal.pause()") as process, pytest.raises(ToolFailed, match="did not start"):
        demo._endpoint(process)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("line", ["", "not JSON", "[]", "{}"])
def test_a_simulator_that_says_something_else_did_not_start(line):
    with program(f"print({line!r})") as process, pytest.raises(ToolFailed, match="did not start"):
        demo._endpoint(process)


def test_a_simulator_that_does_not_end_is_killed(monkeypatch):
    monkeypatch.setattr(demo, "END_SECONDS", 0.3)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    with program(deaf) as process:
        process.stdout.readline()
        with pytest.raises(ToolFailed, match="was killed"):
            demo._end(process)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("ended", "frames", "gaps"), [("stopped", 3, 0), ("done", 5, 1), ("stopped", 6, 0)], ids=["cut", "gap", "late"]
)
def test_half_a_shoot_is_no_film(tmp_path, monkeypatch, ended, frames, gaps):
    summary = ShootSummary(frames=frames, gaps=gaps, exposures=frames, late_ms_p99=None, ended=ended)
    monkeypatch.setattr(demo, "_simulator", lambda shoot: nullcontext("http://127.0.0.1:1/camera"))
    monkeypatch.setattr(demo, "_found", lambda endpoint: "found")
    monkeypatch.setattr(dayspool.cli.shoot, "run_shoot", lambda *_, **__: summary)
    monkeypatch.setattr(dayspool.cli.render, "render_shoot", lambda *_, **__: pytest.fail("a film of half a shoot"))
    result = CliRunner().invoke(demo.command, [str(tmp_path), "--frames", "6"])
    assert isinstance(result.exception, CameraError)
    assert f"({ended}) with {frames} of 6 frames and {gaps} gaps" in str(result.exception)
    assert result.exception.exit_code == 1


def test_the_built_in_developer_makes_it_without_darktables_look(tmp_path, monkeypatch):
    asked = {}

    def render_shoot(*_, **settings):
        asked.update(settings)
        raise CameraError("enough")

    summary = ShootSummary(frames=2, gaps=0, exposures=2, late_ms_p99=None, ended="done")
    monkeypatch.setattr(demo, "_simulator", lambda shoot: nullcontext("http://127.0.0.1:1/camera"))
    monkeypatch.setattr(demo, "_found", lambda endpoint: "found")
    monkeypatch.setattr(dayspool.cli.shoot, "run_shoot", lambda *_, **__: summary)
    monkeypatch.setattr(dayspool.cli.render, "render_shoot", render_shoot)
    CliRunner().invoke(demo.command, [str(tmp_path), "--frames", "2", "--developer", "builtin"])
    assert (asked["developer_name"], asked["look"]) == ("builtin", "none")


def test_the_search_ends_with_the_camera_it_is_for(monkeypatch):
    from dayspool.discovery import Found

    async def find_cameras(*, on_found, **_):
        for port in (1, 2):
            on_found(found(port))
        await anyio.sleep_forever()

    def found(port):
        fields = {"model": "DSC-RX100M2", "endpoint": f"http://127.0.0.1:{port}/camera", "found_by": "ssdp"}
        rest = {name: None for name in Found.__dataclass_fields__ if name not in fields}
        return Found(**fields, **rest)

    monkeypatch.setattr(dayspool.shoot.finding, "find_cameras", find_cameras)
    assert demo._found("http://127.0.0.1:2/camera") == ("It is found by ssdp: DSC-RX100M2 at http://127.0.0.1:2/camera")


def test_a_search_for_nobody_says_so(monkeypatch):
    monkeypatch.setattr(demo, "FIND_SECONDS", 0.5)
    with simulator("--seed", "77", ssdp=True), pytest.raises(CameraUnreachable, match="was not found by SSDP"):
        demo._found("http://127.0.0.1:1/camera")


def test_its_evening_is_as_it_says():
    observer, start = Observer(KIEL.latitude, KIEL.longitude), datetime.fromisoformat(demo.SKY_START)
    end = start + demo.SLOTS * demo.INTERVAL * demo.SPEED
    before_sunset = sun(observer, date=start.date(), tzinfo=start.tzinfo)["sunset"] - start
    assert timedelta(minutes=50) < before_sunset < timedelta(minutes=70)
    assert -12 < elevation(observer, end, with_refraction=False) < -7


@pytest.mark.tools
def test_without_darktable_it_says_so_loudly(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    argv = [sys.executable, "-m", "dayspool", "demo", str(tmp_path / "demo"), "--frames", "2", "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["developer"] == "builtin"
    assert "NOT DEVELOPED WITH DARKTABLE, and without its look: darktable-cli is not installed" in done.stderr
    assert "interval_too_short" not in done.stdout, "its camera's second is many"
