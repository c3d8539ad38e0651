"""Shoots into films and contact sheets."""

from __future__ import annotations

from dayspool.render.contact import ContactSheet, contact_sheet
from dayspool.render.frames import PICTURES, Footage, captions_of, footage_of
from dayspool.render.grading import Grading, grade_shoot
from dayspool.render.looks import ShootLook, shoot_look
from dayspool.render.measures import measure_all, measure_plate
from dayspool.render.odd import OddFrame
from dayspool.render.pipeline import FilmReport, FrameFile, LeftOut, Progress, render

__all__ = [
    "PICTURES",
    "ContactSheet",
    "FilmReport",
    "Footage",
    "FrameFile",
    "Grading",
    "LeftOut",
    "OddFrame",
    "Progress",
    "ShootLook",
    "captions_of",
    "contact_sheet",
    "footage_of",
    "grade_shoot",
    "measure_all",
    "measure_plate",
    "render",
    "shoot_look",
]
