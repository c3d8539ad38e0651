"""The vocabularies of settings that several models share, each with the camera it was recorded on."""

from __future__ import annotations

from dayspool.sim.models.catalogue import when, words
from dayspool.sim.profile import ALWAYS, Choices, Setting, When

__all__ = [
    "A7R_ISO",
    "A5000_ISO",
    "AUTO",
    "BALANCES",
    "BATTERY",
    "CREATIVE",
    "DEVICE_TAG",
    "FOCUS_MODES",
    "HX60_BALANCES",
    "LENS_STOPS",
    "MEDIA_TAG",
    "QX10_BALANCES",
    "RESOURCE",
    "SHUTTERS_1600",
    "SHUTTERS_4000",
    "SHUTTERS_8000",
    "ZOOM_SETTINGS",
    "balance",
    "bias",
    "fixed",
    "frame_info",
    "one_of",
]

_SLOW = words('30" 25" 20" 15" 13" 10" 8" 6" 5" 4" 3.2" 2.5" 2" 1.6" 1.3" 1" 0.8" 0.6" 0.5" 0.4"')
_FAST = words(
    "3 4 5 6 8 10 13 15 20 25 30 40 50 60 80 100 125 160 200 250 320 400 500 640 800 1000 1250 1600 2000 2500 3200 4000"
    " 5000 6400 8000"
)
SHUTTERS_8000 = (*_SLOW, *(f"1/{n}" for n in _FAST))  # ILCE-7R
SHUTTERS_4000 = tuple(name for name in SHUTTERS_8000 if name not in {"1/5000", "1/6400", "1/8000"})  # ILCE-5000
SHUTTERS_1600 = SHUTTERS_4000[:-4]  # DSC-HX60V

LENS_STOPS = words("3.5 4.0 4.5 5.0 5.6 6.3 7.1 8.0 9.0 10 11 13 14 16 18 20 22")  # kit zoom; names as on 7R

_ISO = words("50 64 80 100 125 160 200 250 320 400 500 640 800 1000 1250 1600 2000 2500 3200 4000 5000 6400 8000 10000")
A7R_ISO = ("AUTO", *_ISO, "12800", "16000", "20000", "25600")  # ILCE-7R
A5000_ISO = ("AUTO", *_ISO[3:], "12800", "16000")  # ILCE-5000

_PLAIN_BALANCES = words(
    "Auto WB;Daylight;Shade;Cloudy;Incandescent;Fluorescent: Warm White (-1);Fluorescent: Cool White (0);"
    "Fluorescent: Day White (+1);Fluorescent: Daylight (+2);Flash",
    ";",
)
_KELVIN = ("Color Temperature", (9900, 2500, 100))
BALANCES = (*((mode, ()) for mode in _PLAIN_BALANCES), _KELVIN, ("Custom", ()))  # ILCE-5000
_WARM = {"Shade", "Fluorescent: Warm White (-1)"}
HX60_BALANCES = (*((mode, ()) for mode in _PLAIN_BALANCES if mode not in _WARM), _KELVIN, ("Custom", ()))  # DSC-HX60V
QX10_BALANCES = tuple((mode, ()) for mode in _PLAIN_BALANCES if mode not in {*_WARM, "Flash"})  # DSC-QX10

FOCUS_MODES = ("AF-S", "AF-C", "DMF", "MF")  # ILCE-5000, ILCE-7R
ZOOM_SETTINGS = ("Optical Zoom Only", "On:Clear Image Zoom", "On:Digital Zoom")  # ILCE-5000, ILCE-7R, DSC-HX60V

CREATIVE = ("Program Auto", "Aperture", "Shutter", "Manual")
AUTO = ("Intelligent Auto", "Superior Auto")

RESOURCE = "%211234%21http%2dget%3a%2a%3aimage%2fjpeg%3a%2a%21%21%21%21%21"
"""What stands after the question mark of G0 and G1 addresses (recorded: QX100, AS30V)."""

DEVICE_TAG = "uuid:000000001000-1010-8000-{MAC}"
"""The unique device name of the MINT-X stack (app cameras, QX1), which lacks its first dash."""

MEDIA_TAG = "uuid:00000000-0005-0010-8000-{mac}"
"""The unique device name of the older stack (G0, G1, action cameras)."""

BATTERY = {
    "batteryID": "externalBattery1",
    "status": "active",
    "additionalStatus": "",
    "levelNumer": 4,
    "levelDenom": 4,
    "description": "",
}
"""One row of `batteryInfo`, full; the names of its values from clients."""


def fixed(group: str, value: object) -> Setting:
    """Return a setting that can be read, and not changed over the network."""
    return Setting(group=group, value=value)


def one_of(group: str, value: object, choices: tuple[object, ...], condition: When = ALWAYS) -> Setting:
    """Return a setting with one list of choices, changeable while the condition holds."""
    return Setting(group=group, value=value, choices=(Choices(values=choices, when=condition),), supported=choices)


def bias(limit: int, condition: When | None = None) -> Setting:
    """Return exposure compensation in thirds of an EV, up to `limit` of them; not in the automatic modes."""
    steps = Choices(values=(limit, -limit, 1), when=condition or when(ExposureMode=CREATIVE))
    return Setting(group="ExposureCompensation", value=0, choices=(steps,), supported=(limit, -limit, 1))


def balance(choices: tuple[object, ...], condition: When | None = None) -> Setting:
    """Return white balance, automatic at switch-on; not changeable in the automatic modes."""
    return one_of("WhiteBalance", ("Auto WB", -1), choices, condition or when(ExposureMode=CREATIVE))


def frame_info() -> Setting:
    """Return the switch that adds focus rectangles to liveview."""
    return one_of("LiveviewFrameInfo", False, (True, False))
