"""The record of a shoot: one writer, many readers, nothing ever changed or deleted."""

from dayspool.journal.reader import FrameRow, JournalReader
from dayspool.journal.requests import Request, RequestKind, leave_request
from dayspool.journal.schema import FILE_NAME
from dayspool.journal.store import JournalWriter, is_being_written

__all__ = [
    "FILE_NAME",
    "FrameRow",
    "JournalReader",
    "JournalWriter",
    "Request",
    "RequestKind",
    "is_being_written",
    "leave_request",
]
