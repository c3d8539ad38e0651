"""A disk that is full wherever a shoot writes: nothing is damaged or doubled, and the shutter goes on.

How much room is left decides who meets the end of the disk: a frame's `.part`, the journal's log, its checkpoint, a
request. Two such ends; twenty with DAYSPOOL_EXHAUSTIVE=1.
"""

import signal
import subprocess
import time

import pytest

from tests.chaos.small_disk import small_disk
from tests.chaos.whole import EXHAUSTIVE, check_whole
from tests.processes import DAYSPOOL, simulator
from tests.shoot.scenes import lines_of

pytestmark = [pytest.mark.slow, pytest.mark.tools]

PAGES_LEFT = range(20) if EXHAUSTIVE else (0, 8)
SIZE_BYTES = 4 << 20
PATIENCE_SECONDS = 30


def until(condition):
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


@pytest.mark.parametrize("pages_left", PAGES_LEFT)
def test_a_disk_that_fills_while_shooting(tmp_path, pages_left):
    ledger = tmp_path / "ledger.jsonl"
    options = ("--speed", "60", "--picture", "160x106", "--ledger", str(ledger))
    with simulator(*options) as camera, small_disk(tmp_path / "disk", size_bytes=SIZE_BYTES) as disk:
        argv = [*DAYSPOOL, "shoot", disk.mount / "shoot", "--every", "200ms", "--camera", camera["endpoint"]]
        with subprocess.Popen(disk.argv(*argv), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            until(lambda: len(lines_of(ledger)) > 3)
            disk.fill(pages_left=pages_left)
            full = len(lines_of(ledger))
            until(lambda: len(lines_of(ledger)) > full + 6 or process.poll() is not None)
            assert process.poll() is None, "a full disk ended the shoot"
            disk.free()
            freed = sum(1 for _ in (disk.root / "shoot" / "frames").iterdir())
            until(lambda: sum(1 for _ in (disk.root / "shoot" / "frames").iterdir()) > freed + 3)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_SECONDS) == 0
        folder = disk.copy("shoot", tmp_path / "copy")
    whole = check_whole(folder, ledger, width=160)
    assert len(whole.frames) > 6


def shoot_for(command, seconds):
    """Run a shoot, end it after so many seconds if it has not ended by itself, and return its code and complaint."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            _, said = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode, said


def test_a_shoot_that_begins_on_a_full_disk_says_so_and_begins_once_there_is_room(tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    options = ("--speed", "60", "--picture", "160x106", "--ledger", str(ledger))
    with simulator(*options) as camera, small_disk(tmp_path / "disk", size_bytes=SIZE_BYTES) as disk:
        argv = [*DAYSPOOL, "shoot", disk.mount / "shoot", "--every", "200ms", "--camera", camera["endpoint"]]
        for pages_left in range(20) if EXHAUSTIVE else (4,):
            disk.fill(pages_left=pages_left)
            code, said = shoot_for(disk.argv(*argv), 2)
            assert "Traceback" not in said
            ended_by_us = code in (0, -signal.SIGTERM) or "interrupted" in said  # on a slow machine while it starts
            assert ended_by_us or "disk" in said or "space" in said, said
            disk.free()
        with subprocess.Popen(disk.argv(*argv), stdout=subprocess.DEVNULL) as process:
            before = len(lines_of(ledger))
            until(lambda: len(lines_of(ledger)) > before + 3)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_SECONDS) == 0
        folder = disk.copy("shoot", tmp_path / "copy")
    assert check_whole(folder, ledger, width=160).frames
