"""A camera on real sockets with the real client before it: a simulated one in virtual time, or one that is there.

`DAYSPOOL_CAMERA=http://192.168.122.1:8080/sony/camera pytest tests/conformance` runs what takes no picture and changes
no setting on a real body, too.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import selectors
import tempfile
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import pytest
from PIL import Image

from dayspool.camera import Link, SonyCamera, open_camera
from dayspool.clock import LoopClock, SystemClock
from dayspool.learn.dump import write_dump
from dayspool.learn.record import record
from dayspool.shoot.finding import find_one
from dayspool.sim import PROFILES, Body, Endpoints, Faults, Ledger, Profile, load_profile, serving
from dayspool.testing import BEGINNING, JumpingSelector

CAMERA_VARIABLE = "DAYSPOOL_CAMERA"
DUMPED = "dump-of-a-qx1"
REAL = "real"
SPEAKING = tuple(name for name, profile in PROFILES.items() if profile.json)
STANDS = (*SPEAKING, DUMPED)
# Time jumps once nobody has anything to do for so long; loopback delivers sooner.
JUMP_AFTER_SECONDS = 0.003
PICTURE_PX = (48, 32)
HOST = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One camera opened; without a `body` it is a real one."""

    camera: SonyCamera
    profile: Profile | None = None
    body: Body | None = None
    served: Endpoints | None = None
    clock: LoopClock | SystemClock
    folder: Path

    @property
    def exposures(self) -> list[dict]:
        """The ledger's lines: what was really exposed."""
        return [json.loads(line) for line in (self.folder / "ledger.jsonl").read_text().splitlines()]

    async def call(self, method, *params, **options):
        """Make one plain call."""
        return await self.camera.line.call(method, list(params), **options)


def on_sockets(name, play, *, faults=(), prepared=False, profile=None):
    """Run `play(scene)` and return its result; `prepared` brings the camera into still mode first."""
    with tempfile.TemporaryDirectory() as folder:
        if name == REAL:
            return anyio.run(_with_real, play, Path(folder))
        profile = profile or profile_of(name)
        run = partial(_with_simulated, profile, play, Path(folder), tuple(faults), prepared=prepared)
        return in_virtual_time(run)


class PatientSelector(JumpingSelector):
    """Jumps only after sockets have had their time: what is sent on loopback may be a moment under way."""

    def select(self, timeout=None):
        """Return what is ready; without anything, wait a moment, then let `timeout` seconds of virtual time pass."""
        if timeout is None:  # only a thread can go on: it resolves the address to listen on
            return selectors.DefaultSelector.select(self, None)
        ready = selectors.DefaultSelector.select(self, min(timeout, JUMP_AFTER_SECONDS))
        if not ready:
            self.now += timeout
        return ready


class SocketLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time whose sockets are real."""

    def __init__(self):
        self._patient = PatientSelector()
        super().__init__(self._patient)

    def time(self):
        """Return the virtual time, in seconds."""
        return self._patient.now


def in_virtual_time(run):
    """Run an async function to its end, waits in no time."""
    return anyio.run(run, backend="asyncio", backend_options={"loop_factory": SocketLoop})


async def _with_simulated(profile, play, folder, faults, *, prepared):
    clock = LoopClock(BEGINNING)
    with Ledger(folder / "ledger.jsonl") as ledger:
        body = Body(clock=clock, profile=profile, seed=7, picture_px=PICTURE_PX, ledger=ledger, faults=Faults(faults))
        async with (
            serving(body, host=HOST, port=0, ssdp=False) as served,
            open_camera(served.endpoint, model=profile.model) as camera,
        ):
            if prepared:
                await camera.prepare()
            return await play(
                Scene(camera=camera, profile=profile, body=body, served=served, clock=clock, folder=folder)
            )


async def _with_real(play, folder):
    found = await find_one(seconds=8.0, address=os.environ[CAMERA_VARIABLE])
    async with open_camera(found.endpoint, model=found.model or "", source=found.source) as camera:
        await camera.start()
        return await play(Scene(camera=camera, clock=SystemClock(), folder=folder))


def profile_of(name) -> Profile:
    """Return a model by its name; one of them is made from the dump of another."""
    return _dumped() if name == DUMPED else PROFILES[name]


@cache
def _dumped() -> Profile:
    """Return the model that a dump of a simulated ILCE-QX1 makes."""

    async def dump(body_folder):
        body = Body(clock=LoopClock(BEGINNING), profile=PROFILES["qx1"], seed=7, picture_px=PICTURE_PX)
        async with serving(body, host=HOST, port=0, ssdp=False) as served, Link(HOST) as link:
            told = await record(link, served.endpoint, locations=(served.location,), liveview=True)
        write_dump(body_folder / "qx1.json", told)

    with tempfile.TemporaryDirectory() as folder:
        in_virtual_time(partial(dump, Path(folder)))
        return load_profile(Path(folder) / "qx1.json")


def stands(*, changing=False):
    """Parametrise over every model, and over the real camera where nothing is changed."""
    url = os.environ.get(CAMERA_VARIABLE)
    if url is None or changing:
        return pytest.mark.parametrize("name", STANDS)
    allowed = pytest.mark.allow_hosts([host_of(url) or url, HOST])
    return pytest.mark.parametrize("name", [*STANDS, pytest.param(REAL, marks=allowed)])


def px(jpeg: bytes) -> tuple[int, int]:
    """Return width and height of a picture, decoded to its end."""
    image = Image.open(io.BytesIO(jpeg))
    image.load()
    return image.size


def host_of(url: str) -> str | None:
    """Return the host of an address."""
    return urlsplit(url).hostname
