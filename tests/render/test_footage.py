"""Which pictures a film is made of: what came over Wi-Fi, or the originals from the card, never a mixture."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dayspool.core.events import FrameStored, OriginalKept, ShootBegan
from dayspool.errors import FilmError, PlanError
from dayspool.journal import JournalWriter
from dayspool.render import footage_of

NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)


@pytest.fixture
def made(tmp_path):
    """A shoot whose journal knows frames, RAW originals and JPEG originals of these slots."""

    def make(frames=(), raws=(), jpegs=(), suffix=".jpg"):
        with JournalWriter(tmp_path, lambda: NOON) as journal:
            journal.append(ShootBegan(origin=NOON.isoformat(), interval_seconds=10, count=20, source="camera"))
            for slot in frames:
                name = f"{slot:06d}{suffix if slot != 7 else '.jpg'}"
                journal.append(FrameStored(slot=slot, name=name, size_bytes=1))
            for slots, ending in ((raws, ".ARW"), (jpegs, ".JPG")):
                for slot in slots:
                    name = f"{slot:06d}{ending}"
                    journal.append(
                        OriginalKept(
                            slot=slot, name=name, source_name=name, size_bytes=1, digest=f"{name}", confidence=1.0
                        )
                    )
        return tmp_path

    return make


def shown(footage):
    return [(frame.slot, frame.path.parent.name, frame.path.suffix) for frame in footage.frames]


ALL = {"frames": (0, 1, 2)}


@pytest.mark.parametrize(
    ("there", "wanted", "source", "slots", "suffix"),
    [
        (ALL, "auto", "wifi", [0, 1, 2], ".jpg"),
        (ALL | {"raws": (0, 1, 2)}, "auto", "card", [0, 1, 2], ".ARW"),
        (ALL | {"raws": (0, 1, 2)}, "wifi", "wifi", [0, 1, 2], ".jpg"),
        (ALL | {"raws": (0, 1, 2, 3), "jpegs": (0, 1, 2, 3, 4)}, "auto", "card", [0, 1, 2, 3], ".ARW"),
        (ALL | {"raws": (0, 1), "jpegs": (0, 1, 2)}, "auto", "card", [0, 1, 2], ".JPG"),
        (ALL | {"raws": (0, 1), "jpegs": (1, 2)}, "auto", "wifi", [0, 1, 2], ".jpg"),
        (ALL | {"raws": (0, 1, 4), "jpegs": (1, 2)}, "card", "card", [0, 1, 4], ".ARW"),
        (ALL | {"raws": (0,), "jpegs": (1, 2)}, "card", "card", [1, 2], ".JPG"),
        ({"raws": (3, 1)}, "auto", "card", [1, 3], ".ARW"),
        ({"frames": (0, 7, 8), "suffix": ".dng"}, "auto", "wifi", [0, 8], ".dng"),
    ],
)
def test_one_kind_of_picture_makes_a_film(made, there, wanted, source, slots, suffix):
    footage = footage_of(made(**there), wanted)
    folder = {"wifi": "frames", "card": "cards"}[source]
    assert footage.source == source
    assert shown(footage) == [(slot, folder, suffix) for slot in slots]
    assert footage.raw is (suffix in (".ARW", ".dng"))


def test_it_says_with_numbers_what_was_chosen(made):
    footage = footage_of(made(frames=(0, 1, 2), raws=(0, 1, 2, 5, 6)))
    assert footage.recovered == (5, 6)
    assert footage.sentence == "5 RAW files from the card (every frame has one), 2 of them for slots without a frame"


def test_it_says_what_lacks_an_original(made):
    shoot = made(frames=(0, 1, 2, 3), raws=(0, 1, 2), jpegs=(2, 9))
    assert footage_of(shoot).sentence == "4 frames (3 of them have an original; --pictures card takes those alone)"
    footage = footage_of(shoot, "card")
    assert footage.without == (3, 9)
    assert footage.sentence == (
        "3 RAW files from the card (asked for); 2 slots with another picture left out (the first is slot 3)"
    )


def test_an_import_of_both_kinds_is_not_mixed(made):
    footage = footage_of(made(frames=(0, 7, 8), suffix=".dng"))
    assert footage.without == (7,)
    assert footage.sentence == "2 frames (RAW files and JPEGs do not mix: 1 other left out, the first is slot 7)"


@pytest.mark.parametrize(
    ("there", "wanted", "said"),
    [
        ({}, "auto", "no frames yet"),
        ({"frames": (1,)}, "card", "has no originals; `dayspool import` brings them"),
        ({"raws": (1,)}, "wifi", "use --pictures card"),
    ],
)
def test_where_there_is_nothing_it_says_what_to_do(made, there, wanted, said):
    with pytest.raises(FilmError, match=said):
        footage_of(made(**there), wanted)


def test_an_unknown_choice_is_refused(made):
    with pytest.raises(PlanError, match="auto, wifi, card, not 'raw'"):
        footage_of(made(frames=(1,)), "raw")
