"""`dayspool plan` and the calculator of `shoot` as a person meets them, and what is written of a film."""

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from click.testing import CliRunner
from defusedxml.ElementTree import parse

from dayspool.cli import root
from dayspool.cli.outlook.ahead import outlook_ahead
from dayspool.cli.outlook.needs import needs_of
from dayspool.cli.outlook.telling import sentences, values
from dayspool.config import load_plan
from dayspool.core.events import RunStarted, ShootBegan, StretchPlanned
from dayspool.errors import PlanError
from dayspool.journal import JournalWriter
from tests.processes import DAYSPOOL, run, run_json, simulator

KIEL = ("--place", "54.32,10.14")


def plan(*words, code=0):
    """Run `plan` in this process; return what it printed."""
    done = CliRunner().invoke(root, ["plan", *words])
    assert done.exit_code == code, done.output
    return done.output


def plan_json(*words):
    return json.loads(plan(*words, "--json"))


@pytest.mark.parametrize(
    ("words", "slots", "interval", "film"),
    [
        ("--for 8h --film 20s", 600, 48, 20),
        ("--for 8h --film 20s --fps 25", 500, 57.6, 20),
        ("--for 8h --frames 510", 510, 56.5, 17),
        ("--every 10s --film 20s", 600, 10, 20),
        ("--every 10s --frames 600 --fps 24", 600, 10, 25),
        ("--every 10s --for 6000s --film 20s", 600, 10, 20),
    ],
)
def test_two_give_the_plan(words, slots, interval, film):
    found = plan_json(*words.split())
    assert (found["slots"], found["interval_seconds"], found["film_seconds"]) == (slots, interval, film)


def test_a_sought_interval_is_said_with_its_rounding():
    text = plan("--for", "8h", "--film", "17s")
    assert text.startswith("510 slots, one every 56.5s (8h / 510 frames is 56.470588s, rounded up; it is still 510 fr")
    assert plan("--for", "8h", "--film", "20s").startswith("600 slots, one every 48s (8h / 600 frames)\n")
    assert plan("--every", "48s", "--film", "20s").startswith("600 slots, one every 48s\n")


def test_values_for_programs():
    found = plan_json("--every", "10s", "--for", "24h", *KIEL)
    assert (found["slots"], found["battery_hours"], found["card_bytes"]["jpeg"]) == (8640, None, 69_120_000_000)
    assert [window["slots"] for window in found["windows"]] == [8640]
    assert set(found["sun"][0]) == {"day", "dawn", "sunrise", "sunset", "dusk"}


MISUSES = [
    (("--for", "3d", "--film", "20s", "--window", "20:00-04:00"), "window: an interval is not sought within windows"),
    (("--film", "20s"), "film: two of --every, --for, and --frames or --film are needed"),
    (
        ("--every", "10s", "--for", "8h", "--film", "20s"),
        "every, for, film: a frame every 10s for 8h makes 2880 frames",
    ),
    (("--every", "10s", "--frames", "9", "--film", "20s"), "frames, film: 9 frames are a film of 0.3 s at 30 frames"),
    (
        ("--for", "1s", "--film", "20s"),
        "for, film: 600 frames in 1s would be one every 0.001667s; 50ms is the",
    ),
    (("--every", "1s", "--film", "1s", "--fps", "1e999999999"), "'1e999999999' is no number of frames per second"),
    (("--every", "1s", "--card", "much"), "'much' is no size of a card; write 64GB, 512MB or 1TB"),
    (("--every", "1s", "--card", "0GB"), "'0GB' is no size of a card"),
    (("--film", "20s", "--until", "2026-12-01T10:00"), "film, until: an interval is sought between two dates"),
    (("--for", "1h"), "every: say how often to shoot, such as --every 10s"),
    (("nowhere", "--for", "1h"), "every: nowhere/shoot.toml is not there; say how often to shoot, such as --every 10s"),
    (("--every", "10s", "--window", "sunset-sunrise"), "window: 'sunset-sunrise' is no window of the day; write 06:00"),
    (
        ("--every", "10s", "--window", "06:00-06:01", "--frames", "1000000000000"),
        "frames: slots of windows, phases and light are counted for three years at most",
    ),
    (("--every", "10s", "--from", "sunset"), "from: the sun needs a place: --place 54.32,10.14, or latitude and"),
]


@pytest.mark.parametrize(("words", "told"), MISUSES)
def test_misuse_is_one_clear_message(words, told):
    done = CliRunner().invoke(root, ["plan", *words])
    message = str(done.exception) if isinstance(done.exception, PlanError) else done.output
    assert told in message
    assert done.exit_code


def test_misuse_ends_as_a_process_should():
    words, told = MISUSES[1]
    assert run("plan", *words, code=2).stderr.startswith(f"dayspool: {told}")


def test_a_chart_that_cannot_be_written(tmp_path):
    told = run("plan", "--every", "10s", "--frames", "9", "--chart", tmp_path / "none" / "c.svg", code=1).stderr
    assert told.count("\n") == 1
    assert "cannot be written: No such file or directory" in told
    assert list(tmp_path.iterdir()) == []


def test_a_chart_is_written_over_an_older_one(tmp_path):
    chart = tmp_path / "a & b.svg"
    chart.write_text("old")
    plan("--every", "10s", "--for", "24h", *KIEL, "--chart", str(chart), "--json")
    assert parse(chart).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert list(tmp_path.iterdir()) == [chart]


def test_a_terminal_without_blocks_gets_plain_signs():
    environment = os.environ | {"PYTHONIOENCODING": "latin-1", "COLUMNS": "80"}
    argv = [*DAYSPOOL, "plan", "--every", "10s", "--for", "24h", *KIEL]
    done = subprocess.run(argv, capture_output=True, env=environment, check=True)
    assert b"blank day" in done.stdout
    assert b"~~~~~" in done.stdout


def test_shoot_writes_what_a_film_makes_of_the_plan_and_resumes_with_the_same_words(tmp_path):
    shoot = tmp_path / "s"
    with simulator("--speed", "30", "--picture", "96x64") as camera:
        words = ("shoot", shoot, "--for", "900ms", "--film", "100ms", "--camera", camera["endpoint"])
        assert run_json(*words)["frames"] == 3
        planned = load_plan(shoot / "shoot.toml")
        assert (planned.every.total_seconds(), planned.frames, planned.for_) == (0.3, 3, None)
        assert run_json(*words)["frames"] == 3
    again = CliRunner().invoke(root, ["plan", str(shoot), "--film", "1s"])
    assert str(again.exception).startswith("frames: ")
    assert plan_json(str(shoot), "--film", "100ms")["slots"] == 3


def test_where_there_is_no_end_and_where_there_is_but_one_slot():
    assert plan("--every", "10s").startswith("slots without end, one every 10s\n")
    alone = plan("--every", "10s", "--frames", "1")
    assert alone.startswith("1 slot, one every 10s\n")
    assert "at least 20.2 MB as RAW" in alone
    assert alone.splitlines()[5].endswith("; the size of its RAWs is reckoned from its pixels, not measured")


def test_nights_of_a_written_plan(tmp_path):
    (tmp_path / "shoot.toml").write_text(
        'every = "10s"\nfor = "3d"\nfrom = 2026-10-23T12:00:00\nzone = "Europe/Berlin"\n'
        'windows = ["sunset-1h..sunrise+1h"]\n[night]\nevery = "30s"\n[place]\nlatitude = 54.32\nlongitude = 10.14\n'
    )
    ahead = outlook_ahead(tmp_path, load_plan(tmp_path / "shoot.toml"), datetime(2026, 10, 23, 6, tzinfo=UTC))
    needs = needs_of(ahead.slots, model=None, full_size=False)
    found = values(ahead, needs, fps=Fraction(30))
    assert [window["name"] for window in found["windows"]] == [f"2026-10-{day}" for day in (23, 24, 25, 26)]
    assert sum(window["slots"] for window in found["windows"]) == found["slots"]
    assert f"{found['first']:%d %H:%M}" == "23 15:03"
    assert {10.0, 30.0} <= set(found["windows"][0]["interval_seconds"])
    assert [sun["sunrise"] for sun in found["sun"]] == ["08:03", "08:05", "07:07", "07:09"]
    text = list(sentences(ahead, needs, fps=Fraction(30), full_size=False, found=None))
    assert text[0].endswith(" slots, one every 10s to 30s")
    assert "; the size of its RAWs is not known" in text[-1]


def test_a_begun_shoot_keeps_the_slots_that_went_by_and_gets_the_others_from_its_plan_as_it_is_now(tmp_path):
    (tmp_path / "shoot.toml").write_text(
        'every = "10m"\nfor = "2d"\nzone = "Europe/Berlin"\nwindows = ["12:00-14:00"]\n[camera]\nurl = "10.0.0.1"\n'
    )
    origin = datetime(2026, 6, 21, 10, tzinfo=UTC)
    with JournalWriter(tmp_path, lambda: origin) as journal:
        journal.append(
            ShootBegan(origin=origin.isoformat(), interval_seconds=600, count=None, source="camera"),
            StretchPlanned(first=0, origin=origin.isoformat(), interval_seconds=1200, count=6, window="2026-06-21"),
        )
    ahead = outlook_ahead(tmp_path, load_plan(tmp_path / "shoot.toml"), origin + timedelta(hours=1))
    settled, following = ahead.windows
    assert (settled.slots, settled.begin) == (4 + 4, origin)
    assert settled.intervals == (timedelta(minutes=20), timedelta(minutes=10))
    assert (following.slots, following.name, ahead.slots) == (12, "2026-06-22", 20)


def test_an_even_shoot_that_got_windows_after_it_began_keeps_its_end(tmp_path):
    (tmp_path / "shoot.toml").write_text('every = "10m"\nframes = 9\nzone = "UTC"\nwindows = ["12:00-12:30"]\n')
    origin = datetime(2026, 6, 21, 11, tzinfo=UTC)
    with JournalWriter(tmp_path, lambda: origin) as journal:
        journal.append(ShootBegan(origin=origin.isoformat(), interval_seconds=600, count=4, source="camera"))
        journal.append(RunStarted(pid=1, version="0", count=4))
    ahead = outlook_ahead(tmp_path, load_plan(tmp_path / "shoot.toml"), origin + timedelta(minutes=25))
    assert ahead.slots == 9
    assert [(window.begin.hour, window.slots) for window in ahead.windows] == [(11, 3), (12, 3), (12, 3)]
