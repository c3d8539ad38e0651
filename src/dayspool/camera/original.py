"""One picture on the camera's card: what the camera says of it, whichever way it offers it. No network here."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import anyio

from dayspool.clock import local_moment
from dayspool.errors import CameraUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

__all__ = ["MOST_ORIGINALS", "Content", "Original", "listing_in_time", "moment_of", "short_text"]

MOST_ORIGINALS = 100_000  # ten full folders of 9,999 pictures; a camera that lists more is none
_LONGEST_TEXT = 2048
LISTING_SECONDS = 900.0  # a full card takes a minute or two


class Content(StrEnum):
    """What a picture's address gives."""

    JPEG = "jpeg"  # the file of the card, byte for byte
    RAW = "raw"  # the file of the card; no body is known to give it, some name the kind
    REDUCED = "reduced"  # a smaller JPEG that the camera makes: of a RAW it gives nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A picture that the camera offers.

    Attributes:
        name: the card's file name, as data: it may hold anything and is never a path.
        uri: the camera's own name for it.
        url: where it is fetched.
        content: what `url` gives.
        taken: when, by the camera's clock; without a zone the clock is taken to show this machine's local time.
        size_bytes: how large the file is, where the camera says it.
    """

    name: str
    uri: str
    url: str
    content: Content
    taken: datetime | None = None
    size_bytes: int | None = None


@contextmanager
def listing_in_time() -> Iterator[None]:
    """Bound how long a camera may go on listing its card.

    Raises:
        CameraUnreachable: it went on too long.
    """
    try:
        with anyio.fail_after(LISTING_SECONDS):
            yield
    except TimeoutError:
        raise CameraUnreachable(f"the card's list did not end within {LISTING_SECONDS:g} s", sent=True) from None


def moment_of(value: object) -> datetime | None:
    """Read a time as the camera writes it, `2026-04-10T14:45:35` or with `+0900`; what is none gives `None`."""
    if not isinstance(value, str):
        return None
    try:
        return local_moment(value.strip())
    except (ValueError, OverflowError, OSError):  # the years 1 and 9999 have no local time
        return None


def short_text(value: object) -> str | None:
    """Return a text of bearable length that holds something, or `None`."""
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT else None
