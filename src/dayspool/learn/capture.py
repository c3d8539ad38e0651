"""A packet capture, read: packets, streams, messages, and what was said, in the order of time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from dayspool.errors import PlanError
from dayspool.learn.conversation import HttpConnection, Pair, Remark, read_pair, read_ssdp
from dayspool.learn.layers import Segment, unwrap
from dayspool.learn.packets import read_packets
from dayspool.learn.tcp import Reassembler

if TYPE_CHECKING:
    from pathlib import Path

    from dayspool.learn.layers import Datagram, End
    from dayspool.learn.tcp import Sink

__all__ = ["Capture", "read_capture"]

MOST_REMARKS = 200_000
MOST_TEXT_BYTES = 64 << 20

# What a remark loses when the texts of a long capture are more than is held.
_TEXTS = ("reply", "body", "text", "headers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What a capture tells.

    Attributes:
        remarks: what was said, in the order of time.
        packets: how many packets there were.
        seconds: from the first to the last of them.
        unread: what could not be read, by reason, and how often.
    """

    remarks: tuple[Remark, ...]
    packets: int
    seconds: float
    unread: Counter[str]


def read_capture(path: Path) -> Capture:
    """Read a packet capture, pcap or pcapng, of any size; what is held has an end.

    Raises:
        PlanError: the file cannot be opened, or is no capture.
    """
    try:
        with path.open("rb") as file:
            return _Reading().run(file)
    except OSError as error:
        raise PlanError(f"{path} cannot be read: {error.strerror or error}") from error
    except PlanError as error:
        raise PlanError(f"{path}: {error}") from error


class _Reading:
    """One pass over a capture file."""

    def __init__(self) -> None:
        self._unread: Counter[str] = Counter()
        self._remarks: list[Remark] = []
        self._text_bytes = 0
        self._began: float | None = None

    def run(self, file: BinaryIO) -> Capture:
        streams = Reassembler(self._open_sinks, self._unread)
        packets, last = 0, 0.0
        for packet in read_packets(file, self._unread):
            packets += 1
            self._began = packet.seconds if self._began is None else self._began
            last = max(last, packet.seconds - self._began)
            unwrapped = unwrap(packet.link_type, packet.data)
            if isinstance(unwrapped, Segment):
                streams.take(unwrapped, packet.seconds)
            elif isinstance(unwrapped, str):
                self._unread[unwrapped] += 1
            else:
                self._hear(unwrapped, packet.seconds)
        streams.finish()
        self._remarks.sort(key=lambda remark: remark.at_seconds)
        unread = Counter({reason: count for reason, count in self._unread.most_common() if count})
        return Capture(remarks=tuple(self._remarks), packets=packets, seconds=round(last, 6), unread=unread)

    def _open_sinks(self, one: End, other: End) -> tuple[Sink, Sink]:
        return HttpConnection(one, other, self._note_pair, self._unread).sinks

    def _hear(self, datagram: Datagram, seconds: float) -> None:
        assert self._began is not None
        remark = read_ssdp(datagram.data, datagram.source, datagram.target, seconds - self._began)
        if remark is None:
            self._unread["UDP that is no SSDP"] += 1
        else:
            self._note(remark, len(datagram.data))

    def _note_pair(self, pair: Pair) -> None:
        assert self._began is not None
        size = len(pair.request.body.text) + (0 if pair.reply is None else len(pair.reply.body.text))
        self._note(read_pair(pair, self._began), size)

    def _note(self, remark: Remark, text_bytes: int) -> None:
        if len(self._remarks) >= MOST_REMARKS:
            self._unread[f"what was said after the first {MOST_REMARKS} times"] += 1
            return
        if self._text_bytes + text_bytes > MOST_TEXT_BYTES:
            self._unread[f"text beyond the first {MOST_TEXT_BYTES >> 20} MiB"] += 1
            facts = {name: None if name in _TEXTS else fact for name, fact in remark.facts.items()}
            remark = replace(remark, what=remark.what[:200], facts=facts)
        else:
            self._text_bytes += text_bytes
        self._remarks.append(remark)
