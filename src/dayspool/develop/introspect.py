"""What the installed darktable says of its modules: asked once per build, in a process that may crash."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dayspool.develop import introspect_probe
from dayspool.develop.darktable_cli import Runner
from dayspool.develop.introspect_table import read_table, with_defaults
from dayspool.develop.sample import bayer, dng, jpeg
from dayspool.develop.workfolder import work_folder
from dayspool.errors import ToolError
from dayspool.picture.whole import write_whole

if TYPE_CHECKING:
    from dayspool.sidecar.schema import Modules

__all__ = ["Build", "asked_table", "cache_folder", "installed_build", "installed_modules", "shipped"]

_LIMIT_SECONDS = 30.0  # 0.15 s for the layouts and 0.8 s for the defaults on an idle machine
_HOME_BYTES = 1 << 22  # of darktable's own files
_LIBRARIES = ("lib*", "lib*/*")  # where a prefix keeps darktable's folder: Debian's has the architecture in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """An installed darktable: its library, its modules, and the folder with its data."""

    library: Path
    plugins: tuple[Path, ...]
    data: Path

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
        build = installed_build(executable)
        return _cached(build, _cache_file(build))
    except (OSError, ToolError) as fault:
        why = str(fault)
    return _stand_in(executable, why)


def asked_table(executable: str = "darktable-cli") -> bytes:
    """Return the table of the installed darktable as JSON, asked for now; so the shipped ones are made.

    Raises:
        ToolError: there is none, or it cannot be asked.
    """
    return _table(installed_build(executable))


def shipped(darktable: str | None = None) -> Modules:
    """Return the shipped table of a version, such as `4.2.1`, or the nearest: the last before it, else the first."""
    tables = {path.stem: path for path in (Path(__file__).parent / "modules").glob("*.json")}
    ordered = sorted(tables, key=_numbers)
    before = [name for name in ordered if darktable is None or _numbers(name) <= _numbers(darktable)]
    name = (before or ordered[:1])[-1]
    return read_table(tables[name].read_bytes(), source=f"table of darktable {name}")


def cache_folder() -> Path:
    """Return where dayspool keeps what it can make again: `$XDG_CACHE_HOME/dayspool`, else `~/.cache/dayspool`."""
    home = os.environ.get("XDG_CACHE_HOME", "")  # a relative one is void, says the XDG base directory specification
    folder = home if Path(home).is_absolute() else os.path.expanduser("~/.cache")  # noqa: PTH111 - one may have no home
    return Path(folder) / "dayspool"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def installed_build(executable: str) -> Build:
    """Find darktable's library and modules beside its executable.

    Raises:
        ToolError: there is none, or it does not lie where darktable's own build puts it.
    """
    prefix = Runner(executable).located().resolve().parent.parent
    for pattern in _LIBRARIES:
        for library in sorted(prefix.glob(f"{pattern}/darktable/libdarktable.so")):
            plugins = tuple(sorted((library.parent / "plugins").glob("lib*.so")))
            if plugins:
                return Build(library=library, plugins=plugins, data=prefix / "share" / "darktable")
    raise ToolError(f"{executable} has no modules in {prefix}/lib…/darktable/plugins")


def _cache_file(build: Build) -> Path:
    return cache_folder() / f"modules-{build.fingerprint()}.json"


def _cached(build: Build, kept: Path) -> Modules:
    with suppress(OSError, ValueError):
        return read_table(kept.read_bytes(), source="installed")
    table = _table(build)
    try:
        modules = read_table(table, source="installed")
    except ValueError as fault:
        raise ToolError(f"its modules gave a strange answer: {fault}") from fault
    if all(module.defaults is None for module in modules.modules):
        return _with_shipped_defaults(modules)  # and it is asked again next time
    with suppress(OSError):  # then likewise
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept, table, replace=True)
    return modules


def _with_shipped_defaults(modules: Modules) -> Modules:
    table = shipped(modules.darktable)
    known = {(module.operation, module.version, module.size): module.defaults for module in table.modules}
    filled = (replace(one, defaults=known.get((one.operation, one.version, one.size))) for one in modules.modules)
    note = "the installed darktable does not tell what its modules start from; a shipped table does where it knows them"
    return replace(modules, modules=tuple(filled), note=note)


def _table(build: Build) -> bytes:
    """Ask for the layouts, then for the defaults, which take a whole darktable to start.

    Raises:
        ToolError: there are no layouts; without defaults it goes on.
    """
    layouts = _asked(build, "layouts")
    try:
        with work_folder(_HOME_BYTES) as home:
            pictures = _pictures(home)
            return with_defaults(layouts, _asked(build, "defaults", str(build.data), str(home), *pictures))
    except (ToolError, OSError):
        return layouts


def _pictures(folder: Path) -> list[str]:
    """Write a RAW and a JPEG that have little in common: what modules start from with both is the same with all."""
    light = np.full((32, 48, 3), 0.18)
    pictures = {
        "one.dng": dng(bayer(light), as_shot_neutral=(0.5, 1.0, 0.7), iso=400, fnumber=4.0),
        "other.jpg": jpeg(np.full((32, 48, 3), 118, np.uint8)),
    }
    for name, data in pictures.items():
        (folder / name).write_bytes(data)
    return [str(folder / name) for name in pictures]


def _asked(build: Build, question: str, *folders: str) -> bytes:
    """Run the probe, and return what it printed.

    Raises:
        ToolError: it crashed, hung, or met modules that it does not understand.
    """
    command = [sys.executable, "-I", "-S", introspect_probe.__file__, question]
    command += [str(build.library), str(build.plugins[0].parent), *folders]
    try:
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LIMIT_SECONDS,
            check=False,
            env=os.environ | {"OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"},
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
    note = f"darktable could not be asked for its modules ({why}); those of {table.darktable} stand in"
    return replace(table, note=f"{note}, and edits by other versions of a module are copied untouched")
