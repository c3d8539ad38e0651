"""How long it takes until a camera is found and has answered, by each way alone, and what the whole command takes.

The camera, the computer and a router live in network namespaces of their own, which only root can make.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from benchmarks.tables import Row, Table
from dayspool.discovery import Neighbour, Surroundings
from dayspool.discovery.find import find
from dayspool.discovery.interfaces import ipv4_interfaces
from dayspool.discovery.known import Gateway, KnownHost
from dayspool.discovery.snmp import router_neighbours
from dayspool.shoot.finding import HttpAccess
from dayspool.sim import PROFILES
from tests.network.ether import Ether, host_of

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    with Ether("bench") as network, tempfile.TemporaryDirectory() as folder:
        for model in MODELS:
            address = PROFILES[model].address
            network.settle(address)
            network.serve(model, address)
            with _router(network, address, Path(folder)):
                for way, name in WAYS.items():
                    said = network.run("computer", sys.executable, "-m", "benchmarks.find", way, address)
                    seconds[name] += json.loads(said)
                seconds["`dayspool find`, the whole command"] += [network.find().seconds for _ in range(RUNS)]
    return [
        Table(
            title="Time to find a camera",
            columns=("way", "median ms", "longest ms"),
            rows=tuple(
                Row((name, f"{statistics.median(each) * 1000:.0f}", f"{max(each) * 1000:.0f}"))
                for name, each in seconds.items()
            ),
            note=(
                f"From the first question to the first camera that answered an API call; {RUNS} runs each of "
                f"{', '.join(PROFILES[model].model for model in MODELS)} (simulated), one way at a time, between "
                "network namespaces. The whole command includes starting Python and the time other cameras "
                "get to answer."
            ),
        )
    ]


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
