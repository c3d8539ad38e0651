"""A short time-lapse with every model: a frame for each slot, an exposure for each frame."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from dayspool.clock import LoopClock
from dayspool.core.events import CameraReady
from dayspool.core.plan import Plan, parse_duration
from dayspool.journal import JournalReader, JournalWriter
from dayspool.picture import inspect, read
from dayspool.shoot import Intervalometer
from dayspool.sim import Body, Ledger, serving
from dayspool.testing import BEGINNING, FixedSource
from tests.conformance.stage import HOST, PICTURE_PX, in_virtual_time, profile_of, stands

SLOTS = 5
BEFOREHAND = timedelta(seconds=9)  # an RX0 wants five after it was joined


@stands(changing=True)
def test_five_slots_are_five_frames_and_five_exposures(name, tmp_path):
    summary = in_virtual_time(partial(shoot, profile_of(name), tmp_path))
    assert (summary.frames, summary.gaps) == (SLOTS, 0)
    assert len((tmp_path / "ledger.jsonl").read_text().splitlines()) == SLOTS
    with JournalReader(tmp_path) as journal:
        frames = list(journal.frames())
        assert [frame.slot for frame in frames] == list(range(SLOTS))
        assert not list(journal.gaps())
        assert sum(isinstance(record.event, CameraReady) for record in journal.records()) == 1
    pictures = sorted((tmp_path / "frames").iterdir())
    assert len({path.read_bytes() for path in pictures}) == len(pictures) == SLOTS
    for path in pictures:
        inspect(path.read_bytes())
        assert read(path.read_bytes()).model == profile_of(name).model


async def shoot(profile, folder):
    """Shoot on sockets, and return the summary."""
    clock = LoopClock(BEGINNING - BEFOREHAND)
    with Ledger(folder / "ledger.jsonl") as ledger, JournalWriter(folder, clock.utc) as journal:
        body = Body(clock=clock, profile=profile, seed=7, picture_px=PICTURE_PX, ledger=ledger)
        async with serving(body, host=HOST, port=0, ssdp=False) as served:
            intervalometer = Intervalometer(
                plan=Plan(interval=parse_duration("10s"), frames=SLOTS),
                journal=journal,
                source=FixedSource(served.endpoint, model=profile.model),
                clock=clock,
                frames_dir=folder / "frames",
            )
            return await intervalometer.run()
