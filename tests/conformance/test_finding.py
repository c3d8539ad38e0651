"""From the description's address alone: which camera, which dialect, where; and why not, where it cannot be driven."""

from __future__ import annotations

import pytest

from dayspool.camera import open_camera
from dayspool.camera.models import model_named
from dayspool.clock import LoopClock
from dayspool.core.camera import Dialect
from dayspool.discovery import Outcome
from dayspool.shoot.finding import find_cameras
from dayspool.sim import PROFILES, Body, serving
from dayspool.testing import BEGINNING
from tests.conformance.stage import HOST, PICTURE_PX, SPEAKING, in_virtual_time, profile_of, stands

DIALECTS = {"G0": Dialect.LEGACY, "G1": Dialect.BUILTIN_1, "G2": Dialect.APP, "G3": Dialect.BUILTIN_3}


def found_by_its_description(profile, then):
    """Serve a model, look at its description's address, and go on with `then(findings, served, body)`."""

    async def main():
        body = Body(clock=LoopClock(BEGINNING), profile=profile, seed=7, picture_px=PICTURE_PX)
        async with serving(body, host=HOST, port=0, ssdp=False) as served:
            ports = {served.ports.control, served.ports.description}
            findings = await find_cameras(
                seconds=8.0,
                address=served.location,
                wanted=lambda found: any(f":{port}/" in found.endpoint for port in ports),  # others' may stand here too
            )
            return await then(findings, served, body)

    return in_virtual_time(main)


@stands(changing=True)
def test_its_description_leads_to_its_service(name):
    profile = profile_of(name)

    async def then(findings, served, body):
        (found,) = findings.cameras
        assert found.endpoint == served.endpoint
        assert found.model == profile.model
        row = model_named(found.model)
        assert found.dialect is (row.dialect if row else DIALECTS[profile.dialect])
        async with open_camera(found.endpoint, model=found.model, dialect=found.dialect) as camera:
            await camera.prepare()
            await camera.take_picture()
        assert body.exposures == 1

    found_by_its_description(profile, then)


@pytest.mark.parametrize("name", SPEAKING)
def test_the_models_table_agrees_with_the_body(name):
    profile, row = profile_of(name), model_named(profile_of(name).model)
    assert row is not None
    assert row.dialect is DIALECTS[profile.dialect] or name == "as100v"  # G1 at the address of G3
    assert row.half_press == profile.quirks.needs_half_press
    assert profile.quirks.needs_rec_mode or not row.needs_rec_mode  # an HX60V lists startRecMode; the table is silent
    assert row.errs_though_exposed == bool(profile.quirks.shot_error_every)
    assert row.endpoint == f"http://{profile.address}:{profile.ports.control}{profile.service_path}"


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("a6100-send", Outcome.SEND_MODE, ("ILCE-6100", "Send to Smartphone", "leave that with MENU")),
        ("a7c-ptp", Outcome.PTP_ONLY, ("ILCE-7C", "PTP/IP")),
    ],
)
def test_a_body_that_cannot_be_driven_says_why(name, kind, words):
    async def then(findings, served, _body):
        assert served.endpoint is None
        assert findings.cameras == ()
        (other,) = [one for one in findings.others if one.model == PROFILES[name].model]
        assert other.kind is kind
        assert all(word in other.sentence for word in words)
        assert other.sentence in findings.reasons

    found_by_its_description(PROFILES[name], then)
