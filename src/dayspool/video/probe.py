"""A finished film, looked at as a player would: decoded to its end, every promise checked."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import av
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from dayspool.errors import FilmError
from dayspool.video.mp4 import boxes

if TYPE_CHECKING:
    from pathlib import Path

    from dayspool.video.presets import Preset

__all__ = ["ExpectedFilm", "FilmFacts", "check", "probe"]

_EDIT_LIST = frozenset({"moov/trak/edts", "moov/trak/edts/elst"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmFacts:
    """What a film file really is; enumerated colour values are those of ITU-T H.273.

    Attributes:
        width: in pixels.
        height: in pixels.
        codec: FFmpeg's name of the codec.
        profile: the codec's profile, in words.
        pixel_format: FFmpeg's name.
        primaries: which red, green and blue.
        transfer: which tone curve.
        matrix: which luma and chroma.
        limited_range: whether black is 16 and white 235.
        frames: how many decode.
        damaged: how many of them the decoder had to patch.
        fps: frames per second.
        seconds: how long it plays.
        start_seconds: when its first frame is shown.
        steady: whether each frame comes one frame's time after the one before.
        longest_group: frames from one keyframe to the next, at most.
        index_first: whether a player can start before it has the whole file (`moov` before `mdat`).
        edit_list: whether it has an edit list.
        size_bytes: of the file.
    """

    width: int
    height: int
    codec: str
    profile: str
    pixel_format: str
    primaries: int
    transfer: int
    matrix: int
    limited_range: bool
    frames: int
    damaged: int
    fps: Fraction
    seconds: Fraction
    start_seconds: Fraction
    steady: bool
    longest_group: int
    index_first: bool
    edit_list: bool
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedFilm:
    """What was ordered: so many frames of this size (width, height in pixels), as the preset says."""

    frames: int
    size: tuple[int, int]
    preset: Preset


@dataclass(slots=True)
class _Tally:
    """What decoding frame after frame adds up to."""

    times: list[Fraction]
    keyframes: list[int]
    damaged: int = 0


def probe(path: Path) -> FilmFacts:
    """Decode a film to its end and return what it is.

    Raises:
        FilmError: it does not open, has no picture track, or stops decoding.
    """
    paths = [box.path for box in boxes(path)]
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise FilmError(f"{path} has no picture track")
            stream = container.streams.video[0]
            stream.codec_context.thread_type = "AUTO"
            tally = _decoded(container, stream)
            return _facts(path, stream, tally, paths)
    except (av.FFmpegError, OSError) as fault:
        raise FilmError(f"{path} does not decode: {fault}") from fault


def _decoded(container: av.container.InputContainer, stream: av.VideoStream) -> _Tally:
    tally = _Tally(times=[], keyframes=[])
    for number, frame in enumerate(container.decode(stream)):
        time_base = frame.time_base or Fraction(1)
        tally.times.append(Fraction(frame.pts or 0) * time_base)
        tally.damaged += frame.is_corrupt
        if frame.key_frame:
            tally.keyframes.append(number)
    return tally


def _facts(path: Path, stream: av.VideoStream, tally: _Tally, paths: list[str]) -> FilmFacts:
    codec = stream.codec_context
    fps = stream.average_rate or Fraction(0)
    steps = {later - earlier for earlier, later in pairwise(tally.times)}
    groups = [later - earlier for earlier, later in pairwise([*tally.keyframes, len(tally.times)])]
    return FilmFacts(
        width=codec.width,
        height=codec.height,
        codec=codec.name,
        profile=codec.profile or "unknown",
        pixel_format=codec.pix_fmt or "unknown",
        primaries=int(codec.color_primaries),
        transfer=int(codec.color_trc),
        matrix=int(codec.colorspace),
        limited_range=int(codec.color_range) == ColorRange.MPEG,
        frames=len(tally.times),
        damaged=tally.damaged,
        fps=fps,
        seconds=Fraction(stream.duration or 0) * (stream.time_base or 1),
        start_seconds=min(tally.times, default=Fraction(0)),
        steady=not steps or (fps > 0 and steps == {1 / fps}),
        longest_group=max(groups, default=0),
        index_first="moov" in paths and paths.index("moov") < _index(paths, "mdat"),
        edit_list=not _EDIT_LIST.isdisjoint(paths),
        size_bytes=path.stat().st_size,
    )


def _index(paths: list[str], name: str) -> int:
    return paths.index(name) if name in paths else len(paths)


def check(facts: FilmFacts, expected: ExpectedFilm) -> None:
    """Refuse a film that is not as ordered, with everything that is wrong with it.

    Raises:
        FilmError: one line per fault.
    """
    preset = expected.preset
    wanted: dict[str, tuple[object, object]] = {
        "size": ((facts.width, facts.height), expected.size),
        "codec": (facts.codec, "h264"),
        "profile": (facts.profile, "High"),
        "pixel format": (facts.pixel_format, "yuv420p"),
        "primaries": (facts.primaries, int(ColorPrimaries.BT709)),
        "transfer": (facts.transfer, int(ColorTrc.BT709)),
        "matrix": (facts.matrix, int(Colorspace.ITU709)),
        "limited range": (facts.limited_range, True),
        "frames": (facts.frames, expected.frames),
        "damaged frames": (facts.damaged, 0),
        "frames per second": (facts.fps, preset.fps),
        "seconds": (facts.seconds, expected.frames / preset.fps),
        "start": (facts.start_seconds, 0),
        "steady time stamps": (facts.steady, True),
        "index before the pictures": (facts.index_first, True),
        "edit list": (facts.edit_list, False),
    }
    faults = [
        f"{name}: {_said(found)} instead of {_said(want)}" for name, (found, want) in wanted.items() if found != want
    ]
    if facts.longest_group > preset.keyframe_interval:
        faults.append(f"keyframes: {facts.longest_group} frames apart instead of at most {preset.keyframe_interval}")
    if faults:
        raise FilmError("the film is not as ordered:" + "".join(f"\n  {fault}" for fault in faults))


def _said(value: object) -> str:
    return "×".join(map(str, value)) if isinstance(value, tuple) else str(value)
