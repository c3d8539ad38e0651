"""Interpolation written a second time, in other words, for tests to compare with."""

from itertools import pairwise

import numpy as np


def course(at, slots, values, how):
    """Return values at slots `at` (shape (n,)) through keys, by Bézier curves where a mode is curved."""
    slots, values, at = np.asarray(slots, float), np.asarray(values, float), np.asarray(at, float)
    if how == "linear" or len(slots) < 3:
        return np.interp(at, slots, values)
    tangents = np.array([_tangent(number, slots, values, how) for number in range(len(slots))])
    at = np.clip(at, slots[0], slots[-1])
    left = np.clip(np.searchsorted(slots, at, side="right") - 1, 0, len(slots) - 2)
    width = slots[left + 1] - slots[left]
    t = (at - slots[left]) / width
    points = (
        values[left],
        values[left] + tangents[left] * width / 3,
        values[left + 1] - tangents[left + 1] * width / 3,
        values[left + 1],
    )
    while len(points) > 1:  # de Casteljau
        points = tuple(one * (1 - t) + two * t for one, two in pairwise(points))
    return points[0]


def _tangent(number, slots, values, how):
    secant = np.diff(values) / np.diff(slots)
    if number in (0, len(slots) - 1):
        return secant[0 if number == 0 else -1]
    before, after = secant[number - 1 : number + 1]
    if how == "smooth":
        whole = (values[number + 1] - values[number - 1]) / (slots[number + 1] - slots[number - 1])
        return 0.0 if before == 0 or after == 0 else whole
    if before * after <= 0:
        return 0.0
    h0, h1 = np.diff(slots)[number - 1 : number + 1]
    share = (h0 + 2 * h1) / (3 * (h0 + h1))  # Fritsch and Butland's α, of the slope before
    return before * after / (share * after + (1 - share) * before)


def factors(at, slots, values, how):
    return np.exp2(course(at, slots, np.log2(values), how))


def angles(at, slots, values, how, turn):
    return course(at, slots, np.unwrap(values, period=turn), how)
