"""The person's `settings.toml`: who is told of alarms, and how; every mistake at once, each with its line."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, fields
from datetime import time
from functools import partial
from operator import eq
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

import cattrs

from dayspool.config.places import is_there
from dayspool.config.reading import converter, did_you_mean, flattened, read_toml, refuse, told_with_lines, unknown_key
from dayspool.core.alarm import AlarmKind, Severity
from dayspool.core.plan import Mistake
from dayspool.errors import PlanError
from dayspool.notify import Hook, Mail, Mqtt, Ntfy, Secret, Subscription, Taste, Telegram, Webhook

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RECEIVERS", "Settings", "load_settings"]

RECEIVERS: dict[str, type[Ntfy | Webhook | Mail | Telegram | Mqtt | Hook]] = {
    "ntfy": Ntfy,
    "webhook": Webhook,
    "email": Mail,
    "telegram": Telegram,
    "mqtt": Mqtt,
    "command": Hook,
}
_COMMON = ("kind", "name")
_SECRET_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `settings.toml` says.

    Attributes:
        alarms: who is told.
        warnings: sentences about what works and should be changed: secrets that others can read.
    """

    alarms: tuple[Subscription, ...] = ()
    warnings: tuple[str, ...] = ()


def load_settings(path: Path) -> Settings:
    """Read the settings; a file that is not there has none.

    Raises:
        PlanError: it cannot be read, is no TOML, or holds mistakes: one sentence for each, with its line; or it holds
            commands and others can write it.
    """
    if not is_there(path):
        return Settings()
    text, values = read_toml(path)
    reading = _Reading()
    alarms = reading.alarms(values)
    if reading.mistakes:
        raise told_with_lines(path, text, reading.mistakes)
    if any(isinstance(one.receiver, Hook) for one in alarms) and _writable_by_others(path):
        raise PlanError(f"{path}: others can write it, so its commands are not run: chmod go-w {path}")
    files = [path, *reading.secret_files] if reading.has_secrets else reading.secret_files
    return Settings(alarms=alarms, warnings=tuple(filter(None, map(_open_to_others, files))))


class _Reading:
    """One pass over the values of a settings file; mistakes are gathered, not raised."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self.secret_files: list[Path] = []
        self.has_secrets = False

    def alarms(self, values: dict[str, Any]) -> tuple[Subscription, ...]:
        """Return the receivers; those with mistakes are left out."""
        self._unknown(values, ("alarm",), "")
        tables = values.get("alarm", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.mistakes.append(Mistake("begin each receiver with [[alarm]]", "alarm"))
            return ()
        found: list[Subscription] = []
        for number, table in enumerate(tables, 1):
            subscription = self._subscription(dict(table), f"alarm[{number}]", [one.name for one in found])
            if subscription is not None:
                found.append(subscription)
        return tuple(found)

    def _subscription(self, table: dict[str, Any], key: str, taken: list[str]) -> Subscription | None:
        before = len(self.mistakes)
        kind = table.get("kind")
        if not isinstance(kind, str) or kind not in RECEIVERS:
            said = "missing" if kind is None else f"{kind!r} is none"
            self.mistakes.append(Mistake(f"{said}; the kinds are {', '.join(RECEIVERS)}", f"{key}.kind"))
            return None
        made = RECEIVERS[kind]
        secrets = [name for name, hint in get_type_hints(made).items() if "Secret" in str(hint)]
        tastes = [field.name for field in fields(Taste)]
        own = [field.name.rstrip("_") for field in fields(made) if field.init]
        others = [f"{name}_{way}" for name in secrets for way in ("file", "env")]
        self._unknown(table, (*_COMMON, *tastes, *own, *others), key)
        for name in secrets:
            self._reveal(table, name, key)
        if isinstance(table.get("to"), str):
            table["to"] = [table["to"]]
        renamed = {"from_" if name == "from" else name: value for name, value in table.items()}
        receiver = self._structured({name: renamed[name] for name in _fields_of(made) if name in renamed}, made, key)
        taste = self._structured({name: table[name] for name in tastes if name in table}, Taste, key)
        name = self._name(table, kind, key, taken)
        if len(self.mistakes) > before:
            return None
        return Subscription(name=name, kind=kind, receiver=receiver, taste=taste)

    def _name(self, table: dict[str, Any], kind: str, key: str, taken: list[str]) -> str:
        name = table.get("name", kind)
        if not isinstance(name, str) or not name.isprintable() or not name:
            self.mistakes.append(Mistake("a name is one line of text", f"{key}.name"))
            return kind
        alike = sum(other == name or other.startswith(f"{name} ") for other in taken)
        return f"{name} {alike + 1}" if alike else name

    def _reveal(self, table: dict[str, Any], name: str, key: str) -> None:
        """Put the secret `name` into the table, from where the person keeps it."""
        given = [one for one in (name, f"{name}_file", f"{name}_env") if one in table]
        if len(given) > 1:
            self.mistakes.append(Mistake("say it once", *(f"{key}.{one}" for one in given)))
        file, variable = table.pop(f"{name}_file", None), table.pop(f"{name}_env", None)
        if not given:
            return
        if given[0] == name:
            self.has_secrets = True
            return
        value, problem = _from_file(file) if given[0] == f"{name}_file" else _from_environment(variable)
        if problem:
            self.mistakes.append(Mistake(problem, f"{key}.{given[0]}"))
        elif given[0] == f"{name}_file":
            self.secret_files.append(Path(str(file)).expanduser())
        table[name] = value

    def _structured(self, values: dict[str, Any], made: type[Any], key: str) -> Any:
        try:
            return _CONVERTER.structure(values, made)
        except cattrs.BaseValidationError as error:
            self.mistakes += [mistake for mistake in flattened(error, key) if not self._is_told(mistake.keys[0])]
        return None

    def _is_told(self, key: str) -> bool:
        """Say whether a secret is missing only because what it is to be read from has a mistake."""
        return any(f"{key}_{way}" in mistake.keys for mistake in self.mistakes for way in ("file", "env"))

    def _unknown(self, values: Mapping[str, Any], known: tuple[str, ...], key: str) -> None:
        for name in values:
            if name not in known:
                self.mistakes.append(unknown_key(name, known, f"{key}.{name}" if key else name))


def _fields_of(made: type[Any]) -> list[str]:
    return [field.name for field in fields(made) if field.init]


def _from_file(name: Any) -> tuple[str, str]:
    """Return a secret from a file, or what is wrong."""
    if not isinstance(name, str):
        return "", "write the path of a file in quotes"
    try:
        with Path(name).expanduser().open("rb") as file:
            text = file.read(_SECRET_BYTES + 1).decode().strip()
    except (OSError, ValueError, RuntimeError) as error:
        return "", f"{name} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}"
    if not text or len(text) > _SECRET_BYTES:
        return "", f"{name} is {'empty' if not text else 'too long'} for a secret"
    return text, ""


def _from_environment(name: Any) -> tuple[str, str]:
    if not isinstance(name, str):
        return "", "write the name of a variable in quotes"
    value = os.environ.get(name, "")
    return value, "" if value else f"the variable {name} is not set"


def _writable_by_others(path: Path) -> bool:
    status = path.stat()
    return bool(stat.S_IMODE(status.st_mode) & 0o022) or status.st_uid not in (0, os.geteuid())


def _open_to_others(path: Path) -> str:
    """Return a warning when others than the owner can read a file with secrets."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return ""
    return f"{path} holds secrets and others can read it (mode {mode:04o}): chmod 600 {path}" if mode & 0o077 else ""


def _secret(value: Any, _: type) -> Secret:
    if not isinstance(value, str) or not value:
        refuse("is no text; put it in quotes")
    if not value.isprintable():
        refuse("holds signs that no password has, such as the end of a line")
    return Secret(value)


def _path(value: Any, _: type) -> Path:
    if not isinstance(value, str) or not value:
        refuse("is no path; put it in quotes")
    path = Path(value).expanduser()
    return path if path.is_absolute() else refuse("write the whole path, from / or ~ on")


def _texts(value: Any, _: type) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        refuse('is no list of texts; write ["one", "two"]')
    return tuple(value)


def _kinds(value: Any, _: type) -> tuple[AlarmKind, ...]:
    known = [kind.value for kind in AlarmKind]
    for one in _texts(value, str):
        if one not in known:
            refuse(f"{one!r} is no kind of alarm; {did_you_mean(one, known, ', '.join(known))}")
    return tuple(AlarmKind(one) for one in value)


def _severity(value: Any, _: type) -> Severity:
    if value not in [one.value for one in Severity]:
        refuse(f"{value!r} is none; the severities are {', '.join(Severity)}")
    return Severity(value)


def _quiet(value: Any, _: type) -> tuple[time, time]:
    try:
        begins, ends = (time.fromisoformat(part.strip()) for part in value.split("-"))
    except (AttributeError, ValueError):
        refuse(f'{value!r} are no quiet hours; write "22:00-07:00"')
    if begins == ends or begins.tzinfo or ends.tzinfo:
        refuse(f'{value!r} are no quiet hours; write "22:00-07:00"')
    return begins, ends


def _settings_converter() -> cattrs.Converter:
    made = converter()
    classes: tuple[tuple[Any, Any], ...] = ((Secret, _secret), (Path, _path), (Severity, _severity))
    for kind, hook in classes:
        made.register_structure_hook(kind, hook)
    tuples: tuple[tuple[Any, Any], ...] = (
        (tuple[str, ...], _texts),
        (tuple[AlarmKind, ...], _kinds),
        (tuple[time, time], _quiet),
    )
    for kind, hook in tuples:
        made.register_structure_hook_func(partial(eq, kind), hook)
    return made


_CONVERTER = _settings_converter()
