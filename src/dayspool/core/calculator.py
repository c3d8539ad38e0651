"""The time-lapse calculator: any two of interval, duration, frames and film length give the others.

Conventions, the same as a plan's slots have: a frame is due at the beginning of each interval, so a duration holds
`ceil(duration / interval)` of them, and frames last `frames × interval`. A film has one frame of the shoot per frame of
film, and never comes out shorter than asked: `ceil(film × fps)` frames. Frames and film length say the same thing.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from dayspool.core.plan import Mistake, duration_text
from dayspool.errors import PlanError

__all__ = ["FPS", "Asked", "Reckoning", "film_seconds", "parse_fps", "reckon"]

FPS = Fraction(30)
_RATE = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}|/[1-9][0-9]{0,5})?")
_MICROSECOND = timedelta(microseconds=1)
_MICROSECONDS = 1_000_000
_MOST_FPS = 240
_SHORTEST_US = 50_000  # as for a plan
_LONGEST = timedelta(days=3660)
# Intervals that people say, longest first, in microseconds: an hour, minutes, seconds, and their decimals.
_ROUND = (
    *(seconds * _MICROSECONDS for seconds in (3600, 1800, 900, 600, 300, 60, 30, 15, 10, 5, 2, 1)),
    *(500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person knows of a time-lapse; `None` is to be found.

    Attributes:
        interval: from frame to frame.
        length: how long the shoot lasts.
        frames: how many frames it has.
        film: how long the film lasts.
        fps: frames per second of film.
    """

    interval: timedelta | None = None
    length: timedelta | None = None
    frames: int | None = None
    film: timedelta | None = None
    fps: Fraction = FPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """A time-lapse of which all is known, and which agrees with itself.

    Attributes:
        interval: from frame to frame.
        length: how long the shoot lasts, from its first slot to one interval after the last, or as asked.
        frames: how many frames it has: `ceil(length / interval)`.
        fps: frames per second of film.
        exact: length / frames where the interval was sought, which `interval` is made round from; else `None`.
    """

    interval: timedelta
    length: timedelta
    frames: int
    fps: Fraction
    exact: timedelta | None = None

    @property
    def film(self) -> Fraction:
        """How long the film lasts, in seconds."""
        return self.frames / self.fps


def reckon(asked: Asked) -> Reckoning:
    """Return the whole time-lapse from the two or more things known of it.

    A sought interval is the roundest one that puts exactly the frames into the length (56.5 s for 510 frames in 8 h).

    Raises:
        PlanError: too little is known, values contradict each other, or one makes no sense; every mistake at once.
    """
    problems = [*_senseless(asked)]
    if problems:
        raise PlanError(*problems)
    frames = _frames(asked)
    if asked.interval is not None and asked.length is not None:
        found = _of(asked, asked.interval, asked.length, frames or -(-asked.length // asked.interval))
        _refuse_other_frames(asked, found)
    elif frames is None:
        raise PlanError(_too_little(asked))
    elif asked.interval is not None:
        found = _of(asked, asked.interval, _times(asked, asked.interval, frames), frames)
    elif asked.length is not None:
        interval = _roundest(asked, asked.length, frames)
        fits = -(-asked.length // interval) == frames
        length = asked.length if fits else frames * interval
        found = _of(asked, interval, length, frames, asked.length / frames)
    else:
        raise PlanError(_too_little(asked))
    return found


def film_seconds(frames: int, fps: Fraction = FPS) -> float:
    """Return how long a film of so many frames lasts, in seconds, to the millisecond."""
    return round(float(frames / fps), 3)


def parse_fps(text: str) -> Fraction:
    """Read frames per second: `30`, `29.97`, `30000/1001`.

    Raises:
        PlanError: the text is no number of frames, or not between 1 and 240.
    """
    if not _RATE.fullmatch(text.strip()):
        raise PlanError(f"{text!r} is no number of frames per second; write 30, 23.976 or 30000/1001")
    fps = Fraction(text.strip())
    if not 1 <= fps <= _MOST_FPS:
        raise PlanError(f"films have 1 to {_MOST_FPS} frames per second, not {text.strip()}")
    return fps


def _of(asked: Asked, interval: timedelta, length: timedelta, frames: int, exact: timedelta | None = None) -> Reckoning:
    return Reckoning(interval=interval, length=length, frames=frames, fps=asked.fps, exact=exact)


def _senseless(asked: Asked) -> list[Mistake]:
    """Return what makes no sense by itself, and whether frames and film say two things."""
    problems = []
    for key, value, thing in (
        ("every", asked.interval, "the interval must be longer than nothing"),
        ("for", asked.length, "the shoot must last longer than nothing"),
        ("film", asked.film, "the film must last longer than nothing"),
    ):
        if value is not None and value <= timedelta(0):
            problems.append(Mistake(thing, key))
    if asked.frames is not None and asked.frames < 1:
        problems.append(Mistake(f"a shoot needs at least one frame, not {asked.frames}", "frames"))
    if asked.fps <= 0:
        problems.append(Mistake("a film needs frames in its seconds", "fps"))
    if not problems and asked.film is not None and asked.frames not in (None, _film_frames(asked.film, asked.fps)):
        problems.append(
            Mistake(
                f"{asked.frames} frames are a film of {_film_text(asked.frames, asked.fps)} at {_fps_text(asked.fps)} "
                f"frames a second, not of {duration_text(asked.film)}; leave one of them out",
                "frames",
                "film",
            )
        )
    return problems


def _frames(asked: Asked) -> int | None:
    if asked.frames is not None or asked.film is None:
        return asked.frames
    return _film_frames(asked.film, asked.fps)


def _film_frames(film: timedelta, fps: Fraction) -> int:
    return math.ceil(Fraction(film // _MICROSECOND, _MICROSECONDS) * fps)


def _refuse_other_frames(asked: Asked, found: Reckoning) -> None:
    """Raise that interval and length make other frames than were asked for."""
    assert asked.interval is not None
    assert asked.length is not None
    made = -(-asked.length // asked.interval)
    if made == found.frames:
        return
    keys = [key for key, value in (("frames", asked.frames), ("film", asked.film)) if value is not None]
    raise PlanError(
        Mistake(
            f"a frame every {duration_text(asked.interval)} for {duration_text(asked.length)} makes {made} frames, a "
            f"film of {_film_text(made, asked.fps)}, not {found.frames} frames; leave one of them out",
            "every",
            "for",
            *keys,
        )
    )


def _too_little(asked: Asked) -> Mistake:
    given = {"every": asked.interval, "for": asked.length, "frames": asked.frames, "film": asked.film}
    keys = [key for key, value in given.items() if value is not None]
    missing = "--every, --for, and --frames or --film"
    return Mistake(f"two of {missing} are needed, and the rest follows from them", *(keys or given))


def _times(asked: Asked, interval: timedelta, frames: int) -> timedelta:
    try:
        length = frames * interval
    except OverflowError:
        length = timedelta.max
    if length > _LONGEST:
        key = "frames" if asked.frames is not None else "film"
        raise PlanError(
            Mistake(f"{frames} frames at one every {duration_text(interval)} would take more than ten years", key)
        )
    return length


def _roundest(asked: Asked, length: timedelta, frames: int) -> timedelta:
    """Return the roundest interval that puts `frames` into `length`: from length/frames up to length/(frames − 1).

    It is a hundredth longer than length/frames at most, so that few frames spread over the whole length too.
    """
    whole = length // _MICROSECOND
    least = -(-whole // frames)
    if least < _SHORTEST_US:
        key = "frames" if asked.frames is not None else "film"
        raise PlanError(
            Mistake(
                f"{frames} frames in {duration_text(length)} would be one every "
                f"{duration_text(least * _MICROSECOND)}; 50ms is the shortest interval there is",
                "for",
                key,
            )
        )
    for step in _ROUND:
        rounded = -(-least // step) * step
        if rounded * (frames - 1) < whole and rounded * 100 <= least * 101:
            return rounded * _MICROSECOND
    return least * _MICROSECOND


def _film_text(frames: int | None, fps: Fraction) -> str:
    assert frames is not None
    return f"{film_seconds(frames, fps):g} s"


def _fps_text(fps: Fraction) -> str:
    return f"{float(fps):g}"
