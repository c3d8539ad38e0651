"""Shoots into films and contact sheets."""

from __future__ import annotations

from dayspool.render.contact import ContactSheet, contact_sheet
from dayspool.render.frames import captions_of, frames_of
from dayspool.render.pipeline import FilmReport, FrameFile, LeftOut, Progress, render

__all__ = [
    "ContactSheet",
    "FilmReport",
    "FrameFile",
    "LeftOut",
    "Progress",
    "captions_of",
    "contact_sheet",
    "frames_of",
    "render",
]
