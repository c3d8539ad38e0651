"""A camera's description of itself: from hostile XML to plain values (no I/O)."""

from __future__ import annotations

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

__all__ = ["DESCRIPTION_CAP_BYTES", "Description", "parse_description"]

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
    """

    location: HttpAddress
    friendly_name: str | None
    model_name: str | None
    model_description: str | None
    udn: str | None
    upnp_services: tuple[str, ...]
    services: Mapping[str, HttpAddress]
    liveview: HttpAddress | None

    @property
    def is_sony(self) -> bool:
        """Whether this is one of Sony's imaging devices, of whatever kind and mode."""
        return self.model_name == "SonyImagingDevice" or bool(self.services)

    @property
    def send_mode(self) -> bool:
        """Whether the camera is in "Send to Smartphone": it offers pictures and no remote control (A6100, RX100M5A)."""
        if _CAMERA in self.services:
            return False
        pushes = any(":XPushList:" in service for service in self.upnp_services)
        return pushes or (self.is_sony and any(":ContentDirectory:" in service for service in self.upnp_services))

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
        liveview=_url(device, "X_ScalarWebAPI_LiveView_URL", location.host),
    )


def _control_services(device: Element, host: str) -> Iterator[tuple[str, HttpAddress]]:
    for service in _each(device, "X_ScalarWebAPI_Service"):
        name = _text(service, "X_ScalarWebAPI_ServiceType")
        base = _url(service, "X_ScalarWebAPI_ActionList_URL", host)
        if name and base:
            yield name, base


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
    """Return the text of the first such descendant, fit for a terminal; `None` where there is none."""
    found = next(_each(element, name), None)
    said = "" if found is None or found.text is None else found.text.strip()[:_LONGEST_TEXT]
    return "".join(character for character in said if character.isprintable()) or None


def _url(element: Element, name: str, host: str) -> HttpAddress | None:
    text = _text(element, name)
    address = HttpAddress.parse(text) if text else None
    return address.at(host) if address else None
