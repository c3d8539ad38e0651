"""A card looked at: DCIM or any folder, heads only, RAW and JPEG joined, copies counted once, nothing changed."""

from pathlib import Path

import pytest

from dayspool.core.exposure import Exposure
from dayspool.errors import PlanError
from dayspool.intake import join_exposures, scan_card
from dayspool.picture import read_head
from tests.intake.scene import arw
from tests.picture.builders import camera_jpeg


def put(folder, name, data):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_card_is_its_dcim_folder(tmp_path):
    put(tmp_path, "DCIM/100MSDCF/DSC09999.JPG", camera_jpeg())
    put(tmp_path, "DCIM/101MSDCF/DSC00001.arw", arw())
    put(tmp_path, "DCIM/100MSDCF/.hidden.JPG", camera_jpeg())
    put(tmp_path, "PRIVATE/M4ROOT/THMBNL/C0001T01.JPG", camera_jpeg())
    put(tmp_path, "DCIM/100MSDCF/C0001.MP4", b"film")
    found = scan_card([tmp_path, tmp_path / "DCIM" / "101MSDCF"])
    assert [(file.source_name, file.suffix, file.place) for file in found.files] == [
        ("100MSDCF/DSC09999.JPG", ".JPG", (100, 9999)),
        ("101MSDCF/DSC00001.arw", ".ARW", (101, 1)),
    ]
    assert (found.ignored, found.unreadable) == (1, ())


def test_of_a_raw_file_only_the_head_is_read(tmp_path):
    path = put(tmp_path, "DSC00001.ARW", arw(taken="2026:06:21 04:30:00", size_bytes=3_000_000))
    read = 0

    class Counting:
        def __init__(self, file):
            self._file, self.seek, self.tell = file, file.seek, file.tell

        def read(self, size):
            nonlocal read
            read += size
            return self._file.read(size)

    with path.open("rb") as file:
        facts = read_head(Counting(file))
    assert facts.taken_local == "2026-06-21T04:30:00"
    assert facts.exposure == Exposure(shutter_seconds=1 / 250, aperture=4.0, iso=400)
    assert facts.model == "DSC-RX100M2"
    assert read < 10_000


@pytest.mark.parametrize(
    "data", [b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"MM\0*" + b"\xff" * 5000, b"\xff\xd8", b"x"]
)
def test_rubbish_tells_nothing(tmp_path, data):
    (file,) = scan_card([put(tmp_path, "DSC1.ARW", data)]).files
    assert file.facts.taken_local is None
    assert join_exposures([file]) == ((), ())


def test_raw_and_jpeg_are_one_exposure_and_copies_count_once(tmp_path):
    put(tmp_path, "100MSDCF/DSC00001.JPG", camera_jpeg())
    put(tmp_path, "100MSDCF/DSC00001.ARW", arw())
    put(tmp_path, "Backup/DSC00001 (copy).JPG", camera_jpeg())
    put(tmp_path, "100MSDCF/DSC00002.JPG", camera_jpeg(taken="2026:06:21 04:30:10"))
    exposures, copies = join_exposures(scan_card([tmp_path]).files)
    assert [[file.path.name for file in one.files] for one in exposures] == [
        ["DSC00001.ARW", "DSC00001.JPG"],
        ["DSC00002.JPG"],
    ]
    assert [(one.file.path.name, one.same_as.path.name) for one in copies] == [("DSC00001 (copy).JPG", "DSC00001.JPG")]


def test_pictures_of_one_second_stand_as_the_camera_counted(tmp_path):
    for folder, number in ((101, 1), (100, 9998), (101, 2), (100, 9999)):
        put(tmp_path, f"{folder}MSDCF/DSC{number:05d}.JPG", camera_jpeg() + bytes([number % 256]))
    exposures, _ = join_exposures(scan_card([tmp_path]).files)
    assert [one.files[0].path.stem for one in exposures] == ["DSC09998", "DSC09999", "DSC00001", "DSC00002"]


def test_a_wrapped_counter_in_one_folder(tmp_path):
    for number in (1, 9999):
        put(tmp_path, f"100MSDCF/DSC{number:05d}.JPG", camera_jpeg() + bytes([number % 256]))
    exposures, _ = join_exposures(scan_card([tmp_path]).files)
    assert [one.files[0].path.stem for one in exposures] == ["DSC09999", "DSC00001"]


def test_no_card_and_an_empty_one(tmp_path):
    with pytest.raises(PlanError, match="no such card"):
        scan_card([tmp_path / "no"])
    with pytest.raises(PlanError, match="no originals"):
        scan_card([tmp_path])


def test_real_pictures_of_the_same_makers_cameras():
    folder = Path("/work/shared/data/sony-jpeg")
    if folder.is_dir():  # not carried with the project
        assert all(file.facts.taken_local for file in scan_card([folder]).files)
