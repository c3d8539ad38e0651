"""What the simulated camera sees and writes: a metered, exposed, developed JPEG with true EXIF."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from dayspool.sim.meter import Metered, expose
from dayspool.sim.sky import Sky

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from dayspool.core.exposure import Exposure
    from dayspool.core.plan import Place
    from dayspool.sim.profile import Profile

__all__ = ["Imager", "Metered"]

_METER_PX = (48, 32)
_MIDDLE_GREY = 0.18
_QUALITY = 92
_STEPS = 4096  # of the tone curve
_PREVIEW_QUALITY = 80
_NO_MOMENT = "0000:00:00 00:00:00"
_METERING, _GRAIN, _PREVIEW = 11, 12, 13  # streams of random numbers, one for each exposure or preview

_MAKE, _MODEL, _ORIENTATION, _X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 0x10F, 0x110, 0x112, 0x11A, 0x11B, 0x128
_DATE_TIME, _EXIF_IFD = 0x132, 0x8769
_EXPOSURE_TIME, _F_NUMBER, _ISO, _EXIF_VERSION = 0x829A, 0x829D, 0x8827, 0x9000
_DATE_TIME_ORIGINAL, _DATE_TIME_DIGITIZED, _EXPOSURE_BIAS, _FOCAL_LENGTH = 0x9003, 0x9004, 0x9204, 0x920A


class Imager:
    """Lens, meter and sensor of one camera, looking at one sky.

    The scene is a function of the seed and the camera's time; the meter's error, the mechanics' and the grain are
    functions of the seed and the exposure's number, so that a request that comes a millisecond later changes nothing.
    """

    def __init__(
        self, *, profile: Profile, place: Place, seed: int, picture_px: tuple[int, int], start: datetime
    ) -> None:
        self._profile = profile
        self._seed = seed
        self._place = place
        self._start = start
        self._skies = {_METER_PX: Sky(_METER_PX, place=place, seed=seed, start=start)}
        self._last_read = start, np.empty((0, 0, 3), np.float32)
        self._picture_px = picture_px
        weights = _centre_weights(*_METER_PX)
        self._weights = weights / weights.sum()
        self._grain = np.random.default_rng(seed).standard_normal((256, 256, 1)).astype(np.float32)
        self._curve = _tone_curve()

    def _sky(self, px: tuple[int, int]) -> Sky:
        """Return the sky at a size; each is prepared once, when it is first needed."""
        if px not in self._skies:
            self._skies[px] = Sky(px, place=self._place, seed=self._seed, start=self._start)
        return self._skies[px]

    def _rng(self, number: int, stream: int) -> np.random.Generator:
        return np.random.default_rng((self._seed, number, stream))

    def meter(self, when: datetime, number: int) -> Metered:
        """Read the scene of that moment and choose exposure `number` for it: a centre-weighted mean of EV."""
        return expose(self._scene_ev(when), self._rng(number, _METERING))

    def _scene_ev(self, when: datetime) -> float:
        scene = self._sky(_METER_PX).luminance(when)
        self._last_read = when, scene
        grey = scene @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
        return float((np.log2(grey) * self._weights).sum())

    def jpeg(self, when: datetime, metered: Metered, number: int, *, zoom: float = 0.0) -> bytes:
        """Draw exposure `number`, of that moment: exposed, clipped, toned, grained and compressed, with EXIF."""
        pixels = self._develop(when, metered, self._picture_px, self._rng(number, _GRAIN))
        image = _zoomed(Image.fromarray(pixels), self._focal_mm(zoom) / self._profile.focal_mm[0])
        buffer = io.BytesIO()
        template = _exif_template(self._profile.model, metered.nominal, round(self._focal_mm(zoom), 2))
        exif = template.replace(_NO_MOMENT.encode(), when.strftime("%Y:%m:%d %H:%M:%S").encode())
        image.save(buffer, "JPEG", quality=_QUALITY, subsampling="4:2:0", exif=exif)
        return buffer.getvalue()

    def preview(self, when: datetime, number: int) -> bytes:
        """Draw the liveview picture of that moment; `number` counts them."""
        rng = self._rng(number, _PREVIEW)
        metered = expose(self._scene_ev(when), rng)
        pixels = self._develop(when, metered, self._profile.liveview_px, rng)
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=_PREVIEW_QUALITY, subsampling="4:2:0")
        return buffer.getvalue()

    def _develop(
        self, when: datetime, metered: Metered, px: tuple[int, int], rng: np.random.Generator
    ) -> NDArray[np.uint8]:
        """Return the picture as bytes (height, width, 3)."""
        read_at, scene = self._last_read
        light = scene if px == _METER_PX and read_at == when else self._sky(px).luminance(when)
        gain = _MIDDLE_GREY * 2.0**-metered.actual_ev * (_STEPS - 1)
        grain = _STEPS * 0.0012 * (metered.nominal.iso / 160) ** 0.5
        shift = rng.integers(0, 256, 2)
        tile = np.roll(self._grain, shift, axis=(0, 1)) * np.float32(grain)
        return _expose_rows(light, np.float32(gain), tile, self._curve)

    def _focal_mm(self, zoom: float) -> float:
        wide, long = self._profile.focal_mm
        return float(wide * (long / wide) ** zoom)


@lru_cache(maxsize=128)
def _exif_template(model: str, nominal: Exposure, focal_mm: float) -> bytes:
    """Return EXIF with `_NO_MOMENT` where the time belongs, kept because Pillow takes longer for it than for a JPEG."""
    exif = Image.Exif()
    exif[_MAKE], exif[_MODEL] = "SONY", model
    exif[_ORIENTATION], exif[_RESOLUTION_UNIT] = 1, 2
    exif[_X_RESOLUTION] = exif[_Y_RESOLUTION] = IFDRational(350, 1)
    exif[_DATE_TIME] = _NO_MOMENT
    details = exif.get_ifd(_EXIF_IFD)
    details[_EXPOSURE_TIME] = _shutter_rational(nominal.shutter_seconds)
    details[_F_NUMBER] = IFDRational(round((nominal.aperture or 0) * 10), 10)
    details[_ISO] = round(nominal.iso)
    details[_EXIF_VERSION] = b"0230"
    details[_DATE_TIME_ORIGINAL] = details[_DATE_TIME_DIGITIZED] = _NO_MOMENT
    details[_EXPOSURE_BIAS] = IFDRational(0, 10)
    details[_FOCAL_LENGTH] = IFDRational(round(focal_mm * 100), 100)
    return exif.tobytes()


def _shutter_rational(seconds: float) -> IFDRational:
    """Return the shutter time as cameras write it: 1/250, or tenths of a second."""
    if seconds < 0.35:
        return IFDRational(1, round(1 / seconds))
    return IFDRational(round(seconds * 10), 10)


def _centre_weights(width: int, height: int) -> NDArray[np.float32]:
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    weights: NDArray[np.float32] = 0.4 + np.exp(-(across**2 + down**2) / 0.8)
    return weights


def _tone_curve() -> NDArray[np.uint8]:
    """Return the sRGB transfer function (IEC 61966-2-1) as a table over linear light from 0 to 1."""
    linear = np.linspace(0, 1, _STEPS)
    curve = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(curve * 255).astype(np.uint8)


def _expose_rows(
    light: NDArray[np.float32], gain: np.float32, grain: NDArray[np.float32], curve: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Expose, grain, clip and tone, in bands of rows that stay in the processor's cache."""
    height, width, _ = light.shape
    across = np.arange(width) % grain.shape[1]
    pixels = np.empty(light.shape, np.uint8)
    for top in range(0, height, 32):
        band = light[top : top + 32] * gain
        rows = np.arange(top, top + len(band)) % grain.shape[0]
        band += grain[rows][:, across] * np.sqrt(np.maximum(band, 40.0) / _STEPS * 4)
        np.clip(band, 0, _STEPS - 1, out=band)
        pixels[top : top + 32] = curve[band.astype(np.int16)]
    return pixels


def _zoomed(image: Image.Image, factor: float) -> Image.Image:
    """Return the middle of a picture at its full size, as a longer lens sees it."""
    if factor <= 1:
        return image
    width, height = image.size
    half_width, half_height = width / 2 / factor, height / 2 / factor
    box = (width / 2 - half_width, height / 2 - half_height, width / 2 + half_width, height / 2 + half_height)
    return image.resize(image.size, Image.Resampling.BICUBIC, box=box)
