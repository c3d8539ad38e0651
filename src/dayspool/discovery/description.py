"""A camera's description of itself: from hostile XML to plain values (no I/O)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from dayspool.discovery.address import HttpAddress
from dayspool.errors import CameraConfused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

__all__ = ["DESCRIPTION_CAP_BYTES", "Description", "identity_of", "parse_description", "parse_model"]

DESCRIPTION_CAP_BYTES = 256 * 1024
_LONGEST_TEXT = 2048
_CAMERA = "camera"
_LEGACY_DESCRIPTION_PORT = 1900


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a device says of itself; every URL in it lies on the host that answered.

    Attributes:
        location: where this description was read.
        friendly_name: the model, unless its owner renamed it.
        model_name: `SonyImagingDevice` on every camera seen.
        model_description: `SonyDigitalMediaServer`, or `SonyRemoteCamera` (WX80, RX100M5A).
        udn: the device's unique name.
        upnp_services: the UPnP service types it lists.
        services: remote-control service (`camera`, `guide` …) to the base address of its calls.
        liveview: where the liveview stream is, where the description says so.
        upnp_controls: UPnP service type to where it is called.
        details: where the camera tells its model for certain (`parse_model`), where it does so at all.
    """

    location: HttpAddress
    friendly_name: str | None
    model_name: str | None
    model_description: str | None
    udn: str | None
    upnp_services: tuple[str, ...]
    services: Mapping[str, HttpAddress]
    liveview: HttpAddress | None
    upnp_controls: Mapping[str, HttpAddress]
    details: HttpAddress | None

    @property
    def is_sony(self) -> bool:
        """Whether this is one of Sony's imaging devices, of whatever kind and mode."""
        return self.model_name == "SonyImagingDevice" or bool(self.services)

    @property
    def offers_pictures(self) -> bool:
        """Whether it hands out pictures as a media server does, as every camera in "Send to Smartphone"."""
        pushes = any(":XPushList:" in service for service in self.upnp_services)
        return pushes or (self.is_sony and any(":ContentDirectory:" in service for service in self.upnp_services))

    @property
    def send_mode(self) -> bool:
        """Whether the camera is in "Send to Smartphone": it offers pictures and no remote control (A6100, RX100M5A)."""
        return _CAMERA not in self.services and self.offers_pictures

    def camera_endpoints(self) -> tuple[HttpAddress, ...]:
        """Return where the camera service may answer, the likeliest first; empty where there is none.

        The rule is base + `/camera`. RX100M2, HX50 and WX80 advertise `…/sony` although their service lives beside it,
        at `/camera`, and answer 404 to the rule (rocc issue #21), so the address without `/sony` comes second. They
        alone serve the description on TCP port 1900 and call themselves `SonyRemoteCamera`: then it comes first.
        """
        base = self.services.get(_CAMERA)
        if base is None:
            return ()
        path = base.path.rstrip("/")
        paths = [f"{path}/{_CAMERA}"]
        if path.endswith("/sony"):
            paths.append(f"{path.removesuffix('/sony')}/{_CAMERA}")
        if self.location.port == _LEGACY_DESCRIPTION_PORT and self.model_description == "SonyRemoteCamera":
            paths.reverse()
        return tuple(HttpAddress(host=base.host, port=base.port, path=path) for path in paths)


def parse_description(data: bytes, *, location: HttpAddress) -> Description:
    """Read a device description that was fetched from `location`.

    Names are matched without their namespaces, for authors and firmwares disagree on them. The host of every URL is
    replaced by the host that answered: a description can never send a caller to another machine.

    Raises:
        CameraConfused: not XML, too large, with a document type (never needed, often an attack), or no description.
    """
    if len(data) > DESCRIPTION_CAP_BYTES:
        raise _confused(location, f"more than {DESCRIPTION_CAP_BYTES // 1024} KiB")
    root = _parse(data, location)
    device = next(_each(root, "device"), None)
    if device is None:
        raise _confused(location, "XML without a device in it")
    return Description(
        location=location,
        friendly_name=_text(device, "friendlyName"),
        model_name=_text(device, "modelName"),
        model_description=_text(device, "modelDescription"),
        udn=_text(device, "UDN"),
        upnp_services=tuple(kind for service in _each(device, "service") if (kind := _text(service, "serviceType"))),
        services=dict(_control_services(device, location.host)),
        liveview=_url(_said(next(_each(device, "X_ScalarWebAPI_LiveView_URL"), None)), location.host),
        upnp_controls=dict(_upnp_controls(device, location)),
        details=_details(device, location),
    )


def parse_model(data: bytes, *, location: HttpAddress) -> str | None:
    """Read the model out of `/DigitalImagingDesc.xml`: it stays the same when the owner renames the camera.

    Raises:
        CameraConfused: as `parse_description`.
    """
    if len(data) > DESCRIPTION_CAP_BYTES:
        raise _confused(location, f"more than {DESCRIPTION_CAP_BYTES // 1024} KiB")
    return _said(next(_each(_parse(data, location), "X_ModelName"), None))


def identity_of(name: str | None) -> str | None:
    """Return what is a camera's own in a UDN or USN: the twelve hexadecimal digits of its Wi-Fi module, in lower case.

    `uuid:000000001000-1010-8000-DEEFCA6608E7::urn:schemas-…` and `uuid:00000000-0005-0010-8000-1c994c…` are the shapes
    seen; the first lacks a dash and is no UUID. Any other name counts as a whole.
    """
    if not name:
        return None
    udn = name.partition("::")[0].removeprefix("uuid:").lower()
    tail = udn.rpartition("-")[2]
    return tail if re.fullmatch(r"[0-9a-f]{12}", tail) else udn or None


def _control_services(device: Element, host: str) -> Iterator[tuple[str, HttpAddress]]:
    for service in _each(device, "X_ScalarWebAPI_Service"):
        name = _text(service, "X_ScalarWebAPI_ServiceType")
        base = _url(_text(service, "X_ScalarWebAPI_ActionList_URL"), host)
        if name and base:
            yield name, base


def _upnp_controls(device: Element, location: HttpAddress) -> Iterator[tuple[str, HttpAddress]]:
    for service in _each(device, "service"):
        kind, address = _text(service, "serviceType"), _beside(service, "controlURL", location)
        if kind and address:
            yield kind, address


def _details(device: Element, location: HttpAddress) -> HttpAddress | None:
    """Return where the service DigitalImaging describes itself (A6000, A6300, QX1)."""
    for service in _each(device, "service"):
        if ":DigitalImaging:" in (_text(service, "serviceType") or ""):
            return _beside(service, "SCPDURL", location)
    return None


def _beside(service: Element, name: str, location: HttpAddress) -> HttpAddress | None:
    """Return a service's address, which is a path beside the description, or a whole URL."""
    text = _text(service, name) or ""
    base = f"http://{location.host}:{location.port}" if text.startswith("/") else ""
    address = HttpAddress.parse(f"{base}{text}")
    return address.at(location.host) if address else None


def _parse(data: bytes, location: HttpAddress) -> Element:
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise _confused(location, "XML with a document type or entities, which no camera sends") from None
    # Unknown or multi-byte encodings are told as ValueError and LookupError.
    except (ParseError, ValueError, LookupError) as error:
        raise _confused(location, f"no XML ({error})") from None
    return root


def _confused(location: HttpAddress, got: str) -> CameraConfused:
    return CameraConfused(f"asked {location} for a camera's description and got {got}; this is no Sony camera's answer")


def _each(element: Element, name: str) -> Iterator[Element]:
    """Yield the descendants with this local name, whatever their namespace."""
    return (found for found in element.iter() if found.tag.rpartition("}")[2] == name)


def _text(element: Element, name: str) -> str | None:
    """Return the text of the first such child, fit for a terminal; `None` where there is none.

    Children alone are looked at: what is nested without end would otherwise be read again for every level.
    """
    return _said(next((child for child in element if child.tag.rpartition("}")[2] == name), None))


def _said(element: Element | None) -> str | None:
    said = "" if element is None or element.text is None else element.text.strip()[:_LONGEST_TEXT]
    return "".join(character for character in said if character.isprintable()) or None


def _url(text: str | None, host: str) -> HttpAddress | None:
    address = HttpAddress.parse(text) if text else None
    return address.at(host) if address else None
