"""What can be said of one camera's network: joined or not, and how an attempt to join it ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

__all__ = ["JoinResult", "Joined", "Joining", "Link", "Outcome", "Unjoined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The network is joined; `camera_host` is its gateway, which is the camera, where the lease names one."""

    interface: str
    camera_host: str | None = None
    profile: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """NetworkManager is joining it just now, by itself or because we asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjoined:
    """The network is not joined."""


Link: TypeAlias = Joined | Joining | Unjoined


class Outcome(Enum):
    """How an attempt to join ended."""

    JOINED = "joined"
    NOT_SEEN = "not-seen"
    """The network is not on the air: the camera is off, asleep or in another mode."""
    REFUSED = "refused"
    """It broke off while the password was checked: the password is wrong, or the signal too weak."""
    FAILED = "failed"
    """Anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinResult:
    """How an attempt to join ended, and what NetworkManager said of it."""

    outcome: Outcome
    said: str = ""
