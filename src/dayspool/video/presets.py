"""What a film is made like: presets as data, and the geometry from a picture to the film, as pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from dayspool.errors import FilmError, PlanError

__all__ = ["DEFAULT_PRESET", "PRESETS", "Geometry", "Preset", "fitted", "geometry", "preset"]

_WIDE = Fraction(16, 9)
DEFAULT_PRESET = "youtube-4k"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A kind of film.

    Attributes:
        name: what a person calls it.
        summary: one line for help texts.
        width: at most so many pixels wide.
        height: at most so many pixels high.
        crf: x264's constant rate factor: less is better and larger; 16–18 is visually without loss.
        speed: x264's preset, from `ultrafast` to `placebo`.
        fps: frames of the shoot per second of film.
        aspect: width to height after cropping; None keeps the pictures' own.
        encoder: FFmpeg's name of the encoder.
    """

    name: str
    summary: str
    width: int
    height: int
    crf: int
    speed: str
    fps: Fraction = Fraction(30)
    aspect: Fraction | None = _WIDE
    encoder: str = "libx264"

    @property
    def keyframe_interval(self) -> int:
        """Frames from keyframe to keyframe, at most: half a second (YouTube help, answer 1722171)."""
        return max(1, round(self.fps / 2))


PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name=DEFAULT_PRESET,
            summary="at most 3840×2160, 16:9, H.264 for uploading",
            width=3840,
            height=2160,
            crf=16,
            speed="medium",
        ),
        Preset(name="1080p", summary="at most 1920×1080, 16:9, H.264", width=1920, height=1080, crf=17, speed="medium"),
        Preset(
            name="preview", summary="at most 960×540, 16:9, quickly", width=960, height=540, crf=23, speed="veryfast"
        ),
    )
}


def preset(name: str) -> Preset:
    """Return the preset of this name.

    Raises:
        PlanError: there is none.
    """
    if name not in PRESETS:
        raise PlanError(f"preset {name!r} is not known; it can be {', '.join(PRESETS)}")
    return PRESETS[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """How a picture becomes a film frame: scale it to `scaled`, then cut `size` out at `offset`; (x, y) pixels."""

    scaled: tuple[int, int]
    offset: tuple[int, int]
    size: tuple[int, int]


def geometry(source_px: tuple[int, int], preset: Preset) -> Geometry:
    """Return the largest film frame of a preset that a picture of this size gives without being enlarged.

    Pictures are scaled in one piece (never stretched), cut around their centre, and cut to even sides,
    which 4:2:0 needs.

    Args:
        source_px: width and height of the picture.
        preset: bounds and aspect of the film.

    Raises:
        FilmError: the picture is smaller than 2×2.
    """
    if min(source_px) < 2:
        raise FilmError(f"a film cannot be made of pictures of {source_px[0]}×{source_px[1]} pixels")
    width, height = source_px
    to_width, to_height = Fraction(preset.width, width), Fraction(preset.height, height)
    if preset.aspect is None:
        scaled = _scaled(source_px, min(Fraction(1), to_width, to_height))
        return _cut(scaled, scaled)
    scaled = _scaled(source_px, min(Fraction(1), max(to_width, to_height)))
    return _cut(scaled, _widest(scaled, preset))


def fitted(source_px: tuple[int, int], size: tuple[int, int]) -> Geometry | None:
    """Return how a picture fills a film frame that another picture fixed, or None if it would have to be enlarged."""
    scale = max(Fraction(size[0], source_px[0]), Fraction(size[1], source_px[1]))
    if scale > 1:
        return None
    return _cut(_scaled(source_px, scale), size)


def _scaled(source_px: tuple[int, int], scale: Fraction) -> tuple[int, int]:
    return max(2, round(source_px[0] * scale)), max(2, round(source_px[1] * scale))


def _widest(within: tuple[int, int], preset: Preset) -> tuple[int, int]:
    """Return the largest rectangle of the preset's aspect inside `within` and the preset's bounds."""
    aspect = preset.aspect or Fraction(*within)
    width = min(Fraction(min(within[0], preset.width)), aspect * min(within[1], preset.height))
    return int(width), round(width / aspect)


def _cut(scaled: tuple[int, int], size: tuple[int, int]) -> Geometry:
    even = (max(2, size[0] // 2 * 2), max(2, size[1] // 2 * 2))
    return Geometry(scaled=scaled, offset=((scaled[0] - even[0]) // 2, (scaled[1] - even[1]) // 2), size=even)
