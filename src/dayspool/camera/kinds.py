"""Every setting the protocol knows, as data: what it is called here and on the wire, its shape, unit and known values.

Shapes and keys as in `getMethodTypes` and the events of an ILCE-5000, ILCE-6300 and HDR-AS100V, the object shapes
beyond those as the kz client writes them; values as in the recorded lists of DSC-HX60V, DSC-QX10, DSC-WX350, HDR-AS15,
HDR-AS100V, ILCE-5000, ILCE-6300, ILCE-7R and, for what none of these has, as in kz.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COLOR_TEMPERATURE", "KINDS", "Raw", "SettingKind", "Shape"]

Raw = str | int | bool | tuple[str, str | int]
COLOR_TEMPERATURE = "Color Temperature"


class Shape(StrEnum):
    """How the calls of a setting are built."""

    PLAIN = "plain"  # set [v], get [v], getAvailable [v, [v…]], getSupported [[v…]]
    STEP = "step"  # set [i], get [i], getAvailable [i, max, min, step], getSupported [[max], [min], [step]]
    SHIFT = "shift"  # set [i], getSupported [[max, min]]; no getter, and the event says only whether it is shifted
    OBJECT = "object"  # set [{key: v}], get [{key: v}], getAvailable [{key: v, "candidate": [v…]}], getSupported alike
    WHITE_BALANCE = "white balance"  # set [mode, by kelvin, kelvin]; the others hold objects and a kelvin range
    STILL_SIZE = "still size"  # set [aspect, size]; the others hold objects


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingKind:
    """One setting.

    Attributes:
        name: ours, in a photographer's words.
        group: the end of its methods' names: `setX`, `getX`, `getAvailableX`, `getSupportedX`.
        event: the type of its event.
        keys: where the event holds the value and the choices; for an object, the calls hold them there too.
        unit: as in `human`; empty for words.
        has_setter: whether any camera is known to have `setX`.
        known: values known from any camera, for one that does not tell its choices.
        words: what people say, and what the camera calls it.
    """

    name: str
    group: str
    shape: Shape = Shape.PLAIN
    event: str
    keys: tuple[str, str]
    unit: str = ""
    has_setter: bool = True
    known: tuple[Raw, ...] = ()
    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def _plain(
    name: str,
    group: str,
    *known: Raw,
    unit: str = "",
    has_setter: bool = True,
    words: Mapping[str, str] | None = None,
    shape: Shape = Shape.PLAIN,
) -> SettingKind:
    event = "aeLock" if group == "AELock" else group[0].lower() + group[1:]
    return SettingKind(
        name=name,
        group=group,
        shape=shape,
        event=event,
        keys=(f"current{group}", f"{event}Candidates"),
        unit=unit,
        has_setter=has_setter,
        known=known,
        words=words or {},
    )


def _object(
    name: str,
    group: str,
    key: str,
    *known: Raw,
    event: str = "",
    unit: str = "",
    words: Mapping[str, str] | None = None,
) -> SettingKind:
    return SettingKind(
        name=name,
        group=group,
        shape=Shape.OBJECT,
        event=event or group[0].lower() + group[1:],
        keys=(key, "candidate"),
        unit=unit,
        known=known,
        words=words or {},
    )


_ON_OFF = ("On", "Off")
_SHUTTERS = (
    *("BULB", '30"', '25"', '20"', '15"', '13"', '10"', '8"', '6"', '5"', '4"', '3.2"', '2.5"', '2"', '1.6"', '1.3"'),
    *('1"', '0.8"', '0.6"', '0.5"', '0.4"', "1/3", "1/4", "1/5", "1/6", "1/8", "1/10", "1/13", "1/15", "1/20", "1/25"),
    *("1/30", "1/40", "1/50", "1/60", "1/80", "1/100", "1/125", "1/160", "1/200", "1/250", "1/320", "1/400", "1/500"),
    *("1/640", "1/800", "1/1000", "1/1250", "1/1600", "1/2000", "1/2500", "1/3200", "1/4000", "1/5000", "1/6400"),
    "1/8000",
)
_APERTURES = (
    *("1.8", "2.0", "2.2", "2.5", "2.8", "3.2", "3.5", "4.0", "4.5", "5.0", "5.6", "6.3", "7.1", "8.0", "9.0", "10"),
    *("11", "13", "14", "16", "18", "20", "22"),
)
_ISOS = (
    *("AUTO", "50", "64", "80", "100", "125", "160", "200", "250", "320", "400", "500", "640", "800", "1000", "1250"),
    *("1600", "2000", "2500", "3200", "4000", "5000", "6400", "8000", "10000", "12800", "16000", "20000", "25600"),
)
_WHITE_BALANCES = (
    *("Auto WB", "Daylight", "Shade", "Cloudy", "Incandescent", "Fluorescent: Warm White (-1)"),
    *("Fluorescent: Cool White (0)", "Fluorescent: Day White (+1)", "Fluorescent: Daylight (+2)", "Flash"),
    *("Custom", "Custom 1", "Custom 2", "Custom 3"),
)
_MODE_WORDS = {
    **{"p": "Program Auto", "program": "Program Auto", "a": "Aperture", "av": "Aperture", "s": "Shutter"},
    **{"tv": "Shutter", "m": "Manual", "auto": "Intelligent Auto", "auto+": "Superior Auto"},
    **{"aperture priority": "Aperture", "shutter priority": "Shutter"},
}
_WHITE_WORDS = {
    **{"auto": "Auto WB", "awb": "Auto WB", "tungsten": "Incandescent", "warm white": "Fluorescent: Warm White (-1)"},
    **{"cool white": "Fluorescent: Cool White (0)", "day white": "Fluorescent: Day White (+1)"},
    "fluorescent daylight": "Fluorescent: Daylight (+2)",
}
_DRIVE_WORDS = {"burst": "Burst (10 frames)", "speed priority": "Spd Priority Cont."}
_ZOOM_WORDS = {
    **{"optical": "Optical Zoom Only", "smart": "Smart Zoom Only", "clear image": "On:Clear Image Zoom"},
    "digital": "On:Digital Zoom",
}

KINDS: tuple[SettingKind, ...] = (
    _plain("shoot-mode", "ShootMode", "still", "movie", "audio", "intervalstill", "looprec", words={"photo": "still"}),
    _plain(
        "exposure-mode",
        "ExposureMode",
        *("Program Auto", "Aperture", "Shutter", "Manual", "Intelligent Auto", "Superior Auto"),
        words=_MODE_WORDS,
    ),
    _plain("shutter", "ShutterSpeed", *_SHUTTERS, unit="s"),
    _plain("aperture", "FNumber", *_APERTURES, unit="f/"),
    _plain("iso", "IsoSpeedRate", *_ISOS, unit="ISO"),
    _plain("exposure-compensation", "ExposureCompensation", unit="EV", shape=Shape.STEP),
    SettingKind(
        name="program-shift",
        group="ProgramShift",
        shape=Shape.SHIFT,
        event="programShift",
        keys=("isShifted", ""),
        unit="steps",
    ),
    SettingKind(
        name="white-balance",
        group="WhiteBalance",
        shape=Shape.WHITE_BALANCE,
        event="whiteBalance",
        keys=("currentWhiteBalanceMode", "currentColorTemperature"),
        unit="K",
        known=tuple((mode, -1) for mode in _WHITE_BALANCES),
        words=_WHITE_WORDS,
    ),
    _plain("focus-mode", "FocusMode", "AF-S", "AF-C", "DMF", "MF", words={"manual": "MF"}),
    _object(
        "drive-mode",
        "ContShootingMode",
        "contShootingMode",
        *("Single", "Continuous", "Spd Priority Cont.", "Burst (10 frames)", "MotionShot"),
        words=_DRIVE_WORDS,
    ),
    _object(
        "drive-speed",
        "ContShootingSpeed",
        "contShootingSpeed",
        *("Hi", "Low", "10fps 1sec", "8fps 1sec", "5fps 2sec", "2fps 5sec"),
        words={"high": "Hi"},
    ),
    _plain("self-timer", "SelfTimer", 0, 2, 10, unit="s"),
    _plain("flash", "FlashMode", "off", "auto", "on", "slowSync", "rearSync", "wireless"),
    SettingKind(
        name="still-size",
        group="StillSize",
        shape=Shape.STILL_SIZE,
        event="stillSize",
        keys=("currentAspect", "currentSize"),
    ),
    _object("still-quality", "StillQuality", "stillQuality", "RAW+JPEG", "Fine", "Standard", words={"raw": "RAW+JPEG"}),
    _plain("postview-size", "PostviewImageSize", "Original", "2M"),
    _plain("liveview-size", "LiveviewSize", "L", "M", has_setter=False),
    _object("focus-frames", "LiveviewFrameInfo", "frameInfo", True, False),
    _object(
        "zoom-setting",
        "ZoomSetting",
        "zoom",
        *("Optical Zoom Only", "Smart Zoom Only", "On:Clear Image Zoom", "On:Digital Zoom", "Off:Digital Zoom"),
        words=_ZOOM_WORDS,
    ),
    SettingKind(
        name="zoom-position",
        group="ZoomPosition",
        event="zoomInformation",
        keys=("zoomPosition", ""),
        unit="%",
        has_setter=False,
    ),
    _object("tracking-focus", "TrackingFocus", "trackingFocus", *_ON_OFF),
    _plain("exposure-lock", "AELock", has_setter=False),
    _plain("bracketing", "BracketShootMode", has_setter=False),
    _plain("creative-style", "CreativeStyle", has_setter=False),
    _plain("picture-effect", "PictureEffect", has_setter=False),
    _object("silent-shooting", "SilentShootingSetting", "silentShooting", *_ON_OFF, event="silentShooting"),
    _plain("beep", "BeepMode", "Off", "On", "Shutter Only", "Silent"),
    _plain(
        "camera-function",
        "CameraFunction",
        *("Remote Shooting", "Contents Transfer"),
        words={"remote": "Remote Shooting", "transfer": "Contents Transfer"},
    ),
    _object("auto-power-off", "AutoPowerOff", "autoPowerOff", unit="s"),
    _object("interval-time", "IntervalTime", "intervalTimeSec", unit="s"),
    _object("scene", "SceneSelection", "scene"),
    _object("color", "ColorSetting", "colorSetting"),
    _object("flip", "FlipSetting", "flip", *_ON_OFF),
    _plain("steady", "SteadyMode", "off", "on"),
    _plain("view-angle", "ViewAngle", 120, 170, unit="°"),
    _plain("movie-quality", "MovieQuality", "PS", "HQ", "STD", "VGA", "SLOW", "SSLOW", "HS120", "HS240"),
    _object("movie-format", "MovieFileFormat", "movieFileFormat"),
    _object("loop-time", "LoopRecTime", "loopRecTimeMin", unit="min"),
    _object("audio-recording", "AudioRecording", "audioRecording", *_ON_OFF),
    _object("wind-noise-reduction", "WindNoiseReduction", "windNoiseReduction", *_ON_OFF),
    _object("tv-color-system", "TvColorSystem", "tvColorSystem", "NTSC", "PAL"),
    _object("infrared-remote", "InfraredRemoteControl", "infraredRemoteControl", *_ON_OFF),
)
