"""What the camera's answers mean: events and picture addresses as values. No network here.

Events come as a list of objects, `null` for "no news", and lists of objects. They are told apart by their `type` and
never by their place: the order differs between generations, and is not known for the RX100 M2.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from dayspool.errors import CameraConfused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = [
    "Battery",
    "CameraStatus",
    "StorageInfo",
    "events_in",
    "merge",
    "parse_events",
    "parse_names",
    "parse_picture_urls",
]

NO_MEDIA = "No Media"


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """One battery as event `batteryInfo` tells it (getEvent 1.2 and later).

    Attributes:
        name: the camera's own, such as `externalBattery1`.
        level: how full, 0 to 1; `None` when the camera does not know.
        active: whether the camera draws on it.
        charging: whether it is being charged.
        near_end: whether the camera warns that it is nearly empty.
    """

    name: str
    level: float | None = None
    active: bool = False
    charging: bool = False
    near_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageInfo:
    """One card as `storageInformation` tells it.

    Attributes:
        name: the camera's own, such as `Memory Card 1`.
        target: whether pictures are written to it.
        images_left: how many more fit; `None` when the camera does not know.
        seconds_left: how much film more fits, in seconds; `None` when the camera does not know.
        no_media: whether there is no card in the slot.
    """

    name: str
    target: bool = False
    images_left: int | None = None
    seconds_left: int | None = None
    no_media: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraStatus:
    """What events told; `None` is "not told", which differs from empty.

    Attributes:
        state: `IDLE`, `StillCapturing`, `StillSaving`, `NotReady` …
        picture_urls: where the last exposures' pictures are offered.
        recordable_images: how many more fit on the card that is written to.
        focus_status: `Not Focusing`, `Focusing`, `Focused`, `Failed`.
        camera_function: `Remote Shooting`, `Contents Transfer`.
        exposure_mode: as the camera writes it; so are shutter, aperture (`--` is "no lens tells"), iso, focus_mode,
            postview_size and drive_mode.
        continuous_urls: where the pictures of a burst are offered.
        bulb_urls: where the pictures of bulb exposures are offered.
        bulb_seconds: how long a bulb exposure has gone on.
        orientation_degrees: how far the liveview is turned: 0, 90, 180 or 270.
        scene: what the automatic modes take the scene for.
        touch_position: where the touched focus point is, in percent of width and height; empty when there is none.
    """

    state: str | None = None
    shoot_mode: str | None = None
    shoot_modes: tuple[str, ...] | None = None
    methods: tuple[str, ...] | None = None
    picture_urls: tuple[str, ...] | None = None
    liveview: bool | None = None
    zoom_position: int | None = None
    recordable_images: int | None = None
    focus_status: str | None = None
    camera_function: str | None = None
    exposure_mode: str | None = None
    shutter: str | None = None
    aperture: str | None = None
    iso: str | None = None
    focus_mode: str | None = None
    postview_size: str | None = None
    drive_mode: str | None = None
    self_timer_seconds: int | None = None
    battery: tuple[Battery, ...] | None = None
    storage: tuple[StorageInfo, ...] | None = None
    continuous_urls: tuple[str, ...] | None = None
    bulb_urls: tuple[str, ...] | None = None
    bulb_seconds: int | None = None
    orientation_degrees: int | None = None
    exposure_locked: bool | None = None
    program_shifted: bool | None = None
    scene: str | None = None
    touch_position: tuple[float, ...] | None = None
    tracking: str | None = None

    @property
    def is_idle(self) -> bool:
        """Whether the camera can take the next picture."""
        return self.state == "IDLE"


def parse_events(result: list[Any]) -> CameraStatus:
    """Read the result of `receiveEvent` or `getEvent`; unknown types and malformed slots are passed over."""
    told: dict[str, Any] = {}
    cards: list[StorageInfo] = []
    for event in events_in(result):
        for key, field, read in _FIELDS.get(event["type"], ()):
            value = read(event.get(key))
            if value is not None:
                told[field] = value
        if event["type"] == "storageInformation" and (card := _card(event)) is not None:
            cards.append(card)
    return CameraStatus(**told, **_on_cards(cards))


def merge(known: CameraStatus, news: CameraStatus) -> CameraStatus:
    """Return what is known once `news` has come."""
    told = {field.name: getattr(news, field.name) for field in fields(news) if getattr(news, field.name) is not None}
    return replace(known, **told)


def events_in(result: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the events of a result, each with a `type` that is a text; whatever else lies between is passed over."""
    for slot in result:
        for event in slot if isinstance(slot, list) else (slot,):
            if isinstance(event, dict) and isinstance(event.get("type"), str):
                yield event


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...] | None:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _count(value: object) -> int | None:
    """Return a number that counts; −1 is the camera's word for "not known"."""
    number = _whole(value)
    return number if number is not None and number >= 0 else None


def _degrees(value: object) -> int | None:
    return int(value) if isinstance(value, str) and value in ("0", "90", "180", "270") else None


def _point(value: object) -> tuple[float, ...] | None:
    if not isinstance(value, list):
        return None
    return tuple(float(part) for part in value if isinstance(part, int | float) and 0 <= part <= 100)


def _urls(value: object) -> tuple[str, ...] | None:
    """Read `[{"postviewUrl":…, "thumbnailUrl":…}]`, or the addresses alone."""
    if not isinstance(value, list):
        return None
    urls = (item.get("postviewUrl") if isinstance(item, dict) else item for item in value)
    return tuple(url for url in urls if isinstance(url, str) and url)


def _batteries(value: object) -> tuple[Battery, ...] | None:
    if not isinstance(value, list):
        return None
    return tuple(_battery(item) for item in value if isinstance(item, dict) and item.get("batteryID") != "noBattery")


def _battery(item: dict[str, Any]) -> Battery:
    filled, whole = _count(item.get("levelNumer")), _count(item.get("levelDenom"))
    return Battery(
        name=_text(item.get("batteryID")) or "",
        level=filled / whole if filled is not None and whole and filled <= whole else None,
        active=item.get("status") == "active",
        charging=item.get("additionalStatus") == "charging",
        near_end=item.get("additionalStatus") == "batteryNearEnd",
    )


def _card(event: dict[str, Any]) -> StorageInfo | None:
    names = [name for key in ("storageID", "storageDescription") if (name := _text(event.get(key)))]
    images, seconds = _count(event.get("numberOfRecordableImages")), _count(event.get("recordableTime"))
    if not names and images is None and seconds is None:
        return None
    return StorageInfo(
        name=names[0] if names else "",
        target=event.get("recordTarget") is True,
        images_left=images,
        seconds_left=seconds,
        no_media=NO_MEDIA in names,
    )


def _on_cards(cards: list[StorageInfo]) -> dict[str, Any]:
    """Return what the cards tell together; of several, the one that is written to says how much fits."""
    if not cards:
        return {}
    left = next((card.images_left for card in cards if card.target), cards[-1].images_left)
    return {"storage": tuple(cards), "recordable_images": left}


# What each type of event tells: its key, our field, and how it is read. The settings' events are read in `settings`.
_FIELDS: Mapping[str, tuple[tuple[str, str, Callable[[object], object]], ...]] = {
    "availableApiList": (("names", "methods", _texts),),
    "cameraStatus": (("cameraStatus", "state", _text),),
    "zoomInformation": (("zoomPosition", "zoom_position", _count),),
    "liveviewStatus": (("liveviewStatus", "liveview", _flag),),
    "liveviewOrientation": (("liveviewOrientation", "orientation_degrees", _degrees),),
    "takePicture": (("takePictureUrl", "picture_urls", _texts),),
    "sceneRecognition": (("sceneRecognition", "scene", _text),),
    "cameraFunction": (("currentCameraFunction", "camera_function", _text),),
    "exposureMode": (("currentExposureMode", "exposure_mode", _text),),
    "postviewImageSize": (("currentPostviewImageSize", "postview_size", _text),),
    "shootMode": (("currentShootMode", "shoot_mode", _text), ("shootModeCandidates", "shoot_modes", _texts)),
    "aeLock": (("currentAELock", "exposure_locked", _flag),),
    "fNumber": (("currentFNumber", "aperture", _text),),
    "focusMode": (("currentFocusMode", "focus_mode", _text),),
    "isoSpeedRate": (("currentIsoSpeedRate", "iso", _text),),
    "programShift": (("isShifted", "program_shifted", _flag),),
    "shutterSpeed": (("currentShutterSpeed", "shutter", _text),),
    "touchAFPosition": (("currentTouchCoordinates", "touch_position", _point),),
    "focusStatus": (("focusStatus", "focus_status", _text),),
    "contShootingMode": (("contShootingMode", "drive_mode", _text),),
    "selfTimer": (("currentSelfTimer", "self_timer_seconds", _count),),
    "contShooting": (("contShootingUrl", "continuous_urls", _urls),),
    "trackingFocusStatus": (("trackingFocusStatus", "tracking", _text),),
    "batteryInfo": (("batteryInfo", "battery", _batteries),),
    "bulbCapturingTime": (("bulbCapturingTime", "bulb_seconds", _count),),
    "bulbShooting": (("bulbShootingUrl", "bulb_urls", _urls),),
}


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
