"""Measuring a shoot: every frame once, in order, whatever lies among them; kept in the shoot, and without it too."""

from __future__ import annotations

import math
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from dayspool.deflicker import Measure
from dayspool.deflicker.pairs import Tying
from dayspool.develop import Plate
from dayspool.develop.builtin_raw import pinned
from dayspool.develop.sample import bayer, dng
from dayspool.develop.tone import Tone
from dayspool.errors import FrameError, FrameMissing, FrameUnreadable
from dayspool.render import FrameFile, measures
from dayspool.render.measures import how_measured, measure_all, measure_plate

SIZE = (120, 80)
DATABASE = Path("cache") / "measures.db"


class Here(Executor):
    """Runs at once, in this thread, and counts."""

    def __init__(self) -> None:
        self.runs = 0

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def,override]
        self.runs += 1
        future: Future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as fault:
            future.set_exception(fault)
        return future


def codes(light: float = 1.0, size: tuple[int, int] = SIZE, most: int = 255) -> np.ndarray:
    down, across = np.mgrid[0 : size[1], 0 : size[0]] / max(size)
    rgb = np.stack([0.2 + 0.5 * across, 0.3 + 0.4 * down, 0.6 - 0.4 * across], axis=-1) * light
    return np.rint(rgb * most).astype(np.uint16 if most > 255 else np.uint8)


def write(path: Path, pixels: np.ndarray | None = None, **how: object) -> Path:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(codes() if pixels is None else pixels).save(path, quality=95, **how)
    return path


@pytest.fixture
def made(tmp_path: Path):
    """Make a shoot of so many frames, each a little brighter than the one before."""

    def frames(count: int) -> list[FrameFile]:
        folder = tmp_path / "frames"
        return [
            FrameFile(slot=slot, path=write(folder / f"{slot:06d}.jpg", codes(0.5 + 0.5 * slot / count)))
            for slot in range(count)
        ]

    return frames


def found_in(frames, shoot: Path, executor: Executor | None = None, **how) -> list[Measure | FrameError]:
    seen = list(measure_all(frames, shoot=shoot, executor=executor or Here(), **how))
    assert [frame for frame, _ in seen] == list(frames)
    return [found for _, found in seen]


def same(one, other) -> bool:
    return [frame.packed() for frame in one] == [frame.packed() for frame in other]


@pytest.mark.parametrize("pool", [lambda: ThreadPoolExecutor(3), lambda: ProcessPoolExecutor(2)])
def test_frames_come_in_order_measured_by_any_executor(made, tmp_path, pool):
    frames = made(30)
    with pool() as executor:
        found = found_in(frames, tmp_path, executor)
    assert same(found, found_in(frames, tmp_path / "frames"))
    assert np.all(np.diff([frame.light.mean() for frame in found]) > 0)


def test_a_second_run_neither_reads_nor_decodes(made, tmp_path, monkeypatch):
    frames = made(20)
    first, again = Here(), Here()
    one = found_in(frames, tmp_path, first)
    monkeypatch.setattr(measures, "read_frame", None)
    assert same(one, found_in(frames, tmp_path, again))
    assert (first.runs, again.runs) == (20, 0)


@pytest.mark.parametrize("way", ["over it", "in its place"])
def test_other_content_of_the_same_size_and_time_is_measured(made, tmp_path, way):
    """As `cp --preserve` and `rsync --times` leave it behind."""
    frames = made(3)
    path, other = frames[1].path, write(tmp_path / "other.jpg", codes(0.1))
    longest = max(path.stat().st_size, other.stat().st_size)
    for file in (path, other):
        file.write_bytes(file.read_bytes().ljust(longest, b"\0"))
    before = path.stat()
    one = found_in(frames, tmp_path)
    if way == "in its place":
        other.replace(path)
    else:
        path.write_bytes(other.read_bytes())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (longest, before.st_mtime_ns)
    assert found_in(frames, tmp_path)[1].light.mean() < one[1].light.mean() - 2


def test_what_changes_while_it_is_read_is_not_kept(made, tmp_path, monkeypatch):
    """A frame that is replaced after it was read, and before it is decoded (a RAW is read once more for that)."""
    frames = made(2)
    real = measures.proxy

    def late(path: Path, **how):
        write(path, codes(0.1))
        return real(path, **how)

    monkeypatch.setattr(measures, "proxy", late)
    found_in(frames, tmp_path)
    monkeypatch.undo()
    executor = Here()
    dark = found_in(frames, tmp_path, executor)
    assert executor.runs == 2
    assert all(one.light.mean() < -6 for one in dark)
    assert same(dark, found_in(frames, tmp_path))


def test_a_changed_frame_is_measured_again(made, tmp_path):
    frames = made(5)
    one = found_in(frames, tmp_path)
    write(frames[2].path, codes(0.1))
    executor = Here()
    other = found_in(frames, tmp_path, executor)
    assert executor.runs == 1
    assert other[2].light.mean() < one[2].light.mean() - 2
    assert same(one[:2] + one[3:], other[:2] + other[3:])


def test_a_frame_that_is_still_being_written_is_measured_when_it_is_whole(made, tmp_path):
    frames = made(3)
    whole = frames[2].path.read_bytes()
    for part in (0, 300, len(whole) // 2):
        frames[2].path.write_bytes(whole[:part])
        found = found_in(frames, tmp_path)
        assert [isinstance(one, Measure) for one in found] == [True, True, False]
    frames[2].path.write_bytes(whole)
    executor = Here()
    assert all(isinstance(one, Measure) for one in found_in(frames, tmp_path, executor))
    assert executor.runs == 1


@pytest.mark.parametrize("size", [(8, 8), (4000, 50), (50, 4000), (300, 2)])
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_tiny_and_very_long_pictures_are_measured_and_tied(tmp_path, size, suffix):
    folder = tmp_path / "frames"
    frames = [
        FrameFile(slot=slot, path=write(folder / f"{slot}.{suffix}", codes(light, size)))
        for slot, light in enumerate((0.7, 0.6))
    ]
    tying = Tying()
    for found in found_in(frames, tmp_path):
        assert isinstance(found, Measure)
        tying.push(found, 0.0)
    assert tying.ties.ev == pytest.approx([math.log2(0.6 / 0.7) * 2.2], abs=0.1)


def test_a_copied_shoot_is_known_by_its_content(made, tmp_path, monkeypatch):
    frames = made(5)
    one = found_in(frames, tmp_path)
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / "cache", copy / "cache")
    moved = []
    for frame in frames:
        (copy / "frames").mkdir(exist_ok=True)
        path = copy / "frames" / f"other {frame.slot}.jpg"
        path.write_bytes(frame.path.read_bytes())
        moved.append(FrameFile(slot=frame.slot, path=path))
    monkeypatch.setattr("dayspool.render.measures.proxy", None)  # nothing decodes
    assert same(one, found_in(moved, copy))


def test_a_moved_shoot_is_known_by_its_names(made, tmp_path):
    frames = made(3)
    found_in(frames, tmp_path)
    moved = tmp_path.with_name(f"{tmp_path.name} moved")
    tmp_path.rename(moved)
    executor = Here()
    found_in([FrameFile(slot=one.slot, path=moved / "frames" / one.path.name) for one in frames], moved, executor)
    assert executor.runs == 0


def test_another_tone_is_another_measure(made, tmp_path):
    frames = made(3)
    plain = found_in(frames, tmp_path)
    tone = Tone(points=((0.5, 0.4),))
    toned = found_in(frames, tmp_path, tone=tone)
    assert toned[1].light.mean() > plain[1].light.mean() + 0.3
    assert same(plain, found_in(frames, tmp_path))
    assert same(toned, found_in(frames, tmp_path, tone=tone))


@pytest.mark.parametrize("at", [0, 3, 9])
def test_bad_frames_are_named_and_the_others_measured(made, tmp_path, at):
    """All that may lie among frames, in every place."""
    frames = made(10)
    good = found_in(frames, tmp_path)
    folder = tmp_path / "frames"
    whole = frames[0].path.read_bytes()
    upright = Image.Exif()
    upright[0x0112] = 6
    tifffile.imwrite(folder / "deep.tif", codes(1, SIZE, 65535))
    Image.fromarray(codes()).convert("CMYK").save(folder / "cmyk.jpg")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "text.jpg").write_bytes(b"this is no picture")
    (folder / "folder.jpg").mkdir()
    bad = {
        write(
            folder / "large.jpg", codes(1, (240, 160))
        ): "is colour, 8 bits, 240×160, most are colour, 8 bits, 120×80",
        write(folder / "turned.jpg", exif=upright.tobytes()): "80×120, most are",
        write(folder / "grey.jpg", codes()[..., 1]): "it is greyscale",
        write(folder / "white.jpg", np.full_like(codes(), 255)): "one colour all over",
        write(folder / "black.jpg", np.zeros_like(codes())): "one colour all over",
        write(folder / "red.jpg", np.broadcast_to(np.uint8([200, 10, 10]), codes().shape)): "one colour all over",
        folder / "deep.tif": "it is colour, 16 bits",
        folder / "cmyk.jpg": "it is CMYK",
        folder / "empty.jpg": "empty",
        folder / "cut.jpg": "cut short",
        folder / "text.jpg": "does not decode",
        folder / "folder.jpg": "cannot be read",
        folder / "none.jpg": "not there",
    }
    odd = [FrameFile(slot=100 + number, path=path) for number, path in enumerate(bad)]
    mixed = [*frames[:at], *odd[:7], *frames[at : at + 1], *odd[7:], *frames[at + 1 :]]
    for shoot in (tmp_path, tmp_path, tmp_path / "frames"):  # known, known, not known
        found = dict(zip((frame.path for frame in mixed), found_in(mixed, shoot), strict=True))
        for path, said in bad.items():
            fault = found.pop(path)
            assert isinstance(fault, FrameError)
            assert said in str(fault)
            assert str(path) in str(fault)
        assert same(good, list(found.values()))


@pytest.mark.parametrize(("name", "suffix"), [("grey", "jpg"), ("cmyk", "jpg"), ("deep", "tif"), ("raw", "dng")])
def test_a_sequence_that_is_all_of_one_odd_kind_is_measured(tmp_path, name, suffix):
    folder = tmp_path / "frames"
    folder.mkdir()
    frames = []
    for slot in range(3):
        light = 0.4 + 0.2 * slot
        path = folder / f"{slot}.{suffix}"
        if name == "raw":
            path.write_bytes(dng(bayer(codes(light, most=65535) / 65535)))
        elif name == "deep":
            tifffile.imwrite(path, codes(light, SIZE, 65535))
        else:
            Image.fromarray(codes(light)).convert("L" if name == "grey" else "CMYK").save(path)
        frames.append(FrameFile(slot=slot, path=path))
    levels = pinned([frame.path for frame in frames]) if name == "raw" else None
    found = found_in(frames, tmp_path, levels=levels)
    assert all(isinstance(one, Measure) for one in found)
    if name == "raw":
        assert found[2].light - found[0].light == pytest.approx(np.ones_like(found[0].light), abs=0.01)


def test_no_frames_and_no_good_frames(tmp_path):
    assert found_in([], tmp_path) == []
    (fault,) = found_in([FrameFile(slot=0, path=tmp_path / "none.jpg")], tmp_path)
    assert isinstance(fault, FrameMissing)


def test_a_bounded_number_is_under_way(made, tmp_path):
    frames = made(200)
    executor = Here()
    stream = measure_all(frames, shoot=tmp_path, executor=executor)
    next(stream)
    assert executor.runs < 120
    stream.close()


def test_progress_is_told(made, tmp_path):
    told: list[tuple[int, int, str]] = []
    found_in(made(4), tmp_path, progress=lambda now: told.append((now.done, now.total, now.stage)))
    assert told == [(done, 4, "measure") for done in range(1, 5)]


def test_a_shoot_that_cannot_be_written_is_measured_and_the_reason_told(made, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    said: list[str] = []
    found = found_in(made(5), tmp_path, warn=said.append)
    assert all(isinstance(one, Measure) for one in found)
    (sentence,) = said
    assert "cannot be kept" in sentence
    assert "measures.db" in sentence


def test_a_full_disk_in_the_middle_is_told_and_the_rest_measured(made, tmp_path, monkeypatch):
    real = sqlite3.connect

    def small(*args, **kwargs):
        database = real(*args, **kwargs)
        database.execute("PRAGMA max_page_count = 200")  # SQLite then says what it says of a full disk
        return database

    monkeypatch.setattr(sqlite3, "connect", small)
    said: list[str] = []
    frames = made(60)
    found = found_in(frames, tmp_path, warn=said.append)
    assert all(isinstance(one, Measure) for one in found)
    assert "full" in said[0]
    monkeypatch.undo()
    again = Here()
    assert same(found, found_in(frames, tmp_path, again))
    assert 0 < again.runs < 60


def test_a_disk_with_little_room_is_left_to_the_shoot(made, tmp_path, monkeypatch):
    disk = shutil.disk_usage(tmp_path)._replace(total=10**12, free=10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk)
    said: list[str] = []
    found = found_in(made(20), tmp_path, warn=said.append)
    assert all(isinstance(one, Measure) for one in found)
    (sentence,) = said
    assert "1.00 GB are left on the disk" in sentence
    with sqlite3.connect(tmp_path / DATABASE) as database:
        assert database.execute("SELECT count(*) FROM measures").fetchone() == (0,)
    database.close()


def test_copies_have_the_same_digest(made, tmp_path):
    frames = made(4)
    shutil.copy(frames[1].path, frames[3].path)
    for _ in ("measured", "known"):
        one, two, three, copy = (found.digest for found in found_in(frames, tmp_path))
        assert copy == two
        assert len({one, two, three}) == 3


@pytest.mark.parametrize("content", [b"no database at all" * 100, b""])
def test_a_damaged_file_is_begun_anew(made, tmp_path, content):
    frames = made(3)
    found = found_in(frames, tmp_path)
    (tmp_path / DATABASE).write_bytes(content)
    said: list[str] = []
    assert same(found, found_in(frames, tmp_path, warn=said.append))
    assert said == []
    again = Here()
    found_in(frames, tmp_path, again)
    assert again.runs == 0


def test_a_file_that_is_damaged_further_in_is_begun_anew_by_the_next_run(made, tmp_path):
    frames = made(40)
    found = found_in(frames, tmp_path)
    whole = (tmp_path / DATABASE).read_bytes()
    (tmp_path / DATABASE).write_bytes(whole[:8192] + b"\xa5" * (len(whole) - 8192))
    said: list[str] = []
    assert same(found, found_in(frames, tmp_path, warn=said.append))
    assert "malformed" in said[0]
    executors = Here(), Here()
    for executor in executors:
        assert same(found, found_in(frames, tmp_path, executor, warn=said.append))
    assert [executor.runs for executor in executors] == [40, 0]
    assert len(said) == 1


def test_a_name_may_have_any_bytes(tmp_path):
    frames = [FrameFile(slot=0, path=write(tmp_path / os.fsdecode(b"f\xff.jpg")))]
    executor = Here()
    assert same(found_in(frames, tmp_path, executor), found_in(frames, tmp_path, executor))
    assert executor.runs == 1


def test_another_libraw_measures_raw_files_again(monkeypatch):
    pictures = how_measured(Path("a.jpg"))
    before = how_measured(Path("a.arw"))
    monkeypatch.setattr("rawpy.libraw_version", (9, 9, 9))
    assert how_measured(Path("a.arw")) != before
    assert how_measured(Path("a.jpg")) == pictures


def test_a_file_of_another_version_is_begun_anew(made, tmp_path):
    frames = made(3)
    found_in(frames, tmp_path)
    with sqlite3.connect(tmp_path / DATABASE) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    executor = Here()
    found_in(frames, tmp_path, executor)
    assert executor.runs == 3


_DIES = """
import os, signal, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from dayspool.render import FrameFile
from dayspool.render.measures import measure_all
shoot = Path(sys.argv[1])
frames = [FrameFile(slot=slot, path=path) for slot, path in enumerate(sorted((shoot / "frames").iterdir()))]
with ThreadPoolExecutor(2) as executor:
    for number, _ in enumerate(measure_all(frames, shoot=shoot, executor=executor)):
        if number == 150:
            os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_measured_stays_after_a_kill(made, tmp_path):
    frames = made(200)
    died = subprocess.run([sys.executable, "-c", _DIES, str(tmp_path)], check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL
    executor = Here()
    found = found_in(frames, tmp_path, executor)
    assert all(isinstance(one, Measure) for one in found)
    assert executor.runs < 70


_MEASURES = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from dayspool.render import FrameFile
from dayspool.render.measures import measure_all
shoot = Path(sys.argv[1])
frames = [FrameFile(slot=slot, path=path) for slot, path in enumerate(sorted((shoot / "frames").iterdir()))]
print("ready", flush=True)
sys.stdin.readline()
said = []
with ThreadPoolExecutor(1) as executor:
    print(sum(map(bool, measure_all(frames, shoot=shoot, executor=executor, warn=said.append))), said)
"""


@pytest.mark.slow
def test_processes_that_begin_at_once_all_keep_what_they_measure(made, tmp_path):
    frames = made(60)
    argv = [sys.executable, "-c", _MEASURES, str(tmp_path)]
    runs = [subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for run in runs:
        assert run.stdout is not None
        run.stdout.readline()
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("\n")
        run.stdin.flush()
    assert [run.communicate(timeout=60)[0] for run in runs] == ["60 []\n"] * 3
    executor = Here()
    found_in(frames, tmp_path, executor)
    assert executor.runs == 0


def test_two_runs_at_once_do_not_disturb_each_other(made, tmp_path):
    frames = made(40)
    one, other = (measure_all(frames, shoot=tmp_path, executor=Here()) for _ in range(2))
    both = list(zip(one, other, strict=True))
    assert all(first.packed() == second.packed() for (_, first), (_, second) in both)


def test_a_developed_picture_is_measured_like_a_frame(made, tmp_path):
    (found,) = found_in(made(1), tmp_path)
    pixels = np.asarray(Image.open(tmp_path / "frames" / "000000.jpg"))
    assert measure_plate(Plate(rgb=pixels)).light == pytest.approx(found.light, abs=0.01)


def test_faults_are_frame_errors_that_travel_between_processes(made, tmp_path):
    frames = made(2)
    frames[1].path.write_bytes(b"")
    with ProcessPoolExecutor(1) as executor:
        found = found_in(frames, tmp_path, executor)
    assert isinstance(found[1], FrameUnreadable)
