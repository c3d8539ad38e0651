"""What steers a camera's exposure between frames: meters those that came, asks the ramp, sets what the camera lets set.

What it lets set is seen when it is found, not known by its name: shutter and ISO where its exposure mode is Manual (the
app bodies, with M on the dial); else exposure compensation, around its own automatic exposure; else nothing (an RX100
M2 has no setting at all over Wi-Fi): then frames are metered, and their EXIF keeps the exposure the camera chose.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import anyio

from dayspool.camera.human import meaning
from dayspool.camera.settings import read_settings
from dayspool.core.busy import high
from dayspool.core.events import ExposureSteered, FrameMetered
from dayspool.core.ladder import Ladder, Setting
from dayspool.core.ramp import RampState, step
from dayspool.errors import CameraBusy, CameraConfused, CameraRefused, PlanError
from dayspool.shoot.meter import measure
from dayspool.shoot.setting import PatientSetter
from dayspool.sun import sun_over

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from dayspool.camera import Setting as CameraSetting
    from dayspool.camera import SonyCamera
    from dayspool.clock import Clock
    from dayspool.core.decision import Steer
    from dayspool.core.events import Event, FrameStored
    from dayspool.core.plan import Place
    from dayspool.core.ramp import Ramp
    from dayspool.core.schedule import Schedule
    from dayspool.core.session import Session

__all__ = ["Exposing"]

MARGIN_SECONDS = 0.5  # between the end of the camera's work and the next slot, beside its busy time
UNKNOWN_OVERHEAD_SECONDS = 3.0  # what a camera takes beyond its exposure, until that was seen
YOUNG_SLOTS = 20  # a setting commanded longer ago is of another light, and blows out the first frames after a night

# The parts of an exposure: what a camera calls each, and its unit.
_PARTS: Mapping[str, tuple[str, str]] = {
    "shutter_seconds": ("shutter", "s"),
    "aperture": ("aperture", "f/"),
    "iso": ("iso", "ISO"),
    "compensation_ev": ("exposure-compensation", "EV"),
}
_OTHERS = ("white-balance", "exposure-mode")


@dataclass(slots=True, kw_only=True)
class _Hands:
    """What one camera lets be set: by part of the exposure, its values with the words for them; and what it has now."""

    words: dict[str, dict[float, str]] = field(default_factory=dict)
    now: dict[str, float | None] = field(default_factory=dict)

    @property
    def ladder(self) -> Ladder:
        values = {part: tuple(sorted(words)) for part, words in self.words.items()}
        return Ladder(
            shutters=values.get("shutter_seconds", ()),
            isos=values.get("iso", ()),
            apertures=values.get("aperture", ()),
            compensations=values.get("compensation_ev", ()),
        )

    def setting(self) -> Setting:
        """Return what is set now, of the parts that count."""
        if set(self.words) == {"compensation_ev"}:
            return Setting(compensation_ev=self.now.get("compensation_ev") or 0.0)
        return Setting(**{part: self.now.get(part) for part in _PARTS if part != "compensation_ev"})


class Exposing:
    """Meters and steers one shoot; `tell` writes an event.

    Where the place is not known, the sun is left out; without a ramp frames are metered only.
    """

    def __init__(self, *, ramp: Ramp | None, place: Place | None, clock: Clock, tell: Callable[[Event], None]) -> None:
        self._ramp, self._clock, self._tell = ramp, clock, tell
        self._sun = None if place is None else sun_over(place)
        self._hands: _Hands | None = None
        self._state: RampState | None = None
        self._news: tuple[FrameMetered, float | None] | None = None
        self._stepped: datetime | None = None
        self._setter = PatientSetter()

    @property
    def steers(self) -> bool:
        """Whether there is, or may be, something to set before the next slot."""
        return self._ramp is not None and (self._hands is None or bool(self._hands.words))

    async def examine(self, camera: SonyCamera) -> tuple[str, ...]:
        """See what a camera that was just found lets be set, lock its white balance, and return what to say about it.

        Raises:
            CameraError: as `Link.call`.
        """
        self._hands = None
        if self._ramp is None:
            return ()
        names = (*(name for name, _ in _PARTS.values()), *_OTHERS)
        found = await read_settings(camera.line, await camera.events.whole(), await camera.methods(), names=names)
        settings = {setting.name: setting for setting in found}
        self._hands = _hands_of(settings)
        note = await _white_locked(camera, settings.get("white-balance"))
        return tuple(said for said in (_said(self._hands, settings), note) if said)

    def meter(self, stored: FrameStored, jpeg: bytes, schedule: Schedule) -> None:
        """Meter a frame that was stored and tell; one that cannot be decoded is told of as such."""
        measured = measure(jpeg)
        made = Setting(shutter_seconds=stored.shutter_seconds, aperture=stored.aperture, iso=stored.iso)
        known = measured is not None and stored.shutter_seconds is not None and stored.iso is not None
        metered = FrameMetered(
            slot=stored.slot,
            measured_ev=None if measured is None else measured.ev,
            clipped_share=0.0 if measured is None else measured.clipped_share,
            scene_ev=round(made.ev100 + measured.ev, 4) if known and measured is not None else None,
        )
        self._tell(metered)
        if self._news is None or self._news[0].slot < stored.slot:
            self._news = metered, self._elevation(schedule.instant(stored.slot))

    async def steer(self, action: Steer, camera: SonyCamera, session: Session) -> None:
        """Choose the exposure of the next slot and set it, ending before `until`; tell what came of it, once a slot.

        Raises:
            CameraUnreachable: the camera went away meanwhile; the slot is steered for again when it is back.
        """
        if self._hands is None:
            await self.examine(camera)
        hands, schedule = self._hands, session.schedule
        if hands is None or schedule is None or not hands.words or self._ramp is None:
            return
        due = schedule.instant(action.slot)
        state, wanted, told = self._stepped_on(self._ramp, action.slot, due, hands, session)
        trouble = "late"
        with anyio.move_on_after(max(0.0, (action.until - self._clock.utc()).total_seconds())):
            with suppress(CameraBusy, CameraRefused, CameraConfused):
                await camera.until_idle()
            trouble = "refused" if await self._set(camera, hands, wanted, action.slot) else ""
        had = hands.setting()
        if abs(had.ev100 - wanted.ev100) > 1e-6:
            state, told = replace(state, setting=had), _as_it_is(told, had, trouble or "refused")
        self._state, self._news, self._stepped = state, None, due
        self._tell(told)

    def _stepped_on(
        self, ramp: Ramp, slot: int, due: datetime, hands: _Hands, session: Session
    ) -> tuple[RampState, Setting, ExposureSteered]:
        metered, then = self._news or (None, None)
        assert session.schedule is not None
        interval = session.schedule.interval_at(slot).total_seconds()
        return step(
            self._state or self._begun(slot, hands, session),
            slot=slot,
            metered=metered,
            metered_elevation_deg=then,
            elevation_deg=self._elevation(due),
            seconds=interval if self._stepped is None else (due - self._stepped).total_seconds(),
            ramp=ramp,
            ladder=hands.ladder,
            longest_seconds=_longest(interval, session.overheads),
            bias_ev=session.bias_ev,
        )

    def _begun(self, slot: int, hands: _Hands, session: Session) -> RampState:
        last = session.steered
        if last is not None and slot - last.slot <= YOUNG_SLOTS and _same_parts(last, hands):
            return RampState.again(last)
        return RampState.begin(hands.setting())

    def _elevation(self, when: datetime) -> float | None:
        return None if self._sun is None else self._sun(when)

    async def _set(self, camera: SonyCamera, hands: _Hands, wanted: Setting, slot: int) -> bool:
        """Set each part that differs; say whether one was refused, now or so lately that it was not tried."""
        refused = False
        for part, words in hands.words.items():
            value = getattr(wanted, part)
            if value is None or value not in words or value == hands.now.get(part):
                continue
            if await self._setter.change(camera, _PARTS[part][0], words[value], slot):
                hands.now[part] = value
            else:
                refused = True
        return refused


def _hands_of(settings: Mapping[str, CameraSetting]) -> _Hands:
    hands = _Hands()
    for part, (name, unit) in _PARTS.items():
        setting = settings.get(name)
        if setting is None:
            continue
        hands.now[part] = _number(setting.value, unit)
        words = {value: text for text in setting.choices if (value := _number(text, unit)) is not None}
        if setting.writable and len(words) > 1:
            hands.words[part] = words
    mode = settings.get("exposure-mode")
    by_hand = mode is None or mode.value == "Manual"
    if by_hand and "shutter_seconds" in hands.words:
        hands.words.pop("compensation_ev", None)
    else:  # in P, A and S the camera would take back with one value what is changed of another
        hands.words = {part: words for part, words in hands.words.items() if part == "compensation_ev"}
    return hands


def _number(text: str | None, unit: str) -> float | None:
    with suppress(ValueError):
        value = None if text is None else meaning(text, unit)
        return None if value is None or isinstance(value, str) else float(value)  # type: ignore[arg-type]
    return None


def _said(hands: _Hands, settings: Mapping[str, CameraSetting]) -> str:
    mode = settings.get("exposure-mode")
    now = f" in {mode.value}" if mode is not None and mode.value else ""
    if not hands.words:
        return (
            f"the exposure cannot be steered over Wi-Fi{now}: the camera's automatic exposure stays, and each frame's "
            "EXIF keeps what it chose"
        )
    if set(hands.words) == {"compensation_ev"}:
        return f"the exposure is steered by compensation only{now}; in M, shutter and ISO could follow the light too"
    return ""


async def _white_locked(camera: SonyCamera, balance: CameraSetting | None) -> str:
    """Set an automatic white balance to Daylight, so that no frame has a colour of its own; say so."""
    if balance is None or not balance.writable or balance.value != "Auto WB" or "Daylight" not in balance.choices:
        return ""
    try:
        await camera.set("white-balance", "Daylight")
    except (CameraRefused, CameraBusy, CameraConfused, PlanError):
        return "the white balance stays automatic: the camera does not let it be set"
    return "the white balance was automatic; it is Daylight now"


def _longest(interval_seconds: float, overheads: tuple[float, ...]) -> float:
    """Return the longest exposure that leaves the camera ready for the next slot, by what it took 95 times of 100."""
    overhead = high(overheads) if overheads else UNKNOWN_OVERHEAD_SECONDS
    return max(interval_seconds / 10, interval_seconds - max(0.0, overhead) - MARGIN_SECONDS)


def _same_parts(last: ExposureSteered, hands: _Hands) -> bool:
    return (last.compensation_ev is not None) == (set(hands.words) == {"compensation_ev"})


def _as_it_is(told: ExposureSteered, had: Setting, trouble: str) -> ExposureSteered:
    """Return the event for what the camera kept instead of what was wanted."""
    return replace(
        told,
        applied_ev=round(had.ev100, 4),
        residue_ev=round(told.wanted_ev - had.ev100, 4),
        limits=(*told.limits, trouble),
        shutter_seconds=had.shutter_seconds,
        aperture=had.aperture,
        iso=had.iso,
        compensation_ev=had.compensation_ev,
    )
