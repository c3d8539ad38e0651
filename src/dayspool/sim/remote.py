"""The methods of the `camera` service that are no settings: shots, series, movies, liveview, zoom, focus, storage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dayspool.sim.exchange import illegal_argument, texts
from dayspool.sim.parts import Refusal, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dayspool.sim.body import Body
    from dayspool.sim.exchange import Caller, Handler
    from dayspool.sim.parts import Shot

__all__ = ["Remote", "storage_rows"]

_COORDINATES = 2


class Remote:
    """What a person does with the camera from afar, method by method."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self.handlers: Mapping[str, Handler] = {
            "getApplicationInfo": self._get_application_info,
            "getAvailableApiList": self._get_available_api_list,
            "startRecMode": self._start_rec_mode,
            "stopRecMode": self._stop_rec_mode,
            "actTakePicture": self._act_take_picture,
            "awaitTakePicture": self._await_take_picture,
            "startContShooting": self._start_cont_shooting,
            "stopContShooting": self._stop_cont_shooting,
            "startBulbShooting": self._start_bulb_shooting,
            "stopBulbShooting": self._stop_bulb_shooting,
            "startIntervalStillRec": self._start_interval_still_rec,
            "stopIntervalStillRec": self._stop_interval_still_rec,
            "startMovieRec": self._start_movie_rec,
            "stopMovieRec": self._stop_movie_rec,
            "startLiveview": self._start_liveview,
            "startLiveviewWithSize": self._start_liveview_with_size,
            "stopLiveview": self._stop_liveview,
            "actZoom": self._act_zoom,
            "actHalfPressShutter": self._act_half_press_shutter,
            "cancelHalfPressShutter": self._cancel_half_press_shutter,
            "setTouchAFPosition": self._set_touch_af_position,
            "getTouchAFPosition": self._get_touch_af_position,
            "cancelTouchAFPosition": self._cancel_touch_af_position,
            "actTrackingFocus": self._act_tracking_focus,
            "cancelTrackingFocus": self._cancel_tracking_focus,
            "getStorageInformation": self._get_storage_information,
            "actFormatStorage": self._act_format_storage,
        }

    def offered(self) -> list[str]:
        """Return the names in `getAvailableApiList` now."""
        state = self._body.state
        return [offer.name for offer in self._body.profile.offers if offer.when.holds(state)]

    def url(self, shot: Shot, host: str) -> str:
        """Return the address of a postview, as a client at that address of ours would fetch it."""
        query = self._body.profile.postview_query
        return f"http://{host}:{self._body.ports.media}/{shot.name}" + (f"?{query}" if query else "")

    async def _get_application_info(self, params: list[Any], caller: Caller) -> list[Any]:
        return list(self._body.profile.application)

    async def _get_available_api_list(self, params: list[Any], caller: Caller) -> list[Any]:
        return [self.offered()]

    async def _start_rec_mode(self, params: list[Any], caller: Caller) -> list[Any]:
        self._body.switch_rec_mode(True)
        return [0]

    async def _stop_rec_mode(self, params: list[Any], caller: Caller) -> list[Any]:
        self._body.switch_rec_mode(False)
        return [0]

    # -- shots ------------------------------------------------------------------------------------------------------

    async def _act_take_picture(self, params: list[Any], caller: Caller) -> list[Any]:
        return [[self.url(await self._body.shutter.take(), caller.host)]]

    async def _await_take_picture(self, params: list[Any], caller: Caller) -> list[Any]:
        return [[self.url(await self._body.shutter.wait(), caller.host)]]

    async def _start_cont_shooting(self, params: list[Any], caller: Caller) -> list[Any]:
        self._body.shutter.start_continuous()
        return []

    async def _stop_cont_shooting(self, params: list[Any], caller: Caller) -> list[Any]:
        self._body.shutter.stop_series(Status.STILL_CAPTURING)
        return []

    async def _start_bulb_shooting(self, params: list[Any], caller: Caller) -> list[Any]:
        self._body.shutter.start_bulb()
        return []

    async def _stop_bulb_shooting(self, params: list[Any], caller: Caller) -> list[Any]:
        self._body.shutter.stop_bulb()
        return []

    async def _start_interval_still_rec(self, params: list[Any], caller: Caller) -> list[Any]:
        self._body.shutter.start_interval()
        return [0]

    async def _stop_interval_still_rec(self, params: list[Any], caller: Caller) -> list[Any]:
        self._body.shutter.stop_series(Status.INTERVAL_RECORDING)
        return [0]

    async def _start_movie_rec(self, params: list[Any], caller: Caller) -> list[Any]:
        self._body.recorder.start()
        return [0]

    async def _stop_movie_rec(self, params: list[Any], caller: Caller) -> list[Any]:
        self._body.recorder.stop()
        return [""]

    # -- liveview ---------------------------------------------------------------------------------------------------

    async def _start_liveview(self, params: list[Any], caller: Caller) -> list[Any]:
        return self._liveview(caller)

    async def _start_liveview_with_size(self, params: list[Any], caller: Caller) -> list[Any]:
        (size,) = texts(params, 1)
        url = self._liveview(caller, size)
        if "LiveviewSize" in self._body.settings:
            self._body.settings.turn("LiveviewSize", size)
        return url

    def _liveview(self, caller: Caller, size: str | None = None) -> list[Any]:
        body = self._body
        if body.status in {Status.STILL_CAPTURING, Status.NOT_READY, Status.CONTENTS_TRANSFER}:
            raise Refusal(1, "Not Available Now")
        body.switch_liveview(True, size)
        return [f"http://{caller.host}:{body.ports.media}{body.profile.liveview_path}"]

    async def _stop_liveview(self, params: list[Any], caller: Caller) -> list[Any]:
        self._body.switch_liveview(False)
        return [0]

    # -- lens -------------------------------------------------------------------------------------------------------

    async def _act_zoom(self, params: list[Any], caller: Caller) -> list[Any]:
        direction, movement = texts(params, 2)
        self._body.lens.move_zoom(direction, movement)
        self._body.announce()
        return [0]

    async def _act_half_press_shutter(self, params: list[Any], caller: Caller) -> list[Any]:
        body = self._body
        body.require(Status.IDLE)
        if not body.lens.by_hand:
            body.lens.focus(succeeds=not body.shutter.cannot_focus())
        body.announce()
        return []

    async def _cancel_half_press_shutter(self, params: list[Any], caller: Caller) -> list[Any]:
        return self._released()

    async def _set_touch_af_position(self, params: list[Any], caller: Caller) -> list[Any]:
        body = self._body
        across, down = _numbers(params)
        body.require(Status.IDLE)
        found = body.lens.touch(across, down, succeeds=not body.shutter.cannot_focus())
        body.announce()
        return [0, {"AFResult": found, "AFType": "Touch"}]

    async def _get_touch_af_position(self, params: list[Any], caller: Caller) -> list[Any]:
        touched = self._body.lens.touched
        return [{"set": touched is not None, "touchCoordinates": list(touched or ())}]

    async def _cancel_touch_af_position(self, params: list[Any], caller: Caller) -> list[Any]:
        return self._released()

    async def _act_tracking_focus(self, params: list[Any], caller: Caller) -> list[Any]:
        if len(params) != 1 or not isinstance(params[0], dict) or set(params[0]) != {"xPosition", "yPosition"}:
            raise illegal_argument()
        across, down = _numbers([params[0]["xPosition"], params[0]["yPosition"]])
        self._body.require(Status.IDLE)
        self._body.lens.tracking = self._body.lens.touch(across, down, succeeds=not self._body.shutter.cannot_focus())
        self._body.announce()
        return [0]

    async def _cancel_tracking_focus(self, params: list[Any], caller: Caller) -> list[Any]:
        self._released()
        return [0]

    def _released(self) -> list[Any]:
        self._body.lens.release()
        self._body.announce()
        return []

    # -- storage ----------------------------------------------------------------------------------------------------

    async def _get_storage_information(self, params: list[Any], caller: Caller) -> list[Any]:
        return [storage_rows(self._body)]

    async def _act_format_storage(self, params: list[Any], caller: Caller) -> list[Any]:
        self._body.format_card()
        return [0]


def storage_rows(body: Body) -> list[dict[str, Any]]:
    """Return the card as `getStorageInformation` tells it; "No Media" without one (from a client's code)."""
    there = body.card_there
    return [
        {
            "storageID": "Memory Card 1" if there else "No Media",
            "recordTarget": there,
            "numberOfRecordableImages": body.images_left if there else -1,
            "recordableTime": -1,
            "storageDescription": "Storage Media" if there else "",
        }
    ]


def _numbers(params: list[Any]) -> tuple[float, float]:
    if len(params) != _COORDINATES or not all(type(param) in {int, float} for param in params):
        raise illegal_argument()
    return params[0], params[1]
