"""`dayspool status`: what happened in a shoot and what is next."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.output import Output, json_option, shown
from dayspool.core.busy import is_learned
from dayspool.core.plan import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dayspool.cli.following import Standing

__all__ = ["command", "outlooks", "standing_text"]

_MOST_DETAILS = 3  # of each kind of gap, the newest
_MOST_RUNS = 5
_CLOCK_OFF = timedelta(minutes=1)


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@click.option("--watch", is_flag=True, help="Stay, and tell what changes until the shoot has ended.")
@json_option
def command(shoot: Path, watch: bool, output: Output) -> None:
    """Tell what happened in SHOOT and what is next.

    With --watch: a panel on a terminal; elsewhere a line, or with --json an object, for every change of state.
    """
    from dayspool.cli.following import Following
    from dayspool.clock import SystemClock

    if watch:
        from dayspool.cli.watch import watch_shoot

        watch_shoot(shoot, output)
        return
    with Following(shoot) as following:
        for _ in following.catch_up():
            pass
        standing = following.standing(following.now(SystemClock()))
    for line in standing_text(shown(shoot.name or shoot), standing):
        output.say(line)
    output.result(standing.values())


def standing_text(name: str, standing: Standing) -> Iterator[str]:
    """Yield what is told of a shoot, line by line."""
    session, schedule = standing.session, standing.session.schedule
    of = f" of {schedule.count}" if schedule is not None and schedule.count is not None else ""
    yield f"{name}: {standing.state}, {session.frames}{of} frames, {len(standing.gaps)} gaps"
    if schedule is not None:
        yield (
            f"  every {duration_text(schedule.interval_at(session.next_slot))}, "
            f"first slot {schedule.origin.astimezone():%Y-%m-%d %H:%M:%S %Z}"
        )
    if standing.due is not None:
        window = f", window {standing.window}" if standing.window else ""
        yield f"  next slot {session.next_slot} at {standing.due.astimezone():%Y-%m-%d %H:%M:%S %Z}{window}"
        ends = standing.forecast.ends
        if ends is not None:
            yield f"  ends {ends.astimezone():%Y-%m-%d %H:%M:%S %Z}, {standing.forecast.slots_left} slots to come"
        for line, worrying in outlooks(standing):
            yield f"  {'! ' if worrying else ''}{line}"
    yield from _limits(standing)
    yield from _gaps(standing)


def outlooks(standing: Standing) -> Iterator[tuple[str, bool]]:
    """Yield what is known of battery, card and disk, each with whether somebody should do something about it."""
    for outlook in (standing.forecast.battery, standing.forecast.card, standing.forecast.disk):
        if outlook.left is not None:
            yield outlook.sentence, outlook.worrying


def _limits(standing: Standing) -> Iterator[str]:
    """Yield what cost slots, or will, and what can be done about it."""
    from dayspool.cli.following import pictures_text, slots_text

    session, schedule, shortest = standing.session, standing.session.schedule, standing.shortest_interval
    if shortest is not None and schedule is not None:
        known = "" if is_learned(session) else " (users of its model say)"
        tight = shortest > schedule.interval_at(session.next_slot)
        too_long = ": longer than the interval, so slots are lost to a busy camera" if tight else ""
        mark = "! " if tight else ""
        yield f"  {mark}the camera keeps an interval of {duration_text(shortest)} at best{known}{too_long}"
    if standing.on_card:
        pictures = pictures_text(len(standing.on_card))
        yield f"  on the camera's card only: {pictures}, slots {slots_text(standing.on_card)}"
    if abs(session.clock_ahead) > _CLOCK_OFF:
        ahead = duration_text(timedelta(seconds=round(abs(session.clock_ahead).total_seconds())))
        which = "behind" if session.clock_ahead > timedelta(0) else "ahead of"
        yield f"  ! the times of this shoot are {ahead} {which} this machine's clock, which was set while it ran"
    if session.downloads_paused:
        yield "  ! downloads pause until the disk has room again; the shutter goes on"
    if standing.stalls:
        longest = duration_text(timedelta(seconds=round(max(standing.stalls))))
        yield (
            f"  ! this machine stood still {len(standing.stalls)} times, the longest for {longest}: "
            "see docs/android.md for phones, and keep a laptop from sleeping"
        )


def _gaps(standing: Standing) -> Iterator[str]:
    from dayspool.cli.following import gap_runs

    gaps = standing.gaps
    if standing.recovered:
        yield f"  {len(standing.recovered)} gaps were ended by frames from the card"
    for reason, count in Counter(gap.reason for gap in gaps).most_common():
        yield f"  {count} × {reason.sentence}"
        details = dict.fromkeys(gap.detail for gap in gaps if gap.reason is reason and gap.detail)
        for detail in list(details)[-_MOST_DETAILS:]:
            yield f"      {shown(' '.join(detail.split()))}"
    runs = gap_runs(gaps)
    if len(runs) < len(gaps):
        yield "  newest gaps:"
        for run in runs[-_MOST_RUNS:]:
            slots = f"slot {run.first}" if run.count == 1 else f"slots {run.first}–{run.last} ({run.count})"
            yield f"      {slots}: {run.reason.sentence}"
