"""The words of SSDP: the search that finds a camera, and what comes back (no I/O)."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = [
    "CAMERA_TARGET",
    "EVERY_TARGET",
    "SSDP_GROUP",
    "SSDP_LARGEST_DATAGRAM",
    "SSDP_PORT",
    "SsdpReply",
    "parse_reply",
    "search_request",
]

SSDP_GROUP = "239.255.255.250"
SSDP_PORT = 1900
SSDP_LARGEST_DATAGRAM = 8192
CAMERA_TARGET = "urn:schemas-sony-com:service:ScalarWebAPI:1"
# Answered by all UPnP devices, by cameras that do not offer remote control just now too.
EVERY_TARGET = "ssdp:all"

_FIRST_LINE = re.compile(r"HTTP/1\.\d\s+200\b.*|NOTIFY\s+\*(?:\s+HTTP/1\.\d)?\s*", re.IGNORECASE)
_LONGEST_VALUE = 1024
# What tells one of Sony's imaging devices among all that answer: its services and its software, and the service that
# cameras announce in "Send to Computer" (pm-alt); MINT-X is the software of the app generation (recorded).
_SONY_SERVICES = ("schemas-sony-com:service:ScalarWebAPI:", "schemas-sony-com:service:DigitalImaging:", ":XPushList:")
_SONY_SOFTWARE = ("SonyImagingDevice", "MINT-X")
_COMPUTER_SERVICE = ":MtpNullService:"


@dataclass(frozen=True, slots=True, kw_only=True)
class SsdpReply:
    """One answer to a search, or one announcement, and the host it came from.

    Attributes:
        usn: the unique name of the service, or `None`. One of Sony's two shapes lacks a dash: never read it as a UUID.
        location: the description's URL as the camera wrote it: not to be trusted, see `host`.
        target: the service it answers for, or announces.
        server: what the sender says of its software.
        host: the address the datagram came from, the only part that the network vouches for.
    """

    usn: str | None
    location: str | None
    server: str | None
    host: str
    target: str | None = None

    @property
    def sends_to_computer(self) -> bool:
        """Whether this is a camera in "Send to Computer", which cannot be driven."""
        return _COMPUTER_SERVICE in self._services

    @property
    def is_sony_imaging(self) -> bool:
        """Whether a Sony camera says this, in whatever mode; every kind of device answers a search for everything."""
        named = any(service in self._services for service in (*_SONY_SERVICES, _COMPUTER_SERVICE))
        return named or any(software in (self.server or "") for software in _SONY_SOFTWARE)

    @property
    def _services(self) -> str:
        return f"{self.target or ''} {self.usn or ''}"


def search_request(*, target: str = CAMERA_TARGET, mx: int = 1, host: str = SSDP_GROUP, port: int = SSDP_PORT) -> bytes:
    """Build an M-SEARCH datagram.

    Args:
        target: what is looked for (`ST`).
        mx: within how many seconds the answers may be spread, 1 to 5.
        host: where it is sent: the multicast group, or one host that is asked alone.
        port: the port it is sent to.
    """
    lines = (
        "M-SEARCH * HTTP/1.1",
        f"HOST: {host}:{port}",
        'MAN: "ssdp:discover"',
        f"MX: {mx}",
        f"ST: {target}",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def parse_reply(datagram: bytes, *, host: str) -> SsdpReply | None:
    """Read an answer or announcement that came from `host`; anything else gives `None`, and nothing raises.

    Case, spacing and line ends are taken as they come, for every camera writes them a little differently.
    Other people's searches, farewells (`ssdp:byebye`) and datagrams above 8 KiB are not replies.
    """
    if len(datagram) > SSDP_LARGEST_DATAGRAM:
        return None
    first, *rest = datagram.decode("utf-8", errors="replace").lstrip().splitlines() or [""]
    if not _FIRST_LINE.fullmatch(first.strip()):
        return None
    headers = _headers(rest)
    if headers.get("nts", "").lower() == "ssdp:byebye":
        return None
    usn, location = headers.get("usn"), headers.get("location")
    if usn is None and location is None:
        return None
    target = headers.get("st") or headers.get("nt")
    return SsdpReply(usn=usn, location=location, server=headers.get("server"), host=host, target=target)


def _headers(lines: list[str]) -> dict[str, str]:
    """Collect `name: value` lines; of a repeated name the first counts, a line without a colon counts for nothing."""
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        # What a stranger sends may be printed on a terminal one day: no control characters, and not without end.
        shown = "".join(character for character in value.strip() if character.isprintable())[:_LONGEST_VALUE]
        if colon and shown:
            headers.setdefault(name.strip().lower(), shown)
    return headers
