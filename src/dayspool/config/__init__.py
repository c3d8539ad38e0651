"""What a person writes, read into typed values: the plan of a shoot, and the settings of this machine."""

from dayspool.config.shoot_file import (
    FILE_NAME,
    CameraSection,
    PlanFile,
    load_plan,
    parse_moment,
    parse_place,
    save_plan,
)

__all__ = ["FILE_NAME", "CameraSection", "PlanFile", "load_plan", "parse_moment", "parse_place", "save_plan"]
