"""The developer that hands folders of frames to darktable-cli and believes nothing it did not check."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PIL import Image

from dayspool.develop.api import Developed, DeveloperInfo, DevelopJob, Plate, covering
from dayspool.develop.darktable_cli import Ended, ExportRequest, Runner, read_ppm
from dayspool.develop.inspect import inspect
from dayspool.develop.workfolder import sweep, work_folder
from dayspool.errors import FrameError, FrameUnreadable, ToolDisobeyed, ToolError, ToolFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from dayspool.develop.api import Pixels

__all__ = ["DarktableDeveloper"]

_SLACK_PX = 2  # darktable 4.2.1 loses one pixel row and column of a picture that it rotates unscaled
_GREY = 118  # sRGB code of mid-grey (18 % reflectance)
_PROBE_BYTES = 1 << 20
_GREY_SLACK = 1.0  # in 8-bit codes
_WORKER_BYTES = (
    1536 << 20
)  # darktable 4.2.1 on 24-megapixel frames, resident and in the work folder, with some to spare


@dataclass(frozen=True, slots=True, kw_only=True)
class _Staged:
    """A frame that looks whole and how to ask for it: `ask` bounds its plate; exactly, or by one side only."""

    index: int
    job: DevelopJob
    suffix: str
    size_bytes: int
    ask: tuple[int, int]

    @property
    def exact(self) -> bool:
        return 0 not in self.ask

    @property
    def name(self) -> str:
        return f"{self.index:05d}"


class DarktableDeveloper:
    """Develops with the installed darktable: 16-bit plates, one darktable-cli process per call and size.

    A sidecar `NAME.EXT.xmp` beside a frame (darktable's own naming) is obeyed; without one a JPEG comes back as it
    was, scaled. Frames are copied under safe names into a private work folder, so neither their names nor their
    folder matter, and nothing is ever written beside them.

    It can be sent to another process, where it begins afresh: `stop` reaches only the process it is called in.
    """

    name = "darktable"
    frames_per_call = 16
    worker_bytes = _WORKER_BYTES

    def __init__(
        self,
        executable: str = "darktable-cli",
        *,
        threads: int = 1,
        start_seconds: float = 30.0,
        seconds_per_frame: float = 60.0,
    ) -> None:
        self.threads = threads
        self.start_seconds = start_seconds  # 0.7 s on an idle machine; a busy one with cold disks needs more
        self.seconds_per_frame = seconds_per_frame
        self._runner = Runner(executable)
        self._probed: tuple[object, DeveloperInfo] | None = None
        self._probing = threading.Lock()

    def __reduce__(self) -> tuple[Callable[[], DarktableDeveloper], tuple[()]]:
        """Pickle the settings alone: locks and running processes belong to this process."""
        made = partial(
            type(self),
            self._runner.executable,
            threads=self.threads,
            start_seconds=self.start_seconds,
            seconds_per_frame=self.seconds_per_frame,
        )
        return made, ()

    def probe(self) -> DeveloperInfo:
        """Develop a small grey JPEG and compare size and grey; remembered until the executable changes."""
        with self._probing:
            try:
                executable = self._runner.located().resolve()
                build = (executable, executable.stat().st_mtime_ns)
            except (ToolError, OSError) as fault:
                return _info(self.name, "none", fault if isinstance(fault, ToolError) else ToolError(str(fault)))
            if self._probed is None or self._probed[0] != build:
                self._probed = (build, self._examined())
            return self._probed[1]

    def develop(self, jobs: Sequence[DevelopJob]) -> Iterator[Developed]:
        """Yield, in job order, a plate per frame or what is wrong with it.

        A frame that darktable left out is tried once more alone before it is given up.

        Raises:
            ToolMissing: darktable is not installed.
            ToolFailed: it does not start, it hangs whatever it is given, or `stop` was called.
            ToolDisobeyed: it made something else than it was told to.
            ToolError: there is no room to work in.
        """
        batch = _Batch(
            runner=self._runner,
            threads=self.threads,
            start_seconds=self.start_seconds,
            seconds_per_frame=self.seconds_per_frame,
            stops=self._runner.stops,
        )
        return batch.developed(jobs)

    def stop(self) -> None:
        """Kill every darktable-cli that this object runs; the calls they belong to raise ToolFailed."""
        self._runner.stop()

    def _examined(self) -> DeveloperInfo:
        sweep()
        version = "unknown"
        try:
            version = self._runner.version()
            self._prove()
        except ToolError as fault:
            return _info(self.name, version, fault)
        return _info(self.name, version, None)

    def _prove(self) -> None:
        with work_folder(_PROBE_BYTES) as folder:
            sample = folder / "grey.jpg"
            Image.new("RGB", (192, 128), (_GREY, _GREY, _GREY)).save(sample, quality=95)
            (developed,) = self.develop([DevelopJob(path=sample, width=96, height=54)])
        if isinstance(developed, FrameError):
            raise ToolDisobeyed(f"darktable could not develop a plain test picture: {developed}")
        grey = float(developed.rgb.mean()) / 257
        if abs(grey - _GREY) > _GREY_SLACK:
            raise ToolDisobeyed(
                f"darktable turned grey {_GREY} into {grey:.1f} without being told to; use --developer builtin"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """One call of `develop`: a work folder, and what is needed to run the tool in it."""

    runner: Runner
    threads: int
    start_seconds: float
    seconds_per_frame: float
    stops: int

    def developed(self, jobs: Sequence[DevelopJob]) -> Iterator[Developed]:
        staged, faults = _inspected(jobs)
        with work_folder(_need_bytes(staged.values())) as work:
            rooms = {}
            for ask in sorted({frame.ask for frame in staged.values()}):
                rooms[ask] = work / f"{ask[0]}x{ask[1]}"
                frames = [frame for frame in staged.values() if frame.ask == ask]
                self._refuse_hanging(rooms[ask], frames, self._export(rooms[ask], frames))
            for index in range(len(jobs)):
                if index in faults:
                    yield faults[index]
                else:
                    yield self._collect(rooms[staged[index].ask], staged[index])

    def _export(self, room: Path, frames: Sequence[_Staged]) -> Ended:
        """Copy frames into a room of their own and develop them there."""
        request = ExportRequest(
            inbox=room / "in",
            outbox=room / "out",
            home=room / "home",
            width=frames[0].ask[0],
            height=frames[0].ask[1],
            threads=self.threads,
        )
        try:
            for folder in (request.inbox, request.outbox, request.home):
                folder.mkdir(parents=True)
            for frame in frames:
                _stage(request.inbox, frame)
        except OSError as refusal:
            raise ToolError(f"preparing darktable's work folder {room} failed: {refusal}") from refusal
        limit = self.start_seconds + self.seconds_per_frame * len(frames)
        ended = self.runner.run(request, limit_seconds=limit, stops=self.stops)
        shutil.rmtree(request.inbox, ignore_errors=True)
        _refuse_strangers(request.outbox, frames)
        return ended

    def _refuse_hanging(self, room: Path, frames: Sequence[_Staged], ended: Ended) -> None:
        """Give up a tool that hung over several frames and made none, if it also hangs over the last of them alone.

        The last, because the first may be what it hung over. Without this each frame would take its time limit.
        """
        if ended.status is not None or len(frames) < 2 or any((room / "out").iterdir()):
            return
        alone = self._export(room / "witness", frames[-1:])
        if alone.status is None:
            raise ToolFailed(
                f"darktable hangs: it made nothing of {len(frames)} frames, nor of {frames[-1].job.path} alone, "
                "and was killed at its time limit both times; try --developer builtin",
                argv=alone.argv,
                status=None,
                last_lines=alone.last_lines,
            )

    def _collect(self, room: Path, frame: _Staged) -> Developed:
        rgb = _taken(room, frame)
        if rgb is None:
            alone = room / f"alone{frame.name}"
            ended = self._export(alone, [frame])
            rgb = _taken(alone, frame)
            if rgb is None:
                return FrameUnreadable(f"{frame.job.path} could not be developed, alone either: {ended.sentence}")
        return self._judged(room, frame, rgb)

    def _judged(self, room: Path, frame: _Staged, rgb: Pixels) -> Developed:
        height, width = rgb.shape[:2]
        _refuse_other_size(frame, width, height)
        if frame.ask[1] == 0 and width == frame.ask[0] and height < frame.job.height:
            # Wider than the box, which only now is known: bound it by its height instead.
            by_height = replace(frame, ask=(0, frame.job.height))
            alone = room / f"wide{frame.name}"
            self._export(alone, [by_height])
            return self._collect(alone, by_height)
        return Plate(rgb=rgb)


def _need_bytes(frames: Iterable[_Staged]) -> int:
    # 6 bytes a pixel, and a picture may exceed its box by half
    return sum(frame.size_bytes + frame.job.width * frame.job.height * 9 for frame in frames)


def _info(name: str, version: str, fault: ToolError | None) -> DeveloperInfo:
    detail = str(fault) if fault else "gave a test picture back in the size and grey it was asked for"
    return DeveloperInfo(name=name, version=version, detail=detail, fault=fault)


def _inspected(jobs: Sequence[DevelopJob]) -> tuple[dict[int, _Staged], dict[int, FrameError]]:
    staged: dict[int, _Staged] = {}
    faults: dict[int, FrameError] = {}
    for index, job in enumerate(jobs):
        try:
            frame = inspect(job.path)
        except FrameError as fault:
            faults[index] = fault
            continue
        # A RAW's size, and a crop that a sidecar may hold, are known to darktable alone: bound the width only.
        known = frame.upright_px if not _sidecar(job.path).exists() else None
        ask = covering(*known, job.width, job.height) if known else (job.width, 0)
        staged[index] = _Staged(index=index, job=job, suffix=frame.suffix, size_bytes=frame.size_bytes, ask=ask)
    return staged, faults


def _sidecar(frame: Path) -> Path:
    return frame.with_name(f"{frame.name}.xmp")


def _stage(inbox: Path, frame: _Staged) -> None:
    """Copy a frame and its sidecar; never link: darktable follows links and names its output by what they point to."""
    copy = inbox / f"{frame.name}{frame.suffix}"
    shutil.copyfile(frame.job.path, copy)
    if _sidecar(frame.job.path).exists():
        shutil.copyfile(_sidecar(frame.job.path), _sidecar(copy))


def _taken(room: Path, frame: _Staged) -> Pixels | None:
    """Read an output and delete it at once: it is large, and the work folder may be memory."""
    output = room / "out" / f"{frame.name}.ppm"
    rgb = read_ppm(output)
    output.unlink(missing_ok=True)
    return rgb


def _refuse_strangers(outbox: Path, frames: Iterable[_Staged]) -> None:
    strangers = sorted({path.name for path in outbox.iterdir()} - {f"{frame.name}.ppm" for frame in frames})
    if strangers:
        raise ToolDisobeyed(f"darktable wrote files it was not asked for: {', '.join(strangers[:3])}")


def _refuse_other_size(frame: _Staged, width: int, height: int) -> None:
    """Hold the result against what was asked: both sides if both were, else the one that bounds it."""
    asked_width, asked_height = frame.ask
    if frame.exact:
        obeyed = max(abs(width - asked_width), abs(height - asked_height)) <= _SLACK_PX
    else:
        obeyed = width <= (asked_width or width) and height <= (asked_height or height)
    if not obeyed:
        raise ToolDisobeyed(
            f"darktable was told to make {frame.job.path} {asked_width}×{asked_height} px (0 = free) "
            f"and made {width}×{height}; try another darktable, or --developer builtin"
        )
