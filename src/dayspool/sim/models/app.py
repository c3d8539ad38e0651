"""G2, the dialect of the app "Smart Remote Control": ILCE-5000, ILCE-6000 with its first, embedded app, ILCE-6300.

Their lists are recorded, and the A5000's values; the others' values are what their events and lists show of them.
"""

from __future__ import annotations

from dataclasses import replace

from dayspool.sim.models.catalogue import GUIDE_ACCESS, event_rows, groups, offers, rows, when, words
from dayspool.sim.models.values import (
    A5000_ISO,
    BALANCES,
    BATTERY,
    CREATIVE,
    DEVICE_TAG,
    FOCUS_MODES,
    LENS_STOPS,
    SHUTTERS_4000,
    ZOOM_SETTINGS,
    balance,
    bias,
    fixed,
    frame_info,
    one_of,
)
from dayspool.sim.profile import ALWAYS, Choices, Ports, Profile, Quirks, Setting, Timings, When

__all__ = ["A5000", "A5000_LIST", "A6000", "A6300", "BY_DIAL", "app_conditions"]

_APP_PORTS = Ports(control=8080, description=61_000, media=8080)
_SERVER = "UPnP/1.0 MINT-X/1.8.1"
_IDLE = frozenset({"IDLE"})
_CAPTURING = when(rec_mode=True, statuses=("StillCapturing",))
_BEFORE = "getVersions getMethodTypes getApplicationInfo getAvailableApiList getEvent startRecMode"
_SINGLE = one_of("ShootMode", "still", ("still",))  # A5000, A7R: the dial's mode only
_EXPOSURE_MODES = (*CREATIVE, "Intelligent Auto")  # A5000, A7R
_BY_APERTURE = when(ExposureMode=("Aperture", "Manual"))
_BY_SHUTTER = when(ExposureMode=("Shutter", "Manual"))
_CREATIVE = when(ExposureMode=CREATIVE)


def _shooting(condition: When, statuses: frozenset[str]) -> When:
    """Return a condition that also needs the mode to be started, and the statuses unless it names its own."""
    return replace(condition, rec_mode=True, statuses=condition.statuses or statuses)


def app_conditions(names: str, special: dict[str, When]) -> dict[str, When]:
    """Return when an app camera offers each method: seven before `startRecMode`, setters and shots while idle only."""
    conditions = dict.fromkeys(words(f"{_BEFORE} stopRecMode"), ALWAYS) | {"startRecMode": when(rec_mode=False)}
    for name in words(names):
        if name not in conditions:
            changes = name.startswith(("set", "act")) or name == "startMovieRec"
            conditions[name] = _shooting(special.get(name, ALWAYS), _IDLE if changes else frozenset())
    return conditions | {"awaitTakePicture": _CAPTURING}


# -- ILCE-5000 ------------------------------------------------------------------------------------------------------

A5000_LIST = (
    f"{_BEFORE} actTakePicture stopRecMode startLiveview stopLiveview startLiveviewWithSize awaitTakePicture actZoom "
    "actHalfPressShutter cancelHalfPressShutter setSelfTimer getSelfTimer getAvailableSelfTimer getSupportedSelfTimer "
    "getSupportedContShootingMode getSupportedContShootingSpeed setExposureMode getAvailableExposureMode "
    "getExposureMode getSupportedExposureMode setExposureCompensation getExposureCompensation "
    "getAvailableExposureCompensation getSupportedExposureCompensation setFNumber getFNumber getAvailableFNumber "
    "getSupportedFNumber setIsoSpeedRate getIsoSpeedRate getAvailableIsoSpeedRate getSupportedIsoSpeedRate "
    "getLiveviewSize getAvailableLiveviewSize getSupportedLiveviewSize setPostviewImageSize getPostviewImageSize "
    "getAvailablePostviewImageSize getSupportedPostviewImageSize setProgramShift getSupportedProgramShift setShootMode "
    "getShootMode getAvailableShootMode getSupportedShootMode setShutterSpeed getShutterSpeed "
    "getAvailableShutterSpeed getSupportedShutterSpeed startBulbShooting stopBulbShooting setTouchAFPosition "
    "getTouchAFPosition setWhiteBalance getWhiteBalance getSupportedWhiteBalance getAvailableWhiteBalance "
    "getSupportedFlashMode setFocusMode getFocusMode getAvailableFocusMode getSupportedFocusMode setZoomSetting "
    "getAvailableZoomSetting getZoomSetting getSupportedZoomSetting getStorageInformation setLiveviewFrameInfo "
    "getLiveviewFrameInfo"
)  # recorded: 69 in Manual (without the two of bulb), 68 in Program, Aperture, Shutter, 64 in Intelligent Auto
_BULB = when(ShutterSpeed=("BULB",), ExposureMode=("Manual",))
BY_DIAL = {
    "setExposureCompensation": _CREATIVE,
    "setFNumber": _BY_APERTURE,
    "setIsoSpeedRate": _CREATIVE,
    "setProgramShift": when(ExposureMode=("Program Auto",)),
    "setShutterSpeed": _BY_SHUTTER,
    "setWhiteBalance": _CREATIVE,
    "startBulbShooting": _BULB,
    "stopBulbShooting": _BULB,
}
_A5000_METHODS = " ".join(
    sorted(
        words(
            "actHalfPressShutter actTakePicture actZoom awaitTakePicture cancelHalfPressShutter cancelTouchAFPosition "
            "getApplicationInfo getAvailableApiList getEvent getStorageInformation getTouchAFPosition "
            "setTouchAFPosition startBulbShooting startContShooting startLiveview startLiveviewWithSize startMovieRec "
            "startRecMode stopBulbShooting stopContShooting stopLiveview stopMovieRec stopRecMode "
            + groups(
                "CameraFunction ContShootingMode ContShootingSpeed ExposureCompensation ExposureMode FNumber FlashMode "
                "FocusMode IsoSpeedRate PostviewImageSize SelfTimer ShootMode ShutterSpeed SilentShootingSetting "
                "WhiteBalance ZoomSetting"
            )
            + " getLiveviewSize getAvailableLiveviewSize getSupportedLiveviewSize setProgramShift "
            "getSupportedProgramShift setLiveviewFrameInfo getLiveviewFrameInfo"
        )
    )
)  # recorded: 94 of its 96 rows, sorted; the two of every service end the list
_SHUTTER_CHOICES = (
    Choices(values=("BULB", *SHUTTERS_4000), when=when(ExposureMode=("Manual",))),
    Choices(values=SHUTTERS_4000, when=when(ExposureMode=("Shutter",))),
)

A5000 = Profile(
    name="a5000",
    model="ILCE-5000",
    dialect="G2",
    address="192.168.122.1",
    ports=_APP_PORTS,
    description_paths=("/scalarwebapi_dd.xml",),
    services=("guide", "accessControl", "camera"),
    digital_imaging=True,
    server=_SERVER,
    udn_form=DEVICE_TAG,
    mac_prefix="784b87",
    application=("Smart Remote Control SR/3.10 __SAK__", "2.1.4"),
    methods=(
        *rows(f"{_A5000_METHODS} getMethodTypes getVersions"),
        *event_rows("1.1", "1.2", "1.3", "1.4"),
        *GUIDE_ACCESS,
    ),
    offers=offers(A5000_LIST, app_conditions(A5000_LIST, BY_DIAL), ALWAYS),
    settings=(
        _SINGLE,
        one_of("SelfTimer", 0, (0, 2, 10)),
        fixed("ContShootingMode", "Single"),
        fixed("ContShootingSpeed", ""),
        one_of("ExposureMode", "Program Auto", _EXPOSURE_MODES),
        bias(9),
        one_of("FNumber", "5.6", LENS_STOPS, _BY_APERTURE),
        one_of("IsoSpeedRate", "AUTO", A5000_ISO, _CREATIVE),
        one_of("LiveviewSize", "M", ("L", "M")),
        one_of("PostviewImageSize", "2M", ("Original", "2M")),
        one_of("ProgramShift", 0, (5, -5), when(ExposureMode=("Program Auto",))),
        Setting(group="ShutterSpeed", value="1/30", choices=_SHUTTER_CHOICES),
        balance(BALANCES),
        fixed("FlashMode", "off"),
        Setting(
            group="FocusMode",
            value="AF-S",
            choices=(Choices(values=FOCUS_MODES, when=_CREATIVE), Choices(values=("AF-S", "DMF", "MF"))),
        ),
        Setting(group="ZoomSetting", value=ZOOM_SETTINGS[0], choices=(Choices(values=ZOOM_SETTINGS),)),
        frame_info(),
    ),
    quirks=Quirks(needs_rec_mode=True),
    escapes_slashes=True,
    batteries=(BATTERY,),
    timings=Timings(processing_seconds=(1.2, 2.2), busy_seconds=(1.8, 3.0)),
    liveview_path="/liveview/liveviewstream",
    postview_name="postview/pict{taken:%Y%m%d_%H%M%S}_{count}.JPG",
    original_px=(5456, 3632),
    focal_mm=(16.0, 50.0),
)

# -- ILCE-6000, its first app ---------------------------------------------------------------------------------------

_A6000_LIST = (
    f"{_BEFORE} actTakePicture stopRecMode startLiveview stopLiveview actZoom setSelfTimer getSelfTimer "
    "getAvailableSelfTimer getSupportedSelfTimer getExposureCompensation getAvailableExposureCompensation "
    "getSupportedExposureCompensation setShootMode getShootMode getAvailableShootMode getSupportedShootMode "
    "getSupportedFlashMode"
)  # recorded: 22 after startRecMode

A6000 = replace(
    A5000,
    name="a6000",
    model="ILCE-6000",
    digital_imaging=False,  # recorded: the description of its first firmware has none, a later one has
    mac_prefix="8e4500",
    server="FedoraCore/2 UPnP/1.0 MINT-X/1.8.1",
    application=("Smart Remote Embedded", "2.0.0"),
    methods=(*rows(_A6000_LIST), *rows("awaitTakePicture"), *GUIDE_ACCESS),
    offers=offers(_A6000_LIST, app_conditions(_A6000_LIST, {}), ALWAYS),
    settings=(
        _SINGLE,
        one_of("SelfTimer", 0, (0, 2, 10)),
        bias(15, ALWAYS),
        fixed("FlashMode", "off"),
    ),
    escapes_slashes=False,
    batteries=(),
    tells_storage=False,
    original_px=(6000, 4000),
)

# -- ILCE-6300 ------------------------------------------------------------------------------------------------------

_A6300_METHODS = " ".join(
    sorted(
        words(
            "actTakePicture actZoom awaitTakePicture cancelTouchAFPosition getApplicationInfo getAvailableApiList "
            "getEvent getTouchAFPosition setTouchAFPosition startLiveview startLiveviewWithSize startMovieRec "
            "startRecMode stopLiveview stopMovieRec stopRecMode "
            + groups(
                "ExposureCompensation ExposureMode FNumber FlashMode FocusMode IsoSpeedRate PostviewImageSize "
                "SelfTimer ShootMode ShutterSpeed WhiteBalance"
            )
            + " getLiveviewSize getAvailableLiveviewSize getSupportedLiveviewSize setProgramShift "
            "getSupportedProgramShift"
        )
    )
)  # recorded: 65 of its 67 rows, sorted
_A6300_LIST = (
    f"{_BEFORE} actTakePicture awaitTakePicture stopRecMode startLiveview stopLiveview actZoom setSelfTimer "
    "getSelfTimer getAvailableSelfTimer getSupportedSelfTimer setExposureCompensation getExposureCompensation "
    "getAvailableExposureCompensation getSupportedExposureCompensation setShootMode getShootMode "
    "getAvailableShootMode getSupportedShootMode getSupportedFlashMode"
)  # recorded: 7, 12 after startRecMode, 15 as liveview begins, 21 to 24 under liveview
_VIEWED = when(liveview=True)
_VIEWED_LONG = when(liveview=True, liveview_seconds=1.0)
_A6300_SPECIAL = {
    **dict.fromkeys(words("actTakePicture setShootMode actZoom"), _VIEWED),
    **dict.fromkeys(words(groups("SelfTimer", "set get getAvailable")), _VIEWED_LONG),
    **dict.fromkeys(words(groups("ExposureCompensation", "get getAvailable getSupported")), _VIEWED_LONG),
    "setExposureCompensation": when(liveview=True, liveview_seconds=1.0, ExposureMode=("Program Auto", *CREATIVE[1:3])),
    "getSupportedFlashMode": _VIEWED_LONG,
}

A6300 = replace(
    A5000,
    name="a6300",
    model="ILCE-6300",
    mac_prefix="a2c9a0",
    application=("Smart Remote Control SR/3.31 __SAK__", "2.0.1"),
    methods=(*rows(f"{_A6300_METHODS} getMethodTypes getVersions"), *GUIDE_ACCESS),
    offers=offers(_A6300_LIST, app_conditions(_A6300_LIST, _A6300_SPECIAL), ALWAYS),
    settings=(
        one_of("ShootMode", "still", ("still", "movie")),
        one_of("SelfTimer", 0, (0, 2)),
        fixed("ExposureMode", "Program Auto"),
        bias(15, _VIEWED),
        Setting(group="FNumber", value="3.5", supported=LENS_STOPS),
        fixed("IsoSpeedRate", "AUTO"),
        one_of("PostviewImageSize", "2M", ("Original", "2M")),
        fixed("ShutterSpeed", "1/60"),
        fixed("FlashMode", "off"),
        fixed("FocusMode", "AF-S"),
        one_of("LiveviewSize", "M", ("L", "M")),
        balance(BALANCES),
        one_of("ProgramShift", 0, (5, -5)),
    ),
    quirks=Quirks(
        needs_rec_mode=True,
        http_500=(("setShootMode", ("movie",)),),
        works_unlisted=frozenset({"awaitTakePicture", "setExposureCompensation"}),
    ),
    escapes_slashes=False,
    batteries=(),
    tells_storage=False,
    timings=Timings(processing_seconds=(1.8, 3.8), busy_seconds=(2.2, 4.2)),  # measured: 1.9 to 4.0 s to the URL
    original_px=(6000, 4000),
)
