"""A camera on a socket of loopback that answers with whatever bytes a test likes, and a trap for those led astray."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager, suppress

from tests.card import jpeg

PICTURE = jpeg(1, size_bytes=20_000)
PACKET = b"\xff\x01" + bytes(6) + b"\x24\x35\x68\x79" + len(PICTURE).to_bytes(3) + bytes(121) + PICTURE
OFFERS = [
    *("getVersions", "getMethodTypes", "getAvailableApiList", "getApplicationInfo", "getEvent", "getShootMode"),
    *("actTakePicture", "startLiveview", "stopLiveview", "getIsoSpeedRate", "setIsoSpeedRate"),
]
EVENTS = [
    {"type": "availableApiList", "names": OFFERS},
    {"type": "cameraStatus", "cameraStatus": "IDLE"},
    {"type": "shootMode", "currentShootMode": "still", "shootModeCandidates": ["still"]},
    {"type": "isoSpeedRate", "currentIsoSpeedRate": "AUTO", "isoSpeedRateCandidates": ["AUTO", "400"]},
]


def whole(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """Return an answer with its true length."""
    lines = (f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Harmful:
    """The camera: honest but for what `attacks` (name of the request to function of the socket) answer.

    A name is a JSON method, or `picture`, `liveview` and `other` for files; an attack is bytes, or a function that is
    called with the connection and says what it likes. `counts` tells what was asked.
    """

    def __init__(self, attacks):
        self.attacks = attacks
        self.counts = {}
        self.port = 0

    def result(self, method):
        base = f"http://127.0.0.1:{self.port}"
        return {
            "getVersions": [["1.0"]],
            "getAvailableApiList": [OFFERS],
            "getApplicationInfo": ["Smart Remote Control", "2.1.4"],
            "getEvent": EVENTS,
            "getShootMode": ["still"],
            "actTakePicture": [[f"{base}/picture/{self.counts.get('actTakePicture')}.jpg"]],
            "startLiveview": [f"{base}/liveview"],
            "stopLiveview": [0],
            "setIsoSpeedRate": [0],
        }.get(method)

    def serve(self, connection):
        with connection, suppress(OSError, ValueError):
            connection.settimeout(120)
            head, _, body = self._request(connection)
            name, call_id = self._name(head, body)
            self.counts[name] = self.counts.get(name, 0) + 1
            attack = self.attacks.get(name)
            if callable(attack):
                attack(connection)
            else:
                connection.sendall(attack if attack is not None else self._honest(name, call_id))

    def _request(self, connection):
        said = b""
        while b"\r\n\r\n" not in said:
            if not (part := connection.recv(65_536)):
                raise ValueError
            said += part
        head, _, body = said.partition(b"\r\n\r\n")
        length = next(
            (
                int(line.partition(b":")[2])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            ),
            0,
        )
        while len(body) < length:
            body += connection.recv(65_536)
        return head, b"", body

    def _name(self, head, body):
        path = head.split(b" ")[1].decode()
        if head.startswith(b"POST"):
            if path != "/sony/camera":
                return "elsewhere", 0
            call = json.loads(body)
            return call["method"], call["id"]
        return next((name for name in ("picture", "liveview") if path.startswith(f"/{name}")), "other"), 0

    def _honest(self, name, call_id):
        if name == "picture":
            return whole(PICTURE, "200 OK", "Content-Type: image/jpeg")
        if name == "liveview":
            return b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + PACKET * 40
        if name in ("other", "elsewhere"):
            return whole(b"", "404 Not Found")
        result = self.result(name)
        reply = {"result": result} if result is not None else {"error": [12, "No Such Method"]}
        return whole(json.dumps({"id": call_id, **reply}).encode(), "200 OK", "Content-Type: application/json")


@contextmanager
def listening(address, serve):
    """Serve every connection to a free port of `address` in a thread of its own; yield the port."""
    server = socket.create_server((address, 0), backlog=64)
    threads = []

    def accept():
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                threads.append(threading.Thread(target=serve, args=(connection,), daemon=True))
                threads[-1].start()

    threads.append(threading.Thread(target=accept, daemon=True))
    threads[0].start()
    try:
        yield server.getsockname()[1]
    finally:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()


@contextmanager
def harmful(**attacks):
    """Run such a camera; yield it."""
    camera = Harmful(attacks)
    with listening("127.0.0.1", camera.serve) as camera.port:
        yield camera


@contextmanager
def trap(address="127.0.0.9"):
    """Listen where nobody has business; yield the port and the list of those who came."""
    came = []

    def note(connection):
        came.append(connection.getpeername())
        connection.close()

    with listening(address, note) as port:
        yield port, came
