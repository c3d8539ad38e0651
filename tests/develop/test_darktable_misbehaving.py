"""What becomes of a render whose darktable hangs, crashes, writes nothing, or does something else and exits 0."""

from __future__ import annotations

import os
import pickle
import threading
from pathlib import Path

import pytest

from dayspool.develop import DarktableDeveloper, Developed, DevelopJob, Plate
from dayspool.errors import FrameUnreadable, ToolDisobeyed, ToolFailed

ALL = "for path in frames: develop(path)"


@pytest.fixture
def frames(tmp_path, picture) -> list[Path]:
    folder = tmp_path / "frames"
    folder.mkdir()
    paths = [folder / f"{number:06d}.jpg" for number in range(3)]
    for path in paths:
        picture(96, 64).save(path)
    return paths


def develop(executable: Path, frames: list[Path], limit_seconds: float = 60.0) -> list[Developed]:
    developer = DarktableDeveloper(str(executable), start_seconds=limit_seconds, seconds_per_frame=0)
    return list(developer.develop([DevelopJob(path=path, width=48, height=27) for path in frames]))


def gone(process: int) -> bool:
    """Whether a process runs no more (an unreaped one may still be listed)."""
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] == "Z"


def test_the_fake_behaves_if_told_to(fake_darktable, frames):
    results = develop(fake_darktable(ALL), frames)
    assert [(result.width, result.height) for result in results] == [(48, 32)] * 3


def test_a_frame_left_out_is_tried_once_more_alone(fake_darktable, frames, tmp_path):
    runs = tmp_path / "runs"
    body = f"open({str(runs)!r}, 'a').write(f'{{len(frames)}} ')\nfor path in frames[:2]: develop(path)"
    results = develop(fake_darktable(body), frames)
    assert [type(result) for result in results] == [Plate] * 3
    assert runs.read_text().split() == ["3", "1"]


def test_a_frame_that_is_left_out_twice_is_named_and_costs_only_itself(fake_darktable, frames):
    body = "for path in frames:\n  if path.stem != '00001': develop(path)\nprint('cannot read it', file=sys.stderr)"
    results = develop(fake_darktable(body), frames)
    assert [type(result) for result in results] == [Plate, FrameUnreadable, Plate]
    assert str(frames[1]) in str(results[1])
    assert "cannot read it" in str(results[1])


@pytest.mark.parametrize("body", ["", "sys.exit(1)", "os.kill(os.getpid(), signal.SIGSEGV)"])
def test_a_tool_that_makes_nothing_leaves_every_frame_out(fake_darktable, frames, body):
    assert [type(result) for result in develop(fake_darktable(body), frames)] == [FrameUnreadable] * 3


def test_a_crash_after_the_first_frame_costs_nothing_in_the_end(fake_darktable, frames):
    body = "develop(frames[0])\nos.kill(os.getpid(), signal.SIGKILL)"
    assert [type(result) for result in develop(fake_darktable(body), frames)] == [Plate] * 3


def test_a_half_written_output_is_not_believed(fake_darktable, frames):
    body = "for path in frames: develop(path, cut=5 if len(frames) > 1 else 0)"
    assert [type(result) for result in develop(fake_darktable(body), frames)] == [Plate] * 3


def test_a_hanging_tool_is_killed_with_its_children(fake_darktable, frames, tmp_path):
    pids = tmp_path / "pids"
    body = (
        "child = subprocess.Popen(['sleep', '1000'])\n"
        f"open({str(pids)!r}, 'a').write(f'{{os.getpid()}} {{child.pid}} ')\n"
        "time.sleep(1000)"
    )
    (result,) = develop(fake_darktable(body), frames[:1], limit_seconds=1.0)
    assert "time limit" in str(result)
    assert len(pids.read_text().split()) == 4  # once with its chunk, once alone
    assert all(gone(int(pid)) for pid in pids.read_text().split())


def test_a_tool_that_hangs_over_everything_is_given_up_after_a_chunk_and_one_frame_alone(
    fake_darktable, frames, tmp_path
):
    runs = tmp_path / "runs"
    body = f"open({str(runs)!r}, 'a').write(f'{{len(frames)}} ')\ntime.sleep(1000)"
    with pytest.raises(ToolFailed, match=r"hangs: it made nothing of 3 frames, nor of .*000002\.jpg alone"):
        develop(fake_darktable(body), frames, limit_seconds=0.5)
    assert runs.read_text().split() == ["3", "1"]


def test_a_first_frame_that_darktable_hangs_over_costs_only_itself(fake_darktable, frames):
    body = "for path in frames:\n  if path.stem == '00000': time.sleep(1000)\n  develop(path)"
    results = develop(fake_darktable(body), frames, limit_seconds=1.0)
    assert [type(result) for result in results] == [FrameUnreadable, Plate, Plate]


def test_what_darktable_says_on_every_run_is_not_quoted(fake_darktable, frames):
    body = (
        "print('WARNING: either your user id or the effective user id are 0.')\n"
        "print('notice: output location is a directory.')\n"
        "print('[export_job] exported to x')\n"
        "print('this is why')"
    )
    (result,) = develop(fake_darktable(body), frames[:1])
    assert str(result).endswith("status 0, saying: this is why")


def test_a_pickled_darktable_keeps_its_settings_and_works_after_it_was_used(fake_darktable, frames):
    developer = DarktableDeveloper(str(fake_darktable(ALL)), threads=3, start_seconds=40.0, seconds_per_frame=50.0)
    assert developer.probe().ok
    copy = pickle.loads(pickle.dumps(developer))
    assert (copy.threads, copy.start_seconds, copy.seconds_per_frame) == (3, 40.0, 50.0)
    assert copy.probe() == developer.probe()
    (result,) = copy.develop([DevelopJob(path=frames[0], width=48, height=27)])
    assert isinstance(result, Plate)


def test_another_size_with_status_0_ends_the_render(fake_darktable, frames):
    with pytest.raises(ToolDisobeyed, match=r"told to make .* 48×32 px .* and made 96×64"):
        develop(fake_darktable("for path in frames: develop(path, 96, 64)"), frames)


def test_outputs_nobody_asked_for_end_the_render(fake_darktable, frames):
    with pytest.raises(ToolDisobeyed, match="00000_01"):
        develop(fake_darktable(f"{ALL}\n(outbox / '00000_01.ppm').touch()"), frames)


def test_stop_kills_what_runs_and_only_that(fake_darktable, frames, tmp_path):
    started = tmp_path / "started"
    os.mkfifo(started)
    body = f"if len(frames) > 1:\n  open({str(started)!r}, 'w').close()\n  time.sleep(1000)\n{ALL}"
    developer = DarktableDeveloper(str(fake_darktable(body)))
    jobs = [DevelopJob(path=path, width=48, height=27) for path in frames]
    outcome: list[object] = []

    def run() -> None:
        try:
            outcome.extend(developer.develop(jobs))
        except ToolFailed as failure:
            outcome.append(failure)

    worker = threading.Thread(target=run)
    worker.start()
    started.read_bytes()  # returns once the fake runs
    developer.stop()
    worker.join(30)
    assert not worker.is_alive()
    assert "stopped" in str(outcome[0])
    assert isinstance(next(developer.develop(jobs[:1])), Plate)  # what begins afterwards is not stopped


def test_originals_and_their_folder_are_never_touched(fake_darktable, frames):
    (frames[0].with_name("000000.jpg.xmp")).write_text("<sidecar/>")
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in frames[0].parent.iterdir()}
    body = f"{ALL}\nfor path in inbox.iterdir(): path.write_bytes(b'scribbled')"
    develop(fake_darktable(body), frames)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in frames[0].parent.iterdir()} == before


def test_a_sidecar_goes_along_under_the_matching_name_and_frees_the_size(fake_darktable, frames):
    frames[1].with_name("000001.jpg.xmp").write_text("<sidecar/>")
    body = (
        "sidecars = sorted(path.name for path in inbox.glob('*.xmp'))\n"
        "assert sidecars == [path.name + '.xmp' for path in frames if path.stem == '00001'], sidecars\n"
        "for path in frames: develop(path, 48, 40 if path.stem == '00001' else 32)"
    )
    results = develop(fake_darktable(body), frames)
    assert [(result.width, result.height) for result in results] == [(48, 32), (48, 40), (48, 32)]


def test_a_picture_that_turns_out_wider_than_the_box_is_bounded_by_its_height(fake_darktable, tmp_path):
    raw = tmp_path / "panorama.arw"
    raw.write_bytes(b"raw")
    body = "for path in frames: develop(path, *((48, 12) if width == 48 else (108, 27)))"
    (plate,) = develop(fake_darktable(body), [raw])
    assert (plate.width, plate.height) == (108, 27)


def test_the_work_folder_is_gone_afterwards(fake_darktable, frames, tmp_path):
    told = tmp_path / "told"
    develop(fake_darktable(f"{ALL}\nopen({str(told)!r}, 'w').write(str(inbox.parent.parent))"), frames)
    assert Path(told.read_text()).name.startswith("dayspool-")
    assert not Path(told.read_text()).exists()


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ("for path in frames: develop(path, grey=150)", ToolDisobeyed, "grey 118 into 150"),
        ("for path in frames: develop(path, 10, 10)", ToolDisobeyed, "10×10"),
        ("", ToolDisobeyed, "plain test picture"),
    ],
)
def test_probe_refuses_a_tool_that_does_something_else(fake_darktable, body, kind, said):
    info = DarktableDeveloper(str(fake_darktable(body))).probe()
    assert not info.ok
    assert isinstance(info.fault, kind)
    assert said in info.detail
    assert info.version == "9.9.9"


def test_probe_is_remembered_until_the_executable_changes(fake_darktable, tmp_path):
    runs = tmp_path / "runs"
    script = fake_darktable(f"open({str(runs)!r}, 'a').write('x')\n{ALL}")
    developer = DarktableDeveloper(str(script))
    assert developer.probe().ok
    assert developer.probe().ok
    assert runs.read_text() == "x"
    os.utime(script, (1, 1))
    assert developer.probe().ok
    assert runs.read_text() == "xx"
