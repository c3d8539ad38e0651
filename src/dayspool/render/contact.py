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

    from dayspool.develop import Developed, Developer
    from dayspool.render.pipeline import FrameFile

__all__ = ["ContactSheet", "contact_sheet", "evenly"]

_WIDTH = 256  # of a thumbnail; tall pictures are bounded by the same height
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
    jobs = [DevelopJob(path=frame.path, width=_WIDTH, height=_WIDTH, recipe=frame.recipe) for frame in chosen]
    thumbnails = [_thumbnail(developed) for developed in developer.develop(jobs)]
    texts = [(captions or {}).get(frame.slot, f"slot {frame.slot}") for frame in chosen]
    sheet = _drawn(thumbnails, texts, min(columns, len(chosen)))
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


def _thumbnail(developed: Developed) -> Image.Image | None:
    if not isinstance(developed, Plate):
        return None
    eight_bits = developed.rgb if developed.rgb.dtype == "uint8" else (developed.rgb >> 8).astype("uint8")
    thumbnail = Image.fromarray(eight_bits)
    thumbnail.thumbnail((_WIDTH, _WIDTH), Image.Resampling.LANCZOS)
    return thumbnail


def _drawn(thumbnails: Sequence[Image.Image | None], texts: Sequence[str], columns: int) -> Image.Image:
    height = max((thumbnail.height for thumbnail in thumbnails if thumbnail), default=_WIDTH // 2)
    step_x, step_y = _WIDTH + _GAP, height + _CAPTION + _GAP
    rows = -(-len(thumbnails) // columns)
    sheet = Image.new("RGB", (_GAP + columns * step_x, _GAP + rows * step_y), _PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for index, (thumbnail, text) in enumerate(zip(thumbnails, texts, strict=True)):
        row, column = divmod(index, columns)
        left, top = _GAP + column * step_x, _GAP + row * step_y
        if thumbnail:
            sheet.paste(thumbnail, (left + (_WIDTH - thumbnail.width) // 2, top + (height - thumbnail.height) // 2))
        else:
            pen.text((left + 4, top + 4), "does not decode", fill=_FAULT, font=font)
        pen.text((left, top + height + 2), text, fill=_INK, font=font)
    return sheet
