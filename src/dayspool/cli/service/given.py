"""The options that the service commands share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from dayspool.cli.service.manager import Manager

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["manager_option"]


def manager_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--system` and `--user`; the command gets a `Manager` as its argument `manager`."""
    return click.option(
        "--system/--user",
        "manager",
        default=None,
        callback=lambda _ctx, _param, value: Manager(system=os.geteuid() == 0 if value is None else value),
        help="A service of the whole system, or of your user alone; if left out, the system's for root.",
    )(function)
