"""The developer that hands folders of frames to darktable-cli and believes nothing it did not check."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from dayspool.develop.api import Developed, DeveloperInfo, DevelopJob, Plate, covering
from dayspool.develop.darktable_cli import Ended, ExportRequest, Runner, ppm_size, read_ppm
from dayspool.develop.darktable_recipe import edited, refuse_curves, refuse_what_is_ignored, sidecar_of
from dayspool.develop.inspect import inspect
from dayspool.develop.introspect import installed_modules
from dayspool.develop.selftest import proven
from dayspool.develop.workfolder import sweep, work_folder
from dayspool.errors import FrameError, FrameUnreadable, ToolDisobeyed, ToolError, ToolFailed
from dayspool.picture.raw import is_raw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from dayspool.develop.api import Pixels
    from dayspool.sidecar.schema import Modules

__all__ = ["DarktableDeveloper"]

_SLACK_PX = 2  # darktable 4.2.1 loses one pixel row and column of a picture that it rotates unscaled
_FOLDER_BYTES = 1 << 30  # what one process is given to do at most, because the work folder may be memory
_WORKER_BYTES = 2560 << 20  # at that, 4.2.1 on 20-megapixel frames took 1.6 GB for RAW and 2.4 GB for JPEG


@dataclass(frozen=True, slots=True, kw_only=True)
class _Staged:
    """A frame that looks whole and how to ask for it: `ask` bounds its plate; exactly, or by one side only.

    `sidecar` goes along with it; `turned` says that the first side to bound it by was the wrong one.
    """

    index: int
    job: DevelopJob
    suffix: str
    size_bytes: int
    sidecar: bytes | None
    ask: tuple[int, int]
    turned: bool = False

    @property
    def exact(self) -> bool:
        return 0 not in self.ask

    def bounded_otherwise(self, width: int, height: int) -> _Staged | None:
        """Return how to ask for it instead, if a plate of this size fills the side it was bounded by, not the other."""
        if self.exact or self.turned:
            return None
        if width == self.ask[0] and height < self.job.height:
            return replace(self, ask=(0, self.job.height), turned=True)
        if height == self.ask[1] and width < self.job.width:
            return replace(self, ask=(self.job.width, 0), turned=True)
        return None

    @property
    def name(self) -> str:
        return f"{self.index:05d}"


class DarktableDeveloper:
    """Develops with the installed darktable: 16-bit plates, one darktable-cli process per call and size.

    A frame's recipe alone says how it is to look; without one a JPEG comes back as it was, scaled. Frames are copied
    under safe names into a private work folder, so neither their names nor their folder matter, nor what lies beside
    them, and nothing is ever written there.

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
        seconds_per_frame: float = 120.0,
    ) -> None:
        self.threads = threads
        self.start_seconds = start_seconds  # 0.7 s on an idle machine; a busy one with cold disks needs more
        self.seconds_per_frame = seconds_per_frame
        self._wider: dict[tuple[int, int], bool] = {}  # by box: whether the last frame of a free size was wider than it
        self._runner = Runner(executable)
        self._probed: tuple[object, DeveloperInfo] | None = None
        self._probing = threading.Lock()
        self._modules: Modules | None = None

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
        """Have it develop known pictures and measure what it made; remembered until the executable changes."""
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
            PlanError: a recipe has a tone curve of ours, or numbers that darktable does not take.
            ToolMissing: darktable is not installed.
            ToolFailed: it does not start, it hangs whatever it is given, or `stop` was called.
            ToolDisobeyed: it made something else than it was told to.
            ToolError: there is no room to work in.
        """
        refuse_curves(jobs)
        batch = _Batch(
            runner=self._runner,
            threads=self.threads,
            start_seconds=self.start_seconds,
            seconds_per_frame=self.seconds_per_frame,
            stops=self._runner.stops,
            wider=self._wider,
            modules=self._known_modules,
        )
        return batch.developed(jobs)

    def stop(self) -> None:
        """Kill every darktable-cli that this object runs; the calls they belong to raise ToolFailed."""
        self._runner.stop()

    def _known_modules(self) -> Modules:
        with self._probing:
            if self._modules is None:
                self._modules = installed_modules(self._runner.executable)
            return self._modules

    def _examined(self) -> DeveloperInfo:
        sweep()
        version = "unknown"
        try:
            version = self._runner.version()
            proven(self._runner, version, threads=self.threads, limit_seconds=self.start_seconds)
        except ToolError as fault:
            return _info(self.name, version, fault)
        return _info(self.name, version, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """One call of `develop`: a work folder, and what is needed to run the tool in it."""

    runner: Runner
    threads: int
    start_seconds: float
    seconds_per_frame: float
    stops: int
    wider: dict[tuple[int, int], bool]
    modules: Callable[[], Modules]

    def developed(self, jobs: Sequence[DevelopJob]) -> Iterator[Developed]:
        for part in _parts(jobs):
            yield from self._developed(part)

    def _developed(self, jobs: Sequence[DevelopJob]) -> Iterator[Developed]:
        staged, faults = self._inspected(jobs)
        with work_folder(_need_bytes(staged.values())) as work:
            placed: dict[int, tuple[Path, _Staged]] = {}
            for ask in sorted({frame.ask for frame in staged.values()}):
                frames = [frame for frame in staged.values() if frame.ask == ask]
                placed |= self._exported(work / f"{ask[0]}x{ask[1]}", frames)
            for index in range(len(jobs)):
                yield faults[index] if index in faults else self._collect(*placed[index])

    def _inspected(self, jobs: Sequence[DevelopJob]) -> tuple[dict[int, _Staged], dict[int, FrameError]]:
        staged: dict[int, _Staged] = {}
        faults: dict[int, FrameError] = {}
        for index, job in enumerate(jobs):
            try:
                staged[index] = self._staged(index, job)
            except FrameError as fault:
                faults[index] = fault
        return staged, faults

    def _staged(self, index: int, job: DevelopJob) -> _Staged:
        frame = inspect(job.path)
        edits = edited(job.recipe, where=f"the sidecar for {job.path}")
        if edits is not None:
            refuse_what_is_ignored(edits, self.modules())
        # A RAW's size, and a crop that a person's edits may hold, are known to darktable alone: bound one side only.
        if frame.upright_px and edits is None:
            ask = covering(*frame.upright_px, job.width, job.height)
        else:
            ask = (0, job.height) if self.wider.get((job.width, job.height)) else (job.width, 0)
        sidecar = sidecar_of(job.recipe, edits, raw=is_raw(job.path))
        return _Staged(index=index, job=job, suffix=frame.suffix, size_bytes=frame.size_bytes, sidecar=sidecar, ask=ask)

    def _exported(self, room: Path, frames: Sequence[_Staged]) -> dict[int, tuple[Path, _Staged]]:
        """Develop frames that ask for the same, and again together those that turn out to need the other side bounded.

        Returns for every frame where its output is, and how it was asked for.
        """
        self._refuse_hanging(room, frames, self._export(room, frames))
        placed = {frame.index: (room, frame) for frame in frames}
        otherwise = [other for frame in frames if (other := self._otherwise(room, frame)) is not None]
        if otherwise:
            self._export(room / "otherwise", otherwise)
            placed |= {frame.index: (room / "otherwise", frame) for frame in otherwise}
        return placed

    def _otherwise(self, room: Path, frame: _Staged) -> _Staged | None:
        output = _output(room, frame)
        size = None if frame.exact else ppm_size(output)
        if size is None:
            return None
        self.wider[frame.job.width, frame.job.height] = size[0] * frame.job.height > size[1] * frame.job.width
        other = frame.bounded_otherwise(*size)
        if other is not None:
            output.unlink()
        return other

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
        limit = self.start_seconds + self.seconds_per_frame
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
            room = room / f"alone{frame.name}"
            ended = self._export(room, [frame])
            rgb = _taken(room, frame)
            if rgb is None:
                _refuse_full(room, frame)
                return FrameUnreadable(f"{frame.job.path} could not be developed, alone either: {ended.sentence}")
        height, width = rgb.shape[:2]
        _refuse_other_size(frame, width, height)
        other = frame.bounded_otherwise(width, height)
        if other is None:
            return Plate(rgb=rgb)
        return self._collect(room / f"otherwise{frame.name}", other)


def _parts(jobs: Sequence[DevelopJob]) -> Iterator[Sequence[DevelopJob]]:
    """Cut a call into runs that fit into a work folder, one job at least in each."""
    start, total = 0, 0
    for number, job in enumerate(jobs):
        need = _size_bytes(job.path) + _plate_bytes(job)
        if total + need > _FOLDER_BYTES and number > start:
            yield jobs[start:number]
            start, total = number, 0
        total += need
    yield jobs[start:]


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # what is wrong with it is said when it is inspected
        return 0


def _plate_bytes(job: DevelopJob) -> int:
    return job.width * job.height * 9  # 6 bytes a pixel, and a picture may exceed its box by half


def _need_bytes(frames: Iterable[_Staged]) -> int:
    return sum(frame.size_bytes + _plate_bytes(frame.job) for frame in frames)


def _info(name: str, version: str, fault: ToolError | None) -> DeveloperInfo:
    detail = str(fault) if fault else "obeyed a test of exposure, white balance and crop on a RAW and a JPEG"
    return DeveloperInfo(name=name, version=version, detail=detail, fault=fault)


def _stage(inbox: Path, frame: _Staged) -> None:
    """Copy a frame and lay its sidecar beside; never link: darktable names its output by what a link points to."""
    copy = inbox / f"{frame.name}{frame.suffix}"
    shutil.copyfile(frame.job.path, copy)
    if frame.sidecar is not None:
        copy.with_name(f"{copy.name}.xmp").write_bytes(frame.sidecar)


def _output(room: Path, frame: _Staged) -> Path:
    return room / "out" / f"{frame.name}.ppm"


def _taken(room: Path, frame: _Staged) -> Pixels | None:
    """Read an output and delete it at once: it is large, and the work folder may be memory."""
    output = _output(room, frame)
    rgb = read_ppm(output)
    output.unlink(missing_ok=True)
    return rgb


def _refuse_full(room: Path, frame: _Staged) -> None:
    """Say that it is not the frame's fault where darktable had no room to write it."""
    free, need = shutil.disk_usage(room).free, _need_bytes([frame])
    if free < need:
        raise ToolError(
            f"darktable has no room left to work in: {room.parent} has {free >> 20} MiB free, and {frame.job.path} "
            f"needs {need >> 20}; free some, or set TMPDIR"
        )


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
