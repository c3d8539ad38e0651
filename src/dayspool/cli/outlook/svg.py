"""The outlook as one self-contained SVG: the sun's path over day, twilight and night, the windows, the intervals.

Readable on light and dark pages alike (it follows `prefers-color-scheme`); every kind of light has its name and its
limit drawn beside its colour. All text is escaped.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from dayspool.cli.outlook.outlook import local_days
from dayspool.cli.svg import document, headed, line, tag, text
from dayspool.core.plan import duration_text
from dayspool.core.twilight import LIMITS_DEGREES, Light, bands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dayspool.cli.outlook.outlook import Outlook, Window
    from dayspool.core.twilight import Band

__all__ = ["svg_chart"]

_MOST = timedelta(days=10)
_WIDTH, _LEFT, _RIGHT = 960, 64, 940
_SKY_TOP, _SKY_HEIGHT = 64, 220
_LANE_HEIGHT, _STEPS_HEIGHT, _GAP = 26, 64, 14
_POINTS = 400  # of the sun's path
_SIGN_PX = 6.6  # the width of a sign of text, about
_NAMES = {Light.NIGHT: "night", Light.DEEP: "deep twilight", Light.CIVIL: "civil twilight", Light.DAY: "day"}
_TICK_HOURS = (1, 2, 3, 6, 12, 24)
_MOST_TITLE = 52  # beside the legend
_TICK_PX = 44
_FEW = 4  # intervals that each get a height and a label of their own; more share a logarithmic scale
_SECOND = timedelta(seconds=1)

_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1c1e21; }
.title { font-size: 16px; font-weight: 600; }
.soft { fill: #555b66; }
.page { fill: #ffffff; }
.night { fill: #aeb8d4; } .deep { fill: #d3dcf0; } .civil { fill: #fbdcb4; } .day { fill: #fff7da; }
.frame { stroke: #9aa1ad; } .tick { stroke: #9aa1ad; }
.limit { stroke: #6b7280; stroke-dasharray: 4 4; fill: none; }
.midnight { stroke: #6b7280; fill: none; }
.sun { stroke: #b45309; stroke-width: 2.5; fill: none; }
.window { fill: #166534; } .in { fill: #ffffff; }
.steps { stroke: #1d4ed8; stroke-width: 2; fill: none; }
@media (prefers-color-scheme: dark) {
text { fill: #e6e8eb; } .soft { fill: #a6adba; } .page { fill: #14161a; }
.night { fill: #1a2038; } .deep { fill: #2c3856; } .civil { fill: #5d422c; } .day { fill: #4d4a33; }
.frame, .tick { stroke: #565d6a; } .limit, .midnight { stroke: #8a919e; }
.sun { stroke: #fbbf24; } .window { fill: #4ade80; } .in { fill: #0b2614; } .steps { stroke: #93c5fd; }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """From when to when is drawn, and how moments become pixels."""

    begin: datetime
    end: datetime
    outlook: Outlook

    def x(self, moment: datetime) -> float:
        share = (min(max(moment, self.begin), self.end) - self.begin) / (self.end - self.begin)
        return round(_LEFT + share * (_RIGHT - _LEFT), 1)


def svg_chart(outlook: Outlook, title: str) -> str:
    """Return the chart as the text of an SVG file: from a little before the first slot to the end, ten days at most."""
    shown = min(outlook.end, outlook.first + _MOST)
    margin = max((shown - outlook.first) * 0.04, timedelta(minutes=20))
    frame = _Frame(begin=outlook.first - margin, end=shown + margin, outlook=outlook)
    sky = [] if outlook.elevation is None else list(_sky(frame))
    lane = _SKY_TOP + (_SKY_HEIGHT + _GAP if sky else 0)
    steps = lane + _LANE_HEIGHT + _GAP
    axis = steps + _STEPS_HEIGHT
    height = axis + 50
    drawn = [
        *headed(title, _summary(outlook), style=_STYLE, width=_WIDTH, height=height, most=_MOST_TITLE),
        text(_RIGHT, 45, _zones(frame), cls="soft", anchor="end"),
        *sky,
        *_axis(frame, axis),
        *_midnights(frame, ((_SKY_TOP, lane - _GAP), (axis - 4, axis)) if sky else ((axis - 4, axis),)),
        *_lane(frame, lane),
        *_steps(frame, steps),
    ]
    return document(drawn, width=_WIDTH, height=height)


def _sky(frame: _Frame) -> Iterator[str]:
    """Draw the light as bands, the limits between its kinds, and the sun's path over them."""
    elevation = frame.outlook.elevation
    assert elevation is not None
    step = (frame.end - frame.begin) / _POINTS
    path = [(moment := frame.begin + step * point, elevation(moment)) for point in range(_POINTS + 1)]
    low = min(-30, 6 * math.floor(min(degrees for _, degrees in path) / 6 - 1))  # with room for words below and above
    high = max(18, 6 * math.ceil(max(degrees for _, degrees in path) / 6 + 2))

    def y(degrees: float) -> float:
        return round(_SKY_TOP + (high - degrees) / (high - low) * _SKY_HEIGHT, 1)

    yield from _legend()
    lights = bands(frame.begin, frame.end, elevation)
    for band in lights:
        left, right, name = frame.x(band.begin), frame.x(band.end), _NAMES[band.light]
        since, until = frame.outlook.clock(band.begin), frame.outlook.clock(band.end)
        about = tag("title", f"{name}, {since} to {until}")
        shape = {"x": left, "y": _SKY_TOP, "width": round(right - left, 1), "height": _SKY_HEIGHT}
        yield tag("rect", about, cls=band.light.name.lower(), **shape)
        if right - left > len(name) * _SIGN_PX + 6:
            yield text((left + right) / 2, _SKY_TOP + _SKY_HEIGHT - 7, name, cls="soft", anchor="middle")
    for degrees in (0, LIMITS_DEGREES[Light.CIVIL], LIMITS_DEGREES[Light.DEEP]):
        yield line(_LEFT, y(degrees), _RIGHT, y(degrees), "limit")
        yield text(_LEFT - 6, y(degrees) + 4, f"{degrees:.0f}°".replace("-", "−"), anchor="end")
    yield text(_LEFT - 6, _SKY_TOP + 10, f"{high}°", cls="soft", anchor="end")
    points = " ".join(f"{frame.x(moment)},{y(degrees)}" for moment, degrees in path)
    yield tag("polyline", cls="sun", points=points)
    yield from _rises_and_sets(frame, lights)
    yield tag("rect", cls="frame", fill="none", x=_LEFT, y=_SKY_TOP, width=_RIGHT - _LEFT, height=_SKY_HEIGHT)


def _rises_and_sets(frame: _Frame, lights: tuple[Band, ...]) -> Iterator[str]:
    """Draw a line at each sunrise and sunset, and say when, where there is room: rises in one row, sets below them."""
    edges = {"↑": -math.inf, "↓": -math.inf}
    for before, after in pairwise(lights):
        if Light.DAY not in (before.light, after.light):
            continue
        sign, here = ("↑" if after.light is Light.DAY else "↓"), frame.x(after.begin)
        yield line(here, _SKY_TOP, here, _SKY_TOP + _SKY_HEIGHT, "tick")
        label = f"{sign} {frame.outlook.clock(after.begin)}"
        half = len(label) * _SIGN_PX / 2
        if here - half > max(edges[sign], _LEFT) and here + half < _RIGHT:
            yield text(here, _SKY_TOP + (15 if sign == "↑" else 31), label, anchor="middle")
            edges[sign] = here + half + 4


def _legend() -> Iterator[str]:
    """Draw what the colours of the sky are called, at the upper right."""
    right = float(_RIGHT)
    for light in Light:
        right -= len(_NAMES[light]) * _SIGN_PX
        yield text(right, 26, _NAMES[light])
        yield tag("rect", cls=f"{light.name.lower()} frame", x=round(right - 18, 1), y=15, width=13, height=13)
        right -= 32


def _lane(frame: _Frame, top: float) -> Iterator[str]:
    """Draw the windows as bars, each with how many slots it has, or no words where it is too short for them."""
    yield text(_LEFT - 6, top + 17, "slots", anchor="end")
    for window in frame.outlook.windows:
        if window.begin > frame.end:
            return
        left, right = frame.x(window.begin), frame.x(window.end)
        shape = {"x": left, "y": top, "width": round(max(right - left, 2), 1), "height": _LANE_HEIGHT, "rx": 4}
        yield tag("rect", tag("title", escape(_told(frame, window))), cls="window", **shape)
        for words in (_told(frame, window), _slots(window), str(window.slots or "")):
            if len(words) * _SIGN_PX + 8 < right - left:
                yield text((left + right) / 2, top + 17, words, cls="in", anchor="middle")
                break


def _steps(frame: _Frame, top: float) -> Iterator[str]:
    """Draw the interval over time, each stretch at its height; the shortest one is the lowest."""
    stretches = [stretch for stretch in frame.outlook.stretches if stretch.origin < frame.end]
    least, most = (math.log(pick(stretch.interval for stretch in stretches) / _SECOND) for pick in (min, max))
    kinds = sorted({stretch.interval for stretch in stretches})

    def y(interval: timedelta) -> float:
        if len(kinds) <= _FEW:
            share = (kinds.index(interval) + 0.5) / len(kinds)
        else:
            share = (math.log(interval / _SECOND) - least) / (most - least)
        return round(top + 6 + (1 - share) * (_STEPS_HEIGHT - 14), 1)

    for interval in kinds if len(kinds) <= _FEW else (kinds[0], kinds[-1]):
        yield text(_LEFT - 6, y(interval) + 4, duration_text(interval), anchor="end")
    points: list[str] = []
    before: datetime | None = None
    for stretch in stretches:
        end = frame.outlook.end if stretch.end is None else stretch.instant(stretch.end)
        if before is not None and stretch.origin > before + stretch.interval:
            yield tag("polyline", cls="steps", points=" ".join(points))
            points = []
        points += (f"{frame.x(moment)},{y(stretch.interval)}" for moment in (stretch.origin, end))
        before = end
    yield tag("polyline", cls="steps", points=" ".join(points))


def _midnights(frame: _Frame, spans: tuple[tuple[float, float], ...]) -> Iterator[str]:
    """Draw the lines between days, from top to bottom of each span."""
    for day in local_days(frame.begin, frame.end, frame.outlook.zone):
        midnight = frame.outlook.midnight(day)
        if frame.begin < midnight < frame.end:
            yield from (line(frame.x(midnight), top, frame.x(midnight), end, "midnight") for top, end in spans)


def _axis(frame: _Frame, bottom: float) -> Iterator[str]:
    """Draw the local hours, and the dates below them."""
    yield line(_LEFT, bottom, _RIGHT, bottom, "tick")
    per_hour = (_RIGHT - _LEFT) / ((frame.end - frame.begin) / timedelta(hours=1))
    every = next((hours for hours in _TICK_HOURS if hours * per_hour >= _TICK_PX), 24)
    hour = frame.begin.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    dated = -math.inf
    while hour <= frame.end:
        local = frame.outlook.local(hour)
        here = frame.x(hour)
        if hour >= frame.begin and local.minute == 0 and local.hour % every == 0:
            yield line(here, bottom, here, bottom + 5, "tick")
            yield text(here, bottom + 18, f"{local:%H:%M}", anchor="middle")
        if hour >= frame.begin and local.hour == 0 and local.minute == 0 and here - dated > 70:
            yield text(here, bottom + 36, f"{local:%a %d %b}", anchor="middle")
            dated = here
        hour += timedelta(minutes=15)  # there are zones of half and of three quarters of an hour
    first = frame.outlook.local(frame.begin)
    if dated == -math.inf:
        yield text(_LEFT, bottom + 36, f"{first:%a %d %b}")


def _zones(frame: _Frame) -> str:
    names = dict.fromkeys(f"{frame.outlook.local(moment):%Z}" for moment in (frame.begin, frame.end))
    return " then ".join(name for name in names if name)


def _summary(outlook: Outlook) -> str:
    local = outlook.local
    slots = "no end" if outlook.slots is None else f"{outlook.slots} slots"
    end = "" if outlook.last is None else f" to {local(outlook.last):%Y-%m-%d %H:%M}"
    more = "; the first ten days are shown" if outlook.end - outlook.first > _MOST else ""
    return f"{slots}, {local(outlook.first):%Y-%m-%d %H:%M}{end}{more}"


def _slots(window: Window) -> str:
    return "no end" if window.slots is None else f"{window.slots} slots"


def _told(frame: _Frame, window: Window) -> str:
    name = f"{window.name}: " if window.name else ""
    until = "" if window.last is None else f"–{frame.outlook.local(window.last):%H:%M}"
    return f"{name}{_slots(window)}, {frame.outlook.local(window.begin):%H:%M}{until}"
