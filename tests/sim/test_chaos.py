"""The standard chaos profile is data, the same for the same seed, and the camera bears witness to what it does."""

from datetime import timedelta
from itertools import pairwise

import anyio
import pytest

from dayspool.sim import PROFILES, ConnectionDropped, Fault, FaultKind, Faults, Hindrance, Witness, standard_chaos
from dayspool.sim.mishaps import Mishaps
from tests.processes import run, simulator
from tests.sim.calls import virtually

DAY = 86_400.0


def of(faults, kind):
    return [fault for fault in faults.faults if fault.kind is kind]


def test_the_same_seed_gives_the_same_trouble():
    assert standard_chaos(3) == standard_chaos(3)
    assert standard_chaos(3) != standard_chaos(4)


@pytest.mark.parametrize("seed", range(10))
def test_it_is_the_profile_that_was_written_down(seed):
    faults = standard_chaos(seed, 7)
    away, hangs = of(faults, FaultKind.LINK_DOWN), of(faults, FaultKind.SILENT)
    assert len(away) == 7 * 8
    assert all(300 <= fault.ends - fault.begins <= 1200 for fault in away)
    assert all(2.5 * 3600 < later.begins - sooner.begins < 3.5 * 3600 for sooner, later in pairwise(away))
    assert [fault.begins for fault in of(faults, FaultKind.WRONG_SHOOT_MODE)] == [fault.ends for fault in away]
    assert [fault.begins // DAY for fault in hangs] == list(range(7))
    assert all(round(fault.ends - fault.begins, 6) == 1800 for fault in hangs)
    assert not any(one.begins < hang.ends and hang.begins < one.ends for one in away for hang in hangs)


def test_chance_is_drawn_by_the_seed_and_the_exposure():
    def struck(seed):
        mishaps = Mishaps(Faults((Fault(kind=FaultKind.RESET, chance=0.01),)), lambda: 0.0, seed=seed)
        return [shot for shot in range(1, 20_001) if mishaps.strike(FaultKind.RESET, shot=shot)]

    assert 150 < len(struck(1)) < 250
    assert struck(1) == struck(1)
    assert struck(1) != struck(2)


def test_a_delay_is_drawn_between_its_bounds():
    fault = Fault(kind=FaultKind.ANSWER_DELAYED, chance=1, seconds=2, up_to=6)
    mishaps = Mishaps(Faults((fault,)), lambda: 0.0)
    seconds = [mishaps.strike(FaultKind.ANSWER_DELAYED, shot=shot).seconds for shot in range(1, 1001)]
    assert all(2 <= value <= 6 for value in seconds)
    assert 3.8 < sum(seconds) / len(seconds) < 4.2


async def picture(client):
    url = await client.shoot()
    await anyio.sleep(5)
    return url, (await client.fetch(url)).chunks[0]


def test_a_picture_is_repeated_whole_and_under_its_own_name():
    async def main(client):
        return [await picture(client) for _ in range(3)]

    witness = Witness()
    faults = Faults((Fault(kind=FaultKind.PICTURE_REPEATED, shot=2),))
    (_, first), (second_name, second), (_, third) = virtually(main, faults=faults, witness=witness)
    assert witness.repeated == {2}
    assert second == first != third
    assert second_name.partition("?")[0].endswith("0001.JPG")


def test_the_first_picture_of_all_has_none_to_repeat():
    async def main(client):
        return await picture(client)

    assert virtually(main, faults=Faults((Fault(kind=FaultKind.PICTURE_REPEATED, shot=1),)))[1].startswith(b"\xff\xd8")


def test_file_9999_is_followed_by_0001_in_a_new_folder():
    async def main(client):
        await client.begin()
        client.body.settings.turn("FocusMode", "MF")
        names = [(await picture(client))[0] for _ in range(3)]
        return names, [(file.folder, file.name) for file in client.body.card.files[-3:]]

    faults = Faults((Fault(kind=FaultKind.FILE_NUMBER, number=9998),))
    names, files = virtually(main, faults=faults, profile=PROFILES["qx1"])
    assert files == [(100, "DSC09998.JPG"), (100, "DSC09999.JPG"), (101, "DSC00001.JPG")]
    assert len(set(names)) == 3


def test_the_witness_tells_what_the_camera_could_do():
    witness = Witness()

    async def main(client):
        await client.ask("actTakePicture")
        await anyio.sleep(10)
        with pytest.raises(ConnectionDropped):
            await client.ask("actTakePicture")
        await client.ask("actTakePicture")
        await anyio.sleep(10)
        await client.ask("actTakePicture")
        began = client.body.clock.utc() - timedelta(seconds=client.body.time.elapsed_seconds)
        return began

    faults = (
        Fault(kind=FaultKind.RESET, shot=2),
        Fault(kind=FaultKind.NOT_READY, shot=3, seconds=60),
        Fault(kind=FaultKind.LINK_DOWN, begins=600, ends=700),
    )
    began = virtually(main, faults=Faults(faults), witness=witness)
    said = [(attempt.exposure, attempt.why) for attempt in witness.attempts]
    assert said == [(1, None), (None, Hindrance.REQUEST_LOST), (2, None), (None, Hindrance.NOT_READY)]
    first, *_, asleep, away = witness.spans(began, began + timedelta(hours=1))
    assert (first.why, first.begins) == (Hindrance.AT_WORK, witness.attempts[0].utc)
    assert (asleep.why, asleep.ends - asleep.begins) == (Hindrance.NOT_READY, timedelta(seconds=60))
    assert away.why is Hindrance.AWAY
    assert [span.why for span in witness.spans(away.begins, away.ends)] == [Hindrance.AWAY]
    assert witness.spans(away.ends, away.ends + timedelta(days=1)) == []
    assert list(witness.returns()) == [away]


def test_the_command_knows_the_profile_by_its_name():
    with simulator("--faults", "standard-chaos", "--seed", "3") as camera:
        assert camera["model"] == "DSC-RX100M2"
    assert "standard-chaos" in run("sim", "--help").stdout
    assert "cannot read" in run("sim", "--faults", "standard", code=2).stderr
