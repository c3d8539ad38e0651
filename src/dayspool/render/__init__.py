"""Shoots into films and contact sheets."""

from __future__ import annotations

from dayspool.render.contact import ContactSheet, contact_sheet
from dayspool.render.pipeline import FilmReport, FrameFile, LeftOut, Progress, render

__all__ = ["ContactSheet", "FilmReport", "FrameFile", "LeftOut", "Progress", "contact_sheet", "render"]
