"""Staying joined, done: asks the supervisor what is next, does it, and tells what changed; until it is cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, Protocol

from dayspool.errors import ToolError
from dayspool.wifi.supervisor import (
    CycleRadio,
    Input,
    Join,
    Look,
    Phase,
    Policy,
    RadioCycled,
    Scan,
    Scanned,
    Trouble,
    WaitUntil,
    Watch,
    after,
    begin,
    next_action,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from dayspool.clock import Clock
    from dayspool.wifi.state import JoinResult, Link
    from dayspool.wifi.supervisor import Deed

__all__ = ["Change", "Network", "stay_joined"]


class Network(Protocol):
    """What the watch needs of a network; each may raise a `ToolError`."""

    async def link(self) -> Link:
        """Look whether it is joined."""

    async def is_visible(self) -> bool:
        """Scan for it."""

    async def join(self) -> JoinResult:
        """Join it."""

    async def cycle_radio(self) -> None:
        """Switch Wi-Fi off and on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a person is told when something has changed."""

    at: datetime
    phase: Phase
    detail: str
    interface: str | None
    camera_host: str | None


async def stay_joined(
    network: Network, clock: Clock, *, on_change: Callable[[Change], None], policy: Policy | None = None
) -> NoReturn:
    """Keep a network joined until cancelled.

    Args:
        network: the network.
        clock: what time it is.
        on_change: called once at each change of what a person is told.
        policy: how patient to be.
    """
    policy = policy or Policy()
    watch = begin(clock.utc())
    told: Change | None = None
    while True:
        action = next_action(watch, clock.utc())
        if isinstance(action, WaitUntil):
            await clock.sleep_until(action.when)
            continue
        watch = after(watch, await _done(network, action), clock.utc(), policy)
        change = _change(watch, clock.utc())
        if told is None or _said(change) != _said(told):
            told = change
            on_change(change)


async def _done(network: Network, action: Deed) -> Input:
    try:
        match action:
            case Look():
                return await network.link()
            case Scan():
                return Scanned(visible=await network.is_visible())
            case Join():
                return await network.join()
            case CycleRadio():
                await network.cycle_radio()
                return RadioCycled()
    except ToolError as error:
        return Trouble(said=str(error))


def _change(watch: Watch, now: datetime) -> Change:
    link = watch.link
    return Change(
        at=now,
        phase=watch.phase,
        detail=watch.detail,
        interface=link.interface if link else None,
        camera_host=link.camera_host if link else None,
    )


def _said(change: Change) -> tuple[object, ...]:
    return (change.phase, change.detail, change.interface, change.camera_host)
