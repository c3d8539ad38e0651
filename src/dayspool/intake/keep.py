"""Bring matched originals from the card into a shoot: each whole, read back and compared; the card is only read.

An original lies in `cards/` under its slot's name. Where the slot has no frame and the original is a JPEG, it becomes
the frame as well, and so ends the gap; a RAW file alone stays an original until it is developed. What an interrupted
import brought is kept: the same call goes on behind it.
"""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from dayspool.core.events import OriginalKept
from dayspool.core.frame import frame_name
from dayspool.errors import FrameError, FrameUnreadable, JournalUnwritable, PlanError
from dayspool.intake.exposures import digest_of
from dayspool.picture import PART_SUFFIX, frame_stored, inspect, settle, sync_folder, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dayspool.core.events import Event, FrameStored
    from dayspool.core.schedule import Schedule
    from dayspool.intake.card import CardFile
    from dayspool.intake.pairing import Match
    from dayspool.journal import JournalWriter

__all__ = ["Brought", "Kept", "keep_originals"]

_CHUNK = 1 << 20


class Brought(StrEnum):
    """What became of one original."""

    KEPT = "kept"
    THERE = "there"  # an earlier import brought it
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One original of a match and what became of it.

    Attributes:
        name: its path below `cards/`.
        framed: whether it also became the frame of its slot.
        reason: why it failed.
    """

    slot: int
    file: CardFile
    name: str
    outcome: Brought
    framed: bool = False
    reason: str = ""


def keep_originals(
    journal: JournalWriter,
    shoot: Path,
    matches: Iterable[Match],
    *,
    link: bool = False,
    told: Callable[[int, int], None] | None = None,
) -> tuple[Kept, ...]:
    """Bring the originals of all matches, in slot order; one that cannot be read costs only itself.

    Args:
        journal: of the shoot.
        shoot: its folder.
        matches: which exposure belongs to which slot.
        link: make hard links instead of copies; the card must be on the same file system.
        told: hears how many originals are brought, and of how many.

    Raises:
        PlanError: links were asked for and cannot be made.
        JournalUnwritable: the disk refused; what came before is safe, and the same call goes on.
    """
    keeper = _Keeper(journal, shoot, link=link)
    total = sum(len(match.exposure.files) for match in matches)
    kept: list[Kept] = []
    for match in matches:
        for one in keeper.keep(match):
            kept.append(one)
            if told is not None:
                told(len(kept), total)
    return tuple(kept)


class _Keeper:
    """One import into one shoot: what the journal knows of it already, and where things go."""

    def __init__(self, journal: JournalWriter, shoot: Path, *, link: bool) -> None:
        session = journal.session()
        schedule = session.schedule
        assert schedule is not None, "a shoot with exposures has begun"
        self._journal = journal
        self._shoot = shoot
        self._link = link
        self._schedule: Schedule = schedule
        self._known = {(one.slot, Path(one.name).suffix): one for one in journal.originals()}
        self._framed = {row.slot for row in journal.frames()}
        if session.open_intent is not None:  # the next run of the shoot asks the camera about it, and decides
            self._framed.add(session.open_intent)

    def keep(self, match: Match) -> Iterator[Kept]:
        """Bring the files of one match, and yield what became of each."""
        for file in match.exposure.files:
            name = self._name(match.slot, file.suffix)
            kept = Kept(slot=match.slot, file=file, name=name, outcome=Brought.KEPT)
            try:
                yield self._bring(match, kept)
            except FrameError as error:
                yield replace(kept, outcome=Brought.FAILED, reason=str(error))
            except OSError as error:
                raise JournalUnwritable(
                    f"{self._shoot / 'cards' / name} cannot be written: {error.strerror}. Nothing is damaged, and the "
                    "originals before it are safe: make room or mend the disk, then run the same command again to go on"
                ) from error

    def _name(self, slot: int, suffix: str) -> str:
        return frame_name(slot, suffix, window=self._schedule.stretch_of(slot).window)

    def _bring(self, match: Match, kept: Kept) -> Kept:
        target = self._shoot / "cards" / kept.name
        before = self._known.get((kept.slot, kept.file.suffix))
        if before is not None and target.is_file() and target.stat().st_size == before.size_bytes:
            if before.size_bytes != kept.file.size_bytes:
                raise FrameError(f"slot {kept.slot} has another original already, {before.source_name}; it stays")
            stored = self._to_frame(kept, target)
            self._journal.append(*stored)
            return replace(kept, outcome=Brought.THERE, framed=bool(stored))
        digest = self._place(kept.file, target)
        if before is not None and before.digest != digest:
            raise FrameError(f"{target} was lost, and {kept.file.path} is not what it was a copy of")
        events: list[Event] = [*self._to_frame(kept, target)]
        framed = bool(events)
        if before is None:
            events.append(_event(match, kept, digest))
        self._journal.append(*events)
        return replace(kept, framed=framed)

    def _place(self, file: CardFile, target: Path) -> str:
        """Put an original where it belongs, whatever an interrupted import left there, and return its digest."""
        self._make(target.parent)
        if os.path.lexists(target):
            digest = digest_of(target)
            if digest_of(file.path) != digest:
                raise FrameError(f"{target} holds another picture than {file.path}; move it away and import again")
            return digest
        if self._link:
            return _linked(file, target)
        part = target.with_name(target.name + PART_SUFFIX)
        try:
            digest = _copied(file, part)
            settle(part, target)
        except BaseException:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise
        return digest

    def _make(self, folder: Path) -> None:
        """Make a folder of the shoot, so that it survives a power cut."""
        if not folder.is_dir():
            folder.mkdir(parents=True)
            sync_folder(folder.parent)
            sync_folder(self._shoot)

    def _to_frame(self, kept: Kept, original: Path) -> tuple[FrameStored, ...]:
        """Make a JPEG the frame of a slot that has none, and return the event that says so."""
        if kept.file.suffix != ".JPG" or kept.slot in self._framed:
            return ()
        name = self._name(kept.slot, ".jpg")
        frame = self._shoot / "frames" / name
        self._make(frame.parent)
        origin: str | None = kept.file.source_name
        if frame.exists():  # an interrupted run left it: ours, or what the camera had sent
            origin = origin if digest_of(frame) == digest_of(original) else None
        else:
            try:
                os.link(original, frame)
                sync_folder(frame.parent)
            except OSError:  # no hard links on this disk, or `cards` lies on another one
                write_whole(frame, original.read_bytes())
        self._framed.add(kept.slot)
        window = self._schedule.stretch_of(kept.slot).window
        return (frame_stored(kept.slot, frame.read_bytes(), window=window, origin_name=origin),)


def _event(match: Match, kept: Kept, digest: str) -> OriginalKept:
    return OriginalKept(
        slot=kept.slot,
        name=kept.name,
        source_name=kept.file.source_name,
        size_bytes=kept.file.size_bytes,
        digest=digest,
        confidence=match.confidence,
        taken=kept.file.facts.taken_local,
    )


def _linked(file: CardFile, target: Path) -> str:
    digest = digest_of(file.path)
    _check_whole(file, file.path)
    try:
        os.link(file.path, target)
    except OSError as error:
        if error.errno == errno.ENOENT:
            raise FrameUnreadable(f"{file.path} went away during the import") from error
        raise PlanError(
            f"--link: no hard link to {file.path} can be made in {target.parent} ({error.strerror}); "
            "links need one file system that has them: leave --link out to copy"
        ) from error
    sync_folder(target.parent)
    return digest


def _copied(file: CardFile, part: Path) -> str:
    """Copy an original, force it to the disk, read it back from there, and return its digest."""
    made = hashlib.blake2b(digest_size=16)
    with part.open("wb") as out:
        for chunk in _chunks(file):
            made.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
        os.posix_fadvise(out.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # so that the disk is read back, not memory
    if digest_of(part) != made.hexdigest():
        raise FrameError(f"{file.path} came out different on the disk: its copy was thrown away; check disk and memory")
    _check_whole(file, part)
    return made.hexdigest()


def _chunks(file: CardFile) -> Iterator[bytes]:
    """Read an original to its end.

    Raises:
        FrameUnreadable: the card refused, or the file is not the one that was looked at.
    """
    try:
        with file.path.open("rb") as source:
            known = os.fstat(source.fileno())
            if (known.st_size, known.st_mtime_ns) != (file.size_bytes, file.modified_ns):
                raise FrameUnreadable(f"{file.path} changed since it was looked at; run the import again")
            left = file.size_bytes
            while chunk := source.read(_CHUNK):
                left -= len(chunk)
                yield chunk
    except OSError as error:
        raise FrameUnreadable(f"{file.path} cannot be read: {error.strerror}") from error
    if left:
        raise FrameUnreadable(f"{file.path} ended {left} bytes early; run the import again")


def _check_whole(file: CardFile, copy: Path) -> None:
    """Refuse a JPEG that is cut short; it would be no frame, and no original worth the name."""
    if file.suffix == ".JPG":
        try:
            inspect(copy.read_bytes())
        except FrameUnreadable as error:
            raise FrameUnreadable(f"{file.path} is no whole JPEG: {error}") from error
