"""The device description: the XML a camera serves, with the faults of its model."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from dayspool.sim.profile import Ports, Profile

__all__ = ["description_xml"]

_PAGE = """<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0">
  <specVersion>
    <major>1</major>
    <minor>0</minor>
  </specVersion>
  <device>
    <deviceType>{device_type}</deviceType>
    <friendlyName>{model}</friendlyName>
    <manufacturer>Sony Corporation</manufacturer>
    <manufacturerURL>{manufacturer_url}</manufacturerURL>
    <modelDescription>{model_description}</modelDescription>
    <modelName>SonyImagingDevice</modelName>
    <UDN>{udn}</UDN>
    <serviceList>
      <service>
        <serviceType>urn:schemas-sony-com:service:ScalarWebAPI:1</serviceType>
        <serviceId>urn:schemas-sony-com:serviceId:ScalarWebAPI</serviceId>
        <SCPDURL></SCPDURL>
        <controlURL></controlURL>
        <eventSubURL></eventSubURL>
      </service>
    </serviceList>
    <av:X_ScalarWebAPI_DeviceInfo xmlns:av="urn:schemas-sony-com:av">
      <av:X_ScalarWebAPI_Version>1.0</av:X_ScalarWebAPI_Version>
      <av:X_ScalarWebAPI_ServiceList>
{services}      </av:X_ScalarWebAPI_ServiceList>
      <av:X_ScalarWebAPI_ImagingDevice>
        <av:X_ScalarWebAPI_LiveView_URL>{liveview_url}</av:X_ScalarWebAPI_LiveView_URL>
        <av:X_ScalarWebAPI_DefaultFunction>RemoteShooting</av:X_ScalarWebAPI_DefaultFunction>
      </av:X_ScalarWebAPI_ImagingDevice>
    </av:X_ScalarWebAPI_DeviceInfo>
  </device>
</root>
"""

_SERVICE = """        <av:X_ScalarWebAPI_Service>
          <av:X_ScalarWebAPI_ServiceType>{service}</av:X_ScalarWebAPI_ServiceType>
          <av:X_ScalarWebAPI_ActionList_URL>{url}</av:X_ScalarWebAPI_ActionList_URL>
          <av:X_ScalarWebAPI_AccessType></av:X_ScalarWebAPI_AccessType>
        </av:X_ScalarWebAPI_Service>
"""


def description_xml(profile: Profile, *, udn: str, host: str, ports: Ports) -> bytes:
    """Return the description of a body that its clients reach at `host`.

    The action list address is the one the model advertises; on the RX100M2 it leads to `/sony/camera`: nothing there.
    """
    base = escape(f"http://{host}:{ports.control}{profile.action_list_path}")
    services = "".join(_SERVICE.format(service=escape(service), url=base) for service in profile.services)
    page = _PAGE.format(
        device_type=escape(profile.device_type),
        model=escape(profile.model),
        manufacturer_url=escape(profile.manufacturer_url),
        model_description=escape(profile.model_description),
        udn=escape(udn),
        services=services,
        liveview_url=escape(f"http://{host}:{ports.media}{profile.liveview_path}"),
    )
    return page.encode()
