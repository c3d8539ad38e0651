"""`receiveEvent`: the whole state at once, or what has changed since it was last told."""

import anyio
import pytest

from dayspool.sim import ConnectionDropped
from dayspool.sim.service import Caller, Services
from tests.sim.calls import BACKENDS, virtually

POLL = b'{"method":"receiveEvent","params":[true],"id":1}'


def test_the_whole_state_has_a_slot_for_each_type():
    async def main(client):
        return (await client.ask("receiveEvent", False))["result"]

    slots = virtually(main)
    assert len(slots) == 35
    types = {index: slot["type"] for index, slot in enumerate(slots) if isinstance(slot, dict)}
    assert types == {
        0: "availableApiList",
        1: "cameraStatus",
        2: "zoomInformation",
        3: "liveviewStatus",
        21: "shootMode",
    }
    assert [slots[5], slots[6]] == [[], []]
    assert slots[10][0]["type"] == "storageInformation"


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_poll_waits_for_news_and_tells_only_those(backend):
    async def main(client):
        await client.ask("receiveEvent", False)
        news = []

        async def follow():
            for _ in range(3):
                slots = (await client.ask("receiveEvent", True))["result"]
                news.append({slot["type"]: slot for slot in slots if isinstance(slot, dict)})
                news[-1]["at"] = anyio.current_time()
                news[-1]["pictures"] = slots[5]

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(follow)
            await anyio.sleep(1)
            await client.shoot()
        return news

    exposing, saving, idle = virtually(main, backend)
    assert exposing["at"] == 1
    assert [event["cameraStatus"]["cameraStatus"] for event in (exposing, saving, idle)] == [
        "StillCapturing",
        "StillSaving",
        "IDLE",
    ]
    assert "actTakePicture" not in exposing["availableApiList"]["names"]
    assert "awaitTakePicture" in exposing["availableApiList"]["names"]
    assert "shootMode" not in exposing
    assert exposing["pictures"] == idle["pictures"] == []
    assert len(saving["pictures"][0]["takePictureUrl"]) == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_without_news_a_poll_times_out_after_twenty_seconds(backend):
    async def main(client):
        await client.ask("receiveEvent", False)
        return await client.ask("receiveEvent", True, number=9), anyio.current_time()

    assert virtually(main, backend) == ({"id": 9, "error": [2, "Timeout"]}, 20)


@pytest.mark.parametrize("backend", BACKENDS)
def test_only_one_poll_at_a_time(backend):
    async def main(client):
        await client.ask("receiveEvent", False)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.ask, "receiveEvent", True)
            await anyio.sleep(1)
            second = await client.ask("receiveEvent", True)
            whole = await client.ask("receiveEvent", False)
        return second, len(whole["result"]), await client.ask("receiveEvent", True)

    second, slots, third = virtually(main, backend)
    assert second["error"] == [40402, "Already Running Polling API"]
    assert slots == 35
    assert third["error"][0] == 2


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_poll_ends_when_its_client_leaves(backend):
    async def main(client):
        service = Services(client.body)
        await service.answer("/camera", POLL, Caller("h", anyio.sleep_forever))  # the first one is told everything

        async def leave():
            await anyio.sleep(3)

        with pytest.raises(ConnectionDropped):
            await service.answer("/camera", POLL, Caller("h", leave))
        left_at = anyio.current_time()
        return left_at, (await service.answer("/camera", POLL, Caller("h", anyio.sleep_forever))).body

    left_at, then = virtually(main, backend)
    assert left_at == 3
    assert b"Timeout" in then


def test_one_who_asks_for_everything_takes_no_news_from_another():
    async def main(client):
        service = Services(client.body)
        here, there = (Caller("h", anyio.sleep_forever, peer) for peer in ("10.0.1.2", "10.0.1.3"))
        whole = POLL.replace(b"true", b"false")
        await service.answer("/camera", whole, here)
        await service.answer("/camera", whole, there)
        await client.ask("setShootMode", "movie")
        await service.answer("/camera", whole, there)
        return (await service.answer("/camera", POLL, here)).body, anyio.current_time()

    news, at = virtually(main)
    assert b'"currentShootMode":"movie"' in news
    assert at == 0


def test_one_who_asks_for_everything_while_a_poll_waits_does_not_starve_it():
    async def main(client):
        await client.ask("receiveEvent", False)
        news = []

        async def wait():
            news.append((await client.ask("receiveEvent", True))["result"])

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await anyio.sleep(1)
            client.body.settings.turn("ShootMode", "movie")  # by hand: nobody is told
            await client.ask("receiveEvent", False)
            client.body.announce()
        return news[0][21]["currentShootMode"], anyio.current_time()

    assert virtually(main) == ("movie", 1)


def test_only_so_many_clients_are_remembered():
    async def main(client):
        service = Services(client.body)
        for number in range(9):
            await service.answer("/camera", POLL, Caller("h", anyio.sleep_forever, f"10.0.1.{number}"))
        first = await service.answer("/camera", POLL, Caller("h", anyio.sleep_forever, "10.0.1.0"))
        second = await service.answer("/camera", POLL, Caller("h", anyio.sleep_forever, "10.0.1.8"))
        return b"availableApiList" in first.body, b"Timeout" in second.body

    assert virtually(main) == (True, True)
