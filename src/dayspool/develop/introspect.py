"""What the installed darktable says of its modules: asked once per build, in a process that may crash."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import blake2b
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from dayspool.develop import introspect_probe
from dayspool.develop.darktable_cli import Runner
from dayspool.develop.introspect_table import read_table
from dayspool.errors import ToolError
from dayspool.picture.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dayspool.sidecar.schema import Modules

__all__ = ["cache_folder", "installed_modules", "shipped"]

_LIMIT_SECONDS = 30.0  # 0.15 s on an idle machine
_LIBRARIES = ("lib*", "lib*/*")  # where a prefix keeps darktable's folder: Debian's has the architecture in it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Build:
    """An installed darktable: its library and its modules."""

    library: Path
    plugins: tuple[Path, ...]

    def fingerprint(self) -> str:
        """Return a hash of the code that is asked and of the code that asks (12 MB take 15 ms on 4.2.1)."""
        hashed = blake2b(digest_size=16)
        for path in (Path(introspect_probe.__file__), self.library, *self.plugins):
            data = path.read_bytes()
            hashed.update(f"{path.name}\0{len(data)}\0".encode())
            hashed.update(data)
        return hashed.hexdigest()


def installed_modules(executable: str = "darktable-cli") -> Modules:
    """Return the modules of the installed darktable, or those of a shipped table with a note that says why.

    Asked is the code that darktable itself runs, so that any version tells the layout of every module it has. The
    answer is kept in `cache_folder()` under a hash of that code.
    """
    try:
        build = _found(executable)
        return _cached(build, _cache_file(build))
    except OSError as fault:
        why = str(fault)
    except ToolError as fault:
        why = str(fault)
    return _stand_in(executable, why)


def shipped(darktable: str | None = None) -> Modules:
    """Return the shipped table of a version, such as `4.2.1`, or the nearest: the last before it, else the first."""
    tables = {path.name.removesuffix(".json"): path for path in _tables()}
    ordered = sorted(tables, key=_numbers)
    before = [name for name in ordered if darktable is None or _numbers(name) <= _numbers(darktable)]
    name = (before or ordered[:1])[-1]
    return read_table(tables[name].read_bytes(), source=f"table of darktable {name}")


def cache_folder() -> Path:
    """Return where dayspool keeps what it can make again: `$XDG_CACHE_HOME/dayspool`, else `~/.cache/dayspool`."""
    home = os.environ.get("XDG_CACHE_HOME", "")  # a relative one is void, says the XDG base directory specification
    folder = home if Path(home).is_absolute() else os.path.expanduser("~/.cache")  # noqa: PTH111 - one may have no home
    return Path(folder) / "dayspool"


def _tables() -> Iterator[Path]:
    folder = resources.files("dayspool.develop") / "modules"
    with resources.as_file(folder) as path:
        yield from path.glob("*.json")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _found(executable: str) -> _Build:
    """Find darktable's library and modules beside its executable.

    Raises:
        ToolError: there is none, or it does not lie where darktable's own build puts it.
    """
    prefix = Runner(executable).located().resolve().parent.parent
    for pattern in _LIBRARIES:
        for library in sorted(prefix.glob(f"{pattern}/darktable/libdarktable.so")):
            plugins = tuple(sorted((library.parent / "plugins").glob("lib*.so")))
            if plugins:
                return _Build(library=library, plugins=plugins)
    raise ToolError(f"{executable} has no modules in {prefix}/lib…/darktable/plugins")


def _cache_file(build: _Build) -> Path:
    return cache_folder() / f"modules-{build.fingerprint()}.json"


def _cached(build: _Build, kept: Path) -> Modules:
    with suppress(OSError, ValueError):
        return read_table(kept.read_bytes(), source="installed")
    answer = _asked(build)
    try:
        modules = read_table(answer, source="installed")
    except ValueError as fault:
        raise ToolError(f"its modules gave a strange answer: {fault}") from fault
    with suppress(OSError):  # then it is asked again next time
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept, answer, replace=True)
    return modules


def _asked(build: _Build) -> bytes:
    """Run the probe, and return what it printed.

    Raises:
        ToolError: it crashed, hung, or met modules that it does not understand.
    """
    command = [sys.executable, "-I", "-S", introspect_probe.__file__, str(build.library), str(build.plugins[0].parent)]
    try:
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LIMIT_SECONDS,
            check=False,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired:
        raise ToolError(f"its modules did not answer within {_LIMIT_SECONDS:g} s") from None
    if ended.returncode != 0:
        lines = ended.stderr.decode(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), f"status {ended.returncode}")
        raise ToolError(f"asking its modules failed: {last}")
    return ended.stdout


def _stand_in(executable: str, why: str) -> Modules:
    """Return the shipped table that is nearest to the installed version, and say that it stands in."""
    try:
        version: str | None = Runner(executable).version()
    except ToolError:
        version = None
    table = shipped(version)
    note = f"the modules of the installed darktable are not known ({why}); those of {table.darktable} stand in"
    return replace(table, note=f"{note}, and edits by other versions of a module are copied untouched")
