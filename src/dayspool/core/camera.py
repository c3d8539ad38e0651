"""The kinds of camera there are, the four dialects of Sony's remote control, and the sizes pictures come in."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["POSTVIEW_SIZES", "Dialect", "dialect_of"]

POSTVIEW_SIZES = {"original": "Original", "2M": "2M"}  # pictures over Wi-Fi: as a plan writes it, as cameras do

_APP_PORT = 8080
_CAMERA_GATEWAY_SINCE_2014 = "192.168.122.1"


class Dialect(StrEnum):
    """A generation of cameras that behaves alike; the address tells which one it is."""

    LEGACY = "legacy"  # RX100M2, HX50, WX80: service at /camera, receiveEvent instead of getEvent
    BUILTIN_1 = "builtin-1"  # 2013–14, QX10, AS30V, WX350: /sony/camera on port 10000
    APP = "app"  # A and NEX series with the remote-control app: port 8080, startRecMode first
    BUILTIN_3 = "builtin-3"  # 2017–19, A7M3, RX0: port 10000 again, half-press before a shot


def dialect_of(*, host: str, port: int, path: str) -> Dialect:
    """Tell the dialect of a camera service from where it lives.

    Only the legacy cameras leave out `/sony`. Of the others, the apps serve port 8080; what is built in serves 10000,
    at 192.168.122.1 since about 2017 and at 10.0.0.1 before. A camera that joined somebody's network (any other host)
    is an action camera or a lens camera of the first kind: no later body is known to do that.
    """
    if not path.rstrip("/").endswith("/sony/camera"):
        return Dialect.LEGACY
    if port == _APP_PORT:
        return Dialect.APP
    return Dialect.BUILTIN_3 if host == _CAMERA_GATEWAY_SINCE_2014 else Dialect.BUILTIN_1
