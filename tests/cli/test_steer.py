"""`dayspool steer` and `--ramp`: what is asked for lies in the journal, nonsense is refused, a plan keeps its ramp."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from dayspool.cli import root
from dayspool.config import PlanFile, load_plan, save_plan
from dayspool.core.ramp import Ramp
from dayspool.errors import PlanError
from dayspool.journal import JournalWriter, RequestKind
from dayspool.testing import BEGINNING


@pytest.fixture
def shoot(tmp_path):
    with JournalWriter(tmp_path, lambda: BEGINNING):
        pass
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(root, ["steer", *map(str, arguments)], standalone_mode=False)


@pytest.mark.parametrize(
    ("option", "kind", "ev"),
    [
        (("--pause",), RequestKind.PAUSE, 0.0),
        (("--resume",), RequestKind.RESUME, 0.0),
        (("--stop",), RequestKind.STOP, 0.0),
        (("--bias", "+0.3"), RequestKind.BIAS, 0.3),
        (("--bias", "-1"), RequestKind.BIAS, -1.0),
        (("--bias", "0"), RequestKind.BIAS, 0.0),
    ],
)
def test_a_wish_is_left_for_the_shoot(shoot, option, kind, ev):
    result = run(shoot, *option, "--json")
    assert result.exception is None
    assert json.loads(result.output)["asked"] == kind.value
    with JournalWriter(shoot, lambda: BEGINNING) as journal:
        assert [(wish.kind, wish.ev) for wish in journal.open_requests()] == [(kind, ev)]


@pytest.mark.parametrize(
    "options", [(), ("--pause", "--bias", "1"), ("--bias", "nan"), ("--bias", "9"), ("--bias", "inf")]
)
def test_nonsense_is_refused(shoot, options):
    assert isinstance(run(shoot, *options).exception, PlanError)


def test_a_bias_is_refused_where_nothing_would_follow_it(shoot):
    save_plan(shoot / "shoot.toml", PlanFile(every=timedelta(seconds=10), frames=3))
    refused = run(shoot, "--bias", "1").exception
    assert isinstance(refused, PlanError)
    assert "is not ramped" in str(refused)
    with JournalWriter(shoot, lambda: BEGINNING) as journal:
        assert journal.open_requests() == []
    assert run(shoot, "--pause").exception is None
    (shoot / "shoot.toml").unlink()
    save_plan(shoot / "shoot.toml", PlanFile(every=timedelta(seconds=10), frames=3, ramp=Ramp()))
    assert run(shoot, "--bias", "1").exception is None


def test_a_folder_without_a_shoot_is_refused(tmp_path):
    assert isinstance(run(tmp_path, "--stop").exception, PlanError)


@pytest.mark.parametrize("ramp", [Ramp(), Ramp(night_ev=-1.0, iso_max=3200.0, aperture=True, highlights=False), None])
def test_a_plan_keeps_its_ramp(tmp_path, ramp):
    planned = PlanFile(every=timedelta(seconds=10), frames=3, ramp=ramp)
    save_plan(tmp_path / "shoot.toml", planned)
    assert load_plan(tmp_path / "shoot.toml") == planned


def test_mistakes_in_the_ramp_are_told_with_their_lines(tmp_path):
    path = tmp_path / "shoot.toml"
    path.write_text('every = "10s"\n[ramp]\nnight_ev = -9.0\niso_max = 0\nsunset = true\n')
    with pytest.raises(PlanError) as caught:
        load_plan(path)
    said = "\n".join(caught.value.problems)
    assert ":5:" in said
    assert "sunset" in said
