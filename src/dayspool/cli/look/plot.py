"""The course of a look as one self-contained SVG: a panel for each value that moves, over the time of the shoot.

Readable on light and dark pages alike; keyframes are dots with their values in words, never told by colour alone.
"""

from __future__ import annotations

import math
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from dayspool.cli.look.course import number_text
from dayspool.cli.output import counted
from dayspool.cli.svg import document, headed, line, tag, text
from dayspool.cli.svg_time import TimeScale

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dayspool.cli.look.course import Course, Courses

__all__ = ["svg_plot"]

_WIDTH, _LEFT, _RIGHT = 960, 84, 936
_TOP = 84
_PANEL, _CURVE = 112, 78  # the height of a panel, and of the curve in it
_PAD = 0.12  # of a curve's range, above and below it
_SIGN_PX = 6.5  # a letter of 12 px, on the wide side
_MOST_TITLE = 90

_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1c1e21; }
.title { font-size: 16px; font-weight: 600; }
.name { font-weight: 600; }
.soft { fill: #555b66; }
.page { fill: #ffffff; } .panel { fill: #f3f5f8; }
.tick { stroke: #9aa1ad; } .key { stroke: #9aa1ad; stroke-dasharray: 3 4; }
.curve { stroke: #1d4ed8; stroke-width: 2; fill: none; }
.dot { fill: #b45309; stroke: #ffffff; stroke-width: 1.5; }
@media (prefers-color-scheme: dark) {
text { fill: #e6e8eb; } .soft { fill: #a6adba; } .page { fill: #14161a; } .panel { fill: #1e2127; }
.tick, .key { stroke: #565d6a; } .curve { stroke: #93c5fd; } .dot { fill: #fbbf24; stroke: #14161a; }
}
"""


def svg_plot(courses: Courses, title: str) -> str:
    """Return the plot as the text of an SVG file."""
    moments = {one.slot: one.utc for one in courses.pictures}
    time = TimeScale(
        begin=min(moments.values()), end=max(moments.values()), zone=courses.zone, left=_LEFT, right=_RIGHT
    )
    at = {slot: time.x(moment) for slot, moment in moments.items()}
    bottom = _TOP + _PANEL * max(len(courses.moves), 1)
    height = bottom + 44
    drawn = [
        *headed(title, _summary(courses, time), style=_STYLE, width=_WIDTH, height=height, most=_MOST_TITLE),
        *_panels(courses),
        *_keyframes(courses, at, bottom),
        *time.axis(bottom),
    ]
    for index, course in enumerate(courses.moves):
        drawn += _drawn(course, at, _TOP + index * _PANEL)
    return document(drawn, width=_WIDTH, height=height)


def _summary(courses: Courses, time: TimeScale) -> str:
    keyframes = f"{counted(len(courses.keyframes), 'keyframe')} of {counted(len(courses.pictures), 'frame')}"
    moves = len(courses.moves)
    moving = f"{counted(moves, 'value')} move{'s' if moves == 1 else ''}" if moves else "nothing moves"
    return f"{keyframes}, {time.span_text()}; {moving}"


def _panels(courses: Courses) -> Iterator[str]:
    for index in range(max(len(courses.moves), 1)):
        yield tag("rect", cls="panel", x=_LEFT, y=_TOP + index * _PANEL + 20, width=_RIGHT - _LEFT, height=_CURVE)
    if not courses.moves:
        yield text(_WIDTH / 2, _TOP + 20 + _CURVE / 2, "the same for every frame", cls="soft", anchor="middle")


def _keyframes(courses: Courses, at: Mapping[int, float], bottom: float) -> Iterator[str]:
    """Draw a line through all panels at each keyframe, with its slot above where there is room."""
    free = -math.inf  # where the next label may begin
    for keyframe in courses.keyframes:
        here = at[keyframe.slot]
        yield line(here, _TOP - 8, here, bottom - 14, "key")
        label = f"slot {keyframe.slot}"
        half = len(label) * _SIGN_PX / 2
        middle = min(here, _WIDTH - 4 - half)
        if middle - half >= free:
            yield text(middle, _TOP - 14, label, cls="soft", anchor="middle")
            free = middle + half + _SIGN_PX


def _drawn(course: Course, at: Mapping[int, float], top: float) -> Iterator[str]:
    """Draw one value: its name, its least and greatest value, the curve, and the keyframes as dots on it."""
    low, high = course.lowest, course.highest
    pad = (high - low) * _PAD or abs(high) * _PAD or 1.0

    def y(value: float) -> float:
        share = (value - low + pad) / (high - low + 2 * pad)
        return round(top + 20 + (1 - share) * _CURVE, 1)

    yield text(_LEFT, top + 14, course.name, cls="name")
    for value in dict.fromkeys((high, low)):
        yield text(_LEFT - 8, y(value) + 4, number_text(value), cls="soft", anchor="end")
    for used, run in groupby(course.samples, key=lambda sample: sample[1] is not None):
        if used:
            points = " ".join(f"{at[slot]},{y(value)}" for slot, value in run if value is not None)
            yield tag("polyline", cls="curve", points=points)
    for slot, key in course.at_keyframes:
        if key is not None:
            about = tag("title", escape(f"slot {slot}: {number_text(key)}"))
            yield tag("circle", about, cls="dot", cx=at[slot], cy=y(key), r=4.5)
