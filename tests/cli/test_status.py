"""`dayspool status`: what it tells of a shoot, at once and while it goes on."""

import io
import json
from datetime import UTC, datetime, timedelta

import anyio
import pytest
from click.testing import CliRunner
from rich.console import Console

from dayspool.cli import watch
from dayspool.cli.following import Following, GapRun, gap_runs, slots_text
from dayspool.cli.output import Output
from dayspool.cli.status import command
from dayspool.clock import SystemClock
from dayspool.core.events import (
    CameraIdle,
    CameraLost,
    CameraReady,
    ClockStepped,
    DownloadsPaused,
    DownloadsResumed,
    FrameStored,
    Gap,
    HealthRead,
    HostStalled,
    RunEnded,
    RunStarted,
    ShootBegan,
    ShotIntended,
    ShotTaken,
    StretchPlanned,
)
from dayspool.core.frame import GapReason
from dayspool.journal import JournalWriter
from dayspool.testing import run_virtually

BEGAN = datetime(2026, 6, 1, 12, tzinfo=UTC)
START = (
    ShootBegan(origin=BEGAN.isoformat(), interval_seconds=10.0, count=100, source="camera"),
    RunStarted(pid=1, version="1", count=100),
    CameraReady(endpoint="http://10.0.0.1/camera", model="DSC-RX100M2"),
)


def frame(slot, busy=2.0):
    return (
        ShotIntended(slot=slot),
        ShotTaken(slot=slot, url=f"http://10.0.0.1/{slot}.jpg"),
        CameraIdle(slot=slot, busy_seconds=busy),
        FrameStored(slot=slot, name=f"{slot:06d}.jpg", size_bytes=400_000),
    )


def gaps(first, last, reason=GapReason.CAMERA_UNREACHABLE, detail="no answer"):
    return tuple(Gap(slot=slot, reason=reason, detail=detail) for slot in range(first, last + 1))


@pytest.fixture
def shoot(tmp_path):
    folder = tmp_path / "harbour"
    folder.mkdir()
    return folder


def written(shoot, *events):
    with JournalWriter(shoot, lambda: BEGAN) as journal:
        journal.append(*events)
    return shoot


def values(shoot):
    done = CliRunner().invoke(command, [str(shoot), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def text(shoot):
    return CliRunner().invoke(command, [str(shoot)]).stdout


def full(shoot):
    twelve = [event for slot in range(12) for event in frame(slot)]
    return written(
        shoot,
        *START,
        *twelve,
        HealthRead(battery=0.5, charging=True, card_images=30, disk_free_bytes=10**12, memory_bytes=40 << 20),
        *gaps(12, 14),
        *gaps(15, 15, GapReason.ON_CARD, "404"),
        HostStalled(seconds=7800.0, asleep=True),
        HostStalled(seconds=5.0, asleep=False),
        ShotIntended(slot=16),
        ShotTaken(slot=16, url="http://10.0.0.1/16.jpg"),
    )


def test_programs_get_what_the_house_promises_and_more(shoot):
    told = values(full(shoot))
    assert (told["state"], told["frames"], told["next_slot"], told["window"]) == ("interrupted", 12, 17, None)
    assert [gap["slot"] for gap in told["gaps"]] == [12, 13, 14, 15]
    assert told["gaps"][0] == {"slot": 12, "reason": "camera-unreachable", "detail": "no answer"}
    assert told["on_card"] == [15, 16]
    assert told["shortest_interval_s"] == 2.4
    assert told["forecast"]["card"]["left"] == 29
    assert told["forecast"]["card"]["verdict"] == "low"
    assert told["forecast"]["slots_left"] == 83
    assert told["health"]["battery"] == 0.5
    assert told["health"]["memory_bytes"] == 40 << 20
    assert told["stalls"] == {"count": 2, "longest_s": 7800.0, "total_s": 7805.0}
    assert told["last_frame_age_s"] > 0


def test_people_get_sentences(shoot):
    said = text(full(shoot))
    assert said.startswith("harbour: interrupted, 12 of 100 frames, 4 gaps\n")
    assert "! the card takes 29 more pictures, about 5 min, less than the shoot" in said
    assert "on the camera's card only: 2 pictures, slots 15–16" in said
    assert "stood still 2 times, the longest for 2h10m: see docs/android.md" in said
    assert "slots 12–14 (3): the camera could not be reached" in said


def test_a_camera_that_is_too_slow_is_named(shoot):
    slow = [event for slot in range(12) for event in frame(slot, busy=9.0)]
    assert "! the camera keeps an interval of 10.8s at best: longer than the interval" in text(
        written(shoot, *START, *slow)
    )


def test_what_is_advised_counts_until_it_was_measured(shoot):
    rx100 = CameraReady(endpoint="http://10.0.0.1/camera", model="DSC-RX100M2")
    began = written(shoot, *START, rx100)
    assert values(began)["shortest_interval_s"] == 5.0
    assert "the camera keeps an interval of 5s at best (users of its model say)" in text(began)


@pytest.mark.parametrize(("seconds", "which"), [(7200.0, "2h behind"), (-7200.0, "2h ahead of")])
def test_a_clock_that_was_set_while_it_ran_is_told(shoot, seconds, which):
    stepped = written(shoot, *START, ClockStepped(seconds=seconds))
    assert values(stepped)["clock_ahead_s"] == seconds
    assert f"the times of this shoot are {which} this machine's clock" in text(stepped)


def test_a_frame_from_the_card_ends_its_gap(shoot):
    told = values(written(shoot, *START, *gaps(0, 2), FrameStored(slot=1, name="x", size_bytes=1)))
    assert [gap["slot"] for gap in told["gaps"]] == [0, 2]


def test_the_window_of_the_next_slot(shoot):
    night = StretchPlanned(
        first=0, origin=BEGAN.isoformat(), interval_seconds=30.0, count=10, window="2026-06-01", why="night"
    )
    assert values(written(shoot, *START, night))["window"] == "2026-06-01"
    assert "window 2026-06-01" in text(shoot)


def test_a_shoot_that_has_only_begun_and_one_that_is_done(shoot):
    assert values(written(shoot, START[0]))["state"] == "interrupted"
    told = values(written(shoot, START[1], *gaps(0, 99), RunEnded(why="done")))
    assert (told["state"], told["next_slot"], told["forecast"]["slots_left"]) == ("done", None, 0)


def test_runs_of_gaps():
    assert gap_runs(gaps(3, 3) + gaps(5, 7) + gaps(8, 8, GapReason.PAUSED)) == [
        GapRun(first=3, last=3, reason=GapReason.CAMERA_UNREACHABLE),
        GapRun(first=5, last=7, reason=GapReason.CAMERA_UNREACHABLE),
        GapRun(first=8, last=8, reason=GapReason.PAUSED),
    ]
    assert slots_text([]) == ""
    assert slots_text([1, 2, 3, 7]) == "1–3, 7"
    assert slots_text(range(0, 40, 2)) == "0, 2, 4, 6, 8, 10 …"


def test_what_follows_is_read_on_and_not_anew(shoot):
    with JournalWriter(shoot, lambda: BEGAN) as journal, Following(shoot) as following:
        journal.append(*START)
        assert len(list(following.catch_up())) == 3
        assert list(following.catch_up()) == []
        journal.append(*frame(0))
        assert [record.seq for record, _ in following.catch_up()] == [4, 5, 6, 7]
        assert following.standing(BEGAN).session.frames == 1
        assert following.standing(BEGAN).state == "shooting"


def watched(shoot, *, as_json, capsys):
    """Watch a shoot to its end while it goes on; return the lines."""
    goes_on = [
        frame(0),
        (CameraLost(detail="no answer"), *gaps(1, 5)),
        (START[2], *frame(6)),
        (RunEnded(why="done"),),
    ]

    async def shooting(clock, began):
        with JournalWriter(shoot, clock.utc) as journal:
            journal.append(*START)
            began.set()
            for events in goes_on:
                await anyio.sleep(5)
                journal.append(*events)

    async def main(clock):
        began = anyio.Event()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(shooting, clock, began)
            await began.wait()
            with Following(shoot) as following:
                await watch._tell_on(following, shoot, Output(as_json=as_json))

    run_virtually(main)
    return capsys.readouterr().out.splitlines()


def test_watching_without_a_terminal_is_a_line_for_each_change(shoot, capsys):
    lines = watched(shoot, as_json=False, capsys=capsys)
    assert lines[0] == "harbour: shooting, 0 of 100 frames, 0 gaps"
    assert "  next slot 0 at" in lines[2]
    assert [line for line in lines if not line.startswith(("harbour", " "))] == [
        "camera lost: no answer",
        "slot 1 is a gap: the camera could not be reached",
        "camera ready: DSC-RX100M2 at http://10.0.0.1/camera",
        "frames again from slot 6 on, after 5 gaps",
        "ended: done",
    ]


def test_watching_for_programs_is_an_object_for_each_change(shoot, capsys):
    lines = [json.loads(line) for line in watched(shoot, as_json=True, capsys=capsys)]
    assert [line["state"] for line in lines] == ["shooting", "shooting", "shooting", "done"]
    assert [line["gaps"] for line in lines] == [0, 5, 5, 5]
    assert lines[-1]["frames"] == 2


def test_the_panel_shows_where_the_shoot_stands(shoot):
    console = Console(file=io.StringIO(), width=100)
    with Following(full(shoot)) as following:
        list(following.catch_up())
        standing = following.standing(BEGAN + timedelta(seconds=165))
    console.print(watch.panel("harbour", standing, ["06-01 12:02:00  camera lost: no answer"]))
    shown = console.file.getvalue()
    for part in (
        "harbour",
        "interrupted, DSC-RX100M2",
        "12 of 100, 4 gaps",
        "2m45s ago",
        "17 in 5s",
        "in 13m45s, 83 slots",
        "battery at 50 %, charging",
        "the card takes 29 more",
        "2 pictures",
        "camera lost: no answer",
    ):
        assert part in shown


def test_that_downloads_pause_is_shown_until_they_go_on(shoot):
    with JournalWriter(shoot, lambda: BEGAN) as journal:
        journal.append(*START, DownloadsPaused(detail="1 MB left"))
        for now_paused in (True, False):
            console = Console(file=io.StringIO(), width=100)
            with Following(shoot) as following:
                list(following.catch_up())
                console.print(watch.panel("harbour", following.standing(BEGAN), []))
            assert values(shoot)["downloads_paused"] is now_paused
            assert ("downloads pause" in text(shoot)) is now_paused
            assert ("downloads pause" in console.file.getvalue()) is now_paused
            journal.append(DownloadsResumed())


def test_a_shoot_in_its_own_time_is_seen_in_that_time(shoot):
    """As on a board that has lost the date: its shoot goes on from its last record."""
    now = SystemClock().utc()
    with JournalWriter(shoot, lambda: now + timedelta(days=1)) as journal:
        journal.append(*START, *frame(0))
        assert 0 <= values(shoot)["last_frame_age_s"] < 60


def test_a_panel_of_a_shoot_that_has_only_begun(shoot):
    console = Console(file=io.StringIO(), width=100)
    with Following(written(shoot, START[0])) as following:
        console.print(watch.panel("harbour", following.standing(BEGAN), []))
    assert "no camera yet" in console.file.getvalue()


def test_watching_what_is_over_ends_at_once(shoot):
    written(shoot, *START, RunEnded(why="stopped"))
    done = CliRunner().invoke(command, [str(shoot), "--watch", "--json"])
    assert [json.loads(line)["state"] for line in done.stdout.splitlines()] == ["stopped"]
