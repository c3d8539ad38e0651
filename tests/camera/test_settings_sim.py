"""Settings and focus frames against simulated cameras: what it says it can be, it becomes, in a person's words."""

from __future__ import annotations

import pytest

from dayspool.camera import open_camera
from dayspool.camera.rpc import Code
from dayspool.clock import LoopClock, SystemClock
from dayspool.errors import CameraRefused, PlanError
from dayspool.sim import Body, serving
from dayspool.sim.models import PROFILES
from dayspool.testing import InMemoryTransport, run_virtually

# These change what else can be set, and the function takes the camera away from shooting.
MODES = ("shoot-mode", "exposure-mode", "camera-function")
SPEAKING = sorted(name for name, profile in PROFILES.items() if profile.json and not profile.ptp_only)


def talk(name, play):
    """Run `play(camera)` against a simulated camera in virtual time, once it stands."""
    profile = PROFILES[name]

    async def main(clock: LoopClock):
        body = Body(clock=clock, profile=profile, seed=5, picture_px=(48, 32))
        endpoint = f"http://{profile.address}:{profile.ports.control}{profile.service_base}/camera"
        transport = InMemoryTransport(body)
        async with open_camera(endpoint, model=profile.model, transport=transport) as camera:
            await camera.prepare()
            return await play(camera)

    return run_virtually(main)


@pytest.mark.parametrize("name", SPEAKING)
def test_every_writable_setting_goes_round(name):
    async def play(camera):
        for setting in (await camera.info()).settings:
            if setting.writable and setting.name not in MODES:
                await goes_round(camera, setting)

    talk(name, play)


async def goes_round(camera, setting):
    """Set the first choice, the last and what it was; each time the camera then says so itself."""
    for choice in dict.fromkeys((*setting.choices[:1], *setting.choices[-1:], setting.value)):
        if setting.name == "program-shift" and choice == setting.value:
            continue
        try:
            changed = await camera.set(setting.name, choice.lower())
        except CameraRefused as error:
            if error.code == Code.FORBIDDEN:  # flash on a WX350: listed, and for licensed programs only
                return
            raise
        (now,) = [one for one in (await camera.info()).settings if one.name == setting.name]
        if setting.name == "program-shift":  # which tells no more than whether it is shifted
            assert now.value == "shifted"
        else:
            assert (now.value, now.raw) == (changed.value, changed.raw)
            assert now.value == choice


@pytest.mark.parametrize("name", SPEAKING)
def test_every_value_is_shown_and_among_its_choices(name):
    async def play(camera):
        return (await camera.info()).settings

    settings = talk(name, play)
    assert settings
    for setting in settings:
        assert setting.value is not None, setting
        if setting.choices and setting.name != "program-shift":
            assert setting.raw in setting.raw_choices, setting
            assert setting.value in setting.choices, setting


@pytest.mark.parametrize("name", SPEAKING)
def test_every_text_that_is_no_value_is_answered_with_the_choices(name):
    async def play(camera):
        for setting in (await camera.info()).settings:
            if setting.writable and setting.choices:
                with pytest.raises(PlanError, match="the choices are") as caught:
                    await camera.set(setting.name, "poetry")
                assert setting.choices[0] in str(caught.value)

    talk(name, play)


@pytest.mark.anyio
async def test_focus_frames_come_when_asked_for_and_only_then():
    profile = PROFILES["a5000"]
    body = Body(clock=SystemClock(), profile=profile, seed=5, picture_px=(48, 32), speed=50)
    async with serving(body, port=0, ssdp=False) as served, open_camera(served.endpoint, model=profile.model) as camera:
        await camera.start()
        for focus in (True, False):
            async with camera.liveview(focus=focus) as frames:
                assert bool([frame async for frame in first(frames, 3)][-1].focus) is focus


async def first(frames, count):
    """Yield so many frames."""
    async for frame in frames:
        yield frame
        count -= 1
        if not count:
            return
