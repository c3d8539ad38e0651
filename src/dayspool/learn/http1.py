"""One direction of an HTTP/1 connection, read with patience: messages, their bodies' kind and size, and their holes.

h11 keeps both ends to the rules and stops at the first byte that is missing; a capture has holes and cameras have
habits, so this reads what is there. Small texts are kept; pictures and liveview are counted and let go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dayspool.camera.liveview import LiveviewParser

if TYPE_CHECKING:
    from collections import Counter, deque
    from collections.abc import Callable

__all__ = ["Body", "HttpReader", "Message"]

TEXT_CAP_BYTES = 1 << 20
_HEAD_CAP_BYTES = 64 << 10
_SNIFF_BYTES = 12
_LONGEST_START = 4096  # of a start line that is searched for behind a hole

_REQUEST = r"[A-Z][A-Z-]{2,15} [^\s]{1,3000} HTTP/1\.[01]"
_RESPONSE = r"HTTP/1\.[01] [0-9]{3}(?: [^\r\n]{0,200})?"
_START = re.compile(rf"(?:{_REQUEST}|{_RESPONSE})\r?\n".encode("ascii"))
_COULD_START = re.compile(rb"[A-Z][A-Z-]{0,15}(?: |$)|HTTP/|H$|HT$|HTT$|HTTP$")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK_SIZE = re.compile(rb"\s*([0-9A-Fa-f]{1,8})\s*(?:;.*)?")
_TEXT_TYPES = ("json", "xml", "text", "html", "form-urlencoded", "soap")
_OPAQUE_TYPES = ("image/", "video/", "audio/")
_LIVEVIEW_MAGIC = b"\x24\x35\x68\x79"


class Body:
    """What a message carried.

    Attributes:
        size_bytes: what was seen of it.
        missing_bytes: what was not.
        kind: `empty`, `text` (then `text` holds it), `picture`, `liveview` (then `frames` counts) or `other`.
    """

    def __init__(self, content_type: str) -> None:
        self.size_bytes = 0
        self.missing_bytes = 0
        self.kind = "empty"
        self.frames = 0
        self.first_frame_seconds = 0.0
        self.last_frame_seconds = 0.0
        self._type = content_type.lower()
        self._kept = bytearray()
        self._liveview: LiveviewParser | None = None

    @property
    def text(self) -> bytes:
        """The body, where it is a text."""
        return bytes(self._kept) if self.kind == "text" else b""

    @property
    def held_bytes(self) -> int:
        """How much is held."""
        return len(self._kept) + (self._liveview.buffered_bytes if self._liveview is not None else 0)

    def data(self, data: bytes, seconds: float) -> None:
        """Take the next bytes."""
        self.size_bytes += len(data)
        if self.kind == "empty":
            self._kept += data
            if len(self._kept) < _SNIFF_BYTES:
                return
            data = self._decide()
        if self._liveview is not None:
            self._watch(data, seconds)
        elif self.kind == "text":
            self._kept += data
            if len(self._kept) > TEXT_CAP_BYTES:
                self._forget()

    def gap(self, count: int) -> None:
        """Take note of a hole."""
        self.missing_bytes += count
        if self.kind in ("empty", "text"):
            self._forget()

    def end(self) -> None:
        """Nothing more comes."""
        if self.kind == "empty" and self._kept:
            self._kept += self._decide()
        self._liveview = None

    def _decide(self) -> bytes:
        """Tell by the first bytes what this is, and return them."""
        first = bytes(self._kept)
        self._kept.clear()
        if first[8:12] == _LIVEVIEW_MAGIC:
            self.kind, self._liveview = "liveview", LiveviewParser()
        elif first.startswith(b"\xff\xd8"):
            self.kind = "picture"
        elif any(one in self._type for one in _TEXT_TYPES) or first.lstrip()[:1] in (b"{", b"<"):
            self.kind = "text"
        elif self._type and (self._type.startswith(_OPAQUE_TYPES) or "octet" in self._type):
            self.kind = "other"
        else:
            self.kind = "text"
        return first if self.kind in ("text", "liveview") else b""

    def _watch(self, data: bytes, seconds: float) -> None:
        assert self._liveview is not None
        if new := len(self._liveview.receive(data)):
            self.first_frame_seconds = self.first_frame_seconds if self.frames else seconds
            self.last_frame_seconds = seconds
            self.frames += new

    def _forget(self) -> None:
        self._kept.clear()
        self.kind = "other"


@dataclass(slots=True, kw_only=True)
class Message:
    """One request or response; times are those of its first and last packet."""

    first_line: str
    headers: tuple[tuple[str, str], ...]
    body: Body
    began: float
    ended: float
    whole: bool = field(default=True)

    @property
    def is_request(self) -> bool:
        """Whether it asks."""
        return not self.first_line.startswith("HTTP/")

    @property
    def status(self) -> int:
        """The status of a response."""
        return int(self.first_line.split(" ", 2)[1])

    def header(self, name: str) -> str:
        """Return the first header of this name, or nothing."""
        return next((value for known, value in self.headers if known.lower() == name), "")


class HttpReader:
    """Cuts one direction into messages and tells each to `on_message` when it is over.

    `methods` is shared by both directions: a request leaves its method there, for a response to HEAD has no body.
    """

    def __init__(
        self, on_message: Callable[[Message], None], unread: Counter[str], methods: deque[str] | None = None
    ) -> None:
        self.lost_its_place = False
        self.messages = 0
        self._on_message = on_message
        self._unread = unread
        self._methods = methods
        self._buffer = bytearray()
        self._read: Callable[[float], bool] = self._read_head
        self._message: Message | None = None
        self._left = 0
        self._began: float | None = None
        self._looked = 0  # how far an unfinished head has been searched for its end

    @property
    def held_bytes(self) -> int:
        """How much of an unfinished message is held."""
        return len(self._buffer) + (self._message.body.held_bytes if self._message is not None else 0)

    def data(self, data: bytes, seconds: float) -> None:
        """Take the next bytes, and when they passed."""
        self._buffer += data
        if self._began is None:
            self._began = seconds
        while self._buffer and self._read(seconds):
            pass

    def gap(self, count: int, seconds: float) -> None:
        """Take note of missing bytes; what follows is read as far as it can be told where it belongs."""
        if self._message is None:
            return self._lose_place()
        body = self._message.body
        if self._read == self._read_fixed and count <= self._left:
            body.gap(count)
            self._left -= count
            if not self._left:
                self._close(seconds)
        elif self._read == self._read_to_the_end or body.kind == "liveview":
            body.gap(count)
            self._read = self._read_to_the_end  # where the chunks of a stream begin is no longer known
        else:
            body.gap(count)
            self._close(seconds, whole=False)
            self._lose_place()
        return None

    def end(self) -> None:
        """Nothing more comes."""
        if self._message is not None:
            self._close(self._message.ended, whole=self._read == self._read_to_the_end)
        elif self._buffer and self._read == self._read_head:
            self._unread["message cut off in its head"] += 1
        elif self._buffer:
            self._unread["bytes that are no HTTP"] += len(self._buffer)
        self._buffer.clear()

    def _lose_place(self) -> None:
        self._buffer.clear()
        self._began = None
        self._looked = 0
        self.lost_its_place = True
        self._read = self._search

    def _search(self, seconds: float) -> bool:
        """Look for the next start of a message."""
        found = _START.search(self._buffer)
        drop = found.start() if found else max(0, len(self._buffer) - _LONGEST_START)
        self._unread["bytes that are no HTTP"] += drop
        del self._buffer[:drop]
        if found is None:
            return False
        self._began = seconds
        self._read = self._read_head
        return True

    def _read_head(self, seconds: float) -> bool:
        while self._buffer.startswith((b"\r", b"\n")):
            del self._buffer[:1]
        end = _HEAD_END.search(self._buffer, self._looked)
        if end is None and len(self._buffer) <= _HEAD_CAP_BYTES and _COULD_START.match(self._buffer):
            self._looked = max(0, len(self._buffer) - 3)
            return False
        self._looked = 0
        if end is None or not _START.match(self._buffer):
            self._unread["bytes that are no HTTP"] += 1
            del self._buffer[:1]
            self.lost_its_place = True
            self._read = self._search
            return True
        first, *lines = bytes(self._buffer[: end.start()]).decode("latin-1").splitlines()
        del self._buffer[: end.end()]
        headers = tuple(
            (name.strip(), value.strip()) for name, colon, value in (line.partition(":") for line in lines) if colon
        )
        self._open(first.strip(), headers, seconds)
        return True

    def _open(self, first_line: str, headers: tuple[tuple[str, str], ...], seconds: float) -> None:
        began = seconds if self._began is None else self._began
        message = Message(first_line=first_line, headers=headers, body=Body(""), began=began, ended=seconds)
        message.body = Body(message.header("content-type"))
        self._message = message
        length = message.header("content-length").strip()
        if self._is_bodiless(message):
            self._close(seconds)
        elif "chunked" in message.header("transfer-encoding").lower():
            self._read = self._read_chunk_size
        elif length.isascii() and length.isdigit() and len(length) < 16:
            self._left = int(length)
            self._read = self._read_fixed
            if not self._left:
                self._close(seconds)
        elif message.is_request:
            self._close(seconds)
        else:
            self._read = self._read_to_the_end

    def _is_bodiless(self, message: Message) -> bool:
        if message.is_request:
            if self._methods is not None and len(self._methods) < 64:
                self._methods.append(message.first_line.split(" ", 1)[0])
            return False
        if 100 <= message.status < 200:
            return True
        asked = self._methods.popleft() if self._methods else ""
        return asked == "HEAD" or message.status in (204, 304)

    def _read_fixed(self, seconds: float) -> bool:
        self._left -= self._pass_on(self._left, seconds)
        if not self._left:
            self._close(seconds)
        return True

    def _read_to_the_end(self, seconds: float) -> bool:
        self._pass_on(len(self._buffer), seconds)
        return True

    def _read_chunk_size(self, seconds: float) -> bool:
        line, newline, _ = self._buffer[:256].partition(b"\n")
        if not newline and len(self._buffer) < 256:
            return False
        size = _CHUNK_SIZE.fullmatch(line) if newline else None
        if size is None:
            self._close(seconds, whole=False)
            self._lose_place()
            return True
        del self._buffer[: len(line) + 1]
        self._left = int(size[1], 16)
        self._read = self._read_chunk if self._left else self._read_trailer
        return True

    def _read_chunk(self, seconds: float) -> bool:
        self._left -= self._pass_on(self._left, seconds)
        if not self._left:
            self._read = self._read_chunk_end
        return True

    def _read_chunk_end(self, _seconds: float) -> bool:
        if self._buffer[:1] == b"\r":
            del self._buffer[:1]
        if self._buffer[:1] == b"\n":
            del self._buffer[:1]
            self._read = self._read_chunk_size
        elif self._buffer:
            self._read = self._read_chunk_size
        return bool(self._buffer)

    def _read_trailer(self, seconds: float) -> bool:
        line, newline, _ = self._buffer.partition(b"\n")
        if not newline:
            if len(self._buffer) <= _HEAD_CAP_BYTES:
                return False
            line = self._buffer[:]
        del self._buffer[: len(line) + 1]
        if not line.strip():
            self._close(seconds)
        return True

    def _pass_on(self, most: int, seconds: float) -> int:
        assert self._message is not None
        data = bytes(self._buffer[:most])
        del self._buffer[:most]
        self._message.body.data(data, seconds)
        self._message.ended = seconds
        return len(data)

    def _close(self, seconds: float, *, whole: bool = True) -> None:
        message = self._message
        assert message is not None
        message.ended = max(message.ended, seconds) if whole else message.ended
        message.body.end()
        message.whole = whole and not message.body.missing_bytes
        if not message.whole:
            self._unread["message with a hole, or cut off"] += 1
        self._message = None
        self._read = self._read_head
        self._began = seconds if self._buffer else None
        if message.is_request or not 100 <= message.status < 200:
            self.messages += 1
            self._on_message(message)
