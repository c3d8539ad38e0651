"""A camera's Wi-Fi: paired from its QR code or NFC tag, joined through NetworkManager, and kept joined."""

from __future__ import annotations

from dayspool.wifi.byhand import by_hand
from dayspool.wifi.network import CameraNetwork, visible_cameras
from dayspool.wifi.nmcli import Profile
from dayspool.wifi.pairing import Credentials, check_ssid, is_camera_ssid, nfc_bytes, parse_nfc, parse_qr, wifi_text
from dayspool.wifi.qr import qr_for_terminal, qr_picture
from dayspool.wifi.runner import Nmcli
from dayspool.wifi.saved import load_saved, save, saved_file, write_private
from dayspool.wifi.state import Joined, Joining, JoinResult, Link, Outcome, Unjoined
from dayspool.wifi.supervisor import Phase, Policy
from dayspool.wifi.watch import Change, Network, stay_joined

__all__ = [
    "CameraNetwork",
    "Change",
    "Credentials",
    "JoinResult",
    "Joined",
    "Joining",
    "Link",
    "Network",
    "Nmcli",
    "Outcome",
    "Phase",
    "Policy",
    "Profile",
    "Unjoined",
    "by_hand",
    "check_ssid",
    "is_camera_ssid",
    "load_saved",
    "nfc_bytes",
    "parse_nfc",
    "parse_qr",
    "qr_for_terminal",
    "qr_picture",
    "save",
    "saved_file",
    "stay_joined",
    "visible_cameras",
    "wifi_text",
    "write_private",
]
