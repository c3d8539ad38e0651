"""A bar with rate and time left, for work of which the amount is known."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dayspool.cli.output import Output

__all__ = ["counting"]


@contextmanager
def counting(output: Output, what: str, unit: str) -> Iterator[Callable[[str, int, int], None] | None]:
    """Show a bar on a terminal; elsewhere `None` comes instead of the function that moves it.

    The function takes what is being done, how many of the `unit` are done, and how many there are; `what` stands there
    until then.
    """
    from rich.console import Console

    console = Console(stderr=True)
    if output.as_json or not console.is_terminal:
        yield None
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task(what, total=None, rate="")

        def tell(what: str, done: int, total: int) -> None:
            bar.update(task, total=total, completed=done, description=what)
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed
            bar.update(task, rate="" if speed is None else f"{speed:.1f} {unit}/s")

        yield tell
