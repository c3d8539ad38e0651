"""The standard Wi-Fi QR code of a camera's network, for a phone: in a terminal, or as a PNG or SVG."""

from __future__ import annotations

from io import BytesIO, StringIO
from typing import TYPE_CHECKING

import segno

from dayspool.errors import PlanError
from dayspool.wifi.pairing import wifi_text

if TYPE_CHECKING:
    from dayspool.wifi.pairing import Credentials

__all__ = ["QR_KINDS", "qr_for_terminal", "qr_picture"]

QR_KINDS = ("png", "svg")
_PX_PER_MODULE = 8


def _code(credentials: Credentials) -> segno.QRCode:
    return segno.make(wifi_text(credentials), error="m", micro=False)  # phones read no Micro QR


def qr_for_terminal(credentials: Credentials) -> str:
    """Return the code as lines of half blocks, to be shown light on dark or dark on light."""
    out = StringIO()
    _code(credentials).terminal(out, compact=True)
    return out.getvalue()


def qr_picture(credentials: Credentials, kind: str) -> bytes:
    """Return the code as a file of a kind of `QR_KINDS`.

    Raises:
        PlanError: the kind is another.
    """
    if kind not in QR_KINDS:
        raise PlanError(f"a QR code is written as {' or '.join(QR_KINDS)}, not as {kind!r}: name the file so")
    out = BytesIO()
    _code(credentials).save(out, kind=kind, scale=_PX_PER_MODULE)
    return out.getvalue()
