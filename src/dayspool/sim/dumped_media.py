"""Pictures of a dumped camera: where its liveview and postviews are, how large they come, and through which lens."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dayspool.sim.dumped_settings import slot_rows
from dayspool.sim.models import PROFILES
from dayspool.sim.models.values import RESOURCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dayspool.sim.dumped import Described
    from dayspool.sim.profile import Setting

__all__ = ["address_of", "liveview_from", "optics_from", "postview_from"]

_LIVEVIEW = {
    "G2": "/liveview/liveviewstream",
    "G3": "/liveviewstream?%211234%21%2a%3a%2a%3aimage%2fjpeg%3a%2a%21%21%21%21%21",
}
_MEDIA_PORT = 60_152
_APP_POSTVIEW = "postview/pict{taken:%Y%m%d_%H%M%S}_{count}.JPG"  # recorded: ILCE-6300
_POSTVIEW = "pict{taken:%y%m%d_%H%M%S}{count:04d}.JPG"  # recorded: DSC-QX100
_SHOTS = frozenset({"actTakePicture", "awaitTakePicture"})
_ANY_LENS = (16.0, 50.0)  # a zoom such as most bodies carry; a dump names no lens
_ASPECT = re.compile(r"([1-9]\d?):([1-9]\d?)")
_MEGAPIXELS = re.compile(r"(\d{1,2}(?:\.\d)?)M")


def address_of(url: object) -> tuple[str, int, str] | None:
    """Return host, port and path with query of an HTTP address; `None` when it is none."""
    if not (isinstance(url, str) and url.isascii() and url.isprintable() and " " not in url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError:
        return None
    if parts.scheme != "http" or not parts.hostname:
        return None
    return parts.hostname, port, parts.path + (f"?{parts.query}" if parts.query else "")


def liveview_from(dump: dict[str, Any], page: Described, generation: str, control: int) -> tuple[int, str]:
    """Return port and path of liveview: as recorded, or as the generation has it."""
    told = (dump.get("liveview") or {}).get("url")
    for result in _results(dump, {"startLiveview"}):
        told = told or (result[0] if result else None)
    if (address := address_of(told or page.liveview_url)) is not None:
        return address[1:]
    return control if generation == "G2" else _MEDIA_PORT, _LIVEVIEW.get(generation, f"/liveview.JPG?{RESOURCE}")


def postview_from(dump: dict[str, Any], generation: str) -> tuple[str, str]:
    """Return form and query of postview addresses: as the first recorded one, or as the generation has them."""
    for url in _postviews(dump):
        address = address_of(url)
        if address is not None:
            path, _, query = address[2].partition("?")
            return _APP_POSTVIEW if path.startswith("/postview/") else _POSTVIEW, query
    return (_APP_POSTVIEW, "") if generation in {"G2", "G3"} else (_POSTVIEW, RESOURCE)


def _results(dump: dict[str, Any], methods: Iterable[str]) -> Iterator[list[Any]]:
    for exchange in dump.get("exchanges") or []:
        reply = exchange.get("reply")
        result = reply.get("result") if isinstance(reply, dict) else None
        if exchange.get("method") in [*methods] and isinstance(result, list):
            yield result


def _postviews(dump: dict[str, Any]) -> Iterator[object]:
    lists = [result[0] for result in _results(dump, _SHOTS) if result]
    lists += [row.get("takePictureUrl") for row in slot_rows(dump, "takePicture")]
    for urls in lists:
        yield from urls if isinstance(urls, list) else ()


def optics_from(dump: dict[str, Any], settings: tuple[Setting, ...], *, zooms: bool) -> Mapping[str, Any]:
    """Return lens and picture size: those of the model when it is known, else what the largest still size says."""
    known = next((profile for profile in PROFILES.values() if profile.model == dump.get("model")), None)
    if known is not None:
        return {"focal_mm": known.focal_mm, "original_px": known.original_px, "postview_px": known.postview_px}
    told: dict[str, Any] = {"focal_mm": _ANY_LENS if zooms else (_ANY_LENS[0], _ANY_LENS[0])}
    still = next((setting for setting in settings if setting.group == "StillSize"), None)
    pairs = [] if still is None else [still.value, *(still.supported or ())]
    sizes = [size for pair in pairs if (size := _size(*pair)) is not None]
    return told | ({"original_px": max(sizes, key=math.prod)} if sizes else {})


def _size(aspect: str, megapixels: str) -> tuple[int, int] | None:
    """Return width and height of a still size such as `3:2`, `20M`; `None` when it says none."""
    shape, many = _ASPECT.fullmatch(aspect), _MEGAPIXELS.fullmatch(megapixels)
    if shape is None or many is None or not float(many[1]):
        return None
    wide = int(shape[1]) / int(shape[2])
    height = math.sqrt(float(many[1]) * 1e6 / wide)
    return 8 * round(height * wide / 8), 8 * round(height / 8)
