"""Hostile answers by script: each does what it says, where it says, and nowhere else."""

import json
from xml.etree import ElementTree

import anyio
import pytest

from dayspool.sim import PROFILES, Fault, FaultKind, Faults
from dayspool.sim.hostile import FOREIGN, HUGE_BYTES
from dayspool.sim.kinds import KEYS, NEEDS, UNBOUND
from tests.sim.calls import virtually


def attacked(main, *faults, model="rx100m2", **character):
    return virtually(main, profile=PROFILES[model], faults=Faults(tuple(faults)), **character)


def test_every_kind_can_be_written_in_a_script():
    assert set(KEYS) == set(FaultKind)
    for kind in FaultKind:
        row = {"kind": kind.value}
        bound = next((key for key in ("shot", "from", "call", "every") if key in KEYS[kind]), None)
        row |= {} if kind in UNBOUND or bound is None else {bound: 1}
        row |= {NEEDS[kind][0]: 5} if kind in NEEDS else {}
        row |= {"seconds": 5} if kind is FaultKind.NOT_READY and bound != "from" else {}
        assert Faults.from_table({"fault": [row]}).faults[0].kind is kind


@pytest.mark.parametrize("kind", [FaultKind.HTTP_500, FaultKind.REDIRECT])
def test_nothing_happens_behind_a_refusal(kind):
    async def main(client):
        reply = await client.post("actTakePicture")
        return reply.status, dict(reply.headers).get(b"Location"), client.body.exposures

    status, location, exposures = attacked(main, Fault(kind=kind))
    assert exposures == 0
    assert (status, location) == (
        (500, None) if kind is FaultKind.HTTP_500 else (302, f"http://{FOREIGN}/elsewhere".encode())
    )


@pytest.mark.parametrize("kind", [FaultKind.RUBBISH, FaultKind.WRONG_TYPE])
def test_a_shot_is_taken_whatever_is_said_of_it(kind):
    async def main(client):
        first = (await client.post("actTakePicture")).content
        return first, client.body.exposures, (await client.post("getVersions")).content

    said, exposures, later = attacked(main, Fault(kind=kind, method="actTakePicture"))
    assert exposures == 1
    assert b".JPG" not in said
    assert json.loads(later)["result"] == [["1.0"]]


def test_rubbish_and_other_types_vary():
    async def main(client):
        return {(await client.post("getVersions")).content for _ in range(12)}

    assert len(attacked(main, Fault(kind=FaultKind.RUBBISH))) == 5
    others = attacked(main, Fault(kind=FaultKind.WRONG_TYPE))
    assert len(others) == 10
    for content in others:
        json.loads(content)


def test_one_call_only():
    async def main(client):
        return [(await client.post("getVersions")).status for _ in range(4)]

    assert attacked(main, Fault(kind=FaultKind.HTTP_500, call=3)) == [200, 200, 500, 200]


def test_a_slow_answer_takes_a_second_for_every_byte():
    async def main(client):
        before = anyio.current_time()
        reply = await client.post("getVersions")
        return reply.json, anyio.current_time() - before, len(reply.content)

    said, seconds, length = attacked(main, Fault(kind=FaultKind.SLOW))
    assert said == {"id": 1, "result": [["1.0"]]}
    assert seconds == pytest.approx(length)


@pytest.mark.parametrize("where", ["json", "description", "picture"])
def test_a_huge_answer_is_100_mb_and_needs_no_memory_here(where):
    async def main(client):
        url = await client.shoot() if where == "picture" else ""
        ports = client.body.ports
        port, path, method = {
            "json": (ports.control, "/camera", "POST"),
            "description": (ports.description, "/scalarwebapi_dd.xml", "GET"),
            "picture": (ports.media, "/" + url.partition("?")[0].rpartition("/")[2], "GET"),
        }[where]
        total, largest, heads = 0, 0, []

        async def receive():
            return {"type": "http.request", "body": b'{"method":"getVersions","id":1,"params":[]}'}

        async def send(message):
            nonlocal total, largest
            if message["type"] == "http.response.start":
                heads.extend(name for name, _ in message["headers"])
            else:
                total += len(message["body"])
                largest = max(largest, len(message["body"]))

        scope = {"type": "http", "method": method, "path": path, "server": ("10.0.0.1", port), "headers": []}
        await client.doors[port](scope, receive, send)
        return total, largest, heads

    total, largest, heads = attacked(main, Fault(kind=FaultKind.HUGE, where=where))
    assert HUGE_BYTES <= total < HUGE_BYTES + 1000
    assert largest <= 64 * 1024
    assert b"Content-Length" not in heads


def test_addresses_name_another_host():
    async def main(client):
        url = await client.shoot()
        page = await client.send(client.body.ports.description, "/scalarwebapi_dd.xml")
        return url, page.content

    url, page = attacked(main, Fault(kind=FaultKind.FOREIGN_HOST))
    assert url.startswith(f"http://{FOREIGN}:60152/")
    assert FOREIGN.encode() not in page
    url, page = attacked(main, Fault(kind=FaultKind.FOREIGN_HOST, where="description", host="203.0.113.9"))
    assert url.startswith("http://10.0.0.1:")
    assert b"http://203.0.113.9:10000/sony" in page


def test_a_description_may_be_another_device_s():
    async def main(client):
        return (await client.send(client.body.ports.description, "/scalarwebapi_dd.xml")).content

    assert ElementTree.fromstring(attacked(main, Fault(kind=FaultKind.WRONG_TYPE, where="description"))).tag == "html"


def test_liveview_may_be_no_liveview():
    async def main(client):
        await client.ask("startLiveview")
        path = client.body.profile.liveview_path.partition("?")[0]
        return (await client.send(client.body.ports.media, path)).content

    assert attacked(main, Fault(kind=FaultKind.WRONG_TYPE, where="liveview")).startswith(b"GIF89a")


def test_a_postview_may_want_to_be_saved_elsewhere():
    async def main(client):
        return dict((await client.fetch(await client.shoot())).headers)[b"Content-Disposition"]

    assert attacked(main, Fault(kind=FaultKind.EVIL_NAMES)) == b'attachment; filename="../../x.jpg"'


# -- what the body does by script -------------------------------------------------------------------------------------


async def shots(client, wanted):
    """Return the errors of so many attempts, or `None` for each that succeeded."""
    said = []
    for _ in range(wanted):
        said.append((await client.ask("actTakePicture")).get("error"))
        while client.body.status.value not in {"IDLE"}:
            await client.body.wait_for_change()
    return said


def test_a_card_that_is_full_stays_full():
    said = attacked(lambda client: shots(client, 4), Fault(kind=FaultKind.CARD_FULL, shot=3))
    assert [bool(error) for error in said] == [False, False, True, True]


def test_a_shot_may_be_taken_and_an_error_returned():
    async def main(client):
        return await shots(client, 3), client.body.exposures

    said, exposures = attacked(main, Fault(kind=FaultKind.SHOT_ERROR, shot=2))
    assert (said, exposures) == ([None, [40400, "Shooting fail"], None], 3)


def test_a_postview_dies_with_the_next_shot():
    async def main(client):
        first = await client.shoot()
        alive = (await client.fetch(first)).status
        while client.body.status.value != "IDLE":
            await client.body.wait_for_change()
        await client.shoot()
        return alive, (await client.fetch(first)).status

    assert attacked(main) == (200, 200)
    assert attacked(main, Fault(kind=FaultKind.URL_DEAD)) == (200, 404)


def test_events_may_leave_out_what_is_no_news():
    async def main(client):
        return (await client.ask("receiveEvent", False))["result"]

    abridged, whole = attacked(main, Fault(kind=FaultKind.EVENTS_ABRIDGED)), attacked(main)
    assert len(whole) == 35
    assert len(abridged) < 10
    assert None not in abridged


def test_too_many_calls_hang_it():
    async def main(client):
        for _ in range(5):
            await client.ask("getVersions")
        with anyio.move_on_after(60) as given_up:
            await client.ask("getVersions")
        return given_up.cancelled_caught

    assert attacked(main, Fault(kind=FaultKind.HANGS, calls=5))
    assert not attacked(main, Fault(kind=FaultKind.HANGS, calls=6))


def test_a_camera_that_hangs_may_come_back():
    async def main(client):
        for _ in range(5):
            await client.ask("getVersions")
        with anyio.move_on_after(10):
            await client.ask("getVersions")
        await anyio.sleep(60)
        return (await client.ask("getVersions"))["result"]

    assert attacked(main, Fault(kind=FaultKind.HANGS, calls=5, begins=0, ends=50)) == [["1.0"]]


def test_a_battery_runs_low():
    async def main(client):
        await anyio.sleep(10)  # it is not ready at first
        slots = (await client.ask("getEvent", False, version=client.body.profile.versions()[-1]))["result"]
        return next(slot for slot in slots if isinstance(slot, dict) and slot["type"] == "batteryInfo")["batteryInfo"][
            0
        ]

    told = attacked(main, Fault(kind=FaultKind.BATTERY_LOW, level=0.25), model="a7m3")
    assert told["additionalStatus"] == "batteryNearEnd"
    assert told["levelNumer"] / told["levelDenom"] == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"kind": "battery_low", "level": 2}, "level: must lie between 0 (empty) and 1 (full), not 2"),
        ({"kind": "huge_answer", "where": "moon"}, "where: must be one of json, "),
        ({"kind": "hang_after_calls_per_second"}, "calls: hang_after_calls_per_second needs to know how many"),
        ({"kind": "foreign_host", "host": "a\nb"}, "host: must be plain ASCII"),
        ({"kind": "ssdp_delayed"}, "seconds: ssdp_delayed needs to know how long"),
        ({"kind": "no_ssdp", "shot": 1}, "shot: means nothing to no_ssdp"),
    ],
)
def test_scripts_that_make_no_sense_are_explained(row, said):
    from dayspool.errors import PlanError

    with pytest.raises(PlanError) as caught:
        Faults.from_table({"fault": [row]})
    assert any(said in problem for problem in caught.value.problems)
