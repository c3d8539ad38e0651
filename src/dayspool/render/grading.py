"""Flicker taken out of a shoot's film: frames measured, tied, solved and judged, and a grade in the recipe of each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dayspool.deflicker import Curves, Known
from dayspool.deflicker.outliers import judged
from dayspool.deflicker.solve import solve
from dayspool.deflicker.uneven import UnevenTying
from dayspool.deflicker.wish import Highlights, OddKind, Remedy
from dayspool.develop.builtin_raw import pinned
from dayspool.errors import FrameUnreadable
from dayspool.journal import JournalReader
from dayspool.render.budget import budgeted, refuse_too_many, this_machine
from dayspool.render.grades import by_channel, graded, grades_of, settled, with_grades
from dayspool.render.grading_notes import ignored, told, unmeasured
from dayspool.render.measures import measure_all
from dayspool.render.nominal import nominal_of
from dayspool.render.odd import OddFrame, noted, remedied, remedy_of
from dayspool.render.second_pass import measure_plates
from dayspool.render.tied import tied, where_of
from dayspool.render.tones import learned_tone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from numpy.typing import NDArray

    from dayspool.deflicker import DeflickerWish
    from dayspool.deflicker.uneven import Grid
    from dayspool.develop import Developer
    from dayspool.develop.tone import Tone
    from dayspool.render.grades import Grades
    from dayspool.render.looks import ShootLook
    from dayspool.render.nominal import Nominal
    from dayspool.render.pipeline import FrameFile, LeftOut, Progress
    from dayspool.render.tied import Tied

__all__ = ["Grading", "grade_shoot"]

_NOTICED = 0.005  # of the picture: burnt-out light that would be seen to pulse
_OFTEN = 95  # percentile of the frames that have to have so much of it
_LEARNED = (
    'the flicker tells the tone curve of the camera, which is undone for it; tone = "srgb" in [deflicker] keeps sRGB\'s'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """What deflicker made of a shoot.

    Attributes:
        curves: the solution of all frames that there are, with the grades that recipes hold: those of frames that are
            kept as they are, and what a second pass adds. Frames that were not measured are tied to none.
        frames: what the film is made of, in slot order: grades are in their recipes, what is to be left out is not
            among them, and what is to be blended says of what.
        excluded: the frames that could not be measured beside the others, and why.
        odd: the frames with which something is the matter, in slot order.
        graded: how many frames are changed.
        notes: what a person should know, a sentence each.
    """

    curves: Curves
    frames: tuple[FrameFile, ...]
    excluded: tuple[LeftOut, ...]
    odd: tuple[OddFrame, ...]
    graded: int
    notes: tuple[str, ...]


def grade_shoot(
    made_of: ShootLook,
    *,
    wish: DeflickerWish,
    fps: float,
    developer: Developer,
    mask: Path | None = None,
    tone: Tone | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Grading:
    """Measure a shoot's pictures, and grade them so that they do not flicker.

    Measures are kept in the shoot and taken from there; verdicts on odd frames go into its journal. A shoot that cannot
    be written only loses those.

    Args:
        made_of: the pictures of the film and their look.
        wish: what is asked of it.
        fps: frames per second of film.
        developer: who will develop the frames.
        mask: a picture that is white where frames are measured.
        tone: the tone curve of the camera's JPEGs; None to learn it, where the pictures tell it.
        executor: runs the measuring; a pool of threads is made (and closed) if none is given.
        workers: how many of them; as many as there are cores.
        progress: called in this thread after every frame; stages `learn the tone`, `measure` and `measure again`.

    Raises:
        PlanError: too many workers, the mask is no picture, or too little of the pictures is to be looked at.
        ToolMissing: what decodes such frames is not installed.
        JournalError: the journal cannot be read.
    """
    where = where_of(wish, mask)
    with _pool(executor, workers, developer) as pool:
        undone = _tone(made_of, developer.name, tone, pool, progress)
        film = _Film(
            made_of=made_of,
            frames=_frames_for(made_of, developer.name, undone),
            wish=wish,
            fps=fps,
            developer=developer.name,
        )
        notes = [
            *ignored(wish, tone, developer=developer.name, raw=made_of.footage.raw, slots=film.slots.tolist()),
            *([_LEARNED] if undone is not None and tone is None else []),
        ]
        nominal = nominal_of(made_of.shoot, film.frames)
        measures = measure_all(
            film.frames,
            shoot=made_of.shoot,
            executor=pool,
            levels=pinned(made_of.raws),
            tone=undone,
            progress=progress,
            warn=notes.append,
        )
        found = tied(measures, nominal.set_ev, where, uneven=film.uneven())
        made = film.made(found, nominal)
        if wish.second_pass:
            budget = budgeted(this_machine(), worker_bytes=developer.worker_bytes, asked=workers)
            plates = measure_plates(
                film.graded(made), developer=developer, executor=pool, budget=budget, progress=progress
            )
            made = film.again(made, tied(plates, np.zeros(len(film.frames)), where))
    return film.grading(found, made, notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """What is made of the frames.

    Attributes:
        curves: the solution.
        odd: by slot, what is odd.
        settled: which frames a second pass leaves alone: those that are kept as they are, and those not measured.
        grades: as recipes hold them; so `fields`.
    """

    curves: Curves
    odd: Mapping[int, OddFrame]
    settled: NDArray[np.bool_]
    grades: Grades
    fields: Sequence[Grid]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Film:
    """The film that is graded: its frames, and what is asked of it."""

    made_of: ShootLook
    frames: Sequence[FrameFile]
    wish: DeflickerWish
    fps: float
    developer: str

    @property
    def colour(self) -> bool:
        """Whether the camera chose a white balance for each frame; that of RAW files is the same for all."""
        return self.wish.colour and not self.made_of.footage.raw

    @property
    def slots(self) -> NDArray[np.int64]:
        return np.array([frame.slot for frame in self.frames], np.int64)

    def uneven(self) -> UnevenTying | None:
        """Return what ties frames whose light is uneven, if that is asked for and can be evened out."""
        if self.developer != "builtin" or not (self.wish.field or self.wish.banding):
            return None
        return UnevenTying(field=self.wish.field, banding=self.wish.banding)

    def made(self, found: Tied, nominal: Nominal) -> _Made:
        """Return what is made of frames, of which this was found and that was set."""
        known = Known(slots=self.slots, nominal_ev=nominal.set_ev, target_ev=nominal.wanted_ev)
        lift = self._lifts(found)
        curves = solve(known, found.ties, self.wish, fps=self.fps, colour=self.colour, lift=lift)
        odd = self._judged(found, curves)
        kept = np.array([self._is_kept(frame.slot, odd) for frame in self.frames], np.bool_)
        at = [index for index, frame in enumerate(self.frames) if frame.slot in odd]
        grades = grades_of(curves, nominal.set_ev, kept=kept, odd=at)
        grades, fields = settled(grades, self._fields(found, kept))
        return _Made(curves=curves, odd=odd, settled=kept | np.isnan(found.clipped), grades=grades, fields=fields)

    def _is_kept(self, slot: int, odd: Mapping[int, OddFrame]) -> bool:
        """Say whether a frame is kept as it is: it is odd, and nobody set its grade."""
        return slot in odd and odd[slot].remedy is Remedy.KEEP and slot not in self.wish.keyframes

    def _lifts(self, found: Tied) -> bool:
        """Say whether all frames are brightened until none is darkened, so that what is burnt out stays white.

        Only for darktable, unless it is asked for: the built-in developer lets grades fade out towards white.
        """
        if self.wish.highlights is not Highlights.AUTO:
            return self.wish.highlights is Highlights.LIFT
        clipped = found.clipped[~np.isnan(found.clipped)]
        return self.developer != "builtin" and clipped.size > 0 and float(np.percentile(clipped, _OFTEN)) >= _NOTICED

    def _judged(self, found: Tied, curves: Curves) -> dict[int, OddFrame]:
        """Return what is odd, by slot, and what is to be done about it."""
        with JournalReader(self.made_of.shoot) as journal:
            times = {row.slot: row.taken for row in journal.frames()}
        broken = {index: str(fault) for index, fault in found.faults.items() if isinstance(fault, FrameUnreadable)}
        if len(broken) == len(self.frames):  # then nothing here reads such files; their developer may
            broken = {}
        alone = len(self.frames) - len(found.faults) == 1  # there is nothing that could tie it
        taken = [times.get(frame.slot) for frame in self.frames]
        verdicts = judged(curves, found.ties, found.seen, digests=found.digests, taken=taken, troubles=broken)
        return {
            self.frames[one.index].slot: OddFrame(
                slot=self.frames[one.index].slot,
                kind=one.kind,
                remedy=remedy_of(one.kind, self.wish.odd),
                score=round(float(one.score), 3),
                sentence=one.sentence,
            )
            for one in verdicts
            if one.kind is not OddKind.UNTIED
            or not (alone or one.index in found.faults)  # of a fault that has been said
        }

    def _fields(self, found: Tied, kept: NDArray[np.bool_]) -> Sequence[Grid]:
        """Return what evens out uneven light, for every frame; frames that are kept as they are get nothing of it."""
        if found.uneven is None:
            return [()] * len(self.frames)
        fields = found.uneven.fields(self.slots, smooth_frames=self.wish.smooth_seconds * self.fps)
        return [() if as_it_is else field for as_it_is, field in zip(kept, fields, strict=True)]

    def graded(self, made: _Made) -> Sequence[FrameFile]:
        """Return the frames with grades in their recipes; the very same ones if the film does not flicker."""
        return graded(self.frames, made.grades, made.fields, self.wish.highlights)

    def again(self, made: _Made, found: Tied) -> _Made:
        """Add to grades what is still lacking, by how the graded frames came out.

        The exposures have been made up for, so that nothing is known to step; grades that a person fixed stay, and so
        do those of frames that are kept as they are or could not be measured the first time.
        """
        flat = np.zeros(len(self.frames))
        fixed = replace(self.wish, keyframes=dict.fromkeys(self.wish.keyframes, 0.0))
        known = Known(slots=self.slots, nominal_ev=flat, target_ev=np.full_like(flat, np.nan))
        more = by_channel(solve(known, found.ties, fixed, fps=self.fps, colour=self.colour, lift=False))
        more[made.settled] = 0.0
        grades, fields = settled(made.grades + more, made.fields)
        return replace(made, grades=grades, fields=fields)

    def grading(self, found: Tied, made: _Made, notes: Sequence[str]) -> Grading:
        """Return what came of it all, noted in the journal."""
        excluded, odd = found.excluded(self.frames), tuple(made.odd.values())
        frames = self.graded(made)
        filmed, wanting = remedied(frames, made.odd, {one.slot for one in excluded})
        said = (*notes, *told(made.curves, self.wish, wanting), *unmeasured(excluded, len(self.frames)))
        return Grading(
            curves=with_grades(made.curves, made.grades),
            frames=tuple(filmed),
            excluded=excluded,
            odd=odd,
            graded=sum(one.recipe != other.recipe for one, other in zip(frames, self.frames, strict=True)),
            notes=(*said, *noted(self.made_of.shoot, odd, excluded)),
        )


def _tone(
    made_of: ShootLook,
    developer: str,
    said: Tone | None,
    executor: Executor,
    progress: Callable[[Progress], None] | None,
) -> Tone | None:
    """Return the tone curve that is undone: the one that was said, else what the pictures tell of it.

    None for RAW files, which have none, and for darktable, which grades sRGB's light.
    """
    if developer != "builtin" or made_of.footage.raw:
        return None
    if said is not None:
        return said if said.points else None  # sRGB's: what is measured by it serves again
    return learned_tone(made_of.footage.frames, shoot=made_of.shoot, executor=executor, progress=progress)


def _frames_for(made_of: ShootLook, developer: str, tone: Tone | None) -> Sequence[FrameFile]:
    """Return the frames as their look has them, and with the tone of their camera, which `builtin` draws."""
    frames = made_of.frames_for(developer)
    if tone is None:
        return frames
    return [replace(frame, recipe=replace(frame.recipe, tone=tone)) for frame in frames]


@contextmanager
def _pool(executor: Executor | None, workers: int | None, developer: Developer) -> Iterator[Executor]:
    """Lend an executor; whoever is developing in it gives up when this fails, for a pool waits for its workers."""
    with ExitStack() as stack:
        if executor is None:
            machine = this_machine()
            refuse_too_many(workers, machine)
            executor = stack.enter_context(ThreadPoolExecutor(workers or machine.cores, thread_name_prefix="measure"))
        try:
            yield executor
        except BaseException:
            developer.stop()
            raise
