"""G1, the built-in dialect of 2013 and 2014: DSC-WX350, DSC-QX10, HDR-AS30V, HDR-AS100V.

Lists and values of WX350, QX10 and AS100V are recorded. Those of the AS30V are our reading: the recorded lists of the
HDR-AS15, with the still mode and the shutter button that the AS30V has more; the AS100V's agree.
"""

from __future__ import annotations

from dataclasses import replace

from dayspool.sim.models.catalogue import GUIDE_ACCESS, SYSTEM, event_rows, groups, offers, rows, when, words
from dayspool.sim.models.values import MEDIA_TAG, QX10_BALANCES, RESOURCE, balance, bias, one_of
from dayspool.sim.profile import ALWAYS, DescriptionStyle, Ports, Profile, Timings

__all__ = ["AS30V", "AS100V", "QX10", "WX350"]

_PORTS = Ports(control=10_000, description=64_321, media=60_152)
_SERVER = "UPnP/1.0 SonyImagingDevice/1.0"
_X_AV = (
    ("X-AV-Physical-Unit-Info", 'pa=""; pl=;'),
    ("X-AV-Server-Info", 'av=5.0; hn=""; cn="Sony Corporation"; mn="SonyImagingDevice"; mv="1.0";'),
)  # recorded: HDR-AS30V, HDR-AS20
_STILL = when(ShootMode=("still",))
_MOVIE = when(ShootMode=("movie",))
_FUNCTIONS = ("Remote Shooting", "Contents Transfer")  # QX10, AS15, AS100V
_LIVEVIEW_WHEN_SHOOTING = dict.fromkeys(("startLiveview", "stopLiveview"), when(CameraFunction=_FUNCTIONS[:1]))
_FUNCTION_GROUP = "setCameraFunction getCameraFunction getSupportedCameraFunction getAvailableCameraFunction"

# -- DSC-WX350 ------------------------------------------------------------------------------------------------------

_WX350_LIST = (
    "getMethodTypes getAvailableApiList setShootMode getShootMode getSupportedShootMode getAvailableShootMode "
    "setFlashMode getFlashMode getSupportedFlashMode getAvailableFlashMode setSelfTimer getSelfTimer "
    "getSupportedSelfTimer getAvailableSelfTimer startLiveview stopLiveview actTakePicture startMovieRec stopMovieRec "
    "actZoom getApplicationInfo getVersions getEvent"
)  # recorded: 23 in still; 17 in movie, without the setters and getters of flash and self-timer
_WX350_STILL = words(groups("FlashMode SelfTimer", "set get getAvailable"))

WX350 = Profile(
    name="wx350",
    model="DSC-WX350",
    dialect="G1",
    address="10.0.0.1",
    ports=_PORTS,
    description_paths=("/DmsRmtDesc.xml",),
    description_style=DescriptionStyle.MEDIA_SERVER,
    digital_imaging=True,
    services=("guide", "accessControl", "camera"),
    manufacturer_url="http://www.sony.com/",
    server=_SERVER,
    ssdp_extra=_X_AV,
    udn_form=MEDIA_TAG,
    mac_prefix="1c994c",
    application=("Smart Remote Control", "2.0.0"),
    methods=(*rows(_WX350_LIST), *GUIDE_ACCESS),
    offers=offers(_WX350_LIST, dict.fromkeys(_WX350_STILL, _STILL), ALWAYS),
    gated=frozenset(words(groups("FlashMode"))),  # recorded: HTTP 403
    settings=(
        one_of("ShootMode", "still", ("still", "movie")),
        one_of("FlashMode", "off", ("off", "auto", "on", "slowSync")),
        one_of("SelfTimer", 0, (0, 2, 10)),
    ),
    tells_storage=False,
    timings=Timings(processing_seconds=(1.2, 2.0), busy_seconds=(2.0, 3.5)),
    liveview_path=f"/liveview.JPG?{RESOURCE}",
    postview_query=RESOURCE,
    original_px=(4896, 3672),
    focal_mm=(4.3, 86.0),
)

# -- DSC-QX10 -------------------------------------------------------------------------------------------------------

_QX10_LIST = (
    "getMethodTypes getAvailableApiList setShootMode getShootMode getSupportedShootMode getAvailableShootMode "
    "setSelfTimer getSelfTimer getSupportedSelfTimer getAvailableSelfTimer setPostviewImageSize getPostviewImageSize "
    "getSupportedPostviewImageSize getAvailablePostviewImageSize startLiveview stopLiveview actTakePicture "
    "startMovieRec stopMovieRec awaitTakePicture actZoom setExposureMode getExposureMode getSupportedExposureMode "
    "getAvailableExposureMode setBeepMode getBeepMode getSupportedBeepMode getAvailableBeepMode "
    f"{_FUNCTION_GROUP} setStillSize getStillSize getSupportedStillSize getAvailableStillSize actFormatStorage "
    "getStorageInformation setTouchAFPosition cancelTouchAFPosition getTouchAFPosition setExposureCompensation "
    "getExposureCompensation getSupportedExposureCompensation getAvailableExposureCompensation setWhiteBalance "
    "getWhiteBalance getSupportedWhiteBalance getAvailableWhiteBalance setIsoSpeedRate getIsoSpeedRate "
    "getSupportedIsoSpeedRate getAvailableIsoSpeedRate actHalfPressShutter cancelHalfPressShutter getApplicationInfo "
    "getVersions getEvent"
)  # recorded: 59 in Program Auto, 50 in the two automatic modes, 33 in movie
_QX10_PROGRAM = when(ShootMode=("still",), ExposureMode=("Program Auto",))
_QX10_CONDITIONS = {
    **dict.fromkeys(
        words(groups("SelfTimer PostviewImageSize ExposureMode StillSize", "set get getAvailable")), _STILL
    ),
    **dict.fromkeys(words(groups("TouchAFPosition", "set cancel get")), _STILL),
    **dict.fromkeys(words(groups("HalfPressShutter", "act cancel")), _STILL),
    **dict.fromkeys(
        words(groups("ExposureCompensation WhiteBalance IsoSpeedRate", "set get getAvailable")), _QX10_PROGRAM
    ),
    **_LIVEVIEW_WHEN_SHOOTING,
}

QX10 = replace(
    WX350,
    name="qx10",
    model="DSC-QX10",
    services=("guide", "system", "accessControl", "camera"),
    application=("Smart Remote Control", "2.1.1"),
    methods=(*rows(_QX10_LIST), *event_rows("1.1"), *GUIDE_ACCESS, *SYSTEM),
    offers=offers(_QX10_LIST, _QX10_CONDITIONS, ALWAYS),
    gated=frozenset(words(_FUNCTION_GROUP)),  # recorded: HTTP 403 until unlocked
    settings=(
        one_of("ShootMode", "still", ("still", "movie")),
        one_of("SelfTimer", 0, (0, 2, 10)),
        one_of("PostviewImageSize", "2M", ("2M", "Original")),
        one_of("ExposureMode", "Program Auto", ("Intelligent Auto", "Superior Auto", "Program Auto")),
        one_of("BeepMode", "On", ("Shutter Only", "On", "Off")),
        one_of("CameraFunction", "Remote Shooting", _FUNCTIONS),
        one_of("StillSize", ("4:3", "18M"), (("4:3", "18M"), ("4:3", "5M"), ("16:9", "13M"), ("16:9", "2M"))),
        bias(6, _QX10_PROGRAM),
        balance(QX10_BALANCES, _QX10_PROGRAM),
        one_of("IsoSpeedRate", "AUTO", words("AUTO 100 200 400 800 1600 3200"), _QX10_PROGRAM),
    ),
    tells_storage=True,
    timings=Timings(processing_seconds=(1.0, 1.8), busy_seconds=(1.6, 2.6)),
    original_px=(4896, 3672),
    focal_mm=(4.45, 44.5),
)

# -- HDR-AS30V, HDR-AS100V ------------------------------------------------------------------------------------------

_ACTION_HEAD = (
    "getMethodTypes getAvailableApiList setShootMode getShootMode getSupportedShootMode getAvailableShootMode "
    "setSteadyMode getSteadyMode getSupportedSteadyMode getAvailableSteadyMode"
)
_ACTION_TAIL = (
    "setMovieQuality getMovieQuality getSupportedMovieQuality getAvailableMovieQuality startLiveview stopLiveview "
    "actTakePicture startMovieRec stopMovieRec startIntervalStillRec stopIntervalStillRec "
    f"{_FUNCTION_GROUP} getStorageInformation getApplicationInfo getVersions getEvent"
)
_VIEW_ANGLE = "setViewAngle getViewAngle getSupportedViewAngle getAvailableViewAngle"
_ACTION_MODES = ("movie", "intervalstill", "still")  # AS100V; it starts in movie
_MOVIE_QUALITY = dict.fromkeys(words(groups("MovieQuality", "set get getAvailable")), _MOVIE)
_AS30V_LIST = f"{_ACTION_HEAD} {_VIEW_ANGLE} {_ACTION_TAIL}"
_AS100V_LIST = f"{_ACTION_HEAD} {_ACTION_TAIL}"
_STEADY = dict.fromkeys(words(groups("SteadyMode", "set get getAvailable")), _MOVIE)  # AS100V, recorded

AS30V = replace(
    WX350,
    name="as30v",
    model="HDR-AS30V",
    methods=(*rows(_AS30V_LIST), *GUIDE_ACCESS),
    offers=offers(_AS30V_LIST, {**_MOVIE_QUALITY, **_LIVEVIEW_WHEN_SHOOTING}, ALWAYS),
    gated=frozenset(words(groups("SteadyMode ViewAngle MovieQuality CameraFunction"))),  # AS15, recorded
    settings=(
        one_of("ShootMode", "movie", _ACTION_MODES),
        one_of("SteadyMode", "on", ("off", "on")),
        one_of("ViewAngle", 120, (120, 170)),
        one_of("MovieQuality", "HQ", words("PS HQ STD SLOW SSLOW VGA"), _MOVIE),
        one_of("CameraFunction", "Remote Shooting", _FUNCTIONS),
    ),
    tells_storage=True,
    timings=Timings(processing_seconds=(0.8, 1.4), busy_seconds=(1.2, 2.0)),  # recorded: 1 to 2 s per shot
    original_px=(4000, 3000),
    focal_mm=(2.5, 2.5),
)

AS100V = replace(
    AS30V,
    name="as100v",
    model="HDR-AS100V",
    address="192.168.122.1",
    mac_prefix="fcdbb3",
    methods=(*rows(" ".join(sorted(words(_AS100V_LIST)))), *GUIDE_ACCESS),
    offers=offers(_AS100V_LIST, {**_MOVIE_QUALITY, **_STEADY, **_LIVEVIEW_WHEN_SHOOTING}, ALWAYS),
    gated=frozenset(),
    settings=(
        one_of("ShootMode", "movie", _ACTION_MODES),
        one_of("SteadyMode", "on", ("off", "on"), _MOVIE),
        one_of("MovieQuality", "HQ", words("PS HQ STD HS120 HS240 SSLOW VGA"), _MOVIE),
        one_of("CameraFunction", "Remote Shooting", _FUNCTIONS),
    ),
    timings=Timings(processing_seconds=(0.8, 1.4), busy_seconds=(1.2, 2.0)),
    original_px=(5184, 3456),
    focal_mm=(2.5, 2.5),
)
