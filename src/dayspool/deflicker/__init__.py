"""Deflicker: how bright every frame came out, told apart from what the light did. Numbers in, numbers out."""

from dayspool.deflicker.curves import Curves, Known
from dayspool.deflicker.measure import Measure, measured
from dayspool.deflicker.ties import Ties
from dayspool.deflicker.wish import DeflickerWish

__all__ = ["Curves", "DeflickerWish", "Known", "Measure", "Ties", "measured"]
