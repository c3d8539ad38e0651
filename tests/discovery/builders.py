"""Descriptions as cameras write them, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

REMOTE = "urn:schemas-sony-com:service:ScalarWebAPI:1"
IMAGING = "urn:schemas-sony-com:service:DigitalImaging:1"
CONTENT = "urn:schemas-upnp-org:service:ContentDirectory:1"
PUSH = "urn:schemas-sony-com:service:XPushList:1"
UDN = "uuid:000000001000-1010-8000-DEEFCA6608E7"


def description(
    *,
    name: str = "DSC-RX100M2",
    kind: str = "SonyDigitalMediaServer",
    model_name: str = "SonyImagingDevice",
    udn: str = UDN,
    upnp: Sequence[str] = (REMOTE,),
    services: Mapping[str, str] | None = None,
    liveview: str | None = None,
    details: str = "",
) -> bytes:
    """Write a description with the elements and namespaces that cameras use."""
    listed = "".join(
        f"<service><serviceType>{each}</serviceType><SCPDURL>{details if each == IMAGING else ''}</SCPDURL>"
        "<controlURL></controlURL></service>"
        for each in upnp
    )
    control = "".join(
        f"<av:X_ScalarWebAPI_Service><av:X_ScalarWebAPI_ServiceType>{service}</av:X_ScalarWebAPI_ServiceType>"
        f"<av:X_ScalarWebAPI_ActionList_URL>{base}</av:X_ScalarWebAPI_ActionList_URL>"
        "<av:X_ScalarWebAPI_AccessType /></av:X_ScalarWebAPI_Service>"
        for service, base in (services or {}).items()
    )
    live = f"<av:X_ScalarWebAPI_LiveView_URL>{liveview}</av:X_ScalarWebAPI_LiveView_URL>" if liveview else ""
    remote = (
        '<av:X_ScalarWebAPI_DeviceInfo xmlns:av="urn:schemas-sony-com:av">'
        "<av:X_ScalarWebAPI_Version>1.0</av:X_ScalarWebAPI_Version>"
        f"<av:X_ScalarWebAPI_ServiceList>{control}</av:X_ScalarWebAPI_ServiceList>"
        f"<av:X_ScalarWebAPI_ImagingDevice>{live}</av:X_ScalarWebAPI_ImagingDevice></av:X_ScalarWebAPI_DeviceInfo>"
    )
    return (
        '<?xml version="1.0"?>\n<root xmlns="urn:schemas-upnp-org:device-1-0">'
        "<specVersion><major>1</major><minor>0</minor></specVersion><device>"
        "<deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType>"
        f"<friendlyName>{name}</friendlyName><manufacturer>Sony Corporation</manufacturer>"
        f"<modelDescription>{kind}</modelDescription><modelName>{model_name}</modelName><UDN>{udn}</UDN>"
        f"<serviceList>{listed}</serviceList>{remote if services else ''}</device></root>"
    ).encode()


def imaging_details(model: str) -> bytes:
    """Write `/DigitalImagingDesc.xml` as far as it matters."""
    return (
        '<?xml version="1.0"?><scpd xmlns="urn:schemas-sony-com:service-1-0"><X_DigitalImagingDeviceInfo>'
        f"<X_DeviceInfo><X_ModelName>{model}</X_ModelName><X_FirmwareVersion>3.20</X_FirmwareVersion></X_DeviceInfo>"
        "</X_DigitalImagingDeviceInfo></scpd>"
    ).encode()
