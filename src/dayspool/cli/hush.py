"""Keeps libraries in C from writing between a command's own words."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["only_our_words"]

_STANDARD_ERROR = 2


@contextmanager
def only_our_words() -> Iterator[None]:
    """Let nothing but what Python writes arrive on standard error, until the block is left.

    LibRaw writes a line there about each damaged file, without its name and into the bar; the command itself names the
    file and says what to do. Where Python's standard error is not the process's own, nothing is changed.
    """
    ours = sys.stderr
    if not _is_the_process_own(ours):
        yield
        return
    ours.flush()
    with os.fdopen(os.dup(_STANDARD_ERROR), "w", buffering=1, encoding=ours.encoding, errors=ours.errors) as heard:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, _STANDARD_ERROR)
        os.close(nowhere)
        sys.stderr = heard
        try:
            yield
        finally:
            sys.stderr = ours
            heard.flush()
            os.dup2(heard.fileno(), _STANDARD_ERROR)


def _is_the_process_own(stream: object) -> bool:
    try:
        return getattr(stream, "fileno", lambda: None)() == _STANDARD_ERROR
    except (OSError, ValueError):
        return False
