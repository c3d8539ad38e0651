"""The simulated body in virtual time: its states, its pace and its exposures."""

from datetime import datetime, timedelta, timezone

import anyio
import pytest

from dayspool.sim import RX100M2, Fault, FaultKind, Faults, Ledger
from tests.sim.calls import BACKENDS, NOON, virtually

BUSY = {"id": 1, "error": [1, "Not Available Now"]}


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_shot_is_answered_after_processing_and_saved_after_three_to_five_seconds(backend):
    async def main(client):
        times = []
        for _ in range(40):
            began = anyio.current_time()
            await client.shoot()
            answered = anyio.current_time() - began
            statuses = [client.body.status]
            assert await client.ask("actTakePicture") == BUSY
            await anyio.sleep_until(client.body.next_transition())
            times.append((answered, anyio.current_time() - began))
            assert [*statuses, client.body.status] == ["StillSaving", "IDLE"]
        return times

    times = virtually(main, backend)
    assert all(1.4 <= answered <= 2.4 for answered, _ in times)
    assert all(3.0 <= idle <= 5.01 for _, idle in times), "from the end of the exposure, here 1/250 s and less"
    assert len({round(idle, 3) for _, idle in times}) > 30


@pytest.mark.parametrize("backend", BACKENDS)
def test_it_is_busy_from_the_request_on(backend):
    async def main(client):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.shoot)
            await anyio.sleep(0.1)
            seen = client.body.status, await client.ask("actTakePicture"), await client.ask("setShootMode", "movie")
        return (*seen, client.body.exposures)

    assert virtually(main, backend) == ("StillCapturing", BUSY, BUSY, 1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_client_that_leaves_undoes_nothing(tmp_path, backend):
    async def main(client):
        with anyio.move_on_after(0.2):
            await client.shoot()
        lines = (tmp_path / "ledger").read_text().count("\n")
        before = await client.event("takePicture")
        await anyio.sleep(5)
        return lines, before, await client.event("takePicture"), client.body.exposures

    with Ledger(tmp_path / "ledger") as ledger:
        lines, before, after, exposures = virtually(main, backend, ledger=ledger)
    assert (lines, before, exposures) == (1, None, 1)
    assert after["takePictureUrl"][0].startswith("http://10.0.0.1:60152/pict260620_1100000000.JPG?%211234%21")


def test_speed_shortens_the_bodys_times_and_runs_its_clock():
    async def main(client):
        await client.shoot()
        answered = anyio.current_time()
        await anyio.sleep_until(client.body.next_transition())
        idle = anyio.current_time()
        await anyio.sleep(10 - idle)
        return answered, idle, client.body.time.sky()

    answered, idle, camera = virtually(main, speed=100)
    assert answered < 0.03
    assert 0.03 <= idle <= 0.05
    assert camera == NOON + timedelta(seconds=1000)


def test_the_cameras_clock_begins_where_it_is_told_in_that_zone():
    start = datetime(2025, 12, 24, 6, 30, tzinfo=timezone(timedelta(hours=1)))

    async def main(client):
        await anyio.sleep(90)
        return await client.shoot()

    assert "/pict251224_0631300000.JPG?" in virtually(main, sky_start=start)


def test_pictures_are_counted_in_their_names_and_die_with_the_next_but_one():
    async def main(client):
        urls = []
        for _ in range(3):
            urls.append(await client.shoot())
            await anyio.sleep(5)
        replies = [await client.fetch(url) for url in urls]
        return urls, [reply.status for reply in replies]

    urls, statuses = virtually(main)
    assert [url[url.index(".JPG") - 4 : url.index(".JPG")] for url in urls] == ["0000", "0001", "0002"]
    assert statuses == [404, 200, 200]


def test_a_picture_is_not_there_before_its_answer():
    async def main(client):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.shoot)
            await anyio.sleep(0.1)
            early = await client.fetch("http://10.0.0.1:60152/pict260620_1100000000.JPG?x")
        late = await client.fetch("http://10.0.0.1:60152/pict260620_1100000000.JPG?x")
        return early.status, late.status

    assert virtually(main) == (404, 200)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_long_exposure_says_so_after_fifteen_seconds(backend):
    faults = Faults((Fault(kind=FaultKind.LONG_EXPOSURE, shot=1, seconds=40.0),))

    async def main(client):
        seen = []
        for name in ("actTakePicture", "awaitTakePicture", "awaitTakePicture", "awaitTakePicture"):
            answer = await client.ask(name)
            seen.append((round(anyio.current_time()), answer.get("error") or answer["result"][0][0][:25]))
        return seen

    assert virtually(main, backend, faults=faults) == [
        (15, [40403, "Long shooting"]),
        (30, [40403, "Long shooting"]),
        (40, "http://10.0.0.1:60152/pic"),
        (40, [1, "Not Available Now"]),
    ]


def test_it_is_idle_three_to_five_seconds_after_a_long_exposure_has_ended():
    async def main(client):
        with anyio.move_on_after(20):
            await client.ask("actTakePicture")
            await client.ask("awaitTakePicture")
            answered = anyio.current_time()
        await anyio.sleep_until(client.body.next_transition())
        return answered, anyio.current_time()

    answered, idle = virtually(main, faults=Faults((Fault(kind=FaultKind.LONG_EXPOSURE, shot=1, seconds=18.0),)))
    assert answered == pytest.approx(18)
    assert 18 - 2.3 + 3 <= idle <= 18 - 1.4 + 5


def test_an_answer_nobody_waited_for_is_not_kept_beyond_idle():
    async def main(client):
        with anyio.move_on_after(0.2):
            await client.shoot()
        await anyio.sleep(6)
        return client.body.status, await client.ask("awaitTakePicture")

    assert virtually(main) == ("IDLE", BUSY)


def test_the_cameras_clock_stops_before_the_calendar_ends():
    start = datetime(2199, 12, 31, tzinfo=timezone(timedelta(hours=14)))

    async def main(client):
        await anyio.sleep(40 * 86_400)
        return client.body.time.sky().year, await client.shoot()

    year, url = virtually(main, sky_start=start, speed=100_000)
    assert year == 9998
    assert "/pict" in url


def test_a_full_card_takes_no_picture():
    from dataclasses import replace

    async def main(client):
        first = await client.event("storageInformation")
        await client.shoot()
        await anyio.sleep(5)
        return first, await client.event("storageInformation"), await client.ask("actTakePicture")

    first, last, refused = virtually(main, profile=replace(RX100M2, card_images=1))
    assert (first["numberOfRecordableImages"], last["numberOfRecordableImages"]) == (1, 0)
    assert refused["error"] == [40400, "Shooting fail"]


def test_movies_need_movie_mode_and_time_to_be_saved():
    async def main(client):
        seen = [await client.ask("startMovieRec"), await client.ask("setShootMode", "movie")]
        seen += [
            await client.ask("actTakePicture"),
            await client.ask("stopMovieRec"),
            await client.ask("startMovieRec"),
        ]
        statuses = [client.body.status]
        seen.append(await client.ask("stopMovieRec"))
        statuses.append(client.body.status)
        await anyio.sleep(2.1)
        return [answer.get("error", answer.get("result")) for answer in seen], [*statuses, client.body.status]

    busy = [1, "Not Available Now"]
    answers, statuses = virtually(main)
    assert answers == [busy, [0], busy, busy, [0], [""]]
    assert statuses == ["MovieRecording", "MovieSaving", "IDLE"]


def test_the_zoom_moves_until_told_to_stop():
    async def main(client):
        positions = []
        for params, wait in (
            (("in", "start"), 1.5),
            (("in", "stop"), 1.0),
            (("out", "1shot"), 0),
            (("in", "start"), 9),
        ):
            assert (await client.ask("actZoom", *params))["result"] == [0]
            await anyio.sleep(wait)
            positions.append((await client.event("zoomInformation"))["zoomPosition"])
        return positions

    assert virtually(main) == [50, 50, 45, 100]


def test_the_same_seed_gives_the_same_camera():
    async def main(client):
        shots = []
        for _ in range(3):
            shots.append((await client.fetch(await client.shoot())).content)
            await anyio.sleep(5)
        return shots, anyio.current_time()

    assert virtually(main, seed=4) == virtually(main, "asyncio", seed=4)
    assert virtually(main, seed=4) != virtually(main, seed=5)
