"""The calculator: any two of interval, duration, frames and film length give the others, and agree with them."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dayspool.core.calculator import Asked, film_seconds, parse_fps, reckon
from dayspool.core.plan import duration_text, parse_duration
from dayspool.errors import PlanError


def asked(words):
    """Read `every 10s for 8h frames 9 film 20s fps 25`."""
    names = {"every": "interval", "for": "length"}
    parts = words.split()
    readers = {"frames": int, "fps": parse_fps}
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return Asked(**{names.get(name, name): readers.get(name, parse_duration)(text) for name, text in pairs})


@pytest.mark.parametrize(
    ("words", "every", "length", "frames", "film"),
    [
        ("every 10s for 24h", "10s", "1d", 8640, 288),
        ("every 10s frames 600", "10s", "1h40m", 600, 20),
        ("every 10s film 20s", "10s", "1h40m", 600, 20),
        ("for 8h film 20s", "48s", "8h", 600, 20),
        ("for 8h film 17s", "56.5s", "8h", 510, 17),
        ("for 8h film 20s fps 25", "57.6s", "8h", 500, 20),
        ("for 8h frames 1", "8h", "8h", 1, 1 / 30),
        ("for 24h frames 5999", "14.404s", "1d", 5999, 5999 / 30),
        ("every 7s for 1m", "7s", "1m", 9, 0.3),
        ("for 1m frames 9", "6.7s", "1m", 9, 0.3),
        ("for 900ms frames 3", "0.3s", "0.9s", 3, 0.1),
        ("every 10s film 10.01s", "10s", "50m10s", 301, 301 / 30),
        ("every 1s film 10s fps 24000/1001", "1s", "4m", 240, 10.01),
        ("every 10s for 100m frames 600 film 20s", "10s", "1h40m", 600, 20),
    ],
)
def test_two_give_the_others(words, every, length, frames, film):
    found = reckon(asked(words))
    assert (duration_text(found.interval), duration_text(found.length), found.frames) == (every, length, frames)
    assert float(found.film) == pytest.approx(film)
    assert film_seconds(found.frames, found.fps) == pytest.approx(film, abs=0.001)


@pytest.mark.parametrize(
    ("words", "problems"),
    [
        ("film 20s", ["film: two of --every, --for, and --frames or --film are needed"]),
        ("every 10s", ["every: two of"]),
        ("frames 600 film 20s", ["frames, film: two of"]),
        ("fps 25", ["every, for, frames, film: two of"]),
        ("every 0s for 0s frames 0 film 0s", ["every: the int", "for: the shoot", "film: the film", "frames: a shoot"]),
        (
            "every 10s frames 600 film 25s",
            ["frames, film: 600 frames are a film of 20 s at 30 frames a second, not of"],
        ),
        (
            "every 10s for 8h film 20s",
            ["every, for, film: a frame every 10s for 8h makes 2880 frames, a film of 96 s,"],
        ),
        ("every 10s for 8h frames 7", ["every, for, frames: a frame every 10s for 8h makes 2880"]),
        ("for 1s film 20s", ["for, film: 600 frames in 1s would be one every 0.001667s; 50ms is"]),
        (
            "every 1d frames 99999999999999",
            ["frames: 99999999999999 frames at one every 1d would take more than ten y"],
        ),
        ("every 1d film 90d", ["film: "]),
    ],
)
def test_too_little_too_much_and_nonsense_are_one_error(words, problems):
    with pytest.raises(PlanError) as caught:
        reckon(asked(words))
    assert len(caught.value.problems) == len(problems)
    assert all(told.startswith(due) for told, due in zip(caught.value.problems, problems, strict=True))


INTERVALS = st.integers(50_000, 7_200_000_000).map(lambda us: timedelta(microseconds=us))
LENGTHS = st.integers(1, 30 * 86_400_000).map(lambda ms: timedelta(milliseconds=ms))
FRAMES = st.integers(1, 300_000)
RATES = st.sampled_from([Fraction(24), Fraction(25), Fraction(30), Fraction(60), Fraction(24000, 1001)])


@given(INTERVALS, LENGTHS, RATES)
def test_slots_are_counted_as_a_plan_counts_them(interval, length, fps):
    found = reckon(Asked(interval=interval, length=length, fps=fps))
    assert found.frames == -(-length // interval)
    assert found.film == found.frames / fps
    assert reckon(Asked(interval=interval, frames=found.frames, fps=fps)).frames == found.frames


@given(LENGTHS, FRAMES, RATES)
def test_a_sought_interval_makes_exactly_the_frames_in_the_length(length, frames, fps):
    assume(length / frames >= timedelta(milliseconds=50))
    found = reckon(Asked(length=length, frames=frames, fps=fps))
    again = reckon(Asked(interval=found.interval, length=found.length, fps=fps))
    assert again.frames == found.frames == frames
    assert found.length == length or found.length - length < timedelta(microseconds=frames)
    assert again.exact is None
    assert timedelta(0) <= found.interval - found.exact + timedelta(microseconds=1)
    assert frames == 1 or found.interval * (frames - 1) < found.length


@given(INTERVALS, FRAMES, RATES)
def test_any_two_of_a_whole_give_the_whole_back(interval, frames, fps):
    assume(interval * frames <= timedelta(days=3660))
    whole = reckon(Asked(interval=interval, frames=frames, fps=fps))
    assert whole.length == interval * frames
    assert reckon(Asked(interval=interval, length=whole.length, fps=fps)) == whole
    sought = reckon(Asked(length=whole.length, frames=frames, fps=fps))
    assert (sought.length, sought.frames, sought.film) == (whole.length, frames, whole.film)
    film = timedelta(microseconds=int(whole.film * 1_000_000))  # to the microsecond below: still the same frames
    assert reckon(Asked(interval=interval, film=film, fps=fps)).frames == frames


@pytest.mark.parametrize("text", ["", "0", "-5", "241", "abc", "1/0", "nan", "inf", "1e9", "1e999999999"])
def test_rates_that_are_none(text):
    with pytest.raises(PlanError, match="per second"):
        parse_fps(text)
