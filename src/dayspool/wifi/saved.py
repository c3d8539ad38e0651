"""The cameras' passwords that a person chose to keep: one TOML file that nobody else may read."""

from __future__ import annotations

import json
import os
import tempfile
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dayspool.errors import PlanError
from dayspool.wifi.pairing import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["load_saved", "save", "saved_file", "write_private"]

_HEAD = "# The Wi-Fi of cameras, kept by `dayspool wifi pair`. It holds passwords: show it to nobody.\n"


def saved_file(environment: Mapping[str, str]) -> Path:
    """Return where the passwords are kept: `dayspool/wifi.toml` under `$XDG_CONFIG_HOME`, or under `~/.config`."""
    base = environment.get("XDG_CONFIG_HOME", "")
    folder = Path(base) if Path(base).is_absolute() else Path(environment.get("HOME") or Path.home()) / ".config"
    return folder / "dayspool" / "wifi.toml"


def load_saved(path: Path) -> dict[str, Credentials]:
    """Return what is kept, by SSID; nothing if there is no file.

    Raises:
        PlanError: the file cannot be read as what we wrote; it is left as it is.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        networks = values.get("network", [])
        kept = [Credentials(ssid=one["ssid"], password=one["password"], name=one.get("name")) for one in networks]
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise PlanError(f"the saved passwords {path} cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError, KeyError, TypeError) as error:
        reason = (
            error if isinstance(error, tomllib.TOMLDecodeError) else "each [[network]] needs an ssid and a password"
        )
        raise PlanError(f"the saved passwords {path} make no sense ({reason}); mend the file or move it away") from None
    return {one.ssid: one for one in kept}


def save(path: Path, credentials: Credentials) -> None:
    """Keep one camera's password beside the others', in place of an earlier one of the same network.

    Raises:
        PlanError: the file cannot be read or written; it is as it was.
    """
    kept = load_saved(path) | {credentials.ssid: credentials}
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise PlanError(f"the folder {path.parent} cannot be made: {error.strerror or error}") from error
    write_private(path, _toml(kept.values()).encode(), replace=True)


def _toml(kept: Iterable[Credentials]) -> str:
    tables = []
    for one in kept:
        values = {"ssid": one.ssid, "password": one.password} | ({"name": one.name} if one.name else {})
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
        tables.append("\n".join(["", "[[network]]", *lines, ""]))
    return _HEAD + "".join(tables)


def write_private(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Put a file with a secret on the disk, whole or not at all; from its first byte only its owner may read it.

    Raises:
        PlanError: it is there already and `replace` is not asked for, or the disk refused.
    """
    if not replace and path.exists():
        raise PlanError(f"{path} is there already; it is not written over")
    try:
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
    except OSError as error:
        raise PlanError(f"{path} cannot be written: {error.strerror or error}") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(path)
    except OSError as error:
        raise PlanError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(FileNotFoundError):
            Path(part).unlink()
