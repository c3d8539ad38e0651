"""Every parser of what strangers send, each as a function of bytes that may raise our errors and no others."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dayspool.camera.contents import parse_contents
from dayspool.camera.kinds import KINDS
from dayspool.camera.liveview import LiveviewParser
from dayspool.camera.rpc import decode_reply
from dayspool.camera.soap import decode_answer, parse_listing
from dayspool.camera.told import from_events, from_reply, from_supported
from dayspool.camera.values import parse_events
from dayspool.discovery.address import HttpAddress
from dayspool.discovery.description import parse_description
from dayspool.discovery.neighbours import parse_arp
from dayspool.discovery.ssdp import parse_reply
from dayspool.errors import DayspoolError
from dayspool.learn.capture import read_capture
from dayspool.learn.dump import from_json
from dayspool.sim.load import profile_from_dump
from dayspool.wifi.nmcli import read_access_points, read_device, read_profiles
from dayspool.wifi.pairing import nfc_bytes, parse_nfc, parse_qr

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = HttpAddress(host="10.0.0.1", port=64_321, path="/dd.xml")


def ssdp(data: bytes) -> None:
    parse_reply(data, host="10.0.0.1")


def description(data: bytes) -> None:
    said = parse_description(data, location=HERE)
    said.camera_endpoints()
    assert said.send_mode in (True, False)
    assert all(base.host == HERE.host for base in said.services.values())


def reply(data: bytes) -> None:
    """A JSON reply, and, if it is a good one, what it may mean; the first byte chooses the HTTP status."""
    status = (200, 403, 404, 500)[data[0] % 4] if data else 200
    result = decode_reply(status, data[1:], method="getEvent", request_id=1)
    parse_events(result)
    from_events(result)
    for kind in KINDS:
        from_reply(kind, result)
        from_supported(kind, result)
    for item in result:
        tuple(parse_contents(item))


def liveview(data: bytes) -> None:
    """A stream in chunks as long as the first byte says."""
    parser = LiveviewParser()
    size = max(1, data[0]) if data else 1
    for at in range(1, len(data), size):
        for frame in parser.receive(data[at : at + size]):
            assert frame.jpeg.startswith(b"\xff\xd8")


def didl(data: bytes) -> None:
    """An answer to Browse, and the listing inside it."""
    listing = parse_listing(decode_answer(200, data, action="Browse"))
    for original in listing.originals:
        assert isinstance(original.name, str)


def capture(data: bytes) -> None:
    """A file of packets."""
    with tempfile.NamedTemporaryFile(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as file:
        file.write(data)
        file.flush()
        read_capture(Path(file.name))


def dump(data: bytes) -> None:
    """A recorded camera, for ourselves and for the simulator."""
    with suppress(DayspoolError):
        from_json(data)
    with suppress(ValueError, RecursionError):
        profile_from_dump(json.loads(data), name="dumped")


def wireless(data: bytes) -> None:
    """What nmcli, a tag or a QR code may say, and the kernel's table of neighbours."""
    text = data.decode("utf-8", "replace")
    parse_arp(text)
    for read in (read_access_points, read_device, read_profiles, parse_qr):
        with suppress(DayspoolError):
            read(text)
    with suppress(DayspoolError):
        parse_nfc(nfc_bytes(data))


TARGETS: dict[str, Callable[[bytes], None]] = {
    "ssdp": ssdp,
    "description": description,
    "reply": reply,
    "liveview": liveview,
    "didl": didl,
    "capture": capture,
    "dump": dump,
    "wireless": wireless,
}


def run(name: str, data: bytes) -> None:
    """Run one parser; our own errors are good answers."""
    with suppress(DayspoolError):
        TARGETS[name](data)
