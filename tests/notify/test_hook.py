"""A command of the person's: really run, without a shell, killed when it takes too long."""

import json
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from dayspool.errors import AlarmUndelivered, PlanError
from dayspool.notify import Hook
from tests.notify.servers import alarm


def python(code, *arguments):
    return (sys.executable, "-c", code, *map(str, arguments))


def test_the_alarm_is_on_its_input_and_in_its_environment(tmp_path):
    code = (
        "import sys,os,json; json.dump([json.load(sys.stdin), dict(os.environ), sys.argv[2:]], open(sys.argv[1], 'w'))"
    )
    Hook(command=python(code, tmp_path / "out", "$(touch x)", "%s; ls")).deliver(alarm("a'; touch pwned; $(x) `y`"))
    told, environment, arguments = json.loads((tmp_path / "out").read_text())
    assert told["kind"] == environment["DAYSPOOL_KIND"] == "camera-lost"
    assert environment["DAYSPOOL_TITLE"] == "a'; touch pwned; $(x) `y`"
    assert environment["DAYSPOOL_BODY"].startswith("Since noon.\n")
    assert arguments == ["$(touch x)", "%s; ls"]


def test_it_and_its_children_are_killed_when_it_takes_too_long(tmp_path):
    code = (
        "import os,subprocess,sys,time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open(sys.argv[1] + '.part', 'w').write(str(child.pid)); os.rename(sys.argv[1] + '.part', sys.argv[1])\n"
        "time.sleep(60)"
    )
    with pytest.raises(AlarmUndelivered, match=r"longer than 1\.5 s"):
        Hook(command=python(code, tmp_path / "pid"), timeout=timedelta(seconds=1.5)).deliver(alarm())
    child = Path("/proc", (tmp_path / "pid").read_text(), "stat")
    with suppress(FileNotFoundError, ProcessLookupError):
        while child.read_text().split()[2] != "Z":  # killed, and perhaps nobody has taken leave of it yet
            pass


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("/nowhere/program",), "cannot be run: No such file"),
        (python("raise SystemExit(3)"), "status 3"),
        (python("import os; os.close(0); raise SystemExit(1)"), "status 1"),
    ],
)
def test_a_command_that_fails(command, says):
    with pytest.raises(AlarmUndelivered, match=says) as caught:
        Hook(command=command).deliver(alarm())
    assert caught.value.refused


def test_one_that_reads_nothing_is_fine():
    Hook(command=python("pass")).deliver(alarm())


@pytest.mark.parametrize(
    "options",
    [{"command": ()}, {"command": ("",)}, {"command": ("a\0b",)}, {"command": ("a",), "timeout": timedelta(0)}],
)
def test_mistakes(options):
    with pytest.raises(PlanError):
        Hook(**options)
