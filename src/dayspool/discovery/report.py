"""What a search tells its caller: cameras found, and attempts made on the way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dayspool.core.camera import Dialect

__all__ = ["Attempt", "Found", "FoundBy", "Outcome"]


class FoundBy(StrEnum):
    """The way that led to a camera."""

    SSDP = "ssdp"
    KNOWN_ADDRESS = "known-address"
    GATEWAY = "gateway"
    NEIGHBOUR = "neighbour"  # this machine's neighbour (ARP) table
    SNMP = "snmp"  # a router's neighbour table
    ADDRESS = "address"  # the person named it


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A camera that answered an API call.

    Attributes:
        model: what it calls itself, unless its owner renamed it; `None` when no description could be read.
        endpoint: the URL of its camera service.
        dialect: the generation it behaves like.
        found_by: the first way that led to it.
        location: the URL of its description, or `None`.
        usn: its unique name from SSDP, or `None`.
        udn: its unique name from its description, or `None`.
        source: the interface of this machine that leads to it (`192.168.122.9%wlan0`); `None`: the system chooses.
    """

    model: str | None
    endpoint: str
    dialect: Dialect
    found_by: FoundBy
    location: str | None = None
    usn: str | None = None
    udn: str | None = None
    source: str | None = None


class Outcome(StrEnum):
    """What came of asking somebody."""

    CAMERA = "camera"  # an API call was answered
    DESCRIPTION = "description"  # a camera's description was read
    TRANSFER = "transfer"  # a camera that answers, and is set to handing out its pictures
    SILENT = "silent"  # no connection, or no answer in time
    NOT_A_CAMERA = "not-a-camera"  # something answered that is no camera
    NO_REMOTE = "no-remote"  # a Sony device whose remote control is off or of another kind
    SEND_MODE = "send-mode"  # a camera in "Send to Smartphone"
    COMPUTER_MODE = "computer-mode"  # a camera in "Send to Computer"
    PTP_ONLY = "ptp-only"  # it listens for PTP/IP and offers no remote control of ours
    ROUTER = "router"  # a router whose table could not be read
    SKIPPED = "skipped"  # not asked, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One question and what came back.

    `asked` is a URL, a host with a port, or an interface; `said` is for a person; `model` is its name for itself, and
    `never_remote` says that this model is known to have no remote control of our kind at all.
    """

    way: FoundBy
    host: str
    asked: str
    outcome: Outcome
    said: str
    model: str | None = None
    never_remote: bool = False
