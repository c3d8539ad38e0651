"""What discovery needs of the upper layers: a way to fetch a file, to call a camera, and to knock at a port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Access", "Verified"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Proof that a camera service answers: the API versions it names."""

    versions: tuple[str, ...] = ()


class Access(Protocol):
    """Asks one host over HTTP, without following it anywhere else.

    `source` is the interface to leave by (`Interface.source`); with `None` the system chooses.
    """

    async def get(self, url: str, *, cap_bytes: int, source: str | None) -> bytes:
        """Fetch one file of at most `cap_bytes`; no redirects.

        Raises:
            CameraError: it did not come, was refused, or was larger.
        """
        ...

    async def verify(self, endpoint: str, *, source: str | None) -> Verified:
        """Make an API call (`getVersions`) that only a camera answers.

        Raises:
            CameraUnreachable: no answer.
            CameraBusy: a camera's own "not now", which is as good an answer.
            CameraRefused: answered with an error; code 404 where no service lives at this path.
            CameraConfused: answered, but not as a camera does.
        """
        ...

    async def function(self, endpoint: str, *, source: str | None) -> str | None:
        """Ask what the camera is set to, such as `Remote Shooting`; `None` where it does not say."""
        ...

    async def knock(self, host: str, port: int, *, source: str | None) -> bool:
        """Tell whether somebody listens at a TCP port; nothing is sent."""
        ...
