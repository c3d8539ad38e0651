"""A contact sheet: evenly spaced frames of a shoot side by side in one PNG."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from dayspool.develop import DevelopJob, Plate
from dayspool.errors import FilmError, FrameError
from dayspool.picture.whole import write_whole
from dayspool.render.budget import budgeted, this_machine
from dayspool.render.pipeline import LeftOut

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from dayspool.develop import Developed, Developer
    from dayspool.render.pipeline import FrameFile

__all__ = ["ContactSheet", "contact_sheet", "evenly"]

_WIDTH = 256  # of a thumbnail; tall pictures are bounded by the same height
_GAP = 8
_CAPTION = 18
_PAPER, _INK, _FAULT, _MARK = (24, 24, 26), (214, 214, 214), (200, 90, 80), (251, 191, 36)
_MARK_PX = 3  # the border of a marked frame
_LEAST_PER_WORKER = 6  # frames, below which a second start of the developer costs more than it saves


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSheet:
    """A finished contact sheet, which slots it shows, and which of them have an empty cell and why."""

    path: Path
    slots: tuple[int, ...]
    left_out: tuple[LeftOut, ...] = ()


def contact_sheet(
    frames: Sequence[FrameFile],
    *,
    out: Path,
    developer: Developer,
    most: int = 24,
    columns: int = 6,
    captions: Mapping[int, str] | None = None,
    marked: Collection[int] = (),
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
        marked: slots to be shown with a border, such as keyframes; each takes the place of the frame nearest to it.

    Raises:
        FilmError: there are no frames, or the PNG cannot be written.
        ToolError: the developer cannot be used.
    """
    ordered = sorted(frames, key=lambda frame: frame.slot)
    chosen = _with_marked(evenly(ordered, most), [frame for frame in ordered if frame.slot in marked])
    if not chosen:
        raise FilmError("there are no frames to make a contact sheet of")
    # Bounded by the width alone: what a sidecar crops, and so the shape, is not known before, and costs a second run.
    jobs = [DevelopJob(path=frame.path, width=_WIDTH, height=1, recipe=frame.recipe) for frame in chosen]
    texts = [(captions or {}).get(frame.slot, f"slot {frame.slot}") for frame in chosen]
    thumbnails = _thumbnails(jobs, developer)
    cells = [
        _Cell(
            thumbnail=None if isinstance(thumbnail, FrameError) else thumbnail, text=text, marked=frame.slot in marked
        )
        for frame, thumbnail, text in zip(chosen, thumbnails, texts, strict=True)
    ]
    sheet = _drawn(cells, min(columns, len(chosen)))
    packed = io.BytesIO()
    sheet.save(packed, "PNG")
    try:
        write_whole(out, packed.getvalue(), replace=True)
    except OSError as refusal:
        raise FilmError(f"the contact sheet {out} cannot be written: {refusal.strerror}") from refusal
    left_out = (
        LeftOut(slot=frame.slot, path=frame.path, reason=str(fault))
        for frame, fault in zip(chosen, thumbnails, strict=True)
        if isinstance(fault, FrameError)
    )
    return ContactSheet(path=out, slots=tuple(frame.slot for frame in chosen), left_out=tuple(left_out))


def evenly(frames: Sequence[FrameFile], most: int) -> list[FrameFile]:
    """Return at most `most` frames, the first and the last among them, the others evenly between."""
    if len(frames) <= most:
        return list(frames)
    if most == 1:
        return [frames[0]]
    return [frames[round(index * (len(frames) - 1) / (most - 1))] for index in range(most)]


def _with_marked(chosen: Sequence[FrameFile], marked: Sequence[FrameFile]) -> list[FrameFile]:
    """Let marked frames take the places of their neighbours, as long as there are unmarked ones."""
    places = {frame.slot: frame for frame in chosen}
    free = places.keys() - {frame.slot for frame in marked}
    for frame in marked:
        if frame.slot not in places and free:
            nearest = min(free, key=lambda slot: abs(slot - frame.slot))
            free.remove(nearest)
            del places[nearest]
            places[frame.slot] = frame
    return [places[slot] for slot in sorted(places)]


def _thumbnails(jobs: Sequence[DevelopJob], developer: Developer) -> list[Image.Image | FrameError]:
    """Develop side by side, as many at once as this machine can; what cannot be developed says why."""
    budget = budgeted(this_machine(), worker_bytes=developer.worker_bytes)
    each = max(_LEAST_PER_WORKER, -(-len(jobs) // budget.workers))
    parts = [jobs[start : start + each] for start in range(0, len(jobs), each)]
    threads = budget.threads(len(parts))

    def develop(part: Sequence[DevelopJob]) -> list[Image.Image | FrameError]:
        return [_thumbnail(one) for one in developer.develop(part, threads=threads)]

    with ThreadPoolExecutor(budget.workers, thread_name_prefix="sheet") as pool:
        try:
            developed = list(pool.map(develop, parts))
        except BaseException:
            developer.stop()  # before the pool is left, which waits for its workers
            raise
    return [thumbnail for part in developed for thumbnail in part]


def _thumbnail(developed: Developed) -> Image.Image | FrameError:
    if not isinstance(developed, Plate):
        return developed
    eight_bits = developed.rgb if developed.rgb.dtype == "uint8" else (developed.rgb >> 8).astype("uint8")
    thumbnail = Image.fromarray(eight_bits)
    thumbnail.thumbnail((_WIDTH, _WIDTH), Image.Resampling.LANCZOS)
    return thumbnail


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """One place of the sheet."""

    thumbnail: Image.Image | None
    text: str
    marked: bool


def _drawn(cells: Sequence[_Cell], columns: int) -> Image.Image:
    height = max((cell.thumbnail.height for cell in cells if cell.thumbnail), default=_WIDTH // 2)
    step_x, step_y = _WIDTH + _GAP, height + _CAPTION + _GAP
    rows = -(-len(cells) // columns)
    sheet = Image.new("RGB", (_GAP + columns * step_x, _GAP + rows * step_y), _PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for index, cell in enumerate(cells):
        row, column = divmod(index, columns)
        left, top = _GAP + column * step_x, _GAP + row * step_y
        if cell.thumbnail:
            at = (left + (_WIDTH - cell.thumbnail.width) // 2, top + (height - cell.thumbnail.height) // 2)
            sheet.paste(cell.thumbnail, at)
        else:
            pen.text((left + 4, top + 4), "does not decode", fill=_FAULT, font=font)
        if cell.marked:
            outer = (left - _MARK_PX, top - _MARK_PX, left + _WIDTH + _MARK_PX - 1, top + height + _MARK_PX - 1)
            pen.rectangle(outer, outline=_MARK, width=_MARK_PX)
        pen.text((left, top + height + 2), cell.text, fill=_MARK if cell.marked else _INK, font=font)
    return sheet
