"""Plain HTTP addresses: what a person typed, and URLs tied to the host that answered."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace

from dayspool.errors import PlanError

__all__ = ["HttpAddress", "Target", "is_ipv4", "parse_target"]

# Strict on purpose: no user names, no white space, nothing outside printable ASCII can reach a request line.
_URL = re.compile(
    r"http://(?:\[(?P<six>[0-9A-Fa-f:.]{2,45})\]|(?P<host>[A-Za-z0-9][A-Za-z0-9._-]{0,252}))"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<path>[/?][\x21-\x7e]*)?",
    re.IGNORECASE,
)
_HIGHEST_PORT = 65_535
_HTTP_PORT = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAddress:
    """One `http://` address; `path` keeps the query, byte for byte as it was written.

    A camera's liveview path holds `%21` and the like, and a camera may not know it again once it was re-encoded.
    """

    host: str
    port: int = _HTTP_PORT
    path: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _HTTP_PORT else f":{self.port}"
        return f"http://{host}{port}{self.path}"

    @classmethod
    def parse(cls, url: str) -> HttpAddress | None:
        """Read an absolute `http://` URL; anything else (https, user names, white space, no host) gives `None`."""
        match = _URL.fullmatch(url.strip())
        if match is None:
            return None
        host = match["host"] or match["six"]
        port = int(match["port"] or _HTTP_PORT)
        if not 1 <= port <= _HIGHEST_PORT or not _is_host(host):
            return None
        return cls(host=host.lower(), port=port, path=match["path"] or "")

    def at(self, host: str) -> HttpAddress:
        """Return the same address on `host`: port and path stay."""
        return replace(self, host=host)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The one host a person wants asked; `port_named` tells `10.0.0.1:10000` from `10.0.0.1`."""

    address: HttpAddress
    port_named: bool

    @property
    def description(self) -> HttpAddress | None:
        """The description's address, if that is what the person gave."""
        return self.address if self.address.path.endswith(".xml") else None

    @property
    def endpoints(self) -> tuple[HttpAddress, ...] | None:
        """The services to call at the named port, a named path first; `None` where only a host was named."""
        if not self.port_named or self.description:
            return None
        named = (self.address.path,) if self.address.path.strip("/") else ()
        return tuple(replace(self.address, path=path) for path in (*named, "/camera", "/sony/camera"))


def parse_target(text: str) -> Target:
    """Read `HOST`, `HOST:PORT` or a full URL as a person types it; a URL without a port means port 80.

    Raises:
        PlanError: the text is no such address.
    """
    cleaned = text.strip()
    bare = f"[{cleaned}]" if _is_ipv6(cleaned) else cleaned
    is_url = "://" in cleaned
    address = HttpAddress.parse(bare if is_url else f"http://{bare}")
    if address is None:
        raise PlanError(
            f"{text!r} is no camera address; write HOST, HOST:PORT or a full URL, "
            "such as 10.0.0.1, 10.0.0.1:10000 or http://10.0.0.1:10000/camera (cameras speak http, not https)"
        )
    return Target(address=address, port_named=is_url or re.search(r":[0-9]+(?:[/?]|$)", bare) is not None)


def is_ipv4(host: str) -> bool:
    """Tell whether `host` is an IPv4 address in digits."""
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def _is_ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True


def _is_host(host: str) -> bool:
    if ":" in host:
        return _is_ipv6(host)
    # Digits and dots alone are meant as an address: 10.0.0.999 is a slip of the finger, not a name.
    return is_ipv4(host) if re.fullmatch(r"[0-9.]+", host) else True
