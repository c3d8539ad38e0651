"""The module stacks of keyframes side by side: what matches moves, what differs is said and taken over whole.

Instances belong together by module and number. Between two neighbouring keyframes an instance moves if both have it, on
or off alike, with a layout of parameters that is known and the same. Otherwise:

- missing or off on one side: where values are known with which the module does nothing, it fades in or out through
  them; else it begins, or ends, at the later keyframe;
- missing on one side, of a module that darktable runs on every picture anyway: it is there without being written down;
- another version, a layout that nobody knows, an instance that a person calls otherwise: the left one holds until the
  later keyframe;
- blending and masks move if they are of the same kind, else they hold likewise;
- modules that turn, cut or bend the picture hold unless they are asked to move.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from dayspool.look.lane import Joint, Lane, coded, joined
from dayspool.look.masks import unlike_masks
from dayspool.look.orders import wider_order
from dayspool.look.semantics import BLEND, BLEND_CHOICES, GEOMETRY, NEUTRAL, RUN_ANYWAY
from dayspool.sidecar.masks import settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dayspool.look.interpolate import Between
    from dayspool.look.keyframes import Keyframe
    from dayspool.sidecar.schema import Module, Modules
    from dayspool.sidecar.step import Step

__all__ = ["instance_text", "stacked", "with_fields"]

_MASK_MODE_BYTES = 4


def stacked(
    keyframes: Sequence[Keyframe], *, modules: Modules, how: Between, moving: Iterable[str] = ()
) -> tuple[tuple[Lane, ...], tuple[str, ...]]:
    """Return the lanes of all instances in the keyframes, and a sentence for each two that do not simply match.

    Args:
        keyframes: by slot, at least one.
        modules: the layouts of parameters.
        how: the mode of interpolation.
        moving: modules of `GEOMETRY` that shall move all the same.
    """
    stacks = [{step.instance: step for step in keyframe.sidecar.active} for keyframe in keyframes]
    matcher = _Matcher(modules=modules, held=GEOMETRY - set(moving))
    slots = [float(keyframe.slot) for keyframe in keyframes]
    pairs = tuple(pairwise(keyframes))
    same_order = [wider_order(one.sidecar, two.sidecar) is not None for one, two in pairs]
    said = [list(_pair_notes(*pair, same_order=same)) for pair, same in zip(pairs, same_order, strict=True)]
    lanes = []
    for instance in dict.fromkeys(instance for stack in stacks for instance in stack):
        keys = [stack.get(instance) for stack in stacks]
        joints = []
        for (left, right), same, texts in zip(pairwise(keys), same_order, said, strict=True):
            joint, differences = matcher.joint(left, right, same_order=same)
            joints.append(joint)
            step = left or right
            texts += [f"{instance_text(step)} {text}" for text in differences if step is not None]
        lanes.append(joined(slots, keys, joints, how=how))
    return tuple(lanes), tuple(_notes(pairs, said))


def _notes(pairs: Sequence[tuple[Keyframe, Keyframe]], said: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a sentence for each two keyframes that do not simply match; those that differ alike share one."""
    alike: dict[str, list[tuple[Keyframe, Keyframe]]] = {}
    for pair, texts in zip(pairs, said, strict=True):
        if texts:
            alike.setdefault("; ".join(texts), []).append(pair)
    for text, where in alike.items():
        left, right = where[0]
        span = f"between slot {left.slot} ({left.path.name}) and slot {right.slot} ({right.path.name})"
        more = f", and {len(where) - 1} times more between others" if len(where) > 1 else ""
        yield f"{span}{more}: {text}"


def instance_text(step: Step) -> str:
    """Return what a person calls an instance: `exposure`, `exposure sky`, `exposure 1`."""
    which = step.name or (str(step.priority) if step.priority else "")
    return f"{step.operation} {which}".rstrip()


def with_fields(step: Step, module: Module, values: Iterable[tuple[str, float]]) -> Step | None:
    """Return the step with some fields set, or `None` if the module does not have them all."""
    fields = {field.name: field for field in module.fields}
    params = bytearray(step.params)
    for name, value in values:
        code = coded(fields[name]) if name in fields else None
        if code is None:
            return None
        code.pack_into(params, fields[name].offset, value)
    return replace(step, params=bytes(params))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Matcher:
    """Compares an instance in two neighbouring keyframes."""

    modules: Modules
    held: frozenset[str]

    def joint(self, left: Step | None, right: Step | None, *, same_order: bool) -> tuple[Joint, list[str]]:
        """Return how the one becomes the other, and what a person should know of it."""
        if left is None or right is None or left.enabled != right.enabled:
            return self._appearing(left, right, same_order=same_order)
        if not left.enabled:
            return Joint(left=left, right=right), []
        held, notes = self._held(left, right), []
        if held:
            return Joint(left=left, right=right), [held]
        blend, unlike = _blending(left, right)
        if unlike:
            notes.append(f"blends with another {unlike} at the later keyframe: blending changes there at once")
        return Joint(left=left, right=right, module=self._layout(left), blend=blend), notes

    def _held(self, left: Step, right: Step) -> str:
        """Say why the left one holds until the later keyframe; nothing if it need not."""
        stays = "the earlier one holds until the later keyframe"
        if left.version != right.version:
            return f"has parameters of versions {left.version} and {right.version}: {stays}"
        if (left.params, left.blend) == (right.params, right.blend):
            return ""
        if _given_name(left) and _given_name(right) and left.name != right.name:
            return f"is called {right.name} in the later keyframe, so they are two: {stays}"
        if left.params == right.params:
            return ""
        if left.operation in self.held:
            return (
                f"cuts, turns or bends the picture in another way: {stays}; "
                f"""moving over the picture is the film's business (moving = ["{left.operation}"] lets it move)"""
            )
        unknown = self._unknown(left) or self._unknown(right)
        return f"{unknown}: {stays}" if unknown else ""

    def _unknown(self, step: Step) -> str:
        """Say why nobody here knows what a step's parameters mean; nothing if they are known."""
        known = self.modules.find(step.operation)
        if known is None:
            return "is a module that neither darktable here nor dayspool knows"
        if step.version > known.version:
            return f"has parameters of version {step.version}, of a later darktable than {self.modules.darktable}"
        if step.version < known.version:
            return (
                f"has parameters of version {step.version}, of an earlier darktable, which do not move; "
                f"changed again in darktable {self.modules.darktable} they do"
            )
        size = len(step.params)
        return "" if size == known.size else f"has parameters of the wrong length, {size} instead of {known.size} bytes"

    def _layout(self, step: Step) -> Module | None:
        module = self.modules.find(step.operation, step.version)
        return module if module is not None and module.size == len(step.params) else None

    def _appearing(self, left: Step | None, right: Step | None, *, same_order: bool) -> tuple[Joint, list[str]]:
        """Return the joint of an instance that is on in one keyframe at most, and off or not there in the other."""
        there = next((step for step in (left, right) if step is not None and step.enabled), None)
        if there is None:  # what is off is as good as not there
            return Joint(left=left, right=right), []
        other = right if there is left else left
        placed = other is not None or same_order or there.priority == 0
        neutral = self._neutral(there) if placed else None
        if neutral is None and other is None and there.operation in RUN_ANYWAY:
            return Joint(left=left, right=right), []
        which, verb = ("earlier", "out") if there is left else ("later", "in")
        note = f"is only {'in' if other is None else 'on in'} the {which} keyframe"
        if neutral is None:
            ends = "ends at the later one" if there is left else "begins there"
            return Joint(left=left, right=right), [f"{note} and {ends}"]
        before, after = (there, neutral) if there is left else (neutral, there)
        faded = Joint(left=before, right=after, module=self._layout(there))
        return faded, [f"{note}: it fades {verb} through values with which it does nothing"]

    def _neutral(self, step: Step) -> Step | None:
        """Return the step with the values at which it leaves the picture alone, where those are known."""
        values, module = NEUTRAL.get(step.operation), self._layout(step)
        if values is None or module is None or step.operation in self.held:
            return None
        return with_fields(step, module, values.items())


def _blending(left: Step, right: Step) -> tuple[Module | None, str]:
    """Return the layout along which blending moves, and in what it is unlike, if it is."""
    if (left.blend_version, left.blend) == (right.blend_version, right.blend):
        return None, ""
    if not (_blends(left) or _blends(right)):
        return None, ""
    if left.blend_version != right.blend_version or left.blend is None or right.blend is None:
        return None, "version of its parameters"
    module = BLEND.get(left.blend_version or 0)
    if module is None or not len(left.blend) == len(right.blend) == module.size:
        return None, f"version {left.blend_version} that is not known"
    for name, offset, size in BLEND_CHOICES[module.version]:
        if left.blend[offset : offset + size] != right.blend[offset : offset + size]:
            return None, name
    return module, ""


def _blends(step: Step) -> bool:
    """Say whether blending is on; the mode of masking comes first in every version of its parameters."""
    return step.blend is not None and any(step.blend[:_MASK_MODE_BYTES])


def _given_name(step: Step) -> bool:
    """Say whether a person named an instance; darktable itself counts further ones."""
    return bool(step.name) and not step.name.isdecimal()


def _pair_notes(left: Keyframe, right: Keyframe, *, same_order: bool) -> Iterator[str]:
    """Say what differs between two keyframes beside the modules themselves."""
    one, two = left.sidecar, right.sidecar
    if not same_order:
        yield "the order of the modules differs and changes at the later keyframe"
    yield from unlike_masks(settled(one.masks, one.end), settled(two.masks, two.end))
