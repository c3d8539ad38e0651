"""The journal as a table: every slot once, everything known of it, nothing a spreadsheet would run."""

import csv
import io
import json
from dataclasses import fields
from datetime import UTC, datetime

from dayspool.core.events import (
    ClockStepped,
    ExposureSteered,
    FrameMetered,
    Gap,
    HealthRead,
    Record,
    RunStarted,
    ShootBegan,
    ShotIntended,
)
from dayspool.core.frame import GapReason
from dayspool.intake import SlotRow, as_csv, as_json, import_card, slot_rows
from dayspool.journal import JournalReader, JournalWriter
from tests.intake.scene import usual_scene


def rows(scene):
    with JournalReader(scene.shoot) as journal:
        return slot_rows(journal.records())


def test_a_row_for_every_slot(tmp_path):
    scene = usual_scene(tmp_path, raw=True)
    import_card(scene.shoot, [scene.card], utc=scene.utc)
    with JournalWriter(scene.shoot, scene.utc) as journal:
        journal.append(
            FrameMetered(slot=2, measured_ev=-0.5, clipped_share=0.01, scene_ev=9.5),
            ExposureSteered(
                slot=2, wanted_ev=9.3, applied_ev=9.0, residue_ev=0.3, target_ev=-0.2, limits=("shutter", "rate")
            ),
            HealthRead(battery=0.5, card_images=77),
            Gap(slot=12, reason=GapReason.CAMERA_BUSY, detail="=1+1"),
        )
    table = {row.slot: row for row in rows(scene)}
    assert list(table) == list(range(13))
    assert table[2].due == "2026-06-21T10:00:20+00:00"
    assert (table[2].measured_ev, table[2].residue_ev, table[2].limits) == (-0.5, 0.3, ("shutter", "rate"))
    assert (table[2].frame, table[2].originals) == ("000002.jpg", ("000002.ARW", "000002.JPG"))
    assert table[2].original_confidence > 0.95
    assert (table[4].gap, table[4].recovered) == ("on-card", True)
    assert table[4].origin_name.endswith(".JPG")
    assert table[7].gap_sentence == GapReason.SHUTTER_FAILED.sentence
    assert (table[9].asked, table[9].frame) == (None, None)
    assert (table[12].battery, table[12].card_images) == (0.5, 77)


def test_a_clock_that_was_set_dates_every_shot_of_its_run_and_of_no_other():
    run = RunStarted(pid=1, version="0", count=None)
    began = ShootBegan(origin="1970-01-01T00:00:10+00:00", interval_seconds=10.0, count=None, source="camera")
    events = [began, run, ShotIntended(slot=0), ClockStepped(seconds=90.0), ShotIntended(slot=1), run]
    events += [ClockStepped(seconds=-2.0), ShotIntended(slot=2), Gap(slot=3, reason=GapReason.PAUSED)]
    moment = datetime(1970, 1, 1, tzinfo=UTC)
    table = slot_rows(Record(seq=seq, utc=moment, event=event) for seq, event in enumerate(events, 1))
    assert [row.clock_ahead_s for row in table] == [90.0, 90.0, -2.0, None]


def test_csv_and_json_hold_the_same(tmp_path):
    scene = usual_scene(tmp_path)
    table = rows(scene)
    listed = list(csv.DictReader(io.StringIO(as_csv(table))))
    loaded = json.loads(as_json(table))
    assert [row["slot"] for row in loaded] == [int(row["slot"]) for row in listed] == list(range(12))
    assert list(listed[0]) == list(loaded[0]) == [field.name for field in fields(SlotRow)]
    assert listed[3]["shutter_seconds"] == "0.004"
    assert as_json(()) == "[\n\n]\n"


def test_no_text_is_a_formula():
    text = as_csv([SlotRow(slot=1, gap_detail="=cmd|'/c calc'!A1", origin_name="-x", frame=" +1", residue_ev=-0.25)])
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["gap_detail"], row["origin_name"], row["frame"]) == ("'=cmd|'/c calc'!A1", "'-x", "' +1")
    assert row["residue_ev"] == "-0.25", "a number stays one"
