"""From frames to a film: the right ones, in the right order, whatever is wrong with some of them."""

from __future__ import annotations

import threading
import weakref
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest
from PIL import Image

from dayspool.develop import BuiltinDeveloper, DarktableDeveloper, DeveloperInfo, Recipe
from dayspool.errors import FilmError, PlanError, ToolDisobeyed, ToolMissing
from dayspool.render import FrameFile, Progress, pipeline, render
from dayspool.render.budget import Machine, this_machine
from dayspool.video import preset, probe

QUICK = preset("preview")
BUILTIN = BuiltinDeveloper()


@pytest.fixture
def out(tmp_path) -> Path:
    (tmp_path / "films").mkdir()
    return tmp_path / "films" / "film.mp4"


def listed(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_frames_come_in_slot_order_with_gaps_closed(shoot, read_film, out):
    slots = [5, 2, 900, 31, 30, 7, 0, 511]
    report = render(shoot(slots), out=out, preset=QUICK, developer=BUILTIN)
    assert read_film(out) == sorted(slots)
    assert (report.frames, report.width, report.height, report.left_out) == (8, 192, 108, ())
    assert report.seconds == pytest.approx(8 / 30)
    assert report.film == out
    assert report.developer.name == "builtin"
    assert listed(out.parent) == ["film.mp4"]


@pytest.mark.tools
def test_darktable_gives_the_same_frames_in_the_same_order(shoot, read_film, out):
    developer = DarktableDeveloper()
    slots = range(3, 43)
    report = render(shoot(slots), out=out, preset=QUICK, developer=developer, workers=2)
    assert read_film(out) == list(slots)
    assert report.developer.name == "darktable"
    assert report.left_out == ()


def test_a_worker_keeps_no_plate_while_it_develops_the_next(shoot, out):
    """A plate of 24 megapixels has 144 MB in 16 bits."""

    class Watched(BuiltinDeveloper):
        def develop(self, *asked, **how):
            before = None
            for developed in super().develop(*asked, **how):
                assert before is None or before() is None
                before = weakref.ref(developed.rgb)
                yield developed
                del developed

    frames = [replace(frame, recipe=Recipe(ev=0.5)) for frame in shoot(range(4))]
    assert render(frames, out=out, preset=QUICK, developer=Watched(), workers=1).frames == 4


def test_cores_that_memory_leaves_idle_become_threads_of_the_developer(shoot, out, monkeypatch):
    given = []

    class Noting(BuiltinDeveloper):
        worker_bytes = 1 << 30

        def develop(self, jobs, *, threads=1):
            given.append((len(jobs), threads))
            return super().develop(jobs)

    monkeypatch.setattr(pipeline, "this_machine", lambda: Machine(cores=6, available_bytes=3 << 30))
    render(shoot(range(4)), out=out, preset=QUICK, developer=Noting())
    assert given == [(2, 6)] + [(1, 3)] * 4  # first the size of the film is decided, by one call; then two workers


@pytest.mark.parametrize("workers", [1, 2, 2 * this_machine().cores])
def test_many_workers_change_nothing(shoot, read_film, out, workers):
    render(shoot(range(60)), out=out, preset=QUICK, developer=BUILTIN, workers=workers)
    assert read_film(out) == list(range(60))


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, partial(ProcessPoolExecutor, mp_context=get_context("spawn"))])
@pytest.mark.parametrize("developer", [BUILTIN, pytest.param(DarktableDeveloper(), marks=pytest.mark.tools)])
def test_any_executor_will_do(shoot, read_film, out, pool, developer):
    with pool(2) as executor:
        render(shoot(range(12)), out=out, preset=QUICK, developer=developer, executor=executor, workers=2)
        assert executor.submit(abs, -1).result() == 1  # it is the caller's, and still open
    assert read_film(out) == list(range(12))


def test_more_workers_than_twice_the_cores_are_refused_unless_the_executor_is_the_callers(shoot, out):
    many = 2 * this_machine().cores + 1
    with pytest.raises(PlanError, match=f"{many} workers are too many"):
        render(shoot([1]), out=out, preset=QUICK, developer=BUILTIN, workers=many)
    with ThreadPoolExecutor(1) as executor:
        assert render(shoot([1]), out=out, preset=QUICK, developer=BUILTIN, executor=executor, workers=many).frames == 1


def test_one_frame_is_a_film(shoot, read_film, out):
    assert render(shoot([4]), out=out, preset=QUICK, developer=BUILTIN).frames == 1
    assert read_film(out) == [4]


def test_a_film_is_smaller_than_its_pictures_never_larger(shoot, read_film, out):
    frames = shoot(range(3), 1200, 800)
    assert render(frames, out=out, preset=QUICK, developer=BUILTIN).width == 960
    assert read_film(out, 640) == [0, 1, 2]
    assert render(frames, out=out, preset=preset("youtube-4k"), developer=BUILTIN).width == 1200
    whole = render(frames, out=out, preset=replace(QUICK, aspect=None, fps=Fraction(24)), developer=BUILTIN)
    assert (whole.width, whole.height, whole.fps) == (810, 540, 24)
    assert read_film(out, 540) == [0, 1, 2]


def test_odd_sizes_are_cut_not_stretched(shoot, read_film, out):
    report = render(shoot(range(4), 193, 129), out=out, preset=QUICK, developer=BUILTIN)
    assert (report.width, report.height) == (192, 108)
    assert read_film(out, 129) == [0, 1, 2, 3]


def test_unreadable_frames_are_named_and_left_out(shoot, read_film, out):
    frames = shoot(range(8))
    for index in (0, 3):  # the first one too, which would have fixed the film's size
        frames[index].path.write_bytes(frames[index].path.read_bytes()[:900])
    frames[5].path.write_bytes(b"")
    frames[7].path.unlink()
    report = render(frames, out=out, preset=QUICK, developer=BUILTIN)
    assert read_film(out) == [1, 2, 4, 6]
    assert [left.slot for left in report.left_out] == [0, 3, 5, 7]
    assert all(str(left.path) in left.reason for left in report.left_out)


@pytest.mark.tools
def test_unreadable_frames_are_left_out_by_darktable_too(shoot, read_film, out):
    frames = shoot(range(8))
    for index in (0, 3):
        frames[index].path.write_bytes(frames[index].path.read_bytes()[:-300])
    frames[5].path.write_bytes(b"")
    report = render(frames, out=out, preset=QUICK, developer=DarktableDeveloper())
    assert read_film(out) == [1, 2, 4, 6, 7]
    assert [left.slot for left in report.left_out] == [0, 3, 5]


def test_other_sizes_are_fitted_and_smaller_ones_left_out(shoot, read_film, out):
    frames = [*shoot([0, 1]), *shoot([2], 384, 256), *shoot([3], 96, 64), *shoot([4], 300, 200)]
    report = render(frames, out=out, preset=QUICK, developer=BUILTIN)
    assert read_film(out) == [0, 1, 2, 4]
    assert [left.slot for left in report.left_out] == [3]
    assert "96×64" in report.left_out[0].reason
    assert "192×108" in report.left_out[0].reason


def test_the_commonest_size_decides_not_the_first(shoot, out):
    frames = [*shoot([0], 160, 120), *shoot(range(1, 6), 600, 400), *shoot([6], 800, 400)]
    report = render(frames, out=out, preset=QUICK, developer=BUILTIN)
    assert (report.frames, report.width, report.height) == (6, 600, 338)
    assert report.pictures_px == (600, 400)
    assert [left.slot for left in report.left_out] == [0]
    assert "160×120" in report.left_out[0].reason


def test_the_commonest_size_is_that_of_the_pictures_as_they_stand(tmp_path, out):
    lying = Image.Exif()
    lying[0x0112] = 6
    frames = []
    for slot, (size, exif) in enumerate([((64, 96), None), ((96, 64), None), ((96, 64), lying), ((96, 64), lying)]):
        path = tmp_path / f"{slot}.jpg"
        Image.new("RGB", size, (90, 90, 90)).save(path, **({"exif": exif} if exif else {}))
        frames.append(FrameFile(slot=slot, path=path))
    report = render(frames, out=out, preset=replace(QUICK, aspect=None), developer=BUILTIN)
    assert (report.width, report.height) == (64, 96)


def test_headers_that_lie_decide_nothing(shoot, read_film, out):
    frames = [*shoot(range(4), 300, 200), *shoot(range(4, 7))]
    for frame in frames[:4]:  # the most of them, and none is whole
        frame.path.write_bytes(frame.path.read_bytes()[:-200])
    report = render(frames, out=out, preset=QUICK, developer=BUILTIN)
    assert (report.frames, report.width, len(report.left_out)) == (3, 192, 4)
    assert read_film(out) == [4, 5, 6]


@pytest.mark.parametrize(
    ("size", "aspect", "below"),
    [
        ((192, 128), Fraction(16, 9), True),
        ((960, 640), Fraction(16, 9), False),
        ((2000, 520), Fraction(16, 9), True),
        ((700, 560), None, False),
        ((700, 530), None, True),
        ((560, 560), Fraction(1), False),
    ],
)
def test_a_film_below_its_preset_is_reported(shoot, out, size, aspect, below):
    report = render(shoot([1], *size), out=out, preset=replace(QUICK, aspect=aspect), developer=BUILTIN)
    assert report.below_preset is below


@pytest.mark.parametrize("name", ["frame {:d} with space.jpg", "'{:d}'.jpg", "ü{:d}.jpg", "a\n{:d}.jpg"])
def test_names_do_not_matter(shoot, read_film, out, name):
    render(shoot([2, 1, 0], name=name), out=out, preset=QUICK, developer=BUILTIN)
    assert read_film(out) == [0, 1, 2]


@pytest.mark.parametrize("kind", ["empty", "text", "missing"])
def test_no_readable_frame_is_a_film_error_with_the_first_reason(shoot, out, kind):
    frames = shoot(range(3))
    for frame in frames:
        if kind == "missing":
            frame.path.unlink()
        else:
            frame.path.write_text("" if kind == "empty" else "no picture")
    with pytest.raises(FilmError, match=r"none of the 3 frames can be read; the first: .*000000\.jpg"):
        render(frames, out=out, preset=QUICK, developer=BUILTIN)
    assert listed(out.parent) == []


def test_no_frames_and_two_for_one_slot_are_refused(shoot, out):
    with pytest.raises(FilmError, match="no frames"):
        render([], out=out, preset=QUICK, developer=BUILTIN)
    frames = shoot([1, 2])
    with pytest.raises(FilmError, match="slot 2"):
        render([*frames, FrameFile(slot=2, path=frames[0].path)], out=out, preset=QUICK, developer=BUILTIN)


def test_a_folder_that_does_not_take_the_film_is_said_before_the_work(shoot, tmp_path):
    told: list[Progress] = []
    with pytest.raises(FilmError, match="cannot be begun"):
        render(
            shoot(range(30)),
            out=Path("/proc/film.mp4"),  # refuses everybody, root included
            preset=QUICK,
            developer=BUILTIN,
            progress=told.append,
        )
    assert told == []


def test_progress_counts_every_frame_once(shoot, out):
    frames = shoot(range(9))
    frames[4].path.write_bytes(b"")
    told: list[Progress] = []
    render(frames, out=out, preset=QUICK, developer=BUILTIN, progress=told.append)
    assert [(step.done, step.total) for step in told if step.stage == "develop"] == [(n, 9) for n in range(1, 10)]
    assert told[-1] == Progress(done=9, total=9, stage="check")


def test_an_interruption_leaves_the_last_good_film_and_stops_the_developer(shoot, out):
    frames = shoot(range(40))
    render(frames[:3], out=out, preset=QUICK, developer=BUILTIN)
    good = out.read_bytes()

    class Noticing(BuiltinDeveloper):
        stopped = threading.Event()

        def stop(self) -> None:
            self.stopped.set()

    def interrupt(step: Progress) -> None:
        if step.done == 5:
            raise KeyboardInterrupt

    developer = Noticing()
    with pytest.raises(KeyboardInterrupt):
        render(frames, out=out, preset=QUICK, developer=developer, progress=interrupt)
    assert developer.stopped.is_set()
    assert out.read_bytes() == good
    assert listed(out.parent) == ["film.mp4"]


def test_a_developer_that_fails_its_probe_is_not_used(shoot, out):
    class Distrusted(BuiltinDeveloper):
        def probe(self) -> DeveloperInfo:
            return DeveloperInfo(name="x", version="1", detail="lies", fault=ToolDisobeyed("lies"))

    with pytest.raises(ToolDisobeyed, match="lies"):
        render(shoot([1]), out=out, preset=QUICK, developer=Distrusted())
    with pytest.raises(ToolMissing, match="apt install darktable"):
        render(shoot([1]), out=out, preset=QUICK, developer=DarktableDeveloper("no-such-darktable"))


class _Counting(Executor):
    """Runs everything late, when somebody waits, and knows how much was ever waiting at once."""

    def __init__(self) -> None:
        self.waiting = 0
        self.most = 0

    def submit(self, task, /, *args, **kwargs):
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        executor = self

        class Late(Future):
            def result(self, timeout=None):
                executor.waiting -= 1
                return task(*args, **kwargs)

        return Late()


def test_only_a_bounded_number_of_chunks_is_ever_under_way(shoot, read_film, out):
    executor = _Counting()
    render(shoot(range(50)), out=out, preset=QUICK, developer=BUILTIN, executor=executor, workers=3)
    assert executor.most <= 6
    assert read_film(out) == list(range(50))


def test_greyscale_png_and_tiff_frames_mix(tmp_path, out):
    frames = []
    for slot, (mode, suffix) in enumerate(
        [("RGB", "png"), ("L", "jpg"), ("L", "tif"), ("CMYK", "tif"), ("RGB", "jpg")]
    ):
        path = tmp_path / f"{slot}.{suffix}"
        Image.new("RGB", (64, 36), (60 + 30 * slot,) * 3).convert(mode).save(path)
        frames.append(FrameFile(slot=slot, path=path))
    report = render(frames, out=out, preset=QUICK, developer=BUILTIN)
    assert (report.frames, report.left_out) == (5, ())
    assert probe(out).frames == 5
