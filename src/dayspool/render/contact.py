"""A contact sheet: evenly spaced frames of a shoot side by side in one PNG."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from dayspool.develop import DevelopJob, Plate
from dayspool.errors import FilmError
from dayspool.picture.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dayspool.develop import Developer
    from dayspool.render.pipeline import FrameFile

__all__ = ["ContactSheet", "contact_sheet", "evenly"]

_CELL = (256, 192)  # a thumbnail's box in pixels: 4:3 holds wide and tall pictures
_GAP = 8
_CAPTION = 18
_PAPER, _INK, _FAULT = (24, 24, 26), (214, 214, 214), (200, 90, 80)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSheet:
    """A finished contact sheet and which slots it shows."""

    path: Path
    slots: tuple[int, ...]


def contact_sheet(
    frames: Sequence[FrameFile],
    *,
    out: Path,
    developer: Developer,
    most: int = 24,
    columns: int = 6,
    captions: Mapping[int, str] | None = None,
) -> ContactSheet:
    """Draw up to `most` evenly spaced frames, in slot order, first and last among them.

    A frame that does not decode leaves its cell empty and says so; the sheet is for seeing what there is.

    Args:
        frames: in any order.
        out: the PNG; replaced only by a whole one.
        developer: makes plates of frames.
        most: how many frames to show.
        columns: how many side by side.
        captions: what to write under a slot's frame, such as its time; `slot 12` by default.

    Raises:
        FilmError: there are no frames, or the PNG cannot be written.
        ToolError: the developer cannot be used.
    """
    chosen = evenly(sorted(frames, key=lambda frame: frame.slot), most)
    if not chosen:
        raise FilmError("there are no frames to make a contact sheet of")
    jobs = [DevelopJob(path=frame.path, width=_CELL[0], height=_CELL[1]) for frame in chosen]
    sheet, pen = _paper(len(chosen), min(columns, len(chosen)))
    font = ImageFont.load_default(12)
    for index, (frame, developed) in enumerate(zip(chosen, developer.develop(jobs), strict=True)):
        left, top = _corner(index, min(columns, len(chosen)))
        if isinstance(developed, Plate):
            _paste(sheet, developed, left, top)
        else:
            pen.text((left + 4, top + 4), "does not decode", fill=_FAULT, font=font)
        caption = (captions or {}).get(frame.slot, f"slot {frame.slot}")
        pen.text((left, top + _CELL[1] + 2), caption, fill=_INK, font=font)
    packed = io.BytesIO()
    sheet.save(packed, "PNG")
    try:
        write_whole(out, packed.getvalue(), replace=True)
    except OSError as refusal:
        raise FilmError(f"the contact sheet {out} cannot be written: {refusal.strerror}") from refusal
    return ContactSheet(path=out, slots=tuple(frame.slot for frame in chosen))


def evenly(frames: Sequence[FrameFile], most: int) -> list[FrameFile]:
    """Return at most `most` frames, the first and the last among them, the others evenly between."""
    if len(frames) <= most:
        return list(frames)
    if most == 1:
        return [frames[0]]
    return [frames[round(index * (len(frames) - 1) / (most - 1))] for index in range(most)]


def _paper(cells: int, columns: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    rows = -(-cells // columns)
    width = _GAP + columns * (_CELL[0] + _GAP)
    height = _GAP + rows * (_CELL[1] + _CAPTION + _GAP)
    sheet = Image.new("RGB", (width, height), _PAPER)
    return sheet, ImageDraw.Draw(sheet)


def _corner(index: int, columns: int) -> tuple[int, int]:
    row, column = divmod(index, columns)
    return _GAP + column * (_CELL[0] + _GAP), _GAP + row * (_CELL[1] + _CAPTION + _GAP)


def _paste(sheet: Image.Image, plate: Plate, left: int, top: int) -> None:
    eight_bits = plate.rgb if plate.rgb.dtype == "uint8" else (plate.rgb >> 8).astype("uint8")
    thumbnail = Image.fromarray(eight_bits)
    thumbnail.thumbnail(_CELL, Image.Resampling.LANCZOS)
    sheet.paste(thumbnail, (left + (_CELL[0] - thumbnail.width) // 2, top + (_CELL[1] - thumbnail.height) // 2))
