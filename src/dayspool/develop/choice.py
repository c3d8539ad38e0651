"""Which developer a render uses, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dayspool.develop.builtin import BuiltinDeveloper
from dayspool.develop.darktable import DarktableDeveloper
from dayspool.errors import PlanError, ToolMissing

if TYPE_CHECKING:
    from dayspool.develop.api import Developer, DeveloperInfo

__all__ = ["DEVELOPERS", "Choice", "choose"]

DEVELOPERS = ("auto", "darktable", "builtin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A developer that passed its own test, what it said of itself, and why it was taken."""

    developer: Developer
    info: DeveloperInfo
    reason: str


def choose(name: str = "auto", *, threads: int = 1) -> Choice:
    """Return the developer of this name; `auto` takes darktable if it is installed and obeys, else the built-in one.

    Args:
        name: one of `DEVELOPERS`.
        threads: how many threads each darktable process may use.

    Raises:
        PlanError: there is no such developer.
        ToolError: the one asked for by name is missing or failed its test.
    """
    if name not in DEVELOPERS:
        raise PlanError(f"developer {name!r} is not known; it can be {', '.join(DEVELOPERS)}")
    if name == "builtin":
        return _builtin("asked for")
    darktable = DarktableDeveloper(threads=threads)
    info = darktable.probe()
    if info.fault is None:
        reason = "asked for" if name == "darktable" else f"darktable {info.version} is installed and passed its test"
        return Choice(developer=darktable, info=info, reason=reason)
    if name == "darktable":
        raise info.fault
    missing = isinstance(info.fault, ToolMissing)
    return _builtin("darktable is not installed" if missing else f"darktable failed its test: {info.detail}")


def _builtin(reason: str) -> Choice:
    developer = BuiltinDeveloper()
    return Choice(developer=developer, info=developer.probe(), reason=reason)
