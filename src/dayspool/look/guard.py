"""Whether a darktable that runs on this machine has a folder in its library, where it would write sidecars itself.

The database of a running darktable wins over the files: a sidecar written behind its back is not seen, and is written
over at the next edit. Its library is found among the files that the process holds open, so neither its command line
nor the place of its configuration matters, and a lock file left behind by a crash does not count. (Seen on 4.2.1: the
library is an SQLite file in journal mode `delete`, held open as long as darktable runs; its table `film_rolls` names
every folder imported, absolute.)
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Holder", "holders"]

_NAME = "darktable"  # darktable-cli has a library of its own in memory, or one that the render made
_PROCESSES = Path("/proc")
_PATIENCE_SECONDS = 2.0  # while darktable commits, its library is locked for moments


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A running darktable that has a folder, or of which it cannot be told whether it has.

    Attributes:
        process: its id.
        library: the file in which the folder was found, or `None` where no library could be read.
    """

    process: int
    library: Path | None

    @property
    def sentence(self) -> str:
        """What a person is told of it."""
        if self.library is None:
            return f"darktable runs (process {self.process}), and what its library holds cannot be read"
        return f"darktable runs (process {self.process}) and has this folder in its library {self.library}"


def holders(folder: Path, *, processes: Path = _PROCESSES) -> tuple[Holder, ...]:
    """Return the running darktables that have `folder` in their libraries, and those that do not let it be known.

    Those of other users whose files may not be seen are left out; a machine without /proc has none.
    """
    wanted = folder.resolve()
    found = (_holder(process, wanted) for process in _running(processes))
    return tuple(holder for holder in found if holder is not None)


def _running(processes: Path) -> Iterator[Path]:
    """Yield the folders of the processes that are darktable's."""
    if not processes.is_dir():
        return
    for process in processes.iterdir():
        if process.name.isdigit():
            try:
                called = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
            except OSError:  # it has ended
                continue
            if called == _NAME:
                yield process


def _holder(process: Path, wanted: Path) -> Holder | None:
    try:
        ours = process.stat().st_uid == os.getuid()
        files = _open_files(process)
    except OSError:  # another user's, or it has ended
        return None
    readable = False
    for file in files:
        folders = _folders_in(file) if file.suffix == ".db" else None
        if folders is not None and wanted in folders:
            return Holder(process=int(process.name), library=file)
        readable = readable or folders is not None
    return Holder(process=int(process.name), library=None) if ours and not readable else None


def _open_files(process: Path) -> list[Path]:
    files = []
    for handle in (process / "fd").iterdir():
        with suppress(FileNotFoundError):  # closed in this moment
            files.append(handle.readlink())
    return files


def _folders_in(library: Path) -> set[Path] | None:
    """Return the folders in a library, or `None` where the file is none or cannot be read."""
    try:
        with closing(sqlite3.connect(f"{library.as_uri()}?mode=ro", uri=True, timeout=_PATIENCE_SECONDS)) as opened:
            opened.text_factory = bytes
            rows = opened.execute("SELECT folder FROM film_rolls").fetchall()
    except (sqlite3.Error, ValueError):  # data.db has no such table; a deleted or sandboxed file is not there
        return None
    return {Path(os.fsdecode(folder)).resolve() for (folder,) in rows}
