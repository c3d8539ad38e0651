"""The simulated models beside recordings of real cameras, where the folder with the recordings is there."""

import ast
import json
from pathlib import Path

import anyio
import pytest

from dayspool.sim import PROFILES
from dayspool.sim.ssdp import notices, search_replies
from tests.sim.calls import virtually

CAPTURES = Path(__file__).resolve().parents[2].parent / "shared" / "captures"
pytestmark = pytest.mark.skipif(not CAPTURES.is_dir(), reason="the recordings are not beside this repository")

DUMPED = [  # recorded model, its state in the dump, our model, how its dials stand
    ("DSC-WX350", "still", "wx350", {}),
    ("DSC-WX350", "movie", "wx350", {"ShootMode": "movie"}),
    ("DSC-QX10", "program", "qx10", {}),
    ("DSC-QX10", "intellegent", "qx10", {"ExposureMode": "Intelligent Auto"}),
    ("DSC-QX10", "superior", "qx10", {"ExposureMode": "Superior Auto"}),
    ("DSC-QX10", "movie", "qx10", {"ShootMode": "movie"}),
    ("HDR-AS100V", "movie", "as100v", {}),
    ("HDR-AS100V", "still", "as100v", {"ShootMode": "still"}),
    ("HDR-AS100V", "intervalstill", "as100v", {"ShootMode": "intervalstill"}),
    ("ILCE-5000", "manual", "a5000", {"ExposureMode": "Manual"}),
    ("ILCE-5000", "program", "a5000", {}),
    ("ILCE-5000", "aperture", "a5000", {"ExposureMode": "Aperture"}),
    ("ILCE-5000", "shutter", "a5000", {"ExposureMode": "Shutter"}),
    ("ILCE-5000", "intellegent", "a5000", {"ExposureMode": "Intelligent Auto"}),
    ("DSC-HX60V", "manual", "hx400v", {"ExposureMode": "Manual"}),
    ("DSC-HX60V", "program", "hx400v", {}),
    ("DSC-HX60V", "aperture", "hx400v", {"ExposureMode": "Aperture"}),
    ("DSC-HX60V", "shutter", "hx400v", {"ExposureMode": "Shutter"}),
    ("DSC-HX60V", "intellegent", "hx400v", {"ExposureMode": "Intelligent Auto"}),
    ("DSC-HX60V", "movie", "hx400v", {"ShootMode": "movie", "ExposureMode": "Intelligent Auto", "FocusMode": "AF-C"}),
]
IDS = [f"{row[0]}-{row[1]}" for row in DUMPED]


def recorded(name):
    """Return a recorded JSON file."""
    return json.loads((CAPTURES / name).read_text("utf-8"))


def dump(model, state):
    """Return the recorded list and replies of a model in a state."""
    return recorded("_derived/bloodevil-capabilities.json")[model][state]


def play(main, model, dials):
    """Run against an idle model whose dials stand as wanted."""

    async def idle(client):
        for group, value in dials.items():
            client.body.settings.turn(group, value)
        await client.begin()
        return await main(client)

    return virtually(idle, profile=PROFILES[model])


@pytest.mark.parametrize(("model", "state", "ours", "dials"), DUMPED, ids=IDS)
def test_the_lists_are_the_recorded_ones(model, state, ours, dials):
    wanted = dump(model, state)["available_api_list"]
    offered = play(lambda client: client.offered(), ours, dials)
    if model == "DSC-HX60V" and state == "movie":  # the one list whose order is its own
        assert sorted(offered) == sorted(wanted)
    else:
        assert offered == wanted


def test_a_camera_that_gives_contents_away_has_no_liveview():
    wanted = dump("HDR-AS100V", "transfer")["available_api_list"]

    async def main(client):
        await client.ask("setCameraFunction", "Contents Transfer")
        return await client.offered()

    assert play(main, "as100v", {}) == wanted


@pytest.mark.parametrize(("model", "state", "ours", "dials"), DUMPED, ids=IDS)
def test_the_values_are_the_recorded_ones(model, state, ours, dials):
    replies = {name: reply["result"] for name, reply in dump(model, state)["replies"].items() if "result" in reply}
    replies = {name: result for name, result in replies.items() if name.startswith(("getAvailable", "getSupported"))}

    async def main(client):
        unlocked = set(replies) - PROFILES[ours].gated - {"getAvailableApiList"}
        return {name: (await client.ask(name)).get("result") for name in unlocked}

    differ = {}
    for name, told in play(main, ours, dials).items():
        wanted = replies[name]
        if name.startswith("getAvailable") and name not in {"getAvailableZoomSetting", "getAvailableExposureMode"}:
            told, wanted = told[1:], wanted[1:]  # the value itself is the owner's
        if told != wanted:
            differ[name] = (told, wanted)
    assert not differ


def test_the_methods_of_an_a6300_are_the_recorded_ones():
    wanted = recorded("ILCE-6300/getMethodTypes-1.0.json")["results"]

    async def main(client):
        return (await client.ask("getMethodTypes", "1.0"))["results"]

    assert play(main, "a6300", {}) == wanted


def test_the_methods_of_an_a5000_are_the_recorded_ones():
    text = (CAPTURES / "ILCE-5000/dump-dump_methods.txt").read_text("utf-8")

    async def main(client):
        return (await client.ask("getMethodTypes", ""))["results"]

    rows = play(main, "a5000", {})
    assert [row[0] for row in rows if row[3] == "1.0" and f"['{row[0]}', " not in text] == []
    squeezed = text.replace("\n", "").replace(" ", "")
    for row in rows:
        assert repr(row).replace(" ", "")[1:-1] in squeezed, row[0]


def test_the_methods_of_an_as100v_are_the_recorded_ones():
    text = (CAPTURES / "HDR-AS100V/dump-methods.txt").read_text("utf-8")
    wanted = ast.literal_eval(text[text.index("{'id'") :].replace("\n", "").partition("}Checking")[0])["results"]

    async def main(client):
        return (await client.ask("getMethodTypes", "1.0"))["results"]

    ours = play(main, "as100v", {})
    assert len(wanted) == 29
    assert {row[0]: row for row in ours} == {row[0]: row for row in wanted}
    assert [row[0] for row in ours] == [row[0] for row in wanted]


@pytest.mark.parametrize(
    ("model", "folder"), [("a6300", "ILCE-6300"), ("a6000", "ILCE-6000")], ids=["ILCE-6300", "ILCE-6000"]
)
def test_the_lists_before_and_after_the_mode_is_started_are_the_recorded_ones(model, folder):
    async def main(client):
        before = await client.offered()
        await client.begin()
        return before, await client.offered()

    before, after = virtually(main, profile=PROFILES[model])
    assert before == recorded(f"{folder}/getAvailableApiList.before-startRecMode.json")["result"][0]
    assert after == recorded(f"{folder}/getAvailableApiList.after-startRecMode.json")["result"][0]


def test_a_qx1_offers_what_was_recorded():
    assert play(lambda client: client.offered(), "qx1", {}) == recorded("ILCE-QX1/getAvailableApiList.names.json")


def test_errors_are_worded_as_recorded():
    async def main(client):
        await client.begin()
        return [await client.ask("setSelfTimer", 2), await client.ask("setShootMode", "sideways")]

    busy, wrong = play(main, "a6300", {})
    assert busy == recorded("ILCE-6300/error-1.json")
    assert wrong == recorded("ILCE-6300/error-3.json")


def test_a_missing_method_a_wrong_path_and_a_locked_method_are_answered_as_recorded():
    async def missing(client):
        return await client.ask("getSupportedMovieFileFormat")

    async def elsewhere(client):
        return (await client.send(10_000, "/sony/camera", b"{}", "POST")).json

    async def locked(client):
        return await client.ask("getAvailableCameraFunction")

    assert play(missing, "as30v", {}) == recorded("HDR-AS15/error-12.reserialised.json")
    assert virtually(elsewhere) == recorded("DSC-RX100M2/http404-on-sony-camera.json")
    assert play(locked, "qx10", {}) == recorded("DSC-QX10/http403-getAvailableCameraFunction.reserialised.json")


@pytest.mark.parametrize(
    ("model", "file", "method"),
    [
        ("a6300", "ILCE-6300/getApplicationInfo.json", "getApplicationInfo"),
        ("qx10", "DSC-QX10/getApplicationInfo.reserialised.json", "getApplicationInfo"),
        ("qx10", "DSC-QX10/getVersions.reserialised.json", "getVersions"),
        ("as30v", "HDR-AS15/getVersions.reserialised.json", "getVersions"),
        ("as30v", "HDR-AS15/getApplicationInfo.reserialised.json", "getApplicationInfo"),
        ("a6000", "ILCE-6000/startLiveview.json", "startLiveview"),
        ("a6300", "ILCE-6300/startLiveview.json", "startLiveview"),
        ("a6000", "ILCE-6000/startRecMode.json", "startRecMode"),
    ],
)
def test_whole_replies_are_the_recorded_ones(model, file, method):
    async def main(client):
        await client.begin()
        answer = await client.ask(method)
        return json.loads(json.dumps(answer).replace("10.0.0.1", PROFILES[model].address))

    assert play(main, model, {})["result"] == recorded(file)["result"]


def test_a_postview_is_called_as_recorded():
    url = recorded("ILCE-6300/actTakePicture.json")["result"][0][0]

    async def main(client):
        return (await client.ask("actTakePicture"))["result"][0][0]

    ours = play(main, "a6300", {}).replace("10.0.0.1", "192.168.122.1")
    digits = str.maketrans("123456789", "000000000")
    assert ours.translate(digits) == url.translate(digits)


def test_slashes_are_escaped_as_an_a5000_does():
    text = (CAPTURES / "ILCE-5000/dump-shutter.txt").read_text("utf-8")

    async def main(client):
        return (await client.post("getAvailableShutterSpeed")).content

    assert rb'"1\/250"' in play(main, "a5000", {"ExposureMode": "Shutter"})
    assert r"1\\/250" in text


def test_an_event_of_an_a6300_has_the_recorded_fields():
    told = {row["type"]: set(row) for row in recorded("ILCE-6300/getEvent.abridged-by-source.json")["result"] if row}

    async def main(client):
        await client.ask("startLiveview")
        await anyio.sleep(2)
        return (await client.ask("getEvent", False))["result"]

    ours = {row["type"]: set(row) for row in play(main, "a6300", {}) if row and isinstance(row, dict)}
    assert set(told) <= set(ours)
    assert {name: ours[name] for name in told} == told


# -- the network ------------------------------------------------------------------------------------------------------


def datagrams(name):
    """Return recorded search replies or notices, each as its lines."""
    text = (CAPTURES / name).read_bytes().replace(b"\r\n", b"\n").decode("latin-1")
    return [block.split("\n") for block in text.strip("\n").split("\n\n")]


def field(lines, name):
    return next((line.partition(": ")[2] for line in lines if line.startswith(f"{name}: ")), "")


def answers(model, lines):
    """Return our replies to the search that a recorded reply answered, each as its lines."""
    udn = field(lines, "USN").partition("::")[0]
    target = field(lines, "ST") or "urn:schemas-sony-com:service:ScalarWebAPI:1"
    found = search_replies(target, profile=PROFILES[model], udn=udn, location=field(lines, "LOCATION"))
    return [reply.decode("latin-1").split("\r\n")[:-2] for reply in found]


@pytest.mark.parametrize(
    ("model", "file", "count"),
    [
        ("as100v", "HDR-AS20/ssdp-responses.txt", 2),
        ("a6100-send", "ILCE-6300/ssdp-response.send-to-smartphone.txt", 1),
    ],
)
def test_search_replies_are_the_recorded_ones(model, file, count):
    recorded_replies = datagrams(file)
    assert len(recorded_replies) == count
    for lines in recorded_replies:
        assert answers(model, lines) == [lines]


@pytest.mark.parametrize(
    ("model", "file"),
    [
        ("qx10", "DSC-QX10/ssdp-response.truncated-by-source.txt"),
        ("a5000", "NEX-6/ssdp-response.truncated-by-source.txt"),
    ],
)
def test_search_replies_begin_as_recorded_where_the_rest_was_cut_off(model, file):
    (lines,) = datagrams(file)
    assert "EXT: " in lines
    (ours,) = answers(model, lines)
    assert ours[: len(lines) - 1] == lines[:-1]
    assert ours[len(lines) - 1].startswith(lines[-1])


def test_a_notice_is_the_recorded_one():
    (lines,) = datagrams("_unattributed/notify.ilce-alphatether.txt")
    udn = field(lines, "USN").partition("::")[0]
    sent = notices(profile=PROFILES["a6300"], udn=udn, location=field(lines, "LOCATION"))
    assert lines in [notice.decode().split("\r\n")[:-2] for notice in sent]


def test_a_notice_in_a_network_has_the_recorded_headers():
    (lines,) = datagrams("_unattributed/notify.infrastructure-wotcontroller.parsed-headers.txt")
    udn = field(lines, "USN").partition("::")[0]
    sent = notices(profile=PROFILES["as100v"], udn=udn, location=field(lines, "LOCATION"))
    pairs = [[line.partition(": ") for line in notice.decode().split("\r\n")[1:-2]] for notice in sent]
    assert {line.partition(": ")[::2] for line in lines} in [{(n.upper(), value) for n, _, value in p} for p in pairs]


def test_a_description_of_an_a6000_comes_with_the_recorded_headers():
    (lines,) = datagrams("ILCE-6000/dd-http-headers.tutorial.txt")

    async def main(client):
        return await client.send(61_000, "/scalarwebapi_dd.xml")

    reply = virtually(main, profile=PROFILES["a6000"])
    ours = [f"{name.decode()}: {value.decode()}" for name, value in reply.headers]
    moving = ("Content-Length", "Date")  # our host's name has another length, and the clock counts from switch-on
    assert [line.partition(":")[0] for line in ours] == [line.partition(":")[0] for line in lines[1:]]
    kept = [line for line in ours if not line.startswith(moving)]
    assert kept == [line for line in lines[1:] if not line.startswith(moving)]
    assert field(ours, "Date")[:16] == field(lines, "Date")[:16]
