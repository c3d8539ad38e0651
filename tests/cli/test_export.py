"""`dayspool export` as a process."""

import csv
import json

from tests.intake.scene import usual_scene
from tests.processes import run, run_json


def test_pictures_and_a_table(tmp_path):
    scene = usual_scene(tmp_path)
    done = run_json("export", scene.shoot, tmp_path / "out", "--journal", tmp_path / "slots.csv", "--xmp")
    assert (done["pictures"], done["first"], done["last"], done["linked"]) == (
        8,
        "IMG_00001.jpg",
        "IMG_00008.jpg",
        True,
    )
    assert (done["rows"], done["slots"]) == (12, [0, 1, 2, 3, 5, 8, 10, 11])
    with (tmp_path / "slots.csv").open(newline="") as table:
        assert len(list(csv.DictReader(table))) == 12
    assert "12 slots" in run("export", scene.shoot, "--journal", tmp_path / "slots.json").stdout
    assert len(json.loads((tmp_path / "slots.json").read_text())) == 12


def test_misuse(tmp_path):
    scene = usual_scene(tmp_path)
    assert "name a FOLDER" in run("export", scene.shoot, code=2).stderr
    assert "holds other things" in run("export", scene.shoot, scene.card, code=2).stderr
    assert ".csv or .json" in run("export", scene.shoot, "--journal", tmp_path / "x.txt", code=2).stderr
    (tmp_path / "x.csv").write_text("mine")
    assert "there already" in run("export", scene.shoot, "--journal", tmp_path / "x.csv", code=2).stderr
    assert "is no shoot" in run("export", scene.card, tmp_path / "out", code=2).stderr
    assert "no originals" in run("export", scene.shoot, tmp_path / "out", "--originals", code=2).stderr
