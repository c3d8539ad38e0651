"""Originals by avContent: the card's pictures over the JSON protocol, on bodies with "Contents Transfer".

The camera cannot shoot meanwhile, so it is always put back. Nothing is ever deleted. Sequence and versions as coded by
kota (run on ILCE-QX1 and HDR-AZ1) and kz-remote-api; the flat view is left alone: it takes minutes on a full card.
"""

from __future__ import annotations

from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio

from dayspool.camera.events import NOT_READY
from dayspool.camera.original import MOST_ORIGINALS, Content, Original, listing_in_time, moment_of, short_text
from dayspool.clock import pause
from dayspool.errors import CameraBusy, CameraConfused, CameraError, CameraUnreachable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator
    from datetime import datetime

    from dayspool.camera.line import Line
    from dayspool.camera.sony import SonyCamera

__all__ = ["contents_transfer", "list_contents", "parse_contents"]

TRANSFER, SHOOTING = "Contents Transfer", "Remote Shooting"
TRANSFER_STATE = "ContentsTransfer"
SWITCH_SECONDS = 20.0
ASK_AGAIN_SECONDS = 0.5
_MOST_SOURCES = 8
MOST_DAYS = 4_000  # eleven years
_MOST_FILES = 4
PAGE = 100  # the most that getContentList gives at once
LIST_SECONDS = 30.0
_SERVICE = "avContent"
_STILL = ["still"]  # the filter works in the date view only (kota)
_CONTENTS = {"jpeg": Content.JPEG, "mpo": Content.JPEG, "raw": Content.RAW}
_HINT = "switch the camera off and on to shoot again"


@asynccontextmanager
async def contents_transfer(camera: SonyCamera) -> AsyncIterator[Line]:
    """Put the camera into "Contents Transfer", and back into "Remote Shooting" whatever happens.

    Raises:
        CameraRefused: this body does not do that.
        CameraUnreachable: it did not get there in time, or not back.
        CameraError: as `Link.call`.
    """
    try:
        await _switch(camera, TRANSFER)
        yield camera.line
    except BaseException as error:
        with anyio.CancelScope(shield=True):
            try:
                await _switch(camera, SHOOTING)
            except CameraError as stuck:
                error.add_note(f"{stuck}; {_HINT}")
        raise
    with anyio.CancelScope(shield=True):
        try:
            await _switch(camera, SHOOTING)
        except CameraError as stuck:
            raise CameraUnreachable(f"{stuck}; {_HINT}", sent=True) from stuck


async def _switch(camera: SonyCamera, function: str) -> None:
    """Set the camera's function, unless it has it, and wait until its events say so.

    The answer, and the event `cameraFunctionResult`, are unreliable (kota); `cameraFunction` and the state are not.
    """
    asked = False
    try:
        with anyio.fail_after(SWITCH_SECONDS):
            while True:
                try:
                    status = await camera.status()
                    if status.camera_function in (function, None) and _arrived(status.state, function):
                        return
                    if not asked:
                        await camera.line.call("setCameraFunction", [function])
                        asked = True
                except CameraBusy:  # it is still saving, or changing over: ask again
                    pass
                await pause(ASK_AGAIN_SECONDS)
    except TimeoutError:
        message = f"the camera did not change to {function!r} within {SWITCH_SECONDS:g} s"
        raise CameraUnreachable(message, sent=True) from None


def _arrived(state: str | None, function: str) -> bool:
    """Tell whether the camera has changed over; between the two it is not ready, and shoots as little as it lists."""
    return state == TRANSFER_STATE if function == TRANSFER else state not in (TRANSFER_STATE, NOT_READY)


async def list_contents(
    line: Line, *, newest: int | None = None, since: datetime | None = None
) -> tuple[Original, ...]:
    """Return the pictures of every card, day by day, the newest day first, as the camera lists them.

    With `newest` or `since`, days that cannot matter any more are not asked for; what is returned may still hold more.

    Raises:
        CameraConfused: an answer makes no sense, or there are more pictures, or days, than a card can hold.
        CameraUnreachable: as `Link.call`, or the list does not end.
        CameraError: as `Link.call`.
    """
    with listing_in_time():
        return tuple(await _list(line, newest, since))


async def _list(line: Line, newest: int | None, since: datetime | None) -> list[Original]:
    found: list[Original] = []
    for source in await _sources(line):
        wanted = len(found) + newest if newest is not None else None
        async with aclosing(_pages(line, source, None)) as days:
            async for day in days:
                if not isinstance(day, dict) or (uri := short_text(day.get("uri"))) is None:
                    continue
                of_day = [one async for item in _pages(line, uri, _STILL) for one in parse_contents(item)]
                found += of_day
                if len(found) > MOST_ORIGINALS:
                    raise CameraConfused(f"the camera lists more than {MOST_ORIGINALS} pictures; no card holds so many")
                if wanted is not None and len(found) >= wanted:
                    break
                if since is not None and of_day and all(one.taken is not None and one.taken < since for one in of_day):
                    break
    return found


async def _sources(line: Line) -> list[str]:
    """Return the cards' addresses, such as `storage:memoryCard1`."""
    schemes = _rows(await line.call("getSchemeList", service=_SERVICE), "getSchemeList")
    sources: list[str] = []
    for row in schemes[:_MOST_SOURCES]:
        if isinstance(row, dict) and row.get("scheme") == "storage":
            answer = await line.call("getSourceList", [{"scheme": "storage"}], service=_SERVICE)
            sources += [
                uri
                for source in _rows(answer, "getSourceList")[:_MOST_SOURCES]
                if isinstance(source, dict) and (uri := short_text(source.get("source"))) is not None
            ]
    return sources


async def _pages(line: Line, uri: str, kinds: list[str] | None) -> AsyncGenerator[Any]:
    """Yield what lies at `uri` in the date view: days at a card's address, items at a day's."""
    view: dict[str, Any] = {"uri": uri, "view": "date"} | ({"type": kinds} if kinds else {})
    answer = await line.call("getContentCount", [view], service=_SERVICE, version="1.2", seconds=LIST_SECONDS)
    count = answer[0].get("count") if answer and isinstance(answer[0], dict) else None
    if not isinstance(count, int) or not 0 <= count <= MOST_ORIGINALS:
        raise CameraConfused(f"getContentCount: expected a number of pictures, got {str(answer)[:80]}")
    start = 0
    while start < count:
        if kinds is None and start >= MOST_DAYS:
            raise CameraConfused(f"the card holds pictures of more than {MOST_DAYS} days; ask for the newest alone")
        page = view | {"stIdx": start, "cnt": min(PAGE, count - start), "sort": "descending"}
        answer = await line.call("getContentList", [page], service=_SERVICE, version="1.3", seconds=LIST_SECONDS)
        rows = _rows(answer, "getContentList")[:PAGE]
        if not rows:  # something was deleted meanwhile
            return
        for row in rows:
            yield row
        start += len(rows)


def _rows(result: list[Any], method: str) -> list[Any]:
    if result and isinstance(result[0], list):
        return result[0]
    raise CameraConfused(f"{method}: expected a list, got {str(result)[:80]}")


def parse_contents(item: object) -> Iterator[Original]:
    """Read one item of `getContentList`: each of its original files, or if it has none the large copy.

    A picture taken as RAW+JPEG is one item with two files (`stillObject` is jpeg, raw or mpo). What is no still, or has
    no address, is passed over.
    """
    if not isinstance(item, dict) or item.get("contentKind") != "still" or not isinstance(item.get("content"), dict):
        return
    content = item["content"]
    files = content["original"][:_MOST_FILES] if isinstance(content.get("original"), list) else []
    offers = [
        (url, file.get("fileName"), _CONTENTS.get(str(file.get("stillObject")), Content.JPEG))
        for file in files
        if isinstance(file, dict) and (url := short_text(file.get("url"))) is not None
    ]
    if not offers and (url := short_text(content.get("largeUrl"))) is not None:
        names = [file.get("fileName") for file in files if isinstance(file, dict)]
        offers = [(url, next(iter(names), None), Content.REDUCED)]
    for url, name, kind in offers:
        yield Original(
            name=short_text(name) or short_text(item.get("title")) or "",
            uri=short_text(item.get("uri")) or url,
            url=url,
            content=kind,
            taken=moment_of(item.get("createdTime")),
        )
