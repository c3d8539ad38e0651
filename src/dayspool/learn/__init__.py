"""A camera, learned: recorded by asking it, or read out of a capture of its traffic; both give the same dump."""

from __future__ import annotations

from dayspool.learn.announced import announced
from dayspool.learn.capture import Capture, read_capture
from dayspool.learn.conversation import Remark
from dayspool.learn.dump import Dump, DumpedFile, Exchange, from_json, to_json, write_dump
from dayspool.learn.overheard import dump_of_capture
from dayspool.learn.record import record

__all__ = [
    "Capture",
    "Dump",
    "DumpedFile",
    "Exchange",
    "Remark",
    "announced",
    "dump_of_capture",
    "from_json",
    "read_capture",
    "record",
    "to_json",
    "write_dump",
]
