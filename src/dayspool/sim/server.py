"""The camera on real sockets: its TCP doors and, if wanted, an SSDP responder, in one task group."""

from __future__ import annotations

import errno
import socket
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import anyio
from anyio.abc import SocketAttribute, SocketStream, TaskStatus

from dayspool.errors import CameraError, DayspoolError, PlanError
from dayspool.sim.app import doors
from dayspool.sim.http1 import answer_connection
from dayspool.sim.ssdp import Hearing, respond

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from anyio.streams.stapled import MultiListener

    from dayspool.sim.body import Body
    from dayspool.sim.profile import Ports, Profile
    from dayspool.sim.wire import ASGIApp

__all__ = ["Endpoints", "serve", "serving"]

_HIGHEST_PORT = 65_535
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - compared with, not bound to


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where a served camera answers.

    Attributes:
        endpoint: the camera service; `None` when the body speaks no JSON ("Send to Smartphone", PTP/IP).
        location: the device description, as SSDP would name it.
        ports: those in use; the numbers of doors the body has not are the model's own.
        hearing: which searches it hears.
    """

    endpoint: str | None
    location: str
    ports: Ports
    hearing: Hearing


@asynccontextmanager
async def serving(
    body: Body, *, host: str = "127.0.0.1", port: int | None = None, ssdp: bool = True
) -> AsyncIterator[Endpoints]:
    """Serve a body inside the block; when it begins, every socket listens.

    Args:
        body: the camera; its `ports` become those that are really used.
        host: the one address to listen on, IPv4; description and searches name it, so 0.0.0.0 will not do.
        port: the control port: `None` for the model's own ports, 0 for any free ones, otherwise this one, and the next
            free ones for the other doors. A body without JSON has its description there.
        ssdp: whether to answer searches.

    Raises:
        PlanError: 0.0.0.0 was asked for.
        CameraError: a port is taken, or the address is not this machine's.
        DayspoolError: the body could not go on, such as with its ledger.
    """
    if host == _EVERYWHERE:
        raise PlanError("a camera has one address: name one of this machine's (see `ip address`), not 0.0.0.0")
    json = body.profile.json
    async with AsyncExitStack() as stack:
        listeners = await _listen_on_all(body, host, port, stack)
        try:
            async with anyio.create_task_group() as tasks:
                applications = doors(body)
                for name, listener in listeners.items():
                    answer = _say_nothing if name == "ptp" else _answering(applications[getattr(body.ports, name)])
                    tasks.start_soon(listener.serve, answer)
                hearing = await tasks.start(respond, body, host) if ssdp else Hearing(multicast=False, unicast=False)
                tasks.start_soon(_settle_in_time, body)
                yield Endpoints(
                    endpoint=f"http://{host}:{body.ports.control}{body.profile.service_path}" if json else None,
                    location=f"http://{host}:{body.ports.description}{body.profile.description_path}",
                    ports=body.ports,
                    hearing=hearing,
                )
                tasks.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            raise _ours(group) or group from group
        finally:
            body.shutter.settle()


async def serve(
    body: Body,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    ssdp: bool = True,
    task_status: TaskStatus[Endpoints] = anyio.TASK_STATUS_IGNORED,
) -> None:
    """Serve a body until cancelled, as `serving` does; `task_status` is told the endpoints."""
    async with serving(body, host=host, port=port, ssdp=ssdp) as endpoints:
        task_status.started(endpoints)
        await anyio.sleep_forever()


async def _settle_in_time(body: Body) -> None:
    """Make the exposures of a series when they are due, even when nobody asks: the ledger is read while it grows."""
    while True:
        body.shutter.settle()
        await body.wait_for_change()


def _ours(group: BaseExceptionGroup[BaseException]) -> DayspoolError | None:
    """Return the error a person should read when tasks have failed; `None` when none of them is ours."""
    for error in group.exceptions:
        if isinstance(error, DayspoolError):
            return error
        if isinstance(error, BaseExceptionGroup) and (inner := _ours(error)):
            return inner
    return None


def _answering(application: ASGIApp) -> Callable[[SocketStream], Awaitable[None]]:
    return partial(answer_connection, app=application)


async def _say_nothing(stream: SocketStream) -> None:
    """Hold a PTP/IP connection open and say nothing, as a camera does to a client that does not introduce itself."""
    async with stream:
        with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
            while True:
                await stream.receive()


def _doors_of(profile: Profile) -> tuple[str, ...]:
    """Return the doors of a model by their names in `Ports`, the one that `--port` is for first."""
    own = profile.ports
    return (
        *(["control"] if profile.json else []),
        "description",
        *(["media"] if profile.json and own.media != own.control else []),
        *(["files"] if profile.send_mode else []),
        *(["ptp"] if profile.ptp_only else []),
    )


async def _listen_on_all(
    body: Body, host: str, port: int | None, stack: AsyncExitStack
) -> dict[str, MultiListener[SocketStream]]:
    """Listen at every door and tell the body at which ports."""
    own = body.profile.ports
    listeners: dict[str, MultiListener[SocketStream]] = {}
    last = None
    for name in _doors_of(body.profile):
        if port is None or port == 0:
            first, search = (getattr(own, name) if port is None else 0), False
        else:
            first, search = (port, False) if last is None else (last + 1, True)
        listener = await _listen(host, first, search=search)
        listeners[name] = await stack.enter_async_context(listener)
        last = _port(listener)
    used = {name: _port(listener) for name, listener in listeners.items()}
    if own.media == own.control and "control" in used:
        used["media"] = used["control"]
    body.ports = replace(own, **used)
    return listeners


async def _listen(host: str, port: int, *, search: bool) -> MultiListener[SocketStream]:
    """Listen on a port, or with `search` on the first free one from there on."""
    for candidate in range(port, _HIGHEST_PORT + 1 if search else port + 1):
        try:
            return await anyio.create_tcp_listener(local_host=host, local_port=candidate, family=socket.AF_INET)
        except OSError as error:
            if not (search and error.errno == errno.EADDRINUSE):
                raise _not_ours(host, candidate, error) from error
    raise CameraError(f"there is no free port from {port} on at {host}; choose a lower --port")


def _not_ours(host: str, port: int, error: OSError) -> CameraError:
    if error.errno == errno.EADDRINUSE:
        remedy = "another program has it; stop that one, or choose another with --port (0: any free one)"
    elif error.errno in {errno.EADDRNOTAVAIL, socket.EAI_NONAME}:
        remedy = "that address is not one of this machine's; see `ip address`, or leave --bind out"
    elif error.errno in {errno.EACCES, errno.EPERM}:
        remedy = "ports below 1024 need more rights; choose another with --port"
    else:
        remedy = f"the system said: {error.strerror or error}"
    return CameraError(f"the simulated camera cannot listen on {host} port {port}: {remedy}")


def _port(listener: MultiListener[SocketStream]) -> int:
    return int(listener.extra(SocketAttribute.local_port))  # noqa: S610 - anyio's, not Django's
