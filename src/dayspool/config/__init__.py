"""What a person writes, read into typed values: the plan of a shoot, and the settings of this machine."""

from dayspool.config.deflicker_section import DeflickerSection, smoothing
from dayspool.config.look_section import LookSection
from dayspool.config.reading import parse_moment
from dayspool.config.sections import CameraSection, PaceSection, PhaseSection, settled, zone_named
from dayspool.config.shoot_file import FILE_NAME, PlanFile, load_plan, parse_place, save_plan

__all__ = [
    "FILE_NAME",
    "CameraSection",
    "DeflickerSection",
    "LookSection",
    "PaceSection",
    "PhaseSection",
    "PlanFile",
    "load_plan",
    "parse_moment",
    "parse_place",
    "save_plan",
    "settled",
    "smoothing",
    "zone_named",
]
