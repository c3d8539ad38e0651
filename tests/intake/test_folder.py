from __future__ import annotations

import pytest

from dayspool.errors import PlanError
from dayspool.intake import scan
from tests.picture.builders import camera_jpeg, jpeg


def names(found):
    return [picture.path.name for picture in found.pictures]


def test_pictures_are_found_in_name_order_and_other_files_counted(tmp_path):
    for name in ("dsc10.JPG", "dsc9.jpg", "Dsc1.jpeg", ".hidden.jpg", "._dsc9.jpg", "dsc9.png", "notes.txt"):
        (tmp_path / name).write_bytes(camera_jpeg())
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "dsc11.jpg").write_bytes(camera_jpeg())
    found = scan([tmp_path])
    assert names(found) == ["Dsc1.jpeg", "dsc9.jpg", "dsc10.JPG"]
    assert found.ignored == 4
    assert found.unreadable == ()


def test_each_picture_is_looked_at(tmp_path):
    (tmp_path / "a.jpg").write_bytes(camera_jpeg())
    (picture,) = scan([tmp_path]).pictures
    assert picture.suffix == ".jpg"
    assert picture.size_bytes == len(camera_jpeg())
    assert picture.facts.taken_local == "2026-06-21T04:30:00"


def test_of_two_files_of_one_name_the_raw_is_the_picture(tmp_path):
    tiff = b"II*\x00" + b"\0" * 40
    for name in ("dsc1.JPG", "dsc2.jpg"):
        (tmp_path / name).write_bytes(camera_jpeg())
    for name in ("DSC1.arw", "dsc3.DNG"):
        (tmp_path / name).write_bytes(tiff)
    (tmp_path / "dsc4.cr2").write_bytes(b"rubbish")
    (tmp_path / "dsc5.nef").write_bytes(b"")
    found = scan([tmp_path])
    assert [(one.path.name, one.suffix) for one in found.pictures] == [
        ("DSC1.arw", ".arw"),
        ("dsc2.jpg", ".jpg"),
        ("dsc3.DNG", ".dng"),
    ]
    assert found.ignored == 1
    assert [(one.path.name, one.reason) for one in found.unreadable] == [
        ("dsc4.cr2", "no RAW file of a camera: it begins with 72 75 62 62"),
        ("dsc5.nef", "the file is empty"),
    ]


def test_an_unreadable_picture_is_named_and_left_out(tmp_path):
    (tmp_path / "a.jpg").write_bytes(camera_jpeg())
    (tmp_path / "cut.jpg").write_bytes(camera_jpeg()[:-2])
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    found = scan([tmp_path])
    assert names(found) == ["a.jpg"]
    assert [(one.path.name, one.reason) for one in found.unreadable] == [
        ("cut.jpg", f"the picture is cut short: no end marker in its {len(camera_jpeg()) - 2} bytes"),
        ("empty.jpg", "the picture is empty"),
        ("gone.jpg", "the file cannot be read: No such file or directory"),
    ]


def test_a_file_named_itself_is_looked_at_whatever_it_is_called_and_only_once(tmp_path):
    (tmp_path / "picture").write_bytes(jpeg())
    (tmp_path / "a.jpg").write_bytes(jpeg())
    found = scan([tmp_path / "picture", tmp_path, tmp_path / "a.jpg"])
    assert names(found) == ["a.jpg", "picture"]
    assert found.ignored == 1


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "there are no pictures; dayspool imports JPEG"),
        ({"notes.txt": b"", "film.mp4": b""}, "there are no pictures among 2 other files"),
        (
            {"b.jpg": b"PNG", "a.jpg": b""},
            "none of the 2 pictures can be read; the first is a.jpg: the picture is empty",
        ),
    ],
)
def test_a_folder_without_pictures_is_an_error(tmp_path, files, sentence):
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(PlanError, match=sentence) as caught:
        scan([tmp_path])
    assert str(tmp_path) in str(caught.value)


def test_a_path_that_does_not_exist_is_an_error(tmp_path):
    with pytest.raises(PlanError, match="nowhere: there is no such folder or picture"):
        scan([tmp_path / "nowhere"])
