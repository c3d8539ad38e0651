"""G3, the built-in dialect of 2017 to 2019: ILCE-7M3 and DSC-RX0.

No list of these bodies has been published. What they offer is inferred from the ILCE-7R's and ILCE-QX1's recorded lists
and from the calls that clients make on them; half-press, 40401 and the liveview address are as clients and one recorded
ILCE-6400 show them.
"""

from __future__ import annotations

from dataclasses import replace

from dayspool.sim.models.app import BY_DIAL
from dayspool.sim.models.catalogue import GUIDE_ACCESS, event_rows, groups, offers, rows, when, without, words
from dayspool.sim.models.values import (
    A7R_ISO,
    BALANCES,
    BATTERY,
    CREATIVE,
    DEVICE_TAG,
    FOCUS_MODES,
    LENS_STOPS,
    SHUTTERS_8000,
    ZOOM_SETTINGS,
    balance,
    bias,
    fixed,
    frame_info,
    one_of,
)
from dayspool.sim.profile import ALWAYS, Choices, Ports, Profile, Quirks, Setting, Timings, When

__all__ = ["A7M3", "RX0"]

_LIST = (
    "getVersions getMethodTypes getApplicationInfo getAvailableApiList getEvent actTakePicture awaitTakePicture "
    "startContShooting stopContShooting startBulbShooting stopBulbShooting startMovieRec stopMovieRec startLiveview "
    "stopLiveview startLiveviewWithSize actZoom actHalfPressShutter cancelHalfPressShutter setTouchAFPosition "
    "getTouchAFPosition cancelTouchAFPosition getStorageInformation "
    + groups(
        "SelfTimer ContShootingMode ContShootingSpeed ExposureMode ExposureCompensation FNumber IsoSpeedRate "
        "PostviewImageSize ShootMode ShutterSpeed WhiteBalance FlashMode FocusMode StillQuality ZoomSetting "
        "SilentShootingSetting"
    )
    + " getLiveviewSize getAvailableLiveviewSize getSupportedLiveviewSize setProgramShift getSupportedProgramShift "
    "setLiveviewFrameInfo getLiveviewFrameInfo"
)
_SINGLE = when(ContShootingMode=("Single",))
_DRIVING = when(ContShootingMode=("Continuous", "Spd Priority Cont."))
_MOVIE = when(ShootMode=("movie",))
_CREATIVE = when(ExposureMode=CREATIVE)
_SPECIAL = {
    **BY_DIAL,
    "actTakePicture": _SINGLE,
    "startContShooting": _DRIVING,
    "stopContShooting": _DRIVING,
    "startMovieRec": _MOVIE,
    "stopMovieRec": _MOVIE,
}


def _conditions(names: str) -> dict[str, When]:
    """Return when a method is offered: setters and shots only while the camera is idle."""
    idle = frozenset({"IDLE"})
    special = {name: _SPECIAL.get(name, ALWAYS) for name in words(names)}
    return {
        name: replace(condition, statuses=idle) if name.startswith(("set", "act")) else condition
        for name, condition in special.items()
    } | {"awaitTakePicture": when(statuses=("StillCapturing",))}


_SHUTTER_CHOICES = (
    Choices(values=("BULB", *SHUTTERS_8000), when=when(ExposureMode=("Manual",))),
    Choices(values=SHUTTERS_8000, when=when(ExposureMode=("Shutter",))),
)
_SILENT = one_of("SilentShootingSetting", "Off", ("Off", "On"))

A7M3 = Profile(
    name="a7m3",
    model="ILCE-7M3",
    dialect="G3",
    address="192.168.122.1",
    ports=Ports(control=10_000, description=64_321, media=60_152),
    description_paths=("/dd.xml",),
    digital_imaging=True,
    services=("guide", "accessControl", "camera"),
    model_description="SonyRemoteCamera",
    server="UPnP/1.0 SonyImagingDevice/1.0",
    udn_form=DEVICE_TAG,
    mac_prefix="9af170",
    application=("Smart Remote Control", "3.00"),
    methods=(*rows(_LIST), *event_rows("1.1", "1.2", "1.3", "1.4"), *GUIDE_ACCESS),
    offers=offers(_LIST, _conditions(_LIST), ALWAYS),
    settings=(
        one_of("ShootMode", "still", ("still", "movie")),
        one_of("SelfTimer", 0, (0, 2, 5, 10)),
        one_of("ContShootingMode", "Single", ("Single", "Continuous", "Spd Priority Cont.")),
        one_of("ContShootingSpeed", "Low", ("Hi", "Low")),
        fixed("ExposureMode", "Program Auto"),
        bias(15),
        one_of("FNumber", "5.6", LENS_STOPS, when(ExposureMode=("Aperture", "Manual"))),
        one_of("IsoSpeedRate", "AUTO", A7R_ISO, _CREATIVE),
        one_of("LiveviewSize", "M", ("L", "M")),
        one_of("PostviewImageSize", "2M", ("Original", "2M")),
        one_of("ProgramShift", 0, (5, -5), when(ExposureMode=("Program Auto",))),
        Setting(group="ShutterSpeed", value="1/60", choices=_SHUTTER_CHOICES),
        balance(BALANCES),
        one_of("FlashMode", "off", ("off", "auto", "on", "slowSync", "rearSync")),
        one_of("FocusMode", "AF-S", FOCUS_MODES),
        one_of("StillQuality", "Fine", ("RAW+JPEG", "Fine", "Standard")),
        one_of("ZoomSetting", ZOOM_SETTINGS[0], ZOOM_SETTINGS),
        _SILENT,
        frame_info(),
    ),
    quirks=Quirks(needs_half_press=True, liveview_refuses_twice=True, refuses_same_shoot_mode=True),
    batteries=(BATTERY,),
    timings=Timings(processing_seconds=(0.8, 1.6), busy_seconds=(1.2, 2.2), not_ready_seconds=1.0, continuous_fps=6.0),
    liveview_path="/liveviewstream?%211234%21%2a%3a%2a%3aimage%2fjpeg%3a%2a%21%21%21%21%21",  # ILCE-6400, recorded
    postview_name="postview/pict{taken:%Y%m%d_%H%M%S}_{count}.JPG",
    original_px=(6000, 4000),
    focal_mm=(28.0, 70.0),
)

_RX0_LIST = without(
    _LIST,
    "startBulbShooting stopBulbShooting setFNumber actZoom setTouchAFPosition getTouchAFPosition "
    f"cancelTouchAFPosition {groups('FlashMode')}",
)

RX0 = replace(
    A7M3,
    name="rx0",
    model="DSC-RX0",
    mac_prefix="8e4500",
    methods=(*rows(_RX0_LIST), *event_rows("1.1", "1.2", "1.3", "1.4"), *GUIDE_ACCESS),
    offers=offers(_RX0_LIST, _conditions(_RX0_LIST), ALWAYS),
    settings=(
        one_of("ShootMode", "still", ("still", "movie")),
        one_of("SelfTimer", 0, (0, 2, 10)),
        one_of("ContShootingMode", "Single", ("Single", "Continuous", "Spd Priority Cont.")),
        one_of("ContShootingSpeed", "Low", ("Hi", "Low")),
        one_of("ExposureMode", "Program Auto", ("Program Auto", "Manual", "Intelligent Auto")),
        bias(9),
        fixed("FNumber", "4.0"),  # the lens has no other
        one_of("IsoSpeedRate", "AUTO", ("AUTO", *A7R_ISO[5:22]), _CREATIVE),
        one_of("LiveviewSize", "M", ("L", "M")),
        one_of("PostviewImageSize", "2M", ("Original", "2M")),
        one_of("ProgramShift", 0, (5, -5), when(ExposureMode=("Program Auto",))),
        one_of("ShutterSpeed", "1/60", SHUTTERS_8000[7:], when(ExposureMode=("Manual",))),
        balance(BALANCES),
        one_of("FocusMode", "AF-S", ("AF-S", "MF")),
        one_of("StillQuality", "Fine", ("RAW+JPEG", "Fine", "Standard")),
        one_of("ZoomSetting", ZOOM_SETTINGS[0], ZOOM_SETTINGS[:2]),
        _SILENT,
        frame_info(),
    ),
    quirks=Quirks(needs_half_press=True),
    timings=replace(A7M3.timings, not_ready_seconds=5.0),  # 40401 right after joining (rocc issue 20)
    original_px=(4800, 3200),
    focal_mm=(7.9, 7.9),
)
