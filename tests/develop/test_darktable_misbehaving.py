"""What becomes of a render whose darktable hangs, crashes, writes nothing, or does something else and exits 0."""

from __future__ import annotations

import os
import pickle
import re
import select
import shutil
import struct
import threading
from pathlib import Path

import pytest

from dayspool.develop import DarktableDeveloper, Developed, DevelopJob, Plate, Recipe
from dayspool.develop.darktable_recipe import edited
from dayspool.develop.darktable_stage import names
from dayspool.errors import FrameUnreadable, PlanError, SidecarUnreadable, ToolDisobeyed, ToolError, ToolFailed
from dayspool.sidecar.corrections import corrected
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.step import Step

ALL = "for path in frames: develop(path)"
EDIT = Sidecar.blank(raw=False).with_steps([Step(operation="exposure", version=5, params=bytes(20))]).data


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
    """Whether a process ends (it may take a killed one a moment to)."""
    try:
        watch = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([watch], [], [], 20)[0])
    finally:
        os.close(watch)


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
    body = "for path in frames:\n  if path.stem != '000001': develop(path)\nprint('cannot read it', file=sys.stderr)"
    results = develop(fake_darktable(body), frames)
    assert [type(result) for result in results] == [Plate, FrameUnreadable, Plate]
    assert str(frames[1]) in str(results[1])
    assert "cannot read it" in str(results[1])


@pytest.mark.parametrize("body", ["", "sys.exit(1)", "os.kill(os.getpid(), signal.SIGSEGV)"])
def test_a_tool_that_makes_nothing_leaves_every_frame_out(fake_darktable, frames, body):
    assert [type(result) for result in develop(fake_darktable(body), frames)] == [FrameUnreadable] * 3


def test_a_frame_that_crashes_darktable_is_a_named_gap_and_the_others_go_on(fake_darktable, frames):
    body = "for path in frames:\n  if path.stem == '000001': os.kill(os.getpid(), signal.SIGSEGV)\n  develop(path)"
    results = develop(fake_darktable(body), frames)
    assert [type(result) for result in results] == [Plate, FrameUnreadable, Plate]
    assert "crashed or was killed (SIGSEGV)" in str(results[1])


def test_a_crash_after_the_first_frame_costs_nothing_in_the_end(fake_darktable, frames):
    body = "develop(frames[0])\nos.kill(os.getpid(), signal.SIGKILL)"
    assert [type(result) for result in develop(fake_darktable(body), frames)] == [Plate] * 3


def test_a_half_written_output_is_not_believed(fake_darktable, frames):
    body = "for path in frames: develop(path, cut=5 if len(frames) > 1 else 0)"
    assert [type(result) for result in develop(fake_darktable(body), frames)] == [Plate] * 3


def test_a_hanging_tool_is_killed_with_its_children(frames, tmp_path):
    pids, script = tmp_path / "pids", tmp_path / "darktable-cli"
    script.write_text(f"#!/bin/sh\nsleep 1000 &\necho $$ $! >> '{pids}'\nwait\n")  # starts at once, unlike Python
    script.chmod(0o755)
    (result,) = develop(script, frames[:1], limit_seconds=1.0)
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
    body = "for path in frames:\n  if path.stem == '000000': time.sleep(1000)\n  develop(path)"
    results = develop(fake_darktable(body), frames, limit_seconds=1.0)
    assert [type(result) for result in results] == [FrameUnreadable, Plate, Plate]


def test_what_darktable_says_on_every_run_is_not_quoted(fake_darktable, frames):
    body = (
        "print('WARNING: either your user id or the effective user id are 0.')\n"
        "print('notice: output location is a directory.')\n"
        "print('[export_job] exported to x')\n"
        "print('[dt_init] using 1 threads for openmp parallel sections')\n"
        "print('this is why')"
    )
    (result,) = develop(fake_darktable(body), frames[:1])
    assert str(result).endswith("status 0, saying: this is why")


def test_a_pickled_darktable_keeps_its_settings_and_works_after_it_was_used(fake_darktable, frames):
    developer = DarktableDeveloper(str(fake_darktable(ALL)), start_seconds=40.0, seconds_per_frame=50.0)
    assert isinstance(next(developer.develop([DevelopJob(path=frames[0], width=48, height=27)])), Plate)
    copy = pickle.loads(pickle.dumps(developer))
    assert (copy.start_seconds, copy.seconds_per_frame) == (40.0, 50.0)
    (result,) = copy.develop([DevelopJob(path=frames[0], width=48, height=27)])
    assert isinstance(result, Plate)


def test_a_call_uses_as_many_threads_as_it_is_given(fake_darktable, frames):
    body = "many = int(os.environ['OMP_NUM_THREADS'])\nfor path in frames: develop(path, grey=many)"
    developer = DarktableDeveloper(str(fake_darktable(body + "\nassert given[given.index('-t') + 1] == str(many)")))
    jobs = [DevelopJob(path=frames[0], width=48, height=27)]
    greys = [int(next(developer.develop(jobs, **given)).rgb.max()) // 257 for given in ({}, {"threads": 3})]
    assert greys == [1, 3]


def test_another_size_with_status_0_ends_the_render(fake_darktable, frames):
    with pytest.raises(ToolDisobeyed, match=r"told to make .* 48×32 px .* and made 96×64"):
        develop(fake_darktable("for path in frames: develop(path, 96, 64)"), frames)


def test_outputs_nobody_asked_for_end_the_render(fake_darktable, frames):
    with pytest.raises(ToolDisobeyed, match="000000_01"):
        develop(fake_darktable(f"{ALL}\n(outbox / '000000_01.ppm').touch()"), frames)


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


def test_originals_and_what_lies_beside_them_are_neither_touched_nor_heeded(fake_darktable, frames):
    (frames[0].with_name("000000.jpg.xmp")).write_bytes(EDIT)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in frames[0].parent.iterdir()}
    body = f"{ALL}\nassert not list(inbox.glob('*.xmp'))\nfor path in inbox.iterdir(): path.write_bytes(b'scribbled')"
    assert [type(result) for result in develop(fake_darktable(body), frames)] == [Plate] * 3
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in frames[0].parent.iterdir()} == before


def recipes(executable: Path, frames: list[Path], *recipes: Recipe) -> list[Developed]:
    jobs = zip(frames, recipes, strict=True)
    developer = DarktableDeveloper(str(executable))
    return list(developer.develop([DevelopJob(path=path, width=48, height=27, recipe=recipe) for path, recipe in jobs]))


def test_a_sidecar_goes_along_under_the_matching_name_and_frees_the_size(fake_darktable, frames, tmp_path):
    body = (
        f"for path in inbox.glob('*.xmp'): pathlib.Path({str(tmp_path)!r}, path.name).write_bytes(path.read_bytes())\n"
        "for path in frames: develop(path, 48, 40 if path.stem == '000001' else 32)"
    )
    results = recipes(fake_darktable(body), frames, Recipe(), Recipe(sidecar=EDIT), Recipe())
    assert [(result.width, result.height) for result in results] == [(48, 32), (48, 40), (48, 32)]
    assert [path.name for path in tmp_path.glob("*.xmp")] == ["000001.jpg.xmp"]
    assert (tmp_path / "000001.jpg.xmp").read_bytes() == EDIT


def test_our_exposure_goes_on_top_of_the_edit_and_leaves_the_size_known(fake_darktable, frames, tmp_path):
    body = (
        f"for path in inbox.glob('*.xmp'): pathlib.Path({str(tmp_path)!r}, path.name).write_bytes(path.read_bytes())\n"
        f"{ALL}"
    )
    recipes(fake_darktable(body), frames, Recipe(ev=0.5), Recipe(sidecar=EDIT, ev=-0.25), Recipe())
    alone, on_top = (Sidecar.read((tmp_path / f"00000{number}.jpg.xmp").read_bytes()).steps for number in (0, 1))
    assert [(step.operation, step.name) for step in alone] == [("exposure", "dayspool")]
    assert [(step.operation, step.name) for step in on_top] == [("exposure", ""), ("exposure", "dayspool")]
    assert on_top[0].params == bytes(20)


@pytest.mark.parametrize("ev", [0.0, 0.25])
def test_corrections_that_a_sidecar_brings_along_are_replaced(fake_darktable, frames, tmp_path, ev):
    body = f"pathlib.Path({str(tmp_path / 'given')!r}).write_bytes(next(inbox.glob('*.xmp')).read_bytes())\n{ALL}"
    corrected_before = corrected(Sidecar.read(EDIT), ev=1.0, raw=False).marked().data
    recipes(fake_darktable(body), frames[:1], Recipe(sidecar=corrected_before, ev=ev))
    given = Sidecar.read((tmp_path / "given").read_bytes())
    assert [(step.name, struct.unpack("<iffff", step.params)[2]) for step in given.active] == [
        ("", 0.0),
        ("dayspool", ev),
    ]


@pytest.mark.parametrize("ev", [0.0, 0.5])
def test_an_order_that_not_every_darktable_has_is_spelt_out(fake_darktable, frames, tmp_path, ev):
    """4.2.1 would run a JPEG of darktable 5 in the order of RAWs, but only where nothing is corrected."""
    later = Sidecar.read(EDIT).with_order(5).data
    body = f"pathlib.Path({str(tmp_path / 'given')!r}).write_bytes(next(inbox.glob('*.xmp')).read_bytes())\n{ALL}"
    recipes(fake_darktable(body), frames[:1], Recipe(sidecar=later, ev=ev))
    given = Sidecar.read((tmp_path / "given").read_bytes()).order_list or ""
    assert given.index("colorin,0") < given.index("exposure,0,exposure,1")
    with pytest.raises(PlanError, match=r"000000\.jpg: the sidecar has an order of modules .*7.* not known"):
        recipes(fake_darktable(ALL), frames[:1], Recipe(sidecar=Sidecar.read(EDIT).with_order(7).data, ev=ev))


@pytest.mark.parametrize("ev", [0.0, 0.5])
def test_darktable_is_never_left_to_add_modules_of_its_own(fake_darktable, frames, tmp_path, ev):
    """With `auto_presets_applied` left out it puts its workflow over the edit (+0.83 EV on 4.2.1)."""
    loose = EDIT.replace(b'darktable:auto_presets_applied="1"', b"")
    body = f"pathlib.Path({str(tmp_path / 'given')!r}).write_bytes(next(inbox.glob('*.xmp')).read_bytes())\n{ALL}"
    recipes(fake_darktable(body), frames[:1], Recipe(sidecar=loose, ev=ev))
    given = Sidecar.read((tmp_path / "given").read_bytes())
    assert given.text("auto_presets_applied") == "1"
    assert given.steps[0].params == bytes(20)


@pytest.mark.parametrize(
    ("sidecar", "said"),
    [
        (b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><open>", "000001.jpg"),
        (EDIT.replace(b'xmp_version="5"', b'xmp_version="6"'), "later darktable"),
        (b"\x00\xff no XML at all", "000001.jpg"),
    ],
)
def test_a_sidecar_that_cannot_be_used_costs_its_frame_alone(fake_darktable, frames, sidecar, said):
    results = recipes(fake_darktable(ALL), frames, Recipe(), Recipe(sidecar=sidecar), Recipe())
    assert [type(result) for result in results] == [Plate, SidecarUnreadable, Plate]
    assert said in str(results[1])


def test_only_under_a_watermark_what_darktable_spelt_stays_whole():
    data = Path(__file__).with_name("data").joinpath("every-module.dng.xmp").read_bytes()
    assert edited(Recipe(sidecar=data), where="it").data == data
    off = Sidecar.read(data).with_steps([step for step in Sidecar.read(data).active if step.operation != "watermark"])
    odd = data.replace(b"xmlns:darktable=", b"xmlns:ns1=").replace(b"darktable:", b"ns1:")
    for other in (off.data, odd):
        handed = edited(Recipe(sidecar=other), where="it")
        assert handed.data.startswith(Sidecar.blank(raw=True).data[:100])
        assert handed.fingerprint == Sidecar.read(other).fingerprint


def test_a_sidecar_that_says_nothing_never_reaches_darktable(fake_darktable, frames):
    """It writes such sidecars at every import, and would put its own workflow over the picture."""
    body = f"assert not list(inbox.glob('*.xmp'))\n{ALL}"
    empty = Recipe(sidecar=Sidecar.blank(raw=False).data)
    assert [type(result) for result in recipes(fake_darktable(body), frames, *[empty] * 3)] == [Plate] * 3


def test_a_tone_curve_of_ours_is_refused_before_anything_is_done(fake_darktable, frames):
    developer = DarktableDeveloper(str(fake_darktable(ALL)))
    curved = Recipe(curve=((0.0, 0.0), (1.0, 1.0)))
    with pytest.raises(PlanError, match=r"does not draw dayspool's tone curve.*--developer builtin"):
        developer.develop([DevelopJob(path=frames[0], width=48, height=27, recipe=curved)])


def test_a_disk_that_filled_up_is_not_blamed_on_the_frame(fake_darktable, frames, monkeypatch):
    total = shutil.disk_usage(frames[0])
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: total._replace(free=0) if "dayspool-" in str(path) else total
    )
    with pytest.raises(ToolError, match=r"no room left.*free some, or set TMPDIR"):
        develop(fake_darktable("for path in frames: develop(path, cut=100)"), frames)


def test_a_tool_that_hangs_halfway_is_killed_and_the_rest_is_tried_alone(fake_darktable, frames):
    body = "develop(frames[0])\nif len(frames) > 1: time.sleep(1000)"
    assert [type(result) for result in develop(fake_darktable(body), frames, limit_seconds=0.7)] == [Plate] * 3


def test_pictures_that_turn_out_wider_than_the_box_are_bounded_by_their_height_together(fake_darktable, tmp_path):
    raws = [tmp_path / f"panorama{number}.arw" for number in range(3)]
    for raw in raws:
        raw.write_bytes(b"raw")
    runs = tmp_path / "runs"
    body = (
        f"open({str(runs)!r}, 'a').write(asked_height + ' ')\n"
        "for path in frames: develop(path, *((48, 12) if width == 48 else (108, 27)))"
    )
    developer = DarktableDeveloper(str(fake_darktable(body)))
    jobs = [DevelopJob(path=path, width=48, height=27) for path in raws]
    assert [(plate.width, plate.height) for plate in developer.develop(jobs)] == [(108, 27)] * 3
    assert runs.read_text().split() == ["0", "27"]
    assert [(plate.width, plate.height) for plate in developer.develop(jobs)] == [(108, 27)] * 3
    assert runs.read_text().split() == ["0", "27", "27"]  # the next ones are asked for by height at once


def test_a_call_is_cut_into_runs_that_fit_into_the_work_folder(fake_darktable, frames, tmp_path, monkeypatch):
    monkeypatch.setattr("dayspool.develop.darktable_stage._FOLDER_BYTES", 2 * (48 * 27 * 9 + frames[0].stat().st_size))
    runs = tmp_path / "runs"
    body = f"open({str(runs)!r}, 'a').write(f'{{len(frames)}} ')\n{ALL}"
    assert [type(result) for result in develop(fake_darktable(body), [*frames, *frames])] == [Plate] * 6
    assert runs.read_text().split() == ["2", "2", "2"]
    assert list(DarktableDeveloper(str(fake_darktable(body))).develop([])) == []


def test_a_picture_has_the_same_name_whatever_is_developed_along_with_it(awkward, tmp_path):
    """Film grain is seeded by it."""
    known = [tmp_path / name for name in ("000123.jpg", "DSC01234.ARW", "dsc01234.JPG", "DSC_01.jpg", "a" * 200)]
    paths = [*awkward, *known]
    jobs = [DevelopJob(path=path, width=48, height=27) for path in paths]
    given = list(names(jobs))
    assert given[len(awkward) :][:3] == ["000123", "DSC01234", "dsc01234-1"]
    assert len({name.lower() for name in given}) == len(given)
    assert all(re.fullmatch("[A-Za-z0-9-]{1,40}", name) for name in given)
    alone = [next(names([job])) for job in jobs]
    assert [name for name in given if not name.endswith("-1")] == [name for name in alone if name != "dsc01234"]
    assert list(names([jobs[0]] * 3)) == [alone[0], f"{alone[0]}-1", f"{alone[0]}-2"]


def test_the_work_folder_is_gone_afterwards(fake_darktable, frames, tmp_path):
    told = tmp_path / "told"
    develop(fake_darktable(f"{ALL}\nopen({str(told)!r}, 'w').write(str(inbox.parent.parent))"), frames)
    assert Path(told.read_text()).name.startswith("dayspool-")
    assert not Path(told.read_text()).exists()
