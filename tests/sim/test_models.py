"""Every simulated model: which methods it has, and which of them it offers in which state."""

import re

import anyio
import pytest

from dayspool.sim import PROFILES
from dayspool.sim.groups import GROUPS, SLOTS, SLOTS_OF_VERSION
from tests.sim.calls import virtually

SPEAKING = sorted(name for name, profile in PROFILES.items() if profile.json)
BEFORE = [
    "getVersions",
    "getMethodTypes",
    "getApplicationInfo",
    "getAvailableApiList",
    "getEvent",
    "startRecMode",
    "stopRecMode",
]


def offered(model, **dials):
    """Return what a model offers when idle, with its dials where they are wanted."""

    async def main(client):
        for group, value in dials.items():
            client.body.settings.turn(group, value)
        await client.begin()
        return await client.offered()

    return virtually(main, profile=PROFILES[model])


def test_every_model_that_was_asked_for_is_there():
    wanted = "rx100m2 wx350 qx10 as30v a5000 a6000 a6300 qx1 hx400v a7m3 rx0 a6100-send a7c-ptp"
    assert set(wanted.split()) <= set(PROFILES)
    assert all(name == profile.name for name, profile in PROFILES.items())


@pytest.mark.parametrize(
    ("model", "dials", "count"),
    [
        ("rx100m2", {}, 13),
        ("wx350", {}, 23),
        ("wx350", {"ShootMode": "movie"}, 17),
        ("qx10", {}, 59),
        ("qx10", {"ExposureMode": "Intelligent Auto"}, 50),
        ("qx10", {"ExposureMode": "Superior Auto"}, 50),
        ("qx10", {"ShootMode": "movie"}, 33),
        ("as30v", {}, 33),
        ("as30v", {"ShootMode": "intervalstill"}, 30),
        ("as100v", {}, 29),
        ("as100v", {"ShootMode": "still"}, 23),
        ("as100v", {"ShootMode": "intervalstill"}, 23),
        ("a5000", {"ExposureMode": "Manual"}, 69),
        ("a5000", {"ExposureMode": "Program Auto"}, 68),
        ("a5000", {"ExposureMode": "Aperture"}, 68),
        ("a5000", {"ExposureMode": "Shutter"}, 68),
        ("a5000", {"ExposureMode": "Intelligent Auto"}, 64),
        ("a6000", {}, 22),
        ("a6300", {}, 12),
        ("hx400v", {"ExposureMode": "Manual"}, 66),
        ("hx400v", {"ExposureMode": "Aperture"}, 66),
        ("hx400v", {"ExposureMode": "Shutter"}, 66),
        ("hx400v", {"ExposureMode": "Program Auto"}, 66),
        ("hx400v", {"ExposureMode": "Intelligent Auto"}, 62),
        ("hx400v", {"ShootMode": "movie", "ExposureMode": "Intelligent Auto", "FocusMode": "AF-C"}, 45),
        ("qx1", {}, 84),
    ],
)
def test_how_many_methods_are_offered(model, dials, count):
    assert len(offered(model, **dials)) == count


@pytest.mark.parametrize("model", ["a5000", "a6000", "a6300", "hx400v"])
def test_app_cameras_offer_seven_methods_before_the_mode_is_started(model):
    async def main(client):
        before = await client.offered()
        shot = await client.ask("actTakePicture")
        status = (await client.event("cameraStatus"))["cameraStatus"]
        answer = await client.ask("startRecMode")
        during = await client.offered(), client.body.status, await client.ask("actTakePicture")
        await client.begin()
        return before, shot, status, answer, during, anyio.current_time(), await client.offered()

    before, shot, status, answer, during, ready_at, after = virtually(main, profile=PROFILES[model])
    assert before == BEFORE
    assert shot["error"] == [1, "Not Available Now"]
    assert status == "NotReady"
    assert answer == {"id": 1, "result": [0]}
    assert during[:2] == (BEFORE, "NotReady")
    assert "error" in during[2]
    assert ready_at == 2.5
    assert "startRecMode" not in after
    assert set(BEFORE[:5]) < set(after)


def test_an_app_camera_goes_back_when_the_mode_is_stopped():
    async def main(client):
        await client.begin()
        await client.ask("stopRecMode")
        return await client.offered()

    assert virtually(main, profile=PROFILES["a6000"]) == BEFORE


def test_an_a6300_offers_more_under_liveview():
    async def main(client):
        seen = [len(await client.offered())]
        await client.begin()
        seen.append(len(await client.offered()))
        await client.ask("startLiveview")
        seen.append(len(await client.offered()))
        await anyio.sleep(1)
        seen.append(len(await client.offered()))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.ask, "actTakePicture")
            await anyio.sleep(0.5)
            capturing = await client.offered()
        await anyio.sleep(5)
        client.body.settings.turn("ExposureMode", "Manual")
        return seen, "awaitTakePicture" in capturing, len(await client.offered())

    assert virtually(main, profile=PROFILES["a6300"]) == ([7, 12, 15, 23], True, 22)


@pytest.mark.parametrize(
    ("model", "rows", "versions"),
    [
        ("rx100m2", 16, ["1.0"]),
        ("wx350", 23, ["1.0"]),
        ("qx10", 59, ["1.0", "1.1"]),
        ("as100v", 29, ["1.0"]),
        ("a5000", 96, ["1.0", "1.1", "1.2", "1.3", "1.4"]),
        ("a6300", 67, ["1.0"]),
        ("hx400v", 75, ["1.0", "1.1", "1.2", "1.3", "1.4"]),
    ],
)
def test_how_many_methods_there_are(model, rows, versions):
    async def main(client):
        await client.begin()
        first = (await client.ask("getMethodTypes", "1.0"))["results"]
        later = [(await client.ask("getMethodTypes", version))["results"] for version in versions[1:]]
        return len(first), [[row[0] for row in rows] for rows in later], (await client.ask("getVersions"))["result"][0]

    assert virtually(main, profile=PROFILES[model]) == (rows, [["getEvent"]] * (len(versions) - 1), versions)


@pytest.mark.parametrize("model", SPEAKING)
def test_what_is_offered_has_a_row_and_every_row_has_a_method(model):
    profile = PROFILES[model]
    rows = {row.name for row in profile.methods if row.service == "camera"}
    assert {offer.name for offer in profile.offers} <= rows
    assert {row.service for row in profile.methods} <= {*profile.services, "camera"}
    assert len({offer.name for offer in profile.offers}) == len(profile.offers)

    async def main(client):
        await client.begin()
        answers = {name: await client.ask(name) for name in await client.offered() if name.startswith("get")}
        return {name: answer for name, answer in answers.items() if "error" in answer}

    refused = virtually(main, profile=profile)
    assert {name for name in refused if name not in profile.gated} <= {"getEvent", "receiveEvent"}


@pytest.mark.parametrize("model", SPEAKING)
def test_every_setting_is_known_and_stands_where_it_can(model):
    for setting in PROFILES[model].settings:
        assert setting.group in GROUPS
        for choices in setting.choices:
            assert setting.supported is None or set(choices.values) <= set(setting.supported), setting.group


@pytest.mark.parametrize("model", SPEAKING)
@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3", "1.4"])
def test_every_version_of_the_event_has_its_slots_in_order(model, version):
    profile = PROFILES[model]

    async def main(client):
        await client.begin()
        return await client.ask(profile.event_method, False, version=version)

    answer = virtually(main, profile=profile)
    if version not in profile.versions():
        assert answer["error"] == [14, "Unsupported Version"]
        return
    slots = answer["result"]
    assert len(slots) == SLOTS_OF_VERSION[version]
    for slot, told in zip(SLOTS, slots, strict=False):
        if slot.listed:
            assert isinstance(told, list)
            assert all(row["type"] == slot.type and set(row) == {"type", *slot.fields} for row in told)
        elif told is not None:
            assert list(told) == ["type", *slot.fields], slot.type
            assert told["type"] == slot.type


def test_no_two_models_share_a_name_on_the_network():
    async def main(client):
        return client.body.udn, client.body.mac

    names = [virtually(main, profile=profile) for profile in PROFILES.values()]
    assert len({udn for udn, _ in names}) == len({mac for _, mac in names}) == len(PROFILES)
    assert names == [virtually(main, profile=profile) for profile in PROFILES.values()]
    assert virtually(main, seed=7)[1][-6:] != virtually(main, seed=8)[1][-6:]
    assert all(re.fullmatch("[0-9a-f]{12}", mac) for _, mac in names)
