"""The scene: a sky whose light follows the sun, drifting clouds, stars, and the land below, as linear luminance.

The unit of luminance is chosen so that an exposure for some EV at ISO 100 draws a scene of value 2^EV middle grey.
The levels follow the usual tables for daylight and twilight: EV 15 under a high sun, 11 at sunset, 4 at the end of
civil twilight, -2 at the end of nautical twilight, -4 in a night without moon.
"""

from __future__ import annotations

import math
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from astral import Observer
from astral.sun import zenith_and_azimuth
from PIL import Image

from dayspool.sim.land import HORIZON, make_land, make_water
from dayspool.sim.noise import fractal_tile

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from dayspool.core.plan import Place

__all__ = ["Sky"]

_FIELD_DEGREES = 65.0  # the width of the picture: a lens of 28 mm on full frame
_FINEST_SKY_PX = 808  # wider pictures enlarge a sky of this width: clouds are soft
_TILE = 1024
_STARS = 420

# Sun elevation, sky EV, then zenith and horizon: colour (linear RGB) and brightness relative to the sky's EV.
_LOOKS = (
    # h     EV    zenith colour        ×     horizon colour       ×
    (-90, -4.0, (0.55, 0.78, 1.55), 0.75, (0.92, 0.86, 0.95), 1.15),
    (-18, -4.0, (0.55, 0.78, 1.55), 0.75, (0.92, 0.86, 0.95), 1.15),
    (-15, -3.4, (0.45, 0.70, 1.70), 0.75, (0.85, 0.85, 1.10), 1.35),
    (-12, -2.0, (0.36, 0.62, 1.95), 0.72, (1.15, 0.85, 0.85), 1.9),
    (-9, 1.0, (0.34, 0.62, 1.95), 0.65, (1.75, 0.88, 0.55), 2.6),
    (-6, 4.0, (0.38, 0.66, 1.80), 0.60, (2.20, 0.88, 0.38), 2.9),
    (-3, 8.2, (0.45, 0.72, 1.60), 0.62, (2.45, 0.92, 0.30), 2.6),
    (0, 11.0, (0.48, 0.78, 1.50), 0.65, (2.30, 1.00, 0.38), 2.1),
    (3, 12.2, (0.46, 0.80, 1.60), 0.68, (1.80, 1.10, 0.60), 1.75),
    (10, 13.9, (0.40, 0.80, 1.80), 0.66, (1.25, 1.10, 0.95), 1.55),
    (30, 14.9, (0.34, 0.76, 2.00), 0.62, (0.98, 1.06, 1.20), 1.45),
    (90, 15.3, (0.32, 0.74, 2.05), 0.62, (0.95, 1.06, 1.25), 1.40),
)
_GREY = np.array([0.2126, 0.7152, 0.0722])


def _look_table() -> NDArray[np.float64]:
    """Return one row per tenth of a degree from -90 to 90: EV, zenith RGB, horizon RGB; smooth, without kinks."""
    degrees = np.linspace(-90, 90, 1801)
    rows = []
    for _, ev, zenith, zenith_gain, horizon, horizon_gain in _LOOKS:
        ends = (np.array(zenith) / (_GREY @ zenith) * zenith_gain, np.array(horizon) / (_GREY @ horizon) * horizon_gain)
        rows.append(np.concatenate([[ev], *ends]))
    looks = np.array(rows)
    heights = [look[0] for look in _LOOKS]
    table = np.stack([np.interp(degrees, heights, column) for column in looks.T], axis=1)
    kernel = np.exp(-(np.linspace(-2, 2, 41) ** 2))
    padded = np.pad(table, ((20, 20), (0, 0)), mode="edge")
    return np.stack([np.convolve(column, kernel / kernel.sum(), mode="valid") for column in padded.T], axis=1)


class Sky:
    """One view of the sky at one picture size.

    The camera looks to where the sun sets on the first day, a little to its left.

    Args:
        px: width and height of the picture.
        place: where the camera stands.
        seed: shapes the land and the weather.
        start: the first day, aware.
    """

    def __init__(self, px: tuple[int, int], *, place: Place, seed: int, start: datetime) -> None:
        width, height = px
        self._px = px
        self._seed = seed
        self._observer = Observer(latitude=place.latitude, longitude=place.longitude)
        self._heading = _evening_azimuth(self._observer, start) - 9.0
        self._looks = _look_table().astype(np.float32)
        self._land = make_land(px, seed)
        self._water = make_water(px, seed)
        self._horizon = round(height * HORIZON)
        self._sky_px = self._sky_size(width)
        rng = np.random.default_rng((seed, 2))
        self._phases = rng.uniform(0, 2 * np.pi, 2)
        self._clouds = _Clouds(seed, self._altitude, self._bearing)
        self._star_places = rng.uniform(0, 1, (2, _STARS))
        self._star_light = (2.0 ** (rng.exponential(1.1, _STARS) - 3.0)).astype(np.float32)

    def _sky_size(self, width: int) -> tuple[int, int]:
        """Fix the grid on which the sky is drawn, with the direction of its rows and columns."""
        fine = min(width, _FINEST_SKY_PX)
        rows = max(2, round(self._horizon * fine / width))
        scale = _FIELD_DEGREES / fine
        self._altitude = ((rows - np.arange(rows, dtype=np.float32) - 0.5) * scale)[:, None]
        self._bearing = ((np.arange(fine, dtype=np.float32) + 0.5) * scale - _FIELD_DEGREES / 2)[None, :]
        self._towards_horizon = np.exp(-self._altitude / 9.0)[..., None]
        return fine, rows

    def luminance(self, when: datetime) -> NDArray[np.float32]:
        """Return the scene of that moment (aware): linear RGB luminance, float32 (height, width, 3), in 2^EV."""
        sun, sun_azimuth = _sun(self._observer, when)
        bearing = (sun_azimuth - self._heading + 180) % 360 - 180
        look = self._look(sun)
        level = np.float32(2.0 ** look[0])
        sky, sunshine = self._sky(when, sun, bearing, look[1:4], look[4:7])
        scene = np.empty((self._px[1], self._px[0], 3), np.float32)
        self._enlarge(sky, scene[: self._horizon])
        ambient = (look[1:4] * 0.5 + look[4:7] * 0.25 + sunshine).astype(np.float32)
        self._stand_land(scene, ambient, look[4:7], sun, level)
        self._lay_water(scene, ambient, when)
        scene *= level
        return scene

    def _look(self, sun: float) -> NDArray[np.float32]:
        place = (min(90.0, max(-90.0, sun)) + 90) * 10
        index = min(int(place), len(self._looks) - 2)
        share = np.float32(place - index)
        look: NDArray[np.float32] = self._looks[index] * (1 - share) + self._looks[index + 1] * share
        return look

    def _sky(
        self, when: datetime, sun: float, bearing: float, zenith: NDArray[np.float32], horizon: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the sky (rows, width, 3), relative to its level, and the colour of the direct light on the land."""
        away = self._bearing - np.float32(bearing)
        low = np.float32(_bump(sun, -4.0, 9.0))  # the hour of colour
        sunward = np.exp(-((away / 38) ** 2))[..., None]
        span = 1 - low * 0.55 + low * 0.75 * sunward
        sky = zenith + (horizon * span - zenith) * self._towards_horizon
        glare, warm = self._glare(sun, away, horizon)
        sky += glare[..., None] * warm
        cover, relief = self._clouds.at(when, self._threshold(when))
        self._add_stars(sky, sun, when)
        lit, shadow = _cloud_colours(sun, low * sunward, zenith, horizon)
        clouds = lit + (shadow - lit) * relief[..., None]
        clouds += (glare * (np.float32(1.02) - cover) * np.float32(0.6))[..., None] * warm
        sky += (clouds - sky) * cover[..., None]
        veil = float(cover[cover.shape[0] // 2 :].mean())
        direct = math.sin(math.radians(max(sun, 0.0))) ** 0.5 * (1 - 0.75 * veil)
        return sky, (warm * np.float32(2.0 * direct)).astype(np.float32)

    def _glare(
        self, sun: float, away: NDArray[np.float32], horizon: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return disc and glow of the sun (rows, width) and their colour."""
        whiteness = min(1.0, max(0.0, (sun - 1) / 14))
        warm = (horizon / horizon.mean() * (1 - whiteness) + np.array([1.0, 0.97, 0.9]) * whiteness).astype(np.float32)
        distance = np.sqrt((self._altitude - np.float32(sun)) ** 2 + away**2)
        glow = np.exp(distance * np.float32(-1 / 9)) * np.float32(1.5)
        glow += np.exp(distance * np.float32(-1 / 2.2)) * np.float32(4)
        glow += np.clip((np.float32(0.55) - distance) * 6, 0, 1) * np.float32(60)
        return glow * np.float32(_rise(sun, -1.5, 0.6)), warm

    def _threshold(self, when: datetime) -> float:
        """Return how high the clouds' noise must rise to be seen: the weather, which changes over hours."""
        hours = when.timestamp() / 3600
        slow = math.sin(2 * math.pi * hours / 7.3 + self._phases[0])
        quick = math.sin(2 * math.pi * hours / 2.1 + self._phases[1])
        return float(0.54 + 0.13 * slow + 0.05 * quick)

    def _add_stars(self, sky: NDArray[np.float32], sun: float, when: datetime) -> None:
        visible = min(1.0, max(0.0, (-9 - sun) / 6))
        if visible == 0 or self._sky_px[0] < 300:
            return
        width, rows = self._sky_px
        turned = when.timestamp() / 86_164 * 360 / _FIELD_DEGREES
        x = ((self._star_places[0] + turned) % 1 * width).astype(int)
        y = ((self._star_places[1] + 0.6 * turned) % 1 * rows).astype(int)
        sky[y, x] += (self._star_light * np.float32(visible * 5))[:, None]

    def _enlarge(self, sky: NDArray[np.float32], target: NDArray[np.float32]) -> None:
        rows, width, _ = target.shape
        if sky.shape == target.shape:
            target[:] = sky
            return
        for channel in range(3):
            plane = Image.fromarray(np.ascontiguousarray(sky[..., channel]))
            target[..., channel] = np.asarray(plane.resize((width, rows), Image.Resampling.BILINEAR))

    def _stand_land(
        self,
        scene: NDArray[np.float32],
        ambient: NDArray[np.float32],
        horizon: NDArray[np.float32],
        sun: float,
        level: np.float32,
    ) -> None:
        land = self._land
        view = scene[land.top : self._horizon]
        view *= land.sky
        view += land.albedo * ambient
        view += land.haze * (horizon * np.float32(0.12 + 0.5 * _rise(sun, 6, 2.5)))  # backlit: dark
        lit = np.append(sun < land.lit_below, False)  # the last one stands for "no window"
        if lit.any():
            lamp = np.array([1.0, 0.52, 0.15], np.float32) * np.float32(2.0**1.2) / level
            view[lit[land.windows]] = lamp

    def _lay_water(self, scene: NDArray[np.float32], ambient: NDArray[np.float32], when: datetime) -> None:
        still, water = self._water, scene[self._horizon :]
        sway = np.float32(math.sin(when.timestamp() * 1.3))
        rows = (still.mirror + still.ripple * sway).astype(np.int32)
        np.clip(rows, 0, self._horizon - 1, out=rows)
        width = self._px[0]
        places = (rows * width + np.arange(width)).astype(np.intp)
        mirrored = np.take(scene[: self._horizon].reshape(-1, 3), places, axis=0)
        np.multiply(mirrored, still.gloss, out=water)
        water += ambient * np.array([0.012, 0.03, 0.035], np.float32)
        water *= still.open
        water += still.bank * ambient


class _Clouds:
    """Two layers of fractal noise on a plane overhead, seen in perspective and moving at different speeds."""

    def __init__(self, seed: int, altitude: NDArray[np.float32], bearing: NDArray[np.float32]) -> None:
        rng = np.random.default_rng((seed, 4))
        self._broad, self._fine = _cloud_tiles(seed)
        distance = 1 / np.tan(np.radians(altitude + 4.0))
        u = np.tan(np.radians(bearing)) * distance
        v = distance + 0 * u
        self._u, self._v = (u * 210).astype(np.int32), (v * 210).astype(np.int32)
        self._fade = np.clip(altitude / 6, 0, 1) ** 0.7
        self._wind = rng.uniform(0.7, 1.3) * np.array([1.0, -0.45]) * (1 if rng.uniform() < 0.5 else -1)

    def _sample(self, tile: NDArray[np.float32], seconds: float, speed: float, *, lift: int = 0) -> NDArray[np.float32]:
        across = round(seconds * speed * self._wind[0])
        along = round(seconds * speed * self._wind[1]) + lift
        mask = _TILE - 1
        places = ((self._v + (along & mask)) & mask) * _TILE + ((self._u + (across & mask)) & mask)
        sampled: NDArray[np.float32] = np.take(tile, places)
        return sampled

    def at(self, when: datetime, threshold: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return cover and relief (both rows × width, 0 to 1); relief is dark where a cloud is thick or turned away."""
        seconds = when.timestamp() % 86_400_000
        broad = self._sample(self._broad, seconds, 0.35)
        fine = self._sample(self._fine, seconds, 0.60)
        body = broad * np.float32(0.72) + fine * np.float32(0.28)
        edge = np.clip((body - np.float32(threshold)) * np.float32(1 / 0.26), 0, 1)
        cover = edge * edge * (3 - 2 * edge) * self._fade
        behind = self._sample(self._broad, seconds, 0.35, lift=14)
        relief = np.clip(edge * np.float32(0.7) + (broad - behind) * np.float32(2.2) - np.float32(0.05), 0, 1)
        return cover * np.float32(0.94), relief


@lru_cache(maxsize=2)
def _cloud_tiles(seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return broad and fine clouds as flat tiles: the same for all picture sizes, and dear to make."""
    rng = np.random.default_rng((seed, 5))
    broad = fractal_tile(rng, _TILE, roughness=1.9, coarsest=3)
    fine = fractal_tile(rng, _TILE, roughness=1.5, coarsest=6)
    return broad.ravel(), fine.ravel()


def _cloud_colours(
    sun: float, sunset: NDArray[np.float32], zenith: NDArray[np.float32], horizon: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the colours of the lit and the shadowed side of clouds; `sunset` says where the low sun reaches them."""
    day = np.float32(_rise(sun, 5, 2.2))
    white, grey = np.array([2.45, 2.4, 2.35], np.float32), np.array([0.95, 1.0, 1.1], np.float32)
    lit = day * white + (1 - day) * (
        horizon * (np.float32(0.30) + np.float32(0.95) * sunset) + zenith * np.float32(0.4)
    )
    shadow = day * grey + (1 - day) * (zenith * np.float32(0.55) + horizon * np.float32(0.12))
    return lit, shadow.astype(np.float32)


def _bump(x: float, centre: float, width: float) -> float:
    """Return 1 at the centre and less to both sides."""
    return math.exp(-(((x - centre) / width) ** 2))


def _rise(x: float, centre: float, width: float) -> float:
    """Return 0 far below the centre and 1 far above it."""
    return 1 / (1 + math.exp((centre - x) / width))


def _sun(observer: Observer, when: datetime) -> tuple[float, float]:
    """Return the sun's true elevation and its azimuth, in degrees."""
    zenith, bearing = zenith_and_azimuth(observer, when, with_refraction=False)
    return 90 - zenith, bearing


def _evening_azimuth(observer: Observer, start: datetime) -> float:
    """Return where the sun is nearest to the horizon in the western half of the sky, in the day from `start` on."""
    suns = [_sun(observer, start + timedelta(minutes=10 * step)) for step in range(144)]
    _, bearing = min((abs(height), bearing) for height, bearing in suns if bearing > 180)
    return bearing
