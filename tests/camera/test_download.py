"""Large files over real sockets: continued where they stopped, never mixed, never larger or slower than allowed."""

import io

import anyio
import pytest

from dayspool.camera import Link, download
from dayspool.camera.download import OVERLAP_BYTES, _take
from dayspool.camera.link import Portion
from dayspool.errors import CameraConfused, CameraRefused, CameraUnreachable
from tests.card import Card, Picture, jpeg, served

pytestmark = [
    pytest.mark.anyio,
    # The HTTP library nests generators that only asyncio finalises quietly when a body is left unread.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

WHOLE = jpeg(1, size_bytes=200_000)
OTHER = jpeg(2, size_bytes=200_000)


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


def card_with(data=WHOLE, **traits):
    return Card([Picture("DSC00001.JPG", data)], **traits)


async def fetched(card, held=b"", **options):
    """Return what the file holds after a download that began with `held`."""
    file = io.BytesIO(held)
    with served(card) as base:
        async with Link("127.0.0.1") as link:
            size = await download(link, f"{base}/ORG/0", file, **options)
    assert size == len(file.getvalue())
    return file.getvalue()


async def failed(error, card, held=b"", match=None, **options):
    """Return what the file holds after a download that failed with `error`."""
    file = io.BytesIO(held)
    with served(card) as base:
        async with Link("127.0.0.1") as link:
            with pytest.raises(error, match=match):
                await download(link, f"{base}/ORG/0", file, **options)
    return file.getvalue()


@pytest.mark.parametrize("expected_bytes", [None, len(WHOLE)])
@pytest.mark.parametrize("length", [True, False])
async def test_from_the_beginning(expected_bytes, length):
    heard = []
    card = card_with(length=length)
    assert await fetched(card, expected_bytes=expected_bytes, told=heard.append) == WHOLE
    assert heard == sorted(heard)
    assert heard[-1] == len(WHOLE)
    assert card.asked == [""]


@pytest.mark.parametrize("expected_bytes", [None, len(WHOLE)])
@pytest.mark.parametrize("held", [OVERLAP_BYTES + 1, 100_000, len(WHOLE) - 1, len(WHOLE)])
async def test_going_on_where_it_stopped(held, expected_bytes):
    card = card_with()
    assert await fetched(card, WHOLE[:held], expected_bytes=expected_bytes) == WHOLE
    assert card.asked == [f"bytes={held - OVERLAP_BYTES}-"], "only what is missing, and a little to compare"


@pytest.mark.parametrize(
    "held",
    [
        OTHER[:100_000],
        WHOLE[:90_000] + bytes(10_000),
        WHOLE + b"more",
        WHOLE + bytes(OVERLAP_BYTES * 2),
        WHOLE[: OVERLAP_BYTES // 2],
    ],
    ids=["another picture", "zeros after a power cut", "too long", "far too long", "too short to compare"],
)
@pytest.mark.parametrize("expected_bytes", [None, len(WHOLE)])
async def test_a_part_of_something_else_is_begun_anew(held, expected_bytes):
    assert await fetched(card_with(), held, expected_bytes=expected_bytes) == WHOLE


async def test_a_server_that_knows_no_ranges_starts_over():
    card = card_with(ranges=False)
    assert await fetched(card, WHOLE[:100_000]) == WHOLE
    assert len(card.asked) == 1, "its answer is used, not asked for again"


@pytest.mark.parametrize("told", ["bytes 0-9/10", "bytes 1-2/3", "items 5-6/7", "", "bytes */200000", "bytes 9-x/1"])
async def test_a_wrong_content_range(told):
    assert await failed(CameraConfused, card_with(content_range=told or " "), WHOLE[:100_000]) == WHOLE[:100_000]


@pytest.mark.parametrize("length", [True, False])
async def test_a_line_that_breaks_keeps_what_came(length):
    kept = await failed(CameraUnreachable, card_with(cut_after=70_000, length=length), expected_bytes=len(WHOLE))
    assert kept == WHOLE[:70_000]


async def test_what_came_of_an_untold_length_is_told():
    with pytest.raises(CameraUnreachable, match="only 2 bytes came") as caught:
        await _take(
            Portion(start=0, total_bytes=None, chunks=nothing()), "http://x/", io.BytesIO(b"ab"), b"ab", None, 99, None
        )
    assert "None" not in str(caught.value)


async def nothing():
    for chunk in ():
        yield chunk


async def test_a_broken_line_mended():
    card = card_with(cut_after=70_000, cuts=2)
    held = b""
    for _ in range(2):
        held = await failed(CameraUnreachable, card, held, expected_bytes=len(WHOLE))
    assert await fetched(card, held, expected_bytes=len(WHOLE)) == WHOLE
    assert card.asked == ["", f"bytes={70_000 - OVERLAP_BYTES}-", f"bytes={140_000 - 2 * OVERLAP_BYTES}-"]


@pytest.mark.parametrize("status", [302, 403, 404, 500, 503])
async def test_another_status(status):
    assert await failed(CameraRefused, card_with(status=status), match=str(status)) == b""


@pytest.mark.parametrize(
    ("options", "length"),
    [({"expected_bytes": 150_000}, True), ({"expected_bytes": 150_000}, False), ({"expected_bytes": 250_000}, True)],
)
async def test_another_size_than_the_list_said(options, length):
    await failed(CameraConfused, card_with(length=length), **options)


@pytest.mark.parametrize("length", [True, False])
async def test_a_file_beyond_the_cap(length):
    kept = await failed(CameraConfused, card_with(length=length), cap_bytes=50_000)
    assert len(kept) <= 50_000 + (64 << 10)


async def test_a_byte_now_and_then_is_as_good_as_silence():
    with anyio.fail_after(5):
        await failed(CameraUnreachable, card_with(drip=True), idle_seconds=0.3)


async def test_another_host_is_not_asked():
    async with Link("127.0.0.1") as link:
        with pytest.raises(CameraConfused, match="another host"):
            await download(link, "http://127.0.0.2:9/ORG/0", io.BytesIO())


@pytest.mark.slow
async def test_a_hundred_megabytes_where_they_are_allowed(tmp_path):
    data = WHOLE * 500
    with (tmp_path / "large").open("w+b") as file, served(card_with(data)) as base:
        async with Link("127.0.0.1") as link:
            assert await download(link, f"{base}/ORG/0", file, cap_bytes=len(data)) == len(data)
            with pytest.raises(CameraConfused, match="larger than"):
                await download(link, f"{base}/ORG/0", io.BytesIO())
