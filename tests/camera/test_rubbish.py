"""Whatever a camera answers, of whatever type: an error of ours or a plain result, in bounded time, one shot only."""

from contextlib import suppress

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayspool.errors import CameraError
from tests.camera.scripted import BASIC, HALF_PRESSING, talk, told

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(["IDLE", "still", ""]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "dg", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
replies = (
    st.lists(values, max_size=3)
    | st.tuples(st.sampled_from([1, 2, 3, 12, 14, 403, 500, 40400, 40401, 40402, 40403]), st.just("words"))
    | st.sampled_from([404, 500, 503, 200])
    | st.sampled_from(
        [[HALF_PRESSING], [BASIC], [[*BASIC, "startRecMode"]], told(), told("NotReady"), told(mode="movie")]
    )
)
METHODS = ("getAvailableApiList", "getVersions", "getEvent", "receiveEvent", "startRecMode", "setShootMode")
SHUTTER = ("actTakePicture", "awaitTakePicture", "actHalfPressShutter", "startBulbShooting", "stopBulbShooting")


@pytest.mark.parametrize("path", ["/camera", "/sony/camera"])
@given(script=st.dictionaries(st.sampled_from((*METHODS, *SHUTTER)), replies, max_size=8))
@settings(max_examples=60, deadline=None)
def test_any_answers_end_in_an_error_of_ours_or_a_picture(path, script):
    async def play(camera):
        began = anyio.current_time()
        with suppress(CameraError):
            await camera.prepare()
        ready = anyio.current_time()
        with suppress(CameraError):
            assert isinstance(await camera.take_picture(), str)
        shot = anyio.current_time()
        with suppress(CameraError):
            await camera.bulb(1)
        return ready - began, shot - ready, anyio.current_time() - shot

    (ready, shot, bulb), camera = talk(play, path=path, **script)
    assert ready <= 30
    assert shot <= 200
    assert bulb <= 90
    assert camera.methods.count("actTakePicture") <= 1
