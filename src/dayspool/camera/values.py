"""What the camera's answers mean: events, settings and picture addresses as values. No network here.

Events come as a list of objects, `null` for "no news", and lists of objects. They are told apart by their `type` and
never by their place: the order differs between generations, and is not known for the RX100 M2.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from dayspool.errors import CameraConfused

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CameraStatus", "Setting", "merge", "parse_events", "parse_names", "parse_picture_urls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraStatus:
    """What events told; `None` is "not told", which differs from empty.

    Attributes:
        state: `IDLE`, `StillCapturing`, `StillSaving`, `NotReady` …
        picture_urls: where the last exposures' pictures are offered.
        recordable_images: how many more fit on the card.
    """

    state: str | None = None
    shoot_mode: str | None = None
    shoot_modes: tuple[str, ...] | None = None
    methods: tuple[str, ...] | None = None
    picture_urls: tuple[str, ...] | None = None
    liveview: bool | None = None
    zoom_position: int | None = None
    recordable_images: int | None = None

    @property
    def is_idle(self) -> bool:
        """Whether the camera can take the next picture."""
        return self.state == "IDLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of a camera: its value now and, where it can be set, the choices."""

    name: str
    value: str | int | bool | None
    choices: tuple[str, ...] = ()
    writable: bool = False


def parse_events(result: list[Any]) -> CameraStatus:
    """Read the result of `receiveEvent` or `getEvent`; unknown types and malformed slots are passed over."""
    told: dict[str, Any] = {}
    for event in _objects(result):
        told.update(_read(event))
    return CameraStatus(**told)


def merge(known: CameraStatus, news: CameraStatus) -> CameraStatus:
    """Return what is known once `news` has come."""
    told = {field.name: getattr(news, field.name) for field in fields(news) if getattr(news, field.name) is not None}
    return replace(known, **told)


def _objects(result: list[Any]) -> Iterator[dict[str, Any]]:
    for slot in result:
        for event in slot if isinstance(slot, list) else (slot,):
            if isinstance(event, dict) and isinstance(event.get("type"), str):
                yield event


def _read(event: dict[str, Any]) -> dict[str, Any]:
    match event:
        case {"type": "cameraStatus", "cameraStatus": str(state)}:
            return {"state": state}
        case {"type": "availableApiList", "names": list(names)}:
            return {"methods": _texts(names)}
        case {"type": "takePicture", "takePictureUrl": list(urls)}:
            return {"picture_urls": _texts(urls)}
        case {"type": "shootMode", "currentShootMode": str(mode)}:
            choices = event.get("shootModeCandidates")
            return {"shoot_mode": mode, "shoot_modes": _texts(choices) if isinstance(choices, list) else None}
        case {"type": "liveviewStatus", "liveviewStatus": bool(running)}:
            return {"liveview": running}
        case {"type": "zoomInformation", "zoomPosition": int(position)}:
            return {"zoom_position": position}
        case {"type": "storageInformation", "numberOfRecordableImages": int(left)} if left >= 0:
            return {"recordable_images": left}
    return {}


def _texts(values: list[Any]) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str))


def parse_names(result: list[Any], method: str) -> tuple[str, ...]:
    """Read a result of the form `[["a", "b", …]]`.

    Raises:
        CameraConfused: it has another form.
    """
    if result and isinstance(result[0], list) and all(isinstance(name, str) for name in result[0]):
        return tuple(result[0])
    raise CameraConfused(f"{method}: expected a list of names, got {str(result)[:80]}")


def parse_picture_urls(result: list[Any]) -> tuple[str, ...]:
    """Read the result of `actTakePicture`: nested lists, `[["http://…"]]`.

    Raises:
        CameraConfused: there is no address in it.
    """
    urls = parse_names(result, "actTakePicture")
    if not urls:
        raise CameraConfused("actTakePicture: the camera named no picture")
    return urls
