"""Mishaps by script: what goes wrong with the simulated camera, and at which exposure, call or second.

A script is data. In TOML it is a list of tables::

    [[fault]]
    kind = "answer_lost"       # the exposure happens, the answer never comes
    shot = 5                   # while making exposure 5 of the ledger

    [[fault]]
    kind = "link_down"
    from = 120                 # seconds since the start, host time
    to = 300

A fault bound to a `shot` strikes while that exposure (as the ledger counts) is being asked for or fetched, `times`
times (once unless said); one from–to, or bound to nothing, strikes every time, or `times` times in all. `every = 50`
means exposures 50, 100 and so on, `chance = 0.02` two of a hundred, drawn by the camera's seed; `call` counts the JSON
requests from 1.
Hostile answers may name the JSON `method` they are for, or come at another place (`where`)::

    [[fault]]
    kind = "huge_answer"
    where = "description"
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from dayspool.errors import PlanError
from dayspool.sim.kinds import KEYS, NEEDS, UNBOUND, WHERES, FaultKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["LAST_FILE_NUMBER", "Fault", "FaultKind", "Faults"]


LAST_FILE_NUMBER = 9999
_BOUNDS = frozenset({"shot", "every", "chance", "call", "from"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong; which keys a kind takes is checked here.

    Attributes:
        shot: the exposure, as the ledger counts them.
        every: exposures `every`, `2 × every`, and so on.
        chance: the share of all exposures, each drawn by the camera's seed and its number.
        times: how often it strikes: at each exposure or call it is bound to (once unless given), otherwise in all
            (always unless given).
        call: the JSON request, counted from 1.
        begins: seconds since the start, host time (`from` in TOML).
        ends: seconds since the start, host time (`to` in TOML).
        seconds: how long it lasts.
        up_to: how long at most, `seconds` being the least; drawn each time.
        location: the address that SSDP names instead of the true one, or that a redirect leads to.
        level: what is left of the battery, from 0 to 1.
        calls: how many JSON requests in a second are too many.
        method: the JSON method that is answered so; every one unless given.
        where: at which of the camera's answers (`WHERES`); its JSON services unless given.
        host: the host that addresses in answers name instead of the camera.
        number: of the first file, as the camera counts them (1 to 9999).

    Raises:
        PlanError: with every mistake at once.
    """

    kind: FaultKind
    shot: int | None = None
    every: int | None = None
    chance: float | None = None
    times: int | None = None
    call: int | None = None
    begins: float | None = None
    ends: float | None = None
    seconds: float | None = None
    up_to: float | None = None
    location: str | None = None
    level: float | None = None
    calls: int | None = None
    method: str | None = None
    where: str | None = None
    host: str | None = None
    number: int | None = None

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise PlanError(*problems)

    def _problems(self) -> Iterator[str]:
        given = self._given()
        for key in sorted(given - KEYS[self.kind]):
            allowed = ", ".join(sorted(KEYS[self.kind]))
            yield f"{key}: means nothing to {self.kind} (it takes {allowed})"
        for key in ("shot", "every", "times", "call", "calls"):
            value = getattr(self, key)
            if value is not None and value < 1:
                yield f"{key}: counts from 1, not {value}"
        yield from self._odd_values()
        if self.begins is not None and self.ends is not None and self.ends <= self.begins:
            yield f"to: must come after from = {self.begins:g}, not {self.ends:g}"
        if self.seconds is not None and self.seconds <= 0:
            yield f"seconds: must be more than 0, not {self.seconds:g}"
        if self.kind is FaultKind.NOT_READY and self.begins is not None and self.times is not None:
            yield "times: means nothing to not_ready from a moment on, which is a state and no stroke"
        yield from self._lacks()
        bounds = given & _BOUNDS
        if len(bounds) > 1:
            yield f"{', '.join(sorted(bounds))}: give only one of them"
        if not bounds and self.kind not in UNBOUND:
            yield f"{self.kind} needs one of {', '.join(sorted(KEYS[self.kind] & _BOUNDS))}"

    def _lacks(self) -> Iterator[str]:
        key, tells = NEEDS.get(self.kind, ("", ""))
        if self.kind is FaultKind.NOT_READY and self.begins is None:
            key, tells = "seconds", "how long"
        if key and getattr(self, key) is None:
            yield f"{key}: {self.kind} needs to know {tells}"

    def _odd_values(self) -> Iterator[str]:
        """Find what TOML can write and no clock or network can follow."""
        moments = (("from", self.begins), ("to", self.ends), ("seconds", self.seconds), ("up_to", self.up_to))
        for key, value in moments:
            if value is not None and not math.isfinite(value):
                yield f"{key}: must be a number of seconds, not {value}"
        if self.location is not None and not (self.location.isascii() and self.location.isprintable()):
            yield f"location: must be plain ASCII, as in http://10.0.0.1:64321/dd.xml, not {self.location!r}"
        if self.host is not None and not (self.host.isascii() and self.host.isprintable()):
            yield f"host: must be plain ASCII, as in 192.0.2.66, not {self.host!r}"
        if self.chance is not None and not 0 < self.chance <= 1:
            yield f"chance: must lie between 0 and 1 (always), not {self.chance}"
        if self.up_to is not None and not self.up_to > (self.seconds or 0.0):
            yield f"up_to: must be more than seconds = {self.seconds or 0:g}, not {self.up_to:g}"
        if self.number is not None and not 1 <= self.number <= LAST_FILE_NUMBER:
            yield f"number: must lie between 1 and {LAST_FILE_NUMBER}, not {self.number}"
        if self.level is not None and not 0 <= self.level <= 1:
            yield f"level: must lie between 0 (empty) and 1 (full), not {self.level}"
        if self.where is not None and self.where not in WHERES:
            yield f"where: must be one of {', '.join(WHERES)}, not {self.where!r}"

    def _given(self) -> set[str]:
        names = {"begins": "from", "ends": "to"}
        keys = ["shot", "every", "chance", "call", "begins", "ends", "seconds", "up_to", "location"]
        keys += ["level", "calls", "method", "where", "host", "number"]
        given = {names.get(key, key) for key in keys if getattr(self, key) is not None}
        return given | ({"times"} if self.times is not None else set())

    @property
    def _unbound(self) -> bool:
        return self.kind in UNBOUND and self.shot is self.every is self.call is self.begins is None

    def covers(self, elapsed_seconds: float) -> bool:
        """Return whether this fault is one of time and `elapsed_seconds` lies in it."""
        begins = 0.0 if self._unbound else self.begins
        return begins is not None and begins <= elapsed_seconds and (self.ends is None or elapsed_seconds < self.ends)

    def concerns(self, where: str | None, method: str | None) -> bool:
        """Return whether this fault is one of that place and JSON method; `None` asks for neither."""
        return (where is None or (self.where or "json") == where) and (self.method is None or self.method == method)

    def meets(self, shot: int | None, call: int | None) -> bool:
        """Return whether this fault is bound to that exposure or call; a full card stays full."""
        if self.kind is FaultKind.CARD_FULL and shot is not None and self.shot is not None:
            return shot >= self.shot
        if shot is not None and (self.shot == shot or (self.every is not None and shot % self.every == 0)):
            return True
        return call is not None and self.call == call


@dataclass(frozen=True, slots=True)
class Faults:
    """A script: the faults in the order in which they are looked at."""

    faults: tuple[Fault, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a TOML script.

        Raises:
            PlanError: it cannot be read, or says impossible things; every mistake with its key.
        """
        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except OSError as error:
            raise PlanError(f"--faults: cannot read {path}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise PlanError(f"--faults: {path} is no TOML: {error}") from error
        return cls.from_table(table)

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        """Build a script from a TOML table.

        Raises:
            PlanError: every mistake with its key, such as `fault[2].shot`.
        """
        problems = [f"{key}: unknown; a fault script holds only [[fault]] tables" for key in table if key != "fault"]
        rows = table.get("fault", [])
        faults: list[Fault] = []
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise PlanError(*problems, "fault: write each one as a [[fault]] table")
        for index, row in enumerate(rows, start=1):
            try:
                faults.append(_fault(row))
            except PlanError as error:
                problems += [f"fault[{index}].{problem}" for problem in error.problems]
        if problems:
            raise PlanError(*problems)
        return cls(tuple(faults))

    def first(self, kind: FaultKind) -> Fault | None:
        """Return the first fault of a kind, whenever it strikes."""
        return next((fault for fault in self.faults if fault.kind is kind), None)


_TYPES: Mapping[str, tuple[type, ...]] = {
    "shot": (int,),
    "every": (int,),
    "chance": (int, float),
    "times": (int,),
    "call": (int,),
    "from": (int, float),
    "to": (int, float),
    "seconds": (int, float),
    "up_to": (int, float),
    "location": (str,),
    "level": (int, float),
    "calls": (int,),
    "method": (str,),
    "where": (str,),
    "host": (str,),
    "number": (int,),
}


def _fault(row: Mapping[str, Any]) -> Fault:
    problems = []
    values: dict[str, Any] = {}
    for key, value in row.items():
        if key == "kind":
            continue
        if key not in _TYPES:
            problems.append(f"{key}: unknown key")
        elif isinstance(value, bool) or not isinstance(value, _TYPES[key]):
            problems.append(f"{key}: must be {' or '.join(t.__name__ for t in _TYPES[key])}, not {value!r}")
        else:
            values[{"from": "begins", "to": "ends"}.get(key, key)] = value
    kind = row.get("kind")
    if kind not in list(FaultKind):
        problems.append(f"kind: must be one of {', '.join(FaultKind)}, not {kind!r}")
        raise PlanError(*problems)
    try:
        fault = Fault(kind=FaultKind(kind), **values)
    except PlanError as error:
        problems += error.problems
    if problems:
        raise PlanError(*problems)
    return fault
