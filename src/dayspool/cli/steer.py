"""`dayspool steer`: leave a wish for a shoot that runs, from any other terminal."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.output import Output, json_option
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from dayspool.journal import RequestKind

__all__ = ["command"]

_MOST_EV = 5.0
_ONE_OF = "give one of --pause, --resume, --stop, --bias"


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@click.option("--pause", "wish", flag_value="pause", help="Let slots go by untaken.")
@click.option("--resume", "wish", flag_value="resume", help="Take slots again.")
@click.option("--stop", "wish", flag_value="stop", help="Finish the frame in hand, then end.")
@click.option("--bias", type=float, metavar="EV", help="Pictures so many EV brighter, or darker: +0.3, -1. 0 ends it.")
@json_option
def command(shoot: Path, wish: str | None, bias: float | None, output: Output) -> None:
    """Ask the shoot in the folder SHOOT for something; it is heard between two frames.

    A bias counts where the exposure is ramped (`dayspool shoot --ramp`), and is reached as fast as the ramp goes.
    """
    from dayspool.clock import SystemClock
    from dayspool.journal import is_being_written, leave_request

    kind = _kind(wish, bias)
    if bias is not None:
        _refuse_unramped(shoot)
    leave_request(shoot, kind, SystemClock().utc(), ev=bias or 0.0)
    heard = is_being_written(shoot)
    output.say(f"asked: {kind.value}" + ("" if heard else "; nobody shoots there now, so it is heard when one does"))
    output.result({"asked": kind.value, "ev": bias, "running": heard})


def _refuse_unramped(shoot: Path) -> None:
    """Raise where a bias would be heard and change nothing."""
    from dayspool.config import FILE_NAME, load_plan

    path = shoot / FILE_NAME
    if path.exists() and load_plan(path).ramp is None:
        raise PlanError(
            f"bias: the exposure of {shoot} is not ramped, so nothing would become brighter or darker; "
            f"add [ramp] to {path} and begin its run anew"
        )


def _kind(wish: str | None, bias: float | None) -> RequestKind:
    from dayspool.journal import RequestKind

    if (wish is None) is (bias is None):
        raise PlanError(_ONE_OF)
    if wish is not None:
        return RequestKind(wish)
    assert bias is not None
    if not (math.isfinite(bias) and abs(bias) <= _MOST_EV):
        raise PlanError(f"bias: must lie between -{_MOST_EV:g} and {_MOST_EV:g} EV, not {bias:g}")
    return RequestKind.BIAS
