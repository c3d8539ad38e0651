"""The command line: one module per command, loaded when it is run. Each is a thin reading of a library call."""

from __future__ import annotations

import logging
import os
import sys
from typing import IO, NoReturn

import click

from dayspool import __version__
from dayspool.cli.lazy import LazyGroup
from dayspool.cli.output import shown, takes_more
from dayspool.errors import DayspoolError

__all__ = ["COMMANDS", "main", "root"]

COMMANDS = {
    "find": "Find cameras, by every way at once.",
    "camera": "Talk to one camera: info, set, snap, liveview …",
    "wifi": "Join a camera's own Wi-Fi, stay joined, pair by QR or NFC.",
    "plan": "Show the slots, sun times, film length and storage of a plan; touch nothing.",
    "shoot": "Take a time-lapse; run it again to resume.",
    "steer": "Pause, resume or stop a running shoot, or ask for brighter or darker pictures.",
    "status": "Tell what happened in a shoot and what is next.",
    "service": "Let systemd take care of a shoot.",
    "alarms": "Tell people what becomes of a shoot: push message, e-mail, MQTT …",
    "import": "Make a shoot of a folder of pictures, or bring a shoot's originals from the card.",
    "export": "Hand a shoot to other programs: numbered pictures, sidecars, a table.",
    "look": "See, check, preview and hand out the look of a shoot: darktable's edits as keyframes.",
    "curves": "Measure the frames and show what deflicker makes of them.",
    "render": "Develop every frame and make the film.",
    "sim": "Run a simulated camera to play with.",
    "demo": "Simulated camera, shoot, development, film: the whole way.",
    "doctor": "Tell what works on this machine, and what to install for the rest.",
    "completion": "Print the completion script for a shell.",
}


class _PatientLog(logging.StreamHandler[IO[str]]):
    """Log lines on standard error; one that nobody could read now is dropped, for no shoot waits for its reader."""

    def emit(self, record: logging.LogRecord) -> None:
        if takes_more(self.stream):
            super().emit(record)


@click.group(
    cls=LazyGroup,
    package=__name__,
    summaries=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="dayspool")
@click.option("--verbose", is_flag=True, help="Log what happens inside to standard error.")
def root(verbose: bool) -> None:
    """Time-lapse photography with Sony cameras over Wi-Fi.

    Every command takes --json, and exits 0 when done, 1 when it failed, 2 when it was misused.
    """
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING,
        format="%(asctime)s %(name)s: %(message)s",
        handlers=[_PatientLog()],
        force=True,
    )


def main() -> NoReturn:
    """Run the command line and leave with its exit code; our own errors become one plain message."""
    try:
        code = root.main(standalone_mode=False)
    except DayspoolError as error:
        for line in _message(error).expandtabs().split("\n"):
            click.echo(shown(line), err=True)  # a camera's own words are in it, which may not move the cursor
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("dayspool: interrupted", err=True)
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read us has gone; nobody is to be told
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


def _message(error: DayspoolError) -> str:
    """Return what went wrong, and what was noted on the way out: a camera that needs a person now, say."""
    return "\n".join((f"dayspool: {error}", *getattr(error, "__notes__", ())))
