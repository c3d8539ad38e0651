"""Where a person's own settings lie: known without reading them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dayspool.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SETTINGS_VARIABLE", "is_there", "settings_path"]

SETTINGS_VARIABLE = "DAYSPOOL_SETTINGS"


def settings_path(environment: Mapping[str, str] | None = None) -> Path:
    """Return where the settings are: `$DAYSPOOL_SETTINGS`, else `$XDG_CONFIG_HOME/dayspool/settings.toml`."""
    values = os.environ if environment is None else environment
    if named := values.get(SETTINGS_VARIABLE):
        return Path(os.path.expanduser(named))  # noqa: PTH111 - as below
    home = values.get("XDG_CONFIG_HOME")  # a relative one is void, says the XDG base directory specification
    if home and Path(home).is_absolute():
        return Path(home) / "dayspool" / "settings.toml"
    folder = Path(os.path.expanduser("~/.config"))  # noqa: PTH111 - who has no home shoots too
    return folder / "dayspool" / "settings.toml"


def is_there(path: Path) -> bool:
    """Say whether a file is there.

    Raises:
        PlanError: that cannot be told, as in a folder that this user may not enter.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise PlanError(f"{path} cannot be read: {error.strerror}") from None
    return True
