"""Sidecars that the real GUI of darktable 4.2.1 wrote (see data/README.md)."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import pytest

from dayspool.sidecar.corrections import OWN_NAME, corrected, without_ours
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.masks import points_of, settled
from dayspool.sidecar.splices import DAYSPOOL

FILES = sorted((Path(__file__).parent / "data").glob("*.xmp"))
BY_NAME = {path.name.split(".")[0]: path for path in FILES}


def written(name: str) -> Sidecar:
    return Sidecar.read(BY_NAME[name].read_bytes(), where=name)


def evs(sidecar: Sidecar) -> list[float]:
    return [struct.unpack_from("<f", step.params, 8)[0] for step in sidecar.active if step.operation == "exposure"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_comes_back_byte_for_byte(path: Path) -> None:
    data = path.read_bytes()
    sidecar = Sidecar.read(data)
    assert sidecar.data == data
    assert sidecar.with_masks(sidecar.masks).data == data
    if sidecar.steps:
        assert sidecar.with_steps(sidecar.steps).data == data


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_all_but_the_history_survives_an_edit(path: Path) -> None:
    before = path.read_bytes()
    after = Sidecar.read(before).with_steps(Sidecar.read(before).active[:2]).data
    changing = (b"history_end", b"_hash", b"auto_presets", b"iop_order_version")
    head = before[: before.index(b"<darktable:history>")].splitlines()
    for line in head:
        assert line in after or any(word in line for word in changing), line


def test_an_edited_raw() -> None:
    sidecar = written("raw-edited")
    assert (sidecar.end, len(sidecar.steps), len(sidecar.active)) == (15, 15, 13)
    assert (sidecar.order_version, sidecar.rating, sidecar.labels) == (2, 2, ())
    assert "exposure,0,exposure,1" in (sidecar.order_list or "")
    assert (sidecar.edited, sidecar.ours) == (True, False)
    first, second = (step for step in sidecar.active if step.operation == "exposure")
    assert (first.instance, first.name, first.version) == (("exposure", 0), "", 6)
    assert (second.instance, second.name) == (("exposure", 1), "1")
    assert evs(sidecar) == pytest.approx([0.7, 0.1])
    assert {len(step.blend or b"") for step in sidecar.active} == {420}
    assert next(len(step.params) for step in sidecar.active if step.operation == "colorin") == 1044


def test_what_darktable_presets_by_itself_is_no_edit() -> None:
    sidecar = written("raw-untouched")
    assert [step.operation for step in sidecar.active][-3:] == ["filmicrgb", "exposure", "flip"]
    assert (sidecar.edited, sidecar.ours) == (False, False)


def test_stars_and_labels_without_history() -> None:
    sidecar = written("jpeg-rated")
    assert (sidecar.steps, sidecar.rating, sidecar.labels, sidecar.edited) == ((), 4, (0, 3), False)
    assert sidecar.developed_as(corrected(None, ev=1.0, raw=False)).labels == (0, 3)


def test_a_drawn_mask() -> None:
    sidecar = written("raw-mask")
    forms = {mask.id: mask for mask in settled(sidecar.masks, sidecar.end)}
    assert set(forms) == {1000, 2000}
    circle = points_of(forms[1000])
    assert circle is not None
    assert circle[0]["center_x"] == 0.5
    confined = next(step for step in sidecar.active if step.operation == "exposure")
    assert struct.unpack_from("<i", confined.blend or b"", 24) == (2000,)


@pytest.mark.parametrize("name", ["raw-ours", "raw-ours-opened", "raw-ours-kept", "jpeg-ours"])
def test_our_mark_survives_darktable_tidying_up(name: str) -> None:
    sidecar = written(name)
    before = corrected(None, ev=0.5, raw=name.startswith("raw")).marked()
    assert sidecar.ours
    assert sidecar.fingerprint != before.fingerprint  # modules of its own, and a later version of ours
    assert len(sidecar.steps) > len(before.steps)
    assert evs(sidecar) == [0.5]
    assert sidecar.active[-1].version == 6
    assert evs(without_ours(sidecar)) == []
    assert evs(corrected(sidecar, ev=-1.0, raw=name.startswith("raw"))) == [-1.0]


@pytest.mark.parametrize("name", ["raw-ours", "raw-ours-opened", "raw-ours-kept", "jpeg-ours"])
def test_every_edit_after_that_is_noticed(name: str) -> None:
    sidecar = written(name)
    first, *others = sidecar.steps
    ours = sidecar.steps[-1]
    edits = [
        sidecar.with_texts({"change_timestamp": "63930997296444307"}),
        sidecar.with_steps([first, *others[:-1], replace(ours, enabled=False)]),
        sidecar.with_steps([first, *others[:-1], replace(ours, params=bytes(24))]),
        sidecar.with_steps([*sidecar.steps, replace(ours, name="", priority=0)]),
        sidecar.with_steps(sidecar.steps[:-1]),
    ]
    assert [edit.ours for edit in edits] == [False] * len(edits)
    assert sidecar.marked().ours


def test_ours_edited_by_a_person_is_his() -> None:
    sidecar = written("jpeg-ours-edited")
    assert (sidecar.ours, sidecar.edited) == (False, True)
    assert evs(sidecar) == pytest.approx([0.7, 0.1])
    assert [step.name for step in sidecar.active if step.operation == "exposure"] == [OWN_NAME, "2"]
    his = without_ours(sidecar)
    assert evs(his) == pytest.approx([0.1, 0.2])  # his second instance, and what he turned ours by
    assert OWN_NAME not in {step.name for step in his.active}
    assert evs(corrected(sidecar, ev=0.25, raw=False)) == pytest.approx([0.1, 0.2, 0.25])


@pytest.mark.parametrize("version", ["", "-1", "9" * 5000, "²", "5.0"])
def test_a_mark_with_an_absurd_version_is_read_all_the_same(version: str) -> None:
    said = f"exposure,1:{version}:0123456789abcdef"
    assert not written("raw-ours").with_texts({"steps": said}, DAYSPOOL).ours
    his = f"demosaic,0:{version}:0123456789abcdef"
    assert not written("raw-ours").with_texts({"steps": his}, DAYSPOOL).ours
