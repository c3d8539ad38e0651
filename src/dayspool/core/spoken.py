"""Moments, windows and weekdays as a person writes them: `sunset-30m`, `06:00-22:00`, `mon-fri`."""

from __future__ import annotations

import re
from datetime import datetime, time

from dayspool.core.moments import Daily, SunEvent, SunTime, When, Window
from dayspool.core.plan import duration_text, parse_duration
from dayspool.errors import PlanError

__all__ = ["days_text", "parse_days", "parse_when", "parse_window", "when_text", "window_text"]

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SUN = re.compile(rf"({'|'.join(SunEvent)})\s*(?:([+-])\s*(.+))?")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?|24:00(?::00)?")
_CLOCKS = re.compile(r"([\d:]+)\s*-\s*([\d:]+)")


def parse_when(text: str) -> When:
    """Read a moment: `sunset-30m`, `06:00`, `2026-06-21T04:30`; one without a zone comes back without.

    Raises:
        PlanError: it is none.
    """
    daily = _daily(text)
    if daily is not None:
        return daily
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise PlanError(
            f"{text!r} is no moment; write 2026-06-21T04:30, with a zone 2026-06-21T04:30+02:00, 06:00 or sunset-30m"
        ) from None


def parse_window(text: str) -> Window:
    """Read a part of the day: two clock times `06:00-22:00`, or any two moments `sunset-1h..sunrise+1h`.

    Raises:
        PlanError: it is none.
    """
    clocks = _CLOCKS.fullmatch(text.strip())
    parts = clocks.groups() if clocks is not None else tuple(text.split(".."))
    try:
        moments = [_daily(part) for part in parts]
    except PlanError:  # a dash taken for the sign of an offset: sunset-sunrise
        moments = []
    if len(moments) != 2 or moments[0] is None or moments[1] is None:
        raise PlanError(f"{text!r} is no window of the day; write 06:00-22:00 or sunset-1h..sunrise+1h")
    return Window(start=moments[0], end=moments[1])


def parse_days(text: str) -> tuple[int, ...]:
    """Read weekdays: `mon-fri`, `sat,sun`; Monday is 0.

    Raises:
        PlanError: a word is no weekday.
    """
    days: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        try:
            begins, ends = _WEEKDAYS.index(first), _WEEKDAYS.index(last if dash else first)
        except ValueError:
            raise PlanError(f"{part!r} are no weekdays; write mon-fri or sat,sun") from None
        days.update((begins + after) % 7 for after in range((ends - begins) % 7 + 1))
    return tuple(sorted(days))


def when_text(when: When) -> str:
    """Write a moment the way `parse_when` reads it."""
    if isinstance(when, SunTime):
        if not when.offset:
            return when.event.value
        return f"{when.event.value}{'-' if when.offset.days < 0 else '+'}{duration_text(abs(when.offset))}"
    if isinstance(when, datetime):
        return when.isoformat()
    return when.isoformat("seconds" if when.second else "minutes")


def window_text(window: Window) -> str:
    """Write a window the way `parse_window` reads it."""
    clocks = isinstance(window.start, time) and isinstance(window.end, time)
    return f"{when_text(window.start)}{'-' if clocks else '..'}{when_text(window.end)}"


def days_text(days: tuple[int, ...]) -> str:
    """Write weekdays the way `parse_days` reads them."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(_WEEKDAYS[run[0]] if len(run) == 1 else f"{_WEEKDAYS[run[0]]}-{_WEEKDAYS[run[-1]]}" for run in runs)


def _daily(text: str) -> Daily | None:
    """Return a moment of every day, or `None` where the text is none; 24:00 is the midnight at the end of a day."""
    cleaned = text.strip().lower()
    if clock := _CLOCK.fullmatch(cleaned):
        hour, minute, second = (int(part or 0) for part in clock.groups())
        return time(hour, minute, second)
    sun = _SUN.fullmatch(cleaned)
    if sun is None:
        return None
    event, sign, length = sun.groups()
    offset = parse_duration(length or "0s")
    return SunTime(event=SunEvent(event), offset=-offset if sign == "-" else offset)
