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


@pytest.mark.parametrize(
    ("start", "dark"), [("2026-12-21T23:00+01:00", True), ("2026-06-21T12:00+02:00", False)], ids=["night", "day"]
)
def test_darkness_that_autofocus_cannot_see_in_is_said_at_the_start(start, dark):
    with running("--model", "a5000", "--sky-start", start) as (process, line):
        process.terminate()
        sentences = line + process.communicate(timeout=20)[0]
    with running("--model", "a5000", "--sky-start", start, "--json") as (process, line):
        process.terminate()
        process.communicate(timeout=20)
    assert ("too dark for autofocus" in sentences and "--sky-start" in sentences) == dark
    assert json.loads(line)["too_dark_for_autofocus"] is dark


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


def test_the_models_are_listed():
    rows = json.loads(CliRunner().invoke(command, ["--list-models", "--json"]).output)["models"]
    assert {"rx100m2", "qx1", "a7m3", "a6100-send", "a7c-ptp"} <= {row["name"] for row in rows}
    assert "a7c-ptp      ILCE-7C        PTP/IP only" in CliRunner().invoke(command, ["--list-models"]).output


@pytest.mark.parametrize(
    ("model", "present"),
    [("qx1", {"endpoint", "liveview_port"}), ("a6100-send", {"files_port"}), ("a7c-ptp", {"ptp_port"})],
)
def test_each_kind_of_camera_says_where_it_is(model, present):
    with running("--json", "--model", model, "--name", "Mine") as (process, line):
        first = json.loads(line)
        keys = {"endpoint", "liveview_port", "files_port", "ptp_port"}
        assert {key for key in keys if first[key] is not None} == present
        with urllib.request.urlopen(first["location"], timeout=20) as page:
            assert b"<friendlyName>Mine</friendlyName>" in page.read()
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_dump_is_a_model(tmp_path):
    dump = {
        "dayspool_dump": 1,
        "model": "DSC-WX350",
        "endpoint": "http://10.0.0.1:10000/sony/camera",
        "api_lists": [{"methods": ["getAvailableApiList", "actTakePicture"]}],
    }
    (tmp_path / "wx350.json").write_text(json.dumps(dump))
    with running("--json", "--model", str(tmp_path / "wx350.json")) as (process, line):
        first = json.loads(line)
        assert first["model"] == "DSC-WX350"
        assert ask(first["endpoint"], "getAvailableApiList")["result"] == [["getAvailableApiList", "actTakePicture"]]
        process.terminate()
        process.communicate(timeout=20)


def test_a_model_that_is_neither_name_nor_dump_is_misuse(tmp_path):
    (tmp_path / "no.json").write_text("{}")
    for model, said in (
        ("rx1000", "neither a file nor one of rx100m2"),
        (str(tmp_path / "no.json"), "there is no dayspool_dump in it"),
    ):
        assert said in run("sim", "--model", model, code=2).stderr
