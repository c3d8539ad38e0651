"""One measurement of one client: `client_run.py WAY find|calls|liveview ENDPOINT COUNT`; prints one line of JSON.

A search asks nothing of the endpoint but that what it finds is there.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Run = dict[str, float]


@contextmanager
def measured(count: int) -> Iterator[Run]:
    """Fill in how long the block took, and how much processor time."""
    run: Run = {"count": count}
    began, cpu = time.perf_counter(), _cpu_seconds()
    yield run
    run["seconds"], run["cpu_seconds"] = time.perf_counter() - began, _cpu_seconds() - cpu


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def repeat(call: Callable[[], Any], count: int) -> Run:
    """Call once to warm up, then `count` times."""
    call()
    with measured(count) as run:
        for _ in range(count):
            call()
    return run


def dayspool_calls(endpoint: str, count: int) -> Run:
    """Call as the program does, with the pauses cameras need."""
    import anyio

    from dayspool.camera import open_camera

    async def main() -> Run:
        async with open_camera(endpoint) as camera:
            await camera.versions()
            with measured(count) as run:
                for _ in range(count):
                    await camera.versions()
            return run

    return anyio.run(main)


def link_calls(endpoint: str, count: int) -> Run:
    """Call as fast as the line allows."""
    from urllib.parse import urlsplit

    import anyio

    from dayspool.camera import Link

    async def main() -> Run:
        async with Link(urlsplit(endpoint).hostname or "") as link:
            await link.call(endpoint, "getVersions")
            with measured(count) as run:
                for _ in range(count):
                    await link.call(endpoint, "getVersions")
            return run

    return anyio.run(main)


def dayspool_liveview(endpoint: str, count: int) -> Run:
    """Read `count` frames, from the second on."""
    import anyio

    from dayspool.camera import open_camera

    async def main() -> Run:
        async with open_camera(endpoint) as camera, camera.liveview() as frames:
            await anext(frames)
            with measured(count) as run:
                for _ in range(count):
                    await anext(frames)
            return run

    return anyio.run(main)


def libsonyapi_calls(endpoint: str, count: int) -> Run:
    """Call with libsonyapi, past its discovery."""
    from libsonyapi.camera import Camera

    camera = Camera.__new__(Camera)
    camera.camera_endpoint_url = endpoint
    return repeat(lambda: camera.do("getVersions"), count)


def libsonyapi_find(endpoint: str, count: int) -> Run:
    """Search with libsonyapi, which also lists the camera's methods."""
    from libsonyapi.camera import Camera

    with measured(count) as run:
        for _ in range(count):
            assert Camera().camera_endpoint_url == endpoint
    return run


def pysony_find(endpoint: str, count: int) -> Run:
    """Search with pysony for one second, the time it gives cameras unless told otherwise."""
    from pysony import ControlPoint

    with measured(count) as run:
        for _ in range(count):
            assert [f"{base}/sony/camera" for base in ControlPoint().discover()] == [endpoint]
    return run


def pysony_calls(endpoint: str, count: int) -> Run:
    """Call with pysony."""
    from pysony import SonyAPI

    camera = SonyAPI(QX_ADDR=endpoint.removesuffix("/sony/camera"))
    return repeat(camera.getVersions, count)


def pysony_liveview(endpoint: str, count: int) -> Run:
    """Read frames with pysony's thread."""
    from pysony import SonyAPI

    camera = SonyAPI(QX_ADDR=endpoint.removesuffix("/sony/camera"))
    reader = camera.LiveviewStreamThread(camera.liveview())
    reader.daemon = True
    reader.start()
    return repeat(reader.get_latest_view, count)


WAYS: dict[tuple[str, str], Callable[[str, int], Run]] = {
    ("dayspool", "calls"): dayspool_calls,
    ("link", "calls"): link_calls,
    ("dayspool", "liveview"): dayspool_liveview,
    ("libsonyapi", "calls"): libsonyapi_calls,
    ("libsonyapi", "find"): libsonyapi_find,
    ("pysony", "find"): pysony_find,
    ("pysony", "calls"): pysony_calls,
    ("pysony", "liveview"): pysony_liveview,
}

if __name__ == "__main__":
    way, what, endpoint, count = sys.argv[1:]
    print(json.dumps(WAYS[way, what](endpoint, int(count))))
