"""The stack that a RAW without a look gets: everything pinned, so that nothing is chosen for each frame by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dayspool.develop.builtin_raw import levels_of
from dayspool.errors import FrameError, ToolMissing
from dayspool.look.lane import coded
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.step import Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dayspool.sidecar.schema import Module, Modules

__all__ = ["Balance", "balance_of", "balance_step", "base_stack", "default_step"]

# What the base stack sets, module by module; fields that a version does not have are left out. Exposure: what
# darktable's scene-referred workflow begins with (iop/exposure.c); both switches that look at the picture's own data
# are off. Highlights are clipped: the other methods guess from the rest of the picture, and guess anew for each frame.
# Sigmoid aims above white, so that a full sensor is white from 0 EV of our own exposure on. Where it aims at 100 % it
# never gets there: a clipped sky is a grey that takes a fifth of every change of exposure, lifted or not (4.2.1).
_BASE: Mapping[str, Mapping[str, float]] = {
    "highlights": {"mode": 0},
    "exposure": {
        "mode": 0,
        "black": -0.000244140625,
        "exposure": 0.7,
        "compensate_exposure_bias": 0,
        "compensate_hilite_pres": 0,
    },
    "sigmoid": {"display_white_target": 125.0},
}

# Where a module begins from each picture's own data: what leaves the picture alone, or what tells darktable to look for
# itself. Without that, profiled denoising takes a profile of nothing and makes every picture black (4.2.1).
_BEGINNINGS: Mapping[str, Mapping[str, float]] = {
    "denoiseprofile": {"a[0]": -1.0},
    "temperature": {"red": 1.0, "green": 1.0, "blue": 1.0, "g2": 1.0, "various": 1.0},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Multipliers of red, green, blue and the second green, green being 1, and where they are from."""

    multipliers: tuple[float, float, float, float]
    source: str


def base_stack(modules: Modules, balance: Balance | None) -> tuple[Sidecar, tuple[str, ...]]:
    """Return the sidecar of a RAW without a look, and sentences for what it is and what could not be pinned.

    Args:
        modules: the layouts of parameters; modules that are not there are left out.
        balance: the white balance of all frames, `None` leaves it to each frame.
    """
    wanted: dict[str, Mapping[str, float]] = dict(_BASE)
    notes = []
    if balance is None:
        notes.append(
            "the white balance cannot be read from the RAWs: each gets its own, and they may flicker;"
            " pip install 'dayspool[film]' if rawpy is missing"
        )
    else:
        wanted["temperature"] = _multipliers(modules, balance)
        shown = ", ".join(f"{value:.4g}" for value in balance.multipliers[:3])
        notes.append(f"RAWs without a look all get the white balance {shown} (red, green, blue), {balance.source}")
    steps = []
    for operation, values in wanted.items():
        module = modules.find(operation)
        step = None if module is None else default_step(module, values)
        if step is None:
            notes.append(
                f"darktable {modules.darktable} is not known to have {operation}, so RAWs are developed without"
            )
        else:
            steps.append(step)
    return Sidecar.blank(raw=True).with_steps(steps), tuple(notes)


def default_step(module: Module, values: Mapping[str, float] | None = None) -> Step | None:
    """Return a module's first instance as darktable begins it, with some values set; those it does not have are not.

    `None` if neither darktable's own parameters nor the defaults of all fields are known; modules fill tables in code.
    """
    params = bytearray(module.defaults or bytes(module.size))
    begins = {**({} if module.defaults else _defaults(module)), **_BEGINNINGS.get(module.operation, {})}
    for name, value in {**begins, **(values or {})}.items():
        for field in module.fields:
            code = coded(field)
            if field.name == name and code is not None:
                code.pack_into(params, field.offset, value if "f" in code.format or "d" in code.format else int(value))
    known = module.defaults is not None or all(
        field.default is not None and "[" not in field.name for field in module.fields
    )
    return Step(operation=module.operation, version=module.version, params=bytes(params)) if known else None


def balance_step(modules: Modules, balance: Balance) -> Step | None:
    """Return the module that gives a RAW this white balance, or `None` if darktable is not known to have it."""
    module = modules.find("temperature")
    return None if module is None else default_step(module, _multipliers(modules, balance))


def balance_of(raws: Sequence[Path]) -> Balance | None:
    """Return the white balance that the camera wrote into a RAW, or that of daylight; `None` if it cannot be read.

    Of the RAWs it is the one in the middle, or the next that can be read, as with the developer that is built in.
    """
    middle = len(raws) // 2
    tried = (_balance(raw) for raw in (*raws[middle:], *raws[:middle]))
    return next((balance for balance in tried if balance is not None), None)


def _balance(raw: Path) -> Balance | None:
    try:
        levels = levels_of(raw)
    except (FrameError, ToolMissing):
        return None
    red, green, blue, second = levels.multipliers
    source = "that of daylight for this camera" if levels.multipliers == levels.daylight else "the camera's own"
    values = (red / green, 1.0, blue / green, (second or green) / green)
    return Balance(multipliers=values, source=f"{source}, from {raw.name}")


def _multipliers(modules: Modules, balance: Balance) -> dict[str, float]:
    """Return the multipliers by the names of their fields: the second green has had two."""
    module = modules.find("temperature")
    later = module is not None and any(field.name == "various" for field in module.fields)
    return dict(zip(("red", "green", "blue", "various" if later else "g2"), balance.multipliers, strict=True))


def _defaults(module: Module) -> dict[str, float]:
    return {field.name: field.default for field in module.fields if field.default is not None}
