"""`dayspool curves` on a shoot: its numbers are those that `render` puts into recipes, and its files are there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner

from dayspool.cli import root
from dayspool.errors import DayspoolError, PlanError
from dayspool.journal import JournalReader, Verdict
from tests.render.flicker import WIDTH, fast_ev, flicker_ev, imported, scene, written

HAND, GAP, BROKEN = 7, 11, 15
FLICKER = np.delete(flicker_ev()[:20], GAP)


@pytest.fixture(scope="module")
def imports(tmp_path_factory) -> Path:
    """A shoot with a gap; a hand is before the lens once, and one file is broken."""
    folder = tmp_path_factory.mktemp("curves")
    (folder / "in").mkdir()
    for number, ev in enumerate(flicker_ev()[:20]):
        light = scene() * 2**ev
        if number == HAND:
            light[:, : WIDTH * 9 // 10] = 0.02
        if number != GAP:
            written(folder / "in", number, light)
    shoot = imported(folder)
    (shoot / "frames" / f"{BROKEN:06}.jpg").write_bytes(b"broken")
    return shoot


@pytest.fixture
def shoot(imports, tmp_path) -> Path:
    return shutil.copytree(imports, tmp_path / "harbour")


def curves(*words: object):
    done = CliRunner().invoke(root, ["curves", *map(str, words)])
    if isinstance(done.exception, DayspoolError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done


def refuse(constant: str):
    pytest.fail(f"{constant} is no JSON")


def test_it_tells_programs_of_every_frame(shoot, tmp_path):
    (shoot / "shoot.toml").write_text('zone = "UTC"\n[place]\nlatitude = 54.3\nlongitude = 10.1')
    before = sorted((shoot / "frames").iterdir())
    told = json.loads(
        curves(shoot, "-o", tmp_path / "a.svg", "--developer", "builtin", "--json").stdout, parse_constant=refuse
    )
    assert told["curves"] == str(tmp_path / "a.svg")
    ElementTree.parse(tmp_path / "a.svg")
    rows = {row["slot"]: row for row in told["frames"]}
    assert sorted(rows) == [slot for slot in range(20) if slot != GAP]
    assert [(gap["first"], gap["last"]) for gap in told["gaps"]] == [(GAP, GAP)]
    assert (rows[HAND]["odd"], rows[HAND]["remedy"]) == ("covered", "correct")
    assert (rows[BROKEN]["measured_ev"], rows[BROKEN]["confidence"]) == (None, None)
    assert rows[BROKEN]["grade_ev"] == pytest.approx(0, abs=1e-3), "that of its exposure, which is like the others'"
    assert "broken" in rows[BROKEN]["odd"]
    assert 50 < rows[0]["sun_degrees"] < 60, "noon of the longest day"
    sound = [index for index, slot in enumerate(rows) if slot not in {HAND, BROKEN}]
    grades = np.array([row["grade_ev"] or 0.0 for row in rows.values()])
    assert fast_ev((FLICKER + grades)[sound]) < 0.005
    with JournalReader(shoot) as journal:
        assert [type(one) for one in journal.verdicts()] == [Verdict] * 2
    assert sorted((shoot / "frames").iterdir()) == before


def test_it_tells_people_what_was_found(shoot, tmp_path):
    (shoot / "shoot.toml").write_text("[deflicker]\non = false")
    said = curves(shoot, "-o", tmp_path / "a.html").stdout.splitlines()
    assert said[0] == "18 frames of 19 measured"
    assert said[1].startswith("grades: 0.")
    assert said[2].startswith(f"  slot {HAND}: it agrees")
    assert said[3].startswith(f"  slot {BROKEN}: ")
    assert said[4] == "note: render leaves this shoot as it is: [deflicker] in its plan says on = false"
    assert said[5:] == [f"drawn into {tmp_path / 'a.html'}"]


def test_what_cannot_be_drawn_is_refused(shoot, tmp_path):
    with pytest.raises(PlanError, match="give it a name that ends in"):
        curves(shoot, "-o", tmp_path / "curves.png")
    with pytest.raises(PlanError, match="is no shoot"):
        curves(tmp_path)
    assert not (shoot / "cache").exists()
