"""Styles are read, merged by us, and come out as darktable itself applies them."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from dayspool.errors import SidecarUnreadable
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.fingerprint import OWN_NAME
from dayspool.sidecar.masks import Mask, settled
from dayspool.sidecar.order import JPEG_ORDER, built_in, order_text
from dayspool.sidecar.step import Step
from dayspool.sidecar.style import Style, left_out, merged
from tests.sidecar.exported import exported


def exposure(ev: float, *, priority: int = 0, name: str = "", enabled: bool = True) -> Step:
    params = struct.pack("<iffffi", 0, 0.0, ev, 50.0, -4.0, 0)
    return Step(operation="exposure", version=6, params=params, priority=priority, name=name, enabled=enabled)


def velvia(strength: float) -> Step:
    return Step(operation="velvia", version=2, params=struct.pack("<2f", strength, 1.0))


def plugin(number: int, step: Step, *, packed: bool = False) -> str:
    data = step.params
    params = f"gz04{b64encode(zlib.compress(data)).decode()}" if packed else data.hex()
    blend = "" if step.blend is None else step.blend.hex()
    return (
        f"<plugin><num>{number}</num><module>{step.version}</module><operation>{step.operation}</operation>"
        f"<op_params>{params}</op_params><enabled>{int(step.enabled)}</enabled><blendop_params>{blend}</blendop_params>"
        f"<blendop_version>{step.blend_version or 0}</blendop_version><multi_priority>{step.priority}</multi_priority>"
        f"<multi_name>{escape(step.name)}</multi_name></plugin>"
    )


def style_file(*plugins: str, info: str = "<name>warm</name><description>for &lt;dusk&gt;</description>") -> bytes:
    body = "".join(plugins)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<darktable_style version="1.0">'
        f"<info>{info}</info><style>{body}</style></darktable_style>"
    ).encode()


def levels(black: float, grey: float, white: float, *, priority: int = 0, name: str = "") -> Step:
    params = struct.pack("<i6f", 0, 0, 50, 100, black, grey, white)
    return Step(operation="levels", version=2, params=params, priority=priority, name=name)


COLISA = Step(operation="colisa", version=1, params=struct.pack("<3f", 0.2, 0.1, -0.3))
SHARPEN = Step(operation="sharpen", version=1, params=struct.pack("<3f", 2.0, 1.5, 0.5))
STEPS = (
    velvia(60.0),
    exposure(0.5),
    exposure(-0.25, priority=1, name="veil"),
    levels(0.05, 0.3, 0.9),
    levels(0.0, 0.7, 1.0, priority=1, name="lift"),
)
ORDER = order_text(
    tuple(
        instance
        for name, _ in built_in(JPEG_ORDER)
        for instance in (((name, 1), (name, 0)) if name in ("exposure", "levels") else ((name, 0),))
    )
)
WARM = style_file(*(plugin(number, step) for number, step in enumerate(STEPS)))


def sidecar(*steps: Step) -> Sidecar:
    return Sidecar.blank(raw=False).with_steps(steps)


def test_a_style_is_read_in_the_order_of_its_numbers() -> None:
    shuffled = style_file(plugin(7, SHARPEN, packed=True), plugin(3, COLISA))
    style = Style.read(shuffled)
    assert (style.name, style.description, style.order) == ("warm", "for <dusk>", None)
    assert style.steps == (COLISA, SHARPEN)
    assert Style.read(WARM).steps == STEPS


def test_blending_and_module_order_are_read() -> None:
    blended = replace(COLISA, blend_version=11, blend=bytes(420))
    style = Style.read(style_file(plugin(0, blended), info="<name>n</name><iop_list>rawprepare,0,gamma,0</iop_list>"))
    assert style.steps == (blended,)
    assert style.order == "rawprepare,0,gamma,0"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no XML"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><darktable_style>&b;</darktable_style>", "no XML"),
        (WARM[:-30], "no XML"),
        (b"<xmpmeta/>", "is no style of darktable"),
        (style_file(), "without a module"),
        (style_file(plugin(0, COLISA).replace("<num>0", "<num>first")), "<num> should be a number"),
        (style_file(plugin(0, COLISA).replace("<num>0", "<num>99999999999999")), "<num> should be a number"),
        (style_file(plugin(0, COLISA).replace("<module>1", "<module>")), "<module> should be a number"),
        (style_file(plugin(0, COLISA).replace("colisa", "")), "without a name"),
        (style_file(plugin(0, COLISA).replace("<op_params>", "<op_params>zz")), "module colisa"),
        (style_file(plugin(0, COLISA).replace("<op_params>", "<op_params>gz04!!")), "module colisa"),
    ],
)
def test_what_is_no_style_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(SidecarUnreadable, match=f"warm.dtstyle.*{said}"):
        Style.read(data, where="warm.dtstyle")


def test_a_persons_edit_stays_and_the_style_adds_what_is_not_in_it() -> None:
    style = Style.read(WARM)
    edit = sidecar(exposure(2.0), COLISA)
    both = merged(edit, style)
    assert both.active == (exposure(2.0), COLISA, STEPS[0], *STEPS[2:])
    assert left_out(edit, style) == ("exposure",)
    assert merged(both, style) == both
    assert left_out(both, style) == ("exposure",)


def test_added_instances_run_before_their_modules_own() -> None:
    assert merged(sidecar(COLISA), Style.read(WARM)).order_list == ORDER
    assert merged(sidecar(COLISA), Style.read(style_file(plugin(0, SHARPEN)))).order_list is None


def test_on_top_the_style_counts() -> None:
    edit = sidecar(exposure(2.0), COLISA)
    assert set(merged(edit, Style.read(WARM), on_top=True).active) == {COLISA, *STEPS}


def test_an_instance_of_another_name_gets_a_number_of_its_own() -> None:
    edit = sidecar(exposure(2.0), exposure(1.0, priority=1, name="sky"), exposure(0.1, priority=2, name=OWN_NAME))
    for on_top, first in ((False, 2.0), (True, 0.5)):
        steps = {step.instance: step for step in merged(edit, Style.read(WARM), on_top=on_top).active}
        assert steps["exposure", 0] == exposure(first)
        assert steps["exposure", 1] == exposure(1.0, priority=1, name="sky")
        assert steps["exposure", 2] == exposure(0.1, priority=2, name=OWN_NAME)
        assert steps["exposure", 3] == exposure(-0.25, priority=3, name="veil")


def test_what_a_style_calls_ours_is_left_out() -> None:
    style = Style.read(style_file(plugin(0, exposure(1.0, priority=1, name=OWN_NAME))))
    edit = sidecar(COLISA)
    assert merged(edit, style) is edit


def test_undone_edits_are_not_revived() -> None:
    undone = sidecar(COLISA, exposure(3.0)).with_texts({"history_end": "1"})
    assert undone.active == (COLISA,)
    assert set(merged(undone, Style.read(WARM)).active) == {COLISA, *STEPS}


def test_masks_stay_and_undone_ones_are_not_revived() -> None:
    kept = Mask(num=0, id=1, type=1, name="sun", version=6, points=bytes(16), count=1)
    masked = sidecar(COLISA, exposure(3.0)).with_masks([kept, replace(kept, num=1, id=2)])
    undone = merged(masked.with_texts({"history_end": "1"}), Style.read(WARM))
    assert settled(undone.masks, undone.end) == (kept,)
    assert merged(masked, Style.read(WARM)).masks == masked.masks


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, NDArray[np.float64]]]:
    """What darktable makes of pictures: with the style applied by itself in both ways, and with it merged by us."""
    work = tmp_path_factory.mktemp("style")
    file = work / "warm.dtstyle"
    file.write_bytes(WARM)
    edit, style = sidecar(COLISA, SHARPEN), Style.read(WARM)
    sidecars = {
        "append": {"edit": edit},
        "overwrite": {"edit": edit},
        "merged": {
            "edit": merged(edit, style),
            "blank": merged(Sidecar.blank(raw=False), style),
            "overlapping": merged(sidecar(exposure(1.0), COLISA), style),
            "expected": sidecar(*STEPS[2:], STEPS[0], exposure(1.0), COLISA).with_order(JPEG_ORDER, ORDER),
            "plain": edit,
        },
    }
    load = ("--luacmd", f'require("darktable").styles.import("{file}")')
    options = {"append": ("--style", "warm"), "overwrite": ("--style", "warm", "--style-overwrite"), "merged": ()}
    results = {}
    for name, ours in sidecars.items():
        folder = work / name
        folder.mkdir()
        for picture, one in ours.items():
            _gradient(folder / f"{picture}.jpg")
            (folder / f"{picture}.jpg.xmp").write_bytes(one.data)
        own = bool(options[name])
        results[name] = exported(folder, work / f"{name}-run", options=options[name], core=load * own, presets=own)
    return results


def _gradient(path: Path) -> None:
    y, x = np.mgrid[0:64, 0:96]
    rgb = np.stack([40 + x, 60 + y, 120 - x // 2], axis=-1).astype(np.uint8)
    Image.fromarray(rgb).save(path, quality=98, subsampling=0)


@pytest.mark.tools
@pytest.mark.parametrize(("way", "picture"), [("append", "edit"), ("overwrite", "blank")])
def test_merged_by_us_equals_applied_by_darktable(
    runs: dict[str, dict[str, NDArray[np.float64]]], way: str, picture: str
) -> None:
    by_darktable, by_us = runs[way]["edit"], runs["merged"][picture]
    assert np.abs(by_darktable - runs["merged"]["plain"]).max() > 0.02
    assert np.abs(by_darktable - by_us).max() <= 1 / 65535


@pytest.mark.tools
def test_where_both_set_a_module_darktable_obeys_the_person(runs: dict[str, dict[str, NDArray[np.float64]]]) -> None:
    assert np.array_equal(runs["merged"]["overlapping"], runs["merged"]["expected"])
