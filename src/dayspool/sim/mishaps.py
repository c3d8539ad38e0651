"""One run of a script of mishaps: which of them strikes here and now, and how often it has."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeAlias

from dayspool.sim.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from dayspool.sim.faults import Faults
    from dayspool.sim.kinds import FaultKind

__all__ = ["Mishaps"]

_ALL = float(1 << 64)

_Placed: TypeAlias = tuple[int, Fault]  # a fault and its place in the script


class Mishaps:
    """One run of a script: remembers what has struck already.

    Args:
        faults: the script.
        elapsed_seconds: tells how long the run has lasted, host time; it never goes back.
        seed: what is left to chance comes from it.
    """

    def __init__(self, faults: Faults, elapsed_seconds: Callable[[], float], *, seed: int = 0) -> None:
        self._elapsed_seconds = elapsed_seconds
        self._seed = seed
        self._struck: Counter[tuple[int, int | None]] = Counter()
        self._by_kind: defaultdict[FaultKind, list[_Placed]] = defaultdict(list)
        self._present: dict[FaultKind, tuple[float, list[_Placed]]] = {}
        for place, fault in enumerate(faults.faults):
            self._by_kind[fault.kind].append((place, fault))

    def strike(
        self,
        kind: FaultKind,
        *,
        shot: int | None = None,
        call: int | None = None,
        where: str | None = None,
        method: str | None = None,
    ) -> Fault | None:
        """Return the fault of this kind that strikes here and now, and count it; `None` when all goes well."""
        for place, fault in self._now(kind):
            if not fault.concerns(where, method):
                continue
            covers = fault.covers(self._elapsed_seconds())
            if not covers and not self._meets(place, fault, shot, call):
                continue
            key = place, None if covers else shot
            limit = fault.times if covers else fault.times or 1
            if limit is None or self._struck[key] < limit:
                self._struck[key] += 1
                return self._measured(place, fault, shot or self._struck[key])
        return None

    def due(self, kind: FaultKind) -> bool:
        """Return whether a fault of this kind has come due since that was last asked; each does once."""
        elapsed = self._elapsed_seconds()
        new = [place for place, fault in self._now(kind) if not self._struck[place, None] and fault.covers(elapsed)]
        self._struck.update((place, None) for place in new)
        return bool(new)

    def lasting(self, kind: FaultKind, *, shot: int | None = None, where: str | None = None) -> Fault | None:
        """Return the fault of this kind that holds here and now, however often it has struck."""
        for place, fault in self._now(kind):
            if not fault.concerns(where, None):
                continue
            if fault.covers(self._elapsed_seconds()) or self._meets(place, fault, shot, None):
                return fault
        return None

    def _now(self, kind: FaultKind) -> list[_Placed]:
        """Return those of a kind that are not of another time; a week's script has hundreds, and every byte asks."""
        if kind not in self._by_kind:
            return []
        now = self._elapsed_seconds()
        until, present = self._present.get(kind, (-math.inf, []))
        if now >= until:
            every = self._by_kind[kind]
            present = [(place, fault) for place, fault in every if fault.begins is None or fault.covers(now)]
            edges = [
                edge for _, fault in every for edge in (fault.begins, fault.ends) if edge is not None and edge > now
            ]
            self._present[kind] = min(edges, default=math.inf), present
        return present

    def _meets(self, place: int, fault: Fault, shot: int | None, call: int | None) -> bool:
        if fault.chance is not None and shot is not None:
            return self._drawn(place, "whether", shot) < fault.chance
        return fault.meets(shot, call)

    def _measured(self, place: int, fault: Fault, which: int) -> Fault:
        """Return the fault as long as it lasts this time."""
        if fault.up_to is None:
            return fault
        least = fault.seconds or 0.0
        seconds = least + (fault.up_to - least) * self._drawn(place, "how long", which)
        return replace(fault, seconds=seconds, up_to=None)

    def _drawn(self, place: int, what: str, number: int) -> float:
        """Return a number from 0 to 1 that is always the same for the same seed, fault and exposure."""
        text = f"{self._seed} {place} {what} {number}"
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") / _ALL
