"""Pictures come into a shoot and go out of it: a folder makes one, a card brings its originals, others get it."""

from __future__ import annotations

from dayspool.intake.adopt import copy_in
from dayspool.intake.card import CardFile, CardScan, scan_card
from dayspool.intake.export import Export, Exported, export_shoot
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
from dayspool.intake.sidecar import exposure_sidecar, external_exposure_ev
from dayspool.intake.table import SlotRow, as_csv, as_json, slot_rows

__all__ = [
    "Assignment",
    "Brought",
    "CardExposure",
    "CardFile",
    "CardImport",
    "CardScan",
    "Copy",
    "Export",
    "Exported",
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
    "SlotRow",
    "SlotShot",
    "Unclear",
    "Unreadable",
    "as_csv",
    "as_json",
    "assign_slots",
    "choose_originals",
    "copy_in",
    "export_shoot",
    "exposure_sidecar",
    "external_exposure_ev",
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
    "slot_rows",
]
