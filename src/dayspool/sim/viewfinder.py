"""Liveview as the body knows it: whether it runs, since when, how large, and who watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from dayspool.sim.exchange import illegal_argument
from dayspool.sim.parts import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from dayspool.sim.profile import Profile

__all__ = ["Viewfinder"]


class Viewfinder:
    """The liveview of one body; it also answers unasked until something has ended it once."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._reader = 0
        self.on = False
        self.since = 0.0
        self.unasked = True
        self.size: str | None = None
        self.frames = 0

    @property
    def px(self) -> tuple[int, int]:
        """Width and height of its pictures."""
        return self._profile.liveview_px if self.size is None else self._profile.liveview_sizes[self.size]

    def start(self, size: str | None = None) -> bool:
        """Start it, and return whether that changed anything.

        Raises:
            Refusal: no such size, or it runs already and the model minds.
        """
        if size is not None and size not in self._profile.liveview_sizes:
            raise illegal_argument()
        if self.on and self._profile.quirks.liveview_refuses_twice:
            raise Refusal(40402, "Already Running Polling API")
        changed = not self.on or size != self.size
        if not self.on:
            self.since = anyio.current_time()
        self.on, self.size = True, size
        return changed

    def stop(self) -> bool:
        """End it, and return whether that changed anything."""
        changed, self.on, self.unasked = self.on, False, False
        return changed

    def seconds(self) -> float:
        """Return for how long it has run."""
        return anyio.current_time() - self.since if self.on else 0.0

    def watch(self) -> Callable[[], bool]:
        """Become its one reader, and return a function that says whether one still is.

        Seen on the A6000: a second reader drops the first.
        """
        self._reader += 1
        mine = self._reader
        return lambda: self.on and mine == self._reader
