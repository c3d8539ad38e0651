"""The curves of deflicker as one self-contained SVG: brightness, grade, confidence, colour and the sun, over time.

Readable on light and dark pages; lines differ by their strokes as well, and what is odd has its sentence as a title.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from dayspool.cli.output import counted
from dayspool.cli.svg import document, headed, line, tag, text
from dayspool.cli.svg_time import TimeScale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dayspool.cli.curves.account import Account, Row

__all__ = ["BOTTOM", "LEFT", "RIGHT", "TOP", "WIDTH", "svg_curves", "time_of"]

WIDTH, LEFT, RIGHT = 960, 66, 936
TOP, BOTTOM = 70, 44
_HEAD, _GAP = 22, 12
_PAD = 0.1  # of a panel's range, above and below
_TICK_PX = 36  # between two values of a scale, about
_MOST_STEPS = 60  # that are drawn over the whole height; more would hide what lies between them
_STEP_PX = 6
_DOT_PX = 1.5  # to either side of a frame without neighbours
_MARK_PX, _MOST_TOLD = 5, 5
_MOST_TITLE = 90
_SAMPLE_PX, _WORD_PX = 26, 7.0

_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1c1e21; }
.title { font-size: 16px; font-weight: 600; } .name { font-weight: 600; }
.soft { fill: #555b66; } .page { fill: #ffffff; } .panel { fill: #f3f5f8; }
.tick, .zero { stroke: #9aa1ad; } .grid { stroke: #dfe3ea; }
.gap { fill: #d5dae2; } .step { stroke: #9aa1ad; stroke-dasharray: 2 3; }
polyline { fill: none; stroke-linejoin: round; stroke-linecap: round; }
.measured { stroke: #6b7280; stroke-width: 1; } .trend { stroke: #1d4ed8; stroke-width: 2.5; }
.nominal { stroke: #a16207; stroke-width: 1.5; stroke-dasharray: 5 3; }
.grade { stroke: #1d4ed8; stroke-width: 1.3; } .sure { stroke: #15803d; stroke-width: 1.5; }
.rejected { stroke: #b91c1c; stroke-width: 1.2; stroke-dasharray: 4 3; }
.red { stroke: #b91c1c; stroke-width: 1.2; } .blue { stroke: #1d4ed8; stroke-width: 1.2; stroke-dasharray: 4 3; }
.sun { stroke: #a16207; stroke-width: 2; }
.odd { fill: #b45309; stroke: #ffffff; stroke-width: 1; }
@media (prefers-color-scheme: dark) {
text { fill: #e6e8eb; } .soft { fill: #a6adba; } .page { fill: #14161a; } .panel { fill: #1e2127; }
.tick, .zero, .step { stroke: #565d6a; } .grid { stroke: #2b2f37; } .gap { fill: #363c47; }
.measured { stroke: #9aa1ad; }
.trend, .grade, .blue { stroke: #93c5fd; } .nominal, .sun { stroke: #fbbf24; } .sure { stroke: #4ade80; }
.rejected, .red { stroke: #fca5a5; } .odd { fill: #fbbf24; stroke: #14161a; }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One curve of a panel: its style, its name, and its value for each frame."""

    cls: str
    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panel:
    """Curves with one scale, `height` px high; `low` and `high` where the scale is given."""

    name: str
    height: int
    lines: tuple[_Line, ...]
    low: float | None = None
    high: float | None = None
    zero: bool = False

    def scale(self, top: float) -> tuple[list[float], Callable[[float], float]]:
        """Return the values of the scale, and the function from a value to its height on the page."""
        values = [value for one in self.lines for value in one.values if value is not None]
        low = min(values, default=0.0) if self.low is None else self.low
        high = max(values, default=0.0) if self.high is None else self.high
        pad = (high - low) * _PAD or 0.05
        low, high = low - pad, high + pad
        ticks = _ticks(low, high, self.height) if values else []
        return ticks, lambda value: round(top + _HEAD + (high - value) / (high - low) * self.height, 1)


def _ticks(low: float, high: float, height: int) -> list[float]:
    """Return round values between two, two at least and with room for their labels."""
    widest = (high - low) / max(2, height // _TICK_PX - 1)
    size = 10.0 ** math.floor(math.log10(widest))
    step = max(size * times for times in (1, 2, 5) if size * times <= widest)
    digits = max(0, -math.floor(math.log10(step)))
    return [round(n * step, digits) + 0.0 for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _labels(ticks: Sequence[float]) -> list[str]:
    digits = max((len(f"{value:.10f}".rstrip("0").partition(".")[2]) for value in ticks), default=0)
    return [f"{value:.{digits}f}".replace("-", "−") for value in ticks]


def time_of(account: Account) -> TimeScale:
    """Return how moments become pixels."""
    return TimeScale(
        begin=min([account.rows[0].utc, *(gap.begin for gap in account.gaps[:1])]),
        end=max([account.rows[-1].utc, *(gap.end for gap in account.gaps[-1:])]),
        zone=account.zone,
        left=LEFT,
        right=RIGHT,
    )


def svg_curves(account: Account, title: str) -> str:
    """Return the plot as the text of an SVG file; there is one row at least."""
    time, panels = time_of(account), _panels(account.rows)
    height = TOP + sum(panel.height + _HEAD + _GAP for panel in panels) + BOTTOM
    drawn = headed(title, _summary(account, time), style=_STYLE, width=WIDTH, height=height, most=_MOST_TITLE)
    at = [time.x(row.utc) for row in account.rows]
    top = float(TOP)
    for panel in panels:
        drawn += _drawn(panel, account, time, at, top)
        top += panel.height + _HEAD + _GAP
    drawn += _odd(account, at)
    return document([*drawn, *time.axis(top + 8)], width=WIDTH, height=height)


def _summary(account: Account, time: TimeScale) -> str:
    odd = sum(1 for row in account.rows if row.odd or row.excluded)
    lost = sum(gap.last - gap.first + 1 for gap in account.gaps)
    parts = [counted(len(account.rows), "frame"), time.span_text()]
    parts += [f"{odd} odd"] if odd else []
    parts += [counted(lost, "gap")] if lost else []
    return ", ".join([*parts, *([f"all brightened by {account.lift_ev:.2f} EV"] if account.lift_ev else [])])


def _panels(rows: Sequence[Row]) -> list[_Panel]:
    def curve(name: str) -> list[float | None]:
        return [getattr(row, name) for row in rows]

    light = (
        _Line(cls="measured", name="measured", values=curve("measured_ev")),
        _Line(cls="trend", name="trend", values=curve("trend_ev")),
    )
    sure = (
        _Line(cls="sure", name="confidence", values=curve("confidence")),
        _Line(cls="rejected", name="share of the picture that disagrees", values=curve("rejected_share")),
    )
    grade = (_Line(cls="grade", name="brighter (+) or darker (−)", values=curve("grade_ev")),)
    panels = [
        _Panel(name="Brightness, EV", height=180, lines=light),
        _Panel(name="Grade, EV", height=90, lines=grade, zero=True),
        _Panel(name="Confidence", height=70, lines=sure, low=0.0, high=1.0),
    ]
    nominal = (_Line(cls="nominal", name="what was set", values=curve("nominal_ev")),)
    if _varies(nominal[0].values):
        panels.insert(1, _Panel(name="Nominal, EV", height=70, lines=nominal))
    colours = (
        _Line(cls="red", name="red over green", values=curve("measured_red")),
        _Line(cls="blue", name="blue over green", values=curve("measured_blue")),
    )
    if any(_varies(one.values) for one in colours):
        panels.append(_Panel(name="Colour, log2", height=90, lines=colours, zero=True))
    sun = curve("sun_degrees")
    if any(degrees is not None for degrees in sun):
        lines = (_Line(cls="sun", name="above the horizon", values=sun),)
        panels.append(_Panel(name="Sun, degrees", height=70, lines=lines, zero=True))
    known = [panel for panel in panels if any(value is not None for one in panel.lines for value in one.values)]
    return known or panels[:1]


def _varies(values: Sequence[float | None]) -> bool:
    return len({value for value in values if value is not None}) > 1


def _drawn(panel: _Panel, account: Account, time: TimeScale, at: Sequence[float], top: float) -> Iterator[str]:
    """Draw a panel: gaps behind, its scale, its curves, and which is which."""
    begin = top + _HEAD
    yield tag("rect", cls="panel", x=LEFT, y=begin, width=RIGHT - LEFT, height=panel.height)
    for gap in account.gaps:
        left, right = time.x(gap.begin), time.x(gap.end)
        about = tag("title", escape(f"slots {gap.first} to {gap.last}: {gap.reason}"))
        yield tag("rect", about, cls="gap", x=left, y=begin, width=max(1.0, right - left), height=panel.height)
    ticks, y = panel.scale(top)
    for value, label in zip(ticks, _labels(ticks), strict=True):
        yield line(LEFT, y(value), RIGHT, y(value), "zero" if panel.zero and value == 0 else "grid")
        yield text(LEFT - 8, y(value) + 4, label, cls="soft", anchor="end")
    yield from _steps(account.rows, at, begin, begin + panel.height)
    yield text(LEFT, top + 14, panel.name, cls="name")
    yield from _legend(panel, top)
    for one in panel.lines:
        for run in _runs(account.rows, at, one.values):
            yield tag("polyline", cls=one.cls, points=" ".join(f"{x},{y(value)}" for x, value in _seen(run)))


def _steps(rows: Sequence[Row], at: Sequence[float], begin: float, end: float) -> Iterator[str]:
    """Mark where steps were taken out, one a pixel; many of them at the bottom only."""
    places = {round(here): here for row, here in zip(rows, at, strict=True) if row.stepped}
    for here in places.values():
        yield line(here, begin if len(places) <= _MOST_STEPS else end - _STEP_PX, here, end, "step")


def _seen(run: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """Return a stretch that can be seen: a single point has no length to draw."""
    return run if len(run) > 1 else [(run[0][0] - _DOT_PX, run[0][1]), (run[0][0] + _DOT_PX, run[0][1])]


def _legend(panel: _Panel, top: float) -> Iterator[str]:
    """Name the curves, each before its sample: so only the room between them is a guess."""
    right = float(RIGHT)
    for one in reversed(panel.lines):
        yield tag("polyline", cls=one.cls, points=f"{right - _SAMPLE_PX},{top + 10} {right},{top + 10}")
        right -= _SAMPLE_PX + 6
        yield text(right, top + 14, one.name, cls="soft", anchor="end")
        right -= len(one.name) * _WORD_PX + 14


def _runs(
    rows: Sequence[Row], at: Sequence[float], values: Sequence[float | None]
) -> Iterator[list[tuple[float, float]]]:
    """Yield the stretches of a curve without a gap; of many frames on one pixel the least and greatest, in order."""
    run: list[tuple[float, float]] = []
    column: list[float] = []
    for index, (row, here, value) in enumerate(zip(rows, at, values, strict=True)):
        ended = value is None or (index > 0 and row.slot != rows[index - 1].slot + 1)
        if column and (ended or round(at[index - 1]) != round(here)):
            run += _column(at[index - 1], column)
            column = []
        if run and ended:
            yield run
            run = []
        if value is not None:
            column.append(value)
    if run or column:
        yield [*run, *_column(at[-1], column)]


def _column(here: float, values: Sequence[float]) -> list[tuple[float, float]]:
    if len(values) <= 2:
        return [(here, value) for value in values]
    low, high = min(values), max(values)
    ends = [low, high] if values.index(low) < values.index(high) else [high, low]
    return [(here, value) for value in ends]


def _odd(account: Account, at: Sequence[float]) -> Iterator[str]:
    """Mark odd and excluded frames above the first panel; one mark for all that would hide each other."""
    y = TOP + _HEAD + 7
    told: dict[int, list[tuple[float, str]]] = {}
    for row, x in zip(account.rows, at, strict=True):
        what = row.excluded or account.sentences.get(row.slot)
        if what is not None:
            done = f"; {row.remedy}" if row.remedy else ""
            told.setdefault(int(x / _MARK_PX), []).append((x, f"slot {row.slot}: {what}{done}"))
    for marks in told.values():
        words = [words for _, words in marks[:_MOST_TOLD]]
        words += [f"and {len(marks) - _MOST_TOLD} more"] if len(marks) > _MOST_TOLD else []
        about = tag("title", escape("\n".join(words)))
        yield tag("path", about, cls="odd", d=f"M{marks[0][0]} {y - 5}l5 5l-5 5l-5 -5z")
