"""What a shoot takes: bytes on this machine, bytes on the camera's card, hours of its battery."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from dayspool.camera.endurance import Endurance
    from dayspool.camera.model import Model

__all__ = ["SIZE", "Needs", "needs_of"]

# A 2-megapixel postview as measured on an A6300 over Wi-Fi; nobody has recorded the RX100 M2's.
_POSTVIEW_BYTES = 410_000
_SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(MB|GB|TB)", re.IGNORECASE)
_UNITS = {"MB": 10**6, "GB": 10**9, "TB": 10**12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What so many frames take with one model; `None` is not known.

    Attributes:
        storage_bytes: of pictures over Wi-Fi, on this machine.
        card_bytes: on the card, by what the camera records: `jpeg`, `raw`, `raw+jpeg`.
        most_jpeg_bytes: on the card where every JPEG is as large as they come.
        endurance: what is known of the body.
    """

    storage_bytes: int | None
    card_bytes: dict[str, int | None]
    most_jpeg_bytes: int | None
    endurance: Endurance | None

    @property
    def battery_hours(self) -> float | None:
        """How long the body shoots on its own battery, where that was told in figures."""
        return None if self.endurance is None else self.endurance.battery_hours


def needs_of(frames: int | None, *, model: Model | None, full_size: bool) -> Needs:
    """Return what `frames` frames take; `full_size` says that the originals come over Wi-Fi."""
    from dayspool.camera.endurance import JPEG_BYTES, endurance_of

    row = None if model is None else endurance_of(model.name)
    jpeg = row.jpeg_bytes if row is not None and row.jpeg_bytes is not None else JPEG_BYTES[1]
    raw = None if row is None else row.raw_bytes
    both = None if raw is None else raw + jpeg

    def of(each: int | None) -> int | None:
        return None if frames is None or each is None else frames * each

    return Needs(
        storage_bytes=of(jpeg if full_size else _POSTVIEW_BYTES),
        card_bytes={"jpeg": of(jpeg), "raw": of(raw), "raw+jpeg": of(both)},
        most_jpeg_bytes=of(max(jpeg, JPEG_BYTES[2])),
        endurance=row,
    )


class _Size(click.ParamType[int]):
    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        read = _SIZE.fullmatch(str(value).strip())
        if read is None or float(read[1]) == 0:
            self.fail(f"{value!r} is no size of a card; write 64GB, 512MB or 1TB", param, ctx)
        return round(float(read[1]) * _UNITS[read[2].upper()])


SIZE = _Size()
