"""What discovery needs of the upper layers: a way to fetch a file and to call a camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Access", "Verified"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Proof that a camera service answers: the API versions it names."""

    versions: tuple[str, ...] = ()


class Access(Protocol):
    """Asks one host over HTTP, without following it anywhere else."""

    async def get(self, url: str, *, cap_bytes: int) -> bytes:
        """Fetch one file of at most `cap_bytes`; no redirects.

        Raises:
            CameraError: it did not come, was refused, or was larger.
        """
        ...

    async def verify(self, endpoint: str) -> Verified:
        """Make an API call (`getVersions`) that only a camera answers.

        Raises:
            CameraUnreachable: no answer.
            CameraBusy: a camera's own "not now", which is as good an answer.
            CameraRefused: answered with an error; code 404 where no service lives at this path.
            CameraConfused: answered, but not as a camera does.
        """
        ...
