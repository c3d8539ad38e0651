"""What one event or one reply tells of a setting, whatever its shape. Rubbish tells nothing. No network here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

from dayspool.camera.kinds import COLOR_TEMPERATURE, KINDS, Raw, SettingKind, Shape
from dayspool.camera.values import events_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["FARTHEST_INDEX", "NOTHING", "NO_KELVIN", "Told", "from_events", "from_reply", "from_supported"]

MOST_CHOICES = 1000  # far above any camera's list: a guard against nonsense
FARTHEST_INDEX = 300  # the widest compensation recorded is ±15 steps
NO_KELVIN = -1  # the cameras' own word for "no colour temperature"
STEPS_PER_EV = {1: 3, 2: 2}  # the step's code, and how many steps make one EV; code 0: not adjustable now


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of a setting; `None` is "not told", an empty list of choices is "none now".

    Attributes:
        raw: its value.
        choices: what it can be.
        per_ev: how many steps of an exposure compensation make one EV.
    """

    raw: Raw | None = None
    choices: tuple[Raw, ...] | None = None
    per_ev: int | None = None

    def completed_by(self, other: Told) -> Told:
        """Return this, with what it leaves open taken from `other`."""
        return Told(
            raw=other.raw if self.raw is None else self.raw,
            choices=other.choices if self.choices is None else self.choices,
            per_ev=other.per_ev if self.per_ev is None else self.per_ev,
        )


NOTHING = Told()


def from_events(result: list[Any]) -> dict[str, Told]:
    """Return what the result of `getEvent` or `receiveEvent` tells, by the settings' names."""
    told = {}
    for event in events_in(result):
        for kind in KINDS:
            if kind.event == event["type"] and (news := _from_event(kind, event)) != NOTHING:
                told[kind.name] = news
    return told


def from_reply(kind: SettingKind, result: list[Any]) -> Told:
    """Read the reply of `getX`, or of `getAvailableX`, which begins alike."""
    first = result[0] if result else None
    second = result[1] if len(result) > 1 else None
    match kind.shape:
        case Shape.STEP:
            return _steps(*(*result, None, None, None, None)[:4])
        case Shape.OBJECT if isinstance(first, dict):
            return Told(raw=_scalar(first.get(kind.keys[0])), choices=_all(_scalar, first.get("candidate")))
        case Shape.WHITE_BALANCE if isinstance(first, dict):
            return Told(
                raw=_white_balance(first.get("whiteBalanceMode"), first.get("colorTemperature")),
                choices=_white_balances(second),
            )
        case Shape.STILL_SIZE:
            return Told(raw=_still_size(first), choices=_all(_still_size, second))
        case Shape.PLAIN:
            return Told(raw=_scalar(first), choices=_all(_scalar, second))
    return NOTHING


def from_supported(kind: SettingKind, result: list[Any]) -> Told:
    """Read the reply of `getSupportedX`: choices alone, of this mode and others."""
    first = result[0] if result else None
    match kind.shape, first:
        case Shape.STEP, [_]:
            ends = [part[0] if isinstance(part, list) and part else None for part in result]
            return _steps(None, *(*ends, None, None)[:3])
        case Shape.SHIFT, [int(end), int(other)]:
            return Told(choices=_between(end, other))
        case Shape.OBJECT, {"candidate": candidates}:
            return Told(choices=_all(_scalar, candidates))
        case Shape.WHITE_BALANCE, _:
            return Told(choices=_white_balances(first))
        case Shape.STILL_SIZE, _:
            return Told(choices=_all(_still_size, first))
        case Shape.PLAIN, _:
            return Told(choices=_all(_scalar, first))
    return NOTHING


def _from_event(kind: SettingKind, event: dict[str, Any]) -> Told:
    value, choices = (event.get(key) for key in kind.keys)
    match kind.shape:
        case Shape.STEP:
            ends = (event.get(f"{end}{kind.group}") for end in ("max", "min", "stepIndexOf"))
            return _steps(value, *ends)
        case Shape.WHITE_BALANCE:
            return Told(raw=_white_balance(value, choices))
        case Shape.STILL_SIZE:
            return Told(raw=_still_size({"aspect": value, "size": choices}))
        case Shape.OBJECT if value is None:  # loopRecTime is loopRecTimeMin in the calls alone
            value = event.get(kind.event)
    return Told(raw=_scalar(value), choices=_all(_scalar, choices))


def _scalar(value: object) -> str | int | None:
    return value if isinstance(value, str | int) and value != "" else None


def _all(read: Callable[[object], Raw | None], values: object) -> tuple[Raw, ...] | None:
    if not isinstance(values, list):
        return None
    return tuple(raw for value in values[:MOST_CHOICES] if (raw := read(value)) is not None)


def _steps(current: object, highest: object = None, lowest: object = None, step: object = None) -> Told:
    """Read a compensation counted in steps; all zero is "not adjustable now" (ILCE-5000, DSC-HX60V in auto)."""
    raw = current if _is_index(current) else None
    if not (_is_index(highest) and _is_index(lowest) and _is_index(step)):
        return Told(raw=raw)
    if step not in STEPS_PER_EV or lowest >= highest:
        return Told(raw=raw, choices=())
    return Told(raw=raw, choices=_between(lowest, highest), per_ev=STEPS_PER_EV[step])


def _is_index(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= FARTHEST_INDEX


def _between(end: int, other: int) -> tuple[Raw, ...] | None:
    low, high = sorted((end, other))
    return tuple(range(low, high + 1)) if _is_index(low) and _is_index(high) else None


def _white_balance(mode: object, kelvin: object) -> tuple[str, int] | None:
    if not isinstance(mode, str):
        return None
    if mode == COLOR_TEMPERATURE and isinstance(kelvin, int) and kelvin > 0:
        return mode, kelvin
    return mode, NO_KELVIN


def _white_balances(values: object) -> tuple[Raw, ...] | None:
    """Read `[{"whiteBalanceMode":…, "colorTemperatureRange":[max, min, step]}]`: one choice per colour temperature."""
    if not isinstance(values, list):
        return None
    choices: list[Raw] = []
    for value in values:
        match value:
            case {"whiteBalanceMode": str(mode), "colorTemperatureRange": [int(end), int(other), int(step)]}:
                choices += [(mode, kelvin) for kelvin in _kelvins(end, other, step)]
            case {"whiteBalanceMode": str(mode)}:
                choices.append((mode, NO_KELVIN))
    return tuple(choices[:MOST_CHOICES])


def _kelvins(end: int, other: int, step: int) -> Sequence[int]:
    low, high = sorted((end, other))
    return range(low, high + 1, step)[:MOST_CHOICES] if step > 0 and low > 0 else ()


def _still_size(value: object) -> tuple[str, str] | None:
    match value:
        case {"aspect": str(aspect), "size": str(size)}:
            return aspect, size
    return None
