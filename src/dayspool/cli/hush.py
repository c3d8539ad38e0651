"""Keeps libraries from writing between a command's own words."""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

__all__ = ["only_our_words"]

_STANDARD_ERROR = 2


@contextmanager
def only_our_words() -> Iterator[None]:
    """Let nothing about pictures arrive on standard error but what dayspool says, until the block is left.

    LibRaw writes a line there about each damaged file, without its name and into the bar, and Pillow warns of every
    tag that it leaves out, with lines of its own source. What cannot be developed is named by the command itself.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        if _is_the_process_own(sys.stderr):
            with _past_libraries_in_c(sys.stderr):
                yield
        else:
            yield


@contextmanager
def _past_libraries_in_c(ours: TextIO) -> Iterator[None]:
    """Give Python a copy of the descriptor, and whoever writes to the process's own nothing."""
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
