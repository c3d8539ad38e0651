"""What a person reads when something failed: the whole of it, and nothing that steers the terminal."""

import pytest

from dayspool import cli
from dayspool.errors import CameraConfused, PlanError
from tests.processes import run


def leave_with(error, monkeypatch, capsys):
    def fail(**_):
        raise error

    monkeypatch.setattr(cli.root, "main", fail)
    with pytest.raises(SystemExit) as leaving:
        cli.main()
    out, err = capsys.readouterr()
    assert out == ""
    return leaving.value.code, err


def test_notes_are_told_below_the_error(monkeypatch, capsys):
    error = CameraConfused("getContentList: expected a list")
    error.add_note("the camera did not change to 'Remote Shooting'; switch the camera off and on to shoot again")
    assert leave_with(error, monkeypatch, capsys) == (
        1,
        "dayspool: getContentList: expected a list\n"
        "the camera did not change to 'Remote Shooting'; switch the camera off and on to shoot again\n",
    )


def test_several_problems_stay_lines(monkeypatch, capsys):
    assert leave_with(PlanError("every: missing", "\tframes: a number"), monkeypatch, capsys) == (
        2,
        "dayspool: every: missing\n        frames: a number\n",
    )


@pytest.mark.parametrize("word", ["\x1b[2Jx", "a\rb", "\x9b2J", "\x07", "\u202egpj", "\ud800"])
def test_the_words_of_a_camera_do_not_steer_the_terminal(monkeypatch, capsys, word):
    code, err = leave_with(CameraConfused(f"the camera answered 5 ({word})"), monkeypatch, capsys)
    assert code == 1
    assert err.rstrip("\n").isprintable()
    assert err.isascii()


def test_nor_does_a_folder_s_name(tmp_path):
    assert "\\x1b[2J" in run("status", tmp_path / "a\x1b[2J", code=2).stderr
