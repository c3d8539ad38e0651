"""Where a shoot gets its camera: where it was last, else by searching, and never another model."""

from dataclasses import replace

import pytest

from dayspool.clock import SystemClock
from dayspool.core.camera import Dialect
from dayspool.discovery import Attempt, Found, FoundBy, Outcome, explain_nothing
from dayspool.errors import CameraUnreachable
from dayspool.shoot import finding
from dayspool.shoot.finding import SearchingSource, find_cameras, find_one
from dayspool.sim import Body, serving

pytestmark = pytest.mark.anyio
NOWHERE = "http://127.0.0.1:9/camera"  # the discard service: nobody serves a camera there


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


async def test_another_camera_of_the_same_model_is_not_taken_when_ours_is_gone(camera):
    found = await find_one(seconds=5, address=camera.location)
    source = SearchingSource(last=replace(found, endpoint=NOWHERE), address=camera.location, seconds=3)
    async with source.open() as opened:  # the same one, at another place
        assert opened.endpoint == camera.endpoint
    stranger = replace(found, endpoint=NOWHERE, udn="uuid:00000000-0005-0010-8000-1c994c0000ff")
    source = SearchingSource(last=stranger, address=camera.location, seconds=3)
    with pytest.raises(CameraUnreachable, match=r"not the one this shoot began with: its network address is \w+, not"):
        async with source.open():
            pass


async def test_another_camera_at_the_place_of_ours_is_not_taken(camera):
    found = await find_one(seconds=5, address=camera.location)
    assert found.location is not None
    source = SearchingSource(last=found, seconds=3)
    async with source.open() as opened:
        assert opened.endpoint == camera.endpoint
    stranger = replace(found, udn="uuid:00000000-0005-0010-8000-1c994c0000ff")
    source = SearchingSource(last=stranger, address=camera.location, seconds=3)
    with pytest.raises(CameraUnreachable, match="not the one this shoot began with"):
        async with source.open():
            pass


async def test_a_resumed_shoot_waits_for_its_own_body(camera):
    found = await find_one(seconds=5, address=camera.location)
    async with SearchingSource(last=found, seconds=3).open() as opened:
        identity, location = opened.identity, opened.location
    assert identity is not None
    assert location == camera.location
    again = SearchingSource(endpoint=camera.endpoint, identity=identity, location=location, seconds=3)
    async with again.open() as opened:
        assert opened.identity == identity
    stranger = SearchingSource(
        endpoint=camera.endpoint, identity="0" * 12, location=location, address=location, seconds=3
    )
    with pytest.raises(CameraUnreachable, match="not the one this shoot began with"):
        async with stranger.open():
            pass


async def test_a_renamed_camera_is_still_ours(camera):
    found = await find_one(seconds=5, address=camera.location)
    renamed = replace(found, endpoint=NOWHERE, model="My camera")
    source = SearchingSource(last=renamed, address=camera.location, seconds=3)
    async with source.open() as opened:
        assert opened.endpoint == camera.endpoint


async def test_another_model_with_the_same_identity_is_not_taken(camera):
    found = await find_one(seconds=5, address=camera.location)
    other = replace(found, endpoint=NOWHERE, model="ILCE-6000")
    source = SearchingSource(last=other, address=camera.location, seconds=3)
    with pytest.raises(CameraUnreachable, match=r"a DSC-RX100M2 answers .* began with a ILCE-6000"):
        async with source.open():
            pass


@pytest.mark.parametrize(
    ("outcome", "model", "kind"),
    [
        (Outcome.NO_REMOTE, "ILCE-7C", Outcome.PTP_ONLY),
        (Outcome.PTP_ONLY, "ILCE-7C", Outcome.PTP_ONLY),
        (Outcome.NO_REMOTE, "ILCE-6000", Outcome.NO_REMOTE),
        (Outcome.NO_REMOTE, None, Outcome.NO_REMOTE),
        (Outcome.SEND_MODE, "ILCE-7C", Outcome.SEND_MODE),
    ],
)
def test_a_model_known_to_speak_ptp_alone_is_told_so(outcome, model, kind):
    attempt = Attempt(way=FoundBy.SSDP, host="10.0.0.1", asked="http://10.0.0.1", outcome=outcome, said="", model=model)
    told = finding._told_by_its_model(attempt)
    assert told.outcome is kind
    if kind is Outcome.PTP_ONLY:
        (sentence,) = explain_nothing([told])
        assert sentence.endswith("this model cannot be driven.")


def test_a_known_model_settles_the_dialect():
    found = Found(model="DSC-RX100M2", endpoint="http://h/sony/camera", dialect=Dialect.APP, found_by=FoundBy.ADDRESS)
    assert finding._as_its_model(found).dialect is Dialect.LEGACY
    assert finding._as_its_model(replace(found, model="Nobody")).dialect is Dialect.APP


@pytest.fixture
def unused_port():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]
