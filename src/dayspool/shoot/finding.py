"""Cameras found and opened: discovery given a line to ask with, and the sources a shoot gets its camera from."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dayspool.camera import UNKNOWN_MODEL, Courtesy, Link, open_camera
from dayspool.camera.models import model_named
from dayspool.discovery import Outcome, Surroundings, explain_nothing, find, identity_of, others
from dayspool.discovery.address import HttpAddress
from dayspool.discovery.description import DESCRIPTION_CAP_BYTES, parse_description
from dayspool.errors import CameraError, CameraUnreachable
from dayspool.shoot.access import ASK_SECONDS, HttpAccess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from dayspool.camera import SonyCamera
    from dayspool.discovery import Attempt, Found, Neighbour, Other

__all__ = ["Findings", "SearchingSource", "find_cameras", "find_one"]

_ROUTER_SHARE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a search brought.

    Attributes:
        cameras: those that answered an API call.
        others: who was seen that is no camera to shoot with, each with a sentence.
        reasons: if there is no camera, sentences that say why and what to do.
    """

    cameras: tuple[Found, ...]
    others: tuple[Other, ...]
    reasons: tuple[str, ...]


async def find_cameras(
    *,
    seconds: float,
    interface: str | None = None,
    address: str | None = None,
    router: str | None = None,
    community: str = "public",
    first: bool = False,
    wanted: Callable[[Found], bool] | None = None,
    on_found: Callable[[Found], None] | None = None,
) -> Findings:
    """Find cameras by every way at once, and say what was seen.

    Args:
        seconds: when to stop looking; it ends earlier where nothing more can be expected.
        interface: look through this one only (its name or address).
        address: ask only this host.
        router: ask this router by SNMP for its neighbours too: `HOST` or `HOST:PORT`.
        community: the word that opens the router's tables.
        first: return as soon as one camera is verified.
        wanted: which cameras count; all of them unless given.
        on_found: called with each camera the moment it is verified.

    Raises:
        PlanError: the address, the router or the interface makes no sense.
        ModuleNotFoundError: a router is to be asked, and the package pysnmp is not installed.
    """
    seen = _Seen(on_found)
    await find(
        access=HttpAccess(),
        seconds=seconds,
        interface=interface,
        address=address,
        first=first,
        wanted=wanted,
        router=_asking(router, community, seconds) if router is not None else None,
        on_found=seen.take,
        on_attempt=seen.note,
    )
    return seen.findings()


class _Seen:
    """What a search tells, made better by what is known of models."""

    def __init__(self, on_found: Callable[[Found], None] | None) -> None:
        self._on_found = on_found
        self._cameras: list[Found] = []
        self._attempts: list[Attempt] = []

    def take(self, found: Found) -> None:
        self._cameras.append(_as_its_model(found))
        if self._on_found is not None:
            self._on_found(self._cameras[-1])

    def note(self, attempt: Attempt) -> None:
        self._attempts.append(_told_by_its_model(attempt))

    def findings(self) -> Findings:
        reasons = () if self._cameras else explain_nothing(self._attempts)
        return Findings(cameras=tuple(self._cameras), others=others(self._attempts), reasons=reasons)


def _as_its_model(found: Found) -> Found:
    """Return what is known of the camera's model instead of what its address and description let one guess."""
    model = model_named(found.model) if found.model else None
    return found if model is None or model.dialect is None else replace(found, dialect=model.dialect)


def _told_by_its_model(attempt: Attempt) -> Attempt:
    """Say PTP/IP of a body without remote control where its model is known to speak nothing else."""
    model = model_named(attempt.model) if attempt.model else None
    if attempt.outcome in (Outcome.NO_REMOTE, Outcome.PTP_ONLY) and model is not None and model.dialect is None:
        return replace(attempt, outcome=Outcome.PTP_ONLY, never_remote=True)
    return attempt


def _asking(router: str, community: str, seconds: float) -> Callable[[], Awaitable[Sequence[Neighbour]]]:
    from dayspool.discovery.snmp import parse_router, router_neighbours  # pysnmp is loaded only for those who ask

    host, port = parse_router(router)
    # Whom it knows is asked in what is left of the search.
    return partial(router_neighbours, host, port=port, community=community, seconds=seconds * _ROUTER_SHARE)


async def find_one(
    *,
    seconds: float,
    address: str | None = None,
    interface: str | None = None,
    wanted: Callable[[Found], bool] | None = None,
) -> Found:
    """Return the first camera that answers (and is `wanted`).

    Raises:
        CameraUnreachable: none does; the message says what was seen and what to press.
        PlanError: the address makes no sense.
    """
    findings = await find_cameras(seconds=seconds, interface=interface, address=address, first=True, wanted=wanted)
    if not findings.cameras:
        raise CameraUnreachable("\n".join(("no camera was found.", *findings.reasons)), sent=False)
    return findings.cameras[0]


class SearchingSource:
    """A camera looked for: first where it was last, then at `address`, or anywhere if there is none.

    Once its unique name is known, only the camera with that name is taken: all cameras of a generation live at the same
    address, each on its own network. With a `model` alone, another model that answers instead is not taken.
    """

    def __init__(
        self,
        *,
        endpoint: str | None = None,
        model: str | None = None,
        identity: str | None = None,
        location: str | None = None,
        last: Found | None = None,
        address: str | None = None,
        interface: str | None = None,
        seconds: float = 10.0,
    ) -> None:
        self._endpoint = endpoint
        self._model = None if model == UNKNOWN_MODEL else model
        self._identity = identity
        self._location = location
        self._source: str | None = None
        self._address = address
        self._interface = interface
        self._seconds = seconds
        self._courtesy = Courtesy()
        if last is not None:
            self._keep(last)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[SonyCamera]:
        """Open a line to a camera that answered just now.

        Raises:
            CameraError: there is none, or another one.
        """
        if self._endpoint is None or not await self._is_still_there(self._endpoint):
            self._keep(await self._look())
        assert self._endpoint is not None
        async with open_camera(
            self._endpoint,
            model=self._model or "",
            source=self._source,
            courtesy=self._courtesy,
            identity=self._identity,
            location=self._location,
        ) as camera:
            yield camera

    def _keep(self, found: Found) -> None:
        self._endpoint, self._location, self._source = found.endpoint, found.location, found.source
        self._model = self._model or found.model
        self._identity = self._identity or _identity(found)

    async def _look(self) -> Found:
        strangers: list[Found] = []

        def is_ours(found: Found) -> bool:
            theirs = _identity(found)
            if theirs is not None and self._identity is not None:
                # A name may be its owner's; a model that is known, and is another, is another body with its identity.
                ours = theirs == self._identity and not _are_two_models(self._model, found.model)
            else:
                ours = self._model is None or found.model in (None, self._model)
            if not ours:
                strangers.append(found)
            return ours

        try:
            return await find_one(
                seconds=self._seconds, interface=self._interface, address=self._address, wanted=is_ours
            )
        except CameraUnreachable as error:
            raise self._not_ours(strangers[0]) if strangers else error from None

    def _not_ours(self, stranger: Found) -> CameraUnreachable:
        model = self._model or stranger.model or UNKNOWN_MODEL
        if stranger.model not in (None, model):
            said = f"a {stranger.model} answers at {stranger.endpoint}, but this shoot began with a {model}"
        else:
            said = (
                f"a {model} answers at {stranger.endpoint}, but it is not the one this shoot began with: its network "
                f"address is {_identity(stranger)}, not {self._identity}; join the network of the right one"
            )
        return CameraUnreachable(said, sent=False)

    async def _is_still_there(self, endpoint: str) -> bool:
        """Tell whether the camera answers where it was last, and is the same as far as can be told."""
        if self._source is None and self._interface is not None:
            host = urlsplit(endpoint).hostname or ""
            self._source = Surroundings.here().source_to(host, self._interface)
        try:
            async with open_camera(endpoint, source=self._source) as camera:
                await camera.versions()
        except CameraError:
            return False
        return self._location is None or await self._identity_at(self._location) in (None, self._identity)

    async def _identity_at(self, location: str) -> str | None:
        """Return who describes itself there; `None` when that cannot be told, which proves nothing against it."""
        address = HttpAddress.parse(location)
        if self._identity is None or address is None:
            return None
        try:
            async with Link(address.host, source=self._source) as link:
                data = await link.get(location, cap_bytes=DESCRIPTION_CAP_BYTES, seconds=ASK_SECONDS)
            return identity_of(parse_description(data, location=address).udn)
        except CameraError:
            return None


def _identity(found: Found) -> str | None:
    return identity_of(found.udn or found.usn)


def _are_two_models(one: str | None, other: str | None) -> bool:
    """Tell whether both are models that are known, and not the same."""
    known = [model_named(name) for name in (one, other) if name]
    return len(known) == 2 and None not in known and known[0] != known[1]
