"""The seven scenes every method is measured on first: clouds, shadows, sunset, passing objects, clipping, colour."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.deflicker.scenes_camera import FULL_WELL, flicker
from benchmarks.deflicker.scenes_take import LightOf, Take, grey_gain
from benchmarks.deflicker.scenes_texture import (
    Drifting,
    Landscape,
    Picture,
    blend,
    fractal,
    landscape,
    slow_light,
    soft,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.deflicker.scenes_texture import Plane

__all__ = [
    "SIGMA_EV",
    "awb",
    "clipped",
    "clouds",
    "cloudy",
    "passers",
    "shadows",
    "sunset",
    "sunset_blind",
    "sunset_exif",
]

SIGMA_EV = 0.083
"""Deviation of the flicker of a camera that exposes by itself; 77 to 79 mEV of it count as fast."""

_OUTLIER_SHARE, _OUTLIER_EV = 0.025, 0.4
_HOLY_GRAIL_SIGMA_EV = 0.034  # exposure is manual: shutter and iris scatter, metering does not
_NOMINAL_ERROR_EV = 0.021
_THIRD = 1 / 3
_TREMBLE_EV = 0.006


def cloudy(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> tuple[Landscape, LightOf]:
    """Return a landscape under two layers of drifting clouds, in daylight that changes slowly."""
    land = landscape(rng, size, horizon=rng.uniform(0.42, 0.58))
    high = Drifting.drawn(rng, size, speed_px=0.006 * size[0], slope=1.9)
    low = Drifting.drawn(rng, size, speed_px=0.013 * size[0], slope=1.5)
    daylight = slow_light(rng, frames, fall_ev=0.4, wander_ev=0.15)

    def light(index: int) -> Picture:
        thin, thick = soft(high.at(index), -0.6, 2.2), soft(low.at(index), 0.0, 1.6)
        sky = blend(blend(land.sky, (0.52, 0.55, 0.60), thin), (0.60, 0.60, 0.61), thick)
        sky *= (1 - 0.35 * soft(low.at(index + 6), 0.6, 2.4))[..., np.newaxis]  # their shaded side
        picture = blend(land.ground, sky, land.open_sky)
        return np.asarray(picture * np.float32(2.0 ** daylight[index]), np.float32)

    return land, light


def clouds(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> Take:
    """Moving clouds; one frame in forty is off by 0.4 EV besides."""
    _, light = cloudy(rng, frames, size)
    gain = flicker(rng, frames, SIGMA_EV)
    odd = rng.permutation(frames)[: max(1, round(_OUTLIER_SHARE * frames))]
    gain[odd] += _OUTLIER_EV * rng.choice([-1, 1], len(odd))
    return grey_gain(light, gain)


def shadows(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> Take:
    """Shadows of fast clouds that race over the land, each taking up to 1.3 EV."""
    land, clouded = cloudy(rng, frames, size)
    shade = Drifting.drawn(rng, size, speed_px=0.035 * size[0], turning_frames=60, slope=1.7)

    def light(index: int) -> Picture:
        dark = 1.3 * soft(shade.at(index), 0.2, 0.9) * (1 - land.open_sky)
        return np.asarray(clouded(index) * np.exp2(-dark)[..., np.newaxis], np.float32)

    return grey_gain(light, flicker(rng, frames, SIGMA_EV))


def _falling(rng: np.random.Generator, frames: int) -> NDArray[np.float64]:
    """Return a change from 0 to 1 over a film that begins and ends gently, its middle drawn by chance."""
    middle, width = rng.uniform(0.45, 0.55), rng.uniform(0.20, 0.25)
    at = np.arange(frames) / (frames - 1)
    rise = 1 / (1 + np.exp(-(at - middle) / width))
    return np.asarray((rise - rise[0]) / (rise[-1] - rise[0]), np.float64)


def sunset(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> Take:
    """A sunset over five stops, its exposure raised by four in thirds: target and nominal known, from the journal.

    What is the truth here is a choice: the light of every moment, at the exposure that the ramp *wanted* then, which
    rises without steps. What was set (nominal) is that wish rounded to thirds; every setting is off by an error of its
    own (21 mEV), and every frame by a little flicker.
    """
    land = landscape(rng, size, horizon=rng.uniform(0.50, 0.60))
    low = Drifting.drawn(rng, size, speed_px=0.008 * size[0], slope=1.7)
    falling = _falling(rng, frames)
    target = 4.0 * falling
    nominal = np.rint(target / _THIRD) * _THIRD
    errors = rng.normal(0, _NOMINAL_ERROR_EV, 40)[np.rint(nominal / _THIRD).astype(int)]
    left_ev = target - 5.0 * falling  # what the ramp leaves of the falling light
    sun_x = rng.uniform(0.3, 0.7)

    def light(index: int) -> Picture:
        dusk = float(falling[index])
        glow = np.exp(-(((land.x - sun_x) / 0.45) ** 2) - ((land.y - 0.55) / 0.3) ** 2)
        sun = np.exp(-((land.x - sun_x) ** 2 * 3 + (land.y - 0.40 - 0.35 * dusk) ** 2) / 0.0012)
        sky = land.sky * np.float32([1 - 0.25 * dusk, 1 - 0.3 * dusk, 1 - 0.1 * dusk])
        sky = blend(sky, (0.62, 0.36, 0.17), glow * (0.35 + 0.5 * dusk))
        sky = blend(sky, (0.46, 0.30, 0.26), soft(low.at(index), 0.3, 2.0))
        sky += 3.0 * sun[..., np.newaxis] * np.float32([1, 0.8, 0.5])
        ground = land.ground * np.float32([1.02, 0.95 - 0.1 * dusk, 0.85]) * np.float32(2.0 ** (-0.4 * dusk))
        return np.asarray(blend(ground, sky, land.open_sky) * np.float32(1.25 * 2.0 ** left_ev[index]), np.float32)

    gain = nominal - target + errors + flicker(rng, frames, _HOLY_GRAIL_SIGMA_EV)
    taken = grey_gain(light, gain)
    iso = np.where(nominal > 3.5, 2.0 ** (nominal - 3.5), 1.0)  # the shutter first, ISO for what is left
    return replace(taken, nominal_ev=nominal, target_ev=target, full_well=FULL_WELL / iso)


def sunset_exif(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> Take:
    """The same sunset of which the exposures are known, from EXIF, but not the wish behind them."""
    return replace(sunset(rng, frames, size), target_ev=np.full(frames, np.nan))


def sunset_blind(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> Take:
    """The same sunset of which nothing is known but the pictures."""
    unknown = np.full(frames, np.nan)
    return replace(sunset(rng, frames, size), target_ev=unknown, nominal_ev=unknown)


@dataclass(frozen=True, slots=True)
class _Passer:
    """Something that passes the lens: an ellipse or a box with a texture, for a few frames."""

    first: int
    last: int
    middle: tuple[float, float]
    radii: tuple[float, float]
    speed: float
    colour: NDArray[np.float32]
    boxy: bool
    texture: Plane

    def over(self, picture: Picture, index: int, land: Landscape) -> Picture:
        """Return the picture with it in front."""
        across = (land.x - self.middle[0] - self.speed * (index - self.first)) / self.radii[0]
        down = (land.y - self.middle[1]) / self.radii[1]
        far = np.maximum(abs(across), abs(down)) if self.boxy else np.hypot(across, down)
        cover = 1 - soft(np.asarray(far, np.float32), 0.94, 1.06)
        rough = np.exp2(0.5 * self.texture)
        return blend(picture, self.colour * rough[..., np.newaxis], cover)


def _passing(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> list[_Passer]:
    """Draw what passes until half of the frames have something in front, 10 to 40 % of the picture each."""
    textures = [fractal(rng, (size[1], size[0]), 1.2) for _ in range(4)]
    taken = np.zeros(frames, bool)
    passers: list[_Passer] = []
    while taken.sum() < 0.5 * frames:
        first = int(rng.integers(0, frames))
        last = min(frames - 1, first + int(rng.choice([0, 0, 1, 2, 3])))
        if taken[first : last + 1].any():
            continue
        taken[first : last + 1] = True
        boxy = bool(rng.random() < 0.5)
        area, aspect = rng.uniform(0.10, 0.40), rng.uniform(0.6, 1.8)
        product = area / (4.0 if boxy else np.pi)
        radii = (float(np.sqrt(product * aspect)), float(np.sqrt(product / aspect)))
        inside = [rng.uniform(min(r, 0.5), max(1 - r, 0.5)) for r in radii]
        brightness = 2.0 ** rng.choice([rng.uniform(-6, -4), rng.uniform(-2.2, -0.6)])  # dark, or as bright as a van
        tint = rng.uniform(0.7, 1.3, 3)
        speed = rng.uniform(-0.12, 0.12)
        colour = (brightness * tint).astype(np.float32)
        middle = (float(inside[0]), float(inside[1]))
        passers.append(_Passer(first, last, middle, radii, speed, colour, boxy, textures[int(rng.integers(4))]))
    return passers


def passers(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> Take:
    """People, birds, vans before the lens: 10 to 40 % of the picture in half of the frames."""
    land, clouded = cloudy(rng, frames, size)
    by_frame: dict[int, _Passer] = {}
    for passer in _passing(rng, frames, size):
        by_frame.update(dict.fromkeys(range(passer.first, passer.last + 1), passer))

    def light(index: int) -> Picture:
        picture = clouded(index)
        return by_frame[index].over(picture, index, land) if index in by_frame else picture

    return grey_gain(light, flicker(rng, frames, SIGMA_EV))


def clipped(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> Take:
    """Land under a white sky: about half of the picture is clipped in every frame, whatever the flicker."""
    land = landscape(rng, size, horizon=0.45)
    bright = Drifting.drawn(rng, size, speed_px=0.01 * size[0], slope=1.8)
    shade = Drifting.drawn(rng, size, speed_px=0.008 * size[0], slope=2.0)
    daylight = slow_light(rng, frames, fall_ev=0.2, wander_ev=0.1)

    def light(index: int) -> Picture:
        sky = np.exp2(1.3 + 0.3 * np.clip(bright.at(index), -1.2, 2))[..., np.newaxis] * np.float32([0.97, 1, 1.03])
        ground = land.ground * np.exp2(0.25 * np.clip(shade.at(index), -2, 2))[..., np.newaxis]
        picture = blend(ground, sky, land.open_sky)
        return np.asarray(picture * np.float32(2.0 ** daylight[index]), np.float32)

    return grey_gain(light, flicker(rng, frames, SIGMA_EV))


def awb(rng: np.random.Generator, frames: int, size: tuple[int, int]) -> Take:
    """White balance that jumps every 6 to 20 frames and trembles in between, besides the flicker."""
    _, light = cloudy(rng, frames, size)
    jumps = np.repeat(np.arange(frames), rng.integers(6, 21, frames))[:frames]
    levels = rng.uniform(0.06, 0.14, frames) * (-1.0) ** np.arange(frames)  # to and fro, as between sun and shade
    red = levels[jumps] + rng.normal(0, _TREMBLE_EV, frames)
    blue = (rng.normal(0, 0.03, frames) - 0.8 * levels)[jumps] + rng.normal(0, _TREMBLE_EV, frames)
    green = flicker(rng, frames, SIGMA_EV)
    taken = grey_gain(light, green)
    return replace(taken, gain_ev=np.stack([green + red, green, green + blue], axis=1))
