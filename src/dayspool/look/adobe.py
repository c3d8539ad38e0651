"""Keyframes from shoots that were edited in Lightroom or LRTimelapse: what of them darktable can be told exactly.

Exposure, white balance of RAW files and a crop that stays become ramps with the slots of their keyframes as positions;
everything else is named, because Camera Raw's other sliders have no equal in darktable.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from dayspool.develop.builtin_raw import libraw
from dayspool.errors import SidecarUnreadable, ToolMissing
from dayspool.look.interpolate import between
from dayspool.look.kelvin import multipliers
from dayspool.look.ramp import Line
from dayspool.look.wish import Between
from dayspool.sidecar.adobe import CREATIVE_RATING, AdobeEdit, adobe_sidecar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from dayspool.look.kelvin import Matrix
    from dayspool.look.wish import Picture

__all__ = ["adobe_edits", "adobe_lines", "camera_matrix", "lines_of"]

_ALIKE = 1e-6
_NAMED = 8
_BALANCE = ("red", "green", "blue")
_XYZ_TO_SRGB = np.array(((3.2406, -1.5372, -0.4986), (-0.9689, 1.8758, 0.0415), (0.0557, -0.2040, 1.0570)))
"""IEC 61966-2-1."""


def adobe_lines(
    pictures: Sequence[Picture], *, how: Between = Between.MONOTONE
) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """Return the ramps that the Adobe sidecars beside pictures come to, and notes for the person.

    Args:
        pictures: those of the shoot.
        how: how exposure goes from keyframe to keyframe under the changes that LRTimelapse made to each frame.

    Raises:
        SidecarUnreadable: a sidecar is broken; the message names it.
    """
    edits = adobe_edits(pictures)
    if not edits:
        return (), ("no picture has a sidecar of Lightroom or LRTimelapse (NAME.xmp) beside it",)
    raws = [picture.path for picture in pictures if picture.raw]
    only_raws = len(raws) == len(pictures)  # multipliers for a RAW would turn a JPEG's colours
    return lines_of(edits, how=how, xyz_to_camera=camera_matrix(raws[0]) if only_raws else None)


def adobe_edits(pictures: Sequence[Picture]) -> dict[int, AdobeEdit]:
    """Return the edits beside pictures, by slot.

    Raises:
        SidecarUnreadable: one is broken, or cannot be read.
    """
    found = {}
    for picture in sorted(pictures, key=lambda picture: picture.slot):
        path = adobe_sidecar(picture.path)
        try:
            edit = AdobeEdit.read(path.read_bytes(), where=str(path))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise SidecarUnreadable(f"the sidecar {path} cannot be read: {error.strerror}") from error
        if edit is not None:
            found[picture.slot] = edit
    return found


def lines_of(
    edits: Mapping[int, AdobeEdit], *, how: Between = Between.MONOTONE, xyz_to_camera: Matrix | None = None
) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """Return ramps and notes for edits by slot.

    Where LRTimelapse's transitions are not made yet, its keyframes (four stars) count alone; else every frame does.

    Args:
        edits: at least one.
        how: how exposure goes from keyframe to keyframe.
        xyz_to_camera: the colours of the camera, for RAW files; without it no white balance is mapped.
    """
    keys = _keys(edits)
    notes: list[str] = []
    lines = [
        *_exposure(edits, keys, how),
        *_balance({slot: edits[slot] for slot in keys}, xyz_to_camera, notes),
        *_crop({slot: edits[slot] for slot in keys}, notes),
    ]
    return tuple(lines), (_counted(edits, keys), *notes, *_rest(edits))


def _keys(edits: Mapping[int, AdobeEdit]) -> tuple[int, ...]:
    """Return the slots whose settings count: the creative keyframes while the frames between them are untouched."""
    rated = tuple(slot for slot, edit in edits.items() if edit.rating == CREATIVE_RATING)
    between_them = [edit for slot, edit in edits.items() if slot not in set(rated)]
    untouched = not any(edit.base_ev or edit.crop or edit.others for edit in between_them)
    return tuple(sorted(rated if rated and untouched else edits))


def _exposure(edits: Mapping[int, AdobeEdit], keys: Sequence[int], how: Between) -> Iterator[Line]:
    values = {slot: edits[slot].base_ev for slot in keys}
    if any(edit.offset_ev for edit in edits.values()):
        course = between(tuple(values), tuple(values.values()), how=how)
        values = {slot: course(slot) + edits[slot].offset_ev for slot in sorted(edits)}
    if any(values.values()):
        yield _line("exposure", "exposure", values)


def _balance(edits: Mapping[int, AdobeEdit], xyz_to_camera: Matrix | None, notes: list[str]) -> Iterator[Line]:
    given = {
        slot: (edit.temperature_k, edit.tint or 0.0) for slot, edit in edits.items() if edit.temperature_k is not None
    }
    if not given:
        return
    if xyz_to_camera is None:
        notes.append("white balance in kelvin is left out: it needs RAW files alone, of a camera that LibRaw knows")
        return
    values, faults = {}, {}
    for slot, (kelvin, tint) in given.items():
        try:
            values[slot] = multipliers(kelvin, tint, xyz_to_camera)
        except ValueError as fault:
            faults[slot] = str(fault)
    if faults:
        more = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
        slot, first = next(iter(faults.items()))
        notes.append(f"the white balance of slot {slot}{more} is left out: {first}")
    notes.append(
        "white balance is computed from kelvin and tint with the camera's daylight matrix: right by daylight, "
        "a little off Lightroom's by lamplight"
    )
    for number, field in enumerate(_BALANCE if values else ()):
        yield _line("temperature", field, {slot: value[number] for slot, value in values.items()})


def _crop(edits: Mapping[int, AdobeEdit], notes: list[str]) -> Iterator[Line]:
    crops = {edit.crop for edit in edits.values()}
    crop = next(iter(crops))
    if crops == {None}:
        return
    if len(crops) > 1:
        notes.append("the crop changes between keyframes; darktable's crop jumps by pixels, so it is left out")
    elif crop is None or crop.angle or any(edit.orientation != 1 for edit in edits.values()):
        notes.append("the crop of turned pictures is left out; crop one keyframe in darktable")
    else:
        sides = {"cx": crop.left, "cy": crop.top, "cw": crop.right, "ch": crop.bottom}
        yield from (_line("crop", field, {min(edits): value}) for field, value in sides.items())


def _line(operation: str, field: str, values: Mapping[int, float]) -> Line:
    """Return a ramp; one that stays needs one position."""
    points = dict(sorted(values.items()))
    if max(points.values()) - min(points.values()) < _ALIKE:
        points = dict([next(iter(points.items()))])
    return Line(
        operation=operation, field=field, slots=tuple(map(float, points)), values=tuple(map(float, points.values()))
    )


def _counted(edits: Mapping[int, AdobeEdit], keys: Sequence[int]) -> str:
    if len(keys) < len(edits):
        return f"{len(keys)} keyframes with four stars among {len(edits)} sidecars of Lightroom or LRTimelapse"
    return f"{len(edits)} sidecars of Lightroom or LRTimelapse, each of which counts"


def _rest(edits: Mapping[int, AdobeEdit]) -> Iterator[str]:
    counted = Counter(name for edit in edits.values() for name in edit.others)
    if counted:
        names = ", ".join(sorted(counted)[:_NAMED]) + (" …" if len(counted) > _NAMED else "")
        yield f"{len(counted)} settings have no equal in darktable and are left out: {names}"


def camera_matrix(raw: Path) -> Matrix | None:
    """Return how the camera of a RAW file sees XYZ, or `None` if LibRaw does not know or is not there.

    LibRaw has it from its table of cameras. For a DNG it says instead how light balanced for D65 becomes linear sRGB,
    and by what it balances.
    """
    try:
        rawpy = libraw()
    except ToolMissing:
        return None
    try:
        with rawpy.imread(str(raw)) as opened:
            known = np.asarray(opened.rgb_xyz_matrix, dtype=np.float64)[:3]
            to_srgb = np.asarray(opened.color_matrix, dtype=np.float64)[:, :3]
            balance = np.asarray(opened.daylight_whitebalance[:3], dtype=np.float64)
        matrix = known if known.any() else np.linalg.inv(to_srgb) @ _XYZ_TO_SRGB / balance[:, np.newaxis]
    except (OSError, rawpy.LibRawError, np.linalg.LinAlgError):
        return None
    rows: list[list[float]] = matrix.tolist()
    return rows if np.isfinite(matrix).all() else None
