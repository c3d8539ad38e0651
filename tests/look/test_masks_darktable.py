"""The real darktable draws masks between keyframes where they should be."""

from __future__ import annotations

import struct
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from dayspool.look.masks import forms_over
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.masks import Mask, Shape, settled
from dayspool.sidecar.step import Step
from tests.sidecar.exported import exported

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = (96, 64)
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
FORM, GROUP = 1001, 1002
MASKED = 3  # blending on, by drawn masks
SCENE_RGB, NORMAL = 4, 24  # colour space and mode of blending


def _blend() -> bytes:
    """Blending of darktable 4.2.1 (version 11, 105 words) by the group of drawn masks, nothing else changed."""
    words = [0] * 105
    words[:10] = [MASKED, SCENE_RGB, NORMAL, 0, 0, 0, GROUP, 0, 0, 5]
    blend = bytearray(struct.pack("<105I", *words))
    struct.pack_into("<f", blend, 16, 100.0)  # opacity
    return bytes(blend)


BRIGHTER = Step(
    operation="exposure",
    version=6,
    params=struct.pack("<iffffi", 0, 0.0, 2.0, 50.0, -4.0, 0),
    blend_version=11,
    blend=_blend(),
)


def form(shape: Shape, points: bytes) -> Mask:
    sizes = {Shape.PATH: 36, Shape.BRUSH: 44}
    count = len(points) // sizes.get(shape, len(points))
    return Mask(num=0, id=FORM, type=shape, name="form", version=6, points=points, count=count)


def circle(x: float, y: float, radius: float) -> Mask:
    return form(Shape.CIRCLE, struct.pack("<4f", x, y, radius, 0.01))


def gradient(x: float, y: float, rotation: float) -> Mask:
    return form(Shape.GRADIENT, struct.pack("<6fi", x, y, rotation, 0.02, 0.0, 0.0, 1))


def ellipse(x: float, y: float, rotation: float) -> Mask:
    return form(Shape.ELLIPSE, struct.pack("<6fi", x, y, 0.3, 0.1, rotation, 0.01, 0))


def square(x: float, y: float) -> Mask:
    return form(
        Shape.PATH, b"".join(_node(x + dx, y + dy) for dx, dy in ((-0.1, -0.1), (0.1, -0.1), (0.1, 0.1), (-0.1, 0.1)))
    )


def stroke(x: float, y: float) -> Mask:
    nodes = (_node(x + dx, y, struct.pack("<2f", 1.0, 1.0)) for dx in (-0.1, 0.0, 0.1))
    return form(Shape.BRUSH, b"".join(nodes))


def _node(x: float, y: float, more: bytes = b"") -> bytes:
    """A corner without curvature: its handles lie on it. Drawn by the person (state 2)."""
    return struct.pack("<8f", x, y, x, y, x, y, 0.05, 0.05) + more + struct.pack("<i", 2)


def with_group(mask: Mask) -> tuple[Mask, Mask]:
    points = struct.pack("<iiif", FORM, GROUP, MASKED, 1.0)
    return mask, Mask(num=0, id=GROUP, type=Shape.GROUP, name="group", version=6, points=points, count=1)


KEYFRAMES = {
    "circle": (circle(0.25, 0.375, 0.1), circle(0.75, 0.625, 0.2)),
    "falling": (gradient(0.5, 0.25, 0.0), gradient(0.5, 0.75, 0.0)),
    "turning": (gradient(0.5, 0.5, 150.0), gradient(0.5, 0.5, -150.0)),
    "ellipse": (ellipse(0.25, 0.25, 0.0), ellipse(0.75, 0.75, 90.0)),
    "path": (square(0.25, 0.25), square(0.75, 0.75)),
    "brush": (stroke(0.25, 0.25), stroke(0.75, 0.75)),
}


@pytest.fixture(scope="module")
def lit(tmp_path_factory: pytest.TempPathFactory) -> dict[str, NDArray[np.bool_]]:
    """Where each picture is brightened by more than half of what the mask lets through at most."""
    folder, work = tmp_path_factory.mktemp("masks"), tmp_path_factory.mktemp("run")
    for (name, (before, after)), share in product(KEYFRAMES.items(), SHARES):
        path = folder / f"{name} {share}.jpg"
        Image.new("RGB", SIZE, (60, 60, 60)).save(path, quality=98)
        masks = forms_over((0, 1), (with_group(before), with_group(after))).at(0, 1, share)
        sidecar = Sidecar.blank(raw=False).with_steps([BRIGHTER]).with_masks(masks)
        assert settled(sidecar.masks, sidecar.end) == masks
        path.with_name(f"{path.name}.xmp").write_bytes(sidecar.data)
    pictures = exported(folder, work)
    return {name: pixels[..., 1] > (60 / 255 + pixels.max()) / 2 for name, pixels in pictures.items()}


def centre(mask: NDArray[np.bool_]) -> tuple[float, float]:
    y, x = np.nonzero(mask)
    return float(x.mean()) + 0.5, float(y.mean()) + 0.5


@pytest.mark.tools
@pytest.mark.parametrize("share", SHARES)
def test_a_circle_moves_and_grows_evenly(lit: dict[str, NDArray[np.bool_]], share: float) -> None:
    mask = lit[f"circle {share}"]
    assert centre(mask) == pytest.approx((24 + 48 * share, 24 + 16 * share), abs=0.75)
    first, last = (_radius_px(lit[f"circle {end}"]) for end in (0.0, 1.0))
    assert (first, last) == pytest.approx((7, 14), abs=0.5)
    assert _radius_px(mask) == pytest.approx(first + share * (last - first), abs=1)


def _radius_px(mask: NDArray[np.bool_]) -> float:
    return float(np.sqrt(mask.sum() / np.pi))


@pytest.mark.tools
@pytest.mark.parametrize("share", SHARES)
def test_a_gradient_moves_evenly(lit: dict[str, NDArray[np.bool_]], share: float) -> None:
    mask = lit[f"falling {share}"]
    rows = mask.all(axis=1)
    assert np.array_equal(rows, mask.any(axis=1))
    edge = int(np.flatnonzero(np.diff(rows.astype(int)))[0]) + 1
    assert edge == pytest.approx(16 + 32 * share, abs=1)


@pytest.mark.tools
@pytest.mark.parametrize("share", SHARES)
def test_a_gradient_turns_the_short_way(lit: dict[str, NDArray[np.bool_]], share: float) -> None:
    heights = lit[f"turning {share}"].sum(axis=0)  # of the lit part, in every column
    degrees = np.degrees(np.arctan2(heights[72] - heights[24], 48.0))
    assert degrees == pytest.approx(-30 + 60 * share, abs=2)


@pytest.mark.tools
@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("name", ["ellipse", "path", "brush"])
def test_the_other_forms_move_evenly(lit: dict[str, NDArray[np.bool_]], name: str, share: float) -> None:
    assert centre(lit[f"{name} {share}"]) == pytest.approx((24 + 48 * share, 16 + 32 * share), abs=1.5)
