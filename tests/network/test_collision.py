"""A camera whose network has the same addresses as the home network: the interface that is named settles it."""

from __future__ import annotations

import os

import pytest

from tests.network.ether import Ether

pytestmark = [
    pytest.mark.tools,
    pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces are root's"),
]

ADDRESS = "10.0.0.1"


@pytest.fixture
def network():
    with Ether("home") as made:
        made.settle(ADDRESS)
        made.add_home_network(ADDRESS)
        yield made


@pytest.mark.parametrize("interface", ["eth0", "10.0.0.9"])
def test_the_camera_is_found_behind_the_named_interface(network, interface):
    network.serve("rx100m2", ADDRESS)
    network.block_multicast()
    search = network.find("--interface", interface)
    (camera,) = search.said["cameras"]
    assert camera["endpoint"] == f"http://{ADDRESS}:10000/camera"
    assert camera["source"] == "10.0.0.9%eth0"


def test_both_networks_are_asked_where_none_is_named(network):
    network.serve("rx100m2", ADDRESS)
    network.block_multicast()
    search = network.find()  # the system's first route leads home, where no camera is
    (camera,) = search.said["cameras"]
    assert camera["source"] == "10.0.0.9%eth0"
