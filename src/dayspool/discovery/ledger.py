"""What all questions of one search share: how many are asked at once, who is listed, who has shown life."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from dayspool.discovery.report import Attempt, FoundBy, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from dayspool.discovery.address import HttpAddress
    from dayspool.discovery.report import Found

__all__ = ["Ledger"]

# A host that swallows packets holds up to five of these; enough that two such hosts never delay a camera.
_QUESTIONS_AT_ONCE = 24
# Answers by SSDP can be forged: whom they lead to waits for others of that kind, and holds up nobody else.
_STRANGERS_AT_ONCE = 16
# Neighbours of unlikely makers wait for each other too.
_IDLE_QUESTIONS_AT_ONCE = 8


class Ledger:
    """Keeps the books of one search; a camera is listed once, by its place, and by its unique name at two places."""

    def __init__(self, *, on_found: Callable[[Found], None], on_attempt: Callable[[Attempt], None]) -> None:
        self.idle_slots = anyio.Semaphore(_IDLE_QUESTIONS_AT_ONCE)
        self.tell = on_found
        self._on_attempt = on_attempt
        self._slots = anyio.Semaphore(_QUESTIONS_AT_ONCE)
        self._stranger_slots = anyio.Semaphore(_STRANGERS_AT_ONCE)
        self._alive: set[tuple[str, str | None]] = set()
        self._listed: set[tuple[str, int, str | None]] = set()
        self._places_by_identity: dict[str, tuple[str, str | None]] = {}

    def slots(self, way: FoundBy) -> anyio.Semaphore:
        """Return what a question takes one of while it is asked."""
        return self._stranger_slots if way is FoundBy.SSDP else self._slots

    def enter(self, endpoint: HttpAddress, source: str | None, identity: str | None) -> bool:
        """List a camera; tell whether it is new."""
        key, place = (endpoint.host, endpoint.port, source), (endpoint.host, source)
        if key in self._listed or (identity and self._places_by_identity.setdefault(identity, place) != place):
            return False
        self._listed.add(key)
        return True

    def lists(self, host: str, source: str | None) -> bool:
        """Tell whether a camera of that host is listed."""
        return any((each, way) == (host, source) for each, _, way in self._listed)

    def has_shown_life(self, host: str, source: str | None) -> None:
        """Take down that something came back from a host: an answer, or that it refuses."""
        self._alive.add((host, source))

    def is_alive(self, host: str, source: str | None) -> bool:
        """Tell whether anything came back from a host."""
        return (host, source) in self._alive

    def note(
        self, host: str, asked: str, way: FoundBy, outcome: Outcome, said: str, *, model: str | None = None
    ) -> Outcome:
        """Take down what came of a question, and return it."""
        self._on_attempt(Attempt(way=way, host=host, asked=asked, outcome=outcome, said=said, model=model))
        return outcome
