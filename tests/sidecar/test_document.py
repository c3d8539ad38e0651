"""Sidecars come back byte for byte, and edits touch what they are meant to touch."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.errors import SidecarUnreadable
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.masks import Mask
from dayspool.sidecar.step import Step
from tests.sidecar.spellings import SPELLINGS, STEPS, TEXT, Spelling

EXPOSURE = Step(operation="exposure", version=5, params=b"\0\1\2\3", name="Ünter <&'\">", priority=2)
CIRCLE = Mask(num=0, id=77, type=1, name="circle & more", version=6, points=bytes(16), count=1)
HISTORIES = st.lists(STEPS, max_size=4)


@given(SPELLINGS, HISTORIES, st.integers(0, 5))
def test_reads_every_spelling_and_gives_the_same_bytes_back(spelling: Spelling, steps: list[Step], end: int) -> None:
    data = spelling.document(steps, end)
    sidecar = Sidecar.read(data)
    assert sidecar.data == data
    assert sidecar.steps == tuple(steps)
    assert sidecar.end == min(end, len(steps))
    assert Sidecar.read(data) == sidecar
    if end == len(steps):
        assert sidecar.with_steps(sidecar.steps).data == data
    assert sidecar.with_masks(sidecar.masks).data == data
    assert sidecar.with_order(2).data == data


@given(SPELLINGS, HISTORIES, HISTORIES)
def test_any_history_can_be_put_in_place_of_any_other(spelling: Spelling, old: list[Step], new: list[Step]) -> None:
    changed = Sidecar.read(spelling.document(old, len(old))).with_steps(new)
    assert changed.steps == tuple(new)
    assert changed.end == len(new)
    assert changed.order_version == 2
    assert Sidecar.read(changed.data) == changed


@given(SPELLINGS, st.lists(STEPS, min_size=1, max_size=4), st.data())
def test_an_edit_undone_leaves_no_trace(spelling: Spelling, steps: list[Step], data: st.DataObject) -> None:
    spelling = replace(spelling, squeezed=False)  # what is written again is hex
    sidecar = Sidecar.read(spelling.document(steps, len(steps)))
    place = data.draw(st.integers(0, len(steps) - 1))
    edited = replace(steps[place], params=b"other", name=data.draw(TEXT), enabled=data.draw(st.booleans()))
    changed = sidecar.with_steps([*steps[:place], edited, *steps[place + 1 :]])
    assert changed.steps[place] == edited
    assert changed.with_steps(steps) == sidecar


@given(SPELLINGS, st.lists(STEPS, min_size=2, max_size=4, unique_by=lambda step: step.instance))
def test_untouched_steps_keep_their_bytes(spelling: Spelling, steps: list[Step]) -> None:
    sidecar = Sidecar.read(spelling.document(steps, len(steps)))
    edited = replace(steps[0], params=b"other")
    changed = sidecar.with_steps([edited, *steps[1:], EXPOSURE]).data.decode(spelling.codec)
    for num, step in enumerate(steps[1:], start=1):
        assert spelling.item(num, step) in changed
    assert spelling.foreign in changed
    assert spelling.comment in changed


@pytest.mark.parametrize("elements", [False, True])
def test_only_the_changed_value_of_a_changed_step_changes(elements: bool) -> None:
    spelling = Spelling(elements=elements, quote="'")
    steps = [EXPOSURE, replace(EXPOSURE, priority=3)]
    before = spelling.document(steps, 2)
    after = Sidecar.read(before).with_steps([EXPOSURE, replace(steps[1], params=b"\7\7\7\7")]).data
    assert before.count(b"00010203") == 2
    assert after == before[::-1].replace(b"00010203"[::-1], b"07070707"[::-1], 1)[::-1]


def test_what_a_later_darktable_adds_to_an_entry_stays_when_the_entry_changes() -> None:
    entry = Spelling().item(0, EXPOSURE)
    data = (
        Spelling()
        .document([EXPOSURE], 1)
        .replace(entry.encode(), entry.replace("/>", ' darktable:multi_name_hand_edited="1"/>').encode())
    )
    changed = Sidecar.read(data).with_steps([replace(EXPOSURE, enabled=False)])
    assert b'multi_name_hand_edited="1"' in changed.data
    assert not changed.steps[0].enabled


def test_of_two_entries_of_an_instance_the_later_counts_and_undone_ones_do_not() -> None:
    first, other = replace(EXPOSURE, name=""), replace(EXPOSURE, operation="vignette")
    again, undone = replace(first, enabled=False), replace(first, params=b"")
    sidecar = Sidecar.read(Spelling().document([first, other, again, undone], 3))
    assert sidecar.active == (other, again)
    assert sidecar.with_steps(sidecar.active).steps == (other, again)


def test_entries_count_by_their_numbers() -> None:
    data = Spelling().document([EXPOSURE, replace(EXPOSURE, version=6)], 2)
    swapped = data.replace(b'num="0"', b'num="2"')
    assert [step.version for step in Sidecar.read(swapped).steps] == [6, 5]


@pytest.mark.parametrize("raw", [True, False])
def test_a_blank_one_takes_steps_and_masks_and_has_the_order_of_its_kind(raw: bool) -> None:
    blank = Sidecar.blank(raw=raw)
    assert (blank.steps, blank.masks, blank.order_version, blank.rating) == ((), (), 2 if raw else 3, 0)
    full = blank.with_steps([EXPOSURE]).with_masks([CIRCLE])
    assert (full.steps, full.masks, full.end) == ((EXPOSURE,), (CIRCLE,), 1)
    assert full.with_steps([]).with_masks([]).fingerprint == blank.fingerprint
    assert full.text("auto_presets_applied") == "1"


@pytest.mark.parametrize(
    "description",
    [
        "<rdf:Description rdf:about=''/>",
        "<rdf:Description rdf:about='' xmlns:crs='http://ns.adobe.com/crs/' crs:Exposure2012='+1'/>",
        "<rdf:Description><dc:format xmlns:dc='http://purl.org/dc/'>image/jpeg</dc:format></rdf:Description>",
        "<rdf:Description xmlns:darktable='http://example.com/other/' darktable:history_end='x'></rdf:Description>",
        "<rdf:Description xmlns='http://darktable.sf.net/'><history/></rdf:Description>",
    ],
)
def test_xmp_of_other_programs_has_no_steps_and_takes_some(description: str) -> None:
    data = f"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>{description}</rdf:RDF>".encode()
    foreign = Sidecar.read(data)
    assert (foreign.steps, foreign.order_version, foreign.edited, foreign.ours) == ((), None, False, False)
    changed = foreign.with_steps([EXPOSURE])
    assert changed.steps == (EXPOSURE,)
    assert (changed.order_version, changed.text("xmp_version"), changed.text("history_end")) == (3, "5", "1")
    assert foreign.with_steps([replace(EXPOSURE, operation="demosaic")]).order_version == 2


def test_rating_and_labels_stay_when_it_is_developed_as_another() -> None:
    own = Spelling(
        foreign="<xmp:Rating xmlns:xmp='http://ns.adobe.com/xap/1.0/'>-1</xmp:Rating>"
        "<darktable:colorlabels><rdf:Bag><rdf:li>4</rdf:li><rdf:li>0</rdf:li></rdf:Bag></darktable:colorlabels>"
    )
    mine = Sidecar.read(own.document([EXPOSURE], 1))
    other = Sidecar.blank(raw=False).with_steps([replace(EXPOSURE, version=6)]).with_masks([CIRCLE])
    developed = mine.developed_as(other)
    assert (developed.rating, developed.labels) == (-1, (0, 4)) == (mine.rating, mine.labels)
    assert developed.steps == other.steps
    assert developed.masks == other.masks
    assert developed.order_version == 3
    assert developed.fingerprint == other.fingerprint


@given(SPELLINGS, SPELLINGS, HISTORIES)
def test_the_fingerprint_is_blind_to_spelling(one: Spelling, other: Spelling, steps: list[Step]) -> None:
    prints = {Sidecar.read(spelling.document(steps, len(steps))).fingerprint for spelling in (one, other)}
    assert len(prints) == 1


def test_the_fingerprint_sees_every_change_that_a_picture_would() -> None:
    first = Sidecar.blank(raw=True).with_steps([EXPOSURE])
    changed = [
        first.with_steps([replace(EXPOSURE, params=b"")]),
        first.with_steps([replace(EXPOSURE, enabled=False)]),
        first.with_steps([replace(EXPOSURE, version=6)]),
        first.with_steps([replace(EXPOSURE, blend_version=11, blend=b"\1\0\0\0")]),
        first.with_steps([EXPOSURE, replace(EXPOSURE, priority=0)]),
        first.with_masks([CIRCLE]),
        first.with_masks([replace(CIRCLE, points=b"\1" * 16)]),
        first.with_order(3),
        first.with_order(2, "exposure,0"),
    ]
    assert len({sidecar.fingerprint for sidecar in (first, *changed)}) == len(changed) + 1


HEAD = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
GOOD = Spelling().document([EXPOSURE], 1)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not well-formed"),
        (b"\xff\xd8\xff\xe0 a picture", "not well-formed"),
        (b"<sidecar/>", "no XMP"),
        (HEAD.encode(), "not well-formed"),
        (f"{HEAD}</rdf:RDF></x:xmpmeta>".encode(), "no rdf:RDF with an rdf:Description"),
        ((LAUGHS + "<x>&b;</x>").encode(), "document type"),
        (b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>", "document type"),
        (b"<a>" * 100, "nested"),
        (b"<a>" + b" " * (33 << 20) + b"</a>", "33 MB"),
        (GOOD.replace(b'xmp_version="5"', b'xmp_version="6"'), "later darktable"),
        (GOOD.replace(b'xmp_version="5"', b'xmp_version="2"'), "before 3.0"),
        (GOOD.replace(b'xmp_version="5"', b'xmp_version="five"'), "no number"),
        (GOOD.replace(b'modversion="5"', b'modversion="99999999999"'), "modversion of entry 0 of history"),
        (GOOD.replace(b"00010203", b"0001020"), "entry 0 of history: parameters '0001020'"),
        (GOOD.replace(b"darktable:params", b"darktable:other"), "entry 0 of history has no params"),
        (GOOD.replace(b"UTF-8", b"EBCDIC-1"), "EBCDIC-1; save it as UTF-8"),
        (GOOD.replace(b"\xc3\x9c", b"\xdc"), "not well-formed"),
    ],
)
def test_what_is_no_sidecar_is_refused_by_name(data: bytes, said: str) -> None:
    with pytest.raises(SidecarUnreadable) as refused:
        Sidecar.read(data, where="frame.jpg.xmp")
    assert said in str(refused.value)
    assert str(refused.value).startswith("frame.jpg.xmp cannot be used: ")
    assert str(refused.value).endswith(" or move it away")


def test_many_small_texts_that_unpack_to_much_are_refused_together() -> None:
    bombs = [replace(EXPOSURE, params=bytes(4 << 20))] * 17
    with pytest.raises(SidecarUnreadable, match="history unpacks to more than 64 MB"):
        Sidecar.read(Spelling(squeezed=True).document(bombs, 17))


@pytest.mark.parametrize(
    ("enabled", "on"),
    [('"1"', True), ('"true"', True), ('" 1"', True), ('"0"', False), ('"2"', False), ('"no"', False)],
)
def test_a_step_is_on_where_darktable_takes_it_for_on(enabled: str, on: bool) -> None:
    assert Sidecar.read(GOOD.replace(b'enabled="1"', b"enabled=" + enabled.encode())).steps[0].enabled == on
    assert not Sidecar.read(GOOD.replace(b'darktable:enabled="1"', b"")).steps[0].enabled


def test_only_the_five_colours_are_labels() -> None:
    labels = "".join(f"<rdf:li>{label}</rdf:li>" for label in ("9" * 5000, "5", " 3 ", "-1", "red", "", "0"))
    own = Spelling(foreign=f"<darktable:colorlabels><rdf:Bag>{labels}</rdf:Bag></darktable:colorlabels>")
    assert Sidecar.read(own.document([], 0)).labels == (0, 3)


@given(st.binary(max_size=40), st.integers(0, len(GOOD)), st.integers(0, 30))
def test_damage_anywhere_is_refused_or_read_but_never_anything_else(junk: bytes, place: int, gone: int) -> None:
    with suppress(SidecarUnreadable):
        Sidecar.read(GOOD[:place] + junk + GOOD[place + gone :]).with_steps([EXPOSURE]).marked()


def test_text_outside_latin_1_goes_into_a_latin_1_file_as_references() -> None:
    data = Spelling(prolog="<?xml version='1.0' encoding='ISO-8859-1'?>", codec="latin-1").document([EXPOSURE], 1)
    changed = Sidecar.read(data).with_steps([replace(EXPOSURE, name="Ünter €")])
    assert changed.steps[0].name == "Ünter €"
    assert b"\xdcnter &#8364;" in changed.data
