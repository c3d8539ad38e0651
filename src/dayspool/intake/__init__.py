"""Pictures from elsewhere become a shoot: found in folders, matched to slots by their times, copied in."""

from __future__ import annotations

from dayspool.intake.adopt import copy_in
from dayspool.intake.folder import FoundPicture, Scan, Unreadable, scan
from dayspool.intake.match import Assignment, assign_slots, infer_interval, infer_phase
from dayspool.intake.originals import Fetched, Outcome, choose_originals, fetch_originals
from dayspool.intake.plan import ImportPlan, Placed, plan_import
from dayspool.intake.record import ImportReport, import_pictures

__all__ = [
    "Assignment",
    "Fetched",
    "FoundPicture",
    "ImportPlan",
    "ImportReport",
    "Outcome",
    "Placed",
    "Scan",
    "Unreadable",
    "assign_slots",
    "choose_originals",
    "copy_in",
    "fetch_originals",
    "import_pictures",
    "infer_interval",
    "infer_phase",
    "plan_import",
    "scan",
]
