"""Pictures into a film: presets, geometry, colour, H.264, and the proof that the film is as ordered."""

from __future__ import annotations

from dayspool.video.colour import Planes, to_planes
from dayspool.video.encode import FilmWriter
from dayspool.video.presets import DEFAULT_PRESET, PRESETS, Geometry, Preset, fitted, geometry, preset
from dayspool.video.probe import ExpectedFilm, FilmFacts, check, probe

__all__ = [
    "DEFAULT_PRESET",
    "PRESETS",
    "ExpectedFilm",
    "FilmFacts",
    "FilmWriter",
    "Geometry",
    "Planes",
    "Preset",
    "check",
    "fitted",
    "geometry",
    "preset",
    "probe",
    "to_planes",
]
