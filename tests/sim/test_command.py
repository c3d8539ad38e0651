"""`dayspool sim` as people and scripts run it: its first line, its exit codes, its signals."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from dayspool.cli.sim import command
from tests.processes import run

DAYSPOOL = [sys.executable, "-m", "dayspool"]


@contextmanager
def running(*options):
    """Run the command and yield it with its first line; it is ended at the end, whatever happens."""
    argv = [*DAYSPOOL, "sim", "--port", "0", "--no-ssdp", *options]
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


def ask(endpoint, method, *params):
    content = json.dumps({"method": method, "params": list(params), "id": 1, "version": "1.0"}).encode()
    with urllib.request.urlopen(endpoint, content, timeout=20) as reply:
        return json.load(reply)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_first_line_says_where_it_is_and_signals_end_it_well(ending):
    with running("--json") as (process, line):
        first = json.loads(line)
        assert ask(first["endpoint"], "getVersions")["result"] == [["1.0"]]
        with urllib.request.urlopen(first["location"], timeout=20) as page:
            assert f"http://127.0.0.1:{first['liveview_port']}/liveview.JPG".encode() in page.read()
        process.send_signal(ending)
        rest, complaints = process.communicate(timeout=20)
    assert (process.returncode, rest, complaints) == (0, "", "")


def test_people_get_sentences():
    with running() as (process, line):
        assert line.startswith("DSC-RX100M2 (simulated) answers at http://127.0.0.1:")
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 0


def test_its_pictures_are_as_ordered_and_its_ledger_outlives_a_kill(tmp_path):
    script = tmp_path / "faults.toml"
    script.write_text('[[fault]]\nkind = "busy"\nshot = 1\n')
    options = ["--picture", "300x200", "--sky-start", "2026-06-21T04:30+02:00", "--place", "69.65,18.96"]
    options += ["--seed", "3", "--speed", "60", "--ledger", str(tmp_path / "ledger"), "--faults", str(script)]
    with running("--json", *options) as (process, line):
        endpoint = json.loads(line)["endpoint"]
        assert ask(endpoint, "actTakePicture")["error"] == [1, "Not Available Now"]
        (url,) = ask(endpoint, "actTakePicture")["result"][0]
        process.kill()
    assert "/pict260621_04" in url
    (entry,) = [json.loads(line) for line in (tmp_path / "ledger").read_text().splitlines()]
    assert entry["n"] == 1


def test_a_port_in_use_is_said(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        argv = [*DAYSPOOL, "sim", "--port", str(port), "--no-ssdp", "--json"]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"dayspool: the simulated camera cannot listen on 127.0.0.1 port {port}: another program has it; "
        "stop that one, or choose another with --port (0: any free one)\n"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--model", "nikon"], "nikon"),
        (["--bind", "localhost"], "no IPv4 address"),
        (["--port", "70000"], "70000"),
        (["--port", "65534"], "0<=x<=65533"),
        (["--speed", "0"], "0"),
        (["--speed", "nan"], "nan is no speed"),
        (["--seed", "-1"], "-1"),
        (["--picture", "big"], "write 1616x1080"),
        (["--picture", "9x9"], "between 16 and 8000"),
        (["--sky-start", "noon"], "write 2026-06-21T04:30+02:00"),
        (["--sky-start", "2026-06-21T04:30"], "write 2026-06-21T04:30+02:00"),
        (["--sky-start", "2026-06-21"], "write 2026-06-21T04:30+02:00"),
        (["--sky-start", "0001-01-01T00:00+14:00"], "between 1900 and 2200"),
        (["--sky-start", "9999-12-31T23:59-12:00"], "between 1900 and 2200"),
        (["--place", "Kiel"], "write degrees north and east"),
        (["--place", "100,0"], "must lie between -90 and 90"),
    ],
)
def test_misuse_is_explained(options, said):
    result = CliRunner().invoke(command, options)
    assert result.exit_code == 2
    assert said in result.output


def test_it_has_one_address_to_announce():
    done = run("sim", "--bind", "0.0.0.0", "--port", "0", code=2)
    assert "name one of this machine's" in done.stderr


def test_a_bad_script_is_misuse_and_every_mistake_is_told(tmp_path):
    (tmp_path / "faults.toml").write_text('[[fault]]\nkind = "rset"\nshot = 0\n[[fault]]\nkind = "reset"\n')
    argv = [*DAYSPOOL, "sim", "--faults", str(tmp_path / "faults.toml")]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "fault[1].kind: must be one of" in done.stderr
    assert "fault[2].reset needs one of" in done.stderr
