"""Films on the disk: as ordered, or not there; the last good one stays."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from dayspool.errors import FilmError
from dayspool.video import ExpectedFilm, FilmWriter, Preset, check, preset, probe
from dayspool.video.mp4 import boxes

SIZE = (64, 48)
QUICK = preset("preview")


def grey(luma: int) -> np.ndarray:
    planes = np.full((SIZE[1] * 3 // 2, SIZE[0]), 128, np.uint8)
    planes[: SIZE[1]] = luma
    return planes


def listed(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def film(out: Path, frames: int, wanted: Preset = QUICK) -> FilmWriter:
    with FilmWriter(out, size=SIZE, preset=wanted) as writer:
        for number in range(frames):
            writer.write(grey(16 + number * 7 % 200))
    return writer


@pytest.mark.parametrize("fps", [30, 25, 24, Fraction(24000, 1001), Fraction(60000, 1001), 12, 1])
@pytest.mark.parametrize("frames", [1, 2, 3, 40])
def test_a_film_is_as_ordered_at_every_rate_and_length(tmp_path, fps, frames):
    wanted = replace(QUICK, fps=Fraction(fps))
    facts = film(tmp_path / "film.mp4", frames, wanted).facts
    assert facts is not None
    assert facts == probe(tmp_path / "film.mp4")
    assert (facts.frames, facts.fps, facts.seconds) == (frames, Fraction(fps), frames / Fraction(fps))
    assert (facts.codec, facts.profile, facts.pixel_format) == ("h264", "High", "yuv420p")
    assert (facts.primaries, facts.transfer, facts.matrix, facts.limited_range) == (1, 1, 1, True)
    assert facts.index_first
    assert not facts.edit_list
    assert facts.start_seconds == 0
    assert facts.steady
    assert facts.longest_group <= wanted.keyframe_interval
    assert listed(tmp_path) == ["film.mp4"]


@pytest.mark.parametrize("size", [(2, 2), (16, 2), (34, 18), (1616, 908)])
def test_small_and_odd_looking_sizes_work(tmp_path, size):
    with FilmWriter(tmp_path / "film.mp4", size=size, preset=QUICK) as writer:
        writer.write(np.full((size[1] * 3 // 2, size[0]), 90, np.uint8))
    assert writer.facts is not None
    assert (writer.facts.width, writer.facts.height) == size


def test_every_group_is_closed(tmp_path):
    """Frames after a keyframe must not need anything before it: decode from the second keyframe on, alone."""
    import av

    film(tmp_path / "film.mp4", 40)
    with av.open(str(tmp_path / "film.mp4")) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        second = [index for index, packet in enumerate(packets) if packet.is_keyframe][1]
        begins = packets[second].pts
        assert begins is not None
        assert all(packet.pts >= begins for packet in packets[second:])  # none is shown before its own keyframe
        decoder = container.streams.video[0].codec_context
        decoder.flush_buffers()
        shown = [frame for packet in packets[second:] for frame in decoder.decode(packet)] + decoder.decode(None)
    assert len(shown) == len(packets) - second
    assert not any(frame.is_corrupt for frame in shown)


def test_an_error_while_filming_leaves_the_last_good_film(tmp_path):
    out = tmp_path / "film.mp4"
    film(out, 3)
    good = out.read_bytes()
    with suppress(KeyboardInterrupt), FilmWriter(out, size=SIZE, preset=QUICK) as writer:
        writer.write(grey(50))
        raise KeyboardInterrupt
    assert out.read_bytes() == good
    assert listed(tmp_path) == ["film.mp4"]


def test_a_frame_of_another_size_is_refused(tmp_path):
    with (
        pytest.raises(FilmError, match="32×32 does not fit 64×48"),
        FilmWriter(tmp_path / "film.mp4", size=SIZE, preset=QUICK) as writer,
    ):
        writer.write(np.zeros((48, 32), np.uint8))
    assert listed(tmp_path) == []


def test_no_frame_no_film(tmp_path):
    with pytest.raises(FilmError, match="no frame"):
        film(tmp_path / "film.mp4", 0)
    assert listed(tmp_path) == []


def test_a_missing_folder_and_a_missing_encoder_are_said(tmp_path):
    with pytest.raises(FilmError, match="No such file or directory"):
        film(tmp_path / "nowhere" / "film.mp4", 1)
    with pytest.raises(FilmError, match=r"no encoder libnothing.*pip install"):
        film(tmp_path / "film.mp4", 1, replace(QUICK, encoder="libnothing"))
    assert listed(tmp_path) == []


def test_a_folder_that_may_not_be_written(tmp_path):
    """`/proc` refuses everybody, root included."""
    with pytest.raises(FilmError, match="cannot be begun"):
        film(Path("/proc/film.mp4"), 1)


def test_a_full_disk_is_said_and_leaves_the_last_good_film(tmp_path):
    """A limit on the size of files stands in for a full disk: the same call fails at the same place."""
    out = tmp_path / "film.mp4"
    film(out, 2)
    good = out.read_bytes()
    script = (
        "import resource, signal, sys, numpy as np\n"
        "from pathlib import Path\n"
        "from dayspool.errors import FilmError\n"
        "from dayspool.video import FilmWriter, preset\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "noise = np.random.default_rng(1)\n"
        "try:\n"
        "    with FilmWriter(Path(sys.argv[1]), size=(320, 240), preset=preset('preview')) as writer:\n"
        "        for _ in range(60):\n"
        "            writer.write(noise.integers(16, 235, (360, 320), dtype=np.uint8))\n"
        "except FilmError as fault:\n"
        "    print(fault)\n"
    )
    said = subprocess.run([sys.executable, "-c", script, str(out)], capture_output=True, text=True, check=True)
    assert "File too large" in said.stdout
    assert "untouched" in said.stdout
    assert out.read_bytes() == good
    assert listed(tmp_path) == ["film.mp4"]


def test_memory_does_not_grow_with_the_film(tmp_path):
    """In a process of its own: elsewhere another test may have grown the memory that this one would have to take."""
    script = (
        "import re, sys, numpy as np\n"
        "from pathlib import Path\n"
        "from dayspool.video import FilmWriter, preset\n"
        "def resident():\n"
        "    return int(re.search(r'VmRSS:\\s+(\\d+) kB', Path('/proc/self/status').read_text())[1])\n"
        "with FilmWriter(Path(sys.argv[1]), size=(640, 360), preset=preset('preview')) as writer:\n"
        "    planes = np.full((540, 640), 100, np.uint8)\n"
        "    for number in range(720):\n"
        "        writer.write(planes)\n"
        "        if number == 119: early = resident()\n"
        "    print(resident() - early)\n"
    )
    argv = [sys.executable, "-c", script, tmp_path / "film.mp4"]
    grown = int(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)
    assert grown < 20 * 1024  # KiB; 600 frames are 200 MiB


def test_two_writers_of_one_film_do_not_meet(tmp_path):
    out = tmp_path / "film.mp4"
    with FilmWriter(out, size=SIZE, preset=QUICK) as one:
        one.write(grey(50))
        with FilmWriter(out, size=SIZE, preset=QUICK) as other:
            other.write(grey(60))
            one.write(grey(70))
        assert probe(out).frames == 1
        one.write(grey(80))
    assert probe(out).frames == 3
    assert listed(tmp_path) == ["film.mp4"]


def test_a_file_of_a_persons_own_beside_the_film_is_left_alone(tmp_path):
    (tmp_path / "film.mp4.part").write_text("mine")
    film(tmp_path / "film.mp4", 3)
    assert (tmp_path / "film.mp4.part").read_text() == "mine"


def test_a_film_has_the_permissions_of_any_new_file(tmp_path):
    film(tmp_path / "film.mp4", 3)
    (tmp_path / "plain").touch()
    assert (tmp_path / "film.mp4").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_check_names_everything_that_is_wrong(tmp_path):
    facts = film(tmp_path / "film.mp4", 5).facts
    assert facts is not None
    check(facts, ExpectedFilm(frames=5, size=SIZE, preset=QUICK))
    wrong = replace(facts, matrix=5, edit_list=True, index_first=False, damaged=1, longest_group=99, profile="Main")
    with pytest.raises(FilmError) as caught:
        check(wrong, ExpectedFilm(frames=6, size=(96, 54), preset=replace(QUICK, fps=Fraction(25))))
    said = str(caught.value).splitlines()
    assert len(said) == 1 + 10
    assert "  frames: 5 instead of 6" in said
    assert "  size: 64×48 instead of 96×54" in said
    assert "  matrix: 5 instead of 1" in said


def test_probe_tells_a_naive_film_from_ours(tmp_path):
    """Written with PyAV's defaults: no tags, index at the end, an edit list."""
    import av

    with av.open(str(tmp_path / "naive.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for _ in range(8):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")))
        container.mux(stream.encode(None))
    facts = probe(tmp_path / "naive.mp4")
    assert facts.edit_list
    assert not facts.index_first
    assert facts.matrix != 1
    with pytest.raises(FilmError, match="edit list: True instead of False"):
        check(facts, ExpectedFilm(frames=8, size=SIZE, preset=QUICK))


@pytest.mark.parametrize("keep", [0, 7, 40, 900, -300])
def test_a_film_cut_short_or_foreign_is_a_film_error(tmp_path, keep):
    film(tmp_path / "film.mp4", 12)
    data = (tmp_path / "film.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(data[:keep])
    with pytest.raises(FilmError):
        probe(tmp_path / "cut.mp4")
    (tmp_path / "text.mp4").write_text("this is no film, but a text that is long enough for a box header")
    with pytest.raises(FilmError):
        probe(tmp_path / "text.mp4")
    with pytest.raises(FilmError):
        probe(tmp_path / "absent.mp4")


def test_damage_inside_the_pictures_is_found(tmp_path):
    noise = np.random.default_rng(5)
    with FilmWriter(tmp_path / "film.mp4", size=SIZE, preset=QUICK) as writer:
        for _ in range(30):
            writer.write(noise.integers(16, 235, (72, 64), dtype=np.uint8))
    data = bytearray((tmp_path / "film.mp4").read_bytes())
    media = next(box for box in boxes(tmp_path / "film.mp4") if box.path == "mdat")
    start = media.start + media.size // 2
    data[start : start + 500] = bytes(500)
    (tmp_path / "damaged.mp4").write_bytes(data)
    with pytest.raises(FilmError):
        check(probe(tmp_path / "damaged.mp4"), ExpectedFilm(frames=30, size=SIZE, preset=QUICK))


def test_boxes_are_walked_in_order(tmp_path):
    film(tmp_path / "film.mp4", 2)
    paths = [box.path for box in boxes(tmp_path / "film.mp4")]
    assert paths[0] == "ftyp"
    assert paths.index("moov") < paths.index("mdat")
    assert "moov/trak/mdia/minf" in paths
    with_64_bit_size = b"\0\0\0\1mdat" + (16 + 5).to_bytes(8, "big") + bytes(5) + b"\0\0\0\0free"
    (tmp_path / "odd.mp4").write_bytes(with_64_bit_size)
    assert [(box.path, box.size) for box in boxes(tmp_path / "odd.mp4")] == [("mdat", 21), ("free", 8)]


def test_what_a_killed_writer_left_is_removed_and_nothing_else(tmp_path):
    out = tmp_path / "a [good] film.mp4"
    strangers = {f"{out.name}.part", f"{out.name}.{'0' * 15}.part", f"x{out.name}.{'0' * 16}.part"}
    for name in strangers:
        (tmp_path / name).touch()
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from dayspool.video import FilmWriter, preset\n"
        "with FilmWriter(Path(sys.argv[1]), size=(64, 48), preset=preset('preview')):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(out)], check=False)
    assert len(set(listed(tmp_path)) - strangers) == 1
    film(tmp_path / "another.mp4", 2)
    assert len(set(listed(tmp_path)) - strangers) == 2
    film(out, 2)
    assert set(listed(tmp_path)) == {out.name, "another.mp4", *strangers}
