"""A shoot with a journal and the card of its camera, both on the disk, made byte by byte."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dayspool.core.events import Event, FrameStored, Gap, RunEnded, ShootBegan, ShotIntended, ShotTaken
from dayspool.core.frame import GapReason
from dayspool.journal import JournalWriter
from dayspool.picture import frame_stored
from tests.picture.builders import RATIO, SHORT, TEXT, Tag, camera_jpeg, exif

BEGINS = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
INTERVAL = timedelta(seconds=10)
AHEAD = timedelta(hours=2, seconds=17)  # what the camera's clock shows more than UTC


def arw(*, taken: str = "2026:06:21 04:30:00", size_bytes: int = 200_000, mark: int = 0) -> bytes:
    """A TIFF with the EXIF of a camera's RAW file and as many bytes as wanted where the picture would be."""
    main: dict[int, Tag] = {0x010F: (TEXT, b"SONY"), 0x0110: (TEXT, b"DSC-RX100M2"), 0x0112: (SHORT, 1)}
    details: dict[int, Tag] = {
        0x829A: (RATIO, (1, 250)),
        0x829D: (RATIO, (4, 1)),
        0x8827: (SHORT, 400),
        0x9003: (TEXT, taken.encode()),
    }
    head = exif(main, details)[10:]
    return head + struct.pack("<I", mark) * ((size_bytes - len(head)) // 4)


def exif_time(moment: datetime) -> str:
    return f"{moment + AHEAD:%Y:%m:%d %H:%M:%S}"


@dataclass
class Scene:
    """A shoot and a card. Slots are exposed 0.4 s after their instant; the numbers on the card begin at 9998."""

    shoot: Path
    card: Path
    number: int = 9997
    folder: int = 100
    now: datetime = BEGINS
    events: list[tuple[datetime, Event]] = field(default_factory=list)

    def utc(self) -> datetime:
        return self.now

    def begin(self, count: int) -> None:
        self.shoot.mkdir(parents=True)
        self.happen(
            BEGINS,
            ShootBegan(
                origin=BEGINS.isoformat(), interval_seconds=INTERVAL.total_seconds(), count=count, source="camera"
            ),
        )

    def happen(self, moment: datetime, *events: Event) -> None:
        self.events += [(moment, event) for event in events]

    def due(self, slot: int) -> datetime:
        return BEGINS + slot * INTERVAL

    def sent(self, slot: int, *, raw: bool = False) -> None:
        """A slot as it should be: exposed, its picture sent and stored, its original on the card."""
        taken = self.release(self.due(slot) + timedelta(milliseconds=400), raw=raw)
        picture = camera_jpeg(taken=exif_time(taken))
        frames = self.shoot / "frames"
        frames.mkdir(exist_ok=True)
        stored = frame_stored(slot, picture)
        (frames / stored.name).write_bytes(picture)
        self._asked(slot)
        self.happen(taken, ShotTaken(slot=slot, url=f"http://x/{slot}"), stored)

    def gap(self, slot: int, reason: GapReason, *, exposed: bool, raw: bool = True, jpeg: bool = True) -> None:
        """A slot whose request left and whose picture never came."""
        self._asked(slot)
        if exposed:
            self.release(self.due(slot) + timedelta(milliseconds=400), raw=raw, jpeg=jpeg)
        if reason is GapReason.ON_CARD:
            self.happen(self.due(slot), ShotTaken(slot=slot, url=f"http://x/{slot}"))
        self.happen(self.due(slot) + timedelta(seconds=5), Gap(slot=slot, reason=reason))

    def untaken(self, slot: int) -> None:
        self.happen(self.due(slot), Gap(slot=slot, reason=GapReason.CAMERA_UNREACHABLE))

    def _asked(self, slot: int) -> None:
        self.happen(self.due(slot) + timedelta(milliseconds=20), ShotIntended(slot=slot))

    def release(self, moment: datetime, *, raw: bool = False, jpeg: bool = True) -> datetime:
        """Expose, by the shoot or by hand: one more number on the card."""
        self.number += 1
        if self.number > 9999:
            self.number, self.folder = 1, self.folder + 1
        folder = self.card / "DCIM" / f"{self.folder}MSDCF"
        folder.mkdir(parents=True, exist_ok=True)
        if jpeg:
            picture = camera_jpeg(taken=exif_time(moment)) + struct.pack("<I", self.number)
            (folder / f"DSC{self.number:05d}.JPG").write_bytes(picture)
        if raw:
            (folder / f"DSC{self.number:05d}.ARW").write_bytes(arw(taken=exif_time(moment), mark=self.number))
        return moment

    def write(self) -> None:
        """Write the journal."""
        with JournalWriter(self.shoot, self.utc) as journal:
            for moment, event in self.events:
                self.now = moment
                journal.append(event)
            journal.append(RunEnded(why="done"))

    def stored(self) -> list[FrameStored]:
        return [event for _, event in self.events if isinstance(event, FrameStored)]


def usual_scene(folder: Path, *, raw: bool = False) -> Scene:
    """Twelve slots: most sent; 4 on the card only, 6 lost but exposed, 7 failed and not exposed, 9 never asked for."""
    scene = Scene(shoot=folder / "shoot", card=folder / "card")
    scene.begin(12)
    scene.release(BEGINS - timedelta(minutes=7))  # by hand, before
    for slot in range(12):
        if slot == 4:
            scene.gap(slot, GapReason.ON_CARD, exposed=True, raw=raw)
        elif slot == 6:
            scene.gap(slot, GapReason.ANSWER_LOST, exposed=True, raw=raw)
        elif slot == 7:
            scene.gap(slot, GapReason.SHUTTER_FAILED, exposed=False)
        elif slot == 9:
            scene.untaken(slot)
        else:
            scene.sent(slot, raw=raw)
    scene.release(BEGINS + timedelta(seconds=95))  # by hand, in slot 9 and half an interval late
    scene.write()
    return scene
