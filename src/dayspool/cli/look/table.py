"""The course of a look as a table for a terminal: a row for each value that moves, a column for each keyframe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayspool.cli.look.course import number_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dayspool.cli.look.course import Course, Courses

__all__ = ["table"]

_GAP = "  "
_EVENLY = 5  # columns where there are no keyframes, or only one
_LEAST = 2  # columns, however narrow the terminal


def table(courses: Courses, *, width: int) -> list[str]:
    """Return the lines of the table; where not all columns fit, some in the middle are left out, never a row."""
    if not courses.moves:
        return []
    slots = _columns(courses)
    heads = ["value", *(f"slot {slot}" for slot in slots), "range"]
    rows = [_row(course, slots) for course in courses.moves]
    widths = [max(len(row[index]) for row in [heads, *rows]) for index in range(len(heads))]
    kept = _fitting(widths, width)
    lines = [_line([row[index] for index in kept], [widths[index] for index in kept]) for row in [heads, *rows]]
    if len(kept) < len(heads):
        lines.append(f"({len(heads) - len(kept)} of {len(slots)} columns do not fit here; --json has all)")
    return lines


def _columns(courses: Courses) -> list[int]:
    """Return the slots of the keyframes, or else some evenly spaced ones."""
    if len(courses.keyframes) > 1:
        return [one.slot for one in courses.keyframes]
    pictures = courses.pictures
    steps = min(_EVENLY, len(pictures))
    return sorted({pictures[round(index * (len(pictures) - 1) / max(steps - 1, 1))].slot for index in range(steps)})


def _row(course: Course, slots: Sequence[int]) -> list[str]:
    known = dict(course.samples) | dict(course.at_keyframes)
    nearest = (min(known, key=lambda sampled: abs(sampled - slot)) for slot in slots)
    values = [number_text(known[slot]) for slot in nearest]
    ends = dict.fromkeys(map(number_text, (course.lowest, course.highest)))  # one where they are the same
    return [course.name, *values, " to ".join(ends)]


def _fitting(widths: Sequence[int], width: int) -> list[int]:
    """Return which columns to show: the name, the range, and of the others the outermost ones that fit."""
    room = width - widths[0] - widths[-1] - len(_GAP)
    shown: set[int] = set()
    for index in _from_outside(range(1, len(widths) - 1)):
        room -= widths[index] + len(_GAP)
        if room < 0 and len(shown) >= _LEAST:
            break
        shown.add(index)
    return [0, *sorted(shown), len(widths) - 1]


def _from_outside(columns: Sequence[int]) -> Iterator[int]:
    """Yield the first, the last, the second, the last but one, and so on."""
    for index in range(len(columns)):
        yield columns[index // 2] if index % 2 == 0 else columns[-1 - index // 2]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.ljust(width) if index == 0 else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return _GAP.join([first, *others]).rstrip()
