"""`dayspool sim`: run a simulated camera."""

from __future__ import annotations

import ipaddress
import math
import re
import signal
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import click

from dayspool.cli.output import Output, json_option, needs_extra
from dayspool.config import parse_place
from dayspool.core.plan import Place
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dayspool.sim import Body, Endpoints, Faults, Profile

__all__ = ["command"]


_NOW = "[default: now]"
_BY_DAY = "2026-06-21T12:00+02:00"
_FIRST_YEAR, _END_YEAR = 1900, 2200
_LONGEST_NAME = 64
_CHAOS_DAYS = 30
_HIGHEST_PORT = 65_533  # two more follow it


class _Size(click.ParamType[tuple[int, int]]):
    name = "WxH"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        match = re.fullmatch(r"(\d+)[x×](\d+)", str(value))
        if match is None:
            self.fail(f"{value!r} is no size; write 1616x1080", param, ctx)
        width, height = int(match[1]), int(match[2])
        if not (16 <= width <= 8000 and 16 <= height <= 8000):
            self.fail(f"{value} is out of range; each side must lie between 16 and 8000 pixels", param, ctx)
        return width, height


class _Moment(click.ParamType[datetime]):
    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no moment; write 2026-06-21T04:30+02:00", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value} needs a time and its zone: write 2026-06-21T04:30+02:00", param, ctx)
        if not _FIRST_YEAR <= moment.year < _END_YEAR:
            self.fail(f"{value} is out of range: the year must lie between {_FIRST_YEAR} and {_END_YEAR}", param, ctx)
        return moment


class _Speed(click.FloatRange):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        speed = float(super().convert(value, param, ctx))
        if not math.isfinite(speed):  # not a number lies in every range
            self.fail(f"{value} is no speed; write 60 for a minute a second", param, ctx)
        return speed


class _PlaceType(click.ParamType[Place]):
    name = "lat,lon"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Place:
        try:
            return parse_place(str(value))
        except PlanError as error:
            self.fail(str(error), param, ctx)


class _Name(click.ParamType[str]):
    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        name = str(value)
        if not (name.isprintable() and 0 < len(name) <= _LONGEST_NAME):
            self.fail(f"{value!r} is no name; write one line of at most {_LONGEST_NAME} characters", param, ctx)
        return name


class _Address(click.ParamType[str]):
    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return str(ipaddress.IPv4Address(str(value)))
        except ValueError:
            self.fail(f"{value!r} is no IPv4 address", param, ctx)


@click.command
@click.option(
    "--model",
    metavar="NAME|FILE",
    default="rx100m2",
    show_default=True,
    help="Which camera: a name from --list-models, or a file made by `dayspool camera dump` or `decode`.",
)
@click.option("--list-models", is_flag=True, help="Say which cameras can be simulated, and end.")
@click.option("--name", type=_Name(), help="What its owner calls the camera.  [default: the model]")
@click.option("--bind", "host", type=_Address(), default="127.0.0.1", show_default=True, help="Listen at this address.")
@click.option(
    "--port",
    type=click.IntRange(0, _HIGHEST_PORT),
    help="Control port; the next free ones serve description and liveview, 0 takes any free ones. [model's own]",
)
@click.option("--no-ssdp", is_flag=True, help="Do not answer searches.")
@click.option(
    "--speed",
    type=_Speed(0, 100_000, min_open=True),
    default=1.0,
    show_default=True,
    help="How many times faster the camera and its sky run.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Same seed, same land, weather, flicker and grain; the scene follows the camera's clock.",
)
@click.option(
    "--faults",
    "fault_file",
    metavar="NAME|FILE",
    help="A script of mishaps, in TOML, or standard-chaos: a month of lost answers, absences, hangs and spoilt "
    "pictures, at moments that follow --seed.",
)
@click.option("--ledger", "ledger_file", type=click.Path(path_type=Path), help="Append one JSON line per exposure.")
@click.option("--picture", "picture_px", type=_Size(), help="Size of the pictures.  [default: the model's]")
@click.option(
    "--sky-start",
    type=_Moment(),
    help=f"The camera's clock at the start; when it is too dark there, autofocus finds nothing. {_NOW}",
)
@click.option("--place", type=_PlaceType(), default="54.32,10.14", show_default=True, help="Where the camera stands.")
@json_option
def command(
    model: str,
    list_models: bool,
    host: str,
    port: int | None,
    no_ssdp: bool,
    fault_file: str | None,
    ledger_file: Path | None,
    output: Output,
    **character: Any,
) -> None:
    """Run a simulated camera until interrupted.

    It answers on the network as the real one does, and photographs a sky that follows the sun. At night a camera that
    focuses by itself, and could be told not to, answers every picture with error 40400: begin by day with --sky-start,
    or set its focus mode to MF. A camera without that choice always finds focus.
    """
    try:
        from anyio import to_thread

        from dayspool.clock import SystemClock
        from dayspool.sim import PROFILES, Body, Ledger
    except ModuleNotFoundError as error:
        raise needs_extra("film", error.name or "numpy") from error
    if list_models:
        return _list(PROFILES, output)
    profile = _profile(model, PROFILES)
    faults = _faults(fault_file, seed=character["seed"])

    async def run(ledger: Ledger | None) -> None:
        body = Body(
            profile=profile,
            clock=SystemClock(),
            faults=faults,
            ledger=ledger,
            draw=to_thread.run_sync,
            **character,
        )
        await _until_told(body, host, port, ssdp=not no_ssdp, output=output)

    with Ledger(ledger_file) if ledger_file else nullcontext() as ledger:
        anyio.run(run, ledger)


async def _until_told(body: Body, host: str, port: int | None, *, ssdp: bool, output: Output) -> None:
    """Serve until SIGTERM or SIGINT."""
    from dayspool.sim import serving

    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async with serving(body, host=host, port=port, ssdp=ssdp) as endpoints:
            _announce(body, endpoints, output)
            async for _ in signals:
                return


def _profile(model: str, known: Mapping[str, Profile]) -> Profile:
    """Return a model by its name, or out of a file.

    Raises:
        PlanError: it is neither.
    """
    from dayspool.sim import load_profile

    if model in known:
        return known[model]
    path = Path(model)
    if not path.exists():
        raise PlanError(f"--model: {model!r} is neither a file nor one of {', '.join(known)}")
    return load_profile(path)


def _faults(script: str | None, *, seed: int) -> Faults:
    """Return a script by its name, or out of a file.

    Raises:
        PlanError: it cannot be read.
    """
    from dayspool.sim import STANDARD_CHAOS, Faults, standard_chaos

    if script is None:
        return Faults()
    return standard_chaos(seed, _CHAOS_DAYS) if script == STANDARD_CHAOS else Faults.load(Path(script))


def _kind(profile: Profile) -> str:
    """Return in which way it can be spoken to, in a sentence's end."""
    if profile.ptp_only:
        return "PTP/IP only"
    return "Send to Smartphone" if profile.send_mode else f"remote control, generation {profile.dialect}"


def _list(known: Mapping[str, Profile], output: Output) -> None:
    for profile in known.values():
        output.say(f"{profile.name:<12} {profile.model:<14} {_kind(profile)}")
    rows = [{"name": p.name, "model": p.model, "kind": _kind(p), "dialect": p.dialect} for p in known.values()]
    output.result({"models": rows})


def _announce(body: Body, endpoints: Endpoints, output: Output) -> None:
    profile, ports, dark = body.profile, endpoints.ports, body.shutter.cannot_focus()
    output.say(f"{profile.model} (simulated) answers at {endpoints.endpoint or endpoints.location}")
    if endpoints.endpoint:
        output.say(f"  description  {endpoints.location}")
        output.say(f"  pictures     port {ports.media}")
    else:
        output.say(f"  it knows {_kind(profile)}: no remote control")
    if dark:
        output.say(f"  too dark for autofocus: it is {body.time.sky():%Y-%m-%d %H:%M %Z} where it stands, and pictures")
        output.say(f"  will fail with error 40400; start it by day (--sky-start {_BY_DAY}), or set FocusMode to MF")
    output.say("  stop it with Ctrl-C")
    output.result(
        {
            "endpoint": endpoints.endpoint,
            "location": endpoints.location,
            "liveview_port": ports.media if endpoints.endpoint else None,
            "files_port": ports.files if profile.send_mode else None,
            "ptp_port": ports.ptp if profile.ptp_only else None,
            "model": profile.model,
            "kind": _kind(profile),
            "ssdp": endpoints.hearing.multicast,
            "too_dark_for_autofocus": dark,
        }
    )
    for problem in endpoints.hearing.problems:
        click.echo(f"dayspool: {problem}; the camera goes on without", err=True)
