"""Every answer a camera gives, replaced by all that it should not be: an error of ours, an end, nobody else asked.

In virtual time, against the simulated bodies in memory: each thing that the client does with a camera, each answer that
it needs for that, each attack. A run takes a share of the attacks on each answer, and over the answers all of them;
with DAYSPOOL_EXHAUSTIVE=1 all on each, which takes ten minutes.
"""

from __future__ import annotations

import anyio
import pytest

from dayspool.camera import Link, open_camera
from dayspool.discovery.address import HttpAddress
from dayspool.errors import DayspoolError
from dayspool.sim import PROFILES, Body, Fault, FaultKind, Faults
from dayspool.testing import run_virtually
from tests.hostile import stage
from tests.hostile.attacks import EXHAUSTIVE, RUBBISH, nested, other_types, replies

HANGS_SECONDS = 5_000.0  # of virtual time
LONGEST_SECONDS = 120.0  # for any one thing; a dump asks a hundred
LONGEST_DUMP_SECONDS = 1_000.0
ONE_OF = 45
MOVIE = Fault(kind=FaultKind.WRONG_SHOOT_MODE)
LONG = Fault(kind=FaultKind.LONG_EXPOSURE, shot=1, seconds=20)
BY_XML = frozenset(("description", "model", "Browse", "X_TransferStart", "X_TransferEnd"))
FILES = frozenset(("picture", "liveview"))
LISTS = "getAvailableApiList getVersions getEvent"
CASES = [
    ("rx100m2", stage.info, (), "receiveEvent getAvailableApiList getApplicationInfo"),
    ("rx100m2", stage.snap, (), "receiveEvent setPostviewImageSize actHalfPressShutter actTakePicture picture"),
    (
        "a6300",
        stage.snap,
        (MOVIE, LONG),
        f"{LISTS} startRecMode setShootMode setPostviewImageSize actHalfPressShutter actTakePicture awaitTakePicture"
        " picture",
    ),
    (
        "qx1",
        stage.info,
        (),
        f"{LISTS} getApplicationInfo getSupportedProgramShift getAvailableWhiteBalance getAvailableStillSize"
        " getLiveviewFrameInfo",
    ),
    ("qx1", stage.set_iso, (), f"{LISTS} setIsoSpeedRate"),
    (
        "qx1",
        stage.snap,
        (LONG,),
        f"{LISTS} setPostviewImageSize actHalfPressShutter actTakePicture awaitTakePicture cancelHalfPressShutter"
        " picture",
    ),
    ("qx1", stage.watch, (), "getVersions getEvent"),
    ("qx1", stage.burst, (), f"{LISTS} setContShootingMode startContShooting stopContShooting picture"),
    ("qx1", stage.view, (), f"{LISTS} startLiveview liveview stopLiveview"),
    (
        "qx1",
        stage.originals,
        (),
        "getVersions getEvent setCameraFunction getSchemeList getSourceList getContentCount getContentList picture",
    ),
    ("a6100-send", stage.media, (), "description X_TransferStart Browse picture X_TransferEnd"),
    ("a6300", stage.name_it, (), "description model"),
]
DUMPED = ("getVersions", "getMethodTypes", "getEvent", "getAvailableApiList", "getServiceProtocols", "liveview")
TABLE = [(model, act, faults, target) for model, act, faults, targets in CASES for target in targets.split()]
TABLE += [("qx1", stage.dump, (), target) for target in DUMPED]


def named(value):
    return getattr(value, "__name__", None) or ("" if isinstance(value, tuple) else str(value))


def play(model, act, folder, attacks, faults=()):
    """Do `act` once for each attack (name, target, function); return the last transport, the errors and the times."""
    profile = PROFILES[model]
    host, control = profile.address, profile.ports.control
    endpoint = f"http://{host}:{control}{profile.service_base}/camera"
    where = HttpAddress(host=host, port=profile.ports.description, path=profile.description_path)
    errors, seconds, transports = [], [], []

    async def main(clock):
        for name, target, attack in attacks:
            body = Body(clock=clock, profile=profile, seed=1, speed=1.0, picture_px=(48, 32), faults=Faults(faults))
            transport = stage.Turned(body, target, attack)
            transports.append(transport)
            began = anyio.current_time()
            try:
                with anyio.fail_after(HANGS_SECONDS):
                    if act in (stage.media, stage.name_it):
                        async with Link(host, transport=transport) as link:
                            await act(link, where, folder)
                    else:
                        async with open_camera(endpoint, model=model, transport=transport) as camera:
                            await act(camera, folder)
                errors.append(None)
            except DayspoolError as error:
                errors.append(error)
            except BaseException as error:
                error.add_note(f"with {name} for {target}")
                raise
            seconds.append(anyio.current_time() - began)
            assert transport.hosts <= {host}, name
            assert transport.asked["actTakePicture"] <= 1, name

    run_virtually(main)
    return transports[-1], errors, seconds


def attacks_on(target: str, own: str) -> list:
    """Return every attack on an answer, as (name, target, function of the honest content)."""
    found = [(name, target, lambda _, body=body: body) for name, body in RUBBISH.items()]
    found += [(name, target, lambda content, name=name: replies(content, own)[name]()) for name in replies(b"", own)]
    if target not in BY_XML | FILES:
        found += [(name, target, lambda _, body=body: body) for name, body in other_types(own).items()]
        found += [(f"nested {n}", target, lambda _, n=n: nested(n)) for n in (30, 100, 300, 800, *range(820, 1000, 12))]
    return found


@pytest.mark.parametrize(("model", "act", "faults", "targets"), CASES, ids=named)
def test_the_table_knows_every_answer_that_is_needed(tmp_path, model, act, faults, targets):
    transport, errors, _ = play(model, act, tmp_path, [("honesty", None, None)], faults)
    assert errors == [None]
    assert set(transport.asked) == set(targets.split())


@pytest.mark.parametrize(("model", "act", "faults", "target"), TABLE, ids=named)
def test_a_hostile_answer(tmp_path, model, act, faults, target):
    all_of_them = attacks_on(target, PROFILES[model].address)
    hold(tmp_path, model, act, faults, all_of_them if EXHAUSTIVE else chosen(model, act, faults, target))


def hold(tmp_path, model, act, faults, attacks):
    """Play the attacks, and hold what comes of them to what may."""
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    _, errors, seconds = play(model, act, folder, attacks, faults)
    longest = LONGEST_DUMP_SECONDS if act is stage.dump else LONGEST_SECONDS
    late = [(attack[0], took) for attack, took in zip(attacks, seconds, strict=True) if took > longest]
    assert late == []
    assert all(str(error) for error in errors if error is not None), "an error says something"
    assert [str(error) for error in errors if len(str(error)) > 2_000] == [], "and not all that the camera said"
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.parent != folder] == []


def chosen(model, act, faults, target):
    """Return this answer's share of the attacks; every answer of the same kind begins with another one."""
    attacks = attacks_on(target, PROFILES[model].address)
    every = min(3 * ONE_OF if act is stage.dump else ONE_OF, len(attacks) // 5)
    alike = [row for row in TABLE if (row[3] in BY_XML | FILES) is (target in BY_XML | FILES)]
    return attacks[alike.index((model, act, faults, target)) % every :: every]


def test_a_run_has_every_attack():
    names = {name for name, *_ in attacks_on("getEvent", "10.0.0.1")}
    assert names == {name for row in TABLE if row[3] not in BY_XML | FILES for name, *_ in chosen(*row)}
