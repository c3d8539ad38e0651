"""What darktable makes of the sidecars beside pictures is what a render makes of the same look."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dayspool.develop import DarktableDeveloper, DevelopJob, Plate, Recipe
from dayspool.develop.darktable_cli import ExportRequest, Runner, read_ppm
from dayspool.develop.introspect import shipped
from dayspool.develop.sample import bayer, dng, jpeg
from dayspool.look.apply import Fate, apply_look
from dayspool.look.wish import Picture
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.step import Step
from dayspool.sidecar.values import packed

DATA = Path(__file__).parent.parent / "sidecar" / "data"
MODULES = shipped()


def drawn(folder, *, raw):
    """Return three pictures of ramps of light: JPEGs, or RAWs."""
    ramp = np.linspace(0.05, 0.6, 96)
    light = np.stack([np.tile(ramp, (64, 1)), np.full((64, 96), 0.2), np.tile(ramp[::-1], (64, 1))], axis=-1)
    data = dng(bayer(light)) if raw else jpeg((light * 330).astype(np.uint8))
    taken = datetime(2026, 6, 21, tzinfo=UTC)
    pictures = [
        Picture(slot=slot, path=folder / f"{slot:06d}.{'dng' if raw else 'jpg'}", utc=taken) for slot in range(3)
    ]
    for one in pictures:
        one.path.write_bytes(data)
    return pictures


def edit(*, raw):
    """Return a person's edit of such a picture."""
    # Of the ways to demosaic, PPG gives the same bits every time.
    wanted = {"demosaic": {"demosaicing_method": 0}} if raw else {}
    wanted |= {"exposure": {"exposure": 0.3}, "velvia": {"strength": 40.0}}
    steps = [
        Step(operation=name, version=module.version, params=packed(module, module.defaults, values))
        for name, values in wanted.items()
        if (module := MODULES.find(name)).defaults
    ]
    assert len(steps) == len(wanted)
    return Sidecar.blank(raw=raw).with_steps(steps).data


@pytest.mark.tools
@pytest.mark.parametrize("raw", [False, True], ids=["jpeg", "raw"])
def test_darktable_shows_what_a_render_makes(tmp_path, raw):
    folder = tmp_path / "frames"
    folder.mkdir()
    pictures, person = drawn(folder, raw=raw), edit(raw=raw)
    look = SimpleNamespace(keyframes=[], recipe=lambda slot: Recipe(sidecar=person, ev=slot / 4))
    jobs = [DevelopJob(path=one.path, width=96, height=64, recipe=look.recipe(one.slot)) for one in pictures]
    rendered = list(DarktableDeveloper().develop(jobs))

    # One had a sidecar of darktable's own before: what it was is kept in it, and does not get in the way.
    pictures[1].sidecar.write_bytes((DATA / ("raw-untouched.dng.xmp" if raw else "jpeg-rated.jpg.xmp")).read_bytes())
    assert {one.fate for one in apply_look(look, pictures, force=True)} == {Fate.WRITTEN}
    request = ExportRequest(
        inbox=folder, outbox=tmp_path / "out", home=tmp_path / "home", width=96, height=64, threads=1
    )
    for made in (request.outbox, request.home):
        made.mkdir()
    runner = Runner("darktable-cli")
    runner.run(request, limit_seconds=60, stops=runner.stops)
    for one, plate in zip(pictures, rendered, strict=True):
        assert isinstance(plate, Plate), plate
        assert np.array_equal(read_ppm(tmp_path / "out" / f"{one.slot:06d}.ppm"), plate.rgb)
    means = [float(plate.rgb.mean()) for plate in rendered]
    assert means == sorted(means)
    assert means[2] > 1.15 * means[0]
