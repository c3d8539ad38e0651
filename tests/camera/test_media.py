"""The two ways to a camera's card, against a scripted camera: listed whole, put back always, bounded."""

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.camera import Content, Link, contents_transfer, list_contents, list_media, media_transfer, open_camera
from dayspool.camera import contents as contents_module
from dayspool.camera import original as original_module
from dayspool.camera.contents import parse_contents
from dayspool.camera.original import moment_of
from dayspool.errors import CameraConfused, CameraRefused, CameraUnreachable
from tests.card import Card, Picture, served

pytestmark = pytest.mark.anyio


def pictures(count=5, day="2026-04-10", first=0):
    return [Picture(f"DSC{first + k:05d}.JPG", b"x", f"{day}T{k // 60 % 24:02d}:{k % 60:02d}:00") for k in range(count)]


async def media_of(card, **_):
    with served(card) as base:
        async with Link("127.0.0.1") as link, media_transfer(link, f"{base}/upnp/control/XPushList"):
            return await list_media(link, f"{base}/upnp/control/ContentDirectory")


@pytest.mark.parametrize(
    "traits",
    [{}, {"chosen": True}, {"root_refused": True}, {"root_refused": True, "chosen": True}, {"total_told": False}],
    ids=str,
)
async def test_every_picture_of_send_to_smartphone(traits):
    card = Card(pictures(3) + pictures(230, "2026-04-11", first=3), **traits)
    found = await media_of(card)
    assert [one.name for one in found] == [f"DSC{k:05d}.JPG" for k in range(233)]
    assert found[0].size_bytes == 1
    assert card.calls[0] == "X_TransferStart"
    assert card.calls[-1] == "X_TransferEnd 0"


async def test_a_server_that_shows_nothing_is_no_empty_card():
    card = Card([], root_refused=True)
    card.browse = lambda *_: None
    with pytest.raises(CameraRefused, match="701"):
        await media_of(card)


async def test_an_empty_card():
    assert await media_of(Card([])) == ()


async def test_of_a_raw_there_is_a_copy_only():
    card = Card([Picture("DSC09394.ARW", b"x", raw=True)])
    (found,) = await media_of(card)
    assert (found.content, found.size_bytes) == (Content.REDUCED, None)
    assert "/LRG/" in found.url


async def test_a_server_that_repeats_its_first_page_for_ever():
    card = Card(pictures(150), ignores_start=True, total_told=False)
    with anyio.fail_after(20), pytest.raises(CameraConfused, match="repeats"):
        await media_of(card)
    assert card.calls[-1] == "X_TransferEnd 0"


async def test_a_list_that_takes_for_ever(monkeypatch):
    monkeypatch.setattr(original_module, "LISTING_SECONDS", 0.5)
    with served(Card(pictures(3000), function="Contents Transfer", state="ContentsTransfer")) as base:
        async with Link("127.0.0.1") as link, open_camera(f"{base}/sony/camera") as camera:
            with pytest.raises(CameraUnreachable, match="did not end"):
                await list_media(link, f"{base}/upnp/control/ContentDirectory")
            with pytest.raises(CameraUnreachable, match="did not end"):
                await list_contents(camera.line)


async def test_the_transfer_ends_when_everything_else_fails():
    card = Card([])
    with served(card) as base:
        async with Link("127.0.0.1") as link:
            with pytest.raises(ZeroDivisionError):
                async with media_transfer(link, f"{base}/upnp/control/XPushList"):
                    raise ZeroDivisionError
            with anyio.move_on_after(0.2):
                async with media_transfer(link, f"{base}/upnp/control/XPushList"):
                    await anyio.sleep_forever()
    assert card.calls == ["X_TransferStart", "X_TransferEnd 0"] * 2


async def test_a_list_of_days_is_not_cut_in_silence(monkeypatch):
    monkeypatch.setattr("dayspool.camera.contents.MOST_DAYS", 1)
    monkeypatch.setattr("dayspool.camera.contents.PAGE", 1)
    with served(Card(pictures(2) + pictures(2, "2026-04-11", first=2))) as base:
        async with open_camera(f"{base}/sony/camera") as camera, contents_transfer(camera) as line:
            assert len(await list_contents(line, newest=2)) == 2
            with pytest.raises(CameraConfused, match="more than 1 days; ask for the newest alone"):
                await list_contents(line)


async def test_every_picture_of_contents_transfer():
    card = Card(pictures(130) + pictures(4, "2026-04-11", first=130))
    with served(card) as base:
        async with open_camera(f"{base}/sony/camera") as camera, contents_transfer(camera) as line:
            assert card.function == "Contents Transfer"
            found = await list_contents(line)
    assert [one.name for one in found] == [f"DSC{k:05d}.JPG" for k in (133, 132, 131, 130, *range(129, -1, -1))]
    assert {one.size_bytes for one in found} == {None}
    assert card.function == "Remote Shooting"
    assert "deleteContent" not in card.calls


@pytest.mark.parametrize(
    ("wanted", "names"),
    [({"newest": 2}, 4), ({"newest": 5}, 9), ({"since": "2026-04-12T00:00"}, 9), ({"since": "2026-04-01T00:00"}, 14)],
    ids=str,
)
async def test_days_that_cannot_matter_are_not_asked_for(wanted, names):
    card = Card(pictures(5) + pictures(5, "2026-04-11") + pictures(4, "2026-04-12"))
    wanted = {key: moment_of(value) if key == "since" else value for key, value in wanted.items()}
    with served(card) as base:
        async with open_camera(f"{base}/sony/camera") as camera, contents_transfer(camera) as line:
            assert len(await list_contents(line, **wanted)) == names


async def test_a_camera_already_in_contents_transfer_is_put_back_all_the_same():
    card = Card(pictures(1), function="Contents Transfer", state="ContentsTransfer")
    with served(card) as base:
        async with open_camera(f"{base}/sony/camera") as camera:
            with pytest.raises(ZeroDivisionError):
                async with contents_transfer(camera):
                    raise ZeroDivisionError
    assert card.calls.count("setCameraFunction") == 1
    assert card.function == "Remote Shooting"


async def test_a_camera_that_does_not_change_over(monkeypatch):
    monkeypatch.setattr(contents_module, "SWITCH_SECONDS", 0.3)
    with served(Card([], stuck=True)) as base:
        async with open_camera(f"{base}/sony/camera") as camera:
            with pytest.raises(CameraUnreachable, match="did not change to 'Contents Transfer'"):
                async with contents_transfer(camera):
                    pass


async def test_a_camera_that_does_not_come_back_is_told_about(monkeypatch):
    monkeypatch.setattr(contents_module, "SWITCH_SECONDS", 0.3)
    card = Card([], stuck=True, function="Contents Transfer", state="ContentsTransfer")
    with served(card) as base:
        async with open_camera(f"{base}/sony/camera") as camera:
            with pytest.raises(CameraUnreachable, match="switch the camera off and on"):
                async with contents_transfer(camera):
                    pass


@pytest.mark.parametrize("answer", [[], [[]], [{"count": -1}], [{"count": "5"}], [{"count": 10**9}], [None]])
async def test_a_count_that_makes_no_sense(answer, monkeypatch):
    card = Card(pictures(1), function="Contents Transfer", state="ContentsTransfer")
    monkeypatch.setattr(card, "_avContent_getContentCount", lambda *_: {"result": answer}, raising=False)
    with served(card) as base:
        async with open_camera(f"{base}/sony/camera") as camera:
            with pytest.raises(CameraConfused, match="getContentCount"):
                await list_contents(camera.line)


async def test_a_body_without_avcontent():
    with served(Card([], function="Contents Transfer")) as base:
        async with open_camera(f"{base}/sony/camera") as camera:
            with pytest.raises(CameraRefused):
                await camera.line.call("getNothing", service="avContent")


def test_one_picture_in_two_files():
    item = {
        "uri": "image:1",
        "contentKind": "still",
        "createdTime": "2014-08-18T16:06:18+0900",
        "content": {
            "original": [
                {"url": "http://c/1", "fileName": "DSC1.JPG", "stillObject": "jpeg"},
                {"url": "http://c/2", "fileName": "DSC1.ARW", "stillObject": "raw"},
                {"fileName": "no address"},
                None,
            ]
        },
    }
    found = list(parse_contents(item))
    assert [(one.name, one.content) for one in found] == [("DSC1.JPG", Content.JPEG), ("DSC1.ARW", Content.RAW)]
    assert found[0].taken.isoformat() == "2014-08-18T16:06:18+09:00"


def test_a_picture_without_an_original():
    content = {"original": [{"fileName": "DSC1.ARW", "stillObject": "raw"}], "largeUrl": "http://c/L", "smallUrl": "x"}
    (found,) = parse_contents({"contentKind": "still", "content": content})
    assert (found.name, found.url, found.content) == ("DSC1.ARW", "http://c/L", Content.REDUCED)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(
            st.sampled_from(["uri", "url", "content", "original", "contentKind", "createdTime", "fileName", "title"]),
            inside | st.just("still"),
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_item_is_read_or_passed_over(item):
    for one in parse_contents(item):
        assert one.url


@pytest.mark.parametrize("text", ["", "0001-01-01T00:00", "9999-12-31T23:59", "2026-02-30T00:00", None, 5, "x" * 9999])
def test_times_that_are_none(text):
    moment = moment_of(text)
    assert moment is None or moment.tzinfo is not None
