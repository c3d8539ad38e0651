"""One camera's network through NetworkManager: seen, joined, left to itself; nothing else on the machine is touched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import anyio

from dayspool.errors import ToolFailed
from dayspool.wifi import nmcli
from dayspool.wifi.pairing import check_ssid, is_camera_ssid
from dayspool.wifi.state import Joined, Joining, JoinResult, Link, Outcome, Unjoined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dayspool.wifi.runner import Answer, Nmcli

__all__ = ["CameraNetwork", "visible_cameras"]

_JOIN_SECONDS = 45  # association takes five, a lease from the slowest camera thirty
_GRACE_SECONDS = 15.0
_TIMED_OUT_STATUS = 3
_GONE_STATUS = 10

# What nmcli says when `connection up` fails, in the order of looking (NetworkManager 1.42's own sentences).
_COMPLAINTS = (
    (re.compile(r"secrets were required", re.IGNORECASE), Outcome.REFUSED),
    (re.compile(r"supplicant (disconnected|took too long)", re.IGNORECASE), Outcome.REFUSED),
    (re.compile(r"network could not be found|no network with ssid", re.IGNORECASE), Outcome.NOT_SEEN),
)


class CameraNetwork:
    """A camera's network, and the profile of ours that joins it.

    Args:
        tool: what runs nmcli.
        profile: the network, and what it is pinned to.
        password: its password; None where NetworkManager keeps it already.
    """

    def __init__(self, tool: Nmcli, profile: nmcli.Profile, *, password: str | None = None) -> None:
        check_ssid(profile.ssid)
        self.profile = profile
        self._tool = tool
        self._password = password
        self._uuid: str | None = None

    async def link(self) -> Link:
        """Look whether the network is joined, by whichever profile.

        Raises:
            ToolError: NetworkManager cannot be asked.
        """
        return await self._link_among(await self._points(fresh=False))

    async def is_visible(self) -> bool:
        """Scan, and say whether the network is on the air.

        Raises:
            ToolError: NetworkManager cannot be asked.
        """
        return any(point.ssid == self.profile.ssid for point in await self._points(fresh=True))

    async def has_profile(self) -> bool:
        """Say whether our profile for this network is there: then NetworkManager may know the password.

        Raises:
            ToolError: NetworkManager cannot be asked.
        """
        return await self._existing() is not None

    async def join(self) -> JoinResult:
        """Bring our profile up, and make or mend it first; one that never worked is removed again.

        Raises:
            ToolError: NetworkManager cannot be asked, or does not let us.
        """
        uuid, is_new = await self._ensured()
        try:
            result = _judged(await self._bring_up(uuid))
        except BaseException:  # an interruption too leaves no half-made profile behind
            with anyio.CancelScope(shield=True):
                await self._forget(uuid, delete=is_new)
            raise
        if result.outcome is not Outcome.JOINED:
            await self._forget(uuid, delete=is_new)
        return result

    async def cycle_radio(self) -> None:
        """Switch all Wi-Fi of this machine off and on: for drivers that are stuck, and only when asked to.

        Raises:
            ToolError: NetworkManager cannot be asked, or does not let us.
        """
        for word in ("off", "on"):
            (await self._tool.run(nmcli.radio(word))).checked(f"switching Wi-Fi {word}")

    async def explain_absence(self) -> str:
        """Say why the network may not be on the air.

        Raises:
            ToolError: NetworkManager cannot be asked.
        """
        if (await self._tool.run(nmcli.radio())).text.strip() == "disabled":
            return "Wi-Fi is switched off on this machine: nmcli radio wifi on"
        seen = [point.ssid for point in await self._points(fresh=False) if point.ssid and is_camera_ssid(point.ssid)]
        others = f" (other cameras are: {', '.join(sorted(set(seen)))})" if seen else ""
        return f"it is not on the air{others}: the camera is off, asleep or not in its remote mode"

    async def _points(self, *, fresh: bool) -> Sequence[nmcli.AccessPoint]:
        command = nmcli.scan(fresh=fresh, interface=self.profile.interface)
        return nmcli.read_access_points((await self._tool.run(command)).checked("looking for networks"))

    async def _link_among(self, points: Sequence[nmcli.AccessPoint]) -> Link:
        for point in points:
            if point.in_use and point.ssid == self.profile.ssid:
                shown = await self._tool.run(nmcli.show_device(point.interface))
                return self._link_of(point.interface, nmcli.read_device(shown.checked(f"looking at {point.interface}")))
        return Unjoined()

    def _link_of(self, interface: str, device: nmcli.Device) -> Link:
        if device.is_connected:
            profile = device.connection
            return Joined(interface=interface, camera_host=device.camera_host, profile=profile)
        return Joining() if device.is_connecting else Unjoined()

    async def _existing(self) -> str | None:
        """Return the UUID of our profile; a connection of the same name without our marker is a person's own."""
        listed = (await self._tool.run(nmcli.list_profiles())).checked("listing the connections")
        for uuid, name in nmcli.read_profiles(listed).items():
            if name == self.profile.name:
                shown = (await self._tool.run(nmcli.show_marker(uuid))).checked("looking at a connection")
                if shown.strip() == nmcli.MARKER:
                    return uuid
        return None

    async def _ensured(self) -> tuple[str, bool]:
        """Return the UUID of our profile, and whether it was made just now; once mended, it is not written again."""
        if self._uuid is not None:
            return self._uuid, False
        uuid = await self._existing()
        if uuid is not None:
            command = nmcli.modify_profile(uuid, self.profile)
            (await self._tool.run(command)).checked(f"mending the profile {self.profile.name}")
            self._uuid = uuid
            return uuid, False
        (await self._tool.run(nmcli.add_profile(self.profile))).checked(f"making the profile {self.profile.name}")
        uuid = await self._existing()
        if uuid is None:
            raise ToolFailed(
                f"the profile {self.profile.name} was made and is not there; nothing was joined",
                argv=nmcli.add_profile(self.profile),
                status=0,
            )
        self._uuid = uuid
        return uuid, True

    async def _bring_up(self, uuid: str) -> Answer:
        command = nmcli.bring_up(
            uuid,
            wait_seconds=_JOIN_SECONDS,
            with_password=self._password is not None,
            interface=self.profile.interface,
        )
        secret = nmcli.passwords(self._password) if self._password is not None else None
        return await self._tool.run(command, secret=secret, seconds=_JOIN_SECONDS + _GRACE_SECONDS)

    async def _forget(self, uuid: str, *, delete: bool) -> None:
        """Look the profile up anew next time; one without a password that works would make desktops ask for it."""
        self._uuid = None
        if delete:
            await self._tool.run(nmcli.delete_profile(uuid))


def _judged(answer: Answer) -> JoinResult:
    if not answer.status:
        return JoinResult(outcome=Outcome.JOINED)
    for pattern, outcome in _COMPLAINTS:
        if pattern.search(answer.complaint):
            return JoinResult(outcome=outcome, said=_last_line(answer))
    if answer.status == _TIMED_OUT_STATUS:
        return JoinResult(outcome=Outcome.FAILED, said=f"it took longer than {_JOIN_SECONDS} s")
    if answer.status == _GONE_STATUS:
        return JoinResult(outcome=Outcome.FAILED, said="its profile or interface is gone")
    return JoinResult(outcome=Outcome.FAILED, said=_last_line(answer))


def _last_line(answer: Answer) -> str:
    lines = [line for line in answer.complaint.splitlines() if line.strip() and not line.startswith("Hint:")]
    return lines[-1].removeprefix("Error: ") if lines else f"nmcli ended with status {answer.status}"


async def visible_cameras(tool: Nmcli, *, interface: str | None = None) -> tuple[str, ...]:
    """Scan, and return the networks that are named as cameras' are, the strongest first.

    Raises:
        ToolError: NetworkManager cannot be asked.
    """
    shown = await tool.run(nmcli.scan(fresh=True, interface=interface))
    points = nmcli.read_access_points(shown.checked("looking for networks"))
    strongest = sorted(points, key=lambda point: -point.signal_percent)
    return tuple(dict.fromkeys(point.ssid for point in strongest if point.ssid and is_camera_ssid(point.ssid)))
