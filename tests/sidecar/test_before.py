"""A development written into a file and taken back: the file is what it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.sidecar.before import before, written_into
from dayspool.sidecar.corrections import corrected
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.masks import Mask
from dayspool.sidecar.splices import DARKTABLE, DAYSPOOL
from dayspool.sidecar.step import Step
from tests.sidecar.spellings import SPELLINGS, STEPS, Spelling

DATA = Path(__file__).parent / "data"
XMP = "http://ns.adobe.com/xap/1.0/"
ADOBE = b"""<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
 <rdf:Description rdf:about='' xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='3' xmp:Label='&quot;&#xe4;'/>
</rdf:RDF></x:xmpmeta>\r\n<?xpacket end='w'?>  """
FILES = {
    "presets": (DATA / "raw-untouched.dng.xmp").read_bytes(),
    "stars": (DATA / "jpeg-rated.jpg.xmp").read_bytes(),
    "adobe": ADOBE,
    "utf-16": "\ufeff".encode("utf-16-le") + ADOBE.replace(b"\xef\xbb\xbf", b"").decode().encode("utf-16-le"),
}
VELVIA = Step(operation="velvia", version=2, params=bytes(8))
CIRCLE = Mask(num=0, id=1000, type=1, name="circle", version=6, points=bytes(16), count=1)


def look(ev: float) -> Sidecar:
    drawn = Sidecar.blank(raw=True).with_steps([VELVIA]).with_masks([CIRCLE])
    return corrected(drawn, ev=ev, raw=True)


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_a_file_comes_back_byte_for_byte(data: bytes) -> None:
    existing = Sidecar.read(data)
    assert existing.untouched
    written = written_into(existing, look(1.0), raw=True)
    assert written.ours
    assert written.fingerprint == look(1.0).fingerprint
    assert before(written, raw=True) == existing
    # And through another look in between, and on from what stands on the disk.
    stands = Sidecar.read(written.data)
    again = written_into(before(stands, raw=True), look(-2.0), raw=True)
    assert (again.ours, again.fingerprint) == (True, look(-2.0).fingerprint)
    assert before(Sidecar.read(again.data), raw=True) == existing


@given(SPELLINGS, st.lists(STEPS, max_size=3), st.lists(STEPS, max_size=3), st.booleans())
def test_so_does_one_in_any_spelling(spelling: Spelling, old: list[Step], new: list[Step], raw: bool) -> None:
    existing = Sidecar.read(spelling.document(old, len(old)))
    written = written_into(existing, existing.with_steps(new), raw=raw)
    assert written.ours
    assert before(Sidecar.read(written.data), raw=raw) == existing


@pytest.mark.parametrize("raw", [True, False])
def test_a_file_that_was_not_there_is_gone(raw: bool) -> None:
    written = written_into(None, look(1.0), raw=raw)
    assert before(written, raw=raw) is None
    again = written_into(before(written, raw=raw), look(0.0), raw=raw)
    assert before(Sidecar.read(again.data), raw=raw) is None


@pytest.mark.parametrize("data", [None, *FILES.values()], ids=["none", *FILES])
def test_what_others_wrote_since_stays(data: bytes | None) -> None:
    existing = None if data is None else Sidecar.read(data)
    starred = written_into(existing, look(1.0), raw=True).with_texts({"Rating": "5"}, XMP)
    assert starred.ours
    back = before(starred, raw=True)
    assert back is not None
    assert (back.rating, back.untouched, back.ours) == (5, True, False)
    assert not [name for name in ("fingerprint", "steps", "change_timestamp", "before") if back.text(name, DAYSPOOL)]
    was = existing or Sidecar.blank(raw=True).with_texts({"auto_presets_applied": "0"})
    assert (back.steps, back.masks, back.order_list) == (was.steps, was.masks, was.order_list)
    names = ("history_end", "auto_presets_applied", "history_auto_hash", "history_current_hash")
    assert [back.text(name, DARKTABLE) for name in names] == [was.text(name, DARKTABLE) for name in names]
    # The next look goes into it, and keeps the stars.
    assert before(written_into(back, look(2.0), raw=True), raw=True) == back


@pytest.mark.parametrize("damage", ["", "gz01", "gz01AAAA", "nonsense", "ff"])
def test_a_damaged_memory_only_loses_what_was_in_it(damage: str) -> None:
    written = written_into(Sidecar.read(ADOBE), look(1.0), raw=True).with_texts({"before": damage}, DAYSPOOL)
    back = before(written, raw=True)
    assert back is not None
    assert (back.rating, back.steps, back.untouched, back.ours) == (3, (), True, False)


def test_darktable_keeps_what_we_keep() -> None:
    tidied = Sidecar.read((DATA / "raw-ours-kept.dng.xmp").read_bytes())
    existing = Sidecar.read(FILES["presets"])
    assert tidied.ours
    assert tidied.data != written_into(existing, corrected(None, ev=0.5, raw=True), raw=True).data
    back = before(tidied, raw=True)
    assert back is not None
    assert (back.steps, back.untouched, back.fingerprint) == (existing.steps, True, existing.fingerprint)
