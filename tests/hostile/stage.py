"""A simulated camera in memory, one of whose answers is replaced; and all that the client does with a camera."""

from __future__ import annotations

import json
from collections import Counter

import anyio
import httpx2

from dayspool.camera import CONTENT_DIRECTORY, Link, list_contents, list_media, media_transfer
from dayspool.camera.contents import contents_transfer
from dayspool.discovery.address import HttpAddress
from dayspool.discovery.description import parse_description, parse_model
from dayspool.intake import choose_originals, fetch_originals
from dayspool.learn.dump import to_json
from dayspool.learn.record import record
from dayspool.testing import InMemoryTransport
from tests.card import jpeg
from tests.hostile.attacks import Stream

PICTURE = jpeg(1, size_bytes=2_000)
PACKET = b"\xff\x01" + bytes(6) + b"\x24\x35\x68\x79" + len(PICTURE).to_bytes(3) + bytes(121) + PICTURE


class Turned(InMemoryTransport):
    """The simulated camera, but what `target` names is answered by `attack(honest content)`, a response.

    Attributes:
        asked: how often each thing was asked for.
        hosts: who was asked.
    """

    def __init__(self, body, target=None, attack=None):
        super().__init__(body)
        self.target, self.attack = target, attack
        self.asked = Counter()
        self.hosts = set()

    async def handle_async_request(self, request):
        self.hosts.add(request.url.host)
        name, call_id = named(request)
        self.asked[name] += 1
        if name == "liveview":  # the stream in memory would come at its end alone
            content = PACKET * 3
            honest = httpx2.Response(200, stream=Stream(paced([PACKET] * 5)))
        else:
            honest = await super().handle_async_request(request)
            content = b"" if name != self.target else b"".join([part async for part in honest.stream])
        if name != self.target:
            return honest
        reply = self.attack(content)
        if isinstance(reply, bytes):
            reply = httpx2.Response(200, stream=httpx2.ByteStream(with_id(reply, call_id)))
        return reply


async def paced(parts):
    """Yield what a stream brings, ten times a second."""
    for part in parts:
        yield part
        await anyio.sleep(0.1)


def named(request) -> tuple[str, int]:
    """Return what a request asks for, as the tables name it, and the number of the call."""
    action = request.headers.get("soapaction")
    if action is not None:
        return action.strip('"').rpartition("#")[2], 0
    if request.method == "POST":
        call = json.loads(request.content)
        return call["method"], call["id"]
    path = request.url.path
    if path.endswith(".xml"):
        return ("model" if "DigitalImaging" in path else "description"), 0
    return ("liveview" if "liveview" in path else "picture"), 0


def with_id(content: bytes, call_id: int) -> bytes:
    """Give an answer the number of its call, where it is an object without one of its own."""
    if content.startswith(b'{"') and not content.startswith(b'{"id"') and content.endswith(b"}"):
        return b'{"id":%d,' % call_id + content[1:] if b'"id"' not in content else content
    return content.replace(b'{"id":0,', b'{"id":%d,' % call_id, 1)


async def info(camera, _folder):
    await camera.start()
    await camera.info()


async def set_iso(camera, _folder):
    await camera.start()
    await camera.set("iso", "ISO 400")


async def set_exposure(camera, _folder):
    await camera.set("exposure-compensation", "+1/3 EV", insist=True)


async def snap(camera, _folder):
    await camera.prepare(postview="original")
    await camera.focus()
    await camera.picture(await camera.take_picture())


async def watch(camera, _folder):
    with anyio.move_on_after(60):  # as its contract asks
        await camera.news(await camera.until_idle())


async def burst(camera, _folder):
    await camera.start()
    await camera.set("drive-mode", "continuous")
    for url in (await camera.continuous(2))[:2]:
        await camera.picture(url)


async def view(camera, _folder):
    await camera.start()
    async with camera.liveview() as frames:
        seen = 0
        async for _ in frames:
            seen += 1
            if seen == 3:
                break


async def originals(camera, folder):
    async with contents_transfer(camera) as line:
        listed = await list_contents(line, newest=2)
        await fetch_originals(line.link, choose_originals(listed, newest=2), folder, idle_seconds=5)


async def dump(camera, _folder):
    to_json(await record(camera.line.link, camera.endpoint, enter_remote_mode=True, liveview=True))


async def media(link: Link, where: HttpAddress, folder):
    data = await link.get(str(where), seconds=5)
    described = parse_description(data, location=where)
    controls = described.upnp_controls
    async with media_transfer(link, str(controls["urn:schemas-sony-com:service:XPushList:1"])):
        listed = await list_media(link, str(controls[CONTENT_DIRECTORY]))
        await fetch_originals(link, choose_originals(listed, newest=2), folder, idle_seconds=5)


async def name_it(link: Link, where: HttpAddress, _folder):
    data = await link.get(str(where), seconds=5)
    described = parse_description(data, location=where)
    assert described.details is not None
    parse_model(await link.get(str(described.details), seconds=5), location=described.details)
