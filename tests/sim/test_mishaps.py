"""Mishaps of the body and of its JSON, as scripts order them: the card, the battery, events, shots, bursts of calls."""

import anyio
import pytest

from dayspool.sim import PROFILES, Fault, FaultKind, Faults
from tests.sim.calls import virtually


def play(main, model, **fault):
    async def ready(client):
        await client.begin()
        return await main(client)

    return virtually(ready, profile=PROFILES[model], faults=Faults((Fault(**fault),)))


def test_a_full_card():
    async def main(client):
        first = await client.ask("actTakePicture")
        await anyio.sleep(5)
        second = await client.ask("actTakePicture")
        return "result" in first, second, (await client.event("storageInformation"))["numberOfRecordableImages"]

    taken, refused, left = play(main, "qx10", kind=FaultKind.CARD_FULL, shot=2)
    assert taken
    assert refused["error"] == [40400, "Shooting fail"]
    assert left == 0


def test_no_card():
    async def main(client):
        return await client.ask("getStorageInformation"), await client.ask("actTakePicture")

    told, refused = play(main, "qx10", kind=FaultKind.NO_CARD)
    assert (told["result"][0][0]["storageID"], told["result"][0][0]["recordTarget"]) == ("No Media", False)
    assert refused["error"][0] == 40400


@pytest.mark.parametrize(("level", "left"), [(None, 0), (0.5, 2)])
def test_a_battery_near_its_end(level, left):
    async def main(client):
        return (await client.event("batteryInfo"))["batteryInfo"][0]

    row = play(main, "a5000", kind=FaultKind.BATTERY_LOW, **({} if level is None else {"level": level}))
    assert (row["additionalStatus"], row["levelNumer"], row["levelDenom"]) == ("batteryNearEnd", left, 4)


def test_abridged_events_have_only_what_is_there():
    async def main(client):
        return (await client.ask("getEvent", False))["result"]

    slots = play(main, "a6300", kind=FaultKind.EVENTS_ABRIDGED)
    assert 3 < len(slots) < 35
    assert all(slots)
    assert [slot["type"] for slot in slots if isinstance(slot, dict)][:2] == ["availableApiList", "cameraStatus"]


def test_an_error_although_the_picture_was_taken():
    async def main(client):
        answer = await client.ask("actTakePicture")
        return answer["error"], client.body.exposures, (await client.event("takePicture"))["takePictureUrl"]

    error, exposures, urls = play(main, "wx350", kind=FaultKind.SHOT_ERROR, shot=1)
    assert error == [40400, "Shooting fail"]
    assert exposures == 1
    assert len(urls) == 1


def test_an_address_that_dies_with_the_next_shot():
    async def main(client):
        first = await client.shoot()
        before = (await client.fetch(first)).status
        await anyio.sleep(5)
        second = await client.shoot()
        return before, (await client.fetch(first)).status, (await client.fetch(second)).status

    assert play(main, "wx350", kind=FaultKind.URL_DEAD) == (200, 404, 200)


def test_a_body_hangs_after_a_burst_of_calls():
    async def main(client):
        await anyio.sleep(1)
        for _ in range(3):
            await client.ask("getVersions")
        with anyio.move_on_after(1000) as scope:
            await client.ask("getVersions")
        return scope.cancelled_caught

    async def spaced(client):
        for _ in range(9):
            await anyio.sleep(0.4)
            await client.ask("getVersions")
        return client.body.silent

    assert play(main, "as30v", kind=FaultKind.HANGS, calls=3)
    assert not play(spaced, "as30v", kind=FaultKind.HANGS, calls=4)


def test_liveview_and_battery_change_while_a_poll_waits():
    async def main(client):
        await client.ask("getEvent", False, version="1.4")
        seen = []
        with anyio.move_on_after(19):
            while True:
                slots = (await client.ask("getEvent", True, version="1.4"))["result"]
                seen += [(slot["type"], anyio.current_time()) for slot in slots if slot]
        return seen

    began = 2.5  # of the mode in which it shoots
    seen = play(main, "a5000", kind=FaultKind.BATTERY_LOW, begins=began + 4)
    assert seen == [("batteryInfo", began + 4)]


@pytest.mark.parametrize("bound", [{}, {"begins": 0.0, "ends": 100.0}])
def test_a_fault_that_is_counted_strikes_so_often_and_no_more(bound):
    async def main(client):
        statuses = []
        for _ in range(4):
            statuses.append((await client.post("getVersions")).status)
        return statuses

    counted, endless = (Faults((Fault(kind=FaultKind.HTTP_500, times=times, **bound),)) for times in (2, None))
    assert virtually(main, faults=counted) == [500, 500, 200, 200]
    assert virtually(main, faults=endless) == [500] * 4


def test_a_busy_spell_can_be_counted_too():
    async def main(client):
        return [sorted(await client.ask("actTakePicture"))[0] for _ in range(3)]

    assert play(main, "qx10", kind=FaultKind.BUSY, begins=0.0, ends=60.0, times=2) == ["error", "error", "id"]


@pytest.mark.parametrize("model", ["wx350", "as30v", "as100v"])
def test_without_await_take_picture_the_answer_takes_as_long_as_the_exposure(model):
    async def main(client):
        client.body.settings.turn("ShootMode", "still")
        began = anyio.current_time()
        answer = await client.ask("actTakePicture")
        return "result" in answer, round(anyio.current_time() - began)

    assert play(main, model, kind=FaultKind.LONG_EXPOSURE, shot=1, seconds=40.0) == (True, 40)
