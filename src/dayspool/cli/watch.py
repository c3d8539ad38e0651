"""`dayspool status --watch`: a shoot as it goes, from any other terminal: a panel, lines, or JSON lines."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import anyio
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from dayspool.cli.following import Following, Standing, gap_runs, pictures_text
from dayspool.cli.output import shown
from dayspool.cli.status import outlooks, standing_text
from dayspool.cli.story import Story
from dayspool.clock import SystemClock, pause
from dayspool.core.plan import duration_text

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from rich.console import RenderableType

    from dayspool.cli.output import Output

__all__ = ["panel", "watch_shoot"]

EVERY_SECONDS = 1.0
LINES_SHOWN = 6
REASONS_SHOWN = 4


def watch_shoot(shoot: Path, output: Output) -> None:
    """Tell how a shoot goes on until it has ended; Ctrl-C leaves, and costs the shoot nothing.

    Raises:
        PlanError, JournalError: as `JournalReader`.
    """
    console = Console()
    try:
        with Following(shoot) as following:
            if output.as_json or not console.is_terminal:
                anyio.run(_tell_on, following, shoot, output)
            else:
                anyio.run(_draw_on, following, shoot, console)
    except KeyboardInterrupt:
        return


def _has_ended(standing: Standing) -> bool:
    """Say whether nothing more will come; a shoot that was interrupted may be started again any moment."""
    return standing.state not in ("shooting", "paused", "interrupted")


async def _tell_on(following: Following, shoot: Path, output: Output) -> None:
    """Tell where the shoot stands, then what changes: a line each, or with --json the whole standing each time."""
    clock, story = SystemClock(), Story()
    for record, _ in following.catch_up():
        for _line in story.lines(record):
            pass  # history: it only counts for what is new afterwards
    standing = following.standing(following.now(clock))
    for line in standing_text(shown(shoot.name or shoot), standing):
        output.say(line)
    output.result(_brief(standing))
    while not _has_ended(standing):
        await pause(EVERY_SECONDS)
        lines = [line for record, _ in following.catch_up() for line in story.lines(record)]
        before, standing = standing, following.standing(following.now(clock))
        for line in lines:
            output.say(shown(line))
        if lines or standing.state != before.state:
            output.result(_brief(standing))


def _brief(standing: Standing) -> dict[str, object]:
    """Return where a shoot stands with its gaps counted, not listed: this is said again and again."""
    values = standing.values()
    return {**values, "gaps": len(standing.gaps), "on_card": len(standing.on_card)}


async def _draw_on(following: Following, shoot: Path, console: Console) -> None:
    clock, story, told = SystemClock(), Story(), list[str]()
    with Live(console=console, auto_refresh=False) as live:  # the thread of a refresh would have nothing new to show
        while True:
            for record, _ in following.catch_up():
                moment = f"{record.utc.astimezone():%m-%d %H:%M:%S}"
                told += [f"{moment}  {shown(line)}" for line in story.lines(record)]
                del told[:-LINES_SHOWN]
            standing = following.standing(following.now(clock))
            live.update(panel(shown(shoot.name or shoot), standing, told), refresh=True)
            if _has_ended(standing):
                return
            await pause(EVERY_SECONDS)


def panel(name: str, standing: Standing, told: list[str]) -> RenderableType:
    """Return the panel that shows where a shoot stands, with what was told last."""
    session = standing.session
    count = None if session.schedule is None else session.schedule.count
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="bold")
    rows.add_column(overflow="fold")
    rows.add_row("state", _state(standing))
    rows.add_row("frames", f"{session.frames}{'' if count is None else f' of {count}'}, {len(standing.gaps)} gaps")
    rows.add_row("last frame", _age(standing))
    rows.add_row("next slot", _next(standing))
    if standing.due is not None and standing.forecast.ends is not None:
        rows.add_row("ends", _ends(standing, standing.forecast.ends))
    for line, worrying in outlooks(standing):
        rows.add_row("", Text(line, style="bold red" if worrying else ""))
    for line in _gap_lines(standing):
        rows.add_row("gaps", line)
    if standing.on_card:
        rows.add_row("card only", pictures_text(len(standing.on_card)))
    if session.downloads_paused:
        rows.add_row("", Text("downloads pause until the disk has room again", style="bold red"))
    parts: list[RenderableType] = [rows]
    if count:
        parts.append(ProgressBar(total=count, completed=min(count, session.next_slot)))
    parts += [Text(line, style="dim", overflow="ellipsis", no_wrap=True) for line in told]
    return Panel(Group(*parts), title=name, subtitle="Ctrl-C leaves; the shoot goes on")


def _state(standing: Standing) -> str:
    session = standing.session
    if _has_ended(standing):
        return standing.state
    model = "no camera yet" if session.camera is None else session.camera.model
    trouble = shown(" ".join(session.trouble.split()))
    lost = "" if session.connected else f", camera away{f': {trouble}' if trouble else ''}"
    return f"{standing.state}, {model}{lost}"


def _age(standing: Standing) -> str:
    age = standing.last_frame_age_seconds
    return "none yet" if age is None else f"{duration_text(timedelta(seconds=max(0, round(age))))} ago"


def _next(standing: Standing) -> str:
    if standing.due is None:
        return "none"
    left = max(0, round((standing.due - standing.now).total_seconds()))
    window = f", window {standing.window}" if standing.window else ""
    return f"{standing.session.next_slot} in {duration_text(timedelta(seconds=left))}{window}"


def _ends(standing: Standing, ends: datetime) -> str:
    left = timedelta(seconds=max(0, round((ends - standing.now).total_seconds())))
    return f"{ends.astimezone():%Y-%m-%d %H:%M:%S %Z}, in {duration_text(left)}, {standing.forecast.slots_left} slots"


def _gap_lines(standing: Standing) -> list[str]:
    """Return the newest runs of gaps, the newest first."""
    return [
        f"{run.count} × {run.reason.sentence}, up to slot {run.last}"
        for run in reversed(gap_runs(standing.gaps)[-REASONS_SHOWN:])
    ]
