"""The pages by which a body describes itself over UPnP, with the spellings and faults of its model.

Two stacks were recorded: the older one (DSC-QX100, "Send to Smartphone") writes a MediaServer on one line, the newer
one (DSC-HX400V, ILCE-6000, ILCE-6300) a Basic device with two blanks of indentation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from dayspool.sim.manners import Manners, manners_of
from dayspool.sim.profile import DescriptionStyle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dayspool.sim.profile import Ports, Profile

__all__ = [
    "CONTENT_DIRECTORY",
    "UpnpService",
    "description_xml",
    "device_type",
    "digital_imaging_xml",
    "listed",
]

CONTENT_DIRECTORY = "urn:schemas-upnp-org:service:ContentDirectory:1"
_INDENT = "  "
_AV = 'xmlns:av="urn:schemas-sony-com:av"'
_DLNA = 'xmlns:dlna="urn:schemas-dlna-org:device-1-0"'


@dataclass(frozen=True, slots=True, kw_only=True)
class UpnpService:
    """One row of a description's `serviceList`."""

    type: str
    id: str
    description: str = ""
    control: str = ""
    events: str = ""
    terse: bool = False  # its empty addresses are written as the model writes empty addresses


def _sony(name: str, description: str = "", control: str = "", *, terse: bool = False) -> UpnpService:
    return UpnpService(
        type=f"urn:schemas-sony-com:service:{name}:1",
        id=f"urn:schemas-sony-com:serviceId:{name}",
        description=description,
        control=control,
        terse=terse,
    )


def _standard(name: str, description: str) -> UpnpService:
    return UpnpService(
        type=f"urn:schemas-upnp-org:service:{name}:1",
        id=f"urn:upnp-org:serviceId:{name}",
        description=description,
        control=f"/upnp/control/{name}",
        events=f"/upnp/event/{name}",
    )


_DIRECTORY = (_standard("ContentDirectory", "/CdsDesc.xml"), _standard("ConnectionManager", "/CmsDesc.xml"))
_IMAGING = _sony("DigitalImaging", "/DigitalImagingDesc.xml", "/upnp/control/DigitalImaging")
_PUSH_LIST = _sony("XPushList", "/XPushListDesc.xml", "/upnp/control/XPushList")


def listed(profile: Profile) -> tuple[UpnpService, ...]:
    """Return the services in the description of a model, in its order."""
    if profile.send_mode:
        return (*_DIRECTORY, _PUSH_LIST, _IMAGING)
    media_server = profile.description_style is DescriptionStyle.MEDIA_SERVER
    rows = list(_DIRECTORY) if media_server else []
    if profile.services:
        rows.append(_sony("ScalarWebAPI", "/ScalarWebApiDesc.xml" if media_server else "", terse=True))
    if profile.digital_imaging:
        rows.append(_IMAGING)
    return tuple(rows)


def description_xml(profile: Profile, *, udn: str, host: str, ports: Ports, name: str | None = None) -> bytes:
    """Return the description of a body that its clients reach at `host`; `name` is what its owner calls it.

    The action list address is the one the model advertises; on the RX100M2 it leads to `/sony/camera`: nothing there.
    """
    manners = manners_of(profile)
    root = "root", ' xmlns="urn:schemas-upnp-org:device-1-0"'
    media_server = profile.description_style is DescriptionStyle.MEDIA_SERVER or profile.send_mode
    spec = _Element("specVersion", children=(_Element("major", "1"), _Element("minor", "0")))
    device = _Element("device", children=tuple(_device(profile, manners, udn, host, ports, name, media_server)))
    if media_server:
        page = _Element(root[0], children=(spec, device), attributes=f"{root[1]} {_DLNA} {_AV}")
        return ('<?xml version="1.0" encoding="utf-8"?>' + page.flat()).encode()
    head = '<?xml version="1.0"?>' + ("\n" if manners.break_after_declaration else "")
    return (head + "\n".join(_Element(root[0], children=(spec, device), attributes=root[1]).lines()) + "\n").encode()


def digital_imaging_xml(profile: Profile, *, udn: str) -> bytes:
    """Return `/DigitalImagingDesc.xml`, which names the model even when the owner has renamed the camera.

    Its element names are those that rocc reads; their order and surroundings were not recorded.
    """
    mac = udn.rpartition("-")[2].lower()
    facts = {
        "X_ModelName": profile.model,
        "X_FirmwareVersion": "1.00",
        "X_ServerType": profile.application[0],
        "X_ServerVersion": profile.application[1],
        "X_MacAddress": ":".join(mac[at : at + 2] for at in range(0, 12, 2)),
        "X_LensModelName": _LENSES.get(profile.model.partition("-")[0], ""),
    }
    rows = tuple(_Element(f"av:{tag}", value) for tag, value in facts.items() if value)
    information = _Element("av:X_DigitalImagingDeviceInfo", children=rows, attributes=f" {_AV}")
    spec = _Element("specVersion", children=(_Element("major", "1"), _Element("minor", "0")))
    page = _Element("scpd", children=(spec, information), attributes=' xmlns="urn:schemas-upnp-org:service-1-0"')
    return ('<?xml version="1.0"?>\n' + "\n".join(page.lines()) + "\n").encode()


_LENSES = {"ILCE": "E PZ 16-50mm F3.5-5.6 OSS", "NEX": "E PZ 16-50mm F3.5-5.6 OSS"}
"""What a body with exchangeable lenses carries here, by the first part of its name."""


@dataclass(frozen=True, slots=True)
class _Element:
    """One element, written on one line or over many."""

    tag: str
    text: str = ""
    children: tuple[_Element, ...] = ()
    attributes: str = ""
    empty: str = "<{tag}></{tag}>"

    def flat(self) -> str:
        content = "".join(child.flat() for child in self.children) or escape(self.text)
        if not content:
            return self.empty.format(tag=self.tag)
        return f"<{self.tag}{self.attributes}>{content}</{self.tag}>"

    def lines(self, depth: int = 0) -> Iterator[str]:
        margin = _INDENT * depth
        if not self.children:
            yield margin + self.flat()
            return
        yield f"{margin}<{self.tag}{self.attributes}>"
        for child in self.children:
            yield from child.lines(depth + 1)
        yield f"{margin}</{self.tag}>"


def _device(
    profile: Profile, manners: Manners, udn: str, host: str, ports: Ports, name: str | None, media_server: bool
) -> Iterator[_Element]:
    if media_server:
        yield _Element("dlna:X_DLNADOC", "DMS-1.50", attributes=f" {_DLNA}")
    yield _Element("deviceType", device_type(profile))
    yield _Element("friendlyName", name or profile.model)
    yield _Element("manufacturer", "Sony Corporation")
    yield _Element("manufacturerURL", profile.manufacturer_url)
    yield _Element("modelDescription", profile.model_description)
    yield _Element("modelName", "SonyImagingDevice")
    if media_server:
        yield _Element("modelURL", "http://www.sony.net/")
    yield _Element("UDN", udn)
    yield _Element("serviceList", children=tuple(_service(row, manners) for row in listed(profile)))
    if media_server:
        yield _Element("iconList", children=tuple(_icons()))
    if profile.services and not profile.send_mode:
        yield _control_information(profile, manners, host, ports)


def device_type(profile: Profile) -> str:
    """Return the device type in the mode the body is in."""
    media_server = profile.description_style is DescriptionStyle.MEDIA_SERVER or profile.send_mode
    return f"urn:schemas-upnp-org:device:{'MediaServer' if media_server else 'Basic'}:1"


def _service(row: UpnpService, manners: Manners) -> _Element:
    empty = manners.empty_urls if row.terse else "<{tag}></{tag}>"
    return _Element(
        "service",
        children=(
            _Element("serviceType", row.type),
            _Element("serviceId", row.id),
            _Element("SCPDURL", row.description, empty=empty),
            _Element("controlURL", row.control, empty=empty),
            _Element("eventSubURL", row.events, empty=empty),
        ),
    )


def _icons() -> Iterator[_Element]:
    for suffix, kind in (("jpg", "image/jpeg"), ("png", "image/png")):
        for side in (48, 120):
            parts = {"mimetype": kind, "width": side, "height": side, "depth": 24}
            rows = [_Element(tag, str(value)) for tag, value in parts.items()]
            yield _Element("icon", children=(*rows, _Element("url", f"/DLNA_camera_{side}.{suffix}")))


def _control_information(profile: Profile, manners: Manners, host: str, ports: Ports) -> _Element:
    base = f"http://{host}:{ports.control}{profile.action_list_path}"
    av = "av:X_ScalarWebAPI_"
    services = tuple(
        _Element(
            f"{av}Service",
            children=(
                _Element(f"{av}ServiceType", service),
                _Element(f"{av}ActionList_URL", base),
                _Element(f"{av}AccessType", empty=manners.empty_element),
            ),
        )
        for service in profile.services
    )
    rows = [_Element(f"{av}Version", "1.0"), _Element(f"{av}ServiceList", children=services)]
    if manners.names_liveview:
        liveview = _Element(f"{av}LiveView_URL", f"http://{host}:{ports.media}{profile.liveview_path}")
        function = _Element(f"{av}DefaultFunction", "RemoteShooting")
        rows.append(_Element(f"{av}ImagingDevice", children=(liveview, function)))
    return _Element(f"{av}DeviceInfo", children=tuple(rows), attributes=f" {_AV}")


_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "/CdsDesc.xml": ("Browse", "GetSearchCapabilities", "GetSortCapabilities", "GetSystemUpdateID"),
    "/CmsDesc.xml": ("GetProtocolInfo", "GetCurrentConnectionIDs", "GetCurrentConnectionInfo"),
    "/XPushListDesc.xml": ("X_TransferStart", "X_TransferEnd"),
}


def service_xml(path: str) -> bytes:
    """Return the description of one service: the names of its actions, without their arguments."""
    names = tuple(_Element("action", children=(_Element("name", action),)) for action in _ACTIONS.get(path, ()))
    spec = _Element("specVersion", children=(_Element("major", "1"), _Element("minor", "0")))
    rows = (spec, _Element("actionList", children=names)) if names else (spec,)
    page = _Element("scpd", children=rows, attributes=' xmlns="urn:schemas-upnp-org:service-1-0"')
    return ('<?xml version="1.0" encoding="utf-8"?>' + page.flat()).encode()
