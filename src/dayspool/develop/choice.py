"""Which developer a render uses, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dayspool.develop.builtin import BuiltinDeveloper
from dayspool.develop.builtin_proof import prove_raw
from dayspool.develop.builtin_raw import pinned
from dayspool.develop.darktable import DarktableDeveloper
from dayspool.errors import PlanError, ToolError, ToolMissing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dayspool.develop.api import Developer, DeveloperInfo

__all__ = ["DEVELOPERS", "Choice", "choose"]

DEVELOPERS = ("auto", "darktable", "builtin")
_WITHOUT = "or leave the look out: --look none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A developer that passed its own test, what it said of itself, and why it was taken."""

    developer: Developer
    info: DeveloperInfo
    reason: str


def choose(name: str = "auto", *, needs_darktable: str | None = None, raws: Sequence[Path] = ()) -> Choice:
    """Return the developer of this name, or, for `auto`, the one that the frames and their look need.

    `auto` takes darktable for a look that only darktable can develop, and for RAW frames if it is installed and obeys;
    pictures without such a look never pay for it.

    Args:
        name: one of `DEVELOPERS`.
        needs_darktable: why only darktable will do, as a clause ("the look has 3 keyframes made in darktable").
        raws: the RAW frames in slot order; the built-in developer takes black, white and white balance for all of them
            from the one in the middle.

    Raises:
        PlanError: there is no such developer, or the built-in one was asked for and a look needs darktable.
        ToolError: the one asked for by name is missing or failed its test, or darktable did and a look needs it.
        ToolMissing: RAW frames have no developer here.
    """
    if name not in DEVELOPERS:
        raise PlanError(f"developer {name!r} is not known; it can be {', '.join(DEVELOPERS)}")
    if name == "builtin":
        if needs_darktable:
            raise PlanError(f"{needs_darktable}, which --developer builtin cannot show: use darktable, {_WITHOUT}")
        return _builtin("asked for", raws)
    if name == "auto" and not needs_darktable and not raws:
        return _builtin("pictures without a darktable look do not need darktable")
    darktable = DarktableDeveloper()
    info = darktable.probe()
    if info.fault is None:
        why = "asked for" if name == "darktable" else _why(needs_darktable, info)
        return Choice(developer=darktable, info=info, reason=why)
    if name == "darktable":
        raise info.fault
    if needs_darktable:
        raise _refusal(needs_darktable, info) from info.fault
    return _builtin(f"RAW frames get LibRaw, because {_failure(info)}", raws)


def _builtin(reason: str, raws: Sequence[Path] = ()) -> Choice:
    if raws:
        prove_raw()
    developer = BuiltinDeveloper(pinned(raws))
    info = developer.probe()
    if info.fault is not None:
        raise info.fault
    return Choice(developer=developer, info=info, reason=reason)


def _why(needs_darktable: str | None, info: DeveloperInfo) -> str:
    return f"{needs_darktable or 'the frames are RAW'}, and darktable {info.version} passed its test"


def _failure(info: DeveloperInfo) -> str:
    missing = isinstance(info.fault, ToolMissing)
    return "darktable is not installed" if missing else f"darktable failed its test: {info.detail}"


def _refusal(needs_darktable: str, info: DeveloperInfo) -> ToolError:
    if isinstance(info.fault, ToolMissing):
        return ToolMissing(f"{needs_darktable}, and darktable is not installed: apt install darktable, {_WITHOUT}")
    return ToolError(f"{needs_darktable}, and {_failure(info)}; `dayspool doctor` says more; mend it, {_WITHOUT}")
