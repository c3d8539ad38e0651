"""A camera with a card full of pictures, scripted: files by ranges, "Send to Smartphone", avContent.

Written from the recorded facts, apart from client and simulator, and able to misbehave as neither would.
"""

from __future__ import annotations

import http.server
import io
import json
import re
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DESCRIPTION = """<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major><minor>0</minor></specVersion>
<device><deviceType>urn:schemas-upnp-org:device:MediaServer:1</deviceType><friendlyName>ILCE-6100</friendlyName>
<manufacturer>Sony Corporation</manufacturer><modelDescription>SonyDigitalMediaServer</modelDescription>
<modelName>SonyImagingDevice</modelName><UDN>uuid:00000000-0000-0010-8000-d44da4000000</UDN><serviceList>
<service><serviceType>urn:schemas-upnp-org:service:ContentDirectory:1</serviceType>
<serviceId>urn:upnp-org:serviceId:ContentDirectory</serviceId><SCPDURL>/CDS.xml</SCPDURL>
<controlURL>/upnp/control/ContentDirectory</controlURL><eventSubURL>/e</eventSubURL></service>
<service><serviceType>urn:schemas-sony-com:service:XPushList:1</serviceType>
<serviceId>urn:schemas-sony-com:serviceId:XPushList</serviceId><SCPDURL>/Push.xml</SCPDURL>
<controlURL>/upnp/control/XPushList</controlURL><eventSubURL></eventSubURL></service>
</serviceList></device></root>"""


def jpeg(number: int, *, size_bytes: int = 50_000) -> bytes:
    """Return a whole JPEG, different for each number, padded inside its scan to about `size_bytes`."""
    packed = io.BytesIO()
    Image.new("RGB", (64, 48), (number * 37 % 256, number * 91 % 256, number * 13 % 256)).save(packed, "JPEG")
    whole = packed.getvalue()
    filling = b"".join(b"%08x" % (number * 1_000_003 + k) for k in range(max(0, size_bytes - len(whole)) // 8))
    return whole[:-2] + filling + whole[-2:]


@dataclass
class Picture:
    """A file on the card."""

    name: str
    data: bytes
    taken: str = "2026-04-10T14:45:35"
    raw: bool = False
    size: int | None = None  # as the list says it; the true one if left out


@dataclass
class Card:
    """The camera behind the server, and how it misbehaves."""

    pictures: list[Picture]
    ranges: bool = True
    length: bool = True
    content_range: str | None = None
    cut_after: int | None = None  # bytes of each file, then the connection closes
    cuts: int = 1_000_000  # so many times
    drip: bool = False
    status: int = 200
    sizes_told: bool = True
    root_refused: bool = False
    chosen: bool = False  # pictures were chosen on the camera: PushRoot
    total_told: bool = True
    ignores_start: bool = False
    function: str = "Remote Shooting"
    state: str = "IDLE"
    stuck: bool = False
    asked: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    held_at: tuple[int, int] | None = None  # of the n-th file asked for, after so many bytes, until `let_go`
    holding: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)
    before_file: Callable[[], None] | None = None

    def browse(self, base: str, container: str, start: int, count: int) -> str | None:
        """Return the DIDL of a container with its counts, or `None` where there is none."""
        root = "PushRoot" if self.chosen else "PhotoRoot"
        days = sorted({picture.taken[:10] for picture in self.pictures})
        if container == "0":
            if self.root_refused:
                return None
            rows = [f'<container id="{root}" restricted="1" parentID="0"><dc:title>{root}</dc:title></container>']
        elif container == root:
            rows = [
                f'<container id="day_{day}" restricted="1" parentID="{root}"><dc:title>{day}</dc:title></container>'
                for day in days
            ]
        elif container.startswith("day_"):
            rows = [
                self._item(base, number, picture)
                for number, picture in enumerate(self.pictures)
                if picture.taken[:10] == container[4:]
            ]
        else:
            return None
        page = rows[0 if self.ignores_start else start :][:count]
        didl = (
            '<DIDL-Lite xmlns:dc="http://purl.org/dc/elements/1.1/" '
            'xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/" '
            'xmlns:upnp="urn:schemas-upnp-org:metadata-1-0/upnp/" xmlns:av="urn:schemas-sony-com:av">'
            f"{''.join(page)}</DIDL-Lite>"
        )
        total = len(rows) if self.total_told else 0
        return (
            f"<Result>{escape(didl)}</Result><NumberReturned>{len(page)}</NumberReturned>"
            f"<TotalMatches>{total}</TotalMatches><UpdateID>1</UpdateID>"
        )

    def _item(self, base: str, number: int, picture: Picture) -> str:
        copies = "".join(
            f'<res protocolInfo="http-get:*:image/jpeg:DLNA.ORG_PN=JPEG_{kind};DLNA.ORG_CI=1">'
            f"{base}/{kind}/{number}?%21q%21</res>"
            for kind in ("LRG", "SM", "TN")
        )
        told = f' size="{len(picture.data) if picture.size is None else picture.size}"' if self.sizes_told else ""
        original = f'<res protocolInfo="http-get:*:image/jpeg:*"{told} resolution="6000x4000">{base}/ORG/{number}</res>'
        return (
            f'<item id="i{number}" restricted="1" parentID="p"><dc:title>{escape(picture.name)}</dc:title>'
            "<upnp:class>object.item.imageItem.photo</upnp:class>"
            f"<dc:date>{picture.taken}</dc:date>{copies}{'' if picture.raw else original}</item>"
        )

    def json(self, base: str, service: str, call: dict[str, Any]) -> dict[str, Any]:
        """Answer one JSON call."""
        method, params = call["method"], call["params"]
        self.calls.append(method)
        answer = getattr(self, f"_{service}_{method}", None)
        if answer is None:
            return {"error": [12, method]}
        return answer(base, *params)

    def _camera_getVersions(self, _base: str) -> dict[str, Any]:  # noqa: N802 - the wire's names
        return {"result": [["1.0"]]}

    def _camera_getAvailableApiList(self, _base: str) -> dict[str, Any]:  # noqa: N802
        return {"result": [["getVersions", "getEvent", "setCameraFunction"]]}

    def _camera_getEvent(self, _base: str, _polling: bool) -> dict[str, Any]:  # noqa: N802
        return {
            "result": [
                {"type": "cameraStatus", "cameraStatus": self.state},
                {"type": "cameraFunction", "currentCameraFunction": self.function},
            ]
        }

    def _camera_setCameraFunction(self, _base: str, function: str) -> dict[str, Any]:  # noqa: N802
        if not self.stuck:
            self.function = function
            self.state = "ContentsTransfer" if function == "Contents Transfer" else "IDLE"
        return {"result": [0]}

    def _avContent_getVersions(self, _base: str) -> dict[str, Any]:  # noqa: N802
        return {"result": [["1.0"]]}

    def _avContent_getSchemeList(self, _base: str) -> dict[str, Any]:  # noqa: N802
        return {"result": [[{"scheme": "storage"}]]}

    def _avContent_getSourceList(self, _base: str, _scheme: object) -> dict[str, Any]:  # noqa: N802
        return {"result": [[{"source": "storage:memoryCard1"}]]}

    def _rows(self, base: str, uri: str) -> list[dict[str, Any]]:
        days = sorted({picture.taken[:10] for picture in self.pictures}, reverse=True)
        if uri == "storage:memoryCard1":
            return [
                {"uri": f"{uri}?path={day}", "title": day.replace("-", ""), "contentKind": "directory"} for day in days
            ]
        of_day = [(k, one) for k, one in enumerate(self.pictures) if one.taken[:10] == uri[-10:]]
        return [
            {
                "uri": f"image:content?contentId={k}",
                "contentKind": "still",
                "createdTime": one.taken,
                "isPlayable": "false",
                "content": {
                    "original": [{"url": f"{base}/ORG/{k}", "fileName": one.name, "stillObject": "jpeg"}],
                    "largeUrl": f"{base}/LRG/{k}",
                },
            }
            for k, one in reversed(of_day)
        ]

    def _avContent_getContentCount(self, base: str, told: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if self.state != "ContentsTransfer":
            return {"error": [1, "Not Available Now"]}
        return {"result": [{"count": len(self._rows(base, told["uri"]))}]}

    def _avContent_getContentList(self, base: str, told: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert told["cnt"] <= 100
        return {"result": [self._rows(base, told["uri"])[told["stIdx"] : told["stIdx"] + told["cnt"]]]}


@contextmanager
def served(card: Card) -> Iterator[str]:
    """Serve a card on a free port of loopback; yield `http://127.0.0.1:PORT`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith(".xml"):
                self._answer(200, DESCRIPTION.encode(), "text/xml")
                return
            kind, _, number = self.path.lstrip("/").partition("?")[0].partition("/")
            if kind not in ("ORG", "LRG") or int(number) >= len(card.pictures):
                self._answer(404, b"")
                return
            data = card.pictures[int(number)].data
            self._file(data if kind == "ORG" else jpeg(int(number) + 500, size_bytes=9_000))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if "SOAPAction" not in self.headers:
                call = json.loads(body)
                answer = {"id": call["id"], **card.json(base, self.path.rpartition("/")[2], call)}
                self._answer(200, json.dumps(answer).encode(), "application/json")
                return
            action = re.fullmatch(r'"(.+)#(\w+)"', self.headers["SOAPAction"])
            assert action is not None
            card.calls.append(action[2] if action[2] != "X_TransferEnd" else f"X_TransferEnd {_value(body, 'ErrCode')}")
            values: str | None = ""
            if action[2] == "Browse":
                start, count = int(_value(body, "StartingIndex")), int(_value(body, "RequestedCount"))
                values = card.browse(base, _value(body, "ObjectID"), start, count)
            if values is None:
                fault = (
                    "<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError>"
                )
                fault += "<errorCode>701</errorCode><errorDescription>No such object</errorDescription></UPnPError>"
                self._answer(500, _envelope(f"{fault}</detail></s:Fault>"), "text/xml")
                return
            told = f'<u:{action[2]}Response xmlns:u="{action[1]}">{values}</u:{action[2]}Response>'
            self._answer(200, _envelope(told), "text/xml")

        def _file(self, data: bytes) -> None:
            card.asked.append(self.headers.get("Range", ""))
            if card.before_file is not None:
                card.before_file()
            wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            if card.status != 200:
                self._answer(card.status, b"")
                return
            start = int(wanted[1]) if wanted and card.ranges else 0
            if wanted and card.ranges and start >= len(data):
                self._answer(416, b"")
                return
            self.send_response(206 if wanted and card.ranges else 200)
            if wanted and card.ranges:
                self.send_header("Content-Range", card.content_range or f"bytes {start}-{len(data) - 1}/{len(data)}")
            if card.length:
                self.send_header("Content-Length", str(len(data) - start))
            self.send_header("Connection", "close")
            self.end_headers()
            if card.drip:
                for position in range(start, len(data)):
                    self.wfile.write(data[position : position + 1])
                    time.sleep(0.01)
            if card.held_at is not None and card.held_at[0] == len(card.asked):
                self.wfile.write(data[start : start + card.held_at[1]])
                start += card.held_at[1]
                card.holding.set()
                card.let_go.wait(60)
            end = len(data)
            if card.cut_after is not None and card.cuts > 0:
                card.cuts -= 1
                end = start + card.cut_after
            self.wfile.write(data[start:end])

        def _answer(self, status: int, body: bytes, kind: str = "text/plain") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            with suppress(OSError):  # the client went away, which may be the point
                super().handle()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield base
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _value(body: bytes, name: str) -> str:
    found = re.search(rf"<{name}>([^<]*)</{name}>".encode(), body)
    return found[1].decode() if found else ""


def _envelope(inside: str) -> bytes:
    return (
        '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
        's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>'
        f"{inside}</s:Body></s:Envelope>"
    ).encode()
