"""Find what makes darktable treat pictures differently that have the same sidecar, and pin what can be pinned."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dayspool.look.lint_table import HABITS
from dayspool.sidecar.values import packed, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dayspool.look.lint_table import Habit
    from dayspool.sidecar.schema import Modules, Value
    from dayspool.sidecar.step import Step

__all__ = ["Finding", "lint", "pinned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A module that looks at each picture, so that frames of one look may flicker.

    Attributes:
        operation: the module.
        instance: its number; 0 for the first.
        why: what it takes from each picture, as a sentence.
        remedy: what a person can do in darktable.
        pin: the fields by which `pinned` makes it stop; empty where the sidecar does not hold what that would take.
        added: the module is missing, and a look that pins adds it with what the keyframe's own picture says.
    """

    operation: str
    instance: int
    why: str
    remedy: str
    pin: Mapping[str, Value] = field(default_factory=dict)
    added: bool = False

    @property
    def pinnable(self) -> bool:
        """Whether `pin` in a look's wish makes it stop."""
        return bool(self.pin) or self.added

    def __str__(self) -> str:
        """Return it as sentences."""
        name = self.operation if not self.instance else f"{self.operation} {self.instance}"
        return f"{name}: {self.why}. {self.remedy[0].upper()}{self.remedy[1:]}"


def lint(steps: Iterable[Step], modules: Modules, *, raw: bool) -> tuple[Finding, ...]:
    """Return the modules that look at each picture, in the order of the steps; those that are missing come last.

    Args:
        steps: what counts of a sidecar (`Sidecar.active`); modules that are off are passed over.
        modules: how the installed darktable lays out its parameters. A version that is not known cannot be looked into,
            and is found if every setting of the module would be.
        raw: whether the pictures are RAW files.
    """
    steps = tuple(steps)
    return (*(found for step in steps for found in _found(step, modules, raw)), *_missing(steps, raw))


def pinned(steps: Sequence[Step], modules: Modules, *, raw: bool) -> tuple[tuple[Step, ...], tuple[Finding, ...]]:
    """Return the steps with everything pinned that can be, and what is left for the person.

    The picture that the sidecar was made on looks as before, except where darktable keeps the number elsewhere: an
    automatic exposure falls back to the manual one beside it, and a compensated exposure bias comes back.

    Args:
        steps: what counts of a sidecar.
        modules: how the installed darktable lays out its parameters.
        raw: whether the pictures are RAW files.
    """
    result = tuple(_still(step, modules, raw) for step in steps)
    return result, lint(result, modules, raw=raw)


def _still(step: Step, modules: Modules, raw: bool) -> Step:
    module = modules.find(step.operation, step.version)
    changes = {name: value for found in _found(step, modules, raw) for name, value in found.pin.items()}
    return step if module is None or not changes else replace(step, params=packed(module, step.params, changes))


def _found(step: Step, modules: Modules, raw: bool) -> Iterator[Finding]:
    habits = [habit for habit in HABITS if habit.operation == step.operation and not habit.absent]
    if not step.enabled or not habits:
        return
    module = modules.find(step.operation, step.version)
    values = unpack(module, step.params) if module and module.size == len(step.params) else {}
    for habit in habits:
        if (raw or not habit.raw_only) and all(values.get(name) in wanted for name, wanted in habit.when.items()):
            yield _finding(habit, step.priority)


def _missing(steps: Sequence[Step], raw: bool) -> Iterator[Finding]:
    present = {step.operation for step in steps if step.enabled}
    for habit in HABITS:
        if habit.absent and habit.operation not in present and (raw or not habit.raw_only):
            yield _finding(habit, 0)


def _finding(habit: Habit, instance: int) -> Finding:
    return Finding(
        operation=habit.operation,
        instance=instance,
        why=habit.why,
        remedy=habit.remedy,
        pin=dict(habit.pin),
        added=habit.added,
    )
