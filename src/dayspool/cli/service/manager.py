"""systemd, asked and told: where its units lie, and `systemctl` for all the rest."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dayspool.cli.service.unit import PREFIX, SHOOT_KEY, unit_name
from dayspool.errors import PlanError, ToolFailed, ToolMissing
from dayspool.picture.whole import write_whole
from dayspool.shoot.power import BOOTED

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Manager", "Service"]

SYSTEM_UNITS = Path("/etc/systemd/system")
SECONDS = 200.0  # a shoot that is stopped finishes its frame and fetches what it can
_LINES_KEPT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One shoot that is a service: its unit, whose it is (`system` or `user`), and how systemd says it does."""

    unit: str
    manager: str
    shoot: str
    active: str
    enabled: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager:
    """The service manager of the whole system, or of the one user who runs this."""

    system: bool

    @property
    def name(self) -> str:
        """`system` or `user`."""
        return "system" if self.system else "user"

    @property
    def folder(self) -> Path:
        """Where its unit files lie."""
        if self.system:
            return SYSTEM_UNITS
        config = os.environ.get("XDG_CONFIG_HOME")
        return (Path(config) if config else Path.home() / ".config") / "systemd" / "user"

    def argv(self, *words: str) -> tuple[str, ...]:
        """Return the command that tells it something."""
        return ("systemctl", *(() if self.system else ("--user",)), *words)

    def write(self, unit: str, text: str) -> Path:
        """Write a unit file, whole, in place of an older one.

        Raises:
            PlanError: this user may not, or the disk refuses.
        """
        path = self.folder / unit
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, text.encode(), replace=True)
        except OSError as error:
            hint = "; become root, or leave out --system" if self.system else ""
            raise PlanError(f"{path} cannot be written: {error.strerror}{hint}") from error
        return path

    def tell(self, *words: str) -> None:
        """Tell it something.

        Raises:
            ToolMissing: there is no systemctl, or systemd does not run this machine, as in a container.
            ToolFailed: it said no.
        """
        argv = self.argv(*words)
        if shutil.which(argv[0]) is None:
            raise ToolMissing("there is no systemctl here, so no service can be started")
        if not BOOTED.is_dir():
            raise ToolMissing("systemd does not run this machine, so no service can be started")
        try:
            done = subprocess.run(argv, capture_output=True, text=True, timeout=SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ToolFailed(f"{' '.join(argv)} did not end: {error}", argv=argv, status=None) from error
        if done.returncode:
            lines = done.stderr.strip().splitlines()[-_LINES_KEPT:]
            message = f"{' '.join(argv)} failed (status {done.returncode})"
            raise ToolFailed(message, argv=argv, status=done.returncode, last_lines=lines)

    def asked(self, *words: str) -> str:
        """Return its answer to a question such as `is-active`, which is told by exit codes too; `unknown` without."""
        try:
            done = subprocess.run(self.argv(*words), capture_output=True, text=True, timeout=10, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return "unknown"
        return done.stdout.strip() or "unknown"

    def unit_of(self, shoot: Path) -> Path:
        """Return the unit file of a shoot that was installed here.

        Raises:
            PlanError: it was not.
        """
        path = self.folder / unit_name(shoot)
        if not path.exists():
            raise PlanError(f"{shoot} is no {self.name} service: there is no {path}")
        return path

    def services(self) -> Iterator[Service]:
        """Yield every shoot that is a service here."""
        for path in sorted(self.folder.glob(f"{PREFIX}*.service")):
            shoot = next((line for line in _lines(path) if line.startswith(SHOOT_KEY)), None)
            if shoot is not None:
                yield Service(
                    unit=path.name,
                    manager=self.name,
                    shoot=shoot.removeprefix(SHOOT_KEY).replace("%%", "%").replace("\\\\", "\\"),
                    active=self.asked("is-active", path.name),
                    enabled=self.asked("is-enabled", path.name),
                )


def _lines(unit: Path) -> list[str]:
    """Return the lines of a unit file; none where it cannot be read: then it is not ours to see."""
    try:
        return unit.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
