"""Every simulated camera is found from another machine: by multicast or without, misled or disturbed."""

from __future__ import annotations

import os
import statistics
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from dayspool.sim import PROFILES
from tests.network.ether import Ether, Search

pytestmark = [
    pytest.mark.tools,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces are root's"),
]

ADDRESSES = {name: profile.address for name, profile in PROFILES.items()}
MEDIAN_SECONDS = 1.5
LONGEST_SECONDS = 5.0  # of searching: how long Python takes to start on a busy machine is another matter
WRONG_LOCATION = '[[fault]]\nkind = "wrong_location"\n'
ODD_PORT = 4711

# What cannot be driven is told of instead, by the kind and by what to press.
EXPLAINED = {
    "a6100-send": ("send-mode", '"Send to Smartphone"'),
    "a7c-ptp": ("ptp-only", "PTP/IP"),
}

# Each network, and what the camera there does wrong.
NETWORKS = {
    "quiet": {},
    "multicast blocked": {},
    "LOCATION wrong": {"faults": WRONG_LOCATION},
    "odd ports": {"port": ODD_PORT},
    "noisy neighbour": {},
}


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    with ExitStack() as stack:
        made = {
            name: stack.enter_context(Ether(str(number)))  # a name of at most fifteen signs
            for number, name in enumerate(NETWORKS)
        }
        made["multicast blocked"].block_multicast()
        made["noisy neighbour"].settle("192.168.122.1")
        made["noisy neighbour"].make_noise(tmp_path_factory.mktemp("minidlna"))
        yield made


@pytest.fixture(scope="module")
def times(record_testsuite_property):
    seconds: list[float] = []
    yield seconds
    record_testsuite_property("find seconds", ", ".join(f"{each:.2f}" for each in sorted(seconds)))


@pytest.fixture(scope="module")
def longest(networks):
    return LONGEST_SECONDS + networks["quiet"].start_seconds()


def search_all(networks: dict[str, Ether], profile: str, names: list[str]) -> dict[str, Search]:
    """Search for one camera on several networks, two at a time."""

    def search(name: str) -> Search:
        network, address = networks[name], ADDRESSES[profile]
        network.settle(address)
        network.serve(profile, address, **NETWORKS[name])
        return network.find()

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(search, names), strict=True))


@pytest.mark.parametrize("profile", [name for name in PROFILES if name not in EXPLAINED])
def test_it_is_found(profile, networks, longest, times):
    found = search_all(networks, profile, list(NETWORKS))
    for name, search in found.items():
        (camera,) = search.said["cameras"]
        assert camera["model"] == PROFILES[profile].model, name
        assert camera["endpoint"].startswith(f"http://{ADDRESSES[profile]}:"), name
        assert camera["endpoint"].endswith(PROFILES[profile].service_path), name
        assert (search.code, search.said["others"], search.sentences) == (0, [], ""), name
        assert search.seconds < longest, name
        times.append(search.seconds)
    assert found["quiet"].said["cameras"][0]["usn"] is not None
    assert found["multicast blocked"].said["cameras"][0]["usn"] is None
    assert len({search.said["cameras"][0]["dialect"] for search in found.values()}) == 1


def test_by_ssdp_the_first_camera_is_told_of_at_once(networks, record_testsuite_property):
    quiet, seconds = networks["quiet"], []
    start = statistics.median(quiet.start_seconds() for _ in range(3))
    for profile in ("rx100m2", "qx10", "a6000", "hx400v", "a7m3"):
        quiet.settle(ADDRESSES[profile])
        quiet.serve(profile, ADDRESSES[profile])
        seconds.append(quiet.first_seconds() - start)
    median = statistics.median(seconds)
    record_testsuite_property("first camera seconds", f"{median:.2f}")
    assert median < MEDIAN_SECONDS


@pytest.mark.parametrize("profile", [name for name in EXPLAINED if name in PROFILES])
def test_what_cannot_be_driven_is_explained(profile, networks, longest):
    kind, words = EXPLAINED[profile]
    for name, search in search_all(networks, profile, ["quiet", "multicast blocked", "noisy neighbour"]).items():
        assert (search.code, search.said["cameras"]) == (1, []), name
        (other,) = search.said["others"]
        assert (other["kind"], other["model"]) == (kind, PROFILES[profile].model), name
        assert words in other["sentence"], name
        assert search.sentences.splitlines() == [other["sentence"]], name
        assert search.seconds < longest, name
