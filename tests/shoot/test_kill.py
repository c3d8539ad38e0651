"""SIGKILL at random moments of a fast shoot, real processes and sockets: the same command goes on every time."""

import json
import random
import signal
import subprocess

import pytest

from dayspool.core.events import ShotIntended, ShotTaken
from dayspool.journal import JournalReader
from dayspool.picture import inspect
from tests.processes import DAYSPOOL, simulator
from tests.shoot.scenes import lines_of, numbers_taken

KILLS = 50


def start(folder, endpoint):
    argv = [*DAYSPOOL, "shoot", folder, "--every", "150ms", "--camera", endpoint, "--json"]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


def kill_at_a_random_moment(process, rng):
    """Kill it while it starts, connects or settles, or after a random number of steps with the camera."""
    while_starting = rng.random() < 0.5
    if not while_starting:
        watch(process, steps=rng.randrange(1, 20))
    try:
        process.wait(timeout=rng.uniform(0, 0.9 if while_starting else 0.15))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.communicate()


def watch(process, *, steps):
    """Read what it tells until it has made so many steps with the camera."""
    while steps:
        steps -= json.loads(process.stdout.readline())["event"] in ("shot_intended", "shot_taken", "frame_stored")


@pytest.mark.slow
def test_fifty_kills(tmp_path):
    rng = random.Random(20261122)
    folder, ledger = tmp_path / "shoot", tmp_path / "ledger.jsonl"
    with simulator("--speed", "60", "--picture", "64x48", "--ledger", str(ledger)) as camera:
        for _ in range(KILLS):
            kill_at_a_random_moment(start(folder, camera["endpoint"]), rng)
        last = start(folder, camera["endpoint"])
        watch(last, steps=30)
        last.send_signal(signal.SIGTERM)
        said, _ = last.communicate(timeout=60)
    assert last.returncode == 0
    summary = json.loads(said.splitlines()[-1])
    with JournalReader(folder) as journal:
        session = journal.session()
        records = list(journal.records())
        frames, gaps = list(journal.frames()), list(journal.gaps())
    taken = [record.event.slot for record in records if isinstance(record.event, ShotTaken)]
    intended = [record.event.slot for record in records if isinstance(record.event, ShotIntended)]
    numbers = [line["n"] for line in lines_of(ledger)]
    assert numbers_taken(records) == numbers, "the journal knows every exposure, once, and no other"
    assert len(taken) == len(set(taken)), "a slot was exposed twice"
    assert session.open_intent is None
    assert session.unfetched == ()
    assert sorted(row.slot for row in (*frames, *gaps)) == list(range(session.next_slot)), "a row was lost"
    assert set(intended) <= {row.slot for row in (*frames, *gaps)}
    files = sorted(path.name for path in (folder / "frames").iterdir())
    assert files == [row.name for row in frames], "a file too many, or half of one"
    for row in frames:
        assert inspect((folder / "frames" / row.name).read_bytes()).width == 64
    assert summary["ended"] == "stopped"
    assert (summary["frames"], summary["gaps"]) == (len(frames), len(gaps))
    assert len(frames) > KILLS
