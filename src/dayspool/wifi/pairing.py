"""What a camera tells of its own Wi-Fi: Sony's QR text and NFC record in, name and password out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dayspool.errors import PlanError

__all__ = ["Credentials", "check_ssid", "is_camera_ssid", "nfc_bytes", "parse_nfc", "parse_qr", "wifi_text"]

_CAMERA_SSID = re.compile(r"DIRECT-\w{4}:", re.ASCII)  # four random signs, then the model or the name a person gave it
_SSID_MOST_BYTES = 32  # IEEE 802.11
_PASSPHRASE = re.compile(r"[ -~]{8,63}|[0-9A-Fa-f]{64}")  # WPA2: printable ASCII, or the key itself in hex

# As shown by ILCE-7, 7M2, 7M3, 7RM3, 7RM4, 5100 and ZV-E10 (apps that read it); `S` is a whole SSID on an ILCE-7M5.
_SONY_QR = re.compile(
    r"W01:S:(?P<sign>[^;]*);P:(?P<password>[^;]*);C:(?P<name>.*?)(?:;M:(?P<mac>[\dA-Fa-f:-]{12,17}))?;?"
)
_STANDARD_QR = re.compile(r"WIFI:(?P<fields>(?:[A-Z]+:(?:[^\\;]|\\.)*;)+);?", re.DOTALL)
_STANDARD_FIELD = re.compile(r"(?P<key>[A-Z]+):(?P<value>(?:[^\\;]|\\.)*);", re.DOTALL)
_QX100_MARK = "8P"

_NFC_TYPE = b"application/x-sony-pmm"
_NFC_SSID_AT = 8  # where the SSID's length is; before it lie a version and the SSID's tag
_NFC_BETWEEN = 4  # from the last byte of the SSID to the length of the password


def is_camera_ssid(ssid: str) -> bool:
    """Say whether a network is named as Sony cameras name theirs: `DIRECT-`, four signs, a colon, a name."""
    return _CAMERA_SSID.match(ssid) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What joins one camera's network; the password is in no `repr` and no error.

    `name` is the model, or what a person named the camera. `mac_hint` was not the access point's address on a ZV-E10:
    nothing relies on it.

    Raises:
        PlanError: no camera's network has such a name, or WPA2 allows no such password.
    """

    ssid: str
    password: str = field(repr=False)
    name: str | None = None
    mac_hint: str | None = None

    def __post_init__(self) -> None:
        check_ssid(self.ssid)
        if not _PASSPHRASE.fullmatch(self.password):
            raise PlanError(
                f"the password of {self.ssid} cannot be right: it has {len(self.password)} characters, and WPA2 takes "
                "8 to 63 plain ones; a Sony camera shows 8 letters and digits"
            )


def check_ssid(ssid: str) -> None:
    """Refuse a network that cannot be a camera's, so that nobody's home network gets a camera's profile.

    Raises:
        PlanError: it cannot.
    """
    if not is_camera_ssid(ssid):
        raise PlanError(
            f"{ssid!r} is no camera's network: Sony cameras name theirs DIRECT-, four signs, a colon, a name"
        )
    if not ssid.isprintable() or not _fits(ssid):
        raise PlanError(f"{ssid!r} cannot be a network's name: at most {_SSID_MOST_BYTES} bytes, all of them printable")


def _fits(ssid: str) -> bool:
    try:
        return len(ssid.encode()) <= _SSID_MOST_BYTES
    except UnicodeEncodeError:
        return False


def parse_qr(text: str) -> Credentials:
    """Read the text of a QR code that a camera shows: Sony's own form, or the standard `WIFI:` one.

    Raises:
        PlanError: it is neither; the message says what to do instead, and repeats no password.
    """
    text = text.strip()
    if found := _SONY_QR.fullmatch(text):
        sign, name = found["sign"], found["name"]
        ssid = sign if is_camera_ssid(sign) else f"DIRECT-{sign}:{name}"
        return Credentials(ssid=ssid, password=found["password"], name=_name(name), mac_hint=found["mac"])
    if found := _STANDARD_QR.fullmatch(text):
        fields = {
            one["key"]: re.sub(r"\\(.)", r"\1", one["value"]) for one in _STANDARD_FIELD.finditer(found["fields"])
        }
        return Credentials(ssid=fields.get("S", ""), password=fields.get("P", ""))
    if text.startswith(_QX100_MARK):
        raise PlanError(
            "this is the short QR text of an early camera such as the QX100: it does not name the network. Read its "
            "name and password inside the battery lid or on the screen and use `dayspool wifi join SSID`. (The one "
            "client that read such a text took what follows 8P as the password of DIRECT-8PQ0:DSC-QX100.)"
        )
    raise PlanError(
        "this is no QR text of a Sony camera: those read W01:S:…;P:…;C:…;M:…; (the camera shows one under "
        "Connect to Smartphone)"
    )


def parse_nfc(record: bytes) -> Credentials:
    """Read an NFC record of type `application/x-sony-pmm`: the whole NDEF message, a tag's dump, or the bare payload.

    The layout is timelapse-sony's: the SSID's length at byte 8, the SSID, three bytes, the password's length, the
    password.

    Raises:
        PlanError: it is no such record, or ends too early.
    """
    before, kind, after = record.partition(_NFC_TYPE)
    payload = after if kind else before
    ssid, end = _counted(payload, _NFC_SSID_AT)
    password, _ = _counted(payload, end - 1 + _NFC_BETWEEN)
    return Credentials(ssid=ssid, password=password, name=_name(ssid.partition(":")[2]))


def nfc_bytes(content: bytes) -> bytes:
    """Return a record that a program or a person wrote as hex digits, or as it is."""
    try:
        return bytes.fromhex(re.sub(r"[\s:-]", "", content.decode("ascii")))
    except ValueError:
        return content


def _name(text: str) -> str | None:
    return text if text and text.isprintable() else None


def _counted(payload: bytes, at: int) -> tuple[str, int]:
    """Read the text whose length is the byte at `at`; return it, and where it ends."""
    start = at + 1
    end = start + payload[at] if at < len(payload) else len(payload) + 1
    if end > len(payload):
        raise PlanError(
            f"this is no Wi-Fi record of a Sony camera ({_NFC_TYPE.decode()}): it ends at byte {len(payload)}, "
            "in the middle of the name or the password; read the tag again"
        )
    try:
        return payload[start:end].decode().rstrip("\0"), end
    except UnicodeDecodeError:
        raise PlanError(
            f"this is no Wi-Fi record of a Sony camera ({_NFC_TYPE.decode()}): there is no text where the name and the "
            "password should be"
        ) from None


def wifi_text(credentials: Credentials) -> str:
    """Return the standard text that phones read from a QR code: `WIFI:T:WPA;S:…;P:…;;`."""
    return f"WIFI:T:WPA;S:{_escaped(credentials.ssid)};P:{_escaped(credentials.password)};;"


def _escaped(text: str) -> str:
    return re.sub(r'([\\;,:"])', r"\\\1", text)
