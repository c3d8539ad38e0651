"""Originals and a person's sidecars while a look is applied and taken back: whatever fails, not a bit changes."""

import errno
import hashlib
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

import dayspool.look.apply as room
from dayspool.develop import Recipe
from dayspool.errors import JournalUnwritable
from dayspool.look.apply import apply_look, remove_look
from dayspool.look.wish import Picture
from dayspool.picture.whole import PART_SUFFIX
from dayspool.sidecar.corrections import corrected
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.step import Step

BEGIN = datetime(2026, 6, 21, 18, tzinfo=UTC)
DATA = Path(__file__).parent.parent / "sidecar" / "data"
IMPORTED = (DATA / "raw-untouched.dng.xmp").read_bytes()
HASHES = ("history_auto_hash", "history_current_hash")
VELVIA = Step(operation="velvia", version=2, params=bytes.fromhex("0000c8410000803f"))
UNDONE = Sidecar.blank(raw=True).with_steps([VELVIA]).with_texts({"history_end": "0"})
ADOBE = b"""<?xml version="1.0"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="3"/></rdf:RDF></x:xmpmeta>
"""


def appended():
    """Return what darktable wrote at import, with an edit that a program put in that knows nothing of its hashes."""
    sidecar = Sidecar.read(IMPORTED)
    return sidecar.with_steps([*sidecar.steps, VELVIA]).with_texts({name: sidecar.text(name) for name in HASHES}).data


A_PERSONS = {
    "edited": (DATA / "raw-edited.dng.xmp").read_bytes(),
    "undone": UNDONE.data,
    "appended": appended(),
    "edited further": (DATA / "jpeg-ours-edited.jpg.xmp").read_bytes(),
    "broken": b"<x:xmpmeta",
}
OTHERS = {"imported": IMPORTED, "rated": (DATA / "jpeg-rated.jpg.xmp").read_bytes(), "adobe": ADOBE, "none": None}


@pytest.fixture(autouse=True)
def nobody_has_the_folder(monkeypatch):
    monkeypatch.setattr(room, "holders", lambda _: ())


@pytest.fixture
def pictures(tmp_path):
    """Return a picture with each kind of sidecar, a person's and others by turns."""
    folder = tmp_path / "DCIM"
    folder.mkdir()
    names = [name for pair in zip(A_PERSONS, [*OTHERS, "none 2"], strict=True) for name in pair]
    found = []
    for slot, name in enumerate(names):
        picture = Picture(slot=slot, path=folder / f"{name}.ARW", utc=BEGIN + timedelta(seconds=slot))
        picture.path.write_bytes(name.encode() * 1000)
        data = (A_PERSONS | OTHERS).get(name)
        if data is not None:
            picture.sidecar.write_bytes(data)
        found.append(picture)
    return found


def look(ev=0.5):
    base = Sidecar.blank(raw=True).with_steps([VELVIA])
    return SimpleNamespace(
        keyframes=[], recipe=lambda slot: Recipe(sidecar=corrected(base, ev=ev * slot, raw=True).data)
    )


def hashed(pictures):
    """Return the hash of each file in the folder."""
    folder = pictures[0].path.parent
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def precious(hashes):
    """Return the hashes of what nothing may ever change: the pictures and a person's sidecars."""
    return {name: one for name, one in hashes.items() if name.endswith(".ARW") or name.split(".")[0] in A_PERSONS}


def assert_whole(pictures, first):
    """Check that nothing precious is touched, and that every other sidecar is as it was or as it is to be."""
    now = hashed(pictures)
    assert precious(now) == precious(first)
    for name in sorted(set(now) - set(precious(now))):
        path = pictures[0].path.parent / name
        if not name.endswith(PART_SUFFIX):
            assert now[name] == first.get(name) or Sidecar.read(path.read_bytes()).ours


def fates(applied):
    return {one.picture.path.stem: one.fate.value for one in applied}


def test_applied_renewed_and_taken_back(pictures):
    first = hashed(pictures)
    done = fates(apply_look(look(), pictures))
    assert done == dict.fromkeys(A_PERSONS, "left") | dict.fromkeys([*OTHERS, "none 2"], "written")
    assert_whole(pictures, first)
    again = fates(apply_look(look(ev=-1.0), pictures))
    assert set(again.values()) == {"left", "renewed"}
    assert_whole(pictures, first)
    assert list(fates(remove_look(pictures)).values()).count("removed") == len(OTHERS) + 1
    assert hashed(pictures) == first
    assert set(fates(remove_look(pictures)).values()) == {"absent"}
    assert hashed(pictures) == first


def test_what_a_person_undoes_later_stays_his(pictures):
    list(apply_look(look(), pictures))
    ours = pictures[-1].sidecar  # one that was not there before
    ours.write_bytes(Sidecar.read(ours.read_bytes()).with_texts({"history_end": "0"}).data)
    first = hashed(pictures)
    assert fates(apply_look(look(ev=2.0), pictures))["none 2"] == "left"
    assert fates(remove_look(pictures))["none 2"] == "absent"
    assert hashed(pictures)[ours.name] == first[ours.name]


def failing(number, code):
    """Return an `fsync` that fails at a call and from then on, as a disk does that is full."""
    calls = iter(range(number))
    real = os.fsync

    def fsync(handle):
        if next(calls, None) is None:
            raise OSError(code, os.strerror(code))
        real(handle)

    return fsync


@pytest.mark.parametrize("number", [0, 3, 6])
@pytest.mark.parametrize("work", ["apply", "remove"])
def test_a_full_disk(pictures, monkeypatch, work, number):
    first = hashed(pictures)
    if work == "remove":
        list(apply_look(look(), pictures))
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing(number, errno.ENOSPC))
        with pytest.raises(JournalUnwritable, match="cannot be written: No space left on device"):
            list(apply_look(look(), pictures) if work == "apply" else remove_look(pictures))
    assert_whole(pictures, first)
    assert not [name for name in hashed(pictures) if name.endswith(PART_SUFFIX)]
    list(apply_look(look(), pictures))
    list(remove_look(pictures))
    assert hashed(pictures) == first


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("work", ["apply", "remove"])
def test_a_folder_that_takes_no_writes(pictures, monkeypatch, work, code):
    if work == "remove":
        list(apply_look(look(), pictures))
    first = hashed(pictures)
    whole_open = Path.open

    def refused(path, *_, **__):
        raise OSError(code, os.strerror(code), str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", lambda path, mode="r": (whole_open if mode == "rb" else refused)(path, mode))
        for name in ("rename", "unlink", "touch"):
            patched.setattr(Path, name, refused)
        with pytest.raises(JournalUnwritable, match=rf"cannot be written: {os.strerror(code)}"):
            list(apply_look(look(), pictures) if work == "apply" else remove_look(pictures))
        assert set(fates(apply_look(look(), pictures, dry=True)).values()) <= {"left", "written", "unchanged"}
    assert hashed(pictures) == first


def killed(number, work):
    """Do work in a process of its own that is killed at a call of `fsync`; return whether it came to that."""
    child = os.fork()
    if child == 0:
        calls = iter(range(number))
        real = os.fsync
        os.fsync = lambda handle: (
            real(handle) if next(calls, None) is not None else os.kill(os.getpid(), signal.SIGKILL)
        )
        try:
            list(work)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("work", ["apply", "remove"])
def test_killed_at_any_time(pictures, work):
    first = hashed(pictures)
    kills = 0
    for number in (0, 3, 6, 9):  # in the middle of writing a file, and behind it
        if work == "remove":
            list(apply_look(look(), pictures))
        kills += killed(number, apply_look(look(), pictures) if work == "apply" else remove_look(pictures))
        assert_whole(pictures, first)
        if work == "apply" and number % 2:
            assert set(fates(apply_look(look(), pictures)).values()) <= {"left", "written", "unchanged"}
        list(remove_look(pictures))
        assert hashed(pictures) == first
    assert kills == (4 if work == "apply" else 3)  # two calls write a file, one deletes it
