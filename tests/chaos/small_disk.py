"""A small disk of its own: a tmpfs in a namespace without privileges, in which commands run and which can be filled."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = 4096


class SmallDisk:
    """The disk as its namespace has it at `mount`, and as this process reaches it at `root`."""

    def __init__(self, holder: int, mount: Path) -> None:
        self.mount = mount
        self.root = Path(f"/proc/{holder}/root{mount}")
        self._enter = ["nsenter", "--preserve-credentials", "--user", "--mount", "--target", str(holder)]
        self._filler = self.root / "filler"

    def argv(self, *command: object) -> list[str]:
        """Return the command that runs `command` where the disk is."""
        return [*self._enter, *map(str, command)]

    def fill(self, *, pages_left: int) -> None:
        """Leave room for so many pages."""
        with self._filler.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(PAGE))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
            size = max(0, file.tell() // PAGE - pages_left) * PAGE
            file.truncate(size)

    def free(self) -> None:
        """Make room again."""
        self._filler.unlink(missing_ok=True)

    def copy(self, name: str, to: Path) -> Path:
        """Copy a folder out of it, before it is gone."""
        shutil.copytree(self.root / name, to)
        return to


@contextmanager
def small_disk(mount: Path, *, size_bytes: int) -> Iterator[SmallDisk]:
    """Mount a disk of that size at `mount` in a namespace of its own for as long as the block lasts."""
    mount.mkdir(exist_ok=True)
    script = f'mount -t tmpfs -o size={size_bytes} none "$0" && echo ready && exec sleep 1000000'
    argv = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, str(mount)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "ready\n", "no mount namespace can be made on this machine"
            yield SmallDisk(holder.pid, mount)
        finally:
            holder.kill()


def free_pages(disk: SmallDisk) -> int:
    """Return how many pages are free."""
    room = os.statvfs(disk.root)
    return room.f_bavail * room.f_frsize // PAGE
