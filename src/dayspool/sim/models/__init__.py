"""Every camera that can be simulated, by the name `dayspool sim --model` calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayspool.sim.models.legacy import RX100M2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dayspool.sim.profile import Profile

__all__ = ["PROFILES", "RX100M2"]

PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (RX100M2,)}
