"""The `avContent` service: what is on the card, by date or flat, and how it is deleted.

Recorded for the ILCE-QX1 by name only; parameters and results as clients of it use them. It works in "Contents
Transfer" and there only.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from dayspool.sim.card import CardFile, Kind, Variant
from dayspool.sim.exchange import illegal_argument, not_now
from dayspool.sim.faults import FaultKind
from dayspool.sim.parts import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dayspool.sim.body import Body
    from dayspool.sim.exchange import Caller, Handler

__all__ = ["content_handlers", "file_at"]

_SOURCE = "storage:memoryCard1"
_ITEM = "image:content?contentId="
_LARGEST_PAGE = 100
_NUMBER = re.compile(r"[0-9]{1,9}")
_EVIL = "../../x"
_FOLDERS = {Variant.ORIGINAL: "orig", Variant.LARGE: "lrg", Variant.SMALL: "sm", Variant.THUMBNAIL: "tn"}
_PLACE = "/contentstransfer/"
_STREAMING = (
    "setStreamingContent",
    "startStreaming",
    "pauseStreaming",
    "stopStreaming",
    "seekStreamingPosition",
    "requestToNotifyStreamingStatus",
)


def content_handlers(body: Body) -> Mapping[str, Handler]:
    """Return the handlers of the service, by method name."""
    working = {
        "getSchemeList": _schemes,
        "getSourceList": _sources,
        "getContentCount": _count,
        "getContentList": _list,
        "deleteContent": _delete,
        **dict.fromkeys(_STREAMING, _unsupported),
    }
    return {name: partial(_transferring, body, method) for name, method in working.items()}


def file_at(body: Body, path: str) -> tuple[CardFile, Variant] | None:
    """Return the file and its copy behind the path of an address this service gave; `None` when there is none."""
    if not path.startswith(_PLACE) or not _in_transfer(body):
        return None
    folder, _, number = path.removeprefix(_PLACE).partition("/")
    variant = next((variant for variant, own in _FOLDERS.items() if own == folder), None)
    file = _numbered(body, number.partition("/")[0])
    return (file, variant) if file is not None and variant is not None else None


def _in_transfer(body: Body) -> bool:
    return bool(body.state.values.get("CameraFunction") == "Contents Transfer")


async def _transferring(body: Body, method: Any, params: list[Any], caller: Caller) -> list[Any]:
    """Call a method of the service when the body is in "Contents Transfer".

    Raises:
        Refusal: it is not, or there is no card.
    """
    if not _in_transfer(body):
        raise not_now()
    if body.mishaps.lasting(FaultKind.NO_CARD):
        raise Refusal(41002, "Storage Has Been Removed")
    result: list[Any] = method(body, params, caller)
    return result


def _unsupported(body: Body, params: list[Any], caller: Caller) -> list[Any]:
    raise Refusal(15, "Unsupported Operation")


def _schemes(body: Body, params: list[Any], caller: Caller) -> list[Any]:
    return [[{"scheme": "storage"}]]


def _sources(body: Body, params: list[Any], caller: Caller) -> list[Any]:
    if _table(params).get("scheme") != "storage":
        raise illegal_argument()
    return [[{"source": _SOURCE}]]


def _count(body: Body, params: list[Any], caller: Caller) -> list[Any]:
    wanted = _table(params)
    date = _date(wanted.get("uri"))
    if date is None and wanted.get("view") == "date" and wanted.get("target") != "all":
        return [{"count": len(_dates(body))}]
    return [{"count": len(_files(body, date, wanted))}]


def _list(body: Body, params: list[Any], caller: Caller) -> list[Any]:
    wanted = _table(params)
    start, count, sort = wanted.get("stIdx", 0), wanted.get("cnt", 50), wanted.get("sort", "")
    if not (type(start) is int and type(count) is int and start >= 0 and 0 < count <= _LARGEST_PAGE):
        raise illegal_argument()
    if wanted.get("view", "date") not in ("date", "flat") or sort not in ("", "ascending", "descending"):
        raise illegal_argument()
    date = _date(wanted.get("uri"))
    rows: list[Any]
    if date is None and wanted.get("view", "date") == "date":
        rows = [_directory(day) for day in _dates(body)]
    else:
        rows = [_item(body, file, caller.host) for file in _files(body, date, wanted)]
    if sort == "descending":
        rows.reverse()
    return [rows[start : start + count]]


def _delete(body: Body, params: list[Any], caller: Caller) -> list[Any]:
    addresses = _table(params).get("uri")
    if not isinstance(addresses, list) or not 0 < len(addresses) <= _LARGEST_PAGE:
        raise illegal_argument()
    refusals = []
    for address in addresses:
        file = _file(body, address)
        if file is None:
            refusals.append(Refusal(41001, "Content Does Not Exist"))
        elif file.protected:
            refusals.append(Refusal(41000, "Content Is Protected"))
        else:
            body.card.delete(file)
    if refusals and len(addresses) > 1:
        raise Refusal(41003, "Some Content Could Not Be Deleted")
    if refusals:
        raise refusals[0]
    return []


def _table(params: list[Any]) -> dict[str, Any]:
    if len(params) != 1 or not isinstance(params[0], dict):
        raise illegal_argument()
    return params[0]


def _date(address: object) -> str | None:
    """Return the date that an address names, `None` for the whole card.

    Raises:
        Refusal: it is neither.
    """
    if address == _SOURCE:
        return None
    if isinstance(address, str) and address.startswith(f"{_SOURCE}?path="):
        return address.partition("=")[2]
    raise Refusal(41001, "Content Does Not Exist")


def _dates(body: Body) -> list[str]:
    return sorted({f"{file.taken:%Y-%m-%d}" for file in body.card.files})


def _files(body: Body, date: str | None, wanted: dict[str, Any]) -> list[CardFile]:
    """Return the files of a date, or all; `type` filters only in the date view (seen by kota65535's client)."""
    files = [file for file in body.card.files if date is None or f"{file.taken:%Y-%m-%d}" == date]
    kinds = wanted.get("type")
    if kinds is None or date is None:
        return files
    if not isinstance(kinds, list):
        raise illegal_argument()
    return [file for file in files if file.kind.value in kinds]


def _address(file: CardFile) -> str:
    return _ITEM + quote(f"index://1000/00000001-default/{file.folder:08X}-{file.number:08X}_{file.number}_1000", "")


def _file(body: Body, address: object) -> CardFile | None:
    if not isinstance(address, str) or not address.startswith(_ITEM):
        return None
    number = unquote(address).rpartition("_1000")[0].rpartition("_")[2]
    file = _numbered(body, number)
    return file if file is not None and _address(file) == address else None


def _numbered(body: Body, digits: str) -> CardFile | None:
    return body.card.numbered(int(digits)) if _NUMBER.fullmatch(digits) else None


def _directory(date: str) -> dict[str, Any]:
    return {
        "uri": f"{_SOURCE}?path={date}",
        "title": date.replace("-", ""),
        "createdTime": "",
        "contentKind": "directory",
        "folderNo": "",
        "fileNo": "",
        "isPlayable": "false",
        "isBrowsable": "true",
        "isProtected": "false",
        "remotePlayType": [],
    }


def _item(body: Body, file: CardFile, host: str) -> dict[str, Any]:
    base = f"http://{host}:{body.ports.media}{_PLACE}"
    evil = body.mishaps.lasting(FaultKind.EVIL_NAMES) is not None

    def link(variant: Variant, name: str) -> str:
        return f"{base}{_FOLDERS[variant]}/{file.number}/{quote(name, safe='')}"

    def original(name: str, kind: str) -> dict[str, Any]:
        shown = f"{_EVIL}{name}" if evil else name
        address = "" if kind == "raw" else link(Variant.ORIGINAL, shown)  # RAW never leaves the camera this way
        return {"url": address, "fileName": shown, **({"stillObject": kind} if kind else {})}

    stems = ([f"{file.stem}.JPG"] if file.jpeg else []) if file.kind is Kind.STILL else []
    originals = [original(name, "jpeg") for name in stems]
    originals += [original(f"{file.stem}.ARW", "raw")] if file.raw else []
    originals += [original(file.name, "")] if file.kind is Kind.MOVIE else []
    return {
        "uri": _address(file),
        "title": file.stem,
        "createdTime": file.taken.isoformat(timespec="seconds"),
        "contentKind": file.kind.value,
        "folderNo": str(file.folder),
        "fileNo": f"{file.number:04d}",
        "isPlayable": "true",
        "isBrowsable": "false",
        "isProtected": "true" if file.protected else "false",
        "remotePlayType": ["simpleStreaming"] if file.kind is Kind.MOVIE else [],
        "content": {
            "original": originals,
            "largeUrl": "" if file.kind is Kind.MOVIE else link(Variant.LARGE, file.name),
            "smallUrl": "" if file.kind is Kind.MOVIE else link(Variant.SMALL, file.name),
            "thumbnailUrl": link(Variant.THUMBNAIL, file.name),
        },
    }
