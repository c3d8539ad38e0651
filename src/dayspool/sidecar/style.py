"""Styles of darktable (`.dtstyle`): read, and merged into a sidecar by us.

darktable-cli's own `--style` looks for a name in a database, adds a second instance of every module that the sidecar
has already, and needs its presets on; so it is never used for frames.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dayspool.errors import SidecarUnreadable
from dayspool.sidecar.blob import LARGEST_TOGETHER, decode
from dayspool.sidecar.fingerprint import OWN_NAME
from dayspool.sidecar.order import ordered
from dayspool.sidecar.step import Step
from dayspool.sidecar.tree import parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from xml.etree.ElementTree import Element

    from dayspool.sidecar.document import Sidecar

__all__ = ["Style", "left_out", "merged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What a `.dtstyle` file holds.

    Attributes:
        name: as darktable lists it.
        description: in the words of whoever made it.
        steps: its modules, in the order of their numbers.
        order: the module order that it was made with, as darktable writes it, or `None`.
    """

    name: str
    steps: tuple[Step, ...]
    description: str = ""
    order: str | None = None

    @staticmethod
    def read(data: bytes, *, where: str = "the style") -> Style:
        """Return the style in a file, which messages call `where`.

        Raises:
            SidecarUnreadable: it is no style, or broken; the message says where.
        """
        root = parsed(data, where)
        if root.tag != "darktable_style":
            raise SidecarUnreadable(f"{where} is no style of darktable: it holds <{_short(root.tag)}>")
        plugins = sorted(root.iterfind("style/plugin"), key=lambda plugin: _number(plugin, "num", where))
        if not plugins:
            raise SidecarUnreadable(f"{where} is a style without a module")
        order = _text(root, "info/iop_list").strip()
        return Style(
            name=_text(root, "info/name"),
            description=_text(root, "info/description"),
            steps=_steps(plugins, where),
            order=order or None,
        )


def merged(sidecar: Sidecar, style: Style, *, on_top: bool = False) -> Sidecar:
    """Return the sidecar with a style underneath: what the sidecar sets already stays as the person edited it.

    An instance of a module is the same as another if the module is and the name it was given; instances without a name
    are told apart by their numbers. What the style has more is added, under a free number, behind the person's edits.
    The module order and the drawn masks are the sidecar's, not the style's; instances of our own are neither added nor
    replaced.

    Args:
        sidecar: a person's edit, or the stack that pictures without one get.
        style: what comes from elsewhere.
        on_top: the style's instances count instead of the sidecar's. For stacks that no person edited.

    Raises:
        PlanError: an added instance needs a place in an order of modules that is not known.
    """
    kept = sidecar.steps[: sidecar.end]
    theirs = {_known_as(step): step for step in sidecar.active}
    taken = {step.instance for step in kept}
    added = []
    for step in _last_of_each(style.steps):
        known = theirs.get(_known_as(step))
        if step.name == OWN_NAME or (known is not None and not on_top):
            continue
        priority = _free(step, taken) if known is None else known.priority
        added.append(replace(step, priority=priority))
        taken.add((step.operation, priority))
    if not added:
        return sidecar
    # Forms of edits that were undone would stand again once entries take the numbers of these.
    standing = tuple(mask for mask in sidecar.masks if mask.num < sidecar.end)
    return ordered(sidecar.with_masks(standing).with_steps((*kept, *added)))


def left_out(sidecar: Sidecar, style: Style) -> tuple[str, ...]:
    """Return the modules of a style that `merged` leaves to the sidecar because it sets them otherwise, in order."""
    theirs = {_known_as(step): step for step in sidecar.active}
    return tuple(
        f"{step.operation} {step.name}".rstrip()
        for step in _last_of_each(style.steps)
        if (known := theirs.get(_known_as(step))) is not None and known != replace(step, priority=known.priority)
    )


def _last_of_each(steps: Iterable[Step]) -> Sequence[Step]:
    """Of several entries for one instance the last counts."""
    return tuple({step.instance: step for step in steps}.values())


def _known_as(step: Step) -> tuple[str, str | int]:
    return step.operation, step.name or step.priority


def _free(step: Step, taken: set[tuple[str, int]]) -> int:
    """Return the instance's own number, or the next that is free."""
    if step.instance not in taken:
        return step.priority
    return max(priority for operation, priority in taken if operation == step.operation) + 1


def _steps(plugins: Iterable[Element], where: str) -> tuple[Step, ...]:
    steps, unpacked = [], 0
    for plugin in plugins:
        steps.append(_step(plugin, where))
        unpacked += len(steps[-1].params) + len(steps[-1].blend or b"")
        if unpacked > LARGEST_TOGETHER:
            raise SidecarUnreadable(f"{where} unpacks to more than {LARGEST_TOGETHER >> 20} MB")
    return tuple(steps)


def _step(plugin: Element, where: str) -> Step:
    operation = _text(plugin, "operation").strip()
    if not operation:
        raise SidecarUnreadable(f"{where} has a module without a name (<operation>)")
    try:
        params = decode(_text(plugin, "op_params").strip())
        blend = decode(_text(plugin, "blendop_params").strip())
    except SidecarUnreadable as fault:
        raise SidecarUnreadable(f"{where}, module {operation}: {fault}") from fault
    return Step(
        operation=operation,
        version=_number(plugin, "module", where),
        params=params,
        enabled=_number(plugin, "enabled", where) != 0,
        name=_text(plugin, "multi_name"),
        priority=_number(plugin, "multi_priority", where, missing=0),
        blend_version=_number(plugin, "blendop_version", where, missing=0) if blend else None,
        blend=blend or None,
    )


def _text(element: Element, path: str) -> str:
    return element.findtext(path) or ""


def _number(element: Element, path: str, where: str, *, missing: int | None = None) -> int:
    text = _text(element, path).strip()
    if not text and missing is not None:
        return missing
    if not text.removeprefix("-").isdecimal() or len(text) > _LONGEST:
        raise SidecarUnreadable(f"{where}: <{path}> should be a number, and is {_short(text)!r}")
    return int(text)


_LONGEST = 11  # digits of a 32-bit number and its sign


def _short(text: str, limit: int = 40) -> str:
    return text if len(text) <= limit else text[:limit] + "…"
