"""File names from a camera: whatever they hold, one plain file in one folder."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayspool.intake.names import numbered, safe_name

JPEG = (".jpg", ".jpeg")
RAW = (".arw", ".sr2")


@pytest.mark.parametrize(
    ("name", "suffixes", "safe"),
    [
        ("DSC09394.JPG", JPEG, "DSC09394.JPG"),
        ("dsc09394.jpeg", JPEG, "dsc09394.jpeg"),
        ("DSC09394.ARW", RAW, "DSC09394.ARW"),
        ("DSC09394.ARW", JPEG, "DSC09394.ARW.JPG"),
        ("_DSC0001.JPG", JPEG, "DSC0001.JPG"),
        ("../../x", JPEG, "x.JPG"),
        ("..\\..\\x.jpg", JPEG, "x.jpg"),
        ("/etc/passwd", JPEG, "etc_passwd.JPG"),
        (".hidden.jpg", JPEG, "hidden.jpg"),
        (".jpg", JPEG, "jpg.JPG"),
        ("a\0b.jpg", JPEG, "a_b.jpg"),
        ("naïve picture.jpg", JPEG, "na_ve_picture.jpg"),
        ("con.jpg", JPEG, "_con.jpg"),
        ("NUL", JPEG, "_NUL.JPG"),
        ("lpt1.x.jpg", JPEG, "_lpt1.x.jpg"),
        ("", JPEG, "picture.JPG"),
        ("...", JPEG, "picture.JPG"),
        ("x.jpg.part", JPEG, "x.jpg.part.JPG"),
        ("-rf.jpg", JPEG, "rf.jpg"),
        ("x" * 500 + ".jpg", JPEG, "x" * 100 + ".jpg"),
    ],
)
def test_names(name, suffixes, safe):
    assert safe_name(name, suffixes) == safe


@given(st.text(max_size=300))
def test_any_name_is_one_plain_file(name):
    safe = safe_name(name, JPEG)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*\.(?i:jpg|jpeg)", safe)
    assert ".." not in safe
    assert len(safe) < 120
    assert safe_name(safe.lstrip("_"), JPEG).lstrip("_") == safe.lstrip("_")


def test_numbered_names():
    assert list(numbered("a.b.JPG", most=4)) == ["a.b.JPG", "a.b-2.JPG", "a.b-3.JPG"]
