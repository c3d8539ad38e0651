"""The plots of the page: what is left of flicker in every scene, frame by frame and in one figure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dayspool.cli.svg import document, line, tag, text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Dots", "Panel", "frame_plot", "left_plot"]

GREY, ORANGE, BLUE, SOFT = "#9a9a9a", "#d9730d", "#1463b8", "#e4e4e4"
_STYLE = (
    "text { font: 12px system-ui, sans-serif; fill: #222 } .small { font-size: 10.5px; fill: #555 } "
    ".title { font-weight: 600; font-size: 13px } .page { fill: #fff } "
    f".grid {{ stroke: {SOFT}; stroke-width: 1 }} polyline {{ fill: none; stroke-linejoin: round }}"
)
_SMALL, _LARGE = (330, 96), (720, 200)  # width and height of a panel among others, and of one alone
_COLUMNS, _GAP, _TOP, _HEAD = 3, 24, 58, 36
_LABELS, _ROW, _ACROSS = 150, 22, 640
_LEAST_MEV, _MOST_MEV = 1.0, 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One small plot: a title, and lines (name, colour, values in EV) over frames, within ± `reach_ev`."""

    title: str
    lines: tuple[tuple[str, str, tuple[float, ...]], ...]
    reach_ev: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """One row of the overview: what each method leaves, in mEV."""

    title: str
    nothing: float
    rivals: tuple[float, ...]
    ours: float


def frame_plot(title: str, note: str, panels: Sequence[Panel]) -> str:
    """Return an SVG of small plots side by side."""
    columns = min(_COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    across, down = size = _SMALL if len(panels) > 1 else _LARGE
    width = _GAP + columns * (across + _GAP)
    height = _TOP + rows * (down + _HEAD)
    parts = _headed(title, note, width, height)
    for index, panel in enumerate(panels):
        left = _GAP + (index % columns) * (across + _GAP)
        top = _TOP + (index // columns) * (down + _HEAD) + 12
        parts += _panel(panel, left, top, size)
    return document(parts, width=width, height=height)


def left_plot(title: str, note: str, rows: Sequence[Dots]) -> str:
    """Return an SVG with one row of dots per scene on a logarithmic scale: further left is better."""
    width, height = _LABELS + _ACROSS + 2 * _GAP, _TOP + 20 + len(rows) * _ROW + 40
    parts = _headed(title, note, width, height)
    bottom = _TOP + 10 + len(rows) * _ROW
    for mev in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
        parts.append(line(_at(mev), _TOP + 4, _at(mev), bottom, "grid"))
        parts.append(text(_at(mev), bottom + 16, f"{mev}", cls="small", anchor="middle"))
    parts.append(text(_LABELS + _ACROSS / 2, bottom + 32, "mEV left (logarithmic)", cls="small", anchor="middle"))
    for index, row in enumerate(rows):
        y = _TOP + 18 + index * _ROW
        parts.append(text(_LABELS - 14, y + 4, row.title, anchor="end"))
        parts += [_dot(mev, y, "none", ORANGE) for mev in row.rivals]
        parts += [_dot(row.nothing, y, GREY, GREY), _dot(row.ours, y, BLUE, BLUE)]
    return document(parts, width=width, height=height)


def _headed(title: str, note: str, width: int, height: int) -> list[str]:
    return [
        tag("title", title),
        tag("style", _STYLE),
        tag("rect", cls="page", x=0, y=0, width=width, height=height),
        text(_GAP, 24, title, cls="title"),
        text(_GAP, 43, note, cls="small"),
    ]


def _panel(panel: Panel, left: float, top: float, size: tuple[int, int]) -> list[str]:
    width, height = size
    middle, reach = top + height / 2, panel.reach_ev
    parts = [text(left, top - 5, panel.title, cls="small")]
    for ev in (-reach, 0.0, reach):
        y = middle - ev / reach * height / 2
        parts.append(line(left, y, left + width, y, "grid"))
        below = 11 if ev > 0 else -2
        parts.append(text(left + width, y + below, f"{ev:+.2g} EV" if ev else "0", cls="small", anchor="end"))
    for name, colour, values in panel.lines:
        step = width / max(1, len(values) - 1)
        shown = [(left + index * step, _within(ev, reach)) for index, ev in enumerate(values) if math.isfinite(ev)]
        points = " ".join(f"{x:.1f},{middle - ev / reach * height / 2:.1f}" for x, ev in shown)
        parts.append(tag("polyline", tag("title", name), points=points, stroke=colour, stroke_width=1.2))
    return parts


def _within(ev: float, reach: float) -> float:
    return max(-reach, min(reach, ev))


def _at(mev: float) -> float:
    """Return where on the logarithmic scale a figure lies."""
    share = math.log(max(mev, _LEAST_MEV) / _LEAST_MEV) / math.log(_MOST_MEV / _LEAST_MEV)
    return _LABELS + min(1.0, share) * _ACROSS


def _dot(mev: float, y: float, fill: str, edge: str) -> str:
    return tag("circle", cx=round(_at(mev), 1), cy=y, r=4.5, fill=fill, stroke=edge, stroke_width=1.3)
