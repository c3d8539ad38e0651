"""Scripted mishaps: read from data, every mistake named at once, and each doing what it says."""

import anyio
import pytest

from dayspool.errors import PlanError
from dayspool.sim import ConnectionDropped, Fault, FaultKind, Faults, Ledger
from tests.sim.calls import virtually


def script(text, tmp_path):
    (tmp_path / "faults.toml").write_text(text)
    return Faults.load(tmp_path / "faults.toml")


def test_a_script_is_read(tmp_path):
    faults = script(
        """
        [[fault]]
        kind = "answer_delayed"
        every = 50
        seconds = 4

        [[fault]]
        kind = "link_down"
        from = 60
        to = 90.5
        """,
        tmp_path,
    )
    assert faults == Faults(
        (
            Fault(kind=FaultKind.ANSWER_DELAYED, every=50, seconds=4),
            Fault(kind=FaultKind.LINK_DOWN, begins=60, ends=90.5),
        )
    )


def test_every_mistake_is_named_with_its_key(tmp_path):
    with pytest.raises(PlanError) as caught:
        script(
            """
            speed = 3
            [[fault]]
            kind = "answer_last"
            shto = 3
            [[fault]]
            kind = "reset"
            shot = "five"
            [[fault]]
            kind = "answer_delayed"
            shot = 0
            location = "http://x"
            [[fault]]
            kind = "link_down"
            from = 9
            to = 3
            [[fault]]
            kind = "busy"
            shot = 1
            every = 2
            times = 0
            """,
            tmp_path,
        )
    kinds = ", ".join(FaultKind)
    assert list(caught.value.problems) == [
        "speed: unknown; a fault script holds only [[fault]] tables",
        "fault[1].shto: unknown key",
        f"fault[1].kind: must be one of {kinds}, not 'answer_last'",
        "fault[2].shot: must be int, not 'five'",
        "fault[2].reset needs one of call, chance, every, shot",
        "fault[3].location: means nothing to answer_delayed "
        "(it takes call, chance, every, seconds, shot, times, up_to)",
        "fault[3].shot: counts from 1, not 0",
        "fault[3].seconds: answer_delayed needs to know how long",
        "fault[4].to: must come after from = 9, not 3",
        "fault[5].times: counts from 1, not 0",
        "fault[5].every, shot: give only one of them",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [("[[fault]", "is no TOML"), ('fault = "all"', "write each one as a"), ("fault = [1]", "write each one as a")],
)
def test_what_is_no_script_is_refused(text, said, tmp_path):
    with pytest.raises(PlanError, match=said):
        script(text, tmp_path)


def test_a_script_that_is_not_there_is_said(tmp_path):
    with pytest.raises(PlanError, match="--faults: cannot read"):
        Faults.load(tmp_path / "none.toml")


def spoilt(main, *faults, **character):
    return virtually(main, faults=Faults(tuple(faults)), **character)


async def outcome(client):
    """Return what one attempt at a picture comes to, in short."""
    try:
        answer = await client.ask("actTakePicture")
    except ConnectionDropped:
        return "dropped"
    return answer["error"][0] if "error" in answer else "ok"


async def outcomes(client, attempts=4):
    said = []
    for _ in range(attempts):
        said.append(await outcome(client))
        await anyio.sleep(5)
    return said, client.body.exposures


@pytest.mark.parametrize(
    ("fault", "said", "exposures"),
    [
        (Fault(kind=FaultKind.ANSWER_LOST, shot=2), ["ok", "dropped", "ok", "ok"], 4),
        (Fault(kind=FaultKind.RESET, shot=2), ["ok", "dropped", "ok", "ok"], 3),
        (Fault(kind=FaultKind.RESET, shot=2, times=2), ["ok", "dropped", "dropped", "ok"], 2),
        (Fault(kind=FaultKind.RESET, call=4), ["ok", "ok", "ok", "dropped"], 3),
        (Fault(kind=FaultKind.BUSY, every=2), ["ok", 1, "ok", "ok"], 3),
        (Fault(kind=FaultKind.BUSY, begins=1, ends=8), ["ok", 1, "ok", "ok"], 3),
        (Fault(kind=FaultKind.SHUTTER_FAILED, shot=3), ["ok", "ok", 40400, "ok"], 3),
        (Fault(kind=FaultKind.NOT_READY, shot=2, seconds=7), ["ok", 40401, 40401, "ok"], 2),
        (Fault(kind=FaultKind.NOT_READY, begins=0, ends=6), [40401, 40401, "ok", "ok"], 2),
        (Fault(kind=FaultKind.LINK_DOWN, begins=0, ends=6), ["dropped", "dropped", "ok", "ok"], 2),
    ],
)
def test_what_goes_wrong_with_a_shot(fault, said, exposures):
    assert spoilt(outcomes, fault) == (said, exposures)


@pytest.mark.parametrize("backend", ["trio", "asyncio"])
def test_silence_lasts_until_its_end_and_nothing_happens_in_it(backend):
    async def main(client):
        return await outcome(client), anyio.current_time(), client.body.exposures, await outcome(client)

    silent = Fault(kind=FaultKind.SILENT, begins=0, ends=60)
    assert spoilt(main, silent, backend=backend) == ("dropped", 60, 0, "ok")


def test_silence_swallows_the_answer_of_a_shot_under_way():
    async def main(client):
        said = await outcome(client)
        return said, anyio.current_time(), client.body.exposures

    assert spoilt(main, Fault(kind=FaultKind.SILENT, begins=1, ends=30)) == ("dropped", 30, 1)


@pytest.mark.parametrize("kind", [FaultKind.LINK_DOWN, FaultKind.SILENT])
def test_liveview_does_not_end_well_without_a_link(kind):
    async def main(client):
        with pytest.raises(ConnectionDropped):
            await client.send(60_152, "/liveview.JPG")
        return anyio.current_time()

    ended = spoilt(main, Fault(kind=kind, begins=1, ends=9))
    assert ended == 9 if kind is FaultKind.SILENT else 1 <= ended < 1.1


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_of_seconds_is_refused(value):
    with pytest.raises(PlanError, match="must be a number of seconds"):
        Fault(kind=FaultKind.ANSWER_DELAYED, shot=1, seconds=value)


def test_a_location_that_no_datagram_can_carry_is_refused():
    with pytest.raises(PlanError, match="location: must be plain ASCII"):
        Fault(kind=FaultKind.WRONG_LOCATION, location="http://kamera\u20ac/")


def test_a_lost_answer_can_be_found_in_the_events(tmp_path):
    async def main(client):
        assert await outcome(client) == "dropped"
        found = await client.event("takePicture")
        return (await client.fetch(found["takePictureUrl"][0])).status

    with Ledger(tmp_path / "ledger") as ledger:
        assert spoilt(main, Fault(kind=FaultKind.ANSWER_LOST, shot=1), ledger=ledger) == 200
    assert (tmp_path / "ledger").read_text().count("\n") == 1


def test_a_link_that_goes_down_takes_the_answer_with_it():
    async def main(client):
        return await outcome(client), client.body.exposures

    assert spoilt(main, Fault(kind=FaultKind.LINK_DOWN, begins=1, ends=5)) == ("dropped", 1)


def test_an_answer_may_come_late():
    async def main(client):
        await client.shoot()
        return anyio.current_time()

    assert spoilt(main, Fault(kind=FaultKind.ANSWER_DELAYED, shot=1, seconds=30)) > 30


def test_a_picture_may_be_cut_short_once():
    async def main(client):
        url = await client.shoot()
        messages = []

        async def send(message):
            messages.append(message)

        scope = {"type": "http", "method": "GET", "path": "/" + url.split("/", 3)[3].partition("?")[0], "headers": []}
        with pytest.raises(ConnectionDropped):
            await client.doors[60_152](scope, None, send)
        declared = int(dict(messages[0]["headers"])[b"Content-Length"])
        whole = await client.fetch(url)
        return declared, len(messages[1]["body"]), len(whole.content)

    declared, received, whole = spoilt(main, Fault(kind=FaultKind.PICTURE_TRUNCATED, shot=1))
    assert declared == whole > received > 0


def test_a_picture_may_be_garbage_and_gone():
    async def main(client):
        first = await client.shoot()
        garbage, sound = await client.fetch(first), await client.fetch(first)
        await anyio.sleep(5)
        gone = await client.fetch(await client.shoot())
        return garbage.content[:5], len(garbage.content) == len(sound.content), sound.content[:3], gone.status

    faults = Fault(kind=FaultKind.PICTURE_GARBAGE, shot=1), Fault(kind=FaultKind.PICTURE_GONE, shot=2)
    assert spoilt(main, *faults) == (b"not a", True, b"\xff\xd8\xff", 404)


def test_it_may_come_up_or_come_back_in_the_wrong_mode():
    async def main(client):
        seen = [client.body.shoot_mode, await outcome(client)]
        await client.ask("setShootMode", "still")
        seen.append(client.body.shoot_mode)
        await anyio.sleep(11)
        return [*seen, client.body.shoot_mode]

    faults = Fault(kind=FaultKind.WRONG_SHOOT_MODE), Fault(kind=FaultKind.WRONG_SHOOT_MODE, begins=10)
    assert spoilt(main, *faults) == ["movie", 1, "still", "movie"]


def test_a_poll_wakes_when_a_mishap_begins_and_ends():
    async def main(client):
        await client.ask("receiveEvent", False)
        told = []
        for _ in range(2):
            slots = (await client.ask("receiveEvent", True))["result"]
            told.append((round(anyio.current_time(), 3), slots[1]["cameraStatus"]))
        return told

    assert spoilt(main, Fault(kind=FaultKind.NOT_READY, begins=3, ends=8)) == [(3, "NotReady"), (8, "IDLE")]
