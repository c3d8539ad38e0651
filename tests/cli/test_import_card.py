"""`dayspool import SHOOT CARD` as a process: what it prints, a card that cannot be written, a kill on the way."""

import json
import signal
import subprocess
import time
from datetime import timedelta

import pytest

from dayspool.journal import JournalReader
from tests.intake.scene import BEGINS, Scene, usual_scene
from tests.processes import DAYSPOOL, run, run_json


def snapshot(folder):
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*")}


def test_the_keys_that_scripts_rely_on(tmp_path):
    scene = usual_scene(tmp_path, raw=True)
    before = snapshot(scene.card)
    trial = run_json("import", scene.shoot, scene.card, "--dry-run")
    assert (trial["matched"], trial["imported"], trial["dry_run"]) == (10, 0, True)
    done = run_json("import", scene.shoot, scene.card)
    assert (done["imported"], done["matched"], done["gaps"]) == (20, 10, 2)
    assert len(done["unmatched"]) == 2
    assert done["recovered"] == [4, 6]
    first = done["matches"][0]
    assert {"slot", "file", "confidence", "why"} <= first.keys()
    assert all(match["confidence"] > 0.95 for match in done["matches"])
    assert done["offset_s"] == pytest.approx(7217.4, abs=0.8)
    assert {"drift_s_per_day", "ambiguous", "missing", "duplicates", "failed"} <= done.keys()
    assert snapshot(scene.card) == before
    status = run_json("status", scene.shoot)
    assert (status["recovered"], [gap["slot"] for gap in status["gaps"]], status["on_card"]) == ([4, 6], [7, 9], [])
    assert "10 exposures matched" in run("import", scene.shoot, scene.card).stdout


def test_misuse(tmp_path):
    scene = usual_scene(tmp_path)
    assert "--every is for a new shoot" in run("import", scene.shoot, scene.card, "--every", "10s", code=2).stderr
    assert "--link" in run("import", tmp_path / "new", scene.card, "--link", code=2).stderr
    own = scene.shoot / "frames"
    assert "what the shoot has already" in run("import", scene.shoot, own, code=2).stderr
    assert "no such card" in run("import", scene.shoot, tmp_path / "no", code=2).stderr


def test_a_card_of_another_shoot_is_a_failure(tmp_path):
    scene = usual_scene(tmp_path)
    other = usual_scene(tmp_path / "other")
    for path in other.card.rglob("DSC*.JPG"):
        path.write_bytes(path.read_bytes().replace(b"2026:06:21", b"2019:02:03"))
    done = run_json("import", scene.shoot, other.card, "--dry-run", code=1)
    assert (done["matched"], done["means"]) == (0, "none")
    assert done["trouble"]


def test_a_failed_original_is_a_failure(tmp_path):
    scene = usual_scene(tmp_path)
    (scene.shoot / "cards").mkdir()
    (scene.shoot / "cards" / "000003.JPG").write_bytes(b"mine")
    assert [one["slot"] for one in run_json("import", scene.shoot, scene.card, code=1)["failed"]] == [3]


@pytest.mark.tools
def test_a_card_that_is_mounted_read_only(tmp_path):
    scene = usual_scene(tmp_path)
    script = (
        f'mount --bind "{scene.card}" "{scene.card}" && mount -o remount,ro,bind "{scene.card}" && '
        f'! touch "{scene.card}/x" 2>/dev/null && exec "$@"'
    )
    argv = [
        "unshare",
        "-Urm",
        "sh",
        "-ec",
        script,
        "-",
        *DAYSPOOL,
        "import",
        str(scene.shoot),
        str(scene.card),
        "--json",
    ]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["imported"] == 10


def test_a_killed_import_is_gone_on_with(tmp_path):
    scene = Scene(shoot=tmp_path / "shoot", card=tmp_path / "card")
    scene.begin(60)
    for slot in range(60):
        scene.sent(slot, raw=True)
    scene.release(BEGINS - timedelta(hours=1))
    scene.write()
    cards = scene.shoot / "cards"
    for count in (1, 60):
        with subprocess.Popen([*DAYSPOOL, "import", scene.shoot, scene.card], stdout=subprocess.DEVNULL) as process:
            until = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < until:
                if cards.is_dir() and len(list(cards.iterdir())) >= count:
                    process.send_signal(signal.SIGKILL)
                    break
                time.sleep(0.005)
            process.wait(60)
    done = run_json("import", scene.shoot, scene.card)
    assert (done["imported"], done["matched"], done["failed"]) == (120, 60, [])
    assert len(list(cards.iterdir())) == 120
    with JournalReader(scene.shoot) as journal:
        assert len({(one.slot, one.name) for one in journal.originals()}) == len(list(journal.originals())) == 120
