"""What darktable makes of the sidecars beside pictures is what a render makes of the same look."""

from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest

from dayspool.develop import DarktableDeveloper, DevelopJob, Plate, Recipe
from dayspool.develop.darktable_cli import ExportRequest, Runner, read_ppm
from dayspool.develop.introspect import shipped
from dayspool.develop.sample import jpeg
from dayspool.look.apply import apply_look
from dayspool.look.wish import Picture
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.step import Step
from dayspool.sidecar.values import packed

MODULES = shipped()


@pytest.mark.tools
def test_darktable_shows_what_a_render_makes(tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    ramp = np.linspace(20, 200, 96, dtype=np.uint8)
    picture = np.stack([np.tile(ramp, (64, 1)), np.full((64, 96), 90, np.uint8), np.tile(ramp[::-1], (64, 1))], axis=-1)
    pictures = [
        Picture(slot=slot, path=folder / f"{slot:06d}.jpg", utc=datetime(2026, 6, 21, tzinfo=UTC)) for slot in range(3)
    ]
    for one in pictures:
        one.path.write_bytes(jpeg(picture))
    steps = [
        Step(operation=name, version=MODULES.find(name).version, params=packed(MODULES.find(name), defaults, values))
        for name, values in (("exposure", {"exposure": 0.3}), ("velvia", {"strength": 40.0}))
        if (defaults := MODULES.find(name).defaults)
    ]
    person = Sidecar.blank(raw=False).with_steps(steps).data
    look = SimpleNamespace(keyframes=[], recipe=lambda slot: Recipe(sidecar=person, ev=slot / 4))
    jobs = [DevelopJob(path=one.path, width=96, height=64, recipe=look.recipe(one.slot)) for one in pictures]
    rendered = list(DarktableDeveloper().develop(jobs))

    list(apply_look(look, pictures, force=True))
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
