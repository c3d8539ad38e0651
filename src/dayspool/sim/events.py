"""`getEvent` and `receiveEvent`: the whole state in its recorded slots, or what has changed since it was last told."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import anyio

from dayspool.sim.dials import read
from dayspool.sim.exchange import ConnectionDropped, illegal_argument
from dayspool.sim.faults import FaultKind
from dayspool.sim.groups import GROUPS, SLOTS, SLOTS_OF_VERSION, Group, Shape, slot_index
from dayspool.sim.parts import Refusal, Status
from dayspool.sim.remote import storage_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dayspool.sim.body import Body
    from dayspool.sim.exchange import Caller
    from dayspool.sim.parts import Shot
    from dayspool.sim.profile import State
    from dayspool.sim.remote import Remote

__all__ = ["Events"]

_PEERS = 8  # clients whose last news are remembered
_PERCENT = 100
_LOW_BATTERY = 0.05
_FOCUSERS = frozenset({"actHalfPressShutter", "setTouchAFPosition"})


class Events:
    """The events of one body, for those who poll.

    What a client was told is kept by its address, and a poll compares with what its client knew when it began: whether
    real bodies keep one account for all is not known (fact sheet, section 12), and with one account a client that asks
    for the whole state again and again would eat the news that another one waits for.
    """

    def __init__(self, body: Body, remote: Remote) -> None:
        self._body, self._remote = body, remote
        self._methods = {method.name for method in body.profile.methods}
        self._told: OrderedDict[str, list[Any]] = OrderedDict()
        self._polling = False

    async def answer(self, params: list[Any], caller: Caller, version: str) -> list[Any]:
        """Answer one call in a version.

        Raises:
            Refusal: 3 for a wrong parameter, 40402 for a second poll at a time, 2 when nothing happens for long.
            ConnectionDropped: the client has left.
        """
        if len(params) != 1 or not isinstance(params[0], bool):
            raise illegal_argument()
        if not params[0]:
            return self._in_version(self._tell(caller, self._slots(caller.host)), version)
        if self._polling:
            raise Refusal(40402, "Already Running Polling API")
        self._polling = True
        try:
            return self._in_version(await self._news(caller), version)
        finally:
            self._polling = False

    def _tell(self, caller: Caller, slots: list[Any]) -> list[Any]:
        """Remember what a client is told, and forget who has not asked for longest when there are too many."""
        self._told[caller.peer] = slots
        self._told.move_to_end(caller.peer)
        if len(self._told) > _PEERS:
            self._told.popitem(last=False)
        return slots

    def _in_version(self, slots: list[Any], version: str) -> list[Any]:
        slots = slots[: SLOTS_OF_VERSION[version]]
        if self._body.mishaps.lasting(FaultKind.EVENTS_ABRIDGED):
            return [slot for slot in slots if slot]
        return slots

    async def _news(self, caller: Caller) -> list[Any]:
        """Wait for slots that differ from those told last; the others come as `null`, or `[]` when they are lists."""
        told = self._told.get(caller.peer, [])
        timeout = True
        async with anyio.create_task_group() as tasks:
            tasks.cancel_scope.deadline = anyio.current_time() + self._body.profile.timings.poll_seconds

            async def hang_up() -> None:
                nonlocal timeout
                await caller.left()
                timeout = False
                tasks.cancel_scope.cancel()

            tasks.start_soon(hang_up)
            while (slots := self._slots(caller.host)) == told:
                await self._body.wait_for_change()
            self._tell(caller, slots)
            tasks.cancel_scope.cancel()
            known = told or [None] * len(slots)
            return [new if new != old else _no_news(new) for old, new in zip(known, slots, strict=True)]
        if timeout:
            raise Refusal(2, "Timeout")
        raise ConnectionDropped("the client stopped waiting for news")

    # -- the state --------------------------------------------------------------------------------------------------

    def _slots(self, host: str) -> list[Any]:
        """Return the whole state in the order of getEvent 1.4, which is assumed for the older generation too."""
        body = self._body
        slots: list[Any] = [[] if slot.listed else None for slot in SLOTS]
        state = body.state
        told = self._always()
        if state.rec_mode:
            told |= self._shooting(host)
            for setting in body.profile.settings:
                group = GROUPS[setting.group]
                if group.slot:
                    told[group.slot] = self._setting(group, state)
        for name, value in told.items():
            slots[slot_index(name)] = (
                [{"type": name, **row} for row in value]
                if isinstance(value, list)
                else (None if value is None else {"type": name, **value})
            )
        return slots

    def _always(self) -> dict[str, Any]:
        return {
            "availableApiList": {"names": self._remote.offered()},
            "cameraStatus": {"cameraStatus": self._body.status.value},
        }

    def _shooting(self, host: str) -> dict[str, Any]:
        """Return what a body tells beside its settings, as far as the model has it."""
        body, url = self._body, self._urls(host)
        shot, bulb = body.shutter.last_answered, body.shutter.bulb_shot
        ready = [each for each in body.shutter.burst if shot is not None and each.number <= shot.number]
        exposed = bulb is not None and shot is not None and bulb.number <= shot.number
        return {
            "zoomInformation": self._zoom() if "actZoom" in self._methods else None,
            "liveviewStatus": {"liveviewStatus": body.viewfinder.on},
            "takePicture": [{"takePictureUrl": [self._remote.url(shot, host)]}] if shot else [],
            "storageInformation": storage_rows(body) if body.profile.tells_storage else [],
            "cameraFunctionResult": {"cameraFunctionResult": "Success"} if body.function_switched else None,
            "formatStatus": {"formatResult": "Complete"} if body.card_formatted else None,
            "touchAFPosition": self._touched() if "setTouchAFPosition" in self._methods else None,
            "focusStatus": {"focusStatus": body.lens.focus_status} if self._methods & _FOCUSERS else None,
            "trackingFocusStatus": self._tracking() if "actTrackingFocus" in self._methods else None,
            "contShooting": {"contShootingUrl": [url(each) for each in ready]} if ready else None,
            "batteryInfo": {"batteryInfo": self._batteries()} if body.profile.batteries else None,
            "recordingTime": _whole("recordingTime", body.recorder.seconds),
            "numberOfShots": self._interval_shots(),
            "bulbCapturingTime": _whole("bulbCapturingTime", body.shutter.bulb_seconds),
            "bulbShooting": {"bulbShootingUrl": [url(bulb)]} if exposed and bulb else None,
        }

    def _urls(self, host: str) -> Callable[[Shot], dict[str, str]]:
        return lambda shot: {"postviewUrl": self._remote.url(shot, host), "thumbnailUrl": ""}

    def _zoom(self) -> dict[str, int]:
        position = round(_PERCENT * self._body.lens.zoom)
        return {
            "zoomPosition": position,
            "zoomNumberBox": 1,
            "zoomIndexCurrentBox": 0,
            "zoomPositionCurrentBox": position,
        }

    def _touched(self) -> dict[str, Any]:
        touched = self._body.lens.touched
        return {"currentSet": touched is not None, "currentTouchCoordinates": list(touched or ())}

    def _tracking(self) -> dict[str, str]:
        return {"trackingFocusStatus": "Tracking" if self._body.lens.tracking else "Not Tracking"}

    def _interval_shots(self) -> dict[str, int] | None:
        series = self._body.shutter.series
        if series is None or series.status is not Status.INTERVAL_RECORDING:
            return None
        return {"numberOfShots": series.taken}

    def _batteries(self) -> list[dict[str, Any]]:
        """Return the batteries; a scripted mishap may have emptied them."""
        low = self._body.mishaps.lasting(FaultKind.BATTERY_LOW)
        rows = [dict(row) for row in self._body.profile.batteries]
        for row in rows:
            if low is not None:
                level = low.level if low.level is not None else _LOW_BATTERY
                row |= {"additionalStatus": "batteryNearEnd", "levelNumer": round(level * row["levelDenom"])}
        return rows

    # -- settings ---------------------------------------------------------------------------------------------------

    def _setting(self, group: Group, state: State) -> dict[str, Any]:
        value = self._body.settings[group.name]
        choices = self._body.settings.choices(group.name, state)
        fields = list(SLOTS[slot_index(group.slot)].fields)
        return dict(zip(fields, _told(group, value, choices), strict=True))


def _told(group: Group, value: Any, choices: tuple[Any, ...]) -> list[Any]:
    """Return a setting's fields in the order of its slot."""
    match group.shape:
        case Shape.STEP:
            highest, lowest, step = choices or (0, 0, 0)
            return [value, highest, lowest, step]
        case Shape.SHIFT:
            return [value != 0]
        case Shape.WHITE_BALANCE:
            return [False, *_values(read(group, value))]
        case Shape.STILL_SIZE:
            return [False, *value]
    return [value, list(choices)]


def _values(table: Mapping[str, Any]) -> list[Any]:
    return list(table.values())


def _whole(key: str, seconds: float | None) -> dict[str, int] | None:
    return None if seconds is None else {key: int(seconds)}


def _no_news(slot: Any) -> Any:
    return [] if isinstance(slot, list) else None
