"""What cameras tell of their Wi-Fi, read; what phones are told, written."""

from __future__ import annotations

import string

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from dayspool.errors import DayspoolError, PlanError
from dayspool.wifi import Credentials, is_camera_ssid, nfc_bytes, parse_nfc, parse_qr, wifi_text
from dayspool.wifi.qr import qr_for_terminal, qr_picture

SECRET = "GaMo4ALT"


@pytest.mark.parametrize(
    ("text", "ssid", "name"),
    [
        (f"W01:S:leE1;P:{SECRET};C:ILCE-7RM3;M:E8E8B7349C13;", "DIRECT-leE1:ILCE-7RM3", "ILCE-7RM3"),
        (f"  W01:S:leE1;P:{SECRET};C:ILCE-7RM3;M:E8E8B7349C13\n", "DIRECT-leE1:ILCE-7RM3", "ILCE-7RM3"),
        (f"W01:S:leE1;P:{SECRET};C:ILCE-7RM3;", "DIRECT-leE1:ILCE-7RM3", "ILCE-7RM3"),
        (f"W01:S:ZrE1;P:{SECRET};C:my; M:cam;M:7C:B8:DA:EB:F0:E5;", "DIRECT-ZrE1:my; M:cam", "my; M:cam"),
        (f"W01:S:DIRECT-5HU1:ILCE-7M5;P:{SECRET};C:ILCE-7M5;M:E8E8B7349C13;", "DIRECT-5HU1:ILCE-7M5", "ILCE-7M5"),
        (rf"WIFI:T:WPA;S:DIRECT-aB1c\:a\;b\\;P:{SECRET};;", "DIRECT-aB1c:a;b\\", None),
        (rf"WIFI:S:DIRECT-aB1c\:x;T:WPA;P:{SECRET};H:false;;", "DIRECT-aB1c:x", None),
    ],
)
def test_qr_texts(text, ssid, name):
    paired = parse_qr(text)
    assert (paired.ssid, paired.password, paired.name) == (ssid, SECRET, name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no QR text of a Sony camera"),
        ("https://example.org", "no QR text of a Sony camera"),
        ("8PxyzSECRET1", "QX100"),
        (f"W01:S:leE;P:{SECRET};C:X;", "no camera's network"),
        ("W01:S:leE1;P:short77;C:X;", "7 characters"),
        (f"W01:S:leE1;P:{SECRET}é;C:X;", "cannot be right"),
        (f"W01:S:leE1;P:{SECRET};C:{'x' * 30};", "at most 32 bytes"),
        (f"W01:S:leE1;P:{SECRET};C:a\x1b[2J;", "printable"),
        (f"WIFI:T:WPA;S:my home;P:{SECRET};;", "no camera's network"),
        ("WIFI:T:nopass;S:DIRECT-aB1c\\:x;;", "0 characters"),
    ],
)
def test_qr_texts_that_make_no_sense_are_explained(text, said):
    with pytest.raises(PlanError, match=said) as raised:
        parse_qr(text)
    assert SECRET not in str(raised.value)


def nfc_payload(ssid: bytes, password: bytes) -> bytes:
    version = bytes.fromhex("0001000102")
    return version + b"\x10\x00\x00" + bytes([len(ssid)]) + ssid + b"\x10\x01\x00" + bytes([len(password)]) + password


PAYLOAD = nfc_payload(b"DIRECT-p2E0:DSC-RX100M2", SECRET.encode())
KIND = b"application/x-sony-pmm"
MESSAGE = bytes([0xD2, len(KIND), len(PAYLOAD)]) + KIND + PAYLOAD


@pytest.mark.parametrize(
    "content",
    [
        PAYLOAD,
        PAYLOAD + bytes.fromhex("10030004") + b"http",
        MESSAGE,
        b"\x03\x50" + MESSAGE + b"\xfe\0\0\0",
        PAYLOAD.hex().encode(),
        MESSAGE.hex(" ").upper().encode() + b"\n",
        MESSAGE.hex(":").encode(),
    ],
)
def test_nfc_records(content):
    paired = parse_nfc(nfc_bytes(content))
    assert (paired.ssid, paired.password, paired.name) == ("DIRECT-p2E0:DSC-RX100M2", SECRET, "DSC-RX100M2")


@pytest.mark.parametrize("length", range(len(PAYLOAD)))
def test_an_nfc_record_that_ends_early_is_explained(length):
    with pytest.raises(PlanError) as raised:
        parse_nfc(PAYLOAD[:length])
    assert SECRET not in str(raised.value)


@given(st.binary(max_size=80))
def test_any_bytes_are_an_nfc_record_or_explained(content):
    try:
        paired = parse_nfc(nfc_bytes(content))
    except DayspoolError:
        return
    assert is_camera_ssid(paired.ssid)


@given(st.text(max_size=80) | st.from_regex(r"W01:S:.*;P:.*;C:.*;", fullmatch=True))
def test_any_text_is_a_qr_text_or_explained(text):
    try:
        paired = parse_qr(text)
    except DayspoolError:
        return
    assert is_camera_ssid(paired.ssid)
    assert 8 <= len(paired.password) <= 64


@given(
    sign=st.text(string.ascii_letters + string.digits, min_size=4, max_size=4),
    name=st.text("abc;:\\\",' $()é", max_size=10),
    password=st.text(string.printable[:95], min_size=8, max_size=63),
)
def test_what_a_phone_reads_is_what_the_camera_said(sign, name, password):
    credentials = Credentials(ssid=f"DIRECT-{sign}:{name}", password=password)
    assert parse_qr(wifi_text(credentials).strip()) == credentials


def test_the_standard_text_escapes_what_it_must():
    credentials = Credentials(ssid='DIRECT-aB1c:a;b,c"\\', password="a:b;c,d8")
    assert wifi_text(credentials) == r"WIFI:T:WPA;S:DIRECT-aB1c\:a\;b\,c\"\\;P:a\:b\;c\,d8;;"


@pytest.mark.parametrize(
    ("ssid", "is_camera"),
    [
        ("DIRECT-p2E0:ILCE-6300", True),
        ("DIRECT-p2E0:", True),
        ("DIRECT-_2E0:6000", True),
        ("DIRECT-p2E:ILCE", False),
        ("DIRECT-HP M28 LaserJet", False),
        ("xDIRECT-p2E0:ILCE", False),
        ("direct-p2E0:ILCE", False),
        ("DIRECT-pé22:ILCE", False),
    ],
)
def test_cameras_networks_are_known_by_their_name(ssid, is_camera):
    assert is_camera_ssid(ssid) is is_camera


def test_a_password_is_in_no_repr():
    credentials = parse_qr(f"W01:S:leE1;P:{SECRET};C:ILCE-7RM3;M:E8E8B7349C13;")
    assert SECRET not in repr(credentials)
    assert SECRET not in str(credentials)


def test_the_pictures_of_a_code():
    credentials = Credentials(ssid="DIRECT-aB1c:é", password=SECRET)
    assert qr_picture(credentials, "png").startswith(b"\x89PNG")
    assert b"<svg" in qr_picture(credentials, "svg")
    assert "█" in qr_for_terminal(credentials)
    with pytest.raises(PlanError, match="png or svg"):
        qr_picture(credentials, "gif")
    assert not segno.make(wifi_text(credentials), micro=False).is_micro
