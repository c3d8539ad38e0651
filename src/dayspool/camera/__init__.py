"""One camera, spoken to: JSON calls, events, liveview and pictures over one pinned link."""

from dayspool.camera.contents import contents_transfer, list_contents
from dayspool.camera.dlna import CONTENT_DIRECTORY, PUSH_LIST, list_media, media_transfer
from dayspool.camera.download import download
from dayspool.camera.line import Courtesy, Line
from dayspool.camera.link import Link, Transport
from dayspool.camera.liveview import FocusArea, LiveviewFrame, LiveviewParser
from dayspool.camera.opening import open_camera
from dayspool.camera.original import Content, Original
from dayspool.camera.settings import Setting
from dayspool.camera.sony import UNKNOWN_MODEL, CameraInfo, SonyCamera
from dayspool.camera.values import Battery, CameraStatus, StorageInfo

__all__ = [
    "CONTENT_DIRECTORY",
    "PUSH_LIST",
    "UNKNOWN_MODEL",
    "Battery",
    "CameraInfo",
    "CameraStatus",
    "Content",
    "Courtesy",
    "FocusArea",
    "Line",
    "Link",
    "LiveviewFrame",
    "LiveviewParser",
    "Original",
    "Setting",
    "SonyCamera",
    "StorageInfo",
    "Transport",
    "contents_transfer",
    "download",
    "list_contents",
    "list_media",
    "media_transfer",
    "open_camera",
]
