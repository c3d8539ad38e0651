"""Connections that leave by one interface of this machine, whatever its routing table says.

A camera's own network is 10.0.0.0/24 or 192.168.122.0/24, and so is many a home network: two routes to one address, of
which the system takes the first. Tying a socket to its device settles that; Linux has allowed it to everybody since
version 5.7. Where it is not allowed, the sender's address alone is set, which is enough unless networks collide.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import anyio
import httpcore2
from anyio.abc import SocketStream

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["BoundBackend", "connect_from"]


async def connect_from(source: str | None, host: str, port: int) -> SocketStream:
    """Connect to a TCP port, leaving by `source` (`192.168.122.9%wlan0`); with `None` the system chooses.

    With a source, `host` is an IPv4 address in digits.

    Raises:
        OSError: no connection.
    """
    if source is None:
        return await anyio.connect_tcp(host, port)
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        _bind(sock, source)
        if sock.connect_ex((host, port)):  # under way, or refused: the socket knows which
            await anyio.wait_writable(sock)
        _check(sock)
        return await SocketStream.from_socket(sock)
    except BaseException:
        sock.close()
        raise


def _check(sock: socket.socket) -> None:
    failure = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if failure:
        raise OSError(failure, os.strerror(failure))


def _bind(sock: socket.socket, source: str) -> None:
    address, _, interface = source.partition("%")
    interface = interface.partition(":")[0]  # eth0:1 is a label of one of eth0's addresses, and no device
    device = getattr(socket, "SO_BINDTODEVICE", None)  # Linux alone has it
    if interface and device is not None:
        with suppress(OSError):  # an old kernel, a phone, an interface renamed since: the address below has to do
            sock.setsockopt(socket.SOL_SOCKET, device, interface.encode())
    sock.bind((address, 0))


class BoundBackend(httpcore2.AsyncNetworkBackend):
    """Gives the HTTP library connections that leave by `source`."""

    def __init__(self, source: str) -> None:
        self._source = source

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect.

        Raises:
            httpcore2.ConnectError, httpcore2.ConnectTimeout: no connection.
        """
        try:
            with anyio.fail_after(timeout):
                return _Stream(await connect_from(self._source, host, port))
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout from error
        except OSError as error:
            raise httpcore2.ConnectError(error.strerror or str(error)) from error


class _Stream(httpcore2.AsyncNetworkStream):
    def __init__(self, stream: SocketStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        try:
            with anyio.fail_after(timeout):
                return await self._stream.receive(max_bytes)
        except anyio.EndOfStream:
            return b""
        except TimeoutError as error:
            raise httpcore2.ReadTimeout from error
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise httpcore2.ReadError from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        try:
            with anyio.fail_after(timeout):
                await self._stream.send(buffer)
        except TimeoutError as error:
            raise httpcore2.WriteTimeout from error
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise httpcore2.WriteError from error

    async def aclose(self) -> None:
        await self._stream.aclose()
