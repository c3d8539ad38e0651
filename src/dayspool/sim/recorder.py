"""The movie recorder of one body: whether it runs, for how long, and until when it saves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from dayspool.sim.parts import Status

if TYPE_CHECKING:
    from dayspool.sim.body import Body

__all__ = ["Recorder"]


class Recorder:
    """The movies of one body."""

    def __init__(self, body: Body, speed: float) -> None:
        self._body, self._speed = body, speed
        self._since: float | None = None
        self.saved_at = 0.0

    @property
    def status(self) -> Status:
        """What the recorder is doing; idle when nothing."""
        if self._since is not None:
            return Status.MOVIE_RECORDING
        return Status.MOVIE_SAVING if anyio.current_time() < self.saved_at else Status.IDLE

    @property
    def seconds(self) -> float | None:
        """How long the movie that is being recorded has become, in camera seconds."""
        return None if self._since is None else (anyio.current_time() - self._since) * self._speed

    def start(self) -> None:
        """Begin to record a movie.

        Raises:
            Refusal: not in movie mode, or busy.
        """
        self._body.require(Status.IDLE, mode="movie")
        self._since = anyio.current_time()
        self._body.announce()

    def stop(self) -> None:
        """End the movie.

        Raises:
            Refusal: there is none.
        """
        self._body.require(Status.MOVIE_RECORDING)
        self._since = None
        self.saved_at = anyio.current_time() + self._body.profile.timings.movie_saving_seconds / self._speed
        self._body.announce()
