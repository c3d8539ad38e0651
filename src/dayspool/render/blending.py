"""A frame made of its neighbours: their plates mixed in linear light, each counting more the nearer it is in time."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from dayspool.develop import Plate
from dayspool.develop.builtin_light import decoded_light, encoded_light

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dayspool.develop import Developed
    from dayspool.develop.api import Pixels
    from dayspool.render.pipeline import FrameFile

__all__ = ["blended", "developed_whole"]

_ROWS = 64  # mixed at once: a plate of 8K as numbers would take half a gigabyte
_MOST = 65535


def developed_whole(frame: FrameFile, developed: Iterator[Developed]) -> Developed:
    """Take from a developer what it made of a frame's parts, and return the frame.

    Args:
        frame: made of its own file, or of its neighbours.
        developed: what came of `frame.parts` of this and the frames to come, in order.
    """
    if not frame.blend:
        return next(developed)
    parts = list(islice(developed, len(frame.blend)))
    away = [abs(part.slot - frame.slot) for part in frame.blend]
    whole = [(one, 1 / max(slots, 1)) for one, slots in zip(parts, away, strict=True) if isinstance(one, Plate)]
    if not whole:
        return parts[0]
    nearest = max(whole, key=lambda one: one[1])[0]
    alike = [(plate.rgb, weight) for plate, weight in whole if plate.rgb.shape == nearest.rgb.shape]
    if len(alike) == 1:
        return nearest
    return Plate(rgb=blended([rgb for rgb, _ in alike], [weight for _, weight in alike]))


def blended(pictures: Sequence[Pixels], weights: Sequence[float]) -> Pixels:
    """Return the mean of pictures in linear light, in 16 bits.

    Args:
        pictures: shape (height, width, 3) each, sRGB-encoded, 8 or 16 bits.
        weights: how much each counts; only their ratios matter.
    """
    shares = np.array(weights, np.float64) / sum(weights)
    tables = [decoded_light(np.linspace(0, 1, np.iinfo(one.dtype).max + 1)).astype(np.float32) for one in pictures]
    out = np.empty(pictures[0].shape, np.uint16)
    for top in range(0, len(out), _ROWS):
        light = sum(
            np.take(table, one[top : top + _ROWS]) * np.float32(share)
            for one, table, share in zip(pictures, tables, shares, strict=True)
        )
        out[top : top + _ROWS] = np.rint(np.clip(encoded_light(np.asarray(light)), 0, 1) * _MOST)
    return out
