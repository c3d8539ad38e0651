"""Deflicker: how bright every frame came out, told apart from what the light did. Numbers in, numbers out."""

from dayspool.deflicker.curves import Curves, Known
from dayspool.deflicker.measure import Measure, measured
from dayspool.deflicker.online import Graded, Online
from dayspool.deflicker.pairs import Tie, Tying, tie
from dayspool.deflicker.regions import usable_blocks
from dayspool.deflicker.solve import solve
from dayspool.deflicker.ties import Ties
from dayspool.deflicker.wish import DeflickerWish

__all__ = [
    "Curves",
    "DeflickerWish",
    "Graded",
    "Known",
    "Measure",
    "Online",
    "Tie",
    "Ties",
    "Tying",
    "measured",
    "solve",
    "tie",
    "usable_blocks",
]
