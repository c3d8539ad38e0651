"""Searching by real multicast on loopback."""

from __future__ import annotations

import anyio
import pytest

from dayspool.discovery.interfaces import Interface
from dayspool.discovery.search import search
from dayspool.discovery.ssdp import CAMERA_TARGET, EVERY_TARGET, SsdpReply, search_request
from tests.discovery.network import LOOPBACK, Answerer, answering, silence, ssdp_reply

pytestmark = pytest.mark.anyio

ELSEWHERE = Interface(name="gone", address="203.0.113.9", prefix_length=24)  # no address of this machine
LOCATION = "http://192.0.2.9:1900/dd.xml"
LAST = "127.0.0.99"  # the sender that ends a test: what was sent before it has come before it


async def collect(answer, *, interfaces=(LOOPBACK,), **options) -> tuple[list[SsdpReply], Answerer, list[str]]:
    """Search until the sender LAST answers; return the replies before it, who answered, and the refusals."""
    replies: list[SsdpReply] = []
    refusals: list[str] = []

    async with answering(answer) as answerer:
        with anyio.fail_after(20), anyio.CancelScope() as scope:

            def take(reply: SsdpReply, _by: Interface) -> None:
                if reply.host == LAST:
                    scope.cancel()
                replies.append(reply)

            await search(
                interfaces=interfaces,
                seconds=10,
                port=answerer.port,
                on_reply=take,
                on_refusal=lambda interface, reason: refusals.append(f"{interface}: {reason}"),
                **options,
            )
    assert replies.pop().host == LAST
    return replies, answerer, refusals


async def test_repeated_answers_come_once_each_with_the_host_that_sent_them():
    searches = []

    def repeat(request):
        searches.append(request)
        yield from [("127.0.0.1", ssdp_reply(LOCATION))] * 3
        yield ("127.0.0.1", b"rubbish")
        yield ("127.0.0.2", ssdp_reply(LOCATION))
        if len(searches) == 5:
            yield (LAST, ssdp_reply(LOCATION))

    replies, answerer, _ = await collect(repeat)
    assert sorted(reply.host for reply in replies) == ["127.0.0.1", "127.0.0.2"]
    assert {reply.location for reply in replies} == {LOCATION}
    for_cameras, for_all = (search_request(port=answerer.port, target=each) for each in (CAMERA_TARGET, EVERY_TARGET))
    assert answerer.requests[:5] == [for_cameras, for_all, for_cameras, for_cameras, for_all]


async def test_an_interface_that_refuses_is_told_and_the_others_go_on():
    replies, _, refusals = await collect(lambda _: [(LAST, ssdp_reply(LOCATION))], interfaces=[ELSEWHERE, LOOPBACK])
    assert replies == []
    assert len(refusals) == 1
    assert refusals[0].startswith("gone (203.0.113.9): Cannot assign requested address")


async def test_when_all_interfaces_refuse_the_search_is_over():
    refusals = []
    with anyio.fail_after(5):
        await search(
            interfaces=[ELSEWHERE],
            seconds=60,
            on_reply=pytest.fail,
            on_refusal=lambda interface, _: refusals.append(interface),
        )
    assert refusals == [ELSEWHERE]


async def test_one_host_can_be_asked_alone():
    replies, answerer, _ = await collect(lambda _: [(LAST, ssdp_reply(LOCATION))], host="127.0.0.1")
    assert replies == []
    assert answerer.requests[0] == search_request(host="127.0.0.1", port=answerer.port)


async def test_a_flood_is_bounded_for_each_host_and_bars_no_other():
    def flood(_request):
        for sender in range(2, 20):
            for number in range(20):
                yield (f"127.0.0.{sender}", ssdp_reply(LOCATION, usn=f"uuid:{number}"))
        yield (LAST, ssdp_reply(LOCATION))

    replies, _, _ = await collect(flood)
    assert {[reply.host for reply in replies].count(f"127.0.0.{sender}") for sender in range(2, 20)} == {8}


async def test_the_search_ends_at_its_time():
    async with answering(silence) as answerer:
        began = anyio.current_time()
        await search(
            interfaces=[LOOPBACK], seconds=0.05, port=answerer.port, on_reply=pytest.fail, on_refusal=pytest.fail
        )
        assert 0.05 <= anyio.current_time() - began < 5
