"""A simulated camera recorded, simulated from its record, and recorded again: it says the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dayspool.camera.link import Link
from dayspool.learn.dump import Dump, from_json, to_json
from dayspool.learn.record import record
from dayspool.sim import PROFILES, Body, Profile
from dayspool.sim.load import profile_from_dump
from dayspool.testing.virtual import run_virtually
from dayspool.testing.wire import InMemoryTransport

STEADY = ["rx100m2", "wx350", "qx10", "as30v", "as100v", "qx1", "hx400v", "a7m3"]
APPS = ["a5000", "a6000", "a6300"]


def recordings(profile: Profile, count: int, **options) -> list[Dump]:
    """Record one body `count` times over."""

    async def main(clock) -> list[Dump]:
        body = Body(clock=clock, seed=1, picture_px=(48, 32), profile=profile)
        endpoint = f"http://{profile.address}:{profile.ports.control}{profile.service_base}/camera"
        location = f"http://{profile.address}:{profile.ports.description}{profile.description_paths[0]}"
        async with Link(profile.address, transport=InMemoryTransport(body)) as link:
            return [await record(link, endpoint, locations=[location], **options) for _ in range(count)]

    return [from_json(to_json(dump)) for dump in run_virtually(main)]


def recorded(profile: Profile, **options) -> Dump:
    (dump,) = recordings(profile, 1, **options)
    return dump


def twice(name: str, **options) -> tuple[Dump, Dump]:
    first = recorded(PROFILES[name], **options)
    again = recorded(profile_from_dump(json.loads(to_json(first)), name=name), **options)
    return first, again


def said(dump: Dump) -> dict[tuple[str, str, str, str], list[Any]]:
    """Return what was answered to each call, in order; events tell their own times and are compared elsewhere."""
    answers: dict[tuple[str, str, str, str], list[Any]] = {}
    for one in dump.exchanges:
        if one.method not in ("getEvent", "receiveEvent", "getAvailableApiList"):
            answers.setdefault((one.service, one.method, one.version, str(one.params)), []).append(
                (one.status, one.result)
            )
    return answers


@pytest.mark.parametrize("name", STEADY + APPS)
def test_a_record_simulated_is_the_same_camera(name):
    first, again = twice(name, enter_remote_mode=name in APPS)
    assert (again.model, again.dialect, again.application) == (first.model, first.dialect, first.application)
    assert again.services == first.services
    assert again.methods == first.methods
    assert again.escapes_slashes == first.escapes_slashes
    assert {key: value for key, value in said(again).items() if value != said(first)[key]} == {}


@pytest.mark.parametrize("name", STEADY)
def test_the_offers_are_the_same(name):
    first, again = twice(name)
    assert [(row["state"], sorted(row["methods"])) for row in again.api_lists] == [
        (row["state"], sorted(row["methods"])) for row in first.api_lists
    ]


@pytest.mark.parametrize("name", STEADY + APPS)
def test_recording_changes_nothing_on_the_camera(name):
    first, again = recordings(PROFILES[name], 2)
    assert said(again) == said(first)
    assert not [one for one in first.exchanges if one.failure]
