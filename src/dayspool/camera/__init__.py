"""One camera, spoken to: JSON calls, events, liveview and pictures over one pinned link."""

from dayspool.camera.line import Courtesy, Line
from dayspool.camera.link import Link, Transport
from dayspool.camera.liveview import LiveviewFrame, LiveviewParser
from dayspool.camera.sony import UNKNOWN_MODEL, CameraInfo, SonyCamera, open_camera
from dayspool.camera.values import CameraStatus, Setting

__all__ = [
    "UNKNOWN_MODEL",
    "CameraInfo",
    "CameraStatus",
    "Courtesy",
    "Line",
    "Link",
    "LiveviewFrame",
    "LiveviewParser",
    "Setting",
    "SonyCamera",
    "Transport",
    "open_camera",
]
