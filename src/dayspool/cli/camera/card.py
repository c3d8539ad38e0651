"""The card in the camera: opened by whichever way the body offers, remote control or "Send to Smartphone"."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dayspool.cli.camera.opened import FIND_SECONDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from dayspool.camera import Line, Link, Original, SonyCamera

__all__ = ["Card", "opened_card"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a camera offers of its card, and the link to fetch it by; `way` is `avContent` or `dlna`."""

    link: Link
    originals: tuple[Original, ...]
    way: str
    model: str


@asynccontextmanager
async def opened_card(
    address: str | None, interface: str | None, *, newest: int | None, since: datetime | None
) -> AsyncIterator[Card]:
    """Find the camera, list its card, and put the camera back into its mode afterwards.

    With `newest` or `since`, the list may leave out what they do.

    Raises:
        CameraRefused: this body hands out no originals as it stands; the message says which ways it has.
        CameraUnreachable: there is no camera.
        PlanError: the address or the interface makes no sense.
    """
    from dayspool.camera import list_contents, open_camera
    from dayspool.discovery import Outcome
    from dayspool.errors import CameraUnreachable
    from dayspool.shoot.finding import find_cameras

    findings = await find_cameras(seconds=FIND_SECONDS, address=address, interface=interface, first=True)
    if findings.cameras:
        found = findings.cameras[0]
        async with (
            open_camera(found.endpoint, model=found.model or "", source=found.source) as camera,
            AsyncExitStack() as stack,
        ):
            line = await _enter_contents(camera, stack)
            originals = await list_contents(line, newest=newest, since=since)
            yield Card(link=line.link, originals=originals, way="avContent", model=camera.model)
        return
    sender = next((one for one in findings.others if one.kind is Outcome.SEND_MODE), None)
    if sender is None:
        raise CameraUnreachable("\n".join(("no camera was found.", *findings.reasons)), sent=False)
    async with _media_card(sender.host, sender.asked, sender.model, interface) as card:
        yield card


@asynccontextmanager
async def _media_card(host: str, location: str, model: str | None, interface: str | None) -> AsyncIterator[Card]:
    """Open the media server whose description lies at `location`, by the interface that a person named."""
    from dayspool.camera import CONTENT_DIRECTORY, PUSH_LIST, Link, list_media, media_transfer
    from dayspool.discovery import Surroundings
    from dayspool.discovery.address import HttpAddress
    from dayspool.discovery.description import DESCRIPTION_CAP_BYTES, parse_description
    from dayspool.errors import CameraConfused

    where = HttpAddress.parse(location) or HttpAddress(host=host)
    source = Surroundings.here().source_to(where.host, interface) if interface is not None else None
    async with Link(where.host, source=source) as link:
        data = await link.get(str(where), cap_bytes=DESCRIPTION_CAP_BYTES)
        controls = parse_description(data, location=where).upnp_controls
        if CONTENT_DIRECTORY not in controls:
            raise CameraConfused(f"the camera's description at {where} names no media server")
        push = controls.get(PUSH_LIST)
        async with media_transfer(link, str(push) if push is not None else None):
            originals = await list_media(link, str(controls[CONTENT_DIRECTORY]))
            yield Card(link=link, originals=originals, way="dlna", model=model or "Sony camera")


async def _enter_contents(camera: SonyCamera, stack: AsyncExitStack) -> Line:
    """Open the card over remote control; what makes sure that it can be closed goes on the `stack`.

    Raises:
        CameraRefused: the body does not do that; the message says which ways it has.
    """
    from dayspool.camera import contents_transfer
    from dayspool.errors import CameraConfused, CameraRefused

    await camera.start()
    try:
        await camera.line.call("getVersions", service="avContent")  # before its mode is changed
        return await stack.enter_async_context(contents_transfer(camera))
    except (CameraRefused, CameraConfused) as error:
        ways = _ways(camera.model, await camera.methods())
        raise CameraRefused(f"{camera.model} gives no originals over remote control ({error}); {ways}") from error


def _ways(name: str, methods: tuple[str, ...]) -> str:
    """Say by which ways this body's originals come to a computer."""
    from dayspool.camera.model import Originals
    from dayspool.camera.models import model_named

    model = model_named(name)
    known = model.originals if model is not None else ()
    ways = []
    if Originals.POSTVIEW in known or "setPostviewImageSize" in methods:
        ways.append("each in full size as it is shot (dayspool camera set postview-size Original)")
    has_it = "" if Originals.SEND in known else ", if its menu has that"
    ways.append(f'"Send to Smartphone" started on the body, then this command again{has_it}')
    ways.append("the card in a reader, the only way for RAW")
    return f"its ways are: {'; '.join(ways)}"
