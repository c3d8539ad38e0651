"""Every setting a camera lets one set: set to what it says it can be, in a person's words, and back again."""

from __future__ import annotations

from dayspool.camera.rpc import Code
from dayspool.camera.settings import read_settings
from dayspool.errors import CameraRefused
from tests.conformance.stage import on_sockets, stands

MOST_VALUES = 6
# Each mode lets other settings be set; the function takes the camera away from shooting (see test_originals).
MODES = ("shoot-mode", "exposure-mode")
ELSEWHERE = (*MODES, "camera-function")
SHIFT = "program-shift"  # its events tell no more than whether it is shifted


@stands(changing=True)
def test_every_writable_setting_goes_round_and_back(name):
    async def play(scene):
        camera, done = scene.camera, set()
        camera.line.courtesy.spacing_seconds = 0.0  # a thousand calls, to a body that needs no pauses
        before = {setting.name: setting.value for setting in await settings_of(camera)}
        await go_round_all(camera, done)
        for mode in MODES:
            kept = await setting_of(camera, mode)
            if kept is None or not kept.writable:
                continue
            for value in kept.choices:
                if await changed(camera, mode, value):
                    await go_round_all(camera, done)
            assert await changed(camera, mode, kept.value)
        writable = {setting.name for setting in await settings_of(camera) if setting.writable}
        assert writable <= done | set(ELSEWHERE)
        after = {setting.name: setting.value for setting in await settings_of(camera)}
        assert after.keys() == before.keys()
        assert {key: value for key, value in after.items() if key != SHIFT} == {
            key: value for key, value in before.items() if key != SHIFT
        }

    on_sockets(name, play, prepared=True)


async def settings_of(camera):
    """Return all settings as they are now."""
    return (await camera.info()).settings


async def setting_of(camera, name):
    """Return one setting as it is now."""
    events, methods = await camera.events.whole(), await camera.methods()
    return next(iter(await read_settings(camera.line, events, methods, names=(name,))), None)


async def go_round_all(camera, done):
    """Take every setting round that can be set in this mode and was not in another."""
    for setting in await settings_of(camera):
        if setting.writable and setting.name not in done and setting.name not in ELSEWHERE:
            done.add(setting.name)
            assert setting.choices, f"{setting.name} can be set, and to nothing"
            back = () if setting.name == SHIFT else (setting.value,)
            for value in (*sampled(setting.choices), *back):
                if not await changed(camera, setting.name, value):
                    break


def sampled(choices):
    """Return at most so many choices, the first and the last among them."""
    last = len(choices) - 1
    places = range(len(choices)) if last < MOST_VALUES else (last * k // (MOST_VALUES - 1) for k in range(MOST_VALUES))
    return tuple(choices[place] for place in places)


async def changed(camera, name, value):
    """Set a setting, check that the camera now says so itself, and return whether it let itself be set."""
    try:
        said = await camera.set(name, value)
    except CameraRefused as error:
        if error.code in (Code.FORBIDDEN, Code.SERVER_ERROR):  # for licensed programs; an ILCE-6300's movie mode
            return False
        raise
    now = await setting_of(camera, name)
    if name == SHIFT:
        assert now.value == "shifted"
    else:
        assert (now.value, now.raw) == (said.value, said.raw)
        assert now.value == value
    return True
