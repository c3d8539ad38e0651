"""One direction of HTTP as cameras speak it, whole and with holes."""

from __future__ import annotations

from collections import Counter, deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.learn.http1 import HttpReader, Message
from tests.learn.builders import answer, post

JPEG = b"\xff\xd8\xff\xda\x00\x02" + bytes(500) + b"\xff\xd9"


def packet(payload: bytes = JPEG, kind: int = 1) -> bytes:
    head = bytes([0xFF, kind]) + bytes(6) + b"\x24\x35\x68\x79" + len(payload).to_bytes(3, "big") + bytes(121)
    return head + payload


def read(*parts: bytes | int, methods=()) -> tuple[list[Message], Counter[str]]:
    """Feed bytes and gaps, a second apart; return the messages."""
    messages: list[Message] = []
    unread: Counter[str] = Counter()
    reader = HttpReader(messages.append, unread, deque(methods))
    for seconds, part in enumerate(parts):
        reader.gap(part, float(seconds)) if isinstance(part, int) else reader.data(part, float(seconds))
    reader.end()
    assert reader.held_bytes == 0
    return messages, unread


def chunked(*parts: bytes) -> bytes:
    body = b"".join(b"%x;note=1\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\nTrailer: x\r\n\r\n"
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n" + body


def test_pipelined_requests_are_told_one_by_one():
    messages, unread = read(post("getVersions") + b"\r\n" + post("getEvent", [False]) + b"GET /dd.xml HTTP/1.1\r\n\r\n")
    assert [message.first_line for message in messages] == ["POST /sony/camera HTTP/1.1"] * 2 + ["GET /dd.xml HTTP/1.1"]
    assert b'"getEvent"' in messages[1].body.text
    assert not unread


def test_headers_keep_order_and_case_and_spelling():
    (message,), _ = read(
        b"HTTP/1.1 200 OK\r\nAccept-Range: none\r\nserver:  x \r\nno colon\r\nContent-Length: 0\r\n\r\n"
    )
    assert message.headers == (("Accept-Range", "none"), ("server", "x"), ("Content-Length", "0"))
    assert message.status == 200


@given(st.data())
def test_how_it_is_cut_does_not_matter(data):
    whole = (
        answer({"id": 1, "result": [0]})
        + chunked(b'{"a":', b"1}")
        + answer({"error": [404, "Not Found"]}, status="404 Not Found")
    )
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=20)))
    parts = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    messages, unread = read(*parts)
    assert [message.body.text for message in messages] == [
        b'{"id": 1, "result": [0]}',
        b'{"a":1}',
        b'{"error": [404, "Not Found"]}',
    ]
    assert all(message.whole for message in messages)
    assert not unread


def test_a_body_may_end_with_the_connection():
    (message,), _ = read(b"HTTP/1.0 200 OK\r\n\r\n<root>", b"</root>")
    assert (message.body.text, message.whole, message.began, message.ended) == (b"<root></root>", True, 0.0, 1.0)


def test_answers_without_a_body_are_known():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
    messages, unread = read(
        b"HTTP/1.1 100 Continue\r\n\r\n" + head + b"HTTP/1.1 204 No\r\n\r\n" + answer({}),
        methods=["HEAD", "GET", "POST"],
    )
    assert [message.status for message in messages] == [200, 204, 200]
    assert not unread


def test_pictures_are_counted_and_let_go():
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(JPEG)}\r\nContent-Type: image/jpeg\r\n\r\n".encode()
    (message,), _ = read(head + JPEG)
    assert (message.body.kind, message.body.size_bytes, message.body.held_bytes) == ("picture", len(JPEG), 0)


def test_liveview_is_counted():
    stream = packet() + packet(b"focus", kind=2) + packet() + packet()
    (message,), _ = read(b"HTTP/1.1 200 OK\r\n\r\n" + stream[:700], stream[700:])
    assert (message.body.kind, message.body.frames) == ("liveview", 3)
    (message,), _ = read(chunked(packet(), packet()[:300], packet()[300:]))
    assert message.body.frames == 2


def test_a_hole_in_liveview_costs_a_frame():
    (message,), unread = read(b"HTTP/1.1 200 OK\r\n\r\n" + packet() + packet()[:200], 436, packet() + packet())
    assert message.body.frames in (3, 4)
    assert message.body.missing_bytes == 436
    assert unread == {"message with a hole, or cut off": 1}


def test_a_hole_in_a_counted_body_costs_that_body_only():
    whole = answer({"id": 1, "result": ["x" * 100]})
    messages, unread = read(whole[:-50], 40, whole[-10:] + answer({"id": 2}))
    assert [message.whole for message in messages] == [False, True]
    assert messages[1].body.text == b'{"id": 2}'
    assert unread == {"message with a hole, or cut off": 1}


@pytest.mark.parametrize("before", [b"", answer({"id": 1})[:-2], b"HTTP/1.1 200 O", chunked(b"abcdef")[:-20]])
def test_behind_a_hole_the_next_message_is_found(before):
    messages, _ = read(before, 5000, b"tail of something}" + answer({"id": 2}) + answer({"id": 3}))
    assert [message.body.text for message in messages if message.whole] == [b'{"id": 2}', b'{"id": 3}']


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\x16\x03\x01\x02\x00\x01\x00" * 5000,
        b"SSH-2.0-OpenSSH\r\n" * 10,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000,
        b"A" * 200_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + b"q" * 1000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 1000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nxx",
        b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"t" * 100_000,
    ],
)
def test_rubbish_is_passed_over_and_not_held(rubbish):
    messages: list[Message] = []
    reader = HttpReader(messages.append, Counter())
    for at in range(0, len(rubbish), 1400):
        reader.data(rubbish[at : at + 1400], 1.0)
        assert reader.held_bytes <= 70_000
    reader.end()


def test_a_text_too_long_to_be_one_is_let_go():
    (message,), _ = read(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<root>" + b"x" * (2 << 20))
    assert (message.body.text, message.body.kind, message.body.size_bytes) == (b"", "other", (2 << 20) + 6)


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.integers(1, 5000),
            st.sampled_from([answer({}), post("x"), chunked(b"ab"), b"HTTP/1.1 200 OK\r\n\r\n", packet()]),
        ),
        max_size=12,
    )
)
def test_nothing_raises_and_nothing_loops(parts):
    read(*parts)
