"""Settings as values: read from events and replies, matched with what a person writes, set. One table drives it all.

Values come from events first, since they tell them even where a getter answers "not now" (ILCE-6300); what events leave
out is asked for. Whether a setting can be set is read off the list of methods on offer.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dayspool.camera.human import FORMS, UNBROKEN, ev_text, folded, meaning, plain, shown_value
from dayspool.camera.kinds import COLOR_TEMPERATURE, KINDS, Raw, SettingKind, Shape
from dayspool.camera.told import NO_KELVIN, NOTHING, Told, from_events, from_reply, from_supported
from dayspool.errors import CameraBusy, CameraConfused, CameraRefused, PlanError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from dayspool.camera.line import Line

__all__ = ["Setting", "change", "chosen", "listed", "read_settings", "setter_of"]

_IDLE = "IDLE"
THIRDS = 3  # how many steps every recorded camera makes of one EV
WIDEST_INDEX = 15  # steps either way, of ILCE-7R and ILCE-6300


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of a camera.

    Attributes:
        name: in a photographer's words, such as `exposure-compensation`.
        value: as a person writes it; `None` where the camera does not tell.
        raw: as it is on the wire; (mode, kelvin) for white balance, (aspect, size) for the picture's size.
        choices: what it can be now, as a person writes it; empty where the camera tells none.
        raw_choices: the same on the wire.
        writable: whether the camera offers to set it now.
        unit: what the value counts: `s`, `f/`, `ISO`, `EV`, `K`, `%`, `°`, `min`; empty for words.
    """

    name: str
    value: str | None = None
    raw: Raw | None = None
    choices: tuple[str, ...] = ()
    raw_choices: tuple[Raw, ...] = ()
    writable: bool = False
    unit: str = ""


async def read_settings(
    line: Line, events: list[Any], methods: Collection[str], *, names: Collection[str] | None = None
) -> tuple[Setting, ...]:
    """Return all settings, or those named: from events where they tell, else asked for where the camera offers it.

    A body that declines one question (403 on a gated method, 1 in the wrong state, HTTP 500 on an ILCE-6300) still
    answers the others.

    Raises:
        CameraUnreachable: as `Line.call`.
    """
    told = from_events(events)
    found = []
    for kind in KINDS:
        if names is not None and kind.name not in names:
            continue
        known = await _asked(line, kind, told.get(kind.name, NOTHING), methods)
        if known.raw is not None or known.choices:
            found.append(_setting(kind, known, methods))
    return tuple(found)


def chosen(settings: Sequence[Setting], name: str, *, insist: bool = False) -> Setting:
    """Return the setting named; with `insist`, also one that the camera does not speak of.

    Raises:
        PlanError: no camera has one of that name.
        CameraRefused: this one has none of that name; the message lists those it has.
    """
    found = next((setting for setting in settings if setting.name == name), None)
    kind = next((kind for kind in KINDS if kind.name == name), None)
    if found is None and kind is not None and insist:
        return Setting(name=name, unit=kind.unit)
    if found is None:
        has = ", ".join(setting.name for setting in settings) or "none"
        message = f"the camera has no setting {name!r} now; it has {has}"
        raise PlanError(message) if kind is None else CameraRefused(message)
    return found


def setter_of(name: str) -> str | None:
    """Return the method that sets a setting, if any camera has it."""
    return next((f"set{kind.group}" for kind in KINDS if kind.name == name and kind.has_setter), None)


async def change(line: Line, setting: Setting, text: str, *, insist: bool = False, state: str | None = None) -> Setting:
    """Set a setting to what a person wrote and return it as asked for; nothing is sent if it is that already.

    `state` is the camera's (`StillCapturing`), where it tells it: the reason why it cannot be set now.

    With `insist` it is tried although the camera does not offer it now, or not this value: hidden methods can work,
    as `setExposureCompensation` does on an ILCE-6300 in M.

    Raises:
        PlanError: the text is no value of such a setting, or not among the choices; the message has them.
        CameraRefused: it cannot be set now.
        CameraError: as `Line.call`.
    """
    kind = next(kind for kind in KINDS if kind.name == setting.name)
    if not kind.has_setter or not (setting.writable or insist):
        raise CameraRefused(_why_not(kind, setting, state))
    raw, shown = _matched(kind, setting, text, insist=insist)
    if raw != setting.raw or kind.shape is Shape.SHIFT:  # of a shift is known only that it is one, not how far
        await line.call(f"set{kind.group}", _params(kind, raw))
    return replace(setting, raw=raw, value=shown)


async def _asked(line: Line, kind: SettingKind, known: Told, methods: Collection[str]) -> Told:
    """Ask for what is not known yet, as far as the camera offers to tell."""
    if known.raw is None or known.choices is None:
        known = known.completed_by(await _answer(line, f"getAvailable{kind.group}", kind, from_reply, methods))
    if known.raw is None:
        known = known.completed_by(await _answer(line, f"get{kind.group}", kind, from_reply, methods))
    if known.choices is None:
        known = known.completed_by(await _answer(line, f"getSupported{kind.group}", kind, from_supported, methods))
    return known


async def _answer(
    line: Line,
    method: str,
    kind: SettingKind,
    read: Callable[[SettingKind, list[Any]], Told],
    methods: Collection[str],
) -> Told:
    if method in methods:
        with suppress(CameraBusy, CameraRefused, CameraConfused):
            return read(kind, await line.call(method))
    return NOTHING


def listed(choices: Sequence[str], *, most: int = 64) -> str:
    """Return choices for a person, to be `folded`; of a very long list, its beginning and its end."""
    whole = [choice.replace(" ", UNBROKEN) for choice in choices]
    half = most // 2
    return ", ".join(whole if len(whole) <= most else (*whole[:half], "…", *whole[-half:]))


def _why_not(kind: SettingKind, setting: Setting, state: str | None) -> str:
    now = f"; it is {setting.value}" if setting.value is not None else ""
    if not kind.has_setter:
        return f"{setting.name} can only be read{now}"
    if state not in (None, _IDLE):
        return (
            f"{setting.name} cannot be set now{now}; the camera is at something else ({state}): wait until it is done"
        )
    return f"{setting.name} cannot be set now{now}; another mode may offer it, and --insist tries all the same"


def _matched(kind: SettingKind, setting: Setting, text: str, *, insist: bool) -> tuple[Raw, str]:
    """Return the value on the wire that a text means, and how it is shown."""
    try:
        meant = meaning(text, kind.unit)
    except ValueError:
        offer = f"; the choices are {listed(setting.choices)}" if setting.choices else ""
        raise PlanError(folded(f"{kind.name} cannot be {text!r}; write {FORMS[kind.unit]}{offer}")) from None
    lists = [(setting.raw_choices, setting.choices)]
    if insist or not setting.choices:
        lists.append(_guessed(kind, meant, text))
    for raws, shown in lists:
        at = _place(kind, text, meant, raws, shown)
        if at is not None:
            return raws[at], shown[at]
    offer = f"the choices are {listed(shown)}" if shown else "the camera tells no choices"
    raise PlanError(folded(f"{kind.name} cannot be {text!r}; {offer}"))


def _place(kind: SettingKind, text: str, meant: object, raws: Sequence[Raw], shown: Sequence[str]) -> int | None:
    """Return which choice a text means: one spelt so, or else the only one that means the same."""
    for exact in (shown, raws):
        if text in exact:
            return exact.index(text)
    word = kind.words.get(text.strip().casefold())
    for wanted in (meant, plain(word) if word else None):
        same = [at for at, choice in enumerate(shown) if wanted is not None and _means(choice, kind.unit) == wanted]
        if len(same) == 1:
            return same[0]
    return None


def _means(choice: str, unit: str) -> object:
    try:
        return meaning(choice, unit)
    except ValueError:
        return None


def _guessed(kind: SettingKind, meant: object, text: str) -> tuple[tuple[Raw, ...], tuple[str, ...]]:
    """Return choices for a setting whose camera tells none: those known from other cameras, or the text as written."""
    raws = kind.known
    match kind.shape, meant:
        case ((Shape.STEP | Shape.SHIFT), _):
            raws = tuple(range(-WIDEST_INDEX, WIDEST_INDEX + 1))
        case Shape.WHITE_BALANCE, int(kelvin):
            raws = ((COLOR_TEMPERATURE, kelvin),)
        case Shape.STILL_SIZE, _ if len(words := text.split()) == 2:
            raws = ((words[0], words[1]),)
        case ((Shape.PLAIN | Shape.OBJECT), _) if not (raws or kind.unit):
            raws = (text,)
    return raws, tuple(_shown(kind, raw, None) for raw in raws)


def _params(kind: SettingKind, raw: Raw) -> list[Any]:
    match kind.shape, raw:
        case Shape.OBJECT, _:
            return [{kind.keys[0]: raw}]
        case Shape.WHITE_BALANCE, (mode, int(kelvin)):
            return [mode, kelvin != NO_KELVIN, kelvin]
        case Shape.STILL_SIZE, (aspect, size):
            return [aspect, size]
    return [raw]


def _setting(kind: SettingKind, told: Told, methods: Collection[str]) -> Setting:
    choices = told.choices or ()
    if told.choices is None and isinstance(told.raw, bool):
        choices = kind.known
    adjustable = kind.shape is not Shape.STEP or bool(choices)
    return Setting(
        name=kind.name,
        value=None if told.raw is None else _shown(kind, told.raw, told.per_ev),
        raw=told.raw,
        choices=tuple(_shown(kind, raw, told.per_ev) for raw in choices),
        raw_choices=choices,
        writable=kind.has_setter and adjustable and f"set{kind.group}" in methods,
        unit=kind.unit,
    )


def _shown(kind: SettingKind, raw: Raw, per_ev: int | None) -> str:
    match kind.shape, raw:
        case Shape.SHIFT, bool(shifted):
            return "shifted" if shifted else "not shifted"
        case Shape.STEP, int(index):
            return ev_text(index, per_ev or THIRDS)
        case Shape.WHITE_BALANCE, (mode, int(kelvin)):
            return f"{kelvin} K" if kelvin != NO_KELVIN else str(mode)
        case Shape.STILL_SIZE, (aspect, size):
            return f"{aspect} {size}"
    return shown_value(raw, kind.unit) if not isinstance(raw, tuple) else " ".join(map(str, raw))
