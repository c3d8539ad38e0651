"""The outlook in words for people and as values for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dayspool.cli.output import size_text
from dayspool.core.calculator import film_seconds
from dayspool.core.plan import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from fractions import Fraction

    from dayspool.cli.outlook.needs import Needs
    from dayspool.cli.outlook.outlook import Outlook
    from dayspool.core.calculator import Reckoning

__all__ = ["sentences", "values"]

_CARD = (("jpeg", "about", "as JPEG"), ("raw", "at least", "as RAW"), ("raw+jpeg", "at least", "as RAW and JPEG"))


def sentences(
    outlook: Outlook, needs: Needs, *, fps: Fraction, full_size: bool, found: Reckoning | None
) -> Iterator[str]:
    """Yield the plan in words.

    Args:
        outlook: what is ahead.
        needs: what it takes.
        fps: frames per second of film.
        full_size: whether the originals come over Wi-Fi.
        found: how the interval was found, where it was sought.
    """
    slots, intervals = outlook.slots, sorted({stretch.interval for stretch in outlook.stretches})
    every = duration_text(intervals[0])
    pace = every if len(intervals) == 1 else f"{every} to {duration_text(intervals[-1])}"
    yield f"{'slots without end' if slots is None else _count(slots)}, one every {pace}{_rounding(found)}"
    yield f"  first  {outlook.local(outlook.first):%Y-%m-%d %H:%M:%S %Z}"
    if slots is None or outlook.last is None or needs.storage_bytes is None:
        return
    yield f"  last   {outlook.local(outlook.last):%Y-%m-%d %H:%M:%S %Z}"
    yield f"  film   {film_seconds(slots, fps):g} s at {float(fps):g} frames per second"
    size = "full-size" if full_size else "2-megapixel"
    yield f"  needs  about {size_text(needs.storage_bytes)} for {size} pictures"
    told = [
        f"{about} {size_text(value)} {kind}"
        for key, about, kind in _CARD
        if (value := needs.card_bytes[key]) is not None
    ]
    raw = "is not known" if needs.card_bytes["raw"] is None else "is reckoned from its pixels, not measured"
    yield f"  card   {', '.join(told)}; the size of its RAWs {raw}"


def _count(slots: int) -> str:
    return "1 slot" if slots == 1 else f"{slots} slots"


def _rounding(found: Reckoning | None) -> str:
    """Return how a sought interval was made round, for the end of a sentence; nothing where none was sought."""
    if found is None or found.exact is None:
        return ""
    exact = f"{duration_text(found.length)} / {found.frames} frames"
    if found.interval == found.exact:
        return f" ({exact})"
    return f" ({exact} is {duration_text(found.exact)}, rounded up; it is still {found.frames} frames)"


def values(outlook: Outlook, needs: Needs, *, fps: Fraction) -> dict[str, Any]:
    """Return the plan for programs; `fps` are the frames per second of film."""
    slots = outlook.slots

    def clock(moment: datetime | None) -> str:
        return "none" if moment is None else outlook.clock(moment)

    return {
        "slots": slots,
        "first": outlook.first,
        "last": outlook.last,
        "interval_seconds": next(outlook.stretches).interval.total_seconds(),
        "film_seconds": None if slots is None else film_seconds(slots, fps),
        "storage_bytes": needs.storage_bytes,
        "card_bytes": needs.card_bytes,
        "battery_hours": needs.battery_hours,
        "windows": [
            {
                "name": window.name,
                "first": window.begin,
                "last": window.last,
                "slots": window.slots,
                "interval_seconds": [interval.total_seconds() for interval in window.intervals],
            }
            for window in outlook.windows
        ],
        "sun": [
            {
                "day": sun.day.isoformat(),
                "dawn": clock(sun.dawn),
                "sunrise": clock(sun.sunrise),
                "sunset": clock(sun.sunset),
                "dusk": clock(sun.dusk),
            }
            for sun in outlook.days
        ],
    }
