"""Flicker taken out of a shoot's film: frames measured, tied, solved and judged, and a grade in the recipe of each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

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
from dayspool.render.measures import measure_all
from dayspool.render.nominal import nominal_of
from dayspool.render.odd import OddFrame, around, noted, remedied, remedy_of
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
    from dayspool.develop import Developer, Recipe
    from dayspool.develop.tone import Tone
    from dayspool.render.looks import ShootLook
    from dayspool.render.nominal import Nominal
    from dayspool.render.pipeline import FrameFile, LeftOut, Progress
    from dayspool.render.tied import Tied, Where

__all__ = ["Grading", "grade_shoot"]

Grades: TypeAlias = "NDArray[np.float64]"
"""By how many EV red, green and blue of each frame are brightened, shape (frames, 3)."""

_STILL_EV = 0.001  # a film in which no frame is changed by more does not flicker, and is left as it is
_NOTICED = 0.005  # of the picture: burnt-out light that would be seen to pulse
_OFTEN = 95  # percentile of the frames that have to have so much of it
_DIGITS = 5  # of an EV: 0.01 mEV
_LEARNED = (
    'the flicker tells the tone curve of the camera, which is undone for it; tone = "srgb" in [deflicker] keeps sRGB\'s'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """What deflicker made of a shoot.

    Attributes:
        curves: the solution, of all frames that there are; those not measured are tied to none.
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
        PlanError: too many workers, or the mask is no picture.
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
            where=where,
        )
        notes = [*film.ignored(), *([_LEARNED] if undone is not None and tone is None else [])]
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
        curves = film.solved(found, nominal)
        odd = film.judged(found, curves)
        grades = _grades(curves, nominal, film.frames, odd)
        fields = film.fields(found, odd)
        if wish.second_pass:
            budget = budgeted(this_machine(), worker_bytes=developer.worker_bytes, asked=workers)
            plates = measure_plates(
                film.graded(grades, fields), developer=developer, executor=pool, budget=budget, progress=progress
            )
            grades += film.again(tied(plates, np.zeros(len(grades)), where), odd)
    excluded = found.excluded(film.frames)
    graded = film.graded(grades, fields)
    filmed, wanting = remedied(graded, odd, {one.slot for one in excluded})
    if excluded and len(excluded) == len(film.frames):
        notes.append(f"no frame could be measured, so none is graded; of the first, {excluded[0].reason}")
    notes += [*_told(curves, wish, wanting), *noted(made_of.shoot, odd.values(), excluded)]
    return Grading(
        curves=curves,
        frames=tuple(filmed),
        excluded=excluded,
        odd=tuple(odd.values()),
        graded=sum(one is not other for one, other in zip(graded, film.frames, strict=True)),
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Film:
    """The film that is graded: its frames, and what is asked of it."""

    made_of: ShootLook
    frames: Sequence[FrameFile]
    wish: DeflickerWish
    fps: float
    developer: str
    where: Where

    @property
    def colour(self) -> bool:
        """Whether the camera chose a white balance for each frame; that of RAW files is the same for all."""
        return self.wish.colour and not self.made_of.footage.raw

    @property
    def slots(self) -> NDArray[np.int64]:
        return np.array([frame.slot for frame in self.frames], np.int64)

    def ignored(self) -> Iterator[str]:
        """Yield what is asked for and will not be done."""
        if self.developer != "builtin":
            asked = [name for name, on in (("field", self.wish.field), ("banding", self.wish.banding)) if on]
            if asked:
                names = " and ".join(asked)
                yield f"{names} of [deflicker] left out: the built-in developer can do that, {self.developer} not"
            if self.wish.highlights is Highlights.BLEND:
                yield f"highlights are not blended: the built-in developer can; for {self.developer} there is lift"
        absent = sorted(self.wish.keyframes.keys() - set(self.slots.tolist()))
        if absent:
            names = ", ".join(map(str, absent[:3])) + (" …" if len(absent) > 3 else "")
            yield f"keyframes of [deflicker] without a picture in this film: {names}"

    def uneven(self) -> UnevenTying | None:
        """Return what ties frames whose light is uneven, if that is asked for and can be evened out."""
        if self.developer != "builtin" or not (self.wish.field or self.wish.banding):
            return None
        return UnevenTying(field=self.wish.field, banding=self.wish.banding)

    def solved(self, found: Tied, nominal: Nominal) -> Curves:
        """Return the curves."""
        known = Known(slots=self.slots, nominal_ev=nominal.set_ev, target_ev=nominal.wanted_ev)
        lift = self._lifts(found)
        return solve(known, found.ties, self.wish, fps=self.fps, colour=self.colour, lift=lift)

    def _lifts(self, found: Tied) -> bool:
        """Say whether all frames are brightened until none is darkened, so that what is burnt out stays white.

        Only for darktable, unless it is asked for: the built-in developer lets grades fade out towards white.
        """
        if self.wish.highlights is not Highlights.AUTO:
            return self.wish.highlights is Highlights.LIFT
        clipped = found.clipped[~np.isnan(found.clipped)]
        return self.developer != "builtin" and clipped.size > 0 and float(np.percentile(clipped, _OFTEN)) >= _NOTICED

    def judged(self, found: Tied, curves: Curves) -> dict[int, OddFrame]:
        """Return what is odd, by slot, and what is to be done about it."""
        with JournalReader(self.made_of.shoot) as journal:
            times = {row.slot: row.taken for row in journal.frames()}
        broken = {index: str(fault) for index, fault in found.faults.items() if isinstance(fault, FrameUnreadable)}
        if len(broken) == len(self.frames):  # then nothing here reads such files; their developer may
            broken = {}
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
            if not (one.kind is OddKind.UNTIED and one.index in found.faults)  # that has been said
        }

    def fields(self, found: Tied, odd: Mapping[int, OddFrame]) -> Sequence[Grid]:
        """Return what evens out uneven light, for every frame; frames that are kept as they are get nothing of it."""
        if found.uneven is None:
            return [()] * len(self.frames)
        fields = found.uneven.fields(self.slots, smooth_frames=self.wish.smooth_seconds * self.fps)
        return [() if _kept(frame, odd) else field for frame, field in zip(self.frames, fields, strict=True)]

    def graded(self, grades: Grades, fields: Sequence[Grid]) -> Sequence[FrameFile]:
        """Return the frames with grades in their recipes; the very same ones if the film does not flicker."""
        bends = (abs(ev) for field in fields for row in field for ev in row)
        if max(np.abs(grades).max(initial=0), max(bends, default=0)) < _STILL_EV:
            return self.frames
        unguarded = self.wish.highlights is Highlights.NONE
        return [
            replace(frame, recipe=_graded(replace(frame.recipe, field=field), grade, unguarded=unguarded))
            for frame, grade, field in zip(self.frames, np.round(grades, _DIGITS) + 0.0, fields, strict=True)
        ]

    def again(self, found: Tied, odd: Mapping[int, OddFrame]) -> Grades:
        """Return what is still to be added to grades, by how the graded frames came out.

        The exposures have been made up for, so that nothing is known to step; grades that a person fixed stay, and so
        do those of frames that are kept as they are.
        """
        flat = np.zeros(len(self.frames))
        fixed = replace(self.wish, keyframes=dict.fromkeys(self.wish.keyframes, 0.0))
        known = Known(slots=self.slots, nominal_ev=flat, target_ev=np.full_like(flat, np.nan))
        more = _by_channel(solve(known, found.ties, fixed, fps=self.fps, colour=self.colour, lift=False))
        more[[_kept(frame, odd) for frame in self.frames]] = 0.0
        return more


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
        return said
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


def _kept(frame: FrameFile, odd: Mapping[int, OddFrame]) -> bool:
    return frame.slot in odd and odd[frame.slot].remedy is Remedy.KEEP


def _grades(curves: Curves, nominal: Nominal, frames: Sequence[FrameFile], odd: Mapping[int, OddFrame]) -> Grades:
    """Return the grades of all frames; a frame that is kept as it is goes with the frames around it."""
    grades = _by_channel(curves)
    unsound = {index for index, frame in enumerate(frames) if frame.slot in odd or curves.piece[index] < 0}
    own_ev = nominal.set_ev if np.isfinite(nominal.set_ev).all() else np.zeros(len(frames))
    kept = [index for index, frame in enumerate(frames) if _kept(frame, odd)]
    drawn = [(channel + own_ev).tolist() for channel in grades.T] if kept else []
    for index in kept:
        grades[index] = [around(index, channel, unsound) - own_ev[index] for channel in drawn]
    return grades


def _by_channel(curves: Curves) -> Grades:
    light = curves.grade_ev
    return np.nan_to_num(np.stack([light + curves.grade_red, light, light + curves.grade_blue], axis=1))


def _graded(recipe: Recipe, grade: NDArray[np.float64], *, unguarded: bool) -> Recipe:
    """Return a recipe with a grade, or with what it does to light and no more, where highlights are not guarded."""
    red, green, blue = map(float, grade)
    whole = replace(recipe, grade=(red, green, blue))
    if not unguarded:
        return whole
    ev, gains = whole.corrections
    return replace(recipe, ev=ev, gains=gains)


def _told(curves: Curves, wish: DeflickerWish, wanting: Sequence[int]) -> Iterator[str]:
    """Yield what a person should know of a solution."""
    bounded = curves.slots[curves.bounded]
    if bounded.size:
        yield (
            f"{bounded.size} frame{'s' if bounded.size > 1 else ''} would have to be changed by more than the bound of "
            f"{wish.bound_ev:g} EV; the first is slot {bounded[0]}"
        )
    pieces = int(curves.piece.max(initial=-1)) + 1
    if pieces > 1:
        yield f"the frames fall into {pieces} parts that nothing ties together; each is smooth in itself"
    if wanting:
        yield f"slot {wanting[0]} was to be made of its neighbours, and no sound frame is near it"
