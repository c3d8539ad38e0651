"""A shoot with a camera that means harm: each slot ends as a frame or a gap, and is exposed once at most."""

from __future__ import annotations

import anyio
import pytest

from dayspool.core.plan import Plan, parse_duration
from dayspool.journal import JournalWriter
from dayspool.shoot import Intervalometer
from dayspool.sim import PROFILES, Body, Ledger
from dayspool.testing import FixedSource, run_virtually
from tests.hostile import stage
from tests.hostile.attacks import EXHAUSTIVE, RUBBISH, other_types, replies
from tests.shoot.scenes import endpoint_of, outcome

SLOTS = 3
HANGS_SECONDS = 3_600.0
ANSWERS = {
    "rx100m2": "receiveEvent setPostviewImageSize actHalfPressShutter actTakePicture picture",
    "a6300": "getAvailableApiList startRecMode getVersions getEvent actHalfPressShutter actTakePicture picture",
}
TABLE = [(model, target) for model, targets in ANSWERS.items() for target in targets.split()]
ONE_OF = 40


class TurnedLater(stage.Turned):
    """Means no harm until its first picture was fetched, so that the shoot is under way."""

    async def handle_async_request(self, request):
        if self.asked["picture"] == 0 and self.target is not None:
            target, self.target = self.target, None
            try:
                return await super().handle_async_request(request)
            finally:
                self.target = target
        return await super().handle_async_request(request)


def attacks_on(target, own):
    found = {name: lambda _, body=body: body for name, body in RUBBISH.items()}
    found |= {name: lambda content, name=name: replies(content, own)[name]() for name in replies(b"", own)}
    if target != "picture":
        found |= {name: lambda _, body=body: body for name, body in other_types(own).items()}
    return found


def shoot(folder, model, target, attack, *, later):
    """Shoot three slots with such a camera; return what the shoot left behind."""
    profile = PROFILES[model]
    folder.mkdir(parents=True)

    async def main(clock):
        body = Body(clock=clock, profile=profile, seed=1, speed=1.0, picture_px=(48, 32), ledger=ledger)
        transport = (TurnedLater if later else stage.Turned)(body, target, attack)
        with JournalWriter(folder, clock.utc) as journal, anyio.fail_after(HANGS_SECONDS):
            intervalometer = Intervalometer(
                plan=Plan(interval=parse_duration("10s"), frames=SLOTS),
                journal=journal,
                source=FixedSource(endpoint_of(profile), model=model, transport=transport),
                clock=clock,
                frames_dir=folder / "frames",
                postview="original",
            )
            summary = await intervalometer.run()
        assert transport.hosts <= {profile.address}
        return summary

    with Ledger(folder / "ledger.jsonl") as ledger:
        return outcome(folder, run_virtually(main))


def hold(tmp_path, model, target, names):
    attacks = attacks_on(target, PROFILES[model].address)
    for number, name in enumerate(names):
        folder = tmp_path / f"{number}" / "s"
        try:
            left = shoot(folder, model, target, attacks[name], later=bool(number % 2))
        except BaseException as error:
            error.add_note(f"with {name} for {target}")
            raise
        slots = [exposure.slot for exposure in left.exposures]
        assert len(slots) == len(set(slots)), f"{name}: two exposures for one slot: {slots}"
        assert len(left.frames) + len(left.gaps) == SLOTS, name
        assert all(reason.sentence for reason in left.gaps.values()), name
        assert [path.name for path in folder.parent.iterdir()] == ["s"], name
        stray = {path.relative_to(folder).parts[0] for path in folder.rglob("*")}
        assert stray <= {
            "frames",
            "journal.db",
            "journal.db-wal",
            "journal.db-shm",
            "journal.lock",
            "journal.reserve",
            "ledger.jsonl",
        }, name


@pytest.mark.parametrize(("model", "target"), TABLE)
def test_a_hostile_camera_costs_its_slots_only(tmp_path, model, target):
    names = list(attacks_on(target, PROFILES[model].address))
    rare = 1 if EXHAUSTIVE else ONE_OF if target != "picture" else ONE_OF // 4
    hold(tmp_path, model, target, names[TABLE.index((model, target)) % rare :: rare])


@pytest.mark.parametrize("word", ["\ud800", "\x00", "\x1b[2J", "../../x"])
@pytest.mark.parametrize("target", ["actTakePicture", "setPostviewImageSize"])
def test_what_a_camera_says_can_be_written_down(tmp_path, target, word):
    said = [
        {"result": [[f"http://10.0.0.1/{word}.jpg"]]},
        {"error": [40400, word]},
        {"error": [word, word]},
    ]
    for number, reply in enumerate(said):
        left = shoot(
            tmp_path / f"{number}" / "s", "rx100m2", target, lambda _, reply=reply: as_bytes(reply), later=False
        )
        assert len(left.frames) + len(left.gaps) == SLOTS


def as_bytes(reply):
    return stage.json.dumps(reply).encode()
