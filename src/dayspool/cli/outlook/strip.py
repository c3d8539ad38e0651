"""The outlook as a strip chart in plain text: a row of light and a row of slots for each local day.

Light is told by the density of a block, slots by a line, never by colour alone; where the terminal cannot write blocks,
plain letters and signs take their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

import click

from dayspool.cli.outlook.outlook import local_days
from dayspool.core.plan import duration_text
from dayspool.core.twilight import Light

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from dayspool.cli.outlook.outlook import Outlook, SunDay

__all__ = ["BLOCKS", "PLAIN", "Signs", "coloured", "strip_chart"]

MOST_DAYS = 7
_LABEL = 11
_NOTE = 17  # what stands to the right of a row: two times of the sun, or slots and interval
_WIDTHS = (96, 48, 24)  # cells of a day: a quarter, half or whole hour each
_FEW = 2  # intervals of a day that are all told
_A_MOMENT = timedelta(microseconds=1)
_MINUTES = 24 * 60
_LOOK = timedelta(minutes=5)  # finer than any cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """The signs a strip is drawn with: light from night to day; slots, where they begin, end, and both; the edges."""

    light: tuple[str, str, str, str]
    slots: str
    begin: str
    end: str
    both: str
    edge: str
    rise: str
    fall: str
    times: str
    to: str
    cut: str


BLOCKS = Signs(
    light=("▓", "▒", "░", " "),
    slots="━",
    begin="┣",
    end="┫",
    both="╋",
    edge="│",
    rise="↑",
    fall="↓",
    times="×",
    to="–",
    cut="…",
)
PLAIN = Signs(
    light=("#", "=", "-", " "),
    slots="~",
    begin="[",
    end="]",
    both="I",
    edge="|",
    rise="^",
    fall="v",
    times="x",
    to="-",
    cut="...",
)

_NAMES = ((Light.NIGHT, "night"), (Light.DEEP, "deep twilight"), (Light.CIVIL, "civil twilight"), (Light.DAY, "day"))
_COLOURS = {"▓": "blue", "▒": "cyan", "░": "yellow", "━": "green", "┣": "green", "┫": "green", "╋": "green"}


def strip_chart(outlook: Outlook, *, width: int, signs: Signs = BLOCKS) -> list[str]:
    """Return the lines of the chart, none longer than `width` columns; none at all where even a day does not fit."""
    cells = next((cells for cells in _WIDTHS if _LABEL + cells + 2 + _NOTE + 1 <= width), None)
    beside = cells is not None
    cells = cells or _WIDTHS[-1]
    if _LABEL + cells + 3 > width:  # the scale is a sign longer than the rows
        return []
    days = list(islice(local_days(outlook.first, outlook.end, outlook.zone), MOST_DAYS))
    more = (outlook.local(outlook.end - _A_MOMENT).date() - days[-1]).days
    suns = {sun.day: sun for sun in outlook.days}
    lines = [_hours(cells)]
    for day in days:
        lines += _rows(outlook, day, suns.get(day), cells, beside=beside, signs=signs)
    if more > 0:
        lines.append(f"{'':{_LABEL}} {signs.cut} and {more} more day{'s' * (more > 1)}"[:width])
    lines += _legend(signs, width, {band.light for sun in outlook.days[:MOST_DAYS] for band in sun.bands})
    return [line.rstrip() for line in lines]


def coloured(line: str) -> str:
    """Return a line with its blocks in colour, which adds nothing that the blocks do not say."""
    return "".join(click.style(sign, fg=_COLOURS[sign]) if sign in _COLOURS else sign for sign in line)


def _hours(cells: int) -> str:
    """Return the scale above the rows: every third hour, every sixth where it is narrow."""
    step = 3 if cells > _WIDTHS[-1] else 6
    each = cells * step // 24
    return " " * (_LABEL + 1) + "".join(f"{hour:<{each}}" for hour in range(0, 24, step)) + "24"


def _rows(outlook: Outlook, day: date, sun: SunDay | None, cells: int, *, beside: bool, signs: Signs) -> Iterator[str]:
    """Yield the rows of one day: light, where it is known, and slots; what they say in words beside or below them."""
    label = f"{day:%a %d %b}"
    if sun is not None:
        yield from _row(label, _light_cells(outlook, sun, cells, signs), _sun_note(outlook, sun, signs), beside, signs)
        label = ""
    marks, slots, intervals = _slot_cells(outlook, day, cells, signs)
    few = intervals if len(intervals) <= _FEW else (min(intervals), max(intervals))
    each = (" " if few == intervals else signs.to).join(duration_text(interval) for interval in few)
    note = f"{slots} {signs.times} {each}" if slots else "no slot"
    yield from _row(label, marks, note, beside, signs)


def _row(label: str, cells: str, note: str, beside: bool, signs: Signs) -> Iterator[str]:
    row = f"{label:<{_LABEL}}{signs.edge}{cells}{signs.edge}"
    if beside and len(note) <= _NOTE:
        yield f"{row} {note}"
        return
    yield row
    fits = len(note) <= len(cells)
    yield f"{'':{_LABEL}} {note if fits else note[: len(cells) - len(signs.cut)] + signs.cut}"


def _light_cells(outlook: Outlook, sun: SunDay, cells: int, signs: Signs) -> str:
    """Return the light of a day by the local clock; an hour that the clocks leave out looks like day."""
    row = [signs.light[Light.DAY]] * cells
    for band in sun.bands:
        moment = band.begin
        while moment < band.end:
            local = outlook.local(moment)
            row[(local.hour * 60 + local.minute) * cells // _MINUTES] = signs.light[band.light]
            moment += _LOOK
    return "".join(row)


def _slot_cells(outlook: Outlook, day: date, cells: int, signs: Signs) -> tuple[str, int, tuple[timedelta, ...]]:
    """Return the cells in which slots are due on a day, how many are, and at which intervals."""
    row, total = [" "] * cells, 0
    intervals: dict[timedelta, None] = {}

    def cell(moment: datetime) -> int:
        local = outlook.local(moment)
        return (local.hour * 60 + local.minute) * cells // _MINUTES

    for window in outlook.windows:
        for stretch in window.stretches:
            due = outlook.slots_on(day, stretch)
            for slot in (*due[:: max(1, _LOOK // stretch.interval)], *due[-1:]):
                row[cell(stretch.instant(slot))] = signs.slots
            total += len(due)
            intervals |= {stretch.interval: None} if due else {}
        begins = outlook.local(window.begin).date() == day
        ends = window.last is not None and outlook.local(window.last).date() == day
        if begins:
            row[cell(window.begin)] = signs.begin
        if ends and window.last is not None:
            here = cell(window.last)
            row[here] = signs.both if begins and here == cell(window.begin) else signs.end
    return "".join(row), total, tuple(intervals)


def _sun_note(outlook: Outlook, sun: SunDay, signs: Signs) -> str:
    """Return when the sun rises and sets, in local time, or that it does not."""
    if sun.always is not None:
        return "sun up all day" if sun.always is Light.DAY else "no sun"
    told = ((signs.rise, sun.sunrise), (signs.fall, sun.sunset))
    return " ".join(f"{sign}{outlook.clock(moment)}" for sign, moment in told if moment is not None)


def _legend(signs: Signs, width: int, lights: set[Light]) -> Iterator[str]:
    """Yield what the signs mean, in as many lines as it takes."""
    kinds = [f"{signs.light[kind].replace(' ', 'blank')} {name}" for kind, name in _NAMES if kind in lights]
    slots = f"{signs.slots} slots, from {signs.begin} to {signs.end}"
    sun = [f"{signs.rise} sunrise, {signs.fall} sunset"] if len(lights) > 1 and Light.DAY in lights else []
    line = ""
    for word in (*kinds, *sun, slots):
        if line and _LABEL + 1 + len(line) + 3 + len(word) > width:
            yield f"{'':{_LABEL}} {line}"
            line = ""
        line += f"   {word}" if line else word
    yield f"{'':{_LABEL}} {line}"[:width]
