"""Develops RAW frames with LibRaw (rawpy), which is told everything that it would otherwise choose by the picture."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dayspool.develop.builtin_field import fielded
from dayspool.develop.builtin_light import encoded_light, factors, graded, grades, looked_up, table
from dayspool.develop.builtin_tone import BASE_EV, filmic
from dayspool.develop.raw_whole import refuse_cut_short_raw
from dayspool.errors import FrameError, FrameMissing, FrameUnreadable, ToolMissing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import ModuleType
    from typing import Any

    from numpy.typing import NDArray

    from dayspool.develop.api import DevelopJob, Recipe
    from dayspool.develop.builtin_light import Table

__all__ = ["RawLevels", "crop_of", "developed_raw", "levels_of", "libraw", "light_of", "pinned", "raw_tables", "turned"]

_ALIKE = 1e-3  # as near as the daylight multipliers of two files by the same camera model are
_SAME_BLACK = 1 / 1024  # of the range from black to white: cameras that measure black come back to it within that
_SAME_RANGE = 1.5  # sensors fill at other counts by ISO; fewer bits make the range a half or less
_SWAPPED = 4
_LEAST_CROP = 0.5  # of the visible width and height: a camera's own crop below that is taken for a mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class RawLevels:
    """What every RAW frame of a shoot is developed with, so that nothing changes from frame to frame.

    Each tuple is red, green, blue and the second green. `white` is where a sensor is full, in the file's own numbers
    like `black`; `multipliers` balance white. `daylight` are those that LibRaw computes from the camera model's colour
    matrix, never from a picture: they tell whether a frame is by the same camera model.
    """

    black: tuple[int, int, int, int]
    white: int
    multipliers: tuple[float, float, float, float]
    daylight: tuple[float, float, float, float]

    def for_frame(self, own: RawLevels) -> RawLevels:
        """Return what a frame of this shoot is developed with, whose own file says `own`.

        These levels, unless its file counts otherwise: then black and white are its own. A camera changes to 12 bits or
        to another black with its drive mode or ISO, and the same count is another light. By another camera model, it
        gets daylight's multipliers as well, which no picture has had a part in.
        """
        if not np.allclose(self.daylight, own.daylight, rtol=_ALIKE):
            return own.by_daylight()
        return self if self._counts_like(own) else replace(own, multipliers=self.multipliers)

    def by_daylight(self) -> RawLevels:
        """Return these levels with the multipliers of daylight."""
        return replace(self, multipliers=self.daylight)

    def _counts_like(self, other: RawLevels) -> bool:
        mine, theirs = self.white - min(self.black), other.white - min(other.black)
        if not theirs / _SAME_RANGE < mine < theirs * _SAME_RANGE:
            return False
        return all(abs(one - two) <= mine * _SAME_BLACK for one, two in zip(self.black, other.black, strict=True))


def pinned(paths: Sequence[Path]) -> RawLevels | None:
    """Return the levels of the RAW in the middle, with the white balance that its camera chose: once for all.

    If it cannot be read, those of the next that can; None if there is none: each frame's own fault is told when it is
    developed. The middle stands for a shoot better than its first frame, and darktable's base stack takes it too.

    Raises:
        ToolMissing: rawpy is not installed.
    """
    middle = len(paths) // 2
    for path in (*paths[middle:], *paths[:middle]):
        try:
            return levels_of(path)
        except FrameError:
            continue
    return None


def levels_of(path: Path) -> RawLevels:
    """Return what a RAW file says of itself; its multipliers are those of the camera, or of daylight without any.

    Raises:
        FrameMissing, FrameUnreadable: there is no such file, or LibRaw does not read it.
        ToolMissing: rawpy is not installed.
    """
    with _opened(path) as raw:
        return _stated(raw)


def developed_raw(job: DevelopJob, levels: RawLevels | None) -> NDArray[np.uint16]:
    """Return a RAW frame of shape (height, width, 3), sRGB-encoded in 16 bits, upright, cut as its camera says.

    Args:
        job: its recipe's grade evens out the light on the sensor, its exposure and gains multiply that of the scene,
            before the tone curve; no sidecar, and no tone of JPEGs.
        levels: those of the shoot, as far as they fit (`RawLevels.for_frame`); None: what the file says, by daylight.

    Raises:
        FrameMissing, FrameUnreadable: there is no such file, or LibRaw does not develop it.
        PlanError: the recipe's numbers make no sense.
        ToolMissing: rawpy is not installed.
    """
    if job.recipe.field:
        return fielded(light_of(job, levels), job.recipe, raw_tables)
    tables = raw_tables(job.recipe)  # nonsense is refused before LibRaw takes its time
    return looked_up(light_of(job, levels), tables)


def light_of(job: DevelopJob, levels: RawLevels | None) -> NDArray[np.uint16]:
    """Return a RAW frame's linear light with Rec. 709 primaries, of shape (height, width, 3); 65535 is a full sensor.

    Four photosites make one pixel where that still covers the job's box. Else PPG interpolates: it costs half of AHD,
    LibRaw's own choice, and scaled from 20 megapixels to 4K both are as far from the scene (44.3 and 44.4 dB).

    Raises:
        As `developed_raw`.
    """
    with _opened(job.path) as raw:
        own = _stated(raw)
        used = levels.for_frame(own) if levels is not None else own.by_daylight()
        sizes = raw.sizes
        *_, width, height = crop_of(sizes)
        across, down = (height, width) if sizes.flip & _SWAPPED else (width, height)
        scale = 2 if across // 2 >= job.width and down // 2 >= job.height else 1
        light: NDArray[np.uint16] = raw.postprocess(libraw().Params(**_parameters(used, half_size=scale == 2)))
    return turned(_cropped(_three(light), sizes), sizes.flip)


def crop_of(sizes: Any) -> tuple[int, int, int, int]:
    """Return (left, top, width, height) in the visible area of what the camera's own JPEG would show.

    All of it, if the file has no such crop or one that does not fit.

    Args:
        sizes: rawpy's; its crop counts from the corner of the sensor, its picture from that of the visible area.
    """
    left, top = sizes.crop_left_margin - sizes.left_margin, sizes.crop_top_margin - sizes.top_margin
    width, height = sizes.crop_width, sizes.crop_height
    fits = left >= 0 and top >= 0 and left + width <= sizes.width and top + height <= sizes.height
    if fits and width >= _LEAST_CROP * sizes.width and height >= _LEAST_CROP * sizes.height:
        return left, top, width, height
    return 0, 0, sizes.width, sizes.height


def _cropped(light: NDArray[np.uint16], sizes: Any) -> NDArray[np.uint16]:
    """Cut a picture as its camera says; LibRaw has halved it, or stretched it where photosites are not square."""
    left, top, width, height = crop_of(sizes)
    down, across = light.shape[0] / sizes.height, light.shape[1] / sizes.width
    rows = slice(round(top * down), round((top + height) * down))
    columns = slice(round(left * across), round((left + width) * across))
    return light[rows, columns]


def turned(stored: NDArray[np.uint16], flip: int) -> NDArray[np.uint16]:
    """Return a picture upright; LibRaw's `flip` mirrors across with 1, down with 2, and then swaps the two with 4."""
    down, across = -1 if flip & 2 else 1, -1 if flip & 1 else 1
    mirrored = stored[::down, ::across]
    return mirrored.transpose(1, 0, 2) if flip & _SWAPPED else mirrored


def libraw() -> ModuleType:
    """Return rawpy, which has LibRaw in it; loaded when a RAW has to be developed and not before.

    Raises:
        ToolMissing: it is not installed, or does not load.
    """
    try:
        import rawpy
    except ImportError as missing:
        raise ToolMissing(
            f"RAW frames without darktable need rawpy, which does not load ({missing}): "
            "pip install 'dayspool[film]', or apt install darktable"
        ) from missing
    return rawpy


def _parameters(levels: RawLevels, *, half_size: bool) -> dict[str, Any]:
    """Return what LibRaw is told: nothing is left to it that looks at a picture."""
    rawpy = libraw()
    black = min(levels.black)
    return {
        "user_black": black,
        "user_cblack": [level - black for level in levels.black],
        "user_sat": levels.white - black,  # LibRaw 0.22 takes black away first: measured
        "user_wb": list(levels.multipliers),
        "adjust_maximum_thr": 0.0,
        "no_auto_bright": True,
        "gamma": (1, 1),
        "output_bps": 16,
        "output_color": rawpy.ColorSpace.sRGB,
        "highlight_mode": rawpy.HighlightMode.Clip,  # what one channel has lost, none shows: clouds stay grey
        "demosaic_algorithm": rawpy.DemosaicAlgorithm.PPG,
        "half_size": half_size,
        "user_flip": 0,
    }


def _stated(raw: Any) -> RawLevels:
    daylight = _four(raw.daylight_whitebalance) or (1.0, 1.0, 1.0, 1.0)
    black = [int(level) for level in raw.black_level_per_channel]
    red, green, blue, second = (level or max(black) for level in black)  # 0 beside others: there is no such channel
    return RawLevels(
        black=(red, green, blue, second),
        white=_white(raw),
        multipliers=_four(raw.camera_whitebalance) or daylight,
        daylight=daylight,
    )


def _white(raw: Any) -> int:
    """Return where the sensor is full: what the camera wrote, or else what LibRaw knows of the model."""
    known = int(raw.white_level)
    written = [int(level) for level in raw.camera_white_level_per_channel or () if level]
    return min(written) if written and known // 2 < min(written) <= known else known


def _four(multipliers: Sequence[float]) -> tuple[float, float, float, float] | None:
    """Return multipliers with green as 1, or None if the file has none; a second green that is left out is the first.

    LibRaw scales by the smallest, so that only their ratios count.
    """
    red, green, blue, second = multipliers
    if not (red > 0 and green > 0 and blue > 0):
        return None
    return red / green, 1.0, blue / green, (second / green if second > 0 else 1.0)


def raw_tables(recipe: Recipe) -> list[Table]:
    """Return what the light of a RAW frame, 65536 codes, becomes in red, green and blue.

    Raises:
        PlanError: the recipe's numbers make no sense.
    """
    sensor = np.linspace(0, 1, 65536)
    wanted = list(zip(grades(recipe), factors(recipe), strict=True))
    made = {
        (grade, gain): table(encoded_light(filmic(graded(sensor, grade) * gain * 2**BASE_EV)), recipe)
        for grade, gain in set(wanted)
    }
    return [made[pair] for pair in wanted]


def _three(light: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Return three channels; a sensor without colours has one."""
    grey = light[..., np.newaxis] if light.ndim == 2 else light
    return np.repeat(grey, 3, axis=2) if grey.shape[2] == 1 else grey


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a RAW file with LibRaw and translate what goes wrong with it, then and inside the block."""
    rawpy = libraw()
    refuse_cut_short_raw(path)
    try:
        with path.open("rb") as file, rawpy.imread(io.BytesIO(file.read())) as raw:
            yield raw
    except FileNotFoundError:
        raise FrameMissing(f"{path} is not there (any more)") from None
    except (rawpy.LibRawFileUnsupportedError, rawpy.NotSupportedError) as unknown:
        version = ".".join(map(str, rawpy.libraw_version))
        raise FrameUnreadable(f"{path} is no RAW file that LibRaw {version} knows, or a damaged one") from unknown
    except rawpy.LibRawError as damage:
        said = damage.args[0].decode() if damage.args and isinstance(damage.args[0], bytes) else damage
        raise FrameUnreadable(f"{path} does not develop: LibRaw says {said!r}; the file is damaged") from damage
    except (OSError, ValueError, MemoryError) as refusal:
        raise FrameUnreadable(f"{path} cannot be read: {refusal}") from refusal
