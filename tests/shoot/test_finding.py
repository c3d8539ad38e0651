"""Where a shoot gets its camera: where it was last, else by searching, and never another model."""

import pytest

from dayspool.clock import SystemClock
from dayspool.errors import CameraUnreachable
from dayspool.shoot.finding import SearchingSource, find_cameras, find_one
from dayspool.sim import Body, serving

pytestmark = pytest.mark.anyio


@pytest.fixture
async def camera():
    body = Body(clock=SystemClock(), seed=77, picture_px=(48, 32), speed=50)
    async with serving(body, port=0) as served:
        yield served


def host_and_port(served):
    return f"127.0.0.1:{served.ports.control}"


async def test_it_is_found_by_ssdp_on_loopback(camera):
    found = await find_cameras(seconds=5, interface="lo")
    (ours,) = [each for each in found.cameras if each.endpoint == camera.endpoint]
    assert ours.model == "DSC-RX100M2"
    assert ours.location == camera.location
    assert found.reasons == ()


async def test_one_that_is_named_is_verified(camera):
    found = await find_one(seconds=5, address=host_and_port(camera))
    assert found.endpoint == camera.endpoint


async def test_nobody_there_is_told_in_words(unused_port):
    with pytest.raises(CameraUnreachable, match="no camera was found"):
        await find_one(seconds=2, address=f"127.0.0.1:{unused_port}")


async def test_the_last_place_comes_first(camera, unused_port):
    source = SearchingSource(endpoint=camera.endpoint, address=f"127.0.0.1:{unused_port}", seconds=2)
    async with source.open() as opened:
        assert "1.0" in await opened.versions()


async def test_a_camera_that_moved_is_found_again(camera, unused_port):
    gone = f"http://127.0.0.1:{unused_port}/camera"
    source = SearchingSource(endpoint=gone, model="DSC-RX100M2", address=host_and_port(camera), seconds=5)
    async with source.open() as opened:
        assert opened.endpoint == camera.endpoint


async def test_another_model_is_not_taken(camera, unused_port):
    gone = f"http://127.0.0.1:{unused_port}/camera"
    address = camera.location  # a description tells the model; an endpoint alone does not
    source = SearchingSource(endpoint=gone, model="DSC-WX350", address=address, seconds=5)
    with pytest.raises(CameraUnreachable, match="began with a DSC-WX350"):
        async with source.open():
            pass


@pytest.fixture
def unused_port():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]
