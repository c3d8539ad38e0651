"""What would go wrong with a look, found before hours are spent on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from dayspool.develop.darktable_recipe import ignored
from dayspool.errors import SidecarUnreadable
from dayspool.look.apply import Fate, apply_look
from dayspool.look.lint import lint
from dayspool.look.stack import instance_text
from dayspool.sidecar.document import Sidecar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from dayspool.look.shoot_look import Look, Stack
    from dayspool.look.wish import Picture
    from dayspool.sidecar.schema import Modules

__all__ = ["Kind", "Trouble", "adapting_modules", "broken_sidecars", "ignored_modules", "troubles"]

_REMEDY = "edit it again with this darktable, or install the one that made it"


class Kind(StrEnum):
    """What sort of trouble."""

    BROKEN = "broken"  # a sidecar that cannot be read
    IGNORED = "ignored"  # what the installed darktable would leave out without a word
    FOREIGN = "foreign"  # the same of one that is not here to say so itself
    MISSING = "missing"  # darktable itself
    ADAPTS = "adapts"  # a module that looks at each picture
    NOTE = "note"  # what was done to unlike keyframes, and the like
    STALE = "stale"  # sidecars of ours that an earlier look left


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing a person should know.

    Attributes:
        kind: its sort.
        text: what it is and what can be done, as a sentence.
        slots: the pictures or keyframes that have it; empty where it is the look's as a whole.
        files: the sidecars or the style that bring it; empty where none does.
        pinnable: whether `pin` in the look's wish would end it.
    """

    kind: Kind
    text: str
    slots: tuple[int, ...] = ()
    files: tuple[Path, ...] = ()
    pinnable: bool = False

    @property
    def fatal(self) -> bool:
        """Whether the look cannot be used as long as this is so."""
        return self.kind in (Kind.BROKEN, Kind.IGNORED)


def broken_sidecars(files: Iterable[Path]) -> Iterator[Trouble]:
    """Yield the sidecars that cannot be read."""
    for file in files:
        try:
            Sidecar.read(file.read_bytes(), where=str(file))
        except SidecarUnreadable as error:
            yield Trouble(kind=Kind.BROKEN, text=str(error))
        except OSError as error:
            yield Trouble(kind=Kind.BROKEN, text=f"the sidecar {file} cannot be read: {error.strerror}")


def ignored_modules(look: Look, modules: Modules) -> Iterator[Trouble]:
    """Yield what darktable would leave out of the look without a word: of keyframes, of a style, of ramps.

    Nothing of it is fatal where the modules are not those of the darktable that is installed.
    """
    kind = Kind.IGNORED if modules.installed else Kind.FOREIGN
    yield from _together(
        _trouble(kind, f"{instance_text(step)} would be ignored: {why}; {_REMEDY}", stack, step.instance)
        for stack in look.stacks()
        for step in stack.steps
        if step.enabled and (why := ignored(step, stack.sidecar, modules))
    )


def adapting_modules(look: Look, modules: Modules, *, pinned: bool = False) -> Iterator[Trouble]:
    """Yield what looks at each picture, so that the film may flicker.

    Args:
        look: the look.
        modules: how the installed darktable lays out its parameters.
        pinned: whether what can be held still is.
    """
    for found in _together(
        _trouble(Kind.ADAPTS, str(finding), stack, (finding.operation, finding.instance), pinnable=finding.pinnable)
        for stack in look.stacks()
        for finding in lint(stack.steps, modules, raw=stack.raw)
        if stack.keyframe or finding.operation in {step.operation for step in stack.steps}
    ):
        if not (pinned and found.pinnable):
            yield found


def troubles(
    look: Look, pictures: Sequence[Picture], modules: Modules, notes: Iterable[str], *, pinned: bool = False
) -> Iterator[Trouble]:
    """Yield what is the matter with a look whose sidecars can all be read.

    Args:
        look: the look.
        pictures: those of the shoot.
        modules: how the installed darktable lays out its parameters.
        notes: what was said already while the look was made.
        pinned: whether what can be held still is.
    """
    if look.needs_darktable and not modules.installed:
        text = (
            "darktable is not installed here, or does not tell of its modules: `dayspool doctor` says more; the look "
            f"is held against the modules of darktable {modules.darktable}"
        )
        yield Trouble(kind=Kind.MISSING, text=text)
    yield from ignored_modules(look, modules)
    adapting = tuple(adapting_modules(look, modules, pinned=pinned))
    yield from adapting
    said = {trouble.text for trouble in adapting}
    yield from (Trouble(kind=Kind.NOTE, text=note) for note in notes if note not in said)
    yield from _earlier(look, modules)
    beside = [picture for picture in pictures if picture.sidecar.exists()]  # nothing is composed for the rest
    stale = tuple(one.picture.slot for one in apply_look(look, beside, dry=True) if one.fate is Fate.RENEWED)
    if stale:
        text = "sidecars beside pictures are from an earlier look; `dayspool look apply` renews them"
        yield Trouble(kind=Kind.STALE, text=text, slots=stale)


def _earlier(look: Look, modules: Modules) -> Iterator[Trouble]:
    """Yield what darktable brings up to date by itself."""
    yield from _together(
        _trouble(
            Kind.NOTE,
            f"{instance_text(step)} is of an earlier darktable (parameters of version {step.version}, now "
            f"{known.version}): darktable brings it up to date, and it is handed on as it is",
            stack,
            step.instance,
        )
        for stack in look.stacks()
        for step in stack.steps
        if step.enabled and (known := modules.find(step.operation)) is not None and step.version < known.version
        if not ignored(step, stack.sidecar, modules)
    )


def _trouble(kind: Kind, text: str, stack: Stack, instance: tuple[str, int], *, pinnable: bool = False) -> Trouble:
    """Return what one instance has in one place."""
    file = stack.files.get(instance)
    return Trouble(
        kind=kind,
        text=text,
        slots=(stack.slot,) if stack.keyframe else (),
        files=() if file is None else (file,),
        pinnable=pinnable,
    )


def _together(each: Iterable[Trouble]) -> Iterator[Trouble]:
    """Yield what several places have once, with the slots and files of all."""
    found: dict[tuple[Kind, str, bool], list[Trouble]] = {}
    for trouble in each:
        found.setdefault((trouble.kind, trouble.text, trouble.pinnable), []).append(trouble)
    for same in found.values():
        slots = {slot for trouble in same for slot in trouble.slots}
        files = dict.fromkeys(file for trouble in same for file in trouble.files)
        yield replace(same[0], slots=tuple(sorted(slots)), files=tuple(files))
