"""Every camera that can be simulated, by the name `dayspool sim --model` calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayspool.sim.models.app import A5000, A6000, A6300
from dayspool.sim.models.builtin1 import AS30V, AS100V, QX10, WX350
from dayspool.sim.models.builtin2 import HX400V, QX1
from dayspool.sim.models.builtin3 import A7M3, RX0
from dayspool.sim.models.legacy import RX100M2
from dayspool.sim.models.silent import A7C_PTP, A6100_SEND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dayspool.sim.profile import Profile

__all__ = ["PROFILES", "RX100M2"]

_MODELS = (
    RX100M2,
    WX350,
    QX10,
    AS30V,
    AS100V,
    A5000,
    A6000,
    A6300,
    HX400V,
    QX1,
    A7M3,
    RX0,
    A6100_SEND,
    A7C_PTP,
)
PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in _MODELS}
