"""G0, the legacy dialect: DSC-RX100M2, whose service is at `/camera` although its description says `/sony`.

Facts about it that nobody has recorded (reply bodies, slot order, times) follow its nearest recorded relatives: the
WX350, QX10 and AS30V, which used the same ports in the same years.
"""

from __future__ import annotations

from dayspool.sim.models.catalogue import event_rows, offers, rows, when
from dayspool.sim.models.values import MEDIA_TAG, RESOURCE, one_of
from dayspool.sim.profile import ALWAYS, Ports, Profile, Quirks, Timings

__all__ = ["RX100M2"]

_IDLE = when(statuses=("IDLE",))
_STILL, _MOVIE = ("still",), ("movie",)
_METHODS = (
    "getMethodTypes getAvailableApiList setShootMode getShootMode getSupportedShootMode getAvailableShootMode "
    "startLiveview stopLiveview actTakePicture awaitTakePicture startMovieRec stopMovieRec actZoom getApplicationInfo "
    "getVersions"
)
_CONDITIONS = {
    "setShootMode": _IDLE,
    "actTakePicture": when(ShootMode=_STILL, statuses=("IDLE",)),
    "awaitTakePicture": when(ShootMode=_STILL, statuses=("StillCapturing",)),
    "startMovieRec": when(ShootMode=_MOVIE, statuses=("IDLE",)),
    "stopMovieRec": when(ShootMode=_MOVIE, statuses=("MovieRecording",)),
}

RX100M2 = Profile(
    name="rx100m2",
    model="DSC-RX100M2",
    dialect="G0",
    address="10.0.0.1",
    ports=Ports(control=10_000, description=1900, media=60_152),
    service_base="",
    action_list_path="/sony",
    description_paths=("/scalarwebapi_dd.xml",),
    services=("camera",),
    model_description="SonyRemoteCamera",
    manufacturer_url="http://www.sony.com/",
    server="UPnP/1.0 SonyImagingDevice/1.0",
    udn_form=MEDIA_TAG,
    mac_prefix="1c994c",
    application=("Smart Remote Control", "2.0.0"),
    methods=(*rows(_METHODS), *event_rows("1.0", name="receiveEvent")),
    offers=offers(f"{_METHODS} receiveEvent", _CONDITIONS, ALWAYS),
    settings=(one_of("ShootMode", "still", ("still", "movie")),),
    event_method="receiveEvent",
    quirks=Quirks(liveview_ends_at_shot=True),
    timings=Timings(processing_seconds=(1.4, 2.3), busy_seconds=(3.0, 5.0)),
    liveview_path=f"/liveview.JPG?{RESOURCE}",
    postview_query=RESOURCE,
    focal_mm=(10.4, 37.1),
)
