"""The simulator's record of every exposure, written the moment it happens: the truth to check a client against."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Self

from dayspool.errors import CameraError, PlanError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType
    from typing import BinaryIO

    from dayspool.core.exposure import Exposure

__all__ = ["Ledger"]


class Ledger:
    """An append-only file, one JSON object per exposure: `n`, `utc`, `shutter` (seconds), `iso`, `aperture`.

    Every line is handed to the kernel before the camera answers, so it survives a SIGKILL of any process.

    Raises:
        PlanError: the file cannot be opened for appending.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file: BinaryIO = path.open("ab", buffering=0)
        except OSError as error:
            raise PlanError(f"--ledger: cannot append to {path}: {error.strerror}") from error

    def write(self, *, number: int, utc: datetime, exposure: Exposure) -> None:
        """Append one exposure; `utc` is the host's clock, aware, whatever the camera's own clock says.

        Raises:
            CameraError: the disk refused.
        """
        line = {
            "n": number,
            "utc": utc.isoformat(timespec="microseconds"),
            "shutter": exposure.shutter_seconds,
            "iso": round(exposure.iso),
            "aperture": exposure.aperture,
        }
        try:
            self._file.write(json.dumps(line).encode() + b"\n")
        except OSError as error:
            raise CameraError(f"the simulator's ledger cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
