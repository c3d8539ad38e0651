"""A camera on paper: everything one body said of itself, as one JSON file that can be sent, kept and simulated."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from dayspool import __version__
from dayspool.errors import FrameError, PlanError
from dayspool.learn.redact import redacted
from dayspool.picture.whole import write_whole

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Dump", "DumpedFile", "Exchange", "Headers", "from_json", "to_json", "write_dump"]

FORMAT = 1

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpedFile:
    """One description: where it was, and the answer as it came."""

    url: str
    status: int
    headers: Headers
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One call and its answer.

    Attributes:
        status: the HTTP status; `None` when no whole answer came, and then `failure` says why.
        reply: the JSON of the answer; text where it was no JSON.
        seconds: from the call to the end of its answer.
        at_seconds: when it began, since the start of the recording.
    """

    service: str
    method: str
    params: list[Any]
    version: str
    status: int | None
    headers: Headers
    reply: Any
    seconds: float
    at_seconds: float
    failure: str | None = None

    @property
    def result(self) -> list[Any] | None:
        """The `result` (or `results`) of the answer, if it was one."""
        if not isinstance(self.reply, dict):
            return None
        found = self.reply.get("result", self.reply.get("results"))
        return found if isinstance(found, list) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dump:
    """What one camera said of itself; see `docs/` for the file it becomes.

    Attributes:
        source: `camera` when it was asked, `capture` when its traffic was read.
        services: service name to its `versions` and `method_types`.
        api_lists: what `getAvailableApiList` said, each with the state it was said in.
        events: answers to the plain question for events, one for each method and version.
        escapes_slashes: whether replies put a backslash before every slash (A5000, HX60V); `None`: none held a slash.
        unread: what could not be read, by reason.
    """

    source: Literal["camera", "capture"]
    model: str | None = None
    dialect: str | None = None
    endpoint: str | None = None
    application: list[str] = field(default_factory=list)
    descriptions: tuple[DumpedFile, ...] = ()
    ssdp: tuple[str, ...] = ()
    services: dict[str, dict[str, Any]] = field(default_factory=dict)
    api_lists: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    exchanges: tuple[Exchange, ...] = ()
    escapes_slashes: bool | None = None
    liveview: dict[str, Any] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)
    made_by: str = f"dayspool {__version__}"

    @property
    def methods(self) -> tuple[str, ...]:
        """Every method that is listed or was offered, over all services."""
        listed = {row[0] for service in self.services.values() for row in service.get("method_types", [])}
        offered = {name for one in self.api_lists for name in one["methods"]}
        return tuple(sorted(listed | offered))

    @property
    def failures(self) -> int:
        """How many calls brought no answer, or an error."""
        return sum(one.result is None for one in self.exchanges)


def to_json(dump: Dump) -> str:
    """Return the dump as JSON, without what nobody else should know (see `redact`)."""
    values = asdict(dump)
    known = {name: value for name, value in values.items() if value not in (None, [], (), {})}
    for exchange in known.get("exchanges", ()):
        if exchange["failure"] is None:
            del exchange["failure"]
    shown = redacted({"dayspool_dump": FORMAT, **known})
    return "{" + ",".join(f"\n{json.dumps(name)}: {_rows(value)}" for name, value in shown.items()) + "\n}\n"


def _rows(value: Any) -> str:
    """Write a list one element a line, so that two dumps can be compared by eye."""
    if not isinstance(value, list) or not value:
        return json.dumps(value)
    return "[" + ",".join(f"\n {json.dumps(one)}" for one in value) + "\n]"


def from_json(text: str | bytes) -> Dump:
    """Read a dump.

    Raises:
        PlanError: this is no dump, a damaged one, or one of a later dayspool.
    """
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlanError(f"this is no dump of a camera: no JSON ({error})") from None
    if not isinstance(values, dict) or "dayspool_dump" not in values:
        raise PlanError("this is no dump of a camera: `dayspool camera dump -o FILE` writes one")
    if values["dayspool_dump"] != FORMAT:
        raise PlanError(f"this dump has format {values['dayspool_dump']!r}; this dayspool reads {FORMAT}")
    values = {name: value for name, value in values.items() if name in Dump.__dataclass_fields__}
    try:
        values["descriptions"] = tuple(
            DumpedFile(**{**one, "headers": _headers(one["headers"])}) for one in values.get("descriptions", ())
        )
        values["exchanges"] = tuple(
            Exchange(**{**one, "headers": _headers(one["headers"])}) for one in values.get("exchanges", ())
        )
        dump = Dump(**{**values, "ssdp": tuple(values.get("ssdp", ()))})
        assert isinstance(dump.methods, tuple)
    except (TypeError, KeyError, ValueError, AttributeError, IndexError) as error:
        raise PlanError(f"this dump of a camera is damaged: {type(error).__name__} {error}") from None
    return dump


def _headers(rows: Any) -> Headers:
    return tuple((str(name), str(value)) for name, value in rows)


def write_dump(path: Path, dump: Dump) -> None:
    """Write a dump, redacted, whole or not at all, and never over another file.

    Raises:
        PlanError: there is a file already, or no such folder.
        FrameError: the disk refused.
    """
    try:
        write_whole(path, to_json(dump).encode())
    except (FileExistsError, FileNotFoundError, NotADirectoryError) as error:
        raise PlanError(f"{path} cannot be written: {error.strerror or 'it is there already'}") from error
    except OSError as error:
        raise FrameError(f"{path} cannot be written: {error.strerror or error}") from error
