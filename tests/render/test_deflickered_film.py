"""From a shoot that flickers to a film that does not, through the command line and the built-in developer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from dayspool.cli import root
from dayspool.errors import DayspoolError, JournalUnwritable, PlanError
from dayspool.journal import JournalReader
from tests.render.flicker import DRIFT_EV, FRAMES, HEIGHT, WIDTH, brightness, fast_ev, flicker_ev, flickering

FLICKER = flicker_ev()


def render(shoot: Path, *options: str) -> dict:
    """Render in this process and return what `--json` says, with the film's frames as `ev`."""
    words = ["render", shoot, "--developer", "builtin", "--preset", "preview", "--json", *options]
    done = CliRunner().invoke(root, list(map(str, words)))
    if done.exception is not None and isinstance(done.exception, DayspoolError):
        raise done.exception
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    return {**told, "ev": brightness(Path(told["film"])), "said": done.stderr}


def verdicts(shoot: Path) -> list[tuple[int, str, str]]:
    with JournalReader(shoot) as journal:
        return [(one.slot, one.kind, one.action) for one in journal.verdicts()]


@pytest.fixture(scope="module")
def flickers(tmp_path_factory) -> Path:
    return flickering(tmp_path_factory.mktemp("flickers"), FLICKER)


@pytest.fixture
def shoot(flickers, tmp_path) -> Path:
    return shutil.copytree(flickers, tmp_path / "shoot")


@pytest.fixture(scope="module")
def oddities(tmp_path_factory) -> Path:
    """A shoot with a hand before the lens in slot 12; slot 25 does not decode."""

    def odd(number, light):
        if number == 12:
            light = light.copy()
            light[:, : WIDTH * 9 // 10] = 0.02
        return light

    shoot = flickering(tmp_path_factory.mktemp("odd"), FLICKER, odd)
    (shoot / "frames" / "000025.jpg").write_bytes(b"broken")
    return shoot


@pytest.fixture
def odd_shoot(oddities, tmp_path) -> Path:
    return shutil.copytree(oddities, tmp_path / "shoot")


def test_a_film_does_not_flicker_and_keeps_its_light(shoot):
    without = render(shoot, "--no-deflicker")
    assert without["deflicker"] == {"on": False, "graded": 0, "excluded": [], "odd": [], "lift_ev": 0.0, "notes": []}
    assert fast_ev(without["ev"]) > 0.05
    assert not (shoot / "cache").exists()

    film = render(shoot)
    assert film["deflicker"] == {"on": True, "graded": FRAMES, "excluded": [], "odd": [], "lift_ev": 0.0, "notes": []}
    assert fast_ev(film["ev"]) < 0.01, "what is left is the encoder's"
    assert np.polyfit(range(FRAMES), film["ev"], 1)[0] == pytest.approx(DRIFT_EV, abs=0.006), "flicker is no light"


def test_a_second_render_measures_nothing_anew(shoot, monkeypatch):
    first = render(shoot)
    monkeypatch.setattr("dayspool.render.measures.proxy", lambda *_, **__: pytest.fail("measured again"))
    again = render(shoot, "--smooth", "2s")
    assert again["deflicker"] == first["deflicker"]


def test_a_film_that_does_not_flicker_is_left_as_it_is(tmp_path):
    told = render(flickering(tmp_path, np.zeros(8)))
    assert (told["deflicker"]["on"], told["deflicker"]["graded"]) == (True, 0)


def test_the_plan_says_how(shoot):
    (shoot / "shoot.toml").write_text("[deflicker]\non = false")
    assert render(shoot)["deflicker"]["on"] is False
    assert render(shoot, "--deflicker")["deflicker"]["on"] is True
    (shoot / "shoot.toml").write_text("[deflicker.keyframes]\n3 = 0.5\n99 = 1\n")
    told = render(shoot)
    assert told["deflicker"]["notes"] == ["keyframes of [deflicker] without a picture in this film: 99"]


def test_what_a_look_adds_is_taken_out_by_a_second_pass(shoot):
    contrast = "curve = [[0, 0], [0.3, 0.1], [0.6, 0.75], [1, 1]]\n"
    (shoot / "shoot.toml").write_text(f"[look]\n{contrast}[deflicker]\nsecond_pass = true")
    told = render(shoot)
    assert told["deflicker"]["graded"] == FRAMES
    assert fast_ev(told["ev"]) < 0.015


@pytest.mark.tools
@pytest.mark.slow
def test_darktable_makes_a_film_that_does_not_flicker(tmp_path):
    shoot = flickering(tmp_path, FLICKER[:12])
    told = render(shoot, "--developer", "darktable", "--workers", "1")
    assert told["developer"] == "darktable"
    assert told["deflicker"]["graded"] == 12
    assert fast_ev(told["ev"]) < 0.01


def test_odd_frames_are_noted_and_graded(odd_shoot):
    told = render(odd_shoot)
    found = {one["slot"]: (one["kind"], one["remedy"]) for one in told["deflicker"]["odd"]}
    assert found == {12: ("covered", "correct"), 25: ("broken", "correct")}
    assert [one["slot"] for one in told["deflicker"]["excluded"]] == [25]
    assert [one["slot"] for one in told["left_out"]] == [25]
    assert len(told["said"].splitlines()) == 1, "told once"
    assert verdicts(odd_shoot) == [(12, "covered", "correct"), (25, "broken", "correct")]
    assert sorted(path.name for path in (odd_shoot / "frames").iterdir())[25] == "000025.jpg"


def test_odd_frames_are_dropped_or_made_of_their_neighbours_if_that_is_asked(odd_shoot):
    (odd_shoot / "shoot.toml").write_text('[deflicker.odd]\ncovered = "drop"\nbroken = "blend"')
    told = render(odd_shoot)
    assert (told["frames"], told["left_out"]) == (FRAMES - 1, [])
    assert fast_ev(told["ev"]) < 0.015
    assert verdicts(odd_shoot) == [(12, "covered", "drop"), (25, "broken", "blend")]
    (odd_shoot / "shoot.toml").write_text('[deflicker.odd]\ncovered = "blend"\nbroken = "drop"')
    told = render(odd_shoot)
    assert (told["frames"], told["left_out"]) == (FRAMES - 1, [])
    assert fast_ev(told["ev"]) < 0.015


def test_frames_that_are_not_like_the_others_are_named_and_the_rest_goes_on(shoot):
    def frame(slot):
        return shoot / "frames" / f"{slot:06d}.jpg"

    Image.open(frame(4)).convert("L").save(frame(4))
    Image.open(frame(9)).resize((2 * WIDTH, 2 * HEIGHT)).save(frame(9), quality=95)
    Image.open(frame(11)).convert("CMYK").save(frame(11))
    Image.open(frame(16)).transpose(Image.Transpose.ROTATE_90).save(frame(16))
    Image.new("RGB", (WIDTH, HEIGHT), "gray").save(frame(21))
    frame(26).write_bytes(b"")
    frame(30).unlink()
    told = render(shoot, "--second-pass")
    assert {one["slot"] for one in told["deflicker"]["excluded"]} == {4, 9, 11, 16, 21, 26, 30}
    assert {one["slot"] for one in told["left_out"]} >= {26, 30}
    assert told["deflicker"]["graded"] == FRAMES - 7
    assert f"{7 - len(told['left_out'])} frames not measured beside the others" in told["said"]
    assert told["frames"] == FRAMES - len(told["left_out"])
    assert {slot: (kind, action) for slot, kind, action in verdicts(shoot)} == {
        **dict.fromkeys((4, 9, 11, 16, 21, 30), ("excluded", "keep")),
        26: ("broken", "correct"),
    }


def test_a_film_of_nothing_is_none(tmp_path):
    """Pictures that have nothing in common, and pictures that have nothing in them."""
    rng = np.random.default_rng(9)
    patches = np.ones((HEIGHT // 16, WIDTH // 16, 1))
    shoot = flickering(
        tmp_path, np.zeros(2), lambda *_: np.kron(2 ** rng.uniform(-6, 0, patches.shape), np.ones((16, 16, 3)))
    )
    (shoot / "shoot.toml").write_text('[deflicker.odd]\nuntied = "drop"')
    with pytest.raises(PlanError, match=r"no frame is left: \[deflicker.odd\] in the plan drops what is untied"):
        render(shoot)
    for frame in (shoot / "frames").iterdir():
        Image.new("RGB", (WIDTH, HEIGHT), "gray").save(frame)
    said = CliRunner().invoke(root, ["render", str(shoot), "--developer", "builtin", "--preset", "preview"]).output
    assert "no frame could be measured" in said
    assert "nothing flickers" not in said


def test_a_journal_that_cannot_be_written_costs_a_note_only(odd_shoot, monkeypatch):
    def refuse(*_):
        raise JournalUnwritable("the disk is read-only")

    monkeypatch.setattr("dayspool.render.odd.leave_verdicts", refuse)
    told = render(odd_shoot)
    assert told["deflicker"]["notes"] == ["what is odd about frames is not in the journal: the disk is read-only"]


def test_only_what_lies_in_the_mask_is_looked_at(shoot):
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    (shoot / "shoot.toml").write_text('[deflicker]\nmask = "mask.png"')
    with pytest.raises(PlanError, match="is not there"):
        render(shoot)
    (shoot / "mask.png").write_text("no picture")
    with pytest.raises(PlanError, match="cannot be read as a picture"):
        render(shoot)
    Image.fromarray(mask).save(shoot / "mask.png")
    with pytest.raises(PlanError, match="black all over"):
        render(shoot)
    mask[5, 5] = 255
    Image.fromarray(mask).save(shoot / "mask.png")
    with pytest.raises(PlanError, match=r"leave \d+ of \d+ places where frames are compared; 24 at least"):
        render(shoot)
    assert verdicts(shoot) == []
    mask[:, WIDTH // 2 :] = 255
    Image.fromarray(mask).save(shoot / "mask.png")
    assert fast_ev(render(shoot)["ev"]) < 0.015


def test_what_cannot_be_meant_is_refused_before_anything_is_done(shoot):
    with pytest.raises(PlanError, match="--smooth: 0s is nothing to smooth over"):
        render(shoot, "--smooth", "0s")
    assert not (shoot / "films").exists()
