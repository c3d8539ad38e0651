"""What systemd is told, over a real datagram socket, and the program that keeps the machine awake."""

import os
import select
import signal
import socket
import subprocess
import sys
import uuid
from datetime import UTC, datetime

import anyio
import pytest

from dayspool.core.events import CameraLost, FrameMetered, FrameStored, Record, RunEnded, RunStarted, StopAsked
from dayspool.core.session import Session
from dayspool.shoot.power import ServiceManager, inhibit_argv, staying_awake
from dayspool.testing import run_virtually
from tests.shoot.scenes import play

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    """Yield the address of a listening service manager, as in NOTIFY_SOCKET, and its socket."""
    name = f"dayspool-{uuid.uuid4().hex}"
    address = str(tmp_path / "notify") if request.param == "path" else f"@{name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address if request.param == "path" else f"\0{name}")
        listening.setblocking(False)
        yield address, listening


def heard(listening):
    """Return what was sent so far, one list of lines for each datagram."""
    said = []
    while True:
        try:
            said.append(listening.recv(4096).decode().split("\n"))
        except BlockingIOError:
            return said


def record(event):
    return Record(seq=1, utc=NOW, event=event)


def test_a_shoot_is_told_from_ready_to_stopping(manager):
    address, listening = manager
    systemd = ServiceManager({"NOTIFY_SOCKET": address})
    session = Session(connected=True, next_slot=12, frames=10, gaps=2)
    systemd.told(record(RunStarted(pid=1, version="1", count=None)), session)
    systemd.told(record(FrameStored(slot=1, name="x", size_bytes=1)), session)
    systemd.told(record(FrameMetered(slot=1, measured_ev=0.0, clipped_share=0.0, scene_ev=None)), session)
    systemd.told(record(CameraLost(detail="x")), Session())
    systemd.told(record(StopAsked(by="signal")), session)
    systemd.told(record(RunEnded(why="stopped")), session)
    systemd.close()
    assert heard(listening) == [
        ["READY=1", "STATUS=shooting, slot 12, 10 frames, 2 gaps"],
        ["STATUS=shooting, slot 12, 10 frames, 2 gaps"],
        ["STATUS=no camera, slot 0, 0 frames, 0 gaps"],
        ["STOPPING=1", "STATUS=ending: shooting, slot 12, 10 frames, 2 gaps"],
        ["STOPPING=1", "STATUS=ending: shooting, slot 12, 10 frames, 2 gaps"],
    ]


def test_the_watchdog_hears_of_a_loop_that_turns_and_nothing_of_one_that_hangs(manager):
    address, listening = manager

    async def main(clock):
        systemd = ServiceManager({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "300000000"})
        turning = []
        for _ in range(60):
            systemd.turned()
            turning += heard(listening)
            await anyio.sleep(10)
        await anyio.sleep(3600)  # it hangs
        hanging = heard(listening)
        systemd.turned()
        systemd.close()
        return turning, hanging, heard(listening)

    turning, hanging, later = run_virtually(main)
    assert turning == [["WATCHDOG=1"]] * 20
    assert hanging == []
    assert later == [["WATCHDOG=1"]]


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"WATCHDOG_USEC": "1000000"},
        {"NOTIFY_SOCKET": "/nowhere/at/all", "WATCHDOG_USEC": "1000000"},
        {"NOTIFY_SOCKET": "/nowhere/at/all", "WATCHDOG_USEC": "soon"},
        {"NOTIFY_SOCKET": "/nowhere/at/all", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"},
    ],
)
def test_without_anybody_who_listens_nothing_happens(environment):
    async def main(clock):
        systemd = ServiceManager(environment)
        systemd.turned()
        systemd.told(record(RunStarted(pid=1, version="1", count=None)), Session())
        systemd.close()

    run_virtually(main)


def test_a_service_manager_that_does_not_read_is_not_waited_for(manager):
    address, _listening = manager
    systemd = ServiceManager({"NOTIFY_SOCKET": address})
    for _ in range(2000):
        systemd.told(record(RunStarted(pid=1, version="1", count=None)), Session())
    systemd.close()


def test_the_loop_says_that_it_turns(tmp_path, monkeypatch):
    import dayspool.shoot.intervalometer as module

    turns = []
    made = module.Intervalometer.__init__
    monkeypatch.setattr(
        module.Intervalometer, "__init__", lambda self, **given: made(self, turned=lambda: turns.append(1), **given)
    )
    play(tmp_path / "s", every="1m", frames=5)
    assert len(turns) >= 5 * 6


def test_the_command_that_keeps_awake():
    assert inhibit_argv("/usr/bin/systemd-inhibit", "shooting s") == (
        "/usr/bin/systemd-inhibit",
        "--what=sleep:idle",
        "--who=dayspool",
        "--why=shooting s",
        "--mode=block",
        "cat",
    )


STAND_IN = """#!/bin/sh
echo "$@" > {folder}/said
echo $$ > {folder}/pid
for last; do :; done
"$last"
touch {folder}/ended
"""


@pytest.fixture
def inhibitor(tmp_path, monkeypatch):
    """A stand-in for systemd-inhibit on PATH; it leaves notes in the folder."""
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "systemd-inhibit"
    program.write_text(STAND_IN.format(folder=tmp_path))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return tmp_path


def test_the_machine_is_kept_awake_for_so_long_and_no_longer(inhibitor):
    with staying_awake("shooting s", booted=inhibitor) as note:
        assert note is None
        assert "--what=sleep:idle --who=dayspool --why=shooting s --mode=block cat" in (inhibitor / "said").read_text()
        assert not (inhibitor / "ended").exists()
    assert (inhibitor / "ended").exists()


def test_it_ends_with_us_by_sigkill_too(inhibitor):
    script = (
        "import sys, pathlib\n"
        "from dayspool.shoot.power import staying_awake\n"
        "with staying_awake('shooting', booted=pathlib.Path(sys.argv[1])):\n"
        "    print('awake', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(inhibitor)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"awake\n"
        child = os.pidfd_open(int((inhibitor / "pid").read_text()))
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
    try:
        assert select.select([child], [], [], 10)[0], "it outlived us"
    finally:
        os.close(child)


def test_a_refusal_is_told(inhibitor):
    (inhibitor / "bin" / "systemd-inhibit").write_text(
        "#!/bin/sh\necho 'Failed to inhibit: Access denied' >&2\nexit 1\n"
    )
    with staying_awake("shooting", booted=inhibitor) as note:
        assert note == "this machine may fall asleep: systemd-inhibit was refused (Failed to inhibit: Access denied)"


def test_without_the_tool_it_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with staying_awake("shooting", booted=tmp_path) as note:
        assert "no systemd-inhibit" in note
    with staying_awake("shooting", booted=tmp_path / "not") as note:
        assert note is None
