"""Flicker taken out of a shoot's film: frames measured, tied, solved and judged, and a grade in the recipe of each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dayspool.clock import SystemClock
from dayspool.deflicker import Curves, Known
from dayspool.deflicker.outliers import judged
from dayspool.deflicker.solve import solve
from dayspool.deflicker.wish import Highlights, OddKind, Remedy
from dayspool.develop.builtin_raw import pinned
from dayspool.errors import FrameUnreadable, JournalError
from dayspool.journal import JournalReader, Verdict, leave_verdicts
from dayspool.render.budget import budgeted, refuse_too_many, this_machine
from dayspool.render.measures import measure_all
from dayspool.render.nominal import nominal_of
from dayspool.render.odd import OddFrame, around, remedied, remedy_of
from dayspool.render.second_pass import measure_plates
from dayspool.render.tied import tied, where_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from numpy.typing import NDArray

    from dayspool.deflicker import DeflickerWish
    from dayspool.develop import Developer, Recipe
    from dayspool.develop.tone import Tone
    from dayspool.render.budget import Budget
    from dayspool.render.looks import ShootLook
    from dayspool.render.nominal import Nominal
    from dayspool.render.pipeline import FrameFile, LeftOut, Progress
    from dayspool.render.tied import Tied

__all__ = ["Grading", "grade_shoot"]

Grades: TypeAlias = "NDArray[np.float64]"
"""By how many EV red, green and blue of each frame are brightened, shape (frames, 3)."""

_STILL_EV = 0.001  # a film in which no frame is changed by more does not flicker, and is left as it is
_NOTICED = 0.005  # of the picture: burnt-out light that would be seen to pulse
_OFTEN = 95  # percentile of the frames that have to have so much of it
_DIGITS = 5  # of an EV: 0.01 mEV


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
        tone: the tone curve of the camera's JPEGs.
        executor: runs the measuring; a pool of threads is made (and closed) if none is given.
        workers: how many of them; as many as there are cores.
        progress: called in this thread after every frame; stages `measure` and `measure again`.

    Raises:
        PlanError: too many workers, or the mask is no picture.
        ToolMissing: what decodes such frames is not installed.
        JournalError: the journal cannot be read.
    """
    where = where_of(wish, mask)
    frames = made_of.frames_for(developer.name)
    nominal = nominal_of(made_of.shoot, frames)
    notes = list(_ignored(wish, made_of, developer.name))
    raw = made_of.footage.raw
    with _pool(executor, workers) as pool:
        measures = measure_all(
            frames,
            shoot=made_of.shoot,
            executor=pool,
            levels=pinned(made_of.raws),
            tone=tone,
            progress=progress,
            warn=notes.append,
        )
        found = tied(measures, nominal.set_ev, where)
        lift = _lifts(wish, found, developer.name)
        curves = solve(_known(frames, nominal), found.ties, wish, fps=fps, colour=wish.colour and not raw, lift=lift)
        odd = _judged(made_of, frames, curves, found, wish)
        grades = _grades(curves, nominal, frames, odd)
        own_tone = tone if developer.name == "builtin" and not raw else None
        graded = [_graded(frame, grade, wish, own_tone) for frame, grade in zip(frames, grades, strict=True)]
        if wish.second_pass:
            plates = measure_plates(
                graded, developer=developer, executor=pool, budget=_budget(developer, workers), progress=progress
            )
            grades += _again(frames, tied(plates, np.zeros(len(frames)), where), wish, fps=fps, colour=not raw)
            graded = [_graded(frame, grade, wish, own_tone) for frame, grade in zip(frames, grades, strict=True)]
    if np.abs(grades).max(initial=0) < _STILL_EV:
        graded = frames
    excluded = found.excluded(frames)
    filmed, wanting = remedied(graded, odd, {one.slot for one in excluded})
    notes += [*_told(curves, wish, wanting), *_left(made_of.shoot, odd, excluded)]
    return Grading(
        curves=curves,
        frames=tuple(filmed),
        excluded=excluded,
        odd=tuple(odd.values()),
        graded=sum(one is not other for one, other in zip(graded, frames, strict=True)),
        notes=tuple(notes),
    )


@contextmanager
def _pool(executor: Executor | None, workers: int | None) -> Iterator[Executor]:
    if executor is not None:
        yield executor
        return
    machine = this_machine()
    refuse_too_many(workers, machine)
    with ThreadPoolExecutor(workers or machine.cores, thread_name_prefix="measure") as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _budget(developer: Developer, workers: int | None) -> Budget:
    return budgeted(this_machine(), worker_bytes=developer.worker_bytes, asked=workers)


def _known(frames: Sequence[FrameFile], nominal: Nominal) -> Known:
    slots = np.array([frame.slot for frame in frames], np.int64)
    return Known(slots=slots, nominal_ev=nominal.set_ev, target_ev=nominal.wanted_ev)


def _lifts(wish: DeflickerWish, found: Tied, developer: str) -> bool:
    """Say whether all frames are brightened until none is darkened, so that what is burnt out stays white.

    Only for darktable, unless it is asked for: the built-in developer lets grades fade out towards white.
    """
    if wish.highlights is not Highlights.AUTO:
        return wish.highlights is Highlights.LIFT
    clipped = found.clipped[~np.isnan(found.clipped)]
    return developer != "builtin" and clipped.size > 0 and float(np.percentile(clipped, _OFTEN)) >= _NOTICED


def _judged(
    made_of: ShootLook, frames: Sequence[FrameFile], curves: Curves, found: Tied, wish: DeflickerWish
) -> dict[int, OddFrame]:
    """Return what is odd, by slot, and what is to be done about it."""
    with JournalReader(made_of.shoot) as journal:
        taken = {row.slot: row.taken for row in journal.frames()}
    broken = {index: str(fault) for index, fault in found.faults.items() if isinstance(fault, FrameUnreadable)}
    verdicts = judged(
        curves, found.ties, found.seen, taken=[taken.get(frame.slot) for frame in frames], troubles=broken
    )
    return {
        frames[one.index].slot: OddFrame(
            slot=frames[one.index].slot,
            kind=one.kind,
            remedy=remedy_of(one.kind, wish.odd),
            score=round(float(one.score), 3),
            sentence=one.sentence,
        )
        for one in verdicts
        if not (one.kind is OddKind.UNTIED and one.index in found.faults)  # that has been said
    }


def _grades(curves: Curves, nominal: Nominal, frames: Sequence[FrameFile], odd: Mapping[int, OddFrame]) -> Grades:
    """Return the grades of all frames; a frame that is kept as it is goes with the frames around it."""
    grades = np.stack(
        [curves.grade_ev + curves.grade_red, curves.grade_ev, curves.grade_ev + curves.grade_blue], axis=1
    )
    unsound = {index for index, frame in enumerate(frames) if frame.slot in odd or curves.piece[index] < 0}
    own_ev = nominal.set_ev if np.isfinite(nominal.set_ev).all() else np.zeros(len(frames))
    for index, frame in enumerate(frames):
        if frame.slot in odd and odd[frame.slot].remedy is Remedy.KEEP:
            beside = [around(index, (grades[:, channel] + own_ev).tolist(), unsound) for channel in range(3)]
            grades[index] = np.array(beside) - own_ev[index]
    return np.round(np.nan_to_num(grades), _DIGITS) + 0.0  # no −0.0


def _graded(frame: FrameFile, grade: NDArray[np.float64], wish: DeflickerWish, tone: Tone | None) -> FrameFile:
    red, green, blue = map(float, grade)
    recipe = replace(frame.recipe, tone=tone)
    if wish.highlights is Highlights.NONE:
        return replace(frame, recipe=_multiplied(recipe, (red, green, blue)))
    return replace(frame, recipe=replace(recipe, grade=(red, green, blue)))


def _multiplied(recipe: Recipe, grade: tuple[float, float, float]) -> Recipe:
    """Return a recipe that does to light what a grade says and no more: nothing is guarded."""
    ev, gains = replace(recipe, grade=grade).corrections
    return replace(recipe, ev=ev, gains=gains)


def _again(frames: Sequence[FrameFile], found: Tied, wish: DeflickerWish, *, fps: float, colour: bool) -> Grades:
    """Return what is still to be added to grades, by how the graded frames came out.

    The exposures have been made up for, so that nothing is known to step; grades that a person fixed stay.
    """
    slots = np.array([frame.slot for frame in frames], np.int64)
    flat = np.zeros(len(frames))
    fixed = replace(wish, keyframes=dict.fromkeys(wish.keyframes, 0.0))
    known = Known(slots=slots, nominal_ev=flat, target_ev=np.full(len(frames), np.nan))
    curves = solve(known, found.ties, fixed, fps=fps, colour=wish.colour and colour, lift=False)
    more = np.stack([curves.grade_ev + curves.grade_red, curves.grade_ev, curves.grade_ev + curves.grade_blue], axis=1)
    added: Grades = np.nan_to_num(more)
    return added


def _ignored(wish: DeflickerWish, made_of: ShootLook, developer: str) -> Iterator[str]:
    """Yield what is asked for and will not be done."""
    if developer != "builtin":
        asked = [name for name, on in (("field", wish.field), ("banding", wish.banding)) if on]
        if asked:
            yield f"{' and '.join(asked)} of [deflicker] left out: the built-in developer can do that, {developer} not"
        if wish.highlights is Highlights.BLEND:
            yield f"highlights are not blended: the built-in developer does that; for {developer} there is lift"
    absent = sorted(wish.keyframes.keys() - {frame.slot for frame in made_of.footage.frames})
    if absent:
        names = ", ".join(map(str, absent[:3])) + (" …" if len(absent) > 3 else "")
        yield f"keyframes of [deflicker] without a picture in this film: {names}"


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


def _left(shoot: Path, odd: Mapping[int, OddFrame], excluded: Sequence[LeftOut]) -> Iterator[str]:
    """Leave in the journal what was found odd and what is done about it; yield why that was not possible."""
    verdicts = [
        Verdict(slot=one.slot, kind=one.kind.value, action=one.remedy.value, sentence=one.sentence)
        for one in odd.values()
    ]
    verdicts += [
        Verdict(slot=one.slot, kind="excluded", action="keep", sentence=one.reason)
        for one in excluded
        if one.slot not in odd
    ]
    try:
        leave_verdicts(shoot, verdicts, SystemClock().utc())
    except JournalError as refusal:
        yield f"what is odd about frames is not in the journal: {refusal}"
