"""Events under both names and in all versions, and what their errors mean."""

import pytest

from dayspool.camera import CameraStatus
from dayspool.errors import CameraBusy, CameraRefused
from tests.camera.scripted import BASIC, talk, told


async def status(camera):
    return await camera.status()


@pytest.mark.parametrize(
    ("versions", "newest"),
    [
        ([["1.0", "1.1", "1.2", "1.3", "1.4"]], "1.4"),
        ([["1.0", "1.1"]], "1.1"),
        ([["1.0"]], "1.0"),
        ([["7.5"]], "1.0"),
        ((12, "getVersions"), "1.0"),
        (["rubbish"], "1.0"),
    ],
)
def test_the_newest_version_spoken_is_used(versions, newest):
    _, camera = talk(status, getVersions=versions, getEvent=told())
    assert camera.calls[-1].version == newest


def test_a_version_it_does_not_speak_after_all_is_lowered_and_kept():
    def events(call):
        return told() if call.version <= "1.2" else (14, "Unsupported Version")

    async def play(camera):
        await camera.status()
        await camera.status()
        await camera.news(CameraStatus())

    _, camera = talk(play, getVersions=[["1.0", "1.4"]], getEvent=events)
    assert [call.version for call in camera.calls if call.method == "getEvent"] == ["1.4", "1.3", "1.2", "1.2", "1.2"]


@pytest.mark.parametrize(
    ("path", "name"), [("/camera", "getEvent"), ("/sony/camera", "receiveEvent"), ("/sony/camera", "getEvent")]
)
def test_whichever_name_answers_is_kept(path, name):
    async def play(camera):
        for _ in range(2):
            assert (await camera.status()).is_idle

    _, camera = talk(play, path=path, getVersions=[["1.0"]], **{name: told()})
    assert camera.methods[-1] == camera.methods[-2] == name


def test_a_camera_with_neither_is_refused():
    async def play(camera):
        with pytest.raises(CameraRefused) as caught:
            await camera.status()
        return caught.value.code

    assert talk(play)[0] == 12


def test_the_list_decides_the_name():
    async def play(camera):
        camera.events.offered(("receiveEvent",))
        await camera.status()

    _, camera = talk(play, receiveEvent=told())
    assert camera.methods == ["receiveEvent"]


@pytest.mark.parametrize(("hiccups", "works"), [(1, True), (2, True), (3, False)])
def test_a_hiccup_is_asked_again_at_once_but_not_for_ever(hiccups, works):
    async def play(camera):
        if works:
            assert (await camera.status()).is_idle
        else:
            with pytest.raises(CameraBusy):
                await camera.status()

    _, camera = talk(
        play,
        getVersions=[["1.0"]],
        getEvent=lambda call: (1, "Not Available Now") if call.times <= hiccups else told(),
    )
    assert camera.methods.count("getEvent") <= 3


@pytest.mark.parametrize("reply", [(2, "Timeout"), (40402, "Already Running Polling API"), (1, "x"), (40401, "x")])
def test_no_news(reply):
    known = CameraStatus(state="IDLE")

    async def play(camera):
        return await camera.news(known)

    assert talk(play, getEvent=reply)[0] is known


def test_news_is_merged_and_remembered():
    async def play(camera):
        await camera.status()
        news = await camera.news(camera.known)
        return news, camera.known

    (news, known), _ = talk(
        play,
        getVersions=[["1.0"]],
        getEvent=lambda call: told("StillCapturing", mode="still") if call.times == 1 else told("IDLE"),
    )
    assert (news.state, news.shoot_mode) == ("IDLE", "still")
    assert known == news


def test_waiting_for_idle_neither_spins_nor_needs_the_long_poll():
    async def play(camera):
        return await camera.until_idle()

    def events(call):
        if call.params == [True]:
            return (40402, "Already Running Polling API")
        return told("IDLE" if call.at > 3 else "StillSaving", methods=BASIC)

    result, camera = talk(play, getVersions=[["1.0"]], getEvent=events)
    assert result.is_idle
    assert len(camera.calls) < 40
