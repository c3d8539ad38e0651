"""A real SNMP agent on loopback that plays a router, and cameras found through its tables."""

from __future__ import annotations

import builtins
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import anyio
import pytest

from dayspool.clock import SystemClock
from dayspool.discovery import snmp
from dayspool.discovery.makers import Likelihood
from dayspool.discovery.snmp import parse_router, router_neighbours
from dayspool.errors import PlanError, ToolFailed
from dayspool.sim import Body, serving
from tests.processes import DAYSPOOL, run

SECRET = "opensesame"
# In the newer table, in the older one, in both, and rows that lead nowhere.
OLD, NEW, BOTH = (f"127.{os.getpid() % 200 + 20}.7.{number}" for number in (61, 62, 63))
TABLES = f"""
override .1.3.6.1.2.1.4.35.1.4.7.1.4.{NEW} octet_str 0xdeefca6608e7
override .1.3.6.1.2.1.4.35.1.4.7.1.4.{BOTH} octet_str 0x001122334455
override .1.3.6.1.2.1.4.35.1.4.7.2.16.1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16 octet_str 0xdeefca6608e7
override .1.3.6.1.2.1.4.35.1.4.7.1.4.127.0.0.99 octet_str 0xdeef
override .1.3.6.1.2.1.4.22.1.2.7.{OLD} octet_str 0x000e6d000001
override .1.3.6.1.2.1.4.22.1.2.7.{BOTH} octet_str 0x001122334455
"""
FOR_V1 = f"com2sec me 127.0.0.0/8 {SECRET}\ngroup mine v1 me\nview all included .1\n"
READERS = {
    "v2c": f"rocommunity {SECRET}\n",
    "v1": f'{FOR_V1}access mine "" v1 noauth exact all none none\n',
    "blind": f"rocommunity {SECRET} default .1.3.6.1.2.1.1\n",
}

pytestmark = [pytest.mark.tools, pytest.mark.anyio]


@pytest.fixture
def anyio_backend():
    return "asyncio"  # pysnmp knows no other


@contextmanager
def agent(folder: Path, readers: str):
    """Run snmpd on a free port of loopback; yield the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as lent:
        lent.bind(("127.0.0.1", 0))
        port = lent.getsockname()[1]
    settings = folder / "snmpd.conf"
    settings.write_text(f"agentAddress udp:127.0.0.1:{port}\n{READERS[readers]}{TABLES}")
    log = folder / "log"
    argv = ["snmpd", "-f", "-r", "-C", "-c", str(settings), "-Lf", str(log), "-p", str(folder / "pid")]
    with subprocess.Popen(argv, env={**os.environ, "SNMP_PERSISTENT_DIR": str(folder)}) as process:
        try:
            until = time.monotonic() + 20
            while "NET-SNMP version" not in (log.read_text() if log.exists() else ""):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < until, "snmpd does not come up"
                time.sleep(0.02)
            yield port
        finally:
            process.terminate()


def ask(port: int, community: str = SECRET):
    return anyio.run(lambda: router_neighbours("127.0.0.1", port=port, community=community))


@pytest.mark.parametrize("version", ["v2c", "v1"])
def test_both_tables_are_read_by_both_versions(version, tmp_path):
    with agent(tmp_path, version) as port:
        met = {one.host: one for one in ask(port)}
    assert {OLD, NEW, BOTH} <= met.keys()
    assert "127.0.0.99" not in met
    assert (met[NEW].mac, met[NEW].likelihood) == ("de:ef:ca:66:08:e7", Likelihood.SEEN)
    assert met[OLD].likelihood is Likelihood.MURATA
    assert met[BOTH].likelihood is Likelihood.UNKNOWN


def test_a_wrong_community_gets_no_answer_and_the_message_says_so(tmp_path):
    with agent(tmp_path, "v2c") as port, pytest.raises(ToolFailed, match=r"does not answer SNMP.*'public' was tried"):
        ask(port, "public")


def test_a_router_that_hides_its_tables_is_told_apart(tmp_path):
    with agent(tmp_path, "blind") as port, pytest.raises(ToolFailed, match=r"answers SNMP but shows no neighbours"):
        ask(port)


@pytest.mark.parametrize("host", [NEW, OLD, BOTH], ids=["new table", "old table", "both tables"])
def test_a_camera_that_only_the_router_knows_is_found(host, tmp_path):
    async def find(port: int) -> str:
        async with serving(Body(clock=SystemClock(), picture_px=(48, 32)), host=host, ssdp=False):
            options = ["find", "--json", "--interface", "lo", "--snmp", f"127.0.0.1:{port}", "--community", SECRET]
            return (await anyio.run_process([*DAYSPOOL, *options])).stdout.decode()

    with agent(tmp_path, "v2c") as port:
        said = anyio.run(find, port)
    assert f'"endpoint": "http://{host}:10000/camera"' in said
    assert '"found_by": "snmp"' in said


@pytest.mark.parametrize("timeout", ["1s", "2s", "4s"])
def test_a_silent_router_is_told_and_the_rest_goes_on(timeout):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        router = f"127.0.0.1:{silent.getsockname()[1]}"
        argv = [*DAYSPOOL, "find", "--interface", "lo", "--timeout", timeout, "--snmp", router]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr
    if done.returncode:  # with another test's camera on loopback there is nothing to explain
        assert done.returncode == 1
        assert "does not answer SNMP" in done.stderr
        assert "No camera answered" in done.stderr


async def test_a_router_that_is_given_up_on_while_it_is_asked_leaves_nothing_behind():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        with anyio.move_on_after(0.1) as scope:
            await router_neighbours("127.0.0.1", port=port, seconds=5)
    assert scope.cancelled_caught


async def test_both_versions_are_tried_in_a_short_time():
    versions = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.setblocking(False)
        with pytest.raises(ToolFailed, match="does not answer SNMP"):
            await router_neighbours("127.0.0.1", port=silent.getsockname()[1], seconds=0.6)
        for _ in range(4):
            versions.add(silent.recv(2000)[4])  # SEQUENCE, its length, INTEGER, 1, the version
    assert versions == {0, 1}


def test_a_router_elsewhere_names_nobody_on_this_machine(tmp_path, monkeypatch):
    monkeypatch.setattr(snmp, "_is_here", lambda host: host in (NEW, OLD, BOTH))  # all that tests can ask is loopback
    met = ()
    with agent(tmp_path, "v2c") as port, suppress(ToolFailed):  # snmpd shows this machine's own neighbours, if any
        met = ask(port)
    assert not {NEW, OLD, BOTH} & {one.host for one in met}


def test_a_router_beside_a_named_address_is_refused():
    done = run("find", "--address", "127.0.0.1:9", "--snmp", "127.0.0.1", code=2)
    assert "--address asks one host alone" in done.stderr


@pytest.mark.parametrize(
    ("text", "router"),
    [
        ("192.168.1.1", ("192.168.1.1", 161)),
        (" router.lan:1161 ", ("router.lan", 1161)),
        ("10.0.0.1:80", ("10.0.0.1", 80)),
    ],
)
def test_routers_are_read(text, router):
    assert parse_router(text) == router


@pytest.mark.parametrize("text", ["", "a b", "10.0.0.1/x", "10.0.0.999", "http://10.0.0.1", "router:99999"])
def test_what_is_no_router_is_told(text):
    with pytest.raises(PlanError, match="no router's address"):
        parse_router(text)


def test_without_the_package_the_remedy_is_told(monkeypatch, capsys):
    from dayspool.cli import main

    def load(name, *rest, **options):
        if name.startswith("pysnmp"):
            raise ModuleNotFoundError("No module named 'pysnmp'", name="pysnmp")
        return loaded(name, *rest, **options)

    loaded = builtins.__import__
    for module in [module for module in sys.modules if module.startswith(("pysnmp", "dayspool.discovery.snmp"))]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", load)
    monkeypatch.setattr(sys, "argv", ["dayspool", "find", "--interface", "lo", "--snmp", "127.0.0.1"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "pip install 'dayspool[snmp]'" in capsys.readouterr().err


def test_pysnmp_is_loaded_only_for_those_who_ask():
    code = "import sys, dayspool.discovery, dayspool.shoot.finding, dayspool.cli.find; print('pysnmp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
