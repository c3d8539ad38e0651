"""A dump as a model: what a camera said is what its copy says; what is no dump is refused with every reason."""

import json
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.errors import PlanError
from dayspool.sim import PROFILES, load_profile
from dayspool.sim.groups import GROUPS
from dayspool.sim.load import profile_from_dump
from tests.sim.calls import virtually

REMOTE = [name for name, profile in PROFILES.items() if profile.json]
DIALECTS = {"G0": "legacy", "G1": "builtin-1", "G2": "app", "G3": "builtin-3"}


async def dumped(client):
    """Record a simulated camera as `dayspool camera dump` does, without its code."""
    body, profile = client.body, client.body.profile
    page = await client.send(body.ports.description, profile.description_path)
    services, exchanges, lists, events = {}, [], [], []

    async def ask(name, *params, service="camera", version="1.0"):
        reply = await client.post(name, *params, service=service, version=version)
        value = json.loads(reply.content) if reply.content else None
        exchanges.append(
            {
                "service": service,
                "method": name,
                "params": list(params),
                "version": version,
                "status": reply.status,
                "reply": value,
            }
        )
        return value or {}

    async def note():
        told = await ask("getAvailableApiList")
        state = {
            "status": body.status.value,
            "shoot_mode": body.settings.get("ShootMode"),
            "exposure_mode": body.settings.get("ExposureMode"),
            "liveview": body.viewfinder.on,
        }
        lists.append({"state": state, "methods": told["result"][0]})

    await note()
    for service in dict.fromkeys(method.service for method in profile.methods):
        versions = (await ask("getVersions", service=service))["result"][0]
        rows = (await ask("getMethodTypes", "", service=service))["results"]
        services[service] = {"versions": versions, "method_types": rows}
    if profile.quirks.needs_rec_mode:
        await ask("startRecMode")
    while body.status.value != "IDLE":
        await body.wait_for_change()
    application = (await ask("getApplicationInfo"))["result"]
    await note()
    names = [row[0] for row in services["camera"]["method_types"]]
    for name in names:
        if name.startswith("get") and name not in {"getEvent", "getMethodTypes"}:
            await ask(name)
    told = await client.ask(profile.event_method, False, version=profile.versions()[-1])
    events.append({"method": profile.event_method, "version": "1.0", "result": told.get("result")})
    await ask("startLiveview")
    await note()
    return {
        "dayspool_dump": 1,
        "made_by": "a test",
        "source": "camera",
        "model": profile.model,
        "dialect": DIALECTS[profile.dialect],
        "endpoint": f"http://{profile.address}:{body.ports.control}{profile.service_path}",
        "application": application,
        "descriptions": [
            {
                "url": f"http://{profile.address}:{body.ports.description}{profile.description_path}",
                "status": 200,
                "headers": [],
                "body": page.content.decode(),
            }
        ],
        "ssdp": [f"HTTP/1.1 200 OK\r\nEXT:\r\nSERVER: {profile.server}\r\nST: x\r\nUSN: y\r\n\r\n"],
        "services": services,
        "api_lists": lists,
        "events": events,
        "exchanges": exchanges,
    }


@pytest.mark.parametrize("name", REMOTE)
def test_a_copy_of_a_camera_says_what_the_camera_says(name, tmp_path):
    original = PROFILES[name]
    dump = virtually(dumped, profile=original)
    path = tmp_path / "camera.json"
    path.write_text(json.dumps(dump))
    copy = load_profile(path)
    assert (copy.name, copy.model, copy.dialect, copy.application) == (
        "camera",
        original.model,
        original.dialect,
        original.application,
    )
    assert (copy.ports.control, copy.ports.description, copy.ports.media) == (
        original.ports.control,
        original.ports.description,
        original.ports.media,
    )
    assert (copy.service_path, copy.description_path) == (original.service_path, original.description_path)
    assert copy.liveview_path == original.liveview_path
    assert (copy.services, copy.udn_form, copy.mac_prefix) == (
        original.services,
        original.udn_form,
        original.mac_prefix,
    )
    assert copy.event_method == original.event_method
    assert copy.quirks.needs_rec_mode == original.quirks.needs_rec_mode
    again = virtually(dumped, profile=copy)
    assert [row["methods"] for row in again["api_lists"]] == [row["methods"] for row in dump["api_lists"]]
    assert {tuple(row[0::3]) for row in again["services"]["camera"]["method_types"]} == {
        tuple(row[0::3]) for row in dump["services"]["camera"]["method_types"]
    }
    assert again["descriptions"][0]["body"].split() == dump["descriptions"][0]["body"].split()
    told, wanted = ({e["method"]: e["reply"] for e in d["exchanges"]} for d in (again, dump))
    offered = set(dump["api_lists"][1]["methods"])
    for group in GROUPS:
        for verb in ("get", "getAvailable"):
            method = f"{verb}{group}"
            if method in offered and "result" in (wanted.get(method) or {}):
                assert told[method]["result"] == wanted[method]["result"], method


def test_a_camera_that_only_sends_is_copied_too():
    async def main(client):
        path = client.body.profile.description_path
        page = await client.send(client.body.ports.description, path)
        return {
            "dayspool_dump": 1,
            "descriptions": [{"url": f"http://192.168.122.1:64321{path}", "body": page.content.decode()}],
        }

    copy = profile_from_dump(virtually(main, profile=PROFILES["a6100-send"]), name="x")
    assert (copy.json, copy.send_mode, copy.model) == (False, True, "ILCE-6100")


def test_a_bare_list_of_names_is_enough_to_shoot():
    """The DSC-WX350 was published as little more than this."""
    names = [
        "getAvailableApiList",
        "getVersions",
        "getEvent",
        "setShootMode",
        "getShootMode",
        "actTakePicture",
        "startLiveview",
        "getUnheardOf",
    ]
    dump = {
        "dayspool_dump": 1,
        "endpoint": "http://10.0.0.1:10000/sony/camera",
        "api_lists": [{"methods": names}],
        "exchanges": [
            {"method": "setFlashMode", "status": 403, "reply": {"error": [403, "setFlashMode"]}},
            {"method": "getAvailableShootMode", "reply": {"result": ["still", ["still", "movie"]]}},
        ],
    }
    copy = profile_from_dump(dump, name="bare")

    async def main(client):
        assert (await client.ask("getAvailableApiList"))["result"] == [names]
        assert (await client.ask("getUnheardOf"))["error"] == [1, "Not Available Now"]
        assert (await client.ask("setShootMode", "still"))["result"] == [0]
        assert (await client.fetch(await client.shoot())).status == 200
        assert (await client.ask("getEvent", False))["result"][1]["cameraStatus"]

    assert copy.dialect == "G1"
    assert copy.gated == {"setFlashMode"}
    virtually(main, profile=copy)


def bare(host="192.168.122.1", port=10_000, **more):
    return {"dayspool_dump": 1, "endpoint": f"http://{host}:{port}/sony/camera", **more}


def rows(*versions):
    return {"camera": {"method_types": [["getEvent", ["bool"], [], version] for version in versions]}}


@pytest.mark.parametrize(
    ("dump", "generation"),
    [
        (bare(), "G3"),
        (bare("10.0.0.1"), "G1"),
        (bare(port=8080), "G2"),
        (bare(services=rows("1.0")), "G1"),
        (bare(services=rows("1.0", "1.1")), "G3"),
        (bare(ssdp=["SERVER: x\r\nLOCATION: http://192.168.122.1:64321/DmsRmtDesc.xml"]), "G1"),
        (bare(ssdp=["SERVER: x\r\nLOCATION: http://192.168.122.1:64321/dd.xml"]), "G3"),
        (bare(dialect="builtin-3", services=rows("1.0")), "G3"),
        ({"dayspool_dump": 1, "endpoint": "http://10.0.0.1:10000/camera"}, "G0"),
    ],
)
def test_the_generation_is_what_the_dump_shows(dump, generation):
    assert profile_from_dump(dump, name="x").dialect == generation


@pytest.mark.parametrize(
    ("more", "name", "query"),
    [
        ({}, "postview/pict", ""),
        ({"dialect": "builtin-1"}, "pict", "%211234"),
        (
            {
                "exchanges": [
                    {"method": "actTakePicture", "reply": {"result": [["http://192.168.122.1:60152/p.JPG?a"]]}}
                ]
            },
            "pict",
            "a",
        ),
        (
            {"events": [{"result": [[{"type": "takePicture", "takePictureUrl": ["http://h:8080/postview/x.JPG"]}]]}]},
            "postview/pict",
            "",
        ),
    ],
)
def test_postviews_are_where_the_recorded_ones_were(more, name, query):
    profile = profile_from_dump(bare(**more), name="x")
    assert profile.postview_name.startswith(name)
    assert profile.postview_query.startswith(query)
    assert bool(profile.postview_query) == bool(query)


def test_half_press_is_wanted_only_where_there_is_a_focus_mode_and_a_way_to_press():
    focus = [{"method": "getAvailableFocusMode", "reply": {"result": ["AF-S", ["AF-S", "MF"]]}}]
    lists = [{"methods": ["actTakePicture", "actHalfPressShutter"]}]
    wants = [
        profile_from_dump(bare(**more), name="x").quirks.needs_half_press
        for more in ({}, {"exchanges": focus}, {"api_lists": lists}, {"exchanges": focus, "api_lists": lists})
    ]
    assert wants == [False, False, False, True]


def test_lens_and_sizes_are_the_models_or_what_the_dump_tells():
    known = profile_from_dump(bare(model="DSC-QX10"), name="x")
    assert (known.focal_mm, known.original_px) == (PROFILES["qx10"].focal_mm, PROFILES["qx10"].original_px)
    sizes = [{"aspect": "4:3", "size": "12M"}, {"aspect": "x", "size": "0M"}, {"aspect": "16:9", "size": "2M"}]
    told = [{"method": "getSupportedStillSize", "reply": {"result": [sizes]}}]
    stranger = profile_from_dump(bare(model="DSC-X", exchanges=told), name="x")
    assert stranger.original_px == (4000, 3000)
    assert stranger.focal_mm[0] == stranger.focal_mm[1]  # it cannot zoom
    assert profile_from_dump(bare(api_lists=[{"methods": ["actZoom"]}]), name="x").focal_mm == (16.0, 50.0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"[]", "there is no dayspool_dump in it"),
        (b'{"a":1}', "there is no dayspool_dump in it"),
        (b'{"dayspool_dump":2}', "reads format 1, not 2"),
        (b'{"dayspool_dump":1}', "neither an endpoint nor a description"),
        (b'{"dayspool_dump":1,"model":"a\\nb","endpoint":"ftp://x"}', "model: must be a name such as"),
        (b'{"dayspool_dump":1,"model":"a","endpoint":"ftp://x"}', "endpoint: must be an address such as"),
        (b'{"dayspool_dump":1,"endpoint":"http://h:99999/x"}', "endpoint: must be an address such as"),
        (b'{"dayspool_dump":1,"services":{"camera":{"method_types":[["a"]]}}}', "services.camera.method_types[1]"),
        (b'{"dayspool_dump":1,"exchanges":[7]}', "exchanges[1]: must be an object"),
    ],
)
def test_what_is_no_dump_is_refused(content, said, tmp_path):
    path = tmp_path / "no.json"
    path.write_bytes(content)
    with pytest.raises(PlanError, match=re.escape(said)):
        load_profile(path)


def test_every_mistake_is_named_at_once():
    with pytest.raises(PlanError) as caught:
        profile_from_dump({"dayspool_dump": 1, "model": 7, "events": {}, "api_lists": [[]]}, name="x")
    assert len(caught.value.problems) == 3


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(PlanError, match="--model: cannot read"):
        load_profile(tmp_path)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["camera", "http://10.0.0.1:10000/sony/camera"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "method",
                    "methods",
                    "reply",
                    "result",
                    "state",
                    "type",
                    "url",
                    "body",
                    "status",
                    "candidate",
                    "shutterSpeed",
                ]
            )
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
KEYS = (
    "model",
    "dialect",
    "endpoint",
    "application",
    "descriptions",
    "ssdp",
    "services",
    "api_lists",
    "events",
    "exchanges",
    "liveview",
)


@given(st.fixed_dictionaries({"dayspool_dump": st.just(1)}, optional=dict.fromkeys(KEYS, VALUES)))
def test_any_json_is_a_profile_or_a_clear_error(dump):
    with suppress(PlanError):
        profile_from_dump(dump, name="fuzz")


METHODS = [f"{verb}{group}" for group in GROUPS for verb in ("get", "getAvailable", "getSupported")]


@given(
    st.lists(st.tuples(st.sampled_from(METHODS), st.lists(VALUES, max_size=3)), max_size=6),
    st.lists(VALUES, max_size=4),
)
def test_any_answers_of_getters_and_events_are_taken_or_left(answers, slots):
    dump = {
        "dayspool_dump": 1,
        "endpoint": "http://10.0.0.1:10000/sony/camera",
        "exchanges": [{"method": method, "reply": {"result": result}} for method, result in answers],
        "events": [{"result": [*slots, {"type": "fNumber", "currentFNumber": slots}, {"type": "whiteBalance"}]}],
    }
    profile = profile_from_dump(dump, name="fuzz")
    assert all(setting.group in GROUPS for setting in profile.settings)
