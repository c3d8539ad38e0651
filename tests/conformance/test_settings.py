"""Every setting a camera lets one set: set to what it says it can be, in a person's words, and back again.

What can be set, and to what, is read off the simulated body: the client's own judgement is what is judged.
"""

from __future__ import annotations

import anyio
import pytest

from dayspool.camera.kinds import KINDS
from dayspool.camera.rpc import Code
from dayspool.camera.settings import read_settings
from dayspool.errors import CameraRefused
from dayspool.sim.groups import GROUPS, Shape
from tests.conformance.stage import on_sockets, stands

MOST_VALUES = 6
NAMES = {kind.group: kind.name for kind in KINDS}
# Each mode lets other settings be set; the function takes the camera away from shooting (see test_originals).
MODES = ("ShootMode", "ExposureMode")
ELSEWHERE = {*MODES, "CameraFunction"}
LISTED = {Shape.TEXT, Shape.NUMBER, Shape.OBJECT}  # their choices travel as one list of values
SHIFT = "program-shift"  # its events tell no more than whether it is shifted


@stands(changing=True)
def test_every_writable_setting_goes_round_and_back(name):
    async def play(scene):
        scene.camera.line.courtesy.spacing_seconds = 0.0  # a thousand calls, to a body that needs no pauses
        await begin_liveview(scene)
        before = await values(scene)
        done, due = set(), set()
        await go_round_all(scene, done, due)
        for mode in MODES:
            kept = scene.body.settings.get(mode)
            for value in settable(scene).get(mode, ()):
                if await changed(scene, mode, value):
                    await go_round_all(scene, done, due)
            if mode in settable(scene):
                assert await changed(scene, mode, kept)
        assert done == due
        after = await values(scene)
        assert {**after, "ProgramShift": None} == {**before, "ProgramShift": None}

    on_sockets(name, play, prepared=True)


async def begin_liveview(scene):
    """Start liveview on a body that lets settings be set under it only, and wait until it does."""
    offers = [offer for offer in scene.profile.offers if offer.name.startswith("set") and offer.when.liveview]
    if offers:
        await scene.call("startLiveview")
        await anyio.sleep(2 * max(offer.when.liveview_seconds for offer in offers))


def settable(scene):
    """Return what the body lets be set now: the choices by group, as its model has them."""
    state, offers = scene.body.state, scene.profile.offers
    offered = {offer.name for offer in offers if offer.when.holds(state)}
    choices = {setting.group: scene.body.settings.choices(setting.group, state) for setting in scene.profile.settings}
    return {group: some for group, some in choices.items() if some and f"set{group}" in offered}


async def values(scene):
    """Return the value of every setting, as the body has it, and as the client reads it where it does."""
    read = {setting.name: setting.value for setting in (await scene.camera.info()).settings}
    return {group: (value, read.get(NAMES[group])) for group, value in scene.body.settings.values.items()}


async def setting_of(camera, name):
    """Return one setting as it is now."""
    events, methods = await camera.events.whole(), await camera.methods()
    return next(iter(await read_settings(camera.line, events, methods, names=(name,))))


async def go_round_all(scene, done, due):
    """Take every setting round that can be set in this mode and was not in another."""
    now = settable(scene)
    due |= now.keys() - ELSEWHERE
    settings = {setting.name: setting for setting in (await scene.camera.info()).settings}
    writable = {group for group, name in NAMES.items() if name in settings and settings[name].writable}
    assert writable - ELSEWHERE == now.keys() - ELSEWHERE  # a mode dialled on the body is listed, and to nothing
    for group, choices in now.items():
        setting = settings[NAMES[group]]
        if GROUPS[group].shape in LISTED:
            assert setting.raw_choices == choices
        if group not in done | ELSEWHERE:
            back = () if setting.name == SHIFT else (setting.value,)
            tried = [await changed(scene, group, value) for value in (*sampled(setting.choices), *back)]
            assert len(tried) > 1
            done.add(group)


def sampled(choices):
    """Return at most so many choices, the first and the last among them."""
    last = len(choices) - 1
    places = range(len(choices)) if last < MOST_VALUES else (last * k // (MOST_VALUES - 1) for k in range(MOST_VALUES))
    return tuple(choices[place] for place in places)


async def changed(scene, group, value):
    """Set a setting, check that the body has it and the client reads so, and return whether it let itself be set."""
    name, before = NAMES[group], scene.body.settings[group]
    code = await refusal_of(scene, group, value)
    if code is not None:
        with pytest.raises(CameraRefused) as caught:
            await scene.camera.set(name, value)
        assert caught.value.code == code
        assert scene.body.settings[group] == before
        return False
    said = await scene.camera.set(name, value)
    has, now = scene.body.settings[group], await setting_of(scene.camera, name)
    assert (said.value, said.raw) == (value, has)
    assert (now.value, now.raw) == (value, has) if name != SHIFT else now.raw is bool(has)
    return True


async def refusal_of(scene, group, value):
    """Return how a body declines what it offers: kept to licensed programs, or a mishap of its own; else `None`."""
    if f"set{group}" in scene.profile.gated:
        same = value == (await setting_of(scene.camera, NAMES[group])).value  # then nothing is asked of it
        return None if same else Code.FORBIDDEN
    return Code.SERVER_ERROR if (f"set{group}", (value,)) in scene.profile.quirks.http_500 else None
