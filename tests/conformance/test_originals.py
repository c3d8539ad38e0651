"""Full-size pictures after the shoot: by remote control from a QX1, by "Send to Smartphone" from an ILCE-6100."""

from __future__ import annotations

from contextlib import asynccontextmanager

import anyio
import pytest

from dayspool.camera import (
    CONTENT_DIRECTORY,
    PUSH_LIST,
    Content,
    Link,
    contents_transfer,
    list_contents,
    list_media,
    media_transfer,
)
from dayspool.clock import LoopClock
from dayspool.discovery.address import HttpAddress
from dayspool.discovery.description import parse_description
from dayspool.errors import CameraRefused
from dayspool.intake import Outcome, choose_originals, fetch_originals
from dayspool.picture import PART_SUFFIX, inspect
from dayspool.sim import PROFILES, Body, serving
from dayspool.testing import BEGINNING
from tests.conformance.stage import HOST, PICTURE_PX, in_virtual_time, on_sockets, px

EARLIER = 5  # pictures on a card from before that are JPEGs; the sixth is a RAW, which leaves as a smaller copy


def test_a_qx1_hands_out_its_card_and_what_was_just_shot(tmp_path):
    async def play(scene):
        await scene.camera.take_picture()
        with anyio.fail_after(60):
            await scene.camera.until_idle()
        async with contents_transfer(scene.camera) as line:
            originals = choose_originals(await list_contents(line))
            await check_originals(line.link, originals, scene.body, tmp_path, pictures=EARLIER + 2)
        assert scene.body.status == "IDLE"
        await scene.camera.take_picture()
        assert len(scene.exposures) == 2

    on_sockets("qx1", play, prepared=True)


def test_send_to_smartphone_hands_out_the_card(tmp_path):
    async def play():
        body = Body(clock=LoopClock(BEGINNING), profile=PROFILES["a6100-send"], seed=7, picture_px=PICTURE_PX)
        async with serving(body, host=HOST, port=0, ssdp=False) as served, sending(served) as (link, media):
            await check_originals(
                link, choose_originals(await list_media(link, media)), body, tmp_path, pictures=EARLIER + 1
            )

    in_virtual_time(play)


@asynccontextmanager
async def sending(served):
    """Read the description, begin the transfer, and hand out the link and where the pictures are listed."""
    async with Link(HOST) as link:
        page = parse_description(await link.get(served.location), location=HttpAddress.parse(served.location))
        async with media_transfer(link, str(page.upnp_controls[PUSH_LIST])):
            yield link, str(page.upnp_controls[CONTENT_DIRECTORY])


async def check_originals(link, originals, body, folder, *, pictures):
    """Fetch all, again, and again after the end of one got lost; every file is as the card has it."""
    assert len(originals) == pictures
    fetched = await fetch_originals(link, originals, folder)
    assert {one.outcome for one in fetched} == {Outcome.FETCHED}
    for one in fetched:
        picture = one.path.read_bytes()
        inspect(picture)
        if one.original.content is Content.JPEG:
            file = body.card.named(one.path.name)
            assert len(picture) == body.card.size(file)
            assert one.original.size_bytes in (len(picture), None)
            assert px(picture) == body.original_px
    assert {one.outcome for one in await fetch_originals(link, originals, folder)} == {Outcome.THERE}
    await check_resuming(link, originals, folder, fetched[0].path)


async def check_resuming(link, originals, folder, path):
    """Let a picture have been cut off: what is there is kept, and only the rest comes."""
    whole = path.read_bytes()
    path.unlink()
    path.with_name(path.name + PART_SUFFIX).write_bytes(whole[:20_000])
    heard = []
    again = await fetch_originals(link, originals, folder, on_bytes=lambda _, count: heard.append(count))
    assert [one.outcome for one in again if one.path == path] == [Outcome.FETCHED]
    assert path.read_bytes() == whole
    assert min(heard) >= 20_000
    assert not list(folder.glob(f"*{PART_SUFFIX}"))


@pytest.mark.parametrize("name", ["a7m3", "rx100m2"])
def test_a_body_that_hands_out_nothing_says_so(name):
    async def play(scene):
        with pytest.raises(CameraRefused, match="setCameraFunction") as caught:
            async with contents_transfer(scene.camera):
                pass
        assert "does not have" in str(caught.value)

    on_sockets(name, play, prepared=True)
