"""Who said what: requests and their replies on each connection, and what each of them is in the camera's protocol."""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dayspool.learn.assemble import escaping_of
from dayspool.learn.http1 import HttpReader, Message

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    from dayspool.learn.layers import End

__all__ = ["HttpConnection", "Pair", "Remark", "read_pair", "read_ssdp"]

_EVENT_METHODS = ("getEvent", "receiveEvent")
_SSDP_START = re.compile(rb"(?:M-SEARCH|NOTIFY) \*|HTTP/1\.\d 200\b", re.IGNORECASE)
_SSDP_HEADER = re.compile(r"^(LOCATION|USN|ST|NT|NTS)[ \t]*:(.*)$", re.IGNORECASE | re.MULTILINE)
_SSDP_CAP_BYTES = 8192
_LONGEST_SHOWN = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One request and its reply, if that was seen."""

    client: End
    server: End
    request: Message
    reply: Message | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing said in the conversation.

    Attributes:
        kind: `call`, `event`, `ssdp`, `description`, `picture`, `liveview`, `soap` or `http`.
        at_seconds: when it began, since the first packet of the capture.
        source: who spoke, `address:port`; of a call, the client.
        target: to whom.
        what: a sentence's worth of it for a person.
        facts: the same for a program.
    """

    kind: str
    at_seconds: float
    source: str
    target: str
    what: str
    facts: dict[str, Any] = field(default_factory=dict)


class HttpConnection:
    """Both directions of one connection; tells `on_pair` of every pair.

    Replies come in the order of the requests. Once a hole has swallowed bytes, or the beginning is missing, times
    decide which of them belong together.
    """

    def __init__(self, one: End, other: End, on_pair: Callable[[Pair], None], unread: Counter[str]) -> None:
        methods: deque[str] = deque()
        self._ends = (one, other)
        self._on_exchange = on_pair
        self._unread = unread
        self._requests: deque[tuple[int, Message]] = deque()
        self._replies: deque[Message] = deque()
        self._open = 2
        self._readers = tuple(
            _Side(HttpReader(partial(self._take, side), unread, methods), self._ended) for side in (0, 1)
        )

    @property
    def sinks(self) -> tuple[_Side, _Side]:
        """Return what takes the bytes that each end sends."""
        return self._readers[0], self._readers[1]

    def _take(self, side: int, message: Message) -> None:
        if message.is_request:
            self._requests.append((side, message))
        else:
            self._replies.append(message)
        self._pair()

    def _pair(self) -> None:
        doubtful = any(reader.lost_its_place for reader in self._readers)
        while self._requests and self._replies:
            side, request = self._requests[0]
            reply = self._replies[0]
            if doubtful and reply.began < request.began:
                self._replies.popleft()
                self._unread["reply to a request that was not captured"] += 1
            elif doubtful and len(self._requests) > 1 and self._requests[1][1].ended <= reply.began:
                self._requests.popleft()
                self._unread["request without a reply"] += 1
                self._tell(side, request, None)
            else:
                self._requests.popleft()
                self._replies.popleft()
                self._tell(side, request, reply)

    def _ended(self) -> None:
        self._open -= 1
        if self._open:
            return
        for side, request in self._requests:
            self._tell(side, request, None)
        self._unread["request without a reply"] += len(self._requests)
        self._unread["reply to a request that was not captured"] += len(self._replies)
        if not any(reader.messages for reader in self._readers) and any(reader.spoke for reader in self._readers):
            self._unread["TCP connection that is no HTTP"] += 1
        self._requests.clear()
        self._replies.clear()

    def _tell(self, side: int, request: Message, reply: Message | None) -> None:
        client, server = self._ends if side == 0 else self._ends[::-1]
        self._on_exchange(Pair(client=client, server=server, request=request, reply=reply))


class _Side:
    """A reader, and word of its end."""

    def __init__(self, reader: HttpReader, on_end: Callable[[], None]) -> None:
        self.spoke = False
        self._reader = reader
        self._on_end = on_end

    @property
    def held_bytes(self) -> int:
        return self._reader.held_bytes

    @property
    def lost_its_place(self) -> bool:
        return self._reader.lost_its_place

    @property
    def messages(self) -> int:
        return self._reader.messages

    def data(self, data: bytes, seconds: float) -> None:
        self.spoke = True
        self._reader.data(data, seconds)

    def gap(self, count: int, seconds: float) -> None:
        self._reader.gap(count, seconds)

    def end(self) -> None:
        self._reader.end()
        self._on_end()


def read_pair(pair: Pair, began: float) -> Remark:
    """Tell what a pair is; `began` is the time of the capture's first packet. Never raises."""
    request, reply = pair.request, pair.reply
    verb, target = [*request.first_line.split(" "), ""][:2]
    url = target if target.startswith("http://") else f"http://{_shown(pair.server)}{target}"
    seconds = None if reply is None else round(reply.ended - request.began, 6)
    facts: dict[str, Any] = {"url": url, "status": reply.status if reply else None, "seconds": seconds}
    call = _json(request) if verb == "POST" else None
    if isinstance(call, dict) and isinstance(call.get("method"), str):
        kind, what = _call(call, url, pair, facts)
    elif soap := request.header("soapaction").strip('" '):
        kind, what = "soap", f"{soap.rpartition('#')[2]} → {_outcome(reply)}"
        facts |= {"action": soap, "body": _text(request), "reply": None if reply is None else _text(reply)}
    else:
        kind, what = _file(verb, target, reply, facts)
    return Remark(
        kind=kind,
        at_seconds=round(request.began - began, 6),
        source=_shown(pair.client),
        target=_shown(pair.server),
        what=what[:_LONGEST_SHOWN],
        facts=facts,
    )


def _call(call: dict[str, Any], url: str, pair: Pair, facts: dict[str, Any]) -> tuple[str, str]:
    reply = pair.reply
    answer = None if reply is None else _json(reply)
    method, params = call["method"], call.get("params")
    facts |= {
        "service": urlsplit(url).path.rstrip("/").rpartition("/")[2] if _is_url(url) else "",
        "method": method,
        "params": params if isinstance(params, list) else [],
        "version": call["version"] if isinstance(call.get("version"), str) else "1.0",
        "headers": [] if reply is None else [list(header) for header in reply.headers],
        "reply": answer,
        "escapes_slashes": None if reply is None else escaping_of(reply.body.text),
    }
    asked = ", ".join(json.dumps(one, ensure_ascii=False) for one in facts["params"])
    return "event" if method in _EVENT_METHODS else "call", f"{method}({asked}) → {_answered(reply, answer)}"


def _answered(reply: Message | None, answer: Any) -> str:
    if reply is None or not reply.whole:
        return "no whole reply"
    if not isinstance(answer, dict):
        return f"{_outcome(reply)}, no JSON"
    for key in ("error", "result", "results"):
        if key in answer:
            status = f"HTTP {reply.status} " if reply.status != 200 else ""
            said = json.dumps(answer[key], ensure_ascii=False)
            return f"{status}{'error ' if key == 'error' else ''}{said}"
    return _outcome(reply)


def _file(verb: str, target: str, reply: Message | None, facts: dict[str, Any]) -> tuple[str, str]:
    asked = f"{verb} {target} → {_outcome(reply)}"
    if reply is None:
        return "http", asked
    body = reply.body
    facts |= {"size_bytes": body.size_bytes, "missing_bytes": body.missing_bytes}
    if body.kind in ("liveview", "picture"):
        asked = f"{verb} {target.partition('?')[0]} → {_outcome(reply)}"
    if body.kind == "liveview":
        watched = body.last_frame_seconds - body.first_frame_seconds
        rate = round((body.frames - 1) / watched, 2) if body.frames > 1 and watched > 0 else None
        facts |= {"frames": body.frames, "frames_per_second": rate}
        return "liveview", f"{asked}, {body.frames} frames" + ("" if rate is None else f", {rate:g} a second")
    if body.kind == "picture":
        return "picture", f"{asked}, a picture of {body.size_bytes} bytes" + ("" if reply.whole else ", not whole")
    if reply.status == 200 and reply.whole and body.text.lstrip().startswith(b"<") and _is_description(body.text):
        facts |= {"headers": [list(header) for header in reply.headers], "body": _text(reply)}
        return "description", asked
    return "http", f"{asked}, {body.size_bytes} bytes"


def _is_description(text: bytes) -> bool:
    return (
        b"urn:schemas-upnp-org:device-1-0" in text
        or b"X_ModelName" in text
        or b"urn:schemas-upnp-org:service-1-0" in text
    )


def read_ssdp(data: bytes, source: End, target: End, at_seconds: float) -> Remark | None:
    """Tell what an SSDP datagram says; `None` for any other datagram."""
    if not _SSDP_START.match(data) or len(data) > _SSDP_CAP_BYTES:
        return None
    text = data.decode("utf-8", "replace")
    headers = {match[1].lower(): match[2].strip()[:1024] for match in _SSDP_HEADER.finditer(text)}
    said = {"H": "answer", "h": "answer", "M": "search", "m": "search"}.get(text[0], "announcement")
    what = " ".join((said, headers.get("st") or headers.get("nt") or "", headers.get("location", ""))).strip()
    facts = {"said": said, **headers, "text": text}
    return Remark(
        kind="ssdp",
        at_seconds=round(at_seconds, 6),
        source=_shown(source),
        target=_shown(target),
        what=what,
        facts=facts,
    )


def _json(message: Message) -> Any:
    try:
        return json.loads(message.body.text, parse_constant=lambda _: None)  # NaN and its like are no JSON
    except (ValueError, RecursionError):
        return None


def _text(message: Message) -> str:
    return message.body.text.decode("utf-8", "replace")


def _outcome(reply: Message | None) -> str:
    return "no reply" if reply is None else f"HTTP {reply.status}"


def _is_url(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _shown(end: End) -> str:
    return f"[{end[0]}]:{end[1]}" if ":" in end[0] else f"{end[0]}:{end[1]}"
