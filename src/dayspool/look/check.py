"""What would go wrong with a look, found before hours are spent on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dayspool.errors import SidecarUnreadable
from dayspool.look.apply import Fate, apply_look
from dayspool.look.lint import lint
from dayspool.sidecar.document import Sidecar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from dayspool.look.shoot_look import Look
    from dayspool.look.wish import Picture
    from dayspool.sidecar.schema import Modules
    from dayspool.sidecar.step import Step

__all__ = ["Kind", "Trouble", "broken_sidecars", "foreign_modules", "troubles"]


class Kind(StrEnum):
    """What sort of trouble."""

    BROKEN = "broken"  # a sidecar that cannot be read
    LATER = "later"  # a module of a later darktable than the one installed, which would ignore it without a word
    FOREIGN = (
        "foreign"  # a module of an earlier darktable, or of one that is not here, which this program does not know
    )
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
        pinnable: whether `pin` in the look's wish would end it.
    """

    kind: Kind
    text: str
    slots: tuple[int, ...] = ()
    pinnable: bool = False

    @property
    def fatal(self) -> bool:
        """Whether the look cannot be used as long as this is so."""
        return self.kind in (Kind.BROKEN, Kind.LATER)


def broken_sidecars(files: Iterable[Path]) -> Iterator[Trouble]:
    """Yield the sidecars that cannot be read."""
    for file in files:
        try:
            Sidecar.read(file.read_bytes(), where=str(file))
        except SidecarUnreadable as error:
            yield Trouble(kind=Kind.BROKEN, text=str(error))
        except OSError as error:
            yield Trouble(kind=Kind.BROKEN, text=f"the sidecar {file} cannot be read: {error.strerror}")


def foreign_modules(look: Look, modules: Modules) -> Iterator[Trouble]:
    """Yield what keyframes hold of modules in versions that the installed darktable does not have."""
    yield from _together(
        Trouble(kind=kind, text=text, slots=(keyframe.slot,))
        for keyframe in look.keyframes
        for kind, text in _foreign(keyframe.sidecar.active, modules)
    )


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
    keyframes = {keyframe.slot: keyframe.sidecar.active for keyframe in look.keyframes}
    if look.needs_darktable and not modules.installed:
        text = (
            "darktable is not installed here, or does not tell of its modules: `dayspool doctor` says more; the look "
            f"is held against the modules of darktable {modules.darktable}"
        )
        yield Trouble(kind=Kind.MISSING, text=text)
    yield from foreign_modules(look, modules)
    raw = any(picture.raw for picture in pictures)
    yield from _together(
        Trouble(kind=Kind.ADAPTS, text=str(finding), slots=(slot,), pinnable=finding.pinnable)
        for slot, steps in keyframes.items()
        for finding in lint(steps, modules, raw=raw)
        if not (pinned and finding.pinnable)
    )
    yield from (Trouble(kind=Kind.NOTE, text=note) for note in notes)
    beside = [picture for picture in pictures if picture.sidecar.exists()]  # nothing is composed for the rest
    stale = tuple(one.picture.slot for one in apply_look(look, beside, dry=True) if one.fate is Fate.RENEWED)
    if stale:
        text = "sidecars beside pictures are from an earlier look; `dayspool look apply` renews them"
        yield Trouble(kind=Kind.STALE, text=text, slots=stale)


def _together(each: Iterable[Trouble]) -> Iterator[Trouble]:
    """Yield what several keyframes have once, with the slots of all."""
    found: dict[tuple[Kind, str, bool], list[int]] = {}
    for trouble in each:
        found.setdefault((trouble.kind, trouble.text, trouble.pinnable), []).extend(trouble.slots)
    for (kind, text, pinnable), slots in found.items():
        yield Trouble(kind=kind, text=text, slots=tuple(sorted(set(slots))), pinnable=pinnable)


def _foreign(steps: Sequence[Step], modules: Modules) -> Iterator[tuple[Kind, str]]:
    """Yield what is said of modules whose version the installed darktable does not have."""
    ignored = Kind.LATER if modules.installed else Kind.FOREIGN
    for step in steps:
        ours = modules.find(step.operation)
        if not step.enabled or (ours is not None and ours.version == step.version):
            continue
        if ours is None:
            yield ignored, f"{step.operation}: darktable {modules.darktable} has no such module and would leave it out"
        elif step.version > ours.version:
            yield (
                ignored,
                f"{step.operation}: version {step.version} is of a later darktable than {modules.darktable}, which "
                f"knows {ours.version} and would ignore it",
            )
        elif modules.find(step.operation, step.version) is None:
            yield (
                Kind.FOREIGN,
                f"{step.operation}: version {step.version} is of an earlier darktable; it is kept as it is and goes "
                "in steps from keyframe to keyframe",
            )
