"""The methods of settings: `set`, `get`, `getAvailable` and `getSupported` of every group, each in its shape."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from dayspool.sim.exchange import illegal_argument, texts
from dayspool.sim.groups import GROUPS, Group, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dayspool.sim.body import Body
    from dayspool.sim.exchange import Caller, Handler

__all__ = ["available", "read", "setting_handlers", "supported"]


def setting_handlers(body: Body) -> Mapping[str, Handler]:
    """Return the handlers of every setting the model has, by method name."""
    handlers: dict[str, Handler] = {}
    for setting in body.profile.settings:
        group = GROUPS[setting.group]
        handlers[f"set{group.name}"] = partial(_set, body, group)
        handlers[f"get{group.name}"] = partial(_get, body, group)
        handlers[f"getAvailable{group.name}"] = partial(_get_available, body, group)
        handlers[f"getSupported{group.name}"] = partial(_get_supported, body, group)
    return handlers


async def _set(body: Body, group: Group, params: list[Any], caller: Caller) -> list[Any]:
    body.change_setting(group.name, _written(group, params))
    return [] if group.shape is Shape.OBJECT else [0]


async def _get(body: Body, group: Group, params: list[Any], caller: Caller) -> list[Any]:
    return [read(group, body.settings[group.name])]


async def _get_available(body: Body, group: Group, params: list[Any], caller: Caller) -> list[Any]:
    choices = body.settings.choices(group.name, body.state)
    return available(group, body.settings[group.name], choices)


async def _get_supported(body: Body, group: Group, params: list[Any], caller: Caller) -> list[Any]:
    return supported(group, body.settings.supported(group.name))


def _written(group: Group, params: list[Any]) -> Any:
    """Return the value that the parameters of a setter ask for.

    Raises:
        Refusal: they are not of this group's shape.
    """
    match group.shape:
        case Shape.TEXT:
            return texts(params, 1)[0]
        case Shape.STILL_SIZE:
            return tuple(texts(params, 2))
        case Shape.NUMBER | Shape.STEP | Shape.SHIFT if len(params) == 1 and type(params[0]) is int:
            return params[0]
        case Shape.WHITE_BALANCE if [type(param) for param in params] == [str, bool, int]:
            mode, by_kelvin, kelvin = params
            return mode, kelvin if by_kelvin else -1
        case Shape.OBJECT if len(params) == 1 and isinstance(params[0], dict) and set(params[0]) == {group.key}:
            return _of_kind(group.kind, params[0][group.key])
    raise illegal_argument()


def _of_kind(kind: str, value: Any) -> Any:
    if type(value) is not {"string": str, "int": int, "bool": bool}[kind]:
        raise illegal_argument()
    return value


def read(group: Group, value: Any) -> Any:
    """Return a value as its getter gives it."""
    match group.shape:
        case Shape.OBJECT:
            return {group.key: value}
        case Shape.WHITE_BALANCE:
            return {"whiteBalanceMode": value[0], "colorTemperature": value[1]}
        case Shape.STILL_SIZE:
            return _size(value)
    return value


def available(group: Group, value: Any, choices: tuple[Any, ...]) -> list[Any]:
    """Return the value and its choices as `getAvailable…` gives them; no choices when it cannot be changed now."""
    match group.shape:
        case Shape.STEP:
            return [value, *(choices or (0, 0, 0))]  # a step of 0: not adjustable now (ILCE-5000, DSC-HX60V)
        case Shape.OBJECT:
            return [{group.key: value, "candidate": list(choices)}]
        case Shape.WHITE_BALANCE:
            return [read(group, value), _spans(choices)]
        case Shape.STILL_SIZE:
            return [_size(value), [_size(choice) for choice in choices]]
    return [value, list(choices)]


def supported(group: Group, choices: tuple[Any, ...]) -> list[Any]:
    """Return the choices as `getSupported…` gives them."""
    match group.shape:
        case Shape.STEP:
            return [[number] for number in choices]
        case Shape.OBJECT:
            return [{"candidate": list(choices)}]
        case Shape.WHITE_BALANCE:
            return [_spans(choices)]
        case Shape.STILL_SIZE:
            return [[_size(choice) for choice in choices]]
    return [list(choices)]


def _spans(choices: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [{"whiteBalanceMode": mode, "colorTemperatureRange": list(span)} for mode, span in choices]


def _size(value: tuple[str, str]) -> dict[str, str]:
    return {"aspect": value[0], "size": value[1]}
