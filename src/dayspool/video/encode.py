"""Writes a film, frame by frame: H.264 through PyAV, under a temporary name until it is proven."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

import av
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from dayspool.errors import FilmError
from dayspool.picture.whole import sync_folder
from dayspool.video.parts import part_of
from dayspool.video.probe import ExpectedFilm, FilmFacts, check, probe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from dayspool.video.colour import Planes
    from dayspool.video.presets import Preset

__all__ = ["FilmWriter"]

# No edit list, and yet time 0 for the first frame: `use_editlist=0` alone would start B-frames' delay late (movenc.c).
_CONTAINER_OPTIONS = {"movflags": "+faststart+negative_cts_offsets", "use_editlist": "0"}


class FilmWriter:
    """A film in the making; use it as a context manager.

    Frames are pushed one at a time and only the encoder's look-ahead is held in memory. Leaving the block normally
    finishes the file, decodes it all again, checks it and only then gives it its name; leaving it by an exception
    removes what was written. A film that had the name before stays until that moment. The temporary name is this
    writer's own, so two that write the same film do not meet; the last to finish has it. What a killed writer left of
    the same film is removed when another begins.
    """

    def __init__(self, out: Path, *, size: tuple[int, int], preset: Preset) -> None:
        self.out = out
        self.size = size
        self.preset = preset
        self.frames = 0
        self.facts: FilmFacts | None = None

    def __enter__(self) -> Self:
        """Open the file under its temporary name.

        Raises:
            FilmError: the folder is missing or not writable, or the encoder is not in this PyAV.
        """
        with ExitStack() as held, self._translated("cannot be begun"):
            self._part = held.enter_context(part_of(self.out))
            self._container = av.open(str(self._part), "w", format="mp4", container_options=_CONTAINER_OPTIONS)
            held.callback(self._close)
            self._stream = self._opened_stream()
            self._container.start_encoding()  # writes to the file: what forbids it shows now, not after hours
            self._held = held.pop_all()
        return self

    def write(self, planes: Planes) -> None:
        """Append a frame: planes of this film's size, as `to_planes` returns them.

        Raises:
            FilmError: the encoder or the disk refused.
        """
        width, height = self.size
        if planes.shape != (height * 3 // 2, width):
            raise FilmError(f"a frame of {planes.shape[1]}×{planes.shape[0] * 2 // 3} does not fit {width}×{height}")
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = self.frames
        frame.time_base = 1 / self.preset.fps
        with self._translated("cannot be written"):
            self._container.mux(self._stream.encode(frame))
        self.frames += 1

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish, check and name the film, or remove what there is of it.

        Raises:
            FilmError: it could not be finished, or is not as ordered.
        """
        with self._held:
            if kind is None:
                self._finish()

    def _opened_stream(self) -> av.VideoStream:
        preset = self.preset
        options = {
            "preset": preset.speed,
            "crf": str(preset.crf),
            "profile": "high",
            "x264-params": f"keyint={preset.keyframe_interval}:open-gop=0:bframes=2",
        }
        stream = self._container.add_stream(preset.encoder, rate=preset.fps, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = self.size
        stream.pix_fmt = "yuv420p"
        stream.time_base = 1 / preset.fps
        codec = stream.codec_context
        codec.time_base = 1 / preset.fps
        codec.color_primaries = ColorPrimaries.BT709
        codec.color_trc = ColorTrc.BT709
        codec.colorspace = Colorspace.ITU709
        codec.color_range = ColorRange.MPEG
        return stream

    def _finish(self) -> None:
        if self.frames == 0:
            raise FilmError(f"{self.out} was not made: it would have no frame")
        with self._translated("cannot be finished"):
            self._container.mux(self._stream.encode(None))
            self._container.close()
        facts = probe(self._part)
        check(facts, ExpectedFilm(frames=self.frames, size=self.size, preset=self.preset))
        with self._translated("cannot be put in place"):
            with self._part.open("rb") as file:
                os.fsync(file.fileno())
            self._part.replace(self.out)
            sync_folder(self.out.parent)
        self.facts = facts

    def _close(self) -> None:
        with suppress(av.FFmpegError, OSError):  # closing writes, and may fail again for the reason we are here
            self._container.close()

    @contextmanager
    def _translated(self, failure: str) -> Iterator[None]:
        try:
            yield
        except av.codec.codec.UnknownCodecError as missing:
            raise FilmError(
                f"{self.out} {failure}: this PyAV has no encoder {self.preset.encoder}; "
                "install its wheel from PyPI: pip install --force-reinstall --only-binary=av av"
            ) from missing
        except (av.FFmpegError, OSError) as refusal:
            why = refusal.strerror or refusal
            raise FilmError(
                f"{self.out} {failure}: {why}; a film of that name, if there was one, is untouched"
            ) from refusal
