"""The settings of one body: what each is, what it could be now, and what they ask of an exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dayspool.sim.exchange import illegal_argument, not_now
from dayspool.sim.groups import GROUPS, Shape
from dayspool.sim.parts import ExposureWish

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dayspool.sim.profile import Profile, Setting, State

__all__ = ["Settings", "stop_seconds"]

_KELVIN: Mapping[str, int] = {  # the light each white balance is made for: Sony's help guides, rounded
    "Daylight": 5300,
    "Shade": 7500,
    "Cloudy": 6100,
    "Incandescent": 2800,
    "Fluorescent: Warm White (-1)": 3000,
    "Fluorescent: Cool White (0)": 4000,
    "Fluorescent: Day White (+1)": 5000,
    "Fluorescent: Daylight (+2)": 6500,
    "Flash": 6000,
    "Custom": 5300,
    "Custom 1": 5300,
    "Custom 2": 4300,
    "Custom 3": 3300,
}
_SHUTTER_BY_HAND = frozenset({"Shutter", "Manual"})
_APERTURE_BY_HAND = frozenset({"Aperture", "Manual"})


class Settings:
    """The values of one body's settings, by group, as they travel."""

    def __init__(self, profile: Profile) -> None:
        self._settings: Mapping[str, Setting] = {setting.group: setting for setting in profile.settings}
        self.values: dict[str, Any] = {setting.group: setting.value for setting in profile.settings}

    def __contains__(self, group: object) -> bool:
        return group in self._settings

    def __getitem__(self, group: str) -> Any:
        return self.values[group]

    def get(self, group: str, otherwise: Any = None) -> Any:
        """Return a value; `otherwise` when the body has no such setting."""
        return self.values.get(group, otherwise)

    def turn(self, group: str, value: Any) -> None:
        """Set a value as a person does it on the body, by a dial or a menu: without asking whether it may be."""
        self.values[group] = value

    def choices(self, group: str, state: State) -> tuple[Any, ...]:
        """Return what it could be set to now; nothing when it is not to be changed."""
        return next((choices.values for choices in self._settings[group].choices if choices.when.holds(state)), ())

    def supported(self, group: str) -> tuple[Any, ...]:
        """Return what it could be set to in some state."""
        setting = self._settings[group]
        if setting.supported is not None:
            return setting.supported
        return setting.choices[0].values if setting.choices else ()

    def change(self, group: str, value: Any, state: State) -> None:
        """Set a value as a client asks for it.

        Raises:
            Refusal: 3 for a value it could never have, 1 for one it cannot have now.
        """
        choices = self.choices(group, state)
        if not choices:
            raise not_now() if _fits(group, value, self.supported(group)) else illegal_argument()
        if not _fits(group, value, choices):
            raise illegal_argument()
        self.values[group] = value

    def wish(self, *, focus_error: float = 0.0) -> ExposureWish:
        """Return what the settings ask of an exposure; `focus_error` says how far out of focus it is, from 0 to 1."""
        mode = self.get("ExposureMode", "Program Auto")
        shutter = self.get("ShutterSpeed") if mode in _SHUTTER_BY_HAND else None
        aperture = self.get("FNumber") if mode in _APERTURE_BY_HAND else None
        iso = self.get("IsoSpeedRate", "AUTO")
        return ExposureWish(
            mode=mode,
            shutter_seconds=stop_seconds(shutter),
            aperture=float(aperture) if aperture is not None else None,
            iso=int(iso) if iso.isdigit() else None,
            bias_ev=self.get("ExposureCompensation", 0) / 3,
            white_balance_kelvin=self._kelvin(),
            focus_error=focus_error,
        )

    def _kelvin(self) -> int | None:
        mode, kelvin = self.get("WhiteBalance", ("Auto WB", -1))
        return kelvin if kelvin > 0 else _KELVIN.get(mode)


def stop_seconds(name: str | None) -> float | None:
    """Return the seconds of a shutter's name, such as `1/250` or `0.8"`; `None` for BULB and for none."""
    if name is None or name == "BULB":
        return None
    if name.startswith("1/"):
        return 1 / int(name[2:])
    return float(name.rstrip('"'))


def _fits(group: str, value: Any, choices: tuple[Any, ...]) -> bool:
    """Return whether a value is among the choices, in the group's own way of writing them."""
    if not choices:
        return False
    match GROUPS[group].shape:
        case Shape.STEP | Shape.SHIFT:
            highest, lowest, *_ = choices
            return bool(lowest <= value <= highest)
        case Shape.WHITE_BALANCE:
            mode, kelvin = value
            span = dict(choices).get(mode)
            if not span:
                return span is not None
            highest, lowest, step = span
            return bool(lowest <= kelvin <= highest and (kelvin - lowest) % step == 0)
        case _:
            return value in choices
