"""A frame made of its neighbours: mixed in linear light, and a broken neighbour costs only itself."""

from __future__ import annotations

import av
import numpy as np
import pytest
from PIL import Image

from dayspool.develop import BuiltinDeveloper, Plate
from dayspool.develop.builtin_light import decoded_light, encoded_light
from dayspool.errors import FrameUnreadable
from dayspool.render import FrameFile, render
from dayspool.render.blending import blended, developed_whole
from dayspool.video import preset


def plain(code: int, dtype=np.uint8, shape=(4, 6, 3)):
    return np.full(shape, code, dtype)


def expected(codes, weights):
    light = np.average(decoded_light(np.array(codes) / 255), weights=weights)
    return encoded_light(light) * 65535


def test_light_is_mixed_not_codes():
    mixed = blended([plain(40), plain(200)], [1, 3])
    assert mixed.dtype == np.uint16
    assert mixed == pytest.approx(expected([40, 200], [1, 3]), abs=2)


def test_depths_may_differ():
    assert blended([plain(40), plain(200 * 257, np.uint16)], [1, 1]) == pytest.approx(
        expected([40, 200], [1, 1]), abs=2
    )


def neighbour(slot):
    return FrameFile(slot=slot, path=None)


def test_the_nearer_one_counts_more():
    frame = FrameFile(slot=11, path=None, blend=(neighbour(10), neighbour(13)))
    made = developed_whole(frame, iter([Plate(rgb=plain(40)), Plate(rgb=plain(200)), Plate(rgb=plain(0))]))
    assert made.rgb == pytest.approx(expected([40, 200], [2, 1]), abs=2)


def test_what_cannot_be_developed_or_has_another_size_is_not_mixed_in():
    frame = FrameFile(slot=11, path=None, blend=(neighbour(10), neighbour(13)))
    near, fault = Plate(rgb=plain(40)), FrameUnreadable("gone")
    assert developed_whole(frame, iter([near, fault])) is near
    assert developed_whole(frame, iter([near, Plate(rgb=plain(9, shape=(2, 2, 3)))])) is near
    assert developed_whole(frame, iter([fault, fault])) is fault


def test_a_film_shows_neighbours_in_place_of_a_broken_frame(tmp_path):
    for slot, code in enumerate([40, 0, 200, 120]):
        Image.fromarray(plain(code, shape=(128, 192, 3))).save(tmp_path / f"{slot}.png")
    (tmp_path / "1.png").write_bytes(b"nothing")
    whole = [FrameFile(slot=slot, path=tmp_path / f"{slot}.png") for slot in (0, 1, 2, 3)]
    whole[1] = FrameFile(slot=1, path=whole[1].path, blend=(whole[0], whole[2]))
    report = render(whole, out=tmp_path / "film.mp4", preset=preset("preview"), developer=BuiltinDeveloper())
    assert (report.frames, report.left_out) == (4, ())
    with av.open(str(tmp_path / "film.mp4")) as film:
        lumas = [frame.to_ndarray()[: frame.height].mean() for frame in film.decode(video=0)]
    assert lumas[1] == pytest.approx(16 + 219 * expected([40, 200], [1, 1]) / 65535, abs=1)
