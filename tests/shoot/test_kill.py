"""SIGKILL at random moments of a fast shoot, real processes and sockets: the same command goes on every time.

Fifty times; two hundred with DAYSPOOL_EXHAUSTIVE=1.
"""

import json
import random
import signal
import subprocess

import pytest

from tests.chaos.whole import EXHAUSTIVE, check_whole
from tests.processes import DAYSPOOL, simulator

KILLS = 200 if EXHAUSTIVE else 50


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
def test_many_kills(tmp_path):
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
    whole = check_whole(folder, ledger, width=64)
    assert summary["ended"] == "stopped"
    assert (summary["frames"], summary["gaps"]) == (len(whole.frames), len(whole.gaps))
    assert len(whole.frames) > KILLS
