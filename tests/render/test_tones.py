"""The tone curve of a shoot's camera, from its pictures."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from dayspool.cli import root
from dayspool.develop import Recipe
from dayspool.develop.builtin_light import adjusted, decoded_light, encoded_light
from dayspool.develop.tone import Tone
from dayspool.render import FrameFile, tones
from dayspool.render.grading import _LEARNED
from dayspool.render.tones import learned_tone
from tests.render.flicker import fast_ev, flicker_ev, flickering

if TYPE_CHECKING:
    from pathlib import Path

CODES = np.linspace(0, 1, 65)
S_CURVE = CODES - 0.06 * np.sin(2 * np.pi * CODES)


@pytest.fixture(scope="module")
def shoots(tmp_path_factory) -> dict[str, Path]:
    """Two shoots of one flickering landscape: by a camera with a curve of its own, and by one that follows sRGB."""
    rng = np.random.default_rng(3)
    down, across = np.mgrid[0:64, 0:96] / 64
    scene = 2 ** (-4 * down - 0.7 + 0.5 * np.sin(9 * across) * np.cos(5 * down))
    made = {name: tmp_path_factory.mktemp(name) for name in ("curved", "srgb")}
    for slot, ev in enumerate(rng.normal(0, 0.08, 50)):
        seen = encoded_light(np.clip(scene * 2**ev + rng.normal(0, 0.003, scene.shape), 0, 1))
        for name, values in (("curved", np.interp(seen, CODES, S_CURVE)), ("srgb", seen)):
            codes = np.repeat(np.rint(values * 255).astype(np.uint8)[..., np.newaxis], 3, axis=2)
            Image.fromarray(codes).save(made[name] / f"{slot:06}.jpg", quality=95)
    return made


def frames(shoot: Path) -> list[FrameFile]:
    return [FrameFile(slot=slot, path=path) for slot, path in enumerate(sorted(shoot.glob("*.jpg")))]


def learned(shoot: Path, files: list[FrameFile]) -> Tone | None:
    with ThreadPoolExecutor(1) as pool:
        return learned_tone(files, shoot=shoot, executor=pool)


def test_a_camera_with_a_curve_of_its_own_is_found_out_and_its_frames_come_out_even(shoots):
    tone = learned(shoots["curved"], frames(shoots["curved"]))
    assert tone is not None
    light = 2.0 ** np.linspace(-3, -0.6, 50)
    wanted = np.interp(encoded_light(light), CODES, S_CURVE)
    shot = np.interp(encoded_light(light * 2**-0.2), CODES, S_CURVE)
    rgb = np.repeat(np.rint(shot * 65535).astype(np.uint16)[np.newaxis, :, np.newaxis], 3, axis=2)

    def worst(by: Tone | None) -> float:
        """How far, in 8-bit codes, the best of all grades leaves one tone or another from where it belongs."""
        left = []
        for ev in np.linspace(0.14, 0.26, 25):
            left.append(np.abs(adjusted(rgb, Recipe(grade=(ev,) * 3, tone=by))[0, :, 1] / 65535 - wanted).max())
        return 255 * min(left)

    assert worst(tone) <= 0.5
    assert worst(tone) <= 0.25 * worst(None)


def test_progress_is_told_while_the_tone_is_learned(shoots):
    told = []
    with ThreadPoolExecutor(1) as pool:
        learned_tone(frames(shoots["srgb"]), shoot=shoots["srgb"], executor=pool, progress=told.append)
    assert [(now.done, now.total) for now in told] == [(done, 50) for done in range(1, 51)]
    assert {now.stage for now in told} == {"learn the tone"}


def test_a_camera_that_follows_srgb_stays_with_it_whatever_lies_among_its_frames(shoots, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"")
    files = frames(shoots["srgb"])
    assert learned(shoots["srgb"], [*files[:20], FrameFile(slot=20, path=broken), *files[21:]]) is None
    assert learned(tmp_path, []) is None


def test_later_frames_have_to_bear_a_tone_out(shoots, tmp_path, monkeypatch):
    monkeypatch.setattr(tones, "_AT_A_TIME", 50)
    curved, srgb = frames(shoots["curved"]), frames(shoots["srgb"])
    first = learned(shoots["curved"], curved)
    assert first is not None
    assert learned(tmp_path, [*curved, *curved[:24]]) == first
    assert learned(tmp_path, [*curved, *curved[:24], *srgb[:24]]) == first  # not one of those that are looked at
    assert learned(tmp_path, [*curved, *srgb[:24]]) is None


def test_a_film_by_a_camera_with_a_curve_of_its_own_says_so_and_is_even_in_all_tones(tmp_path):
    def curved(number, seen):
        return decoded_light(np.interp(encoded_light(np.clip(seen, 0, 1)), CODES, S_CURVE))

    shoot = flickering(tmp_path, flicker_ev(), curved)
    words = ["render", str(shoot), "--developer", "builtin", "--preset", "1080p", "--json"]
    uneven_mev = []
    for plan in ("", '[deflicker]\ntone = "srgb"\n'):
        with (shoot / "shoot.toml").open("a") as file:
            file.write(plan)
        done = CliRunner().invoke(root, words)
        assert done.exit_code == 0, done.output
        told = json.loads(done.stdout)
        assert [note for note in told["deflicker"]["notes"] if "tone" in note] == [_LEARNED] * (not plan)
        with av.open(told["film"]) as container:
            lumas = np.array([frame.to_ndarray()[: frame.height] for frame in container.decode(video=0)], float)
        middle = lumas.mean(axis=0)
        dark, bright = (lumas[:, there].mean(axis=1) for there in (middle < 100, middle > 160))
        uneven_mev.append(1000 * 2.2 * fast_ev(np.log2((bright - 16) / (dark - 16))))
    assert uneven_mev[0] <= 0.4 * uneven_mev[1], uneven_mev
