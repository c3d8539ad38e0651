"""Originals by "Send to Smartphone": the media server a camera runs in that mode, walked from its root.

Facts: recorded on ILCE-6300 and ILCE-6400, coded by ImagingEdge4Linux for a dozen models and by an RX100M5A importer.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import anyio

from dayspool.camera.original import MOST_ORIGINALS, listing_in_time
from dayspool.camera.soap import ANSWER_CAP_BYTES, decode_answer, encode_call, parse_listing
from dayspool.clock import pause
from dayspool.errors import CameraConfused, CameraError, CameraRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from dayspool.camera.link import Link
    from dayspool.camera.original import Original
    from dayspool.camera.soap import Listing

__all__ = ["CONTENT_DIRECTORY", "PUSH_LIST", "list_media", "media_transfer"]

CONTENT_DIRECTORY = "urn:schemas-upnp-org:service:ContentDirectory:1"
PUSH_LIST = "urn:schemas-sony-com:service:XPushList:1"
PAGE = 100
MOST_CONTAINERS = 5_000
DEEPEST = 8
SECONDS = 30.0
GOODBYE_SECONDS = 5.0
SPACING_SECONDS = 0.1  # small cameras choke on bursts
_CHOSEN, _WHOLE_CARD = "PushRoot", "PhotoRoot"


@asynccontextmanager
async def media_transfer(link: Link, push_list_url: str | None) -> AsyncIterator[None]:
    """Tell the camera that a transfer begins, and that it has ended well, whatever happens.

    Its screen shows the transfer meanwhile; after the end it may leave the network. With the whole card on offer it may
    refuse the beginning, which then does not matter (ImagingEdge4Linux).

    Raises:
        CameraUnreachable, CameraConfused: as `Link.raw`.
    """
    if push_list_url is not None:
        with suppress(CameraRefused):
            await _call(link, push_list_url, PUSH_LIST, "X_TransferStart", {})
    try:
        yield
    finally:
        if push_list_url is not None:
            # A courtesy to the camera's screen: what was fetched has been checked by now.
            with anyio.CancelScope(shield=True), anyio.move_on_after(GOODBYE_SECONDS), suppress(CameraError):
                await _call(link, push_list_url, PUSH_LIST, "X_TransferEnd", {"ErrCode": "0"})


async def list_media(link: Link, content_directory_url: str) -> tuple[Original, ...]:
    """Return every picture the camera offers: those chosen on its screen where some were, else the whole card.

    Raises:
        CameraRefused: it does not show what it has.
        CameraConfused: its lists make no sense, or hold more than a card can.
        CameraUnreachable: as `Link.raw`, or its lists do not end.
    """
    walk = _Walk(link, content_directory_url)
    with listing_in_time():
        roots = await walk.roots()
        if _CHOSEN in roots:
            await walk.enter(_CHOSEN)
        if not walk.found:
            for root in roots:
                await walk.enter(root)
    if walk.refusal is not None and not walk.opened:
        raise walk.refusal
    return tuple(walk.found)


class _Walk:
    """One walk through the containers; each is entered once, whatever loops the camera's tree has."""

    def __init__(self, link: Link, url: str) -> None:
        self._link = link
        self._url = url
        self._entered: set[str] = set()
        self.opened = False
        self.refusal: CameraRefused | None = None
        self.found: list[Original] = []

    async def roots(self) -> tuple[str, ...]:
        """Return what lies at the root; a camera that does not show its root is asked for the known two."""
        try:
            listing = await self._browse("0", 0)
        except CameraRefused:
            return (_CHOSEN, _WHOLE_CARD)
        return listing.containers or (_CHOSEN, _WHOLE_CARD)

    async def enter(self, root: str) -> None:
        """Collect the pictures of a container and of all within it; one that is not there has none."""
        waiting = [(root, 0)]
        while waiting:
            container, depth = waiting.pop()
            if container in self._entered or depth > DEEPEST:
                continue
            self._entered.add(container)
            if len(self._entered) > MOST_CONTAINERS:
                raise CameraConfused(f"the camera lists more than {MOST_CONTAINERS} folders; no card holds so many")
            inside = await self._collect(container)
            waiting += [(one, depth + 1) for one in reversed(inside)]

    async def _collect(self, container: str) -> list[str]:
        """Take the pictures of one container, page by page, and return the containers in it."""
        inside: list[str] = []
        known: set[str] = set()
        start = 0
        while True:
            try:
                page = await self._browse(container, start)
            except CameraRefused as error:
                if start or container not in (_CHOSEN, _WHOLE_CARD):
                    raise
                self.refusal = error
                return []  # of the two known roots a camera has the one that fits what was pressed
            self.opened = True
            if page.ids and page.ids <= known:
                raise CameraConfused(f"the camera repeats the list of {container[:80]!r} for ever")
            self.found += [one for one in page.originals if one.uri not in known]
            inside += page.containers
            known |= page.ids
            if len(self.found) > MOST_ORIGINALS:
                raise CameraConfused(f"the camera lists more than {MOST_ORIGINALS} pictures; no card holds so many")
            start += page.returned
            at_the_end = page.total is not None and 0 < page.total <= start
            if not page.returned or at_the_end or start > MOST_ORIGINALS:
                return inside

    async def _browse(self, container: str, start: int) -> Listing:
        arguments = {
            "ObjectID": container,
            "BrowseFlag": "BrowseDirectChildren",
            "Filter": "*",
            "StartingIndex": str(start),
            "RequestedCount": str(PAGE),
            "SortCriteria": "",
        }
        return parse_listing(await _call(self._link, self._url, CONTENT_DIRECTORY, "Browse", arguments))


async def _call(link: Link, url: str, service: str, action: str, arguments: dict[str, str]) -> dict[str, str]:
    headers, body = encode_call(service, action, arguments)
    reply = await link.raw(url, body, headers=headers, cap_bytes=ANSWER_CAP_BYTES, seconds=SECONDS)
    await pause(SPACING_SECONDS)
    return decode_answer(reply.status, reply.body, action=action)
