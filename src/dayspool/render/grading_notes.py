"""What a person should know of how a film was graded, a sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayspool.deflicker.wish import Highlights

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from dayspool.deflicker import Curves, DeflickerWish
    from dayspool.develop.tone import Tone
    from dayspool.render.pipeline import LeftOut

__all__ = ["ignored", "told", "unmeasured"]


def ignored(
    wish: DeflickerWish, tone: Tone | None, *, developer: str, raw: bool, slots: Collection[int]
) -> Iterator[str]:
    """Yield what is asked for and will not be done.

    Args:
        wish: what is asked for.
        tone: the tone curve of the camera, where that was said.
        developer: the name of who develops.
        raw: whether RAW files are developed.
        slots: those of the film's frames.
    """
    builtin = developer == "builtin"
    if tone is not None and tone.points and (raw or not builtin):
        why = "RAW files have no tone curve" if raw else f"{developer} grades light as sRGB has it"
        yield f"tone of [deflicker] left out: {why}"
    asked = [name for name, on in (("field", wish.field), ("banding", wish.banding)) if on]
    if asked and not builtin:
        names = " and ".join(asked)
        yield f"{names} of [deflicker] left out: the built-in developer can do that, {developer} not"
    if wish.highlights is Highlights.BLEND and not builtin:
        yield f"highlights are not blended: the built-in developer can; for {developer} there is lift"
    absent = sorted(wish.keyframes.keys() - set(slots))
    if absent:
        names = ", ".join(map(str, absent[:3])) + (" …" if len(absent) > 3 else "")
        yield f"keyframes of [deflicker] without a picture in this film: {names}"


def told(curves: Curves, wish: DeflickerWish, wanting: Sequence[int]) -> Iterator[str]:
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


def unmeasured(excluded: Sequence[LeftOut], frames: int) -> Iterator[str]:
    """Yield that nothing was measured, where that is so: a film that is not graded may flicker all the same."""
    if excluded and len(excluded) == frames:
        yield f"no frame could be measured, so none is graded; of the first, {excluded[0].reason}"
