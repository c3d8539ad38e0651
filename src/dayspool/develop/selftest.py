"""Proves that the installed darktable obeys: known pictures are developed by known sidecars, and the light is measured.

darktable ends with status 0 when it ignores a parameter, so nothing but a measurement tells. All trials go through one
process, with the command line of a render. What a build of darktable has proven is kept on the disk, under a hash of
that build and of the trials; where a build cannot be told by its files, it is tried every time.
"""

from __future__ import annotations

import io
import struct
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from dayspool.develop.darktable_cli import ExportRequest, read_ppm
from dayspool.develop.introspect import cache_folder, installed_build
from dayspool.develop.sample import bayer, dng, jpeg
from dayspool.develop.workfolder import work_folder
from dayspool.errors import ToolDisobeyed, ToolError
from dayspool.picture.whole import write_whole
from dayspool.sidecar.corrections import corrected
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.step import Step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from dayspool.develop.api import Pixels
    from dayspool.develop.darktable_cli import Runner

__all__ = ["Trial", "linear", "proven", "refuse_disobedience", "trials"]

_TOLERANCE_EV = 0.002
_WIDTH, _HEIGHT = 96, 64
_MARGIN_PX = 8  # demosaicing has no neighbours at the border
_ROOM_BYTES = 1 << 23
_SHIFT = (2**0.1, 1.0, 2**-0.1)
_STOP_UP = (2.0, 2.0, 2.0)
_HALF = struct.pack("<4f2i", 0.25, 0.25, 0.75, 0.75, -1, -1)  # left, top, right, bottom; no aspect
_MIDDLE = Step(operation="crop", version=1, params=_HALF)
_HOW_TO_GO_ON = "install another darktable (4.2.1 obeys), or use --developer builtin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A picture, the sidecar that goes with it, and what must come of it.

    Attributes:
        said: what darktable is told, in words.
        suffix: of the picture's name.
        picture: the file.
        sidecar: the file beside it, or `None`.
        against: the place of the trial that it is measured against, or `None`.
        factors: what red, green and blue of that one must be multiplied by in linear light.
        light: what must come out, in linear light; `None` where that is up to darktable.
        size: the (width, height) in pixels that must come out; a smaller one is cut from the middle.
    """

    said: str
    suffix: str
    picture: bytes
    sidecar: bytes | None
    against: int | None = None
    factors: tuple[float, float, float] = (1.0, 1.0, 1.0)
    light: NDArray[np.float64] | None = None
    size: tuple[int, int] = (_WIDTH, _HEIGHT)


def proven(runner: Runner, version: str, *, limit_seconds: float) -> None:
    """Have darktable develop the trials and measure what it made, unless this build has obeyed them before.

    Args:
        runner: runs darktable-cli.
        version: what it says of itself.
        limit_seconds: how long it may go without finishing a picture.

    Raises:
        ToolDisobeyed: it ignored something, made something else, or made nothing.
        ToolError: it cannot be run, or there is no room to work in.
    """
    tried = trials()
    line = f"darktable {version} obeyed {len(tried)} trials\n".encode()
    kept = _kept(runner, tried)
    with suppress(OSError):
        if kept is not None and kept.read_bytes() == line:
            return
    refuse_disobedience(tried, _developed(runner, tried, limit_seconds), version)
    if kept is not None:
        with suppress(OSError):  # then it is tried again next time
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_whole(kept, line, replace=True)


def trials() -> tuple[Trial, ...]:
    """Return what is tried: exposure, white balance, gains and crop on a RAW; nothing, exposure and gains on a JPEG."""
    return (*_on_a_raw(), *_on_a_jpeg(first=5))


def refuse_disobedience(tried: Sequence[Trial], made: Sequence[Pixels | None], version: str) -> None:
    """Hold what darktable made, shape (height, width, 3), against what it was told.

    Raises:
        ToolDisobeyed: it is something else; the message names the trial.
    """
    for trial, pixels in zip(tried, made, strict=True):
        fault = _fault(trial, pixels, None if trial.against is None else made[trial.against])
        if fault:
            raise ToolDisobeyed(f"darktable {version} was told to make {trial.said} and {fault}; {_HOW_TO_GO_ON}")


def linear(pixels: Pixels) -> NDArray[np.float64]:
    """Return the linear light of sRGB-encoded pixels of 16 bits (IEC 61966-2-1), 1.0 being white."""
    code = pixels / 65535
    light: NDArray[np.float64] = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    return light


def _on_a_raw() -> tuple[Trial, ...]:
    across = np.linspace(0.05, 0.4, _WIDTH) * np.linspace(0.6, 1.0, _HEIGHT)[:, np.newaxis]
    made = partial(Trial, suffix=".dng", picture=dng(bayer(np.repeat(across[..., np.newaxis], 3, axis=2))))
    base = Sidecar.blank(raw=True).with_steps([_white_balance(1.0, 1.0, 1.0), _exposure(0.0)])
    warmer = base.with_steps([_white_balance(*_SHIFT), _exposure(0.0)])
    cropped = base.with_steps([*base.steps, _MIDDLE])
    up = corrected(base, ev=1.0, raw=True)
    gained = corrected(base, ev=0.0, gains=_SHIFT, raw=True)
    return (
        made(said="a RAW as it is", sidecar=base.data),
        made(said="a RAW 1 EV brighter", sidecar=up.data, against=0, factors=_STOP_UP),
        made(said="a RAW with another white balance", sidecar=warmer.data, against=0, factors=_SHIFT),
        made(said="a RAW with gains for red and blue", sidecar=gained.data, against=0, factors=_SHIFT),
        made(said="the middle of a RAW", sidecar=cropped.data, against=0, size=(_WIDTH // 2, _HEIGHT // 2)),
    )


def _on_a_jpeg(first: int) -> tuple[Trial, ...]:
    """Return the trials on a JPEG, the first of which has this place among all."""
    patches = np.repeat(np.arange(40, 168, 16, dtype=np.uint8), _WIDTH // 8)  # eight greys, none clips when doubled
    grey = np.broadcast_to(patches[np.newaxis, :, np.newaxis], (_HEIGHT, _WIDTH, 3)).copy()
    picture = jpeg(grey)
    with Image.open(io.BytesIO(picture)) as image:
        light = linear(np.asarray(image).astype(np.uint16) * np.uint16(257))
    made = partial(Trial, suffix=".jpg", picture=picture)
    up = corrected(None, ev=1.0, raw=False)
    gained = corrected(None, ev=0.0, gains=_SHIFT, raw=False)
    return (
        made(said="a JPEG as it is", sidecar=None, light=light),
        made(said="a JPEG 1 EV brighter", sidecar=up.data, against=first, factors=_STOP_UP),
        made(said="a JPEG with gains for red and blue", sidecar=gained.data, against=first, factors=_SHIFT),
    )


def _exposure(ev: float) -> Step:
    """The smallest layout that every darktable still reads: mode, black, exposure, and two of the automatic mode."""
    return Step(operation="exposure", version=5, params=struct.pack("<iffff", 0, 0.0, ev, 50.0, -4.0))


def _white_balance(red: float, green: float, blue: float) -> Step:
    return Step(operation="temperature", version=3, params=struct.pack("<4f", red, green, blue, green))


def _fault(trial: Trial, pixels: Pixels | None, reference: Pixels | None) -> str:
    """Return what is wrong with what came of a trial, or nothing."""
    if pixels is None:
        return "made nothing"
    height, width = pixels.shape[:2]
    if (width, height) != trial.size:
        return f"made {width}×{height} px instead of {trial.size[0]}×{trial.size[1]}"
    expected = trial.light
    if reference is not None:
        expected = linear(_middle(reference, trial.size)) * np.array(trial.factors)
    if expected is None:
        return ""
    wanted, got = _channels(expected), _channels(linear(pixels))
    off = np.log2(np.maximum(got, 1e-6) / wanted)
    if np.abs(off).max() <= _TOLERANCE_EV:
        return ""
    said = ", ".join(f"{name} {ev:+.4f}" for name, ev in zip(("red", "green", "blue"), off, strict=True))
    return f"missed that by {said} EV ({_TOLERANCE_EV} is allowed): it ignores what sidecars say, or adds to it"


def _middle(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    height, width = pixels.shape[:2]
    left, top = max(0, width - size[0]) // 2, max(0, height - size[1]) // 2
    return pixels[top : top + size[1], left : left + size[0]]


def _channels(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of each channel, without the border, where demosaicing has no neighbours."""
    means: NDArray[np.float64] = light[_MARGIN_PX:-_MARGIN_PX, _MARGIN_PX:-_MARGIN_PX].mean(axis=(0, 1))
    return means


def _developed(runner: Runner, tried: Sequence[Trial], limit_seconds: float) -> list[Pixels | None]:
    with work_folder(_ROOM_BYTES) as room:
        inbox, outbox, home = (room / name for name in ("in", "out", "home"))
        request = ExportRequest(inbox=inbox, outbox=outbox, home=home, width=0, height=0)
        try:
            for folder in (inbox, outbox, home):
                folder.mkdir()
            for number, trial in enumerate(tried):
                picture = inbox / f"{number:05d}{trial.suffix}"
                picture.write_bytes(trial.picture)
                if trial.sidecar is not None:
                    picture.with_name(f"{picture.name}.xmp").write_bytes(trial.sidecar)
        except OSError as refusal:
            raise ToolError(f"preparing darktable's test in {room} failed: {refusal}") from refusal
        ended = runner.run(request, limit_seconds=limit_seconds, stops=runner.stops)
        made = [read_ppm(outbox / f"{number:05d}.ppm") for number in range(len(tried))]
    if all(pixels is None for pixels in made):
        raise ToolDisobeyed(f"darktable made nothing of plain test pictures: {ended.sentence}; {_HOW_TO_GO_ON}")
    return made


def _kept(runner: Runner, tried: Sequence[Trial]) -> Path | None:
    """Return where it is noted that this build has obeyed these trials, or `None` where no build can be told."""
    try:
        executable = runner.located().resolve()
        build = installed_build(runner.executable)
        code = [executable.read_bytes(), build.library.read_bytes()]
        stats = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in build.plugins]
    except (ToolError, OSError):
        return None
    hashed = blake2b(repr((stats, _TOLERANCE_EV)).encode(), digest_size=16)
    for data in (*code, *(part for trial in tried for part in (trial.picture, trial.sidecar or b""))):
        hashed.update(len(data).to_bytes(8, "little") + data)
    return cache_folder() / f"obeys-{hashed.hexdigest()}.txt"
