"""What darktable's own hashes say about an edit, and what they say no more once another program has written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.hashes import history_hash
from dayspool.sidecar.masks import Mask
from dayspool.sidecar.step import Step

DATA = Path(__file__).parent / "data"
FILES = sorted(DATA.glob("*.xmp"))
VELVIA = Step(operation="velvia", version=2, params=bytes.fromhex("0000c8410000803f"))
CIRCLE = Mask(num=0, id=1000, type=1, name="circle", version=6, points=bytes(16), count=1)


def written(name: str) -> Sidecar:
    return Sidecar.read((DATA / name).read_bytes(), where=name)


def claimed(sidecar: Sidecar, **texts: str) -> Sidecar:
    """Return a sidecar with the hashes of the import, as a program leaves them that knows nothing of them."""
    auto = written("raw-untouched.dng.xmp").text("history_auto_hash")
    return sidecar.with_texts({"history_auto_hash": auto, "history_current_hash": auto, **texts})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_is_the_hash_that_darktable_wrote(path: Path) -> None:
    sidecar = Sidecar.read(path.read_bytes())
    assert sidecar.text("history_current_hash") == (history_hash(sidecar) if sidecar.steps else None)


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [("jpeg-edited.jpg", "history_basic_hash", 4), ("raw-edited.dng", "history_auto_hash", 10)],
)
def test_it_is_the_hash_of_what_was_there_before_the_edit(name: str, text: str, count: int) -> None:
    sidecar = written(f"{name}.xmp")
    first = sidecar.with_steps(sidecar.steps[:count])
    assert history_hash(first) == sidecar.text(text)
    imported = first.with_order(first.order_version).with_texts(
        {text: sidecar.text(text), "history_current_hash": sidecar.text(text)}
    )
    assert (imported.edited, imported.untouched) == (False, True)


def test_only_what_darktable_did_alone_is_untouched() -> None:
    assert [path.name for path in FILES if written(path.name).untouched] == [
        "jpeg-rated.jpg.xmp",
        "raw-untouched.dng.xmp",
    ]
    assert Sidecar.blank(raw=True).untouched


def test_what_another_program_wrote_into_it_is_an_edit() -> None:
    sidecar = written("raw-untouched.dng.xmp")
    *first, flip = sidecar.steps
    exposure = next(step for step in first if step.operation == "exposure")
    brighter = replace(exposure, params=exposure.params[:8] + b"\0\0\x80?" + exposure.params[12:])
    edits = [
        sidecar.with_steps([*sidecar.steps, VELVIA]),
        sidecar.with_steps([VELVIA, *sidecar.steps]),
        sidecar.with_steps([*sidecar.steps, brighter]),
        sidecar.with_steps([brighter if step is exposure else step for step in sidecar.steps]),
        sidecar.with_steps([*sidecar.steps, replace(exposure, enabled=False)]),
        sidecar.with_steps(first),
        sidecar.with_steps([*first, flip]).with_order(3),
    ]
    assert [(claimed(edit).edited, claimed(edit).untouched) for edit in edits] == [(True, False)] * len(edits)


def test_what_the_hash_does_not_cover_is_no_keyframe_but_may_be_a_persons() -> None:
    sidecar = written("raw-untouched.dng.xmp")
    doubts = [
        sidecar.with_steps([*sidecar.steps, replace(VELVIA, enabled=False)]),
        sidecar.with_steps([sidecar.steps[-1], *sidecar.steps]),
        sidecar.with_steps([*sidecar.steps, VELVIA]).with_texts({"history_end": "10"}),
        sidecar.with_masks([CIRCLE]),
        sidecar.with_order(2, "exposure,0,velvia,0"),
    ]
    assert [(claimed(doubt).edited, claimed(doubt).untouched) for doubt in doubts] == [(False, False)] * len(doubts)


@pytest.mark.parametrize("raw", [True, False])
def test_an_edit_that_was_undone_is_still_somebodys(raw: bool) -> None:
    undone = Sidecar.blank(raw=raw).with_steps([VELVIA]).with_texts({"history_end": "0"})
    assert (undone.active, undone.edited, undone.untouched) == ((), False, False)
    assert not Sidecar.blank(raw=raw).with_masks([CIRCLE]).untouched


@pytest.mark.parametrize("name", ["raw-ours.dng.xmp", "raw-ours-opened.dng.xmp", "jpeg-ours.jpg.xmp"])
def test_what_another_program_adds_to_ours_is_not_taken_for_darktables(name: str) -> None:
    ours = written(name)
    current = ours.text("history_current_hash")
    flip = next(step for step in ours.steps if step.operation == "flip")
    turned = ours.with_steps([*ours.steps, replace(flip, params=b"\5\0\0\0")])
    assert not turned.with_texts({"history_current_hash": current}).ours
    undone = ours.with_steps([*ours.steps, VELVIA]).with_texts(
        {"history_end": str(ours.end), "history_current_hash": current}
    )
    assert (ours.ours, undone.ours) == (True, False)
