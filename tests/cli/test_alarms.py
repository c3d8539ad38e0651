"""`dayspool alarms` as a process of its own: beside a journal that a test writes, and beside a shoot that is killed."""

import errno
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from dayspool.cli.alarms import start_beside
from dayspool.clock import SystemClock
from dayspool.core.alarms import Patience
from dayspool.core.events import CameraLost, CameraReady, Gap, HealthRead, RunEnded, RunStarted, ShootBegan, ShotTaken
from dayspool.core.frame import GapReason
from dayspool.journal import JournalWriter
from dayspool.notify import Follower
from dayspool.notify.mqtt import node_of
from tests.notify.servers import broker, free_port, web
from tests.notify.test_mqtt import Listener
from tests.processes import DAYSPOOL, simulator

READY = CameraReady(endpoint="http://10.0.0.1", model="RX100M2")


@pytest.fixture
def settings(tmp_path, monkeypatch):
    path = tmp_path / "settings.toml"
    monkeypatch.setenv("DAYSPOOL_SETTINGS", str(path))

    def write(*tables):
        path.write_text("".join(f"[[alarm]]\n{table}\n" for table in tables))
        path.chmod(0o600)

    return write


def webhook(url):
    return f'kind = "webhook"\nurl = "{url}/hook"'


def run(*words, code=0):
    done = subprocess.run([*DAYSPOOL, "alarms", *map(str, words)], capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@contextmanager
def alarms(folder):
    argv = [*DAYSPOOL, "alarms", str(folder), "--json"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=20)


def began(count=100):
    origin = SystemClock().utc() - timedelta(seconds=60)
    return ShootBegan(origin=origin.isoformat(), interval_seconds=1.0, count=count, source="camera")


def test_a_journal_is_told_from_before_it_is_there_until_its_last_word(tmp_path, settings):
    with web((500, {}, b""), (200, {}, b"")) as server:
        settings(
            webhook(server.url),
            f'kind = "webhook"\nname = "away"\nurl = "http://127.0.0.1:{free_port()}/"\nonly = ["paused"]',
        )
        folder = tmp_path / "harbour"
        with alarms(folder) as process:
            folder.mkdir()
            with JournalWriter(folder, SystemClock().utc) as journal:
                journal.append(began(), RunStarted(pid=1, version="1", count=100), READY)
                journal.append(
                    CameraLost(detail="no route"),
                    *(Gap(slot=slot, reason=GapReason.CAMERA_UNREACHABLE) for slot in range(4)),
                )
                first = json.loads(process.stdout.readline())
                journal.append(READY, *(ShotTaken(slot=slot, url="x") for slot in range(4, 9)))
                second = json.loads(process.stdout.readline())
                journal.append(RunEnded(why="done"))
            assert process.wait(timeout=30) == 0
            last = json.loads(process.stdout.readline())
            assert process.stderr.read().count("HTTP 500") == 1
    assert [(one["kind"], one["phase"], one["lost"]) for one in (first, second)] == [
        ("camera-lost", "begins", 4),
        ("camera-lost", "over", 4),
    ]
    assert last["title"] == "harbour: done, 0 frames, 4 gaps"
    said = [json.loads(body) for _, _, body in server.posted]
    assert [one["title"] for one in said] == [one["title"] for one in (first, first, second, last)]


def test_a_shoot_that_has_ended_is_no_news(tmp_path, settings):
    folder = tmp_path / "s"
    folder.mkdir()
    with JournalWriter(folder, SystemClock().utc) as journal:
        journal.append(began(), RunStarted(pid=1, version="1", count=100), RunEnded(why="stopped"))
    assert "has ended" in run(folder).stdout
    assert run(folder, "--json").stdout == ""


def test_only_one_tells_of_a_shoot(tmp_path, settings):
    with JournalWriter(tmp_path, SystemClock().utc) as journal:
        journal.append(
            began(),
            RunStarted(pid=1, version="1", count=100),
            *(Gap(slot=slot, reason=GapReason.CARD_FULL) for slot in range(3)),
        )
        with alarms(tmp_path) as process:
            assert json.loads(process.stdout.readline())["kind"] == "card-full"
            assert "tells of" in run(tmp_path, code=1).stderr


def test_what_was_not_told_is_said_when_it_is_stopped(tmp_path, settings):
    settings(webhook(f"http://127.0.0.1:{free_port()}"))
    with JournalWriter(tmp_path, SystemClock().utc) as journal:
        journal.append(
            began(),
            RunStarted(pid=1, version="1", count=100),
            *(Gap(slot=slot, reason=GapReason.CARD_FULL) for slot in range(3)),
        )
        with alarms(tmp_path) as process:
            process.stdout.readline()
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 1
            assert "not all was told through webhook" in process.stderr.read()


def test_a_test_alarm_goes_through_every_receiver(tmp_path, settings):
    with web() as server:
        settings(
            webhook(server.url),
            f'kind = "ntfy"\ntopic = "secret-topic"\nurl = "http://127.0.0.1:{free_port()}"',
            f'kind = "command"\ncommand = ["{sys.executable}", "-c", "pass"]',
        )
        done = run("--test", "--json", code=1)
        told = run("--test", code=1)
    results = json.loads(done.stdout)["receivers"]
    assert [(one["name"], one["ok"]) for one in results] == [("webhook", True), ("ntfy", False), ("command", True)]
    assert "cannot be reached" in results[1]["detail"]
    assert "secret" not in done.stdout + done.stderr + told.stdout + told.stderr
    assert len(server.posted) == 2


def test_bad_input(tmp_path, settings, monkeypatch):
    assert "names no receiver" in run("--test", code=2).stderr
    assert "Missing argument" in run(code=2).stderr
    settings('kind = "pigeon"')
    assert "settings.toml:2: alarm[1].kind" in run(tmp_path, code=2).stderr
    settings()
    assert "--test" in run(tmp_path, "--test", code=2).stderr
    assert "is a file" in run(tmp_path / "settings.toml", code=2).stderr
    (tmp_path / "journal.db").write_bytes(b"nonsense" * 100)
    assert "journal" in run(tmp_path, code=1).stderr


def test_a_journal_whose_disk_goes_away_is_told_and_found_again(tmp_path):
    folder = tmp_path / "s"
    folder.mkdir()
    with JournalWriter(folder, SystemClock().utc) as journal:
        journal.append(began(), RunStarted(pid=1, version="1", count=100), READY)
        follower = Follower(folder)
        assert follower.look() == ()
        follower.close()
        for path in folder.glob("journal.db*"):
            path.rename(tmp_path / path.name)
        assert follower.look() == ()
        for path in tmp_path.glob("journal.db*"):
            path.rename(folder / path.name)
        journal.append(*(Gap(slot=slot, reason=GapReason.CARD_FULL) for slot in range(3)))
        assert [alarm.kind.value for alarm in follower.look()] == ["card-full"]
        follower.close()


def test_a_battery_that_will_not_last_is_told_from_what_was_read(tmp_path):
    with JournalWriter(tmp_path, SystemClock().utc) as journal:
        journal.append(began(), RunStarted(pid=1, version="1", count=100), READY)
        follower = Follower(tmp_path)
        follower.look()
        journal.append(HealthRead(battery=0.05, charging=False), *(ShotTaken(slot=slot, url="x") for slot in range(70)))
        (alarm,) = follower.look()
        follower.close()
    assert (alarm.kind.value, alarm.phase.value) == ("battery-low", "begins")
    assert "5 %" in alarm.body


def test_beside_a_shoot_it_has_its_own_session_and_a_second_one_stands_by(tmp_path, settings):
    folder = tmp_path / "harbour"
    folder.mkdir()
    with web() as server, JournalWriter(folder, SystemClock().utc) as journal:
        settings(webhook(server.url))
        journal.append(began(), RunStarted(pid=os.getpid(), version="1", count=100), READY)
        journal.append(*(Gap(slot=slot, reason=GapReason.CARD_FULL) for slot in range(3)))
        with start_beside(folder) as first:
            assert os.getsid(first.pid) == first.pid  # Ctrl-C on our terminal does not reach it
            assert server.wait_for(1)[0]["kind"] == "card-full"
            with start_beside(folder) as second:
                first.terminate()
                assert first.wait(timeout=20) == 0
                assert server.wait_for(2)[1]["kind"] == "card-full"  # who takes over tells what lasts
                journal.append(RunEnded(why="stopped"))
                assert second.wait(timeout=20) == 0
        assert [one["kind"] for one in server.wait_for(3)] == ["card-full", "card-full", "stopped"]


def test_settings_that_may_not_be_looked_at_cost_no_shoot(tmp_path, settings, monkeypatch, capsys):
    """As in a service whose user's home is locked away."""
    monkeypatch.setattr(Path, "stat", _refused)
    assert start_beside(tmp_path) is None
    assert "settings.toml cannot be read: Permission denied" in capsys.readouterr().err


def _refused(path, **_):
    raise PermissionError(errno.EACCES, "Permission denied", str(path))


def test_without_receivers_nothing_is_started(tmp_path, settings):
    assert start_beside(tmp_path) is None
    settings()
    assert start_beside(tmp_path) is None


@pytest.mark.tools
def test_a_broker_shows_the_shoot_to_its_end(tmp_path, settings):
    folder = tmp_path / "harbour"
    folder.mkdir()
    node = node_of("harbour")
    with broker(tmp_path / "b") as port, Listener(port) as listener:
        settings(f'kind = "mqtt"\nhost = "127.0.0.1"\nport = {port}')
        with JournalWriter(folder, SystemClock().utc) as journal, alarms(folder) as process:
            journal.append(began(), RunStarted(pid=1, version="1", count=100), READY, ShotTaken(slot=0, url="x"))
            listener.wait_for(f"dayspool/{node}/state", lambda text: '"shooting"' in text)
            journal.append(*(Gap(slot=slot, reason=GapReason.CARD_FULL) for slot in range(1, 4)))
            listener.wait_for(f"dayspool/{node}/state", lambda text: '"problem": "ON"' in text)
            listener.wait_for(f"dayspool/{node}/alarm", lambda text: "card-full" in text)
            journal.append(RunEnded(why="stopped"))
            assert process.wait(timeout=30) == 0
        listener.wait_for(f"dayspool/{node}/alarm", lambda text: "stopped" in text)
        listener.wait_for(f"dayspool/{node}/state", lambda text: '"stopped"' in text and '"problem": "OFF"' in text)


def test_a_shoot_in_its_own_time_is_followed_in_that_time(tmp_path):
    """As on a board that has lost the date, whose shoot goes on from its last record: no camera for six minutes."""
    moment = SystemClock().utc() + timedelta(days=1)
    with JournalWriter(tmp_path, lambda: moment) as journal:
        schedule = ShootBegan(origin=moment.isoformat(), interval_seconds=300.0, count=100, source="camera")
        journal.append(schedule, RunStarted(pid=1, version="1", count=100), READY, CameraLost(detail="no route"))
        follower = Follower(tmp_path)
        assert follower.look() == ()
        moment += timedelta(minutes=6)
        journal.append(HealthRead())
        (lost,) = follower.look()
        follower.close()
    assert lost.kind.value == "camera-lost"


def test_a_shoot_whose_process_died_is_told(tmp_path):
    """And where its name is none that can be told, it is told by another, everywhere the same."""
    folder = tmp_path / "half \udcff a\nname"
    folder.mkdir()
    with JournalWriter(folder, SystemClock().utc) as journal:
        journal.append(began(), RunStarted(pid=1, version="1", count=100), READY)
    follower = Follower(folder, patience=Patience(writer=timedelta(0)))
    (gone,) = follower.look()
    follower.close()
    assert (gone.kind.value, gone.phase.value) == ("not-running", "begins")
    assert follower.name == gone.shoot == "half   a name"


@pytest.mark.slow
def test_a_killed_shoot_is_told_and_so_is_its_resumption(tmp_path, settings):
    """As it is used: `dayspool shoot` starts the alarms; they outlive it, and tell what its death cost."""
    folder = tmp_path / "harbour"
    with web() as server, simulator("--speed", "30", "--picture", "96x64") as camera:
        settings(webhook(server.url))
        argv = [*DAYSPOOL, "shoot", str(folder), "--every", "500ms", "--frames", "20", "--camera", camera["endpoint"]]
        with subprocess.Popen([*argv, "--json"], stdout=subprocess.PIPE, text=True) as shoot:
            while json.loads(shoot.stdout.readline()).get("event") != "frame_stored":
                pass
            shoot.kill()
        stands = {"last_frame_age_s": 0}
        while stands["last_frame_age_s"] < 2.5:  # which is some slots
            done = subprocess.run([*DAYSPOOL, "status", folder, "--json"], check=True, capture_output=True, timeout=60)
            stands = json.loads(done.stdout)
        assert stands["state"] == "interrupted"
        with subprocess.Popen(argv, stdout=subprocess.DEVNULL) as shoot:
            shoot.wait(timeout=60)
        said = server.wait_for(1, seconds=60)
        while said[-1]["kind"] != "done":
            said = server.wait_for(len(said) + 1, seconds=60)
    told = [(one["kind"], one["phase"]) for one in said]
    assert told == [("not-running", "begins"), ("not-running", "over"), ("done", "once")], said
    assert sum(one["lost"] for one in said if one["phase"] != "begins") >= 3
    assert not (folder / "alarms.log").exists()  # there was no trouble


def test_a_shoot_starts_it_unless_told_not_to_and_waits_for_no_receiver(tmp_path, settings):
    with web() as server, simulator("--speed", "30", "--picture", "96x64") as camera:
        settings(webhook(server.url))
        for name, more in (("told", ()), ("silent", ("--no-alarms",))):
            argv = [
                *DAYSPOOL,
                "shoot",
                str(tmp_path / name),
                "--every",
                "500ms",
                "--frames",
                "2",
                "--camera",
                camera["endpoint"],
                *more,
            ]
            subprocess.run(argv, check=True, capture_output=True, timeout=60)
        (done,) = server.wait_for(1, seconds=30)
    assert done["kind"] == "done"
    assert done["shoot"] == "told"


def test_settings_with_mistakes_cost_no_frame(tmp_path, settings, capsys):
    settings('kind = "pigeon"')
    assert start_beside(tmp_path) is None
    told = capsys.readouterr().err
    assert "nobody will be told of this shoot; it goes on" in told
    assert "'pigeon' is none" in told
