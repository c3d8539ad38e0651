"""Log what should never happen: the first of a kind with its traceback, its repeats counted."""

from __future__ import annotations

import logging
from collections import Counter

__all__ = ["Defects"]

_LOG = logging.getLogger(__name__)
MOST_KINDS = 100  # beyond them no kind is new: some errors hold a number that is always another


class Defects:
    """The unexpected errors of one run."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def note(self, doing: str, error: Exception) -> None:
        """Log an error the first time, and then when it has come 10, 100, 1000 … times."""
        kind = f"{doing}: {error!r}"
        if kind not in self._seen and len(self._seen) >= MOST_KINDS:
            kind = "others"
        self._seen[kind] += 1
        times = self._seen[kind]
        if times == 1:
            _LOG.error("unexpected while performing %s", doing, exc_info=error)
        elif times in (10**power for power in range(1, 10)):
            _LOG.error("unexpected while performing %s: %r, for the %dth time", doing, error, times)
