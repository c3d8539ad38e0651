"""What passes between a client and the services: who asks, what is answered, and how a connection ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from dayspool.sim.parts import Refusal

__all__ = ["NOT_FOUND", "Answer", "Caller", "ConnectionDropped", "Handler", "illegal_argument", "not_now", "texts"]


class ConnectionDropped(ConnectionResetError):
    """The camera closes the connection without an answer.

    The real server closes the socket; in memory it comes out of the ASGI application, where a client's transport has to
    turn it into its own read error.
    """


@dataclass(frozen=True, slots=True)
class Answer:
    """HTTP status and JSON body."""

    status: int
    body: bytes


NOT_FOUND = Answer(404, b'{"error":[404,"Not Found"]}')
"""What a camera says where it has no service: no id (recorded: DSC-RX100M2)."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: by which address they reach the camera, a way to wait until they leave, and their own address."""

    host: str
    left: Callable[[], Awaitable[None]]
    peer: str = ""


Handler = Callable[[list[Any], Caller], Awaitable[list[Any]]]
"""One method of a service: its parameters in, its result out; raises `Refusal` to answer with an error."""


def illegal_argument() -> Refusal:
    """Return error 3, in the words of an ILCE-6300."""
    return Refusal(3, "illegal argument")


def not_now() -> Refusal:
    """Return error 1, in the words of every camera."""
    return Refusal(1, "Not Available Now")


def texts(params: list[Any], wanted: int) -> list[str]:
    """Return so many strings.

    Raises:
        Refusal: they are anything else.
    """
    if len(params) != wanted or not all(isinstance(param, str) for param in params):
        raise illegal_argument()
    return params
