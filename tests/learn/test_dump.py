"""The file a camera becomes: written whole, read again, and refused where it is none."""

from __future__ import annotations

import json

import pytest

from dayspool.errors import PlanError
from dayspool.learn.assemble import assemble
from dayspool.learn.dump import Dump, DumpedFile, Exchange, from_json, write_dump


def exchange(method: str, result=None, *, at: float = 0.0, service: str = "camera", **more) -> Exchange:
    values = {"params": [], "version": "1.0", "status": 200, "headers": (("Connection", "close"),), "seconds": 0.01}
    reply = {"id": 1, "result": result} if result is not None else {"id": 1, "error": [1, "Not Available Now"]}
    return Exchange(**{**values, "service": service, "method": method, "reply": reply, "at_seconds": at, **more})


TYPES = [["getVersions", [], ["string*"], "1.0"], ["getEvent", ["bool"], ["x"], "1.1"]]
STATE = [None, {"type": "cameraStatus", "cameraStatus": "IDLE"}, [], {"type": "shootMode", "currentShootMode": "still"}]
EXCHANGES = [
    exchange("getVersions", [["1.0", "1.1"]]),
    exchange("getMethodTypes", None, params=[""], reply={"id": 2, "results": TYPES}),
    exchange("getAvailableApiList", [["getVersions"]], at=1.0),
    exchange("getEvent", STATE, at=2.0, params=[False]),
    exchange("startRecMode", [0], at=3.0),
    exchange("getEvent", [{"type": "cameraStatus", "cameraStatus": "NotReady"}], at=4.0, params=[False], version="1.1"),
    exchange("getAvailableApiList", [["getVersions", "actTakePicture"]], at=5.0),
    exchange("getApplicationInfo", ["Smart Remote Control", "2.1.1"]),
    exchange("getFNumber"),
    exchange("getBeepMode", failure="no answer", status=None, reply=None, headers=()),
    exchange("getVersions", [["1.0"]], service="guide"),
]
FILE = DumpedFile(
    url="http://10.0.0.1:64321/dd.xml",
    status=200,
    headers=(("Accept-Range", "none"),),
    body="<root><device><friendlyName>DSC-QX10</friendlyName></device></root>",
)


def made() -> Dump:
    return assemble(
        source="camera", endpoint="http://10.0.0.1:10000/sony/camera", exchanges=EXCHANGES, descriptions=[FILE]
    )


def test_exchanges_are_sorted_into_what_they_say():
    dump = made()
    assert (dump.model, dump.dialect) == ("DSC-QX10", "builtin-1")
    assert dump.application == ["Smart Remote Control", "2.1.1"]
    assert dump.services == {
        "camera": {"versions": ["1.0", "1.1"], "method_types": TYPES},
        "guide": {"versions": ["1.0"]},
    }
    assert dump.api_lists == [
        {"state": {"status": "IDLE", "shoot_mode": "still"}, "methods": ["getVersions"]},
        {"state": {"status": "NotReady", "shoot_mode": "still"}, "methods": ["getVersions", "actTakePicture"]},
    ]
    assert [(event["method"], event["version"]) for event in dump.events] == [("getEvent", "1.0"), ("getEvent", "1.1")]
    assert dump.methods == ("actTakePicture", "getEvent", "getVersions")
    assert dump.failures == 2


def test_a_dump_is_read_as_it_was_written(tmp_path):
    write_dump(tmp_path / "camera.json", made())
    text = (tmp_path / "camera.json").read_text()
    assert from_json(text) == made()
    assert json.loads(text)["dayspool_dump"] == 1
    with pytest.raises(PlanError, match="there already"):
        write_dump(tmp_path / "camera.json", made())
    with pytest.raises(PlanError, match="No such file"):
        write_dump(tmp_path / "nowhere" / "camera.json", made())


def test_the_same_call_is_kept_a_few_times_only():
    polls = [exchange("getEvent", [n], at=float(n), params=[True]) for n in range(50)]
    dump = assemble(source="capture", endpoint=None, exchanges=polls)
    assert len(dump.exchanges) == 20
    assert dump.unread == {"repetition of a call beyond the first 20": 30}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no JSON"),
        ("[1]", "no dump"),
        ("{}", "no dump"),
        ('{"dayspool_dump": 2}', "format 2"),
        ('{"dayspool_dump": 1}', "damaged"),
        ('{"dayspool_dump": 1, "source": "camera", "exchanges": [{"method": 1}]}', "damaged"),
        ('{"dayspool_dump": 1, "source": "camera", "descriptions": 5}', "damaged"),
        ('{"dayspool_dump": 1, "source": "camera", "services": {"camera": {"method_types": [[]]}}}', "damaged"),
        ('{"dayspool_dump": 1, "source": "camera", "services": []}', "damaged"),
        ('{"dayspool_dump": 1, "source": "camera", "api_lists": [{}]}', "damaged"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_what_is_no_dump_is_refused(text, said):
    with pytest.raises(PlanError, match=said):
        from_json(text)


def test_a_later_key_is_passed_over():
    assert from_json('{"dayspool_dump": 1, "source": "camera", "of_the_future": 1}') == Dump(source="camera")
