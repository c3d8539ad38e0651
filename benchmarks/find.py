"""How long it takes until a camera is found and has answered, by each way alone, and what the whole command takes.

The camera, the computer and a router live in network namespaces of their own, which only root can make.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from benchmarks.clients import Client, clients
from benchmarks.tables import Row, Table
from dayspool.discovery import Neighbour, Surroundings
from dayspool.discovery.find import find
from dayspool.discovery.interfaces import ipv4_interfaces
from dayspool.discovery.known import Gateway, KnownHost
from dayspool.discovery.snmp import router_neighbours
from dayspool.shoot.access import HttpAccess
from dayspool.sim import PROFILES
from tests.network.ether import Ether, host_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dayspool.sim import Profile

__all__ = ["tables"]

RUNS = 5
MODELS = ("rx100m2", "a6300", "a7m3")
SNMP_PORT = 1161
MAC = "de:ef:ca:66:08:e7"
WAYS = {
    "ssdp": "SSDP",
    "known-address": "known address",
    "gateway": "gateway",
    "neighbour": "neighbour table",
    "snmp": "a router's table, by SNMP",
}


def tables() -> list[Table]:
    """Measure and return the tables."""
    seconds: dict[str, list[float]] = {name: [] for name in (*WAYS.values(), "`dayspool find`, the whole command")}
    missed: dict[str, list[str]] = {name: [] for name in seconds}
    with Ether("bench") as network, clients() as those, tempfile.TemporaryDirectory() as folder:
        others = [client for client in those if client.way in {"libsonyapi", "pysony"}]
        for model in MODELS:
            address = PROFILES[model].address
            network.settle(address)
            network.serve(model, address)
            with _router(network, address, Path(folder)):
                for way, name in WAYS.items():
                    said = network.run("computer", sys.executable, "-m", "benchmarks.find", way, address)
                    seconds[name] += json.loads(said)
                seconds["`dayspool find`, the whole command"] += [network.find().seconds for _ in range(RUNS)]
                for client in others:
                    found = _found_by(client, network, PROFILES[model])
                    seconds.setdefault(client.name, []).extend(found)
                    missed.setdefault(client.name, []).extend([] if found else [PROFILES[model].model])
    return [
        Table(
            title="Time to find a camera",
            columns=("way", "median ms", "longest ms", "not found"),
            rows=tuple(
                Row((name, *_milliseconds(each), ", ".join(missed[name]) or "–")) for name, each in seconds.items()
            ),
            note=(
                f"From the first question to the first camera that answered an API call; {RUNS} runs each of "
                f"{', '.join(PROFILES[model].model for model in MODELS)} (simulated), one way at a time, between "
                "network namespaces. The whole command includes starting Python and the time other cameras "
                "get to answer; the other clients' times do not."
            ),
        )
    ]


def _milliseconds(seconds: list[float]) -> tuple[str, str]:
    if not seconds:
        return "–", "–"
    return f"{statistics.median(seconds) * 1000:.0f}", f"{max(seconds) * 1000:.0f}"


def _found_by(client: Client, network: Ether, profile: Profile) -> list[float]:
    """Return how long each search of another client took; none when it does not find the camera, or the wrong place."""
    endpoint = f"http://{profile.address}:{profile.ports.control}{profile.service_path}"
    try:
        runs = [client.read(network.run("computer", *client.argv("find", endpoint, 1))) for _ in range(RUNS)]
    except subprocess.CalledProcessError:
        return []
    return [run["seconds"] for run in runs]


@contextmanager
def _router(network: Ether, camera: str, folder: Path) -> Iterator[None]:
    """Let a real SNMP agent on the neighbour know the camera."""
    settings = folder / "snmpd.conf"
    row = f"override .1.3.6.1.2.1.4.22.1.2.7.{camera} octet_str 0x{MAC.replace(':', '')}\n"
    settings.write_text(f"agentAddress udp:{host_of(camera, 77)}:{SNMP_PORT}\nrocommunity public\n{row}")
    argv = ["snmpd", "-f", "-r", "-C", "-c", str(settings), "-Ln", "-p", str(folder / "pid")]
    with network.start("neighbour", *argv) as agent:
        try:
            yield
        finally:
            agent.terminate()


async def _seconds(way: str, camera: str) -> float:
    """Search by one way alone; run on the computer."""
    places: dict[str, Any] = {
        "ssdp": {"interfaces": ipv4_interfaces()},
        "known-address": {"hosts": (KnownHost(host=camera, source="the benchmark"),)},
        "gateway": {"gateways": (Gateway(interface="eth0", host=camera),)},
        "neighbour": {"neighbours": (Neighbour(host=camera, mac=MAC),)},
        "snmp": {},
    }[way]

    async def router() -> Any:
        return await router_neighbours(host_of(camera, 77), port=SNMP_PORT)

    began = anyio.current_time()
    found = await find(
        access=HttpAccess(),
        seconds=10,
        first=True,
        router=router if way == "snmp" else None,
        surroundings=Surroundings(**{"interfaces": (), "hosts": (), **places}),
    )
    taken = anyio.current_time() - began
    assert [each.found_by for each in found] == [way]
    return taken


if __name__ == "__main__":
    print(json.dumps([anyio.run(_seconds, *sys.argv[1:]) for _ in range(RUNS)]))
