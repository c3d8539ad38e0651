"""The groups of settings and the slots of an event: what each is called, and in which shape it travels.

From `getMethodTypes` of an ILCE-5000 (96 rows of version 1.0, `getEvent` in 1.0 to 1.4); object groups that the A5000
lacks are coded in clients of cameras that have them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["GROUPS", "SLOTS", "SLOTS_OF_VERSION", "Group", "Shape", "Slot", "slot_index"]


class Shape(StrEnum):
    """How a setting travels."""

    TEXT = "text"  # ["1/60"]
    NUMBER = "number"  # [2]
    STEP = "step"  # [3], with highest, lowest and step
    OBJECT = "object"  # [{"zoom": "Optical Zoom Only"}]
    WHITE_BALANCE = "white balance"
    STILL_SIZE = "still size"
    SHIFT = "shift"  # set only: setProgramShift


@dataclass(frozen=True, slots=True)
class Group:
    """One group of methods: `set`, `get`, `getAvailable` and `getSupported`.

    Attributes:
        name: what stands after the verb.
        shape: how its values travel.
        key: the key of its object; empty for other shapes.
        slot: the type of the event that tells of it; empty when none does.
        kind: the type of its values in a signature.
    """

    name: str
    shape: Shape
    key: str = ""
    slot: str = ""
    kind: str = "string"


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


_TEXTS = (
    "ShootMode ExposureMode FNumber IsoSpeedRate ShutterSpeed FocusMode FlashMode PostviewImageSize BeepMode "
    "CameraFunction SteadyMode MovieQuality"
)
_OBJECTS = {  # group → key
    "ContShootingMode": "contShootingMode",
    "ContShootingSpeed": "contShootingSpeed",
    "StillQuality": "stillQuality",
    "ZoomSetting": "zoom",
    "FlipSetting": "flip",
    "SceneSelection": "scene",
    "IntervalTime": "intervalTimeSec",
    "LoopRecTime": "loopRecTimeMin",
    "ColorSetting": "colorSetting",
    "MovieFileFormat": "movieFileFormat",
    "TvColorSystem": "tvColorSystem",
    "InfraredRemoteControl": "infraredRemoteControl",
    "SilentShootingSetting": "silentShooting",
    "WindNoiseReduction": "windNoiseReduction",
    "AudioRecording": "audioRecording",
    "TrackingFocus": "trackingFocus",
}
_SLOT_OF_OBJECT = {"FlipSetting": "flipSetting", "SilentShootingSetting": "silentShooting"}

GROUPS: Mapping[str, Group] = {
    group.name: group
    for group in (
        *(Group(name, Shape.TEXT, slot=_lower(name)) for name in _TEXTS.split()),
        Group("LiveviewSize", Shape.TEXT),
        Group("SelfTimer", Shape.NUMBER, slot="selfTimer", kind="int"),
        Group("ViewAngle", Shape.NUMBER, slot="viewAngle", kind="int"),
        Group("ExposureCompensation", Shape.STEP, slot="exposureCompensation", kind="int"),
        Group("ProgramShift", Shape.SHIFT, slot="programShift", kind="int"),
        Group("WhiteBalance", Shape.WHITE_BALANCE, slot="whiteBalance"),
        Group("StillSize", Shape.STILL_SIZE, slot="stillSize"),
        *(Group(name, Shape.OBJECT, key, _SLOT_OF_OBJECT.get(name, _lower(name))) for name, key in _OBJECTS.items()),
        Group("AutoPowerOff", Shape.OBJECT, "autoPowerOff", "autoPowerOff", "int"),
        Group("LiveviewFrameInfo", Shape.OBJECT, "frameInfo", "", "bool"),
    )
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in the answer to `getEvent`.

    Attributes:
        type: its type.
        fields: the types of its fields by name, as `getMethodTypes` writes them.
        listed: whether it is a list of objects, told as `[]` instead of `null` when there is no news.
    """

    type: str
    fields: Mapping[str, str]
    listed: bool = False

    @property
    def signature(self) -> str:
        """As the row of `getEvent` in `getMethodTypes` has it."""
        named = {"type": "string", **self.fields}
        return "{" + ", ".join(f'"{name}":"{kind}"' for name, kind in named.items()) + "}" + "*" * self.listed


def _current(name: str, kind: str = "string") -> Slot:
    """Return a slot with the current value and its candidates."""
    capital = "AELock" if name == "aeLock" else name[0].upper() + name[1:]
    return Slot(name, {f"current{capital}": kind, f"{name}Candidates": f"{kind}*"})


def _candidate(type_: str, key: str = "", kind: str = "string") -> Slot:
    return Slot(type_, {key or type_: kind, "candidate": f"{kind}*"})


def _checked(name: str, fields: Mapping[str, str]) -> Slot:
    return Slot(name, {"checkAvailability": "bool", **fields})


_STORAGE = {
    "storageID": "string",
    "recordTarget": "bool",
    "numberOfRecordableImages": "int",
    "recordableTime": "int",
    "storageDescription": "string",
}
_ZOOM = ("zoomPosition", "zoomNumberBox", "zoomIndexCurrentBox", "zoomPositionCurrentBox")
_BIAS = ("current{}", "max{}", "min{}", "stepIndexOf{}")
_STYLE = {f"currentCreativeStyle{what}": "int" for what in ("Contrast", "Saturation", "Sharpness")}
_PRESET = {"timeCodePreset": "TimeCodePresetCurrentParams", "candidate": "TimeCodePresetCandidateParams"}

SLOTS: tuple[Slot, ...] = (
    Slot("availableApiList", {"names": "string*"}),
    Slot("cameraStatus", {"cameraStatus": "string"}),
    Slot("zoomInformation", dict.fromkeys(_ZOOM, "int")),
    Slot("liveviewStatus", {"liveviewStatus": "bool"}),
    Slot("liveviewOrientation", {"liveviewOrientation": "string"}),
    Slot("takePicture", {"takePictureUrl": "string*"}, listed=True),
    Slot("continuousError", {"continuousError": "string", "isContinued": "bool"}, listed=True),
    Slot("triggeredError", {"triggeredError": "string*"}),
    Slot("sceneRecognition", dict.fromkeys(("sceneRecognition", "steadyRecognition", "motionRecognition"), "string")),
    Slot("formatStatus", {"formatResult": "string"}),
    Slot("storageInformation", _STORAGE, listed=True),  # 10
    _current("beepMode"),
    _current("cameraFunction"),
    _current("movieQuality"),
    _checked("stillSize", {"currentAspect": "string", "currentSize": "string"}),
    Slot("cameraFunctionResult", {"cameraFunctionResult": "string"}),
    _current("steadyMode"),
    _current("viewAngle", "int"),
    _current("exposureMode"),
    _current("postviewImageSize"),
    _current("selfTimer", "int"),  # 20
    _current("shootMode"),
    _current("aeLock", "bool"),
    _checked("bracketShootMode", dict.fromkeys(("currentBracketShootMode", "currentBracketShootModeOption"), "string")),
    _checked("creativeStyle", {"currentCreativeStyle": "string", **_STYLE}),
    Slot("exposureCompensation", dict.fromkeys((key.format("ExposureCompensation") for key in _BIAS), "int")),
    _current("flashMode"),
    _current("fNumber"),
    _current("focusMode"),
    _current("isoSpeedRate"),
    _checked("pictureEffect", dict.fromkeys(("currentPictureEffect", "currentPictureEffectOption"), "string")),  # 30
    Slot("programShift", {"isShifted": "bool"}),
    _current("shutterSpeed"),
    _checked("whiteBalance", {"currentWhiteBalanceMode": "string", "currentColorTemperature": "int"}),
    Slot("touchAFPosition", {"currentSet": "bool", "currentTouchCoordinates": "double*"}),
    Slot("focusStatus", {"focusStatus": "string"}),
    _candidate("zoomSetting", "zoom"),
    _candidate("stillQuality"),
    _candidate("contShootingMode"),
    _candidate("contShootingSpeed"),
    Slot("contShooting", {"contShootingUrl": "ContShootingUrlParams[]"}),  # 40
    _candidate("flipSetting", "flip"),
    _candidate("sceneSelection", "scene"),
    _candidate("intervalTime", "intervalTimeSec"),
    _candidate("colorSetting"),
    _candidate("movieFileFormat"),
    Slot("timeCodePreset", _PRESET),
    Slot("userBitPreset", {"userBitPreset": "string"}),
    _candidate("timeCodeFormat"),
    _candidate("timeCodeRunMode"),
    _candidate("timeCodeMakeMode"),  # 50
    _candidate("userBitTimeRec"),
    _candidate("infraredRemoteControl"),
    _candidate("tvColorSystem"),
    Slot("trackingFocusStatus", {"trackingFocusStatus": "string"}),
    _candidate("trackingFocus"),
    Slot("batteryInfo", {"batteryInfo": "BatteryInfoParams[]"}),
    Slot("recordingTime", {"recordingTime": "int"}),
    Slot("numberOfShots", {"numberOfShots": "int"}),
    _candidate("autoPowerOff", kind="int"),
    _candidate("loopRecTime"),  # 60
    _candidate("audioRecording"),
    _candidate("windNoiseReduction"),
    _candidate("silentShooting"),
    Slot("bulbCapturingTime", {"bulbCapturingTime": "int"}),
    Slot("bulbShooting", {"bulbShootingUrl": "BulbShootingUrlParams[]"}),
)
"""Every slot in the order of version 1.4; the types of 22 to 24, 30 and 46 to 51 follow from their recorded fields."""

SLOTS_OF_VERSION: Mapping[str, int] = {"1.0": 35, "1.1": 36, "1.2": 60, "1.3": 63, "1.4": 66}
"""How many of the slots a version of `getEvent` has."""


def slot_index(slot_type: str) -> int:
    """Return the place of a slot."""
    return next(index for index, slot in enumerate(SLOTS) if slot.type == slot_type)
