"""How commands speak: sentences for people, or JSON and nothing else for programs."""

from __future__ import annotations

import json
import select
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from dayspool.core.plan import parse_duration
from dayspool.errors import PlanError, ToolMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "DURATION",
    "LINE_BYTES",
    "Output",
    "camera_option",
    "counted",
    "film_extra",
    "interface_option",
    "json_option",
    "needs_extra",
    "note_text",
    "plain",
    "shown",
    "size_text",
    "takes_more",
]

LINE_BYTES = 4096  # PIPE_BUF of Linux: so much a pipe or terminal that is ready takes without blocking


class Output:
    """Standard output of one command: `say` reaches people only, `result` programs only."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def say(self, text: str = "") -> None:
        """Print a sentence for a person."""
        if not self.as_json:
            click.echo(text)

    def result(self, values: dict[str, Any]) -> None:
        """Print one JSON object on one line for a program."""
        if self.as_json:
            click.echo(json.dumps(values, default=plain))


def plain(value: object) -> object:
    """Return what JSON knows in place of a value that it does not.

    Raises:
        TypeError: there is nothing.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


class _Duration(click.ParamType[timedelta]):
    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            return parse_duration(str(value))
        except PlanError as error:
            self.fail(str(error), param, ctx)


DURATION = _Duration()


def json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--json`; the command gets an `Output` as its argument `output`."""
    return click.option(
        "--json",
        "output",
        is_flag=True,
        callback=lambda _ctx, _param, value: Output(as_json=value),
        help="One JSON object (or JSON lines while it runs) on standard output, and nothing else.",
    )(function)


def camera_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--camera`."""
    return click.option("--camera", metavar="URL", help="The camera's address; found by itself if left out.")(function)


def interface_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--interface`."""
    return click.option("--interface", metavar="NAME", help="Look through this network interface only, such as wlan0.")(
        function
    )


def takes_more(stream: IO[str]) -> bool:
    """Say whether a line of up to `LINE_BYTES` can be written to `stream` now without waiting for its reader.

    A full pipe that nobody reads, or a terminal stopped by Ctrl-S, takes none; a file always does.
    """
    try:
        handle = stream.fileno()
    except (OSError, ValueError):  # no file behind it, as in a test: then nothing blocks either
        return True
    poll = select.poll()
    poll.register(handle, select.POLLOUT)
    return bool(poll.poll(0))


@contextmanager
def film_extra() -> Iterator[None]:
    """Translate what goes wrong while the film's libraries are loaded."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise needs_extra("film", error.name or "av") from error
    except ImportError as error:
        raise ToolMissing(
            f"a package that makes films is installed and does not load: {error}; "
            "pip install --force-reinstall 'dayspool[film]'"
        ) from error


def needs_extra(extra: str, package: str) -> ToolMissing:
    """Return the error for a part of dayspool that is not installed."""
    return ToolMissing(f"this needs the package {package}, which is not installed: pip install 'dayspool[{extra}]'")


def shown(name: object) -> str:
    """Return a name for a person's terminal: what is not printable is escaped, and cannot move the cursor."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in str(name))


def counted(number: int, what: str) -> str:
    """Write how many there are of something: `1 keyframe`, `2 keyframes`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def note_text(note: str, indent: str = "") -> str:
    """Return a note for a person's terminal; what tells several things of one place (A: B; C) has a line for each."""
    place, colon, told = shown(note).partition(": ")
    several = told.split("; ")
    if not colon or len(several) == 1:
        return shown(note)
    return "\n".join([f"{place}:", *(f"{indent}  - {one}" for one in several)])


def size_text(size_bytes: float) -> str:
    """Write a size for a person: `3.5 GB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if abs(size_bytes) < 1000:
            return f"{size_bytes:.3g} {unit}" if unit != "bytes" else f"{size_bytes:.0f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.3g} TB"
