"""What the files that a person writes have in common: TOML to typed values, each mistake a sentence with its line."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import cattrs

from dayspool.clock import local_moment
from dayspool.core.plan import Mistake, mistakes_under, parse_duration
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

__all__ = [
    "converter",
    "did_you_mean",
    "flattened",
    "parse_moment",
    "read_toml",
    "refuse",
    "told_with_lines",
    "unknown_key",
]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]#]+)\]")
_KEY = re.compile(r"\s*([\w\s.\"'-]+?)\s*=")


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """Return the text of a file and the values in it.

    Raises:
        PlanError: it is not there, cannot be read, or is no TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except FileNotFoundError:
        raise PlanError(f"{path} is not there") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlanError(f"{path} cannot be read: {error}") from None


def told_with_lines(path: Path, text: str, mistakes: Iterable[Mistake]) -> PlanError:
    """Return the error that tells every mistake in a file, each with its line."""
    lines = _lines(text)
    return PlanError(*(f"{path}{_line_of(mistake, lines)}: {mistake}" for mistake in mistakes))


def converter() -> cattrs.Converter:
    """Return a converter that takes what a person writes literally: no text for a number, no unknown key."""
    made = cattrs.Converter(forbid_extra_keys=True)
    hooks = ((timedelta, _duration), (datetime, _moment), (int, _whole), (float, _number), (str, _text), (bool, _flag))
    for kind, hook in hooks:
        made.register_structure_hook(kind, hook)
    return made


def flattened(error: BaseException, key: str = "") -> Iterator[Mistake]:
    """Flatten cattrs' tree of mistakes about `key`; a field that ends in `_` is written without."""
    if isinstance(error, cattrs.ClassValidationError):
        with_notes, without = error.group_exceptions()
        for inner, note in with_notes:
            yield from flattened(inner, _under(key, note.name.rstrip("_")))
        for inner in without:
            yield from flattened(inner, key)
    elif isinstance(error, cattrs.IterableValidationError):
        for inner, at in error.group_exceptions()[0]:  # a table of a list has lines of its own
            table = isinstance(inner, cattrs.ClassValidationError)
            yield from flattened(inner, f"{key}[{int(at.index) + 1}]" if table else key)
    elif isinstance(error, cattrs.ForbiddenExtraKeysError):
        known = tuple(field.name.rstrip("_") for field in fields(error.cl))
        for name in sorted(error.extra_fields):
            yield unknown_key(name, known, _under(key, name))
    elif isinstance(error, KeyError):
        yield Mistake("missing", key)
    elif isinstance(error, PlanError):
        yield from mistakes_under(key, error)
    elif isinstance(error, TypeError | AttributeError):  # what cattrs meets where it looks for the keys of a table
        yield Mistake(f"write it as one table, [{key}], with its values below", key)
    else:
        yield Mistake(f"not understood ({error})", key)


def unknown_key(name: str, known: Sequence[str], key: str) -> Mistake:
    """Return what is wrong with a key that means nothing; `key` is its whole path."""
    keys = ", ".join(known)
    return Mistake(f"unknown; {did_you_mean(name, known, f'the keys are {keys}')}", key)


def did_you_mean(word: str, known: Sequence[str], otherwise: str) -> str:
    """Return a question with the word of `known` that is nearest, or `otherwise` where none is near."""
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else otherwise


def parse_moment(text: str) -> datetime:
    """Read a moment a person wrote: ISO 8601; without a zone, this machine's is meant.

    Raises:
        PlanError: it is none.
    """
    try:
        return local_moment(text)
    except (ValueError, OverflowError):  # the first and last days of the calendar do not exist in every zone
        raise PlanError(f"{text!r} is no moment; write 2026-06-21T04:30 or 2026-06-21T04:30+02:00") from None


def refuse(problem: str) -> NoReturn:
    """Raise a mistake about the value at hand."""
    raise PlanError(problem)


def _under(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _duration(value: Any, _: type) -> timedelta:
    if isinstance(value, str):
        return parse_duration(value)
    refuse(f'{value!r} is no duration; write it in quotes, like "10s"')


def _moment(value: Any, _: type) -> datetime:
    if isinstance(value, str | date):  # TOML's own dates and times, with or without a zone, read like text
        return parse_moment(str(value))
    refuse(f"{value!r} is no moment; write 2026-06-21T04:30:00+02:00")


def _whole(value: Any, _: type) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    refuse(f"{value!r} is no whole number")


def _number(value: Any, _: type) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    refuse(f"{value!r} is no number")


def _text(value: Any, _: type) -> str:
    if isinstance(value, str):
        return value
    refuse(f"{value!r} is no text; put it in quotes")


def _flag(value: Any, _: type) -> bool:
    if isinstance(value, bool):
        return value
    refuse(f"{value!r} is neither true nor false")


def _lines(text: str) -> dict[str, int]:
    """Return the line of every key and table of a TOML text; tables of a list are counted: `alarm[1].topic`."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _dotted(header[2])
            lines.setdefault(table, number)
            if header[1] == "[[":
                counts[table] = counts.get(table, 0) + 1
                table = f"{table}[{counts[table]}]"
                lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault(_under(table, _dotted(key[1])), number)
    return lines


def _dotted(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))


def _line_of(mistake: Mistake, lines: dict[str, int]) -> str:
    """Return `:LINE` of the first key there is that a mistake is about, or of the table around it; or nothing."""
    keys = (*mistake.keys, *(key.rpartition(".")[0] for key in mistake.keys))
    return next((f":{lines[key]}" for key in keys if key in lines), "")
