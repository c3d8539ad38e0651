"""Open a camera at an address: the link is made here, and pinned to the one host."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio

from dayspool.camera.link import Link
from dayspool.camera.sony import SonyCamera
from dayspool.errors import CameraConfused, CameraUnreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from dayspool.camera.line import Courtesy
    from dayspool.camera.link import Transport
    from dayspool.core.camera import Dialect

__all__ = ["open_camera"]


@asynccontextmanager
async def open_camera(
    endpoint: str,
    *,
    model: str = "",
    dialect: Dialect | None = None,
    transport: Transport | None = None,
    source: str | None = None,
    courtesy: Courtesy | None = None,
    identity: str | None = None,
    location: str | None = None,
) -> AsyncIterator[SonyCamera]:
    """Open a line to the camera at `endpoint` (`http://10.0.0.1:10000/camera`); nothing is sent yet.

    Without a `dialect` its model tells, and without that its address. `transport` and `source` are as for `Link`. A
    `courtesy` that outlives the line keeps what was learned of how much time the body needs between calls. A host name
    is looked up once and replaced by its address, because the camera names its pictures' host by address. `identity`
    and `location` are what discovery knows it by.

    Raises:
        CameraConfused: the endpoint is no plain http address.
        CameraUnreachable: the host name has no address.
    """
    try:
        split = urlsplit(endpoint)
        host, port = split.hostname, split.port or 80
    except ValueError:
        host = None
    if host is None:
        raise CameraConfused(f"{endpoint!r} is no camera address; write http://10.0.0.1:10000/camera")
    address = await _address_of(host)
    async with Link(address, transport=transport, source=source) as link:
        endpoint = split._replace(netloc=f"[{address}]:{port}" if ":" in address else f"{address}:{port}").geturl()
        yield SonyCamera(
            link, endpoint, model=model, dialect=dialect, courtesy=courtesy, identity=identity, location=location
        )


async def _address_of(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        found = await anyio.getaddrinfo(host, None, family=socket.AF_INET, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CameraUnreachable(f"{host} has no address: {error.strerror or error}", sent=False) from error
    return str(found[0][4][0])
