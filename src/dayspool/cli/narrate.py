"""A shoot told as it goes: JSON lines for programs, a bar on a terminal, a line per change elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dayspool.cli.output import shown, takes_more
from dayspool.cli.story import Story
from dayspool.journal.codec import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from dayspool.cli.output import Output
    from dayspool.core.events import Record
    from dayspool.core.session import Session

__all__ = ["Narrator"]


class Narrator:
    """Tells records; use it as a context manager to get the function that is told.

    It never makes the shoot wait. While nobody reads (a full pipe, a terminal stopped by Ctrl-S), what happens goes
    untold, for the journal has it; when nobody listens any more (a closed pipe, a terminal that went away), it falls
    silent for good.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self._stream = sys.stdout
        console = Console(stderr=True)
        self._progress: Progress | None = None
        self._heard = True
        self._story = Story()
        if console.is_terminal and not output.as_json:
            # No refresh thread: the capture path has none. Every event redraws the bar.
            self._stream = sys.stderr
            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=console,
                auto_refresh=False,
            )
            self._task = self._progress.add_task("starting", total=None)

    def __enter__(self) -> Callable[[Record, Session], None]:
        """Start the bar, if there is one."""
        if self._progress is not None:
            self._progress.start()
        return self._tell_if_heard

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""
        if self._progress is not None:
            self._progress.stop()

    def _tell_if_heard(self, record: Record, session: Session) -> None:
        if self._heard and takes_more(self._stream):
            try:
                self._tell(record, session)
            except OSError:
                self._heard = False

    def _tell(self, record: Record, session: Session) -> None:
        if self._output.as_json:
            kind, slot, _ = encode(record.event)
            self._output.result({"event": kind, "slot": slot, "utc": record.utc})
        elif self._progress is not None:
            self._draw(self._progress, session)
        else:
            self._say(record)

    def _draw(self, progress: Progress, session: Session) -> None:
        progress.update(
            self._task,
            total=None if session.schedule is None else session.schedule.count,
            completed=session.frames + session.gaps,
            description=f"slot {session.next_slot}, {session.frames} frames, {session.gaps} gaps",
            refresh=True,
        )

    def _say(self, record: Record) -> None:
        for line in self._story.lines(record):
            self._output.say(shown(line))
