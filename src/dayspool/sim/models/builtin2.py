"""G2 without an app: DSC-HX400V and ILCE-QX1, with the services of the app cameras built in.

DSC-HX400V: description recorded; lists and values, and with them that it needs `startRecMode`, are inferred from the
DSC-HX60V of the same year. ILCE-QX1: names and services
recorded (in aperture priority), its values from the vocabularies of the others.
"""

from __future__ import annotations

from dataclasses import replace

from dayspool.sim.models.app import A5000, A5000_LIST, BY_DIAL, app_conditions
from dayspool.sim.models.catalogue import (
    AV_CONTENT,
    GUIDE_ACCESS,
    SYSTEM,
    event_rows,
    groups,
    offers,
    rows,
    when,
    without,
    words,
)
from dayspool.sim.models.values import (
    A5000_ISO,
    BALANCES,
    CREATIVE,
    HX60_BALANCES,
    LENS_STOPS,
    SHUTTERS_1600,
    SHUTTERS_4000,
    ZOOM_SETTINGS,
    balance,
    bias,
    fixed,
    frame_info,
    one_of,
)
from dayspool.sim.profile import ALWAYS, Choices, Ports, Quirks, Setting

__all__ = ["HX400V", "QX1"]

_PORTS = Ports(control=8080, description=64_321, media=8080)
_BY_APERTURE = when(ExposureMode=("Aperture", "Manual"))
_CREATIVE = when(ExposureMode=CREATIVE)
_EXPOSURE_MODES = (*CREATIVE, "Intelligent Auto", "Superior Auto")

# -- DSC-HX400V -----------------------------------------------------------------------------------------------------

_HX_LIST = without(
    A5000_LIST.replace("stopRecMode startLiveview", "stopRecMode startMovieRec stopMovieRec startLiveview"),
    "setExposureMode getAvailableExposureMode startBulbShooting stopBulbShooting",
)  # recorded: 66 in M, A, S and P, 62 in Intelligent Auto, 45 in movie
_HX_STILL = words(
    "actHalfPressShutter cancelHalfPressShutter getSupportedContShootingMode getSupportedContShootingSpeed "
    "getSupportedProgramShift getSupportedFlashMode setFocusMode setTouchAFPosition getTouchAFPosition "
    + groups("SelfTimer PostviewImageSize")
)
_HX_CREATIVE = when(ShootMode=("still",), ExposureMode=CREATIVE)
_HX_SPECIAL = {
    **dict.fromkeys(("actTakePicture", *_HX_STILL), when(ShootMode=("still",))),
    "startMovieRec": when(ShootMode=("movie",)),
    "stopMovieRec": when(ShootMode=("movie",), statuses=("MovieRecording",)),
    "setExposureCompensation": when(ShootMode=("still",), ExposureMode=CREATIVE[:3]),
    "setFNumber": when(ShootMode=("still",), ExposureMode=("Aperture", "Manual")),
    "setIsoSpeedRate": _HX_CREATIVE,
    "setProgramShift": when(ShootMode=("still",), ExposureMode=("Program Auto",)),
    "setShutterSpeed": when(ShootMode=("still",), ExposureMode=("Shutter", "Manual")),
    "setWhiteBalance": _HX_CREATIVE,
}
_HX_ISO = words("80 100 200 400 800 1600 3200")
_HX_FOCUS = (Choices(values=("AF-S", "MF"), when=when(ShootMode=("still",))),)
_HX_SPEEDS = (Choices(values=SHUTTERS_1600, when=when(ShootMode=("still",), ExposureMode=("Shutter", "Manual"))),)

HX400V = replace(
    A5000,
    name="hx400v",
    model="DSC-HX400V",
    ports=_PORTS,
    description_paths=("/dd.xml",),
    digital_imaging=False,
    mac_prefix="b272bf",
    application=("Smart Remote Control", "2.1.1"),
    methods=(
        *rows(" ".join(sorted({*words(_HX_LIST), "cancelTouchAFPosition", "getAvailableFlashMode", "getFlashMode"}))),
        *event_rows("1.1", "1.2", "1.3", "1.4"),
        *GUIDE_ACCESS,
    ),
    offers=offers(_HX_LIST, app_conditions(_HX_LIST, _HX_SPECIAL), ALWAYS),
    settings=(
        Setting(
            group="ShootMode",
            value="still",
            choices=(
                Choices(values=("still",), when=when(ShootMode=("still",))),
                Choices(values=("movie",), when=when(ShootMode=("movie",))),
            ),
            supported=("still", "movie"),
        ),
        one_of("SelfTimer", 0, (0, 2, 10)),
        Setting(group="ContShootingMode", value="Single", supported=("Single",)),
        fixed("ContShootingSpeed", ""),
        Setting(group="ExposureMode", value="Program Auto", supported=_EXPOSURE_MODES),
        bias(6, _HX_CREATIVE),
        one_of("FNumber", "4.0", words("2.8 3.2 3.5 4.0 4.5 5.0 5.6 6.3 7.1 8.0"), _BY_APERTURE),
        Setting(
            group="IsoSpeedRate",
            value="AUTO",
            choices=(
                Choices(values=_HX_ISO, when=when(ShootMode=("still",), ExposureMode=("Manual",))),
                Choices(values=("AUTO", *_HX_ISO), when=_HX_CREATIVE),
            ),
            supported=("AUTO", *_HX_ISO),
        ),
        one_of("LiveviewSize", "M", ("L", "M")),
        one_of("PostviewImageSize", "2M", ("Original", "2M")),
        one_of("ProgramShift", 0, (5, -5), when(ExposureMode=("Program Auto",))),
        Setting(group="ShutterSpeed", value="1/30", choices=_HX_SPEEDS, supported=SHUTTERS_1600),
        balance(HX60_BALANCES, _HX_CREATIVE),
        fixed("FlashMode", "off"),
        Setting(group="FocusMode", value="AF-S", choices=_HX_FOCUS, supported=("AF-S", "MF")),
        one_of("ZoomSetting", ZOOM_SETTINGS[0], ZOOM_SETTINGS),
        frame_info(),
    ),
    original_px=(5184, 3888),
    focal_mm=(4.3, 215.0),
)

# -- ILCE-QX1 -------------------------------------------------------------------------------------------------------

_QX1_LIST = (
    "getVersions getMethodTypes getApplicationInfo getAvailableApiList getEvent actTakePicture awaitTakePicture "
    "startContShooting stopContShooting setSelfTimer getSelfTimer getAvailableSelfTimer getSupportedSelfTimer "
    "setContShootingMode getContShootingMode getAvailableContShootingMode getSupportedContShootingMode startLiveview "
    "stopLiveview setCameraFunction getCameraFunction getSupportedCameraFunction getAvailableCameraFunction actZoom "
    "actHalfPressShutter cancelHalfPressShutter setExposureMode getAvailableExposureMode getExposureMode "
    "getSupportedExposureMode setExposureCompensation getExposureCompensation getAvailableExposureCompensation "
    "getSupportedExposureCompensation setFNumber getFNumber getAvailableFNumber getSupportedFNumber setIsoSpeedRate "
    "getIsoSpeedRate getAvailableIsoSpeedRate getSupportedIsoSpeedRate setPostviewImageSize getPostviewImageSize "
    "getAvailablePostviewImageSize getSupportedPostviewImageSize getSupportedProgramShift setShootMode getShootMode "
    "getAvailableShootMode getSupportedShootMode setShutterSpeed getShutterSpeed getAvailableShutterSpeed "
    "getSupportedShutterSpeed setWhiteBalance getWhiteBalance getSupportedWhiteBalance getAvailableWhiteBalance "
    "setFlashMode getFlashMode getAvailableFlashMode getSupportedFlashMode setFocusMode getFocusMode "
    "getAvailableFocusMode getSupportedFocusMode setStillSize getStillSize getAvailableStillSize getSupportedStillSize "
    "setStillQuality getAvailableStillQuality getStillQuality getSupportedStillQuality getSupportedZoomSetting "
    "getStorageInformation setBeepMode getBeepMode getAvailableBeepMode getSupportedBeepMode setTrackingFocus "
    "getTrackingFocus getAvailableTrackingFocus getSupportedTrackingFocus actFormatStorage setLiveviewFrameInfo "
    "getLiveviewFrameInfo"
)  # recorded: 84 in aperture priority and single shots
_DRIVING = when(ContShootingMode=("Continuous", "Spd Priority Cont."))
_QX1_SPECIAL = {
    **BY_DIAL,
    "actTakePicture": when(ContShootingMode=("Single",)),
    "startContShooting": _DRIVING,
    "stopContShooting": _DRIVING,
    "setShutterSpeed": when(ExposureMode=("Shutter",)),
}
_QX1_MODES = ("Program Auto", "Aperture", "Shutter", "Intelligent Auto", "Superior Auto")
_QX1_QUALITIES = ("RAW+JPEG", "Fine", "Standard")
_QX1_SIZES = (("3:2", "20M"), ("16:9", "17M"), ("3:2", "5M"), ("16:9", "4.2M"))
_QX1_BY_APERTURE = when(ExposureMode=("Aperture",))

QX1 = replace(
    A5000,
    name="qx1",
    model="ILCE-QX1",
    ports=_PORTS,
    description_paths=("/dd.xml",),
    services=("guide", "accessControl", "camera", "system", "avContent"),
    mac_prefix="9af170",
    application=("Smart Remote Control", "2.1.4"),
    methods=(
        *rows(" ".join(sorted({*words(_QX1_LIST), "actTrackingFocus", "cancelTrackingFocus"}))),
        *event_rows("1.1", "1.2", "1.3"),
        *GUIDE_ACCESS,
        *SYSTEM,
        *AV_CONTENT,
    ),
    offers=offers(_QX1_LIST, app_conditions(_QX1_LIST, _QX1_SPECIAL), ALWAYS),
    settings=(
        one_of("ShootMode", "still", ("still", "movie")),
        one_of("SelfTimer", 0, (0, 2, 10)),
        one_of("ContShootingMode", "Single", ("Single", "Continuous", "Spd Priority Cont.")),
        one_of("CameraFunction", "Remote Shooting", ("Remote Shooting", "Contents Transfer")),
        one_of("ExposureMode", "Aperture", _QX1_MODES),
        bias(9),
        one_of("FNumber", "5.6", LENS_STOPS, _QX1_BY_APERTURE),
        one_of("IsoSpeedRate", "AUTO", A5000_ISO, _CREATIVE),
        one_of("PostviewImageSize", "2M", ("Original", "2M")),
        one_of("ProgramShift", 0, (5, -5), when(ExposureMode=("Program Auto",))),
        one_of("ShutterSpeed", "1/60", SHUTTERS_4000, when(ExposureMode=("Shutter",))),
        balance(BALANCES),
        one_of("FlashMode", "off", ("off", "auto", "on", "slowSync", "rearSync")),
        one_of("FocusMode", "AF-S", ("AF-S", "AF-C", "MF")),
        one_of("StillSize", ("3:2", "20M"), _QX1_SIZES),
        one_of("StillQuality", "Fine", _QX1_QUALITIES),
        Setting(group="ZoomSetting", value=ZOOM_SETTINGS[0], supported=ZOOM_SETTINGS),
        one_of("BeepMode", "On", ("Off", "On", "Shutter Only")),
        one_of("TrackingFocus", "Off", ("Off", "On")),
        frame_info(),
    ),
    quirks=Quirks(shot_error_every=5),
    escapes_slashes=False,
    original_px=(5456, 3632),
)
