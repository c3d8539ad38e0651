"""The liveview parser: whole streams, split streams, hostile streams."""

from __future__ import annotations

import struct
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.camera.liveview import PAYLOAD_CAP_BYTES, FocusArea, LiveviewFrame, LiveviewParser
from dayspool.picture.jpeg import jpeg_end

MAGIC = b"\x24\x35\x68\x79"
THUMBNAIL = b"\xff\xd8 a thumbnail with its own end \xff\xd9"


def jpeg(scan: bytes = b"picture", *, segment: bytes = THUMBNAIL) -> bytes:
    app1 = b"\xff\xe1" + (len(segment) + 2).to_bytes(2) + segment
    return b"\xff\xd8" + app1 + b"\xff\xda\x00\x03\x01" + scan.replace(b"\xff", b"\xff\x00") + b"\xff\xd9"


def head(size: int, *, kind: int = 1, sequence: int = 1, timestamp: int = 0, padding: int = 0) -> bytes:
    start = b"\xff" + bytes([kind]) + sequence.to_bytes(2) + timestamp.to_bytes(4)
    return start + MAGIC + size.to_bytes(3) + bytes([padding]) + bytes(120)


def packet(
    payload: bytes, *, lie: int = 0, kind: int = 1, sequence: int = 1, timestamp: int = 0, padding: bytes = b""
) -> bytes:
    """A packet; `lie` is by how much its size is wrong."""
    size = max(0, len(payload) + lie)
    return head(size, kind=kind, sequence=sequence, timestamp=timestamp, padding=len(padding)) + payload + padding


def focus_packet(*records: tuple[int, ...], count: int | None = None, each: int = 16, lie: int = 0) -> bytes:
    """A packet of focus frames; `count` and `each` are what its head says, `lie` by how much its size is wrong."""
    payload = b"".join(struct.pack(">4H3B5x", *record).ljust(each, b"\0") for record in records)
    told = struct.pack(">HHH", 0x0100, len(records) if count is None else count, each)
    return head(len(payload) + lie, kind=2)[:16] + told + bytes(114) + payload


def parse(*chunks: bytes) -> list[LiveviewFrame]:
    parser = LiveviewParser()
    return [frame for chunk in chunks for frame in parser.receive(chunk)]


scans = st.binary(max_size=200).filter(lambda scan: MAGIC not in scan)
CAP = 6000
# Other packets' sizes reach behind the last picture: one that ended just where another begins would be no lie.
lying_heads = st.builds(
    lambda kind, size, left: head(size, kind=kind)[:left],
    st.sampled_from([0x01, 0x33]),
    st.integers(0, 2 * CAP),
    st.integers(8, 136),
) | st.builds(
    lambda kind, size, left: head(size, kind=kind)[:left],
    st.sampled_from([0x02, 0x11, 0x12]),
    st.integers(CAP - 1000, CAP + 1000),
    st.integers(8, 136),
)
noises = st.binary(max_size=60) | st.sampled_from(
    [b"\xff", b"\x24", MAGIC, MAGIC[:3], b"\xff\x01", b"\xff\xd8\xff\xd9"]
)
rubbish = st.lists(noises | lying_heads, max_size=4).map(b"".join)
lies = st.just(0) | st.integers(-40, 2 * CAP)


def test_a_packet_gives_its_frame():
    picture = jpeg()
    (frame,) = parse(packet(picture, sequence=65_535, timestamp=4_000_000_000, padding=bytes(9)))
    assert frame == LiveviewFrame(sequence=65_535, timestamp_ms=4_000_000_000, jpeg=picture)


@given(pictures=st.lists(st.tuples(scans, st.integers(0, 40), rubbish, lies), max_size=4), data=st.data())
def test_any_split_of_a_dirty_stream_gives_the_same_frames(pictures, data):
    """Whatever lies between the packets, and however wrong their sizes are, every picture that is whole comes out."""
    stream = b"".join(
        noise + packet(jpeg(scan), lie=lie, sequence=n, timestamp=n * 50, padding=bytes(padding))
        for n, (scan, padding, noise, lie) in enumerate(pictures)
    )
    assert len(stream) < CAP - 1000
    stream += bytes(2 * CAP + 300)  # what a head may still promise, so that none is waited for
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=30)))
    split, whole = LiveviewParser(cap_bytes=CAP), LiveviewParser(cap_bytes=CAP)
    frames = [frame for start, end in pairwise([0, *cuts, len(stream)]) for frame in split.receive(stream[start:end])]
    assert frames == whole.receive(stream)
    honest = [n for n, (scan, _, _, lie) in enumerate(pictures) if 0 <= lie <= CAP - len(jpeg(scan))]
    assert [frame.sequence for frame in frames] == honest
    assert [frame.jpeg for frame in frames] == [jpeg(pictures[n][0]) for n in honest]


@pytest.mark.parametrize("kind", [0x01, 0x02])
@pytest.mark.parametrize("lie", [1, 5, 136, 20_000, PAYLOAD_CAP_BYTES - 9_000])
def test_one_wrong_size_costs_no_other_frame(lie, kind):
    """150 packets of 8 kB, the first with a size that is wrong and yet below the cap."""
    picture = jpeg(bytes(8_000))
    stream = packet(picture, lie=lie, kind=kind) + b"".join(packet(picture, sequence=n) for n in range(1, 150))
    frames = [frame.sequence for frame in LiveviewParser().receive(stream)]
    assert frames == ([1] if kind == 1 else []) + list(range(1, 150))


def test_a_size_that_is_too_small_costs_only_its_own_frame():
    assert [frame.sequence for frame in parse(packet(jpeg(), lie=-1), packet(jpeg(), sequence=2))] == [2]


@given(chunks=st.lists(st.binary(max_size=400), max_size=8))
def test_rubbish_never_raises_and_is_never_kept(chunks):
    parser = LiveviewParser(cap_bytes=1000)
    for chunk in chunks:
        for frame in parser.receive(chunk):
            assert jpeg_end(frame.jpeg) == len(frame.jpeg)
        assert parser.buffered_bytes <= 1000 + 136 + 255 + 12


@given(cut=st.integers(1, len(packet(jpeg())) - 1))
def test_a_cut_off_stream_gives_what_was_whole(cut):
    whole = packet(jpeg(b"first"))
    assert [frame.jpeg for frame in parse(whole + packet(jpeg())[:-cut])] == [jpeg(b"first")]


@pytest.mark.parametrize("kind", [0x02, 0x11, 0x12])
def test_other_packets_are_passed_over_whole(kind):
    # Its payload holds what looks like a packet: it must not be looked into.
    inner = packet(jpeg(b"not a picture of this stream"))
    assert [frame.jpeg for frame in parse(packet(inner, kind=kind) + packet(jpeg()))] == [jpeg()]


@pytest.mark.parametrize("fault", [{"kind": 0x33}, {"start": b"\xfe"}])
def test_a_head_that_is_none_is_skipped(fault):
    bad = bytearray(packet(b"x" * 50, kind=fault.get("kind", 1)))
    bad[:1] = fault.get("start", b"\xff")
    assert [frame.jpeg for frame in parse(bytes(bad) + packet(jpeg()))] == [jpeg()]


def test_stale_bytes_behind_the_end_are_cut_even_with_an_older_end_among_them():
    stale = b"rest of a longer picture \xff\xd9 \xff\xd9"
    assert parse(packet(jpeg() + stale, padding=b"\xff\xd9"))[0].jpeg == jpeg()


@pytest.mark.parametrize(
    "payload",
    [b"", b"GIF89a", b"\xff\xd8", jpeg()[:-2], b"\xff\xd8\xff\xd9", b"\xff\xd8\xff\xe1\x00\x00", b"\xff\xd8no marker"],
)
def test_a_payload_that_is_no_whole_jpeg_is_rejected(payload):
    assert [frame.jpeg for frame in parse(packet(payload) + packet(jpeg()))] == [jpeg()]


def test_a_payload_above_the_cap_is_never_waited_for():
    parser = LiveviewParser()
    huge = b"\xff\x01" + bytes(6) + MAGIC + (PAYLOAD_CAP_BYTES + 1).to_bytes(3) + bytes(121)
    assert parser.receive(huge) == []
    assert parser.buffered_bytes < 136
    assert [frame.jpeg for frame in parser.receive(packet(jpeg()))] == [jpeg()]


def test_the_largest_picture_passes():
    padding = PAYLOAD_CAP_BYTES - len(jpeg())
    (frame,) = parse(packet(jpeg(bytes(padding + len(b"picture")))))
    assert len(frame.jpeg) == PAYLOAD_CAP_BYTES


FACE = (2500, 3000, 5000, 7000, 4, 4, 1)
FACE_AREA = FocusArea(left=2500, top=3000, right=5000, bottom=7000, found_by="face", state="focused", additional=1)


def test_a_frame_carries_the_focus_frames_told_before_it():
    odd = (0, 0, 10_000, 10_000, 9, 0, 0)
    stream = packet(jpeg()) + focus_packet(FACE, odd) + packet(jpeg()) * 2 + focus_packet() + packet(jpeg())
    whole = FocusArea(left=0, top=0, right=10_000, bottom=10_000, found_by="9", state="0", additional=0)
    assert [frame.focus for frame in parse(stream)] == [(), (FACE_AREA, whole), (FACE_AREA, whole), ()]


@pytest.mark.parametrize(
    ("focus", "areas"),
    [
        (focus_packet(FACE, FACE, count=65_535), 2),
        (focus_packet(FACE, FACE, count=1), 1),
        (focus_packet(FACE, FACE, each=20), 2),
        (focus_packet(FACE, count=1, each=0), 0),
        (focus_packet((10_001, *FACE[1:]), FACE), 1),
        (focus_packet(*[FACE] * 1500), 1000),
        (focus_packet(FACE, lie=7), 0),
        (focus_packet(FACE, lie=20_000), 0),
        (focus_packet(FACE)[:-3], 0),
    ],
)
def test_focus_frames_are_believed_as_far_as_they_prove_true(focus, areas):
    picture = jpeg(bytes(8_000))
    frames = parse(focus + packet(picture) * 5)
    assert [len(frame.focus) for frame in frames] == [areas] * 5


@given(
    parts=st.lists(
        scans.map(lambda scan: packet(jpeg(scan)))
        | st.lists(st.tuples(*[st.integers(0, 12_000)] * 4, *[st.integers(0, 255)] * 3), max_size=3).map(
            lambda records: focus_packet(*records)
        )
        | rubbish,
        max_size=6,
    ),
    data=st.data(),
)
def test_any_split_gives_the_same_focus_frames(parts, data):
    stream = b"".join(parts) + packet(jpeg()) + bytes(2 * CAP)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    split, whole = LiveviewParser(cap_bytes=CAP), LiveviewParser(cap_bytes=CAP)
    frames = [frame for start, end in pairwise([0, *cuts, len(stream)]) for frame in split.receive(stream[start:end])]
    assert frames == whole.receive(stream)


# Every head of the last two promises a megabyte; in the very last, each begins like a picture.
PROMISES = head(PAYLOAD_CAP_BYTES, kind=2)[:16] * 60_000
PICTURES = (head(PAYLOAD_CAP_BYTES) + b"\xff\xd8" + b"\xff\xe0\x00\x02" * 20) * 5_000


@pytest.mark.parametrize(
    "stream",
    [packet(jpeg(bytes(40_000))) * 25, b"\xff\x01" * 500_000, PROMISES, PICTURES],
    ids=["frames", "rubbish", "promises", "pictures"],
)
def test_time_grows_with_the_bytes_alone(stream):
    # Quadratic copying of a megabyte byte by byte would take minutes; the limit is far above the linear second.
    parser = LiveviewParser()
    started = time.process_time()
    for at in range(0, len(stream), 7):
        parser.receive(stream[at : at + 7])
    assert time.process_time() - started < 10
