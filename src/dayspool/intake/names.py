"""Names for files whose names came from a camera: chosen by us, safe on every disk, alike each time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["numbered", "safe_name"]

_LONGEST = 100
_FOREIGN = re.compile(r"[^A-Za-z0-9._-]+|\.{2,}")
# Windows keeps these for devices, whatever extension follows.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


def safe_name(name: str, suffixes: tuple[str, ...]) -> str:
    """Return a plain file name made of `name`: letters, digits, `.`, `_` and `-`, no leading dot, no device's name.

    It ends in one of `suffixes` (lower case, `.jpg`); the first one, in capitals as cameras write, is added otherwise.
    """
    plain = _FOREIGN.sub("_", name).lstrip("._-") or "picture"
    suffix = next((known for known in suffixes if plain.lower().endswith(known)), "")
    stem = plain[: len(plain) - len(suffix)][:_LONGEST].rstrip(".") or "picture"
    ending = plain[len(plain) - len(suffix) :] if suffix else suffixes[0].upper()
    return f"_{stem}{ending}" if _DEVICE.fullmatch(stem) else stem + ending


def numbered(name: str, *, most: int = 1_000) -> Iterator[str]:
    """Yield the name itself, then `DSC00001-2.JPG`, `DSC00001-3.JPG` and so on."""
    yield name
    stem, dot, suffix = name.rpartition(".")
    for number in range(2, most):
        yield f"{stem}-{number}{dot}{suffix}"
