"""The curves of deflicker in files: SVG, HTML, CSV and JSON, chosen by the name."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import TYPE_CHECKING

from dayspool.cli.curves.account import COLUMNS
from dayspool.cli.curves.page import html_curves
from dayspool.cli.curves.plot import svg_curves
from dayspool.cli.output import plain
from dayspool.errors import JournalUnwritable, PlanError
from dayspool.picture.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import TypeAlias

    from dayspool.cli.curves.account import Account

    Form: TypeAlias = Callable[[Account, str], str]

__all__ = ["FORMS", "check_name", "write_curves"]


def _as_csv(account: Account, _title: str) -> str:
    """Return a table with a row for each frame; what nobody knows is an empty cell."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(getattr(row, name)) for name in COLUMNS] for row in account.rows)
    return table.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _as_json(account: Account, title: str) -> str:
    """Return what `--json` prints, with the shoot's name."""
    return json.dumps({"shoot": title, **account.values()}, default=plain, allow_nan=False, indent=1) + "\n"


FORMS: Mapping[str, Form] = {".svg": svg_curves, ".html": html_curves, ".csv": _as_csv, ".json": _as_json}
"""By the ending of a name, how the file is made."""


def check_name(path: Path) -> None:
    """Refuse a name that says nothing of the form, or a place where nothing can be written, before any work is done.

    Raises:
        PlanError: so it is.
    """
    if path.suffix.lower() not in FORMS:
        raise PlanError(f"-o {path}: give it a name that ends in {', '.join(FORMS)}")
    try:
        special = path.exists() and not path.is_file()
    except OSError as error:  # as of a name that is too long
        raise PlanError(f"-o {path}: {error.strerror}") from error
    if special:
        raise PlanError(f"-o {path} is there already and is no ordinary file; choose another name")
    if not path.absolute().parent.is_dir():
        raise PlanError(f"{path.parent} is no folder: make it first, or correct -o")


def write_curves(path: Path, account: Account, title: str) -> None:
    """Write a file whole, over an older one, in the form that its name says.

    Raises:
        JournalUnwritable: the disk refused.
    """
    try:
        write_whole(path, FORMS[path.suffix.lower()](account, title).encode(), replace=True)
    except OSError as error:
        raise JournalUnwritable(f"{path} cannot be written: {error.strerror or error}") from error
