"""Our client and the simulator, captured by tshark on loopback and read back: the same calls, the same dump."""

from __future__ import annotations

import json
import os
from urllib.parse import urlsplit

import dpkt
import pytest

from dayspool.learn.capture import read_capture
from dayspool.learn.dump import from_json, to_json
from dayspool.learn.overheard import dump_of_capture
from tests.learn.builders import pcap
from tests.learn.tshark import captured
from tests.network.ether import Ether
from tests.processes import DAYSPOOL, run, run_json, simulator

pytestmark = [pytest.mark.tools, pytest.mark.slow]

FRAMES = 20


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """One session with a simulated camera: recorded, looked at, photographed, watched; and its capture."""
    folder = tmp_path_factory.mktemp("session")
    with simulator("--picture", "160x120") as camera:
        endpoint, location = camera["endpoint"], camera["location"]
        ports = [urlsplit(url).port for url in (endpoint, location)] + [camera["liveview_port"]]
        with captured(folder / "talk.pcapng", " or ".join(f"tcp port {port}" for port in ports)):
            recorded = run_json(
                "camera", "dump", "-o", folder / "recorded.json", "--camera", endpoint, "--description", location
            )
            info = run_json("camera", "info", "--camera", endpoint)
            picture = run_json("camera", "snap", "-o", folder / "a.jpg", "--camera", endpoint)
            run_json("camera", "liveview", "-n", str(FRAMES), "-o", folder / "frames", "--camera", endpoint)
    return folder, endpoint, recorded, info, picture


def test_the_capture_tells_what_was_said(session):
    folder, endpoint, recorded, info, picture = session
    heard = run_json("camera", "decode", folder / "talk.pcapng")
    calls = [call["method"] for call in heard["calls"]]
    assert heard["endpoint"] == endpoint
    assert len(calls) > recorded["exchanges"]
    assert calls.count("actTakePicture") == 1
    assert calls.count("startLiveview") == 1
    assert [one["size_bytes"] for one in heard["pictures"]] == [picture["size_bytes"]]
    (stream,) = heard["liveviews"]
    assert stream["frames"] >= FRAMES - 1
    assert 5 < stream["frames_per_second"] < 40
    assert set(heard["unread"]) <= {"UDP that is no SSDP", "message with a hole, or cut off"}
    offered = [call["reply"]["result"][0] for call in heard["calls"] if call["method"] == "getAvailableApiList"]
    assert list(info["methods"]) in offered
    times = [call["at_seconds"] for call in heard["calls"]]
    assert times == sorted(times)


def test_people_get_one_line_each(session):
    folder, *_ = session
    lines = run("camera", "decode", folder / "talk.pcapng").stdout.splitlines()
    assert sum("actTakePicture()" in line for line in lines) == 1
    assert any("frames" in line and "liveview" in line for line in lines)
    assert all(line.isprintable() for line in lines)


def test_a_dump_from_the_capture_agrees_with_one_from_the_camera(session):
    folder, endpoint, recorded, _, _ = session
    run_json("camera", "decode", folder / "talk.pcapng", "-o", folder / "overheard.json")
    asked = from_json((folder / "recorded.json").read_text())
    overheard = from_json((folder / "overheard.json").read_text())
    assert (asked.endpoint, asked.source, overheard.source) == (endpoint, "camera", "capture")
    assert overheard.model == asked.model == recorded["model"]
    assert overheard.services == asked.services
    assert overheard.methods == asked.methods
    assert overheard.application == asked.application
    assert overheard.descriptions == asked.descriptions
    assert [row for row in asked.api_lists if row not in overheard.api_lists] == []
    # The recording came first in the capture, after the calls that found the camera; ids differ from call to call.
    told = [(one.service, one.method, one.params, one.status, one.headers, one.result) for one in overheard.exchanges]
    said = [(one.service, one.method, one.params, one.status, one.headers, one.result) for one in asked.exchanges]
    first = next(at for at in range(len(told)) if told[at] == said[0])
    assert told[first : first + len(said)] == said


def packets(folder) -> list[tuple[float, bytes]]:
    with (folder / "talk.pcapng").open("rb") as file:
        return [(float(seconds), bytes(data)) for seconds, data in dpkt.pcapng.Reader(file)]


def edited(folder, rows, name: str, **options):
    (folder / name).write_bytes(pcap(rows, **options))
    return read_capture(folder / name)


def test_reordered_and_doubled_packets_tell_the_same(session):
    folder, *_ = session
    rows = packets(folder)
    straight = edited(folder, rows, "straight.pcap")
    mixed = [row for at in range(0, len(rows), 4) for row in (*reversed(rows[at : at + 4]), rows[at])]
    again = edited(folder, mixed, "mixed.pcap")
    assert [remark.what for remark in again.remarks] == [remark.what for remark in straight.remarks]


def test_loss_is_counted_and_the_rest_told(session):
    folder, *_ = session
    rows = packets(folder)
    straight = {remark.what for remark in edited(folder, rows, "straight.pcap").remarks}
    left = edited(folder, [row for at, row in enumerate(rows) if at % 23], "lossy.pcap")
    assert len(straight & {remark.what for remark in left.remarks}) > len(straight) // 3
    assert left.unread["gap in a TCP stream"] > 0


def test_a_short_snap_length_and_a_cut_off_end_are_told(session):
    folder, *_ = session
    short = edited(folder, packets(folder), "short.pcap", snap=200)
    assert short.unread["gap in a TCP stream"] > 0
    whole = (folder / "talk.pcapng").read_bytes()
    (folder / "cut.pcapng").write_bytes(whole[: len(whole) * 2 // 3 + 1])
    cut = read_capture(folder / "cut.pcapng")
    assert cut.unread["cut-off end of the file"] == 1
    assert cut.remarks
    assert dump_of_capture(cut) is not None


def test_a_classic_pcap_with_a_snap_length_of_tsharks_own(tmp_path):
    with (
        simulator() as camera,
        captured(tmp_path / "talk.pcap", f"tcp port {urlsplit(camera['endpoint']).port}", form="pcap", snap=450),
    ):
        run_json("camera", "info", "--camera", camera["endpoint"])
    heard = read_capture(tmp_path / "talk.pcap")
    calls = {one.facts["method"]: one.facts for one in heard.remarks if "method" in one.facts}
    assert calls["getVersions"]["reply"]["result"]
    assert calls["receiveEvent"]["reply"] is None
    assert heard.unread["gap in a TCP stream"] > 0
    json.dumps([one.facts for one in heard.remarks])


@pytest.mark.skipif(os.geteuid() != 0, reason="making network namespaces takes root")
def test_a_camera_on_a_network_of_its_own_is_heard_from_the_first_search(tmp_path):
    with Ether("learn") as ether:
        ether.settle("192.168.122.1")
        ether.serve("a6300", "192.168.122.1")
        with captured(
            tmp_path / "air.pcapng", "not tcp port 1", interface="eth0", place=ether._of("computer"), to="192.168.122.1"
        ):
            done = ether._run("computer", *DAYSPOOL, "camera", "dump", "-o", str(tmp_path / "asked.json"), "--json")
    said = json.loads(done)
    assert (said["model"], said["dialect"]) == ("ILCE-6300", "app")
    heard = read_capture(tmp_path / "air.pcapng")
    assert [one for one in heard.remarks if one.kind == "ssdp" and one.facts["said"] == "answer"]
    assert set(heard.unread) <= {"ARP", "ICMP", "ICMPv6", "IGMP", "UDP that is no SSDP", "request without a reply"}
    overheard, asked = dump_of_capture(heard), from_json((tmp_path / "asked.json").read_text())
    assert overheard is not None
    assert asked.ssdp
    hidden = from_json(to_json(overheard))
    assert set(asked.ssdp) <= set(hidden.ssdp)
    assert (hidden.model, hidden.dialect, hidden.endpoint) == (asked.model, asked.dialect, asked.endpoint)
    assert hidden.services == asked.services
    assert [row for row in asked.api_lists if row not in hidden.api_lists] == []
