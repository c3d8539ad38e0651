"""Settings' values as photographers write them (`1/250 s`, `f/4`, `ISO 400`, `+0.7 EV`, `5600 K`), read and shown.

Two texts are the same value when they mean the same: `meaning` maps both to one thing, and nothing is ever rounded to a
value that happens to lie near.
"""

from __future__ import annotations

import re
import textwrap
from fractions import Fraction
from typing import TYPE_CHECKING

from dayspool.core.exposure import parse_shutter

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

__all__ = ["FORMS", "UNBROKEN", "ev_text", "folded", "meaning", "plain", "shown_value"]

FORMS: Mapping[str, str] = {
    "": "its name",
    "s": "1/250, 0.5s, 30s or bulb",
    "f/": "f/4",
    "ISO": "ISO 400 or auto",
    "EV": "+0.7 EV, -1 or +2/3",
    "K": "5600K or daylight",
    "%": "50",
    "°": "120",
    "min": "20",
    "steps": "+2",
}

UNBROKEN = "\N{NO-BREAK SPACE}"  # stands in for a space at which a text must not be folded

_OFF = "off"
_THIRDS = {"3": Fraction(1, 3), "33": Fraction(1, 3), "7": Fraction(2, 3), "67": Fraction(2, 3)}
_EV = re.compile(r"([+-]?)(?:(?:([0-9]{1,3}) +)?([0-9]{1,3})/([0-9]{1,3})|([0-9]{1,3})(?:[.,]([0-9]{1,3}))?) *(?:ev)?")
_APERTURE = re.compile(r"(?:f *[/.]? *)?([0-9]{1,3}(?:[.,][0-9]{1,3})?)")
_ISO = re.compile(r"(?:iso *)?([0-9]{1,9})")
_KELVIN = re.compile(r"([0-9]{1,9}) *(?:k|kelvin)?")
_SIGNS = str.maketrans({"−": "-", "–": "-", "″": '"', "”": '"', "±": "+"})


def shown_value(raw: str | int | bool, unit: str) -> str:
    """Return a value of the wire as a person writes it; one that is none of its unit is returned as it is."""
    if isinstance(raw, bool):
        return "on" if raw else _OFF
    text = str(raw)
    try:
        number = meaning(text, unit)
    except ValueError:
        return text
    if isinstance(number, str):
        return number if unit in ("s", "ISO") else text  # bulb, off, auto
    match unit:
        case "s" | "min":
            return f"{text.rstrip(chr(34))} {unit}"
        case "f/":
            return f"f/{text.removesuffix('.0')}"
        case "ISO":
            return f"ISO {text}"
        case "%":
            return f"{text} %"
        case "steps":
            return f"{number:+d}"
        case "°":
            return f"{text}°"
    return text


def ev_text(index: int, per_ev: int) -> str:
    """Return a compensation of `index` steps, of which `per_ev` make one EV, as a person writes it: `+0.7 EV`."""
    return f"{round(index / per_ev, 1):+g} EV" if index else "0 EV"


def folded(text: str, *, width: int = 90, first: str = "", indent: str = "  ") -> str:
    """Fold a long text into lines, the first after `first`, the others after `indent`; `UNBROKEN` becomes a space."""
    lines = textwrap.wrap(
        text,
        width=width,
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace(UNBROKEN, " ")


def meaning(text: str, unit: str) -> Hashable:
    """Return what a text means, so that texts that mean the same compare equal.

    Raises:
        ValueError: the text is none of this unit.
    """
    cleaned = text.strip().translate(_SIGNS).casefold()
    return _READERS.get(unit, _word)(cleaned)


def plain(text: str) -> str:
    """Return a word without what people leave out or write differently: case, spaces, dashes, dots."""
    return "".join(sign for sign in text.casefold() if sign.isalnum() or sign == "+")


def _word(text: str) -> Hashable:
    word = plain(text)
    if not word:
        raise ValueError(f"{text!r} is no word")
    return word


def _seconds(text: str) -> Hashable:
    """Read `1/250`, `0.4"`, `30s`, `2 sec`; a length of 0 is `off`, as of a self-timer."""
    if text in ("bulb", _OFF):
        return text
    if text in ("0", "0s", "0 s"):
        return _OFF
    return round(parse_shutter(re.sub(r" *(sec|seconds?)$", "s", text.replace(",", "."))), 9)


def _aperture(text: str) -> Hashable:
    return Fraction(_matched(_APERTURE, text)[1].replace(",", "."))


def _iso(text: str) -> Hashable:
    if plain(text) in ("auto", "isoauto"):
        return "auto"
    return int(_matched(_ISO, text)[1])


def _ev(text: str) -> Hashable:
    """Read a compensation; 0.3 and 0.7 are the names of thirds, since no camera counts in tenths."""
    sign, mixed, above, below, whole, decimals = _matched(_EV, text).groups()
    if above is not None:
        if int(below) == 0:
            raise ValueError(f"{text!r} divides by nothing")
        number = Fraction(int(above), int(below)) + int(mixed or 0)
    else:
        number = int(whole) + _THIRDS.get(decimals, Fraction(f"0.{decimals or 0}"))
    return -number if sign == "-" else number


def _kelvin(text: str) -> Hashable:
    """Read a colour temperature, or else the name of a white balance."""
    found = _KELVIN.fullmatch(text)
    return int(found[1]) if found else _word(text)


def _number(text: str) -> Hashable:
    return int(_matched(re.compile(r"([0-9]{1,9}) *(?:%|°|min|minutes?)?"), text)[1])


def _steps(text: str) -> Hashable:
    return int(_matched(re.compile(r"([+-]?[0-9]{1,3}) *(?:steps?)?"), text)[1])


def _minutes(text: str) -> Hashable:
    return text if text == "unlimited" else _number(text)


def _matched(form: re.Pattern[str], text: str) -> re.Match[str]:
    found = form.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no such value")
    return found


_READERS: Mapping[str, Callable[[str], Hashable]] = {
    "s": _seconds,
    "f/": _aperture,
    "ISO": _iso,
    "EV": _ev,
    "K": _kelvin,
    "%": _number,
    "°": _number,
    "min": _minutes,
    "steps": _steps,
}
