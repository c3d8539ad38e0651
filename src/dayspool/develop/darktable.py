"""The developer that hands folders of frames to darktable-cli and believes nothing it did not check."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from dayspool.develop.api import Developed, DeveloperInfo, DevelopJob, Plate, covering
from dayspool.develop.darktable_cli import Ended, ExportRequest, Runner, ppm_size
from dayspool.develop.darktable_recipe import edited, refuse_curves, refuse_what_is_ignored, sidecar_of
from dayspool.develop.darktable_stage import (
    Staged,
    names,
    need_bytes,
    output_of,
    parts,
    refuse_full,
    refuse_other_size,
    refuse_strangers,
    staged_copy,
    taken,
)
from dayspool.develop.inspect import inspect
from dayspool.develop.introspect import installed_modules
from dayspool.develop.selftest import proven
from dayspool.develop.workfolder import sweep, work_folder
from dayspool.errors import FrameError, FrameUnreadable, PlanError, ToolError, ToolFailed
from dayspool.picture.raw import is_raw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from dayspool.sidecar.schema import Modules

__all__ = ["DarktableDeveloper"]

_WORKER_BYTES = 2560 << 20  # at that, 4.2.1 on 20-megapixel frames took 1.6 GB for RAW and 2.4 GB for JPEG


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
        start_seconds: float = 30.0,
        seconds_per_frame: float = 120.0,
    ) -> None:
        self.start_seconds = start_seconds  # 0.4 s on an idle machine; a busy one with cold disks needs more
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

    def develop(self, jobs: Sequence[DevelopJob], *, threads: int = 1) -> Iterator[Developed]:
        """Yield, in job order, a plate per frame or what is wrong with it.

        A frame that darktable left out is tried once more alone before it is given up. Two threads take 0.65 of the
        time that one takes (20-megapixel RAW): frames side by side are the better use of cores, if there is memory.

        Raises:
            PlanError: a recipe has a tone curve or a field of ours, or numbers that darktable does not take.
            ToolMissing: darktable is not installed.
            ToolFailed: it does not start, it hangs whatever it is given, or `stop` was called.
            ToolDisobeyed: it made something else than it was told to.
            ToolError: there is no room to work in.
        """
        refuse_curves(jobs)
        batch = _Batch(
            runner=self._runner,
            threads=threads,
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
            proven(self._runner, version, limit_seconds=self.start_seconds)
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
        for part in parts(jobs):
            yield from self._developed(part)

    def _developed(self, jobs: Sequence[DevelopJob]) -> Iterator[Developed]:
        staged, faults = self._inspected(jobs)
        with work_folder(need_bytes(staged.values())) as work:
            placed: dict[int, tuple[Path, Staged]] = {}
            for ask in sorted({frame.ask for frame in staged.values()}):
                frames = [frame for frame in staged.values() if frame.ask == ask]
                placed |= self._exported(work / f"{ask[0]}x{ask[1]}", frames)
            for index in range(len(jobs)):
                yield faults[index] if index in faults else self._collect(*placed[index])

    def _inspected(self, jobs: Sequence[DevelopJob]) -> tuple[dict[int, Staged], dict[int, FrameError]]:
        staged: dict[int, Staged] = {}
        faults: dict[int, FrameError] = {}
        for index, (name, job) in enumerate(zip(names(jobs), jobs, strict=True)):
            try:
                staged[index] = self._staged(index, name, job)
            except FrameError as fault:
                faults[index] = fault
        return staged, faults

    def _staged(self, index: int, name: str, job: DevelopJob) -> Staged:
        frame = inspect(job.path)
        edits = edited(job.recipe, where=f"the sidecar for {job.path}")
        if edits is not None:
            refuse_what_is_ignored(edits, self.modules())
        # A RAW's size, and a crop that a person's edits may hold, are known to darktable alone: bound one side only.
        if frame.upright_px and edits is None:
            ask = covering(*frame.upright_px, job.width, job.height)
        else:
            ask = (0, job.height) if self.wider.get((job.width, job.height)) else (job.width, 0)
        try:
            sidecar = sidecar_of(job.recipe, edits, raw=is_raw(job.path))
        except PlanError as fault:
            raise PlanError(f"{job.path}: {fault}") from fault
        size = frame.size_bytes
        return Staged(index=index, name=name, job=job, suffix=frame.suffix, size_bytes=size, sidecar=sidecar, ask=ask)

    def _exported(self, room: Path, frames: Sequence[Staged]) -> dict[int, tuple[Path, Staged]]:
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

    def _otherwise(self, room: Path, frame: Staged) -> Staged | None:
        output = output_of(room, frame)
        size = None if frame.exact else ppm_size(output)
        if size is None:
            return None
        self.wider[frame.job.width, frame.job.height] = size[0] * frame.job.height > size[1] * frame.job.width
        other = frame.bounded_otherwise(*size)
        if other is not None:
            output.unlink()
        return other

    def _export(self, room: Path, frames: Sequence[Staged]) -> Ended:
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
                staged_copy(request.inbox, frame)
        except OSError as refusal:
            raise ToolError(f"preparing darktable's work folder {room} failed: {refusal}") from refusal
        limit = self.start_seconds + self.seconds_per_frame
        ended = self.runner.run(request, limit_seconds=limit, stops=self.stops)
        shutil.rmtree(request.inbox, ignore_errors=True)
        refuse_strangers(request.outbox, frames)
        return ended

    def _refuse_hanging(self, room: Path, frames: Sequence[Staged], ended: Ended) -> None:
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

    def _collect(self, room: Path, frame: Staged) -> Developed:
        rgb = taken(room, frame)
        if rgb is None:
            room = room / f"alone{frame.name}"
            ended = self._export(room, [frame])
            rgb = taken(room, frame)
            if rgb is None:
                refuse_full(room, frame)
                return FrameUnreadable(f"{frame.job.path} could not be developed, alone either: {ended.sentence}")
        height, width = rgb.shape[:2]
        refuse_other_size(frame, width, height)
        other = frame.bounded_otherwise(width, height)
        if other is None:
            return Plate(rgb=rgb)
        return self._collect(room / f"otherwise{frame.name}", other)


def _info(name: str, version: str, fault: ToolError | None) -> DeveloperInfo:
    detail = str(fault) if fault else "obeyed a test of exposure, white balance and crop on a RAW and a JPEG"
    return DeveloperInfo(name=name, version=version, detail=detail, fault=fault)
