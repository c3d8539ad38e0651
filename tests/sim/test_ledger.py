"""The ledger: one line per exposure, there before anything else can go wrong."""

import json
from datetime import datetime, timedelta

import anyio
import pytest

from dayspool.errors import CameraError, PlanError
from dayspool.sim import Fault, FaultKind, Faults, Ledger
from dayspool.sim.meter import program
from tests.sim.calls import NOON, virtually


def test_every_exposure_has_a_line_in_host_time(tmp_path):
    path = tmp_path / "ledger.jsonl"
    faults = Faults((Fault(kind=FaultKind.SHUTTER_FAILED, shot=2),))

    async def main(client):
        for _ in range(3):
            await client.ask("actTakePicture")
            await anyio.sleep(10)

    with Ledger(path) as ledger:
        virtually(main, ledger=ledger, faults=faults, sky_start=datetime.fromisoformat("2020-01-01T12:00+00:00"))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["n"] for line in lines] == [1, 2]
    assert list(lines[0]) == ["n", "utc", "shutter", "iso", "aperture"]
    first, second = (datetime.fromisoformat(line["utc"]) for line in lines)
    assert lines[0]["utc"] == "2026-06-20T11:00:00.000000+00:00"
    assert timedelta(seconds=20) < second - first < timedelta(seconds=30)
    assert first == NOON


def test_it_is_appended_to(tmp_path):
    exposure, _ = program(30)
    for number in (1, 1):
        with Ledger(tmp_path / "ledger") as ledger:
            ledger.write(number=number, utc=NOON, exposure=exposure)
    assert (tmp_path / "ledger").read_text().count('{"n": 1,') == 2


def test_a_place_that_cannot_be_written_is_said_at_once(tmp_path):
    with pytest.raises(PlanError, match=r"--ledger: cannot append to .*nowhere"):
        Ledger(tmp_path / "nowhere" / "ledger")


def test_a_full_disk_is_said():
    exposure, _ = program(30)
    from pathlib import Path

    with Ledger(Path("/dev/full")) as ledger, pytest.raises(CameraError, match="ledger cannot be written: No space"):
        ledger.write(number=1, utc=NOON, exposure=exposure)
