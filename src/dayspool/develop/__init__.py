"""Frames into plates: the Developer protocol, darktable, and a developer that needs no other program."""

from __future__ import annotations

from dayspool.develop.api import Developed, Developer, DeveloperInfo, DevelopJob, Plate, Recipe, covering
from dayspool.develop.builtin import BuiltinDeveloper
from dayspool.develop.builtin_proof import prove_raw
from dayspool.develop.choice import DEVELOPERS, Choice, choose
from dayspool.develop.darktable import DarktableDeveloper
from dayspool.develop.inspect import stated_size
from dayspool.develop.introspect import installed_modules, shipped

__all__ = [
    "DEVELOPERS",
    "BuiltinDeveloper",
    "Choice",
    "DarktableDeveloper",
    "DevelopJob",
    "Developed",
    "Developer",
    "DeveloperInfo",
    "Plate",
    "Recipe",
    "choose",
    "covering",
    "installed_modules",
    "prove_raw",
    "shipped",
    "stated_size",
]
