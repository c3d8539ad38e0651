"""The look of a whole shoot: from keyframes, a wish and ramps to one recipe a frame."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from dayspool.develop.api import Recipe
from dayspool.errors import PlanError
from dayspool.look.adobe import adobe_lines
from dayspool.look.base import balance_of, balance_step, base_stack
from dayspool.look.composer import Composer
from dayspool.look.keyframes import Keyframe, keyframes_of, unheeded_duplicates
from dayspool.look.kinds import fitted, misfit_of_style
from dayspool.look.lint import pinned
from dayspool.look.masks import forms_over
from dayspool.look.moves import Move, moves_of, ramp_move
from dayspool.look.ramp import EXPOSURE, Timeline, resolved
from dayspool.look.ramped import ramped, refuse_misfits
from dayspool.look.stack import stacked
from dayspool.look.warmth import in_multipliers
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.masks import settled
from dayspool.sidecar.style import Style, left_out, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dayspool.core.plan import Place
    from dayspool.look.interpolate import Between
    from dayspool.look.ramp import Line
    from dayspool.look.wish import LookWish, Picture
    from dayspool.sidecar.schema import Modules
    from dayspool.sidecar.step import Step

__all__ = ["Look", "Stack", "look_of"]

_STYLE = ".dtstyle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """What darktable is given at a keyframe, or without keyframes for every frame: styles merged, ramps set.

    Frames between two keyframes have no module, version or length of parameters that neither of the two has.

    Attributes:
        slot: where.
        steps: what it is, each instance of a module once.
        sidecar: the edit that they grow from; its masks are theirs.
        raw: whether RAW files are developed with it.
        files: where its modules come from, by instance; those that ramps and this program add come from none.
        keyframe: whether it is one.
    """

    slot: int
    steps: tuple[Step, ...]
    sidecar: Sidecar
    raw: bool
    files: Mapping[tuple[str, int], Path]
    keyframe: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What every frame of a shoot is to look like.

    Attributes:
        keyframes: the pictures whose edits count, by slot.
        notes: what a person should know: how unlike stacks were merged, what is not interpolated; a sentence each.
        moves: which values change over the shoot, module by module as the history names them, then drawn masks.
        needs_darktable: whether anything in it is only obeyed by darktable.
    """

    keyframes: tuple[Keyframe, ...] = ()
    notes: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()
    needs_darktable: bool = False
    _composers: Mapping[bool, Composer] = field(default_factory=dict, repr=False, compare=False)
    _raw: Callable[[int], bool] = field(default=lambda _: False, repr=False, compare=False)
    _ev: Callable[[float], float] | None = field(default=None, repr=False, compare=False)
    _styled: Mapping[str, Path] = field(default_factory=dict, repr=False, compare=False)

    def recipe(self, slot: int) -> Recipe:
        """Return how the frame of a slot is to look; the same for the same slot, however often it is asked."""
        composer = self._composers.get(self._raw(slot))
        return Recipe(
            sidecar=None if composer is None else composer.sidecar(slot), ev=0.0 if self._ev is None else self._ev(slot)
        )

    def stacks(self) -> Iterator[Stack]:
        """Yield all that the look gives to darktable, keyframe by keyframe."""
        edited = {key.slot: key for key in self.keyframes}
        for composer in {id(one): one for one in self._composers.values()}.values():
            raw = any(kind for kind, one in self._composers.items() if one is composer)
            for key in composer.keyframes:
                each = (track.at(key.slot) for track in composer.tracks)
                steps = tuple(step for step in each if step is not None)
                files = {
                    step.instance: self._styled[step.operation] for step in steps if step.operation in self._styled
                }
                if key.slot in edited:
                    files |= {step.instance: key.path for step in edited[key.slot].sidecar.active}
                yield Stack(
                    slot=key.slot, steps=steps, sidecar=key.sidecar, raw=raw, files=files, keyframe=key.slot in edited
                )


def look_of(
    pictures: Sequence[Picture], *, wish: LookWish, modules: Modules, place: Place | None = None, zone: tzinfo = UTC
) -> Look:
    """Return the look of a shoot.

    Args:
        pictures: one a slot, in any order.
        wish: what is asked of the look.
        modules: how the installed darktable lays out its parameters.
        place: where the camera stood; ramps that follow the sun need it.
        zone: where ramps' clock times are read.

    Raises:
        PlanError: a listed slot has no edit, or a ramp cannot be followed; each says what to do.
        SidecarUnreadable: a sidecar is broken, or of a later darktable.
    """
    if not pictures:
        return Look()
    ordered = sorted(pictures, key=lambda picture: picture.slot)
    theirs, said = adobe_lines(ordered, how=wish.between) if wish.adobe else ((), ())
    lines = _lines(ordered, wish, place, zone)
    asked = {line.name for line in lines}
    lines += [line for line in theirs if line.name not in asked]
    refuse_misfits(lines, modules)
    rising = next((line for line in lines if line.name == EXPOSURE), None)
    style = _style_of(wish)
    maker = _Maker(
        how=wish.between,
        moving=wish.moving,
        pin=wish.pin,
        modules=modules,
        style=style,
        lines=tuple(line for line in lines if line.name != EXPOSURE),
    )
    keyframes, misfits = fitted(keyframes_of(ordered, wish), ordered, wish.path)
    misfits += () if style is None else misfit_of_style(style, ordered)
    composers, notes = maker.followed(keyframes, ordered) if keyframes else maker.begun(ordered)
    ev = None if rising is None else rising.course(wish.between)
    return Look(
        keyframes=keyframes,
        notes=tuple(dict.fromkeys([*misfits, *said, *unheeded_duplicates(ordered, wish), *notes])),
        moves=(
            *(() if rising is None or ev is None else (ramp_move(rising, ev),)),
            *(move for one in {id(one): one for one in composers.values()}.values() for move in moves_of(one, modules)),
        ),
        needs_darktable=bool(keyframes or maker.lines or maker.style),
        _composers=composers,
        _raw=_raw_by_slot(ordered),
        _ev=ev,
        _styled={} if style is None or wish.path is None else {step.operation: wish.path for step in style.steps},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    """Makes composers: what turns keyframes, a style and ramps of fields into sidecars."""

    how: Between
    moving: tuple[str, ...]
    pin: bool
    modules: Modules
    style: Style | None
    lines: tuple[Line, ...]

    def followed(
        self, keyframes: Sequence[Keyframe], pictures: Sequence[Picture]
    ) -> tuple[Mapping[bool, Composer], list[str]]:
        """Return what follows keyframes, for RAWs and for others alike."""
        notes = []
        kinds = {picture.raw for picture in pictures}
        if len(kinds) > 1:
            notes.append("RAWs and JPEGs follow the same keyframes, though darktable develops them differently")
        if self.style is not None:
            own = Counter(module for key in keyframes for module in set(left_out(key.sidecar, self.style)))
            notes += [
                f"{module} is as {_how_many(count, len(keyframes))} it, not as in the style {self.style.name}"
                for module, count in own.items()
            ]
            keyframes = [replace(key, sidecar=merged(key.sidecar, self.style)) for key in keyframes]
        if self.pin:
            raws = {picture.slot: picture.path for picture in pictures if picture.raw}
            keyframes = [self._pinned(key, raw=raws.get(key.slot)) for key in keyframes]
        composer, said = self._composer(keyframes)
        return dict.fromkeys(kinds, composer), [*notes, *said]

    def _pinned(self, key: Keyframe, *, raw: Path | None) -> Keyframe:
        """Return a keyframe in which everything is held that can be, the white balance of its RAW too."""
        sidecar = key.sidecar
        steps, left = pinned(sidecar.steps[: sidecar.end], self.modules, raw=raw is not None)
        if raw is not None and any(found.operation == "temperature" for found in left):
            balance = balance_of([raw])
            step = None if balance is None else balance_step(self.modules, balance)
            steps = (*steps, step) if step is not None else steps
        return replace(key, sidecar=sidecar.with_steps(steps))

    def begun(self, pictures: Sequence[Picture]) -> tuple[Mapping[bool, Composer], list[str]]:
        """Return what makes sidecars where there are no keyframes: for all RAWs, and for others if there is a need."""
        composers: dict[bool, Composer] = {}
        notes: list[str] = []
        raws = [picture for picture in pictures if picture.raw]
        if raws:
            base, said_of_it = base_stack(self.modules, balance_of([picture.path for picture in raws]))
            composers[True], said = self._composer([self._beginning(raws[0], base)])
            notes += [*said_of_it, *said]
        others = [picture for picture in pictures if not picture.raw]
        if others and (self.style or self.lines):
            composers[False], said = self._composer([self._beginning(others[0], Sidecar.blank(raw=False))])
            notes += said
        return composers, notes

    def _beginning(self, picture: Picture, sidecar: Sidecar) -> Keyframe:
        styled = sidecar if self.style is None else merged(sidecar, self.style, on_top=True)
        begun = Keyframe(slot=picture.slot, path=picture.sidecar, sidecar=styled)
        return self._pinned(begun, raw=picture.path if picture.raw else None) if self.pin else begun

    def _composer(self, keyframes: Sequence[Keyframe]) -> tuple[Composer, tuple[str, ...]]:
        lanes, notes = stacked(keyframes, modules=self.modules, how=self.how, moving=self.moving)
        tracks = ramped(lanes, self.lines, modules=self.modules, how=self.how)
        forms = forms_over(
            [float(key.slot) for key in keyframes],
            [settled(key.sidecar.masks, key.sidecar.end) for key in keyframes],
            how=self.how,
        )
        return Composer(keyframes=tuple(keyframes), tracks=tracks, forms=forms, changed=bool(self.lines)), notes


def _how_many(count: int, of: int) -> str:
    return (
        "every keyframe has" if count == of else f"{count} of {of} keyframes have" if count > 1 else "one keyframe has"
    )


def _raw_by_slot(pictures: Sequence[Picture]) -> Callable[[int], bool]:
    """Return which slots have a RAW; those without a picture are like the rest."""
    raws = {picture.slot for picture in pictures if picture.raw}
    if len(raws) in (0, len(pictures)):
        return lambda _: bool(raws)
    return raws.__contains__


def _style_of(wish: LookWish) -> Style | None:
    """Return the style that is asked for, if one is."""
    if wish.path is None or wish.path.suffix.lower() != _STYLE or wish.path.is_dir():
        return None
    try:
        data = wish.path.read_bytes()
    except OSError as error:
        raise PlanError(f"the style {wish.path} cannot be read: {error.strerror}") from error
    return Style.read(data, where=str(wish.path))


def _lines(pictures: Sequence[Picture], wish: LookWish, place: Place | None, zone: tzinfo) -> list[Line]:
    """Return the ramps with their positions found, or all that is wrong with them."""
    timeline = Timeline(
        slots=tuple(picture.slot for picture in pictures),
        moments=tuple(picture.utc for picture in pictures),
        place=place,
        zone=zone,
    )
    lines: list[Line] = []
    problems: list[str] = []
    for name, values in wish.ramp.items():
        try:
            lines.append(resolved(name, values, timeline))
        except PlanError as error:
            problems += error.problems
    if problems:
        raise PlanError(*problems)
    return in_multipliers(lines, pictures)
