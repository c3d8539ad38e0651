"""What is on the card, by avContent in "Contents Transfer" and by "Send to Smartphone"; whole files, and parts."""

import io
import re
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import anyio
import exifread
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dayspool.clock import SystemClock
from dayspool.sim import PROFILES, Body, Fault, FaultKind, Faults, serving
from dayspool.sim.card import _comments, _fitted
from tests.sim.calls import raw, virtually
from tests.sim.test_doors import get, post, split

CAPTURES = Path(__file__).parents[2].parent / "shared" / "captures"
DIRECTORY = "urn:schemas-upnp-org:service:ContentDirectory:1"
PUSH = "urn:schemas-sony-com:service:XPushList:1"
SOURCE = "storage:memoryCard1"


def on_qx1(main, **character):
    """Run `main(content)` on a QX1 in "Contents Transfer" with two pictures shot, in virtual time."""

    async def prepared(client):
        for _ in range(2):
            await client.ask("actTakePicture")
            while client.body.status.value != "IDLE":
                await client.body.wait_for_change()
        assert await client.ask("getSchemeList", service="avContent") == {"id": 1, "error": [1, "Not Available Now"]}
        await client.ask("setCameraFunction", "Contents Transfer")
        while client.body.status.value != "ContentsTransfer":
            await client.body.wait_for_change()

        async def content(name, *params, version="1.0"):
            return await client.ask(name, *params, version=version, service="avContent")

        return await main(client, content)

    return virtually(prepared, profile=PROFILES["qx1"], **character)


def listing(**wanted):
    return {"uri": SOURCE, "stIdx": 0, "cnt": 100, "type": None, "view": "flat", "sort": "ascending", **wanted}


def test_a_card_is_listed_by_date_and_flat_page_by_page():
    async def main(client, content):
        assert (await content("getSchemeList"))["result"] == [[{"scheme": "storage"}]]
        assert (await content("getSourceList", {"scheme": "storage"}))["result"] == [[{"source": SOURCE}]]
        flat = (await content("getContentList", listing(), version="1.3"))["result"][0]
        days = (await content("getContentList", listing(view="date"), version="1.3"))["result"][0]
        count = (
            await content(
                "getContentCount", {"uri": SOURCE, "type": None, "target": "all", "view": "date"}, version="1.2"
            )
        )["result"]
        assert count == [{"count": len(flat)}]
        assert [day["contentKind"] for day in days] == ["directory"] * 3
        inside = []
        for day in days:
            inside += (await content("getContentList", listing(uri=day["uri"], view="date"), version="1.3"))["result"][
                0
            ]
        assert [item["uri"] for item in inside] == [item["uri"] for item in flat]
        stills = (
            await content("getContentList", listing(uri=days[1]["uri"], view="date", type=["still"]), version="1.3")
        )["result"][0]
        assert {item["contentKind"] for item in stills} == {"still"}
        backwards = (await content("getContentList", listing(sort="descending"), version="1.3"))["result"][0]
        assert backwards == flat[::-1]
        pages = []
        while page := (await content("getContentList", listing(stIdx=len(pages), cnt=2), version="1.3"))["result"][0]:
            assert len(page) <= 2
            pages += page
        assert pages == flat
        assert flat[-1]["createdTime"].startswith("2026-06-20T11:00:")
        pair = next(item for item in flat if len(item["content"]["original"]) == 2)
        assert [(o["stillObject"], bool(o["url"])) for o in pair["content"]["original"]] == [
            ("jpeg", True),
            ("raw", False),
        ]
        assert {item["contentKind"] for item in flat} == {"still", "movie_mp4"}
        return len(flat)

    assert on_qx1(main) == 9


def test_files_come_whole_and_in_parts_and_stay_the_same():
    async def main(client, content):
        flat = (await content("getContentList", listing(), version="1.3"))["result"][0]
        url = flat[-1]["content"]["original"][0]["url"]
        whole = await client.fetch(url)
        picture = Image.open(io.BytesIO(whole.content))
        assert picture.size == client.body.original_px
        assert whole.content == (await client.fetch(url)).content
        assert whole.content.endswith(b"\xff\xd9")
        assert str(exifread.process_file(io.BytesIO(whole.content))["Image Model"]) == "ILCE-QX1"
        small = await client.fetch(flat[-1]["content"]["smallUrl"])
        assert len(small.content) < len(whole.content)
        movie = next(item for item in flat if item["contentKind"] == "movie_mp4")
        assert (await client.fetch(movie["content"]["original"][0]["url"])).content[4:8] == b"ftyp"

    on_qx1(main)


def test_deleting_says_what_it_could_not_do():
    async def main(client, content):
        flat = (await content("getContentList", listing(), version="1.3"))["result"][0]
        protected = next(item for item in flat if item["isProtected"] == "true")
        others = [item["uri"] for item in flat if item["isProtected"] == "false"]
        delete = lambda *uris: content("deleteContent", {"uri": list(uris)}, version="1.1")  # noqa: E731
        assert (await delete(protected["uri"]))["error"][0] == 41000
        assert (await delete("image:content?contentId=none"))["error"][0] == 41001
        endless = "9" * 5000
        assert (await delete(f"image:content?contentId=index_{endless}_1000"))["error"][0] == 41001
        assert (await client.send(client.body.ports.media, f"/contentstransfer/orig/{endless}/x")).status == 404
        assert (await delete(others[0]))["result"] == []
        assert (await delete(others[1], protected["uri"]))["error"][0] == 41003
        left = (await content("getContentList", listing(), version="1.3"))["result"][0]
        assert [item["uri"] for item in left] == [item["uri"] for item in flat if item["uri"] not in others[:2]]

    on_qx1(main)


@pytest.mark.parametrize(
    ("name", "params", "version", "code"),
    [
        ("getContentList", [listing(cnt=101)], "1.3", 3),
        ("getContentList", [listing(stIdx=-1)], "1.3", 3),
        ("getContentList", [listing(view=["flat"])], "1.3", 3),
        ("getContentList", [listing(uri="storage:usb")], "1.3", 41001),
        ("getContentList", [], "1.3", 3),
        ("getContentList", [listing()], "1.0", 14),
        ("getSourceList", [{"scheme": "fm"}], "1.0", 3),
        ("deleteContent", [{"uri": []}], "1.1", 3),
        ("deleteContent", [{"uri": ["x"] * 101}], "1.1", 3),
        ("setStreamingContent", [{"uri": "x", "remotePlayType": "simpleStreaming"}], "1.0", 15),
    ],
)
def test_nonsense_is_refused(name, params, version, code):
    async def main(client, content):
        return (await content(name, *params, version=version))["error"][0]

    assert on_qx1(main) == code


def test_without_a_card_there_is_nothing():
    async def main(client, content):
        return (await content("getContentList", listing(), version="1.3"))["error"]

    fault = Fault(kind=FaultKind.NO_CARD, begins=60)

    async def later(client, content):
        await anyio.sleep(100)
        return await main(client, content)

    assert on_qx1(later, faults=Faults((fault,))) == [41002, "Storage Has Been Removed"]


def test_evil_names_are_told_when_wanted():
    async def main(client, content):
        flat = (await content("getContentList", listing(), version="1.3"))["result"][0]
        original = flat[0]["content"]["original"][0]
        assert (await client.fetch(original["url"])).status == 200
        return original["fileName"]

    assert on_qx1(main, faults=Faults((Fault(kind=FaultKind.EVIL_NAMES),))) == "../../xDSC00001.JPG"


@given(st.integers(0, 200_000).filter(lambda size: size not in (1, 2, 3)))
def test_any_padding_is_made_of_whole_segments(size):
    padding = _comments(size)
    assert len(padding) == size
    at = 0
    while at < size:
        assert padding[at : at + 2] == b"\xff\xfe"
        at += 2 + int.from_bytes(padding[at + 2 : at + 4], "big")
    assert at == size


@pytest.mark.parametrize("size", [9_000, 30_000, 200_001])
def test_a_picture_is_fitted_to_its_size_and_stays_a_picture(size):
    buffer = io.BytesIO()
    Image.effect_noise((200, 140), 60).convert("RGB").save(buffer, "JPEG", quality=92)
    fitted = _fitted(buffer.getvalue(), size)
    assert len(fitted) == size
    Image.open(io.BytesIO(fitted)).load()


# -- Send to Smartphone -----------------------------------------------------------------------------------------------


class Sending:
    """A camera in "Send to Smartphone" on sockets, and a control point without the project's client."""

    def __init__(self, body, endpoints):
        self.body, self.ports = body, endpoints.ports

    async def call(self, service, action, quoted=True, **arguments):
        path = "/upnp/control/" + service.split(":")[-2]
        rows = "".join(f"<{name}>{value}</{name}>" for name, value in arguments.items())
        content = (
            '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
            f'<u:{action} xmlns:u="{service}">{rows}</u:{action}></s:Body></s:Envelope>'
        ).encode()
        name = f'"{service}#{action}"' if quoted else f"{service}#{action}"
        return split(
            await raw(self.ports.description, post(path, content, f"SOAPAction: {name}", "Content-Type: text/xml"))
        )

    async def browse(self, object_id, start=0, count=0, flag="BrowseDirectChildren"):
        status, _, content = await self.call(
            DIRECTORY,
            "Browse",
            ObjectID=object_id,
            BrowseFlag=flag,
            Filter="*",
            StartingIndex=start,
            RequestedCount=count,
            SortCriteria="",
        )
        assert status.endswith("200 OK"), content
        page = {element.tag.rpartition("}")[2]: element.text for element in ElementTree.fromstring(content).iter()}
        return page, list(ElementTree.fromstring(page["Result"]))


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
async def sending():
    body = Body(clock=SystemClock(), profile=PROFILES["a6100-send"], picture_px=(240, 160))
    async with serving(body, port=0, ssdp=False) as endpoints:
        yield Sending(body, endpoints)


@pytest.mark.anyio
async def test_a_whole_transfer(sending):
    assert (await sending.call(PUSH, "X_TransferStart"))[0].endswith("200 OK")
    _, (root,) = await sending.browse("0")
    assert root.get("id") in {"PhotoRoot", "PushRoot"}
    page, days = await sending.browse(root.get("id"))
    assert int(page["TotalMatches"]) == len(days) == int(root.get("childCount"))
    items = []
    for day in days:
        while True:
            page, some = await sending.browse(
                day.get("id"), start=sum(i.get("parentID") == day.get("id") for i in items), count=2
            )
            assert int(page["NumberReturned"]) == len(some) <= 2
            items += some
            if not some:
                break
    titles = [item.findtext("{http://purl.org/dc/elements/1.1/}title") for item in items]
    assert titles == [
        "DSC00001.JPG",
        "DSC00002.JPG",
        "DSC00003.JPG",
        "DSC00004.JPG",
        "DSC00005.JPG",
        "DSC00006.ARW",
        "C0007.MP4",
    ]
    for item in items:
        for res in [row for row in item if row.tag.endswith("res")]:
            reply = await raw(sending.ports.files, get("/" + res.text.split("/", 3)[3]))
            assert reply.startswith(b"HTTP/1.1 200 OK"), res.text
            if res.get("size"):
                assert len(split(reply)[2]) == int(res.get("size"))
            if res.get("resolution"):
                assert "{}x{}".format(*Image.open(io.BytesIO(split(reply)[2])).size) == res.get("resolution")
    kept = [
        [urlsplit(row.text).path[1:].partition("_")[0] for row in item if row.tag.endswith("res")] for item in items
    ]
    assert kept[0] == ["LRG", "SM", "TN", "ORG"]
    assert kept[5] == ["LRG", "SM", "TN"], "RAW never leaves the camera"
    assert (await sending.call(PUSH, "X_TransferEnd", ErrCode=0))[0].endswith("200 OK")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-9", "206 Partial Content", slice(0, 10)),
        ("bytes=100-", "206 Partial Content", slice(100, None)),
        ("bytes=-7", "206 Partial Content", slice(-7, None)),
        ("bytes=5-2", "200 OK", slice(None)),
        ("bytes=0-1,4-5", "200 OK", slice(None)),
        ("lines=1-2", "200 OK", slice(None)),
        ("bytes=99999999-", "416 Range Not Satisfiable", slice(0, 0)),
    ],
)
async def test_a_part_of_a_file_can_be_asked_for(sending, asked, status, part):
    path = "/ORG_DSC00001.JPG?%21x"
    whole = split(await raw(sending.ports.files, get(path)))[2]
    reply = await raw(sending.ports.files, get(path, f"Range: {asked}"))
    line, _, content = split(reply)
    assert line.endswith(status) or (status.startswith("416") and " 416 " in line)
    assert content == whole[part]
    if status.startswith("206"):
        first, last, total = map(int, re.search(rb"Content-Range: bytes (\d+)-(\d+)/(\d+)", reply).groups())
        assert (last - first + 1, total) == (len(content), len(whole))


@pytest.mark.anyio
async def test_faults_are_told_as_upnp_has_them(sending):
    async def code(*args, **kwargs):
        status, _, content = await sending.call(*args, **kwargs)
        assert "500" in status
        return int(re.search(rb"<errorCode>(\d+)<", content)[1])

    good = {"ObjectID": "0", "BrowseFlag": "BrowseDirectChildren", "StartingIndex": 0, "RequestedCount": 1}
    assert await code(DIRECTORY, "Browse", **{**good, "ObjectID": "99"}) == 701
    assert await code(DIRECTORY, "Browse", **{**good, "BrowseFlag": "All"}) == 402
    assert await code(DIRECTORY, "Browse", **{**good, "StartingIndex": -1}) == 402
    assert await code(DIRECTORY, "DestroyObject", ObjectID="0") == 401
    assert await code(PUSH, "X_TransferEnd") == 402
    assert await code(DIRECTORY, "Browse", quoted=False, **good) == 401
    for nonsense in (b"", b"<a", b"\xff\xfe", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'):
        reply = await raw(
            sending.ports.description,
            post("/upnp/control/ContentDirectory", nonsense, f'SOAPAction: "{DIRECTORY}#Browse"'),
        )
        assert b"<errorCode>402<" in reply


@pytest.mark.anyio
async def test_the_root_is_written_as_it_was_recorded(sending):
    if not CAPTURES.parent.exists():
        pytest.skip("../shared is not here")
    recorded = (CAPTURES / "ILCE-6300/soap-browse-root.xml").read_bytes().strip()
    _, _, ours = await sending.call(
        DIRECTORY, "Browse", ObjectID="0", BrowseFlag="BrowseDirectChildren", StartingIndex=0, RequestedCount=50
    )
    plain = lambda page: re.sub(rb'childCount="\d+"', b'childCount="1"', page).replace(b"PushRoot", b"PhotoRoot")  # noqa: E731
    assert plain(ours) == plain(recorded)


@pytest.mark.anyio
async def test_items_have_the_parts_that_were_recorded(sending):
    if not CAPTURES.parent.exists():
        pytest.skip("../shared is not here")
    recorded = (
        (CAPTURES / "ILCE-6300/soap-browse-items.trimmed-by-source.txt")
        .read_text()
        .split("-->")[1]
        .replace("dc:", "")
        .replace("upnp:", "")
    )
    theirs = ElementTree.fromstring(recorded)[1]
    _, (root,) = await sending.browse("0")
    _, (day, *_) = await sending.browse(root.get("id"))
    _, (ours, *_) = await sending.browse(day.get("id"))
    names = [element.tag.rpartition("}")[2] for element in ours]
    assert [name for name in names if name != "contentType"] == [element.tag for element in theirs]
    assert [row.get("protocolInfo") for row in ours if row.tag.endswith("res")] == [
        row.get("protocolInfo") for row in theirs if row.tag == "res"
    ]
    assert set(ours.attrib) == set(theirs.attrib)
