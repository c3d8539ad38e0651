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
times (once unless said); `every = 50` means exposures 50, 100 and so on; `call` counts the JSON requests from 1.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

__all__ = ["Fault", "FaultKind", "Faults", "Mishaps"]


class FaultKind(StrEnum):
    """What can go wrong."""

    ANSWER_LOST = "answer_lost"  # it happens, and the connection closes without an answer
    ANSWER_DELAYED = "answer_delayed"  # the answer comes `seconds` later
    RESET = "reset"  # the connection closes before anything happens
    BUSY = "busy"  # error 1, "Not Available Now"
    SHUTTER_FAILED = "shutter_failed"  # error 40400
    LONG_EXPOSURE = "long_exposure"  # answered after `seconds`: error 40403, then awaitTakePicture
    NOT_READY = "not_ready"  # error 40401, for `seconds` or from–to
    PICTURE_TRUNCATED = "picture_truncated"  # the declared length, fewer bytes
    PICTURE_GARBAGE = "picture_garbage"  # the right length, no JPEG
    PICTURE_GONE = "picture_gone"  # 404, for good
    LINK_DOWN = "link_down"  # every connection closes at once, from–to
    SILENT = "silent"  # connections are accepted and never answered, from–to, as by a camera out of reach
    WRONG_LOCATION = "wrong_location"  # SSDP names `location`, or a dead port
    WRONG_SHOOT_MODE = "wrong_shoot_mode"  # the camera is in "movie" at the start, or `from` a moment on


_SHOT = frozenset({"shot", "every", "times"})
_SPAN = frozenset({"from", "to"})
_KEYS: Mapping[FaultKind, frozenset[str]] = {
    FaultKind.ANSWER_LOST: _SHOT | {"call"},
    FaultKind.ANSWER_DELAYED: _SHOT | {"call", "seconds"},
    FaultKind.RESET: _SHOT | {"call"},
    FaultKind.BUSY: _SHOT | _SPAN,
    FaultKind.SHUTTER_FAILED: _SHOT,
    FaultKind.LONG_EXPOSURE: _SHOT | {"seconds"},
    FaultKind.NOT_READY: _SHOT | _SPAN | {"seconds"},
    FaultKind.PICTURE_TRUNCATED: _SHOT,
    FaultKind.PICTURE_GARBAGE: _SHOT,
    FaultKind.PICTURE_GONE: frozenset({"shot", "every"}),
    FaultKind.LINK_DOWN: _SPAN,
    FaultKind.SILENT: _SPAN,
    FaultKind.WRONG_LOCATION: frozenset({"location"}),
    FaultKind.WRONG_SHOOT_MODE: frozenset({"from"}),
}
_NEEDS_SECONDS = frozenset({FaultKind.ANSWER_DELAYED, FaultKind.LONG_EXPOSURE})
_UNBOUND = frozenset({FaultKind.WRONG_LOCATION, FaultKind.WRONG_SHOOT_MODE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong; which keys a kind takes is checked here.

    Attributes:
        shot: the exposure, as the ledger counts them.
        every: exposures `every`, `2 × every`, and so on.
        times: how many attempts at that exposure it spoils.
        call: the JSON request, counted from 1.
        begins: seconds since the start, host time (`from` in TOML).
        ends: seconds since the start, host time (`to` in TOML).
        seconds: how long it lasts.
        location: the address that SSDP names instead of the true one.

    Raises:
        PlanError: with every mistake at once.
    """

    kind: FaultKind
    shot: int | None = None
    every: int | None = None
    times: int = 1
    call: int | None = None
    begins: float | None = None
    ends: float | None = None
    seconds: float | None = None
    location: str | None = None

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise PlanError(*problems)

    def _problems(self) -> Iterator[str]:
        given = self._given()
        for key in sorted(given - _KEYS[self.kind]):
            allowed = ", ".join(sorted(_KEYS[self.kind]))
            yield f"{key}: means nothing to {self.kind} (it takes {allowed})"
        for key in ("shot", "every", "times", "call"):
            value = getattr(self, key)
            if value is not None and value < 1:
                yield f"{key}: counts from 1, not {value}"
        yield from self._odd_values()
        if self.begins is not None and self.ends is not None and self.ends <= self.begins:
            yield f"to: must come after from = {self.begins:g}, not {self.ends:g}"
        if self.seconds is not None and self.seconds <= 0:
            yield f"seconds: must be more than 0, not {self.seconds:g}"
        if self.seconds is None and self._needs_seconds():
            yield f"seconds: {self.kind} needs to know how long"
        bounds = given & {"shot", "every", "call", "from"}
        if len(bounds) > 1:
            yield f"{', '.join(sorted(bounds))}: give only one of them"
        if not bounds and self.kind not in _UNBOUND:
            yield f"{self.kind} needs one of {', '.join(sorted(_KEYS[self.kind] & {'shot', 'every', 'call', 'from'}))}"

    def _odd_values(self) -> Iterator[str]:
        """Find what TOML can write and no clock or network can follow."""
        for key, value in (("from", self.begins), ("to", self.ends), ("seconds", self.seconds)):
            if value is not None and not math.isfinite(value):
                yield f"{key}: must be a number of seconds, not {value}"
        if self.location is not None and not (self.location.isascii() and self.location.isprintable()):
            yield f"location: must be plain ASCII, as in http://10.0.0.1:64321/dd.xml, not {self.location!r}"

    def _given(self) -> set[str]:
        names = {"begins": "from", "ends": "to"}
        keys = ("shot", "every", "call", "begins", "ends", "seconds", "location")
        given = {names.get(key, key) for key in keys if getattr(self, key) is not None}
        return given | ({"times"} if self.times != 1 else set())

    def _needs_seconds(self) -> bool:
        return self.kind in _NEEDS_SECONDS or (self.kind is FaultKind.NOT_READY and self.begins is None)

    def covers(self, elapsed_seconds: float) -> bool:
        """Return whether this fault is one of time and `elapsed_seconds` lies in it."""
        return (
            self.begins is not None
            and self.begins <= elapsed_seconds
            and (self.ends is None or elapsed_seconds < self.ends)
        )

    def meets(self, shot: int | None, call: int | None) -> bool:
        """Return whether this fault is bound to that exposure or call."""
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
    "times": (int,),
    "call": (int,),
    "from": (int, float),
    "to": (int, float),
    "seconds": (int, float),
    "location": (str,),
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


class Mishaps:
    """One run of a script: remembers what has struck already.

    Args:
        faults: the script.
        elapsed_seconds: tells how long the run has lasted, host time.
    """

    def __init__(self, faults: Faults, elapsed_seconds: Callable[[], float]) -> None:
        self._elapsed_seconds = elapsed_seconds
        self._struck: Counter[tuple[Fault, int | None]] = Counter()
        self._by_kind: defaultdict[FaultKind, list[Fault]] = defaultdict(list)
        for fault in faults.faults:
            self._by_kind[fault.kind].append(fault)

    def strike(self, kind: FaultKind, *, shot: int | None = None, call: int | None = None) -> Fault | None:
        """Return the fault of this kind that strikes here and now, and count it; `None` when all goes well."""
        for fault in self._by_kind.get(kind, ()):
            if fault.covers(self._elapsed_seconds()):
                return fault
            if fault.meets(shot, call) and self._struck[fault, shot] < fault.times:
                self._struck[fault, shot] += 1
                return fault
        return None

    def lasting(self, kind: FaultKind, *, shot: int | None = None) -> Fault | None:
        """Return the fault of this kind that holds here and now, however often it has struck."""
        for fault in self._by_kind.get(kind, ()):
            if fault.covers(self._elapsed_seconds()) or fault.meets(shot, None):
                return fault
        return None
