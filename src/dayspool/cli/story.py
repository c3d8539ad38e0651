"""The few lines that a person wants of a shoot: what changes is told, what repeats itself is counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from dayspool.core.events import (
    BiasAsked,
    CameraLost,
    CameraReady,
    ClockStepped,
    DownloadsPaused,
    DownloadsResumed,
    FetchFailed,
    FocusHeld,
    FrameStored,
    Gap,
    HostStalled,
    IntervalTooShort,
    Paused,
    Resumed,
    RunEnded,
    RunStarted,
    SlotsOver,
    StopAsked,
    StretchPlanned,
)
from dayspool.core.frame import GapReason
from dayspool.core.plan import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dayspool.core.events import Event, Record

__all__ = ["Story"]

QUIET = timedelta(minutes=10)  # lines that differ in nothing but their numbers come no closer together
MOST_CHANGES = 3  # but so many of one kind do: a camera that is lost again is news, one that flickers is not
MOST_NEW_DETAILS = 3  # and so many more with a new detail: some hold a number that is always another
_REPEATED = frozenset({*GapReason, "fetch"})  # these come slot by slot: the first one says it all
LONGEST_DETAIL = 400  # characters: with all around it a line stays far below what a ready pipe takes at once
_NAMED_BY_DETAIL = frozenset({"lost", "note"})
A_RUN = 3  # so many gaps in a row are worth a word when they are over


@dataclass(slots=True, kw_only=True)
class _Kind:
    """What was told of one kind of line: since when it is counted, how many lines, how many were kept back."""

    since: datetime
    lines: int = 1
    kept_back: int = 0


@dataclass(slots=True, kw_only=True)
class Story:
    """Turns records, in order, into lines; a night without a camera makes a few dozen of them, not thousands."""

    _kinds: dict[str, _Kind] = field(default_factory=dict)
    _details: set[str] = field(default_factory=set)
    _gaps_in_a_row: int = 0

    def lines(self, record: Record) -> Iterator[str]:
        """Yield what is to be told of one more record; mostly nothing."""
        utc = record.utc
        match record.event:
            case Gap(slot=slot, reason=reason, detail=detail):
                self._gaps_in_a_row += reason is not GapReason.ON_CARD  # that one was exposed
                yield from self._told(reason, f"slot {slot} is a gap: {reason.sentence}", utc, detail)
            case CameraReady(model=model, endpoint=endpoint, note=note):
                yield from self._told("ready", f"camera ready: {model} at {endpoint}", utc)
                if note is not None:
                    yield from self._told("note", "note", utc, note, only_if_new=True)
            case CameraLost(detail=detail):
                yield from self._told("lost", "camera lost", utc, detail)
            case FetchFailed(slot=slot, detail=detail):
                yield from self._told("fetch", f"the picture of slot {slot} did not arrive", utc, detail)
            case FrameStored(slot=slot):
                yield from self._frames_again(slot, utc)
            case event:
                text = _sentence(event)
                if text is not None:
                    yield from self._told(type(event).__name__, text, utc)

    def _frames_again(self, slot: int, utc: datetime) -> Iterator[str]:
        gaps, self._gaps_in_a_row = self._gaps_in_a_row, 0
        if gaps >= A_RUN:
            yield from self._told("again", f"frames again from slot {slot} on, after {gaps} gaps", utc)

    def _told(
        self, key: str, text: str, utc: datetime, detail: str = "", *, only_if_new: bool = False
    ) -> Iterator[str]:
        """Yield the line, unless one of its kind was told shortly before and it says nothing new."""
        detail = " ".join(detail.split())[:LONGEST_DETAIL]  # one line, whatever a camera or an error says
        new = bool(detail) and detail not in self._details
        kind = self._kinds.get(key)
        if only_if_new and not new:
            return
        if kind is not None and utc - kind.since < QUIET:
            most = (1 if key in _REPEATED else MOST_CHANGES) + (MOST_NEW_DETAILS if new else 0)
            if kind.lines >= most:
                kind.kept_back += 1
                return
            kind.lines += 1
        else:
            if kind is not None and kind.kept_back:
                text += f" ({kind.kept_back} more like it since {kind.since.astimezone():%H:%M})"
            self._kinds[key] = _Kind(since=utc)
        if new:
            self._details.add(detail)
        yield f"{text}{': ' if key in _NAMED_BY_DETAIL else '; '}{detail}" if new else text


def _sentence(event: Event) -> str | None:
    """Return what is said of an event that is worth a word whenever it comes; `None` of all others."""
    match event:
        case RunStarted():
            return "shooting"
        case RunEnded(why=why):
            return f"ended: {why}"
        case Paused():
            return "paused"
        case Resumed():
            return "going on"
        case StopAsked(by=by):
            return f"asked to stop by a {by}"
        case DownloadsPaused(detail=detail):
            return f"downloads pause, the shutter goes on: {detail[:LONGEST_DETAIL]}"
        case DownloadsResumed():
            return "downloads go on"
        case ClockStepped(seconds=seconds):
            return f"this machine's clock was moved by {seconds:+.1f} s; the slots stay where they are"
        case HostStalled() as stall:
            return stall.sentence
        case IntervalTooShort() as short:
            return _too_short_text(short)
        case FocusHeld(slot=slot):
            return f"manual focus from slot {slot} on: autofocus would fail at night"
        case BiasAsked(ev=ev):
            if ev == 0:
                return "as bright as planned again"
            return f"{'brighter' if ev > 0 else 'darker'} by {abs(ev):.1f} EV from now on"
        case StretchPlanned() as stretch:
            return _stretch_text(stretch)
        case SlotsOver(count=count):
            return f"the plan ends after slot {count - 1}"
    return None


def _too_short_text(short: IntervalTooShort) -> str:
    interval = duration_text(timedelta(seconds=short.interval_seconds))
    least = duration_text(timedelta(seconds=short.shortest_seconds))
    known = "measured in this shoot" if short.learned else "say users of its model; it is being measured"
    return f"every {interval} is too fast for the camera, which keeps {least} at best ({known}): it will miss slots"


def _stretch_text(stretch: StretchPlanned) -> str:
    interval = duration_text(timedelta(seconds=stretch.interval_seconds))
    origin = datetime.fromisoformat(stretch.origin).astimezone()
    of = "".join(f", {name} {text}" for name, text in (("window", stretch.window), ("for", stretch.why)) if text)
    return f"from slot {stretch.first} ({origin:%Y-%m-%d %H:%M:%S}) on every {interval}{of}"
