"""Measures the frames of a shoot side by side and in slot order: each once, a bounded number of them under way.

What was measured before is neither read nor decoded again (`measure_cache`). A frame that cannot be measured beside the
others, because it does not decode, is of another kind than most, or shows nothing, comes as the fault that says so.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dayspool.deflicker import Measure, measured
from dayspool.develop.builtin_raw import libraw
from dayspool.develop.proxy import proxy, proxy_of_plate, read_frame
from dayspool.errors import FrameError, FrameUnlike
from dayspool.picture.raw import is_raw
from dayspool.picture.stored import picture_digest
from dayspool.render.budget import this_machine
from dayspool.render.measure_cache import VERSION, Kept, MeasureCache, recalled, stamp_of
from dayspool.render.pipeline import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from dayspool.develop import Plate
    from dayspool.develop.builtin_raw import RawLevels
    from dayspool.develop.proxy import Proxy
    from dayspool.develop.tone import Tone
    from dayspool.render.pipeline import FrameFile

__all__ = ["MeasuredFrame", "how_measured", "measure_all", "measure_plate"]

MeasuredFrame: TypeAlias = "tuple[FrameFile, Measure | FrameError]"
_Found: TypeAlias = "Kept | FrameError"

_VOTERS = 64  # frames, evenly spread, that decide which kind is the commonest
_WAITING_PER_CORE = 4  # frames under way: one in work, and some done ahead of one that takes longer
_ONE_COLOUR_EV = 1e-3  # between the blocks of a picture: what the codes of a measure can just tell


def measure_all(
    frames: Sequence[FrameFile],
    *,
    shoot: Path,
    executor: Executor,
    levels: RawLevels | None = None,
    tone: Tone | None = None,
    progress: Callable[[Progress], None] | None = None,
    warn: Callable[[str], None] | None = None,
) -> Iterator[MeasuredFrame]:
    """Yield every frame with its measure, or with what is wrong with it, in the order given.

    Args:
        frames: in slot order.
        shoot: its folder, where measures are kept.
        executor: runs the measuring; threads do, for decoding and arithmetic let others run meanwhile.
        levels: black, white and multipliers of all RAW frames (`pinned`).
        tone: the camera's own tone curve of pictures that are no RAW; None for sRGB's.
        progress: called in this thread after every frame, with the stage `measure`.
        warn: called with a sentence where measures cannot be kept.

    Raises:
        ToolMissing: what decodes such frames is not installed.
    """
    with MeasureCache(shoot) as cache:
        work = _Work(cache=cache, executor=executor, levels=levels, tone=tone, seek=cache.has_any)
        voters = range(0, len(frames), max(1, len(frames) // _VOTERS))
        known = dict(zip(voters, work.found([frames[voter] for voter in voters], {}), strict=True))
        kind = _commonest(known.values())
        for done, (frame, found) in enumerate(zip(frames, work.found(frames, known), strict=True), start=1):
            if progress is not None:
                progress(Progress(done=done, total=len(frames), stage="measure"))
            yield frame, _judged(frame, found, kind)
    if warn is not None and cache.fault is not None:
        warn(cache.fault)


def measure_plate(plate: Plate, *, tone: Tone | None = None) -> Measure:
    """Return the measure of a developed picture; `tone` is that of its recipe."""
    return _measure_of(proxy_of_plate(plate, tone=tone))


def how_measured(path: Path, *, levels: RawLevels | None = None, tone: Tone | None = None) -> str:
    """Return what, besides its content, decides what is measured of a frame, as a key of `MeasureCache`."""
    by = (levels, libraw().libraw_version) if is_raw(path) else tone
    return blake2b(repr((VERSION, is_raw(path), by)).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """Who measures, by what, and what is known; `seek` says whether contents may be known under other names."""

    cache: MeasureCache
    executor: Executor
    levels: RawLevels | None
    tone: Tone | None
    seek: bool

    def found(self, frames: Sequence[FrameFile], known: dict[int, _Found]) -> Iterator[_Found]:
        """Yield what is found of every frame, in order, holding a bounded number of them; `known` is so by index."""
        waiting: deque[tuple[FrameFile, _Found | Future[_Found]]] = deque()
        most = _WAITING_PER_CORE * this_machine().cores
        try:
            for index, frame in enumerate(frames):
                given: _Found | None = known.pop(index, None)
                waiting.append((frame, self._begun(frame) if given is None else given))
                if len(waiting) == most:
                    yield self._ended(*waiting.popleft())
            while waiting:
                yield self._ended(*waiting.popleft())
        finally:
            for _, later in waiting:
                if not isinstance(later, Kept | FrameError):
                    later.cancel()

    def _begun(self, frame: FrameFile) -> Kept | Future[_Found]:
        how = self._how(frame.path)
        known = self.cache.known(frame.path, how)
        if known is not None:
            return known
        file = self.cache.file if self.seek else None
        return self.executor.submit(_measured_file, frame.path, self.levels, self.tone, file, how)

    def _ended(self, frame: FrameFile, begun: _Found | Future[_Found]) -> _Found:
        if isinstance(begun, Kept | FrameError):
            return begun
        found = begun.result()
        if isinstance(found, Kept):
            self.cache.keep(frame.path, self._how(frame.path), found)
        return found

    def _how(self, path: Path) -> str:
        return how_measured(path, levels=self.levels, tone=self.tone)


def _measured_file(path: Path, levels: RawLevels | None, tone: Tone | None, cache: Path | None, how: str) -> _Found:
    """Measure a frame, unless its content is known; runs in a worker."""
    stamp = stamp_of(path)
    try:
        data = read_frame(path)
        digest = picture_digest(data)
        known = recalled(cache, digest, how) if cache is not None else None
        if known is None:
            seen = proxy(path, levels=levels, tone=tone, data=data)
            known = seen.kind, _measure_of(seen).packed()
    except FrameError as fault:
        return fault
    kind, packed = known
    return Kept(stamp=stamp if stamp == stamp_of(path) else None, digest=digest, kind=kind, data=packed)


def _measure_of(seen: Proxy) -> Measure:
    return measured(seen.rgb, step=seen.step, encoded=seen.encoded, averaged=seen.averaged)


def _commonest(found: Iterable[_Found]) -> str | None:
    """Return the kind that most have, of equally common ones the first; None where none could be measured."""
    votes = Counter(one.kind for one in found if isinstance(one, Kept))
    return votes.most_common(1)[0][0] if votes else None


def _judged(frame: FrameFile, found: _Found, kind: str | None) -> Measure | FrameError:
    if isinstance(found, FrameError):
        return found
    if kind is not None and found.kind != kind:
        return FrameUnlike(f"{frame.path} is not like the others: it is {found.kind}, most are {kind}")
    measure = replace(Measure.unpacked(found.data), digest=found.digest)
    if all(np.ptp(plane) < _ONE_COLOUR_EV for plane in (measure.light, measure.red, measure.blue)):
        return FrameUnlike(f"{frame.path} has one colour all over: nothing in it can be compared")
    return measure
