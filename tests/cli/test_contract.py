"""The command line as a contract: every command has help, and every key that scripts rely on is there."""

import json
import subprocess

import click
import pytest

from dayspool.cli import COMMANDS, root
from tests.processes import DAYSPOOL, run, run_json, simulator


def commands():
    """Yield every command with the words that call it."""
    context = click.Context(root)
    for name in COMMANDS:
        command = root.get_command(context, name)
        yield (name,), command
        if isinstance(command, click.Group):
            for inner in command.list_commands(context):
                yield (name, inner), command.get_command(context, inner)


ALL = [pytest.param(words, command, id=" ".join(words)) for words, command in commands()]


@pytest.mark.parametrize(("words", "command"), ALL)
def test_every_command_and_option_explains_itself(words, command):
    assert command.help, "no help text"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{parameter.name} has no help text"


@pytest.mark.parametrize(("words", "command"), ALL)
def test_every_command_speaks_json(words, command):
    if isinstance(command, click.Group) or words == ("completion",):
        return
    assert any("--json" in parameter.opts for parameter in command.params)


@pytest.mark.parametrize(("words", "command"), ALL)
def test_every_command_is_in_the_reference(words, command, pytestconfig):
    reference = (pytestconfig.rootpath / "docs" / "commands.md").read_text()
    assert f"## `dayspool {' '.join(words)}`" in reference


def test_the_reference_is_up_to_date(pytestconfig):
    made = subprocess.run(
        [DAYSPOOL[0], pytestconfig.rootpath / "scripts" / "commands-reference"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert (pytestconfig.rootpath / "docs" / "commands.md").read_text() == made, "make reference"


def test_nothing_heavy_is_loaded_before_a_command_is_chosen():
    heavy = ("numpy", "av", "httpx2", "rich")
    timed = f"import sys, dayspool.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([DAYSPOOL[0], "-c", timed], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]", "a heavy library is imported before any command is chosen"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell):
    assert "_DAYSPOOL_COMPLETE" in run("completion", shell).stdout


def test_misuse_exits_2():
    for words in (
        ("shoot",),
        ("nonsense",),
        ("plan", "--every", "soon"),
        ("completion", "csh"),
        ("render", "x", "--fps", "0"),
    ):
        done = run(*words, code=2)
        assert done.stdout == ""
        assert done.stderr


@pytest.fixture(scope="module")
def camera():
    with simulator("--speed", "30", "--picture", "96x64", ssdp=True) as first_line:
        yield first_line


def test_the_simulator_says_where_it_is(camera):
    assert camera["endpoint"].startswith("http://127.0.0.1:")
    assert camera["location"].startswith("http://127.0.0.1:")


def test_find(camera):
    found = run_json("find", "--interface", "lo")["cameras"]
    (ours,) = [one for one in found if one["endpoint"] == camera["endpoint"]]
    assert ours["model"] == "DSC-RX100M2"
    assert ours["dialect"] == "legacy"
    assert ours["found_by"] == "ssdp"
    assert ours["location"] == camera["location"]


def test_camera_info(camera):
    info = run_json("camera", "info", "--camera", camera["endpoint"])
    assert info["endpoint"] == camera["endpoint"]
    assert "actTakePicture" in info["methods"]
    (mode,) = [setting for setting in info["settings"] if setting["name"] == "shoot-mode"]
    assert (mode["value"], mode["writable"]) == ("still", True)
    assert info["status"] == "IDLE"


def test_camera_set_offers_the_choices(camera):
    run_json("camera", "set", "shoot-mode", "still", "--camera", camera["endpoint"])
    assert (
        "the choices are still"
        in run("camera", "set", "shoot-mode", "stil", "--camera", camera["endpoint"], code=2).stderr
    )
    assert "shoot-mode" in run("camera", "set", "iso", "400", "--camera", camera["endpoint"], code=1).stderr


def test_camera_snap_never_overwrites(camera, tmp_path):
    snapped = run_json("camera", "snap", "-o", tmp_path / "a.jpg", "--camera", camera["endpoint"])
    assert (snapped["width"], snapped["height"]) == (96, 64)
    content = (tmp_path / "a.jpg").read_bytes()
    assert (
        "there already"
        in run("camera", "snap", "-o", tmp_path / "a.jpg", "--camera", camera["endpoint"], code=2).stderr
    )
    assert (tmp_path / "a.jpg").read_bytes() == content


def test_camera_liveview(camera, tmp_path):
    told = run_json("camera", "liveview", "-n", "5", "-o", tmp_path / "live", "--camera", camera["endpoint"])
    assert told["frames"] == 5
    assert len(list((tmp_path / "live").glob("*.jpg"))) == 5


def test_shoot_status_and_resume(camera, tmp_path):
    shoot = tmp_path / "dusk"
    done = run("shoot", shoot, "--every", "500ms", "--frames", "4", "--camera", camera["endpoint"], "--json")
    *events, last = map(json.loads, done.stdout.splitlines())
    assert {"frames", "gaps", "exposures", "late_ms_p99", "ended"} <= last.keys()
    assert (last["frames"], last["gaps"], last["ended"]) == (4, 0, "done")
    assert [event["slot"] for event in events if event["event"] == "frame_stored"] == [0, 1, 2, 3]
    status = run_json("status", shoot)
    assert {"state", "frames", "gaps", "next_slot", "last_frame_age_s"} <= status.keys()
    assert (status["state"], status["frames"], status["gaps"], status["next_slot"]) == ("done", 4, [], None)
    again = run_json("shoot", shoot)
    assert again == last | {"ended": "done"}
    plan = run_json("plan", shoot)
    assert plan["slots"] == 4


def test_plan_touches_nothing(tmp_path):
    shoot = tmp_path / "nowhere"
    plan = run_json("plan", shoot, "--every", "10s", "--for", "24h", "--place", "54.32,10.14")
    assert {"slots", "first", "last", "film_seconds", "storage_bytes", "warnings"} <= plan.keys()
    assert {"windows", "sun", "interval_seconds", "card_bytes", "battery_hours"} <= plan.keys()
    assert (plan["slots"], plan["film_seconds"]) == (8640, 288.0)
    assert plan["sun"][0]["sunrise"]
    assert not shoot.exists()


def test_plan_warns_of_an_interval_the_camera_cannot_keep():
    warnings = run_json("plan", "--every", "2s")["warnings"]
    assert any("5 s between shots" in warning for warning in warnings)
    assert any("no end" in warning for warning in warnings)


def test_doctor():
    checks = run_json("doctor")["checks"]
    assert {"name", "ok", "detail", "remedy"} <= checks[0].keys()
    assert {check["name"] for check in checks} >= {
        "python",
        "journal",
        "network",
        "film",
        "encoder",
        "darktable",
        "simulator",
    }
