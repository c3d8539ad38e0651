"""The look beside pictures: what is written, what is never touched, and how it is taken back."""

import errno
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

import dayspool.look.apply as room
from dayspool.develop import Recipe
from dayspool.errors import JournalUnwritable, PlanError
from dayspool.look.apply import Fate, apply_look, remove_look
from dayspool.look.guard import Holder
from dayspool.look.wish import Picture
from dayspool.sidecar.corrections import corrected
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.step import Step

BEGIN = datetime(2026, 6, 21, 18, tzinfo=UTC)
PERSONS = Step(operation="exposure", version=5, params=b"\0" * 20)
# What darktable 4.2.1 writes beside every picture that it imports.
IMPORTED = b"""<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:darktable="http://darktable.sf.net/"
   xmp:Rating="3"
   darktable:xmp_version="5"
   darktable:raw_params="0"
   darktable:auto_presets_applied="0"
   darktable:history_end="0"
   darktable:iop_order_version="2">
   <darktable:masks_history>
    <rdf:Seq/>
   </darktable:masks_history>
   <darktable:history>
    <rdf:Seq/>
   </darktable:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""


@pytest.fixture(autouse=True)
def holders(monkeypatch):
    """Say which darktables have the folder, whatever runs on this machine; return the function that changes it."""

    def answer(find):
        monkeypatch.setattr(room, "holders", find)

    answer(lambda _: ())
    return answer


@pytest.fixture
def pictures(tmp_path):
    """Return six pictures in a folder with a name that needs care; the files themselves are not looked at."""
    folder = tmp_path / 'a "shoot" of ä\nday'
    folder.mkdir()
    return [
        Picture(slot=slot, path=folder / f"{slot:06d}.jpg", utc=BEGIN + timedelta(seconds=slot)) for slot in range(6)
    ]


def edited(picture, ev=0.5):
    """Edit a picture as a person does."""
    sidecar = Sidecar.blank(raw=False).with_steps([PERSONS])
    picture.sidecar.write_bytes(corrected(sidecar, ev=ev, raw=False).data)
    return picture.sidecar.read_bytes()


def look_of(*keyframes, gain=1.0):
    """Return a look whose exposure rises with the slot."""
    person = Sidecar.blank(raw=False).with_steps([PERSONS])
    return SimpleNamespace(
        keyframes=[SimpleNamespace(slot=one.slot, path=one.sidecar) for one in keyframes],
        recipe=lambda slot: Recipe(sidecar=person.data, ev=gain * slot),
    )


def fates(applied):
    return [one.fate.value for one in applied]


def test_every_frame_but_keyframes_and_edits(pictures):
    keyframe, other = edited(pictures[0]), edited(pictures[3])
    look = look_of(pictures[0])
    done = apply_look(look, pictures)
    assert fates(done) == ["keyframe", "written", "written", "left", "written", "written"]
    assert (pictures[0].sidecar.read_bytes(), pictures[3].sidecar.read_bytes()) == (keyframe, other)
    written = Sidecar.read(pictures[4].sidecar.read_bytes())
    assert written.ours
    wanted = corrected(Sidecar.read(look.recipe(4).sidecar), ev=4.0, raw=False)
    assert written.fingerprint == wanted.fingerprint
    assert sorted(path.suffix for path in pictures[0].path.parent.iterdir()) == [".xmp"] * 6  # no part is left


def test_again_changes_nothing_and_another_look_renews(pictures):
    list(apply_look(look_of(), pictures))
    before = [picture.sidecar.stat().st_mtime_ns for picture in pictures]
    assert set(fates(apply_look(look_of(), pictures))) == {"unchanged"}
    assert [picture.sidecar.stat().st_mtime_ns for picture in pictures] == before
    done = fates(apply_look(look_of(gain=2.0), pictures))
    assert done == ["unchanged", *["renewed"] * 5]  # slot 0 has no gain in either


def test_what_darktable_wrote_at_import_is_filled_and_keeps_its_stars(pictures):
    pictures[2].sidecar.write_bytes(IMPORTED)
    assert fates(apply_look(look_of(), pictures[2:3])) == ["written"]
    written = Sidecar.read(pictures[2].sidecar.read_bytes())
    assert (written.rating, written.ours, written.order_version, len(written.active)) == (3, True, 3, 2)
    assert fates(remove_look(pictures[2:3])) == ["removed"]
    left = Sidecar.read(pictures[2].sidecar.read_bytes())
    assert (left.rating, left.active) == (3, ())
    assert fates(apply_look(look_of(), pictures[2:3])) == ["written"]


def test_one_edited_further_is_left_alone(pictures):
    list(apply_look(look_of(), pictures))
    ours = Sidecar.read(pictures[1].sidecar.read_bytes())
    data = ours.with_steps([*ours.active, Step(operation="vignette", version=4, params=b"\0" * 4)]).data
    pictures[1].sidecar.write_bytes(data)
    assert fates(apply_look(look_of(gain=2.0), pictures))[1] == "left"
    assert fates(remove_look(pictures)) == ["removed", "absent", *["removed"] * 4]
    assert pictures[1].sidecar.read_bytes() == data
    assert len(list(pictures[0].path.parent.iterdir())) == 1


def test_a_dry_run_writes_nothing(pictures):
    assert set(fates(apply_look(look_of(), pictures, dry=True))) == {"written"}
    assert list(pictures[0].path.parent.iterdir()) == []
    list(apply_look(look_of(), pictures))
    assert set(fates(remove_look(pictures, dry=True))) == {"removed"}
    assert len(list(pictures[0].path.parent.iterdir())) == 6


@pytest.mark.parametrize("data", [b"", b"<x:xmpmeta", b"\xff\xfe\x00"])
def test_what_is_not_understood_is_left(pictures, data):
    pictures[0].sidecar.write_bytes(data)
    assert fates(apply_look(look_of(), pictures[:1])) == ["left"]
    assert fates(remove_look(pictures[:1])) == ["absent"]
    assert pictures[0].sidecar.read_bytes() == data


def test_not_while_darktable_has_the_folder(pictures, holders):
    asked = []

    def darktable(folder):
        asked.append(folder)
        return (Holder(process=7, library=None),)

    holders(darktable)
    for work in (apply_look(look_of(), pictures), remove_look(pictures)):
        with pytest.raises(PlanError, match=r"process 7.*close it first"):
            list(work)
    assert set(asked) == {pictures[0].path.parent}
    assert list(pictures[0].path.parent.iterdir()) == []
    assert set(fates(apply_look(look_of(), pictures, force=True))) == {"written"}


def test_every_folder_counts(pictures, holders, tmp_path):
    elsewhere = tmp_path / "DCIM" / "101MSDCF"
    elsewhere.mkdir(parents=True)
    moved = [*pictures, replace(pictures[0], slot=9, path=elsewhere / "DSC00009.JPG")]
    holders(lambda folder: (Holder(process=7, library=folder / "library.db"),) if folder == elsewhere else ())
    with pytest.raises(PlanError, match="has this folder in its library"):
        list(apply_look(look_of(), moved))
    assert list(pictures[0].path.parent.iterdir()) == []


def test_a_darktable_that_starts_meanwhile_stops_it(pictures, holders, monkeypatch):
    monkeypatch.setattr(room, "_LOOK_AGAIN", 2)
    answers = iter([(), (Holder(process=7, library=None),)])
    holders(lambda _: next(answers))
    done = apply_look(look_of(), pictures)
    assert [next(done).fate, next(done).fate] == [Fate.WRITTEN] * 2
    with pytest.raises(PlanError, match="close it first"):
        next(done)


def test_a_full_disk_is_named_and_what_was_written_is_whole(pictures, monkeypatch):
    whole = room.write_whole

    def full(path, data, *, replace):
        if path == pictures[3].sidecar:
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(path, data, replace=replace)

    monkeypatch.setattr(room, "write_whole", full)
    with pytest.raises(JournalUnwritable, match=r"000003\.jpg\.xmp cannot be written: No space left"):
        list(apply_look(look_of(), pictures))
    monkeypatch.setattr(room, "write_whole", whole)
    done = fates(apply_look(look_of(), pictures))
    assert done == [*["unchanged"] * 3, *["written"] * 3]
