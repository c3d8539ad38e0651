"""The record of a shoot: one writer, many readers, nothing ever changed or deleted."""

from dayspool.journal.lock import is_being_written
from dayspool.journal.reader import FrameRow, JournalReader
from dayspool.journal.requests import Request, RequestKind, leave_request
from dayspool.journal.schema import FILE_NAME
from dayspool.journal.store import JournalWriter
from dayspool.journal.verdicts import Verdict, leave_verdicts

__all__ = [
    "FILE_NAME",
    "FrameRow",
    "JournalReader",
    "JournalWriter",
    "Request",
    "RequestKind",
    "Verdict",
    "is_being_written",
    "leave_request",
    "leave_verdicts",
]
