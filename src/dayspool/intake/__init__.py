"""Pictures from elsewhere come into a shoot: a folder of them makes one, a card brings the originals of one."""

from __future__ import annotations

from dayspool.intake.adopt import copy_in
from dayspool.intake.card import CardFile, CardScan, scan_card
from dayspool.intake.exposures import CardExposure, Copy, join_exposures
from dayspool.intake.folder import FoundPicture, Scan, Unreadable, scan
from dayspool.intake.from_card import CardImport, import_card, is_camera_shoot
from dayspool.intake.keep import Brought, Kept, keep_originals
from dayspool.intake.match import Assignment, assign_slots, infer_interval, infer_phase
from dayspool.intake.originals import Fetched, Outcome, choose_originals, fetch_originals
from dayspool.intake.pairing import Match, Matching, Unclear, pair_originals
from dayspool.intake.plan import ImportPlan, Placed, plan_import
from dayspool.intake.record import ImportReport, import_pictures
from dayspool.intake.shots import SlotShot, shots_of

__all__ = [
    "Assignment",
    "Brought",
    "CardExposure",
    "CardFile",
    "CardImport",
    "CardScan",
    "Copy",
    "Fetched",
    "FoundPicture",
    "ImportPlan",
    "ImportReport",
    "Kept",
    "Match",
    "Matching",
    "Outcome",
    "Placed",
    "Scan",
    "SlotShot",
    "Unclear",
    "Unreadable",
    "assign_slots",
    "choose_originals",
    "copy_in",
    "fetch_originals",
    "import_card",
    "import_pictures",
    "infer_interval",
    "infer_phase",
    "is_camera_shoot",
    "join_exposures",
    "keep_originals",
    "pair_originals",
    "plan_import",
    "scan",
    "scan_card",
    "shots_of",
]
