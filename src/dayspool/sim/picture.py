"""What the simulated camera sees and writes: a metered, exposed, developed JPEG with true EXIF."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image, ImageFilter
from PIL.TiffImagePlugin import IFDRational

from dayspool.sim.meter import Metered, expose
from dayspool.sim.sky import Sky

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from dayspool.core.exposure import Exposure
    from dayspool.core.plan import Place
    from dayspool.sim.parts import ExposureWish
    from dayspool.sim.profile import Profile

__all__ = ["Imager", "Metered", "white_balance_gains"]

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
_EXPOSURE_PROGRAM, _EXPOSURE_MODE, _WHITE_BALANCE = 0x8822, 0xA402, 0xA403
_PROGRAMS = {"Manual": 1, "Program Auto": 2, "Aperture": 3, "Shutter": 4}  # EXIF 2.3, table 8; 0 is undefined

_DAYLIGHT_KELVIN = 5500.0
_STRONGEST_CAST = 6.0
_SRGB_FROM_XYZ = np.array(  # IEC 61966-2-1
    [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
)
_BLUR_PARTS = 60  # a lens that is fully out of focus spreads a point over this part of the width


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

    def meter(self, when: datetime, number: int, wish: ExposureWish | None = None) -> Metered:
        """Read the scene of that moment and choose exposure `number` for it: a centre-weighted mean of EV.

        What the person set is in `wish`; without it everything is automatic.
        """
        return expose(self._scene_ev(when), self._rng(number, _METERING), wish)

    def _scene_ev(self, when: datetime) -> float:
        scene = self._sky(_METER_PX).luminance(when)
        self._last_read = when, scene
        grey = scene @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
        return float((np.log2(grey) * self._weights).sum())

    def jpeg(
        self, when: datetime, metered: Metered, number: int, *, zoom: float = 0.0, px: tuple[int, int] | None = None
    ) -> bytes:
        """Draw exposure `number`, of that moment: exposed, clipped, toned, grained and compressed, with EXIF.

        `px` is its width and height when they are not those of a postview.
        """
        pixels = self._develop(when, metered, px or self._picture_px, self._rng(number, _GRAIN))
        image = _zoomed(_focused(pixels, metered), self._focal_mm(zoom) / self._profile.focal_mm[0])
        buffer = io.BytesIO()
        template = _exif_template(self._profile.model, _written(metered), round(self._focal_mm(zoom), 2))
        exif = template.replace(_NO_MOMENT.encode(), when.strftime("%Y:%m:%d %H:%M:%S").encode())
        image.save(buffer, "JPEG", quality=_QUALITY, subsampling="4:2:0", exif=exif)
        return buffer.getvalue()

    def preview(
        self, when: datetime, number: int, *, wish: ExposureWish | None = None, px: tuple[int, int] | None = None
    ) -> bytes:
        """Draw the liveview picture of that moment, exposed as the next shot would be; `number` counts them."""
        rng = self._rng(number, _PREVIEW)
        metered = expose(self._scene_ev(when), rng, wish)
        pixels = self._develop(when, metered, px or self._profile.liveview_px, rng)
        buffer = io.BytesIO()
        _focused(pixels, metered).save(buffer, "JPEG", quality=_PREVIEW_QUALITY, subsampling="4:2:0")
        return buffer.getvalue()

    def _develop(
        self, when: datetime, metered: Metered, px: tuple[int, int], rng: np.random.Generator
    ) -> NDArray[np.uint8]:
        """Return the picture as bytes (height, width, 3)."""
        read_at, scene = self._last_read
        light = scene if px == _METER_PX and read_at == when else self._sky(px).luminance(when)
        gain: np.float32 | NDArray[np.float32] = np.float32(_MIDDLE_GREY * 2.0**-metered.actual_ev * (_STEPS - 1))
        if metered.white_balance_kelvin is not None:
            gain = gain * white_balance_gains(metered.white_balance_kelvin)
        grain = _STEPS * 0.0012 * (metered.nominal.iso / 160) ** 0.5
        shift = rng.integers(0, 256, 2)
        tile = np.roll(self._grain, shift, axis=(0, 1)) * np.float32(grain)
        return _expose_rows(light, gain, tile, self._curve)

    def _focal_mm(self, zoom: float) -> float:
        wide, long = self._profile.focal_mm
        return float(wide * (long / wide) ** zoom)


@lru_cache(maxsize=64)
def white_balance_gains(kelvin: float) -> NDArray[np.float32]:
    """Return what red, green and blue are multiplied with when light of `kelvin` shall look white, green with 1.

    The scene is drawn for daylight, 5500 K: a lower value makes it bluer, a higher one redder. The colour of a black
    body is from Kim et al., US patent 7024034 (xy by cubics of 1/T, 1667 K to 25,000 K), the primaries those of sRGB.
    """
    gains = _black_body(_DAYLIGHT_KELVIN) / _black_body(kelvin)
    clipped: NDArray[np.float32] = np.clip(gains / gains[1], 1 / _STRONGEST_CAST, _STRONGEST_CAST).astype(np.float32)
    return clipped


def _black_body(kelvin: float) -> NDArray[np.float64]:
    """Return the linear sRGB of a black body, luminance 1."""
    u = 1000 / min(max(kelvin, 1700.0), 25_000.0)
    if u >= 0.25:
        x = -0.2661239 * u**3 - 0.2343589 * u**2 + 0.8776956 * u + 0.179910
    else:
        x = -3.0258469 * u**3 + 2.1070379 * u**2 + 0.2226347 * u + 0.240390
    if u >= 1000 / 2222:
        y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
    elif u >= 0.25:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    linear: NDArray[np.float64] = _SRGB_FROM_XYZ @ np.array([x / y, 1.0, (1 - x - y) / y])
    return np.maximum(linear, 1e-3)


def _focused(pixels: NDArray[np.uint8], metered: Metered) -> Image.Image:
    """Return the picture, blurred by as much as the lens is out of focus."""
    image = Image.fromarray(pixels)
    if metered.focus_error <= 0:
        return image
    return image.filter(ImageFilter.GaussianBlur(metered.focus_error * image.width / _BLUR_PARTS))


class _Written(NamedTuple):
    """What of an exposure is written into EXIF."""

    nominal: Exposure
    bias_ev: float
    mode: str
    automatic_white: bool


def _written(metered: Metered) -> _Written:
    return _Written(metered.nominal, metered.bias_ev, metered.mode, metered.white_balance_kelvin is None)


@lru_cache(maxsize=128)
def _exif_template(model: str, written: _Written, focal_mm: float) -> bytes:
    """Return EXIF with `_NO_MOMENT` where the time belongs, kept because Pillow takes longer for it than for a JPEG."""
    exif = Image.Exif()
    exif[_MAKE], exif[_MODEL] = "SONY", model
    exif[_ORIENTATION], exif[_RESOLUTION_UNIT] = 1, 2
    exif[_X_RESOLUTION] = exif[_Y_RESOLUTION] = IFDRational(350, 1)
    exif[_DATE_TIME] = _NO_MOMENT
    details = exif.get_ifd(_EXIF_IFD)
    details[_EXPOSURE_TIME] = _shutter_rational(written.nominal.shutter_seconds)
    details[_F_NUMBER] = IFDRational(round((written.nominal.aperture or 0) * 10), 10)
    details[_ISO] = round(written.nominal.iso)
    details[_EXIF_VERSION] = b"0230"
    details[_DATE_TIME_ORIGINAL] = details[_DATE_TIME_DIGITIZED] = _NO_MOMENT
    details[_EXPOSURE_BIAS] = IFDRational(round(written.bias_ev * 10), 10)
    details[_EXPOSURE_PROGRAM] = _PROGRAMS.get(written.mode, 0)
    details[_EXPOSURE_MODE] = int(written.mode == "Manual")
    details[_WHITE_BALANCE] = int(not written.automatic_white)
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
    light: NDArray[np.float32],
    gain: np.float32 | NDArray[np.float32],
    grain: NDArray[np.float32],
    curve: NDArray[np.uint8],
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
