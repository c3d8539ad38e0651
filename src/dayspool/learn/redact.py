"""What nobody else should know of a camera, taken out of a dump: whose it is, where it was, and its keys.

Secrets are first collected wherever they are named, then removed wherever they stand, in every spelling. The first half
of a MAC address is the maker's and stays; file names stay.
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["NAMELESS", "redacted"]

NAMELESS = "Sony camera"
_HIDDEN = "redacted"
_MOST_SECRETS = 500  # no camera has so many; more would make one slow search of them all
# What every camera of Sony's says, so nobody's secret; the developer's name of the key in circulation is the first.
_EVERYBODYS = (_HIDDEN, NAMELESS, "Sony Corporation", "SonyImagingDevice", "SonyDigitalMediaServer", "SonyRemoteCamera")

# The last twelve digits of a unique name are the Wi-Fi address; one of Sony's two shapes lacks the first dash.
_UNIQUE_NAME = re.compile(r"(?i)[0-9a-f]{4}-[0-9a-f]{4}-(?P<mac>[0-9a-f]{12})(?![0-9a-f])")
_PAIRS = re.compile(
    r"(?<![0-9A-Fa-f])(?P<mac>[0-9A-Fa-f]{2}(?P<sign>[:\-])(?:[0-9A-Fa-f]{2}(?P=sign)){4}[0-9A-Fa-f]{2})"
)
_MODEL = re.compile(r"(?:DSC|ILCE|ILCA|NEX|HDR|FDR|SLT|ZV|DSLR|FDR|PJ|ILME)-[A-Z0-9]{1,10}(?:-[A-Z0-9]{1,4})?")
# A network's name ends in the name its owner gave the camera, which may hold spaces and apostrophes.
_NETWORK = re.compile(r"DIRECT-\w{4}:(?:[^\"'<>\\\r\n]|'(?=\w))*")
_LOCAL_NAME = re.compile(r"(?i)(?<![\w-])[\w-]{1,63}\.(?P<end>local|lan)(?![\w-])")

# Names of XML elements and JSON keys, without their prefixes; the source of each is the fact sheet on Sony's protocol.
_SERIAL = re.compile(r"(?i)serial(?:_?n(?:o|um|umber)?)?$|serialnumber")
# Makers write them in many ways (`X_WifiPassword`): long words are searched for, short ones have to be a part.
_KEYS = re.compile(
    r"(?i)developer_?(?:name|id|key)|pass_?(?:word|wd|phrase|code)|secret"
    r"|(?:wpa2?|wep|wi_?fi|network|security|encryption|shared)_?key"
)
_KEY_PARTS = frozenset({"sg", "dg", "psk", "ssid", "essid"})
_PLACE = re.compile(r"(?i)gps|latitude|longitude|altitude|geo_?(?:tag|location|info)")
_PLACE_PARTS = frozenset({"lat", "lon", "lng"})
_MAC_NAMES = re.compile(r"(?i)mac_?addr")
_OWNER = re.compile(r"(?i)(?:friendly|device|user|host|nick)_?name|owner|copyright|photographer|artist")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ELEMENT = re.compile(
    r"(?s)<(?P<tag>(?:[\w.-]+:)?(?P<name>[\w.-]+))(?P<rest>(?:\s[^<>]*)?)>(?P<text>[^<>]*)</(?P=tag)\s*>"
)
_ATTRIBUTE = re.compile(r"(?<![\w.:-])(?P<name>[\w.:-]{1,80})=(?P<quote>\\?[\"'])(?P<text>[^\"'<>\\]*)(?P=quote)")
_HOST_NAME = re.compile(r"\b(?P<key>[hc]n)=(?P<quote>\\?\")(?P<text>[^\"\\]*)(?P=quote)")


def redacted(document: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a dump's JSON without MAC addresses, serial numbers, places, keys and people's names for it.

    Doing it again changes nothing.
    """
    model = _model_of(document)
    secrets = _Secrets()
    secrets.collect(document)
    shown = secrets.hide(document, model or NAMELESS)
    if "model" in shown:
        shown["model"] = model or shown["model"]
    if shown.get("model") and model is None and not _MODEL.fullmatch(shown["model"]):
        del shown["model"]
    assert isinstance(shown, dict)
    return shown


def _model_of(document: dict[str, Any]) -> str | None:
    """Return the model by its own word, not by the name its owner may have changed."""
    texts = [one.get("body", "") for one in document.get("descriptions", ())]
    named = [found[1] for text in texts for found in re.finditer(r"X_ModelName>\s*([^<>\s]{1,60})\s*<", text)]
    friendly = [found[1] for text in texts for found in re.finditer(r"friendlyName>([^<>]{1,200})<", text)]
    told = [name.strip() for name in (*named, str(document.get("model", "")), *friendly)]
    told = [name for name in told if _MODEL.fullmatch(name)]
    return named[0] if named else next(iter(told), None)


class _Secrets:
    """Everything in a dump that has to go, and the pattern that finds it again."""

    def __init__(self) -> None:
        self._words: dict[str, str] = {}
        self._macs: set[str] = set()

    def collect(self, value: Any, name: str = "") -> None:
        """Note every secret in `value`, which stands under `name`."""
        if isinstance(value, dict):
            for key, one in value.items():
                self.collect(one, str(key))
        elif isinstance(value, (list, tuple)):
            for one in value:
                self.collect(one, name)
        elif isinstance(value, str):
            self._note(name, value)
            for found in _UNIQUE_NAME.finditer(value):
                self._note_mac(found["mac"])
            for found in _PAIRS.finditer(value):
                self._note_mac(found["mac"])
            for found in _ELEMENT.finditer(value):
                self._note(found["name"], found["text"])
            for found in _ATTRIBUTE.finditer(value):
                self._note(found["name"].rpartition(":")[2], found["text"])

    def _note(self, name: str, text: str) -> None:
        text = text.strip()
        if _MAC_NAMES.search(name) and re.fullmatch(r"[0-9A-Fa-f]{12}", text):
            self._note_mac(text)
        elif _SERIAL.search(name):
            self._note_word(text, "0" * len(text))
        elif _is_hidden(name):
            self._note_word(text, _HIDDEN)
        elif _OWNER.search(name) and not _MODEL.fullmatch(text):
            self._note_word(text, NAMELESS)

    def _note_word(self, word: str, instead: str) -> None:
        """Note a word to be replaced wherever it stands, unless it is so plain that it means something elsewhere."""
        mixed = any(sign.isdigit() for sign in word) and not word.isdigit()
        distinct = len(word) >= 8 or (len(word) >= 6 and word.isdigit()) or (len(word) >= 4 and mixed)
        if len(self._words) < _MOST_SECRETS and distinct and set(word) != {"0"} and word not in _EVERYBODYS:
            self._words[word] = instead

    def _note_mac(self, mac: str) -> None:
        digits = re.sub(r"[^0-9A-Fa-f]", "", mac).lower()
        # The two addresses of one camera differ in the fifth octet by 0x80 (A6300): neither may tell the other.
        for tail in (digits[6:], digits[6:8] + f"{int(digits[8:10], 16) ^ 0x80:02x}" + digits[10:]):
            if digits[6:] != "000000" and len(self._macs) < _MOST_SECRETS:
                self._macs.add(tail)

    def hide(self, value: Any, model: str) -> Any:
        """Return a copy of `value` with every secret replaced."""
        return _Hiding(self._words, self._macs, model).of(value)


class _Hiding:
    """Replaces what was collected, and what its name alone gives away."""

    def __init__(self, words: dict[str, str], macs: set[str], model: str) -> None:
        self._model = model
        self._words = words
        longest_first = sorted(words, key=len, reverse=True)
        self._any_word = re.compile("|".join(map(re.escape, longest_first))) if words else None
        spelt = ("[:\\-. ]?".join(re.findall("..", mac)) for mac in sorted(macs))
        self._any_mac = re.compile(f"(?i)(?:{'|'.join(spelt)})") if macs else None

    def of(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {self._text(str(key)): self._named(str(key), one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.of(one, name) for one in value]
        return self._text(value) if isinstance(value, str) else value

    def _named(self, name: str, value: Any) -> Any:
        """Hide by name; a value that holds more goes with all it holds."""
        if _is_hidden(name) or _SERIAL.search(name):
            return self._blank(value)
        if _OWNER.search(name) and isinstance(value, str):
            return self._owned(value)
        return self.of(value, name)

    def _blank(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self._text(str(key)): self._blank(one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._blank(one) for one in value]
        if isinstance(value, str):
            return _HIDDEN if value else ""
        return value if isinstance(value, bool) or value is None else 0

    def _owned(self, text: str) -> str:
        return text if not text.strip() or _MODEL.fullmatch(text.strip()) else self._model

    def _text(self, text: str) -> str:
        text = _ELEMENT.sub(self._element, text)
        text = _ATTRIBUTE.sub(self._attribute, text)
        text = _HOST_NAME.sub(_nameless, text)
        text = _LOCAL_NAME.sub(r"camera.\g<end>", text)
        text = _NETWORK.sub(f"DIRECT-0000:{self._model}", text)
        if self._any_word is not None:
            text = self._any_word.sub(self._word, text)
        for whole in (_UNIQUE_NAME, _PAIRS):  # at their place first: an address may hold its own tail twice
            text = whole.sub(_without_tail, text)
        if self._any_mac is not None:
            text = self._any_mac.sub(_zeroes, text)
        return text

    def _word(self, found: re.Match[str]) -> str:
        instead = self._words[found[0]]
        return self._model if instead == NAMELESS else instead

    def _element(self, found: re.Match[str]) -> str:
        instead = self._instead(found["name"], found["text"])
        return f"<{found['tag']}{found['rest']}>{instead}</{found['tag']}>" if instead != found["text"] else found[0]

    def _attribute(self, found: re.Match[str]) -> str:
        instead = self._instead(found["name"].rpartition(":")[2], found["text"])
        return f"{found['name']}={found['quote']}{instead}{found['quote']}"

    def _instead(self, name: str, text: str) -> str:
        if not text.strip():
            return text
        if _SERIAL.search(name):
            return "0" * len(text.strip())
        if _is_hidden(name):
            return _HIDDEN
        return self._owned(text) if _OWNER.search(name) else text


def _without_tail(found: re.Match[str]) -> str:
    """Keep the maker's half of an address and nothing of the rest."""
    maker = len(found["mac"]) // 2
    kept = len(found[0]) - len(found["mac"]) + maker
    return found[0][:kept] + re.sub("[0-9A-Fa-f]", "0", found[0][kept:])


def _is_hidden(name: str) -> bool:
    """Tell whether a name says that a key, a network or a place stands under it."""
    if _KEYS.search(name) or _PLACE.search(name):
        return True
    parts = {part.lower() for part in _PART.findall(name)}
    return not parts.isdisjoint(_KEY_PARTS | _PLACE_PARTS)


def _nameless(found: re.Match[str]) -> str:
    """Empty a host's or a company's name, unless it is the maker's."""
    text = found["text"] if found["key"] == "cn" and found["text"] in _EVERYBODYS else ""
    return f"{found['key']}={found['quote']}{text}{found['quote']}"


def _zeroes(found: re.Match[str]) -> str:
    return re.sub("[0-9A-Fa-f]", "0", found[0])
