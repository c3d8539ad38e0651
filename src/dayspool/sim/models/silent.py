"""Bodies that speak no JSON: an ILCE-6100 in "Send to Smartphone", and an ILCE-7C, which knows PTP/IP only."""

from __future__ import annotations

from dayspool.sim.models.values import DEVICE_TAG
from dayspool.sim.profile import DescriptionStyle, Ports, Profile, Timings

__all__ = ["A7C_PTP", "A6100_SEND"]

_PORTS = Ports(control=10_000, description=64_321, media=60_152)
_TIMINGS = Timings(processing_seconds=(1.0, 2.0), busy_seconds=(1.5, 2.5))

A6100_SEND = Profile(
    name="a6100-send",
    model="ILCE-6100",
    dialect="none",
    address="192.168.122.1",
    ports=_PORTS,
    description_paths=("/dd.xml", "/DmsDescPush.xml"),
    description_style=DescriptionStyle.MEDIA_SERVER,
    services=(),
    server="UPnP/1.0 SonyImagingDevice/1.0",
    udn_form="uuid:00000000-0000-0010-8000-{mac}",  # recorded: ILCE-6300 in that mode
    mac_prefix="d44da4",
    application=("", ""),
    timings=_TIMINGS,
    liveview_path="",
    original_px=(6000, 4000),
    focal_mm=(16.0, 50.0),
    json=False,
    send_mode=True,
)

A7C_PTP = Profile(
    name="a7c-ptp",
    model="ILCE-7C",
    dialect="none",
    address="192.168.122.1",
    ports=_PORTS,
    description_paths=("/dd.xml",),
    digital_imaging=True,
    services=(),
    server="UPnP/1.0 SonyImagingDevice/1.0",
    udn_form=DEVICE_TAG,
    mac_prefix="a0c9a0",
    application=("", ""),
    timings=_TIMINGS,
    liveview_path="",
    original_px=(6000, 4000),
    focal_mm=(28.0, 60.0),
    json=False,
    ptp_only=True,
)
