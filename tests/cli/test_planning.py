"""What the command line says of a plan and what is written of it: the size of pictures, notes by the shoot's camera."""

import json

import pytest
from click.testing import CliRunner

from dayspool.cli import root
from dayspool.config import FILE_NAME, CameraSection, load_plan
from dayspool.core.events import CameraReady, RunStarted, ShootBegan
from dayspool.errors import PlanError
from dayspool.journal import JournalWriter
from dayspool.testing import BEGINNING

PLAN = 'every = "4s"\nframes = 10\n[camera]\nurl = "10.0.0.1"\npostview = "2M"\n'


def plan(*words):
    return CliRunner().invoke(root, ["plan", *map(str, words), "--json"])


@pytest.mark.parametrize(
    ("words", "megabytes"), [((), 4.1), (("--postview", "2M"), 4.1), (("--postview", "original"), 80)]
)
def test_full_size_pictures_need_more_room(words, megabytes):
    done = plan("--every", "10s", "--frames", "10", *words)
    assert json.loads(done.output)["storage_bytes"] == pytest.approx(megabytes * 1e6)


def test_a_written_size_is_kept_and_not_contradicted(tmp_path):
    (tmp_path / FILE_NAME).write_text(PLAN)
    assert load_plan(tmp_path / FILE_NAME).camera == CameraSection(url="10.0.0.1", postview="2M")
    assert plan(tmp_path, "--postview", "2M", "--camera", "10.0.0.2").exit_code == 0
    refused = plan(tmp_path, "--postview", "original").exception
    assert isinstance(refused, PlanError)
    assert str(refused).startswith("postview: ")


@pytest.mark.parametrize(
    ("model", "notes"),
    [
        ("ILCE-7M3", ["manual focus (MF)", "nobody has told that the ILCE-7M3"]),
        ("DSC-QX10", []),
        (
            "DSC-RX100M2",
            ["the DSC-RX100M2 needs about 5 s", "cannot be set over Wi-Fi", "nobody has told that the DSC-RX100M2"],
        ),
        ("Sony camera", []),
    ],
)
def test_notes_come_from_the_camera_the_shoot_has(tmp_path, model, notes):
    (tmp_path / FILE_NAME).write_text(PLAN)
    with JournalWriter(tmp_path, lambda: BEGINNING) as journal:
        journal.append(
            ShootBegan(origin=BEGINNING.isoformat(), interval_seconds=4, count=10, source="camera"),
            RunStarted(pid=1, version="0", count=10),
            CameraReady(endpoint="http://10.0.0.1:10000/camera", model=model),
        )
    warnings = json.loads(plan(tmp_path).output)["warnings"]
    assert len(warnings) == len(notes), warnings
    assert all(note in warning for note, warning in zip(notes, warnings, strict=True))


def test_no_model_is_taken_for_granted():
    (warning,) = json.loads(plan("--every", "2s", "--frames", "10").output)["warnings"]
    assert warning.startswith("the DSC-RX100M2, if that is your camera, needs about 5 s")
    assert json.loads(plan("--every", "2s", "--frames", "10", "--camera", "10.0.0.9").output)["warnings"] == []


SEASON = (
    "--every", "30s", "--for", "3d", "--window", "06:00-08:00", "--window", "sunset-1h..dusk", "--days", "mon-fri",
    "--zone", "Europe/Berlin", "--place", "54.32,10.14", "--from", "2030-06-03T00:00",
)  # fmt: skip


def test_windows_days_and_zone_from_the_command_line_are_the_plans(tmp_path):
    (tmp_path / FILE_NAME).write_text(
        'every = "30s"\nfor = "3d"\nfrom = 2030-06-03T00:00:00\nwindows = ["06:00-08:00", "sunset-1h..dusk"]\n'
        'days = "mon-fri"\nzone = "Europe/Berlin"\nplace = {latitude = 54.32, longitude = 10.14}\n'
    )
    told = json.loads(plan(*SEASON).output)
    assert told["slots"] == json.loads(plan(tmp_path).output)["slots"] > 3 * 240
    assert told["first"] == "2030-06-03T04:00:00+00:00"
    assert plan(tmp_path, *SEASON).exit_code == 0
    for option, value in (("--days", "sat"), ("--window", "06:00-08:00"), ("--zone", "UTC"), ("--from", "sunset")):
        refused = plan(tmp_path, option, value).exception
        assert isinstance(refused, PlanError)
        assert option.strip("-") in str(refused).split(":")[0]


def test_all_that_is_wrong_with_windows_is_told_at_once():
    refused = plan(
        "--every", "1s", "--window", "25:00", "--days", "monday", "--zone", "Mars", "--from", "noon", "--until", "eve"
    ).exception  # fmt: skip
    assert isinstance(refused, PlanError)
    assert [problem.split(":")[0] for problem in refused.problems] == ["zone", "from", "until", "days", "window"]
