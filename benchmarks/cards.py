"""Make up a shoot and the card of its camera, with every disorder, and know the truth about them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from dayspool.core.exposure import Exposure
from dayspool.intake.card import CardFile
from dayspool.intake.exposures import CardExposure, clock_seconds, join_exposures
from dayspool.intake.shots import SlotShot
from dayspool.picture import PictureFacts

__all__ = ["DISORDERS", "Disorder", "SyntheticCard", "judge", "make_card"]

_BEGINS = datetime(2026, 6, 21, 4, 0, 5, tzinfo=UTC).timestamp()
_LIGHT = [Exposure(shutter_seconds=1 / n, iso=iso, aperture=4.0) for n in (15, 30, 60, 125, 250) for iso in (160, 200)]


@dataclass(frozen=True, kw_only=True)
class Disorder:
    """What is wrong with a card; shares are of the slots."""

    offset_seconds: float = 0.0
    drift_per_day: float = 0.0
    postview_exif: bool = True
    missing: float = 0.0  # originals deleted from the card
    copies: float = 0.0  # files that are there twice
    by_hand: int = 0  # extra shots before, between and after
    earlier: int = 0  # files of an earlier shoot, two weeks ago
    raw: bool = False  # a RAW file beside each JPEG
    first_number: int = 1
    unsent: float = 0.0  # exposed, the picture never came
    lost: float = 0.0  # the answer was lost; half of them were exposed
    untaken: float = 0.0  # never asked for
    frozen: float = 0.0  # the camera gave the picture of the slot before again
    pause_hours: float = 0.0
    clock_set: float = 0.0  # in the middle of the shoot, by so many seconds
    subseconds: bool = False
    interval: float = 10.0


DISORDERS: dict[str, Disorder] = {
    "in order": Disorder(),
    "clock a year and 7 h off": Disorder(offset_seconds=-366 * 86_400 + 7 * 3600 + 13.4),
    "drift 9 s/day": Disorder(drift_per_day=9.0, offset_seconds=3600),
    "5 % deleted": Disorder(missing=0.05),
    "copies": Disorder(copies=0.05),
    "shots by hand": Disorder(by_hand=60),
    "an earlier shoot": Disorder(earlier=2000),
    "RAW and JPEG": Disorder(raw=True),
    "wrapped counter": Disorder(first_number=9_000),
    "1 % not sent": Disorder(unsent=0.01),
    "answers lost": Disorder(lost=0.01),
    "pictures repeated": Disorder(frozen=0.005),
    "a night's pause": Disorder(pause_hours=9.0, drift_per_day=-6.0),
    "clock set by an hour": Disorder(clock_set=3600.0, unsent=0.01),
    "every 2 s": Disorder(interval=2.0, unsent=0.01, drift_per_day=5.0),
    "subseconds": Disorder(subseconds=True, interval=1.0, unsent=0.01),
    "no EXIF by Wi-Fi": Disorder(
        postview_exif=False, untaken=0.01, missing=0.01, by_hand=20, drift_per_day=4.0, offset_seconds=-7203
    ),
    "none sent at all": Disorder(unsent=1.0, untaken=0.02, earlier=1000, offset_seconds=86_400 * 400, drift_per_day=-5),
    "everything": Disorder(
        offset_seconds=-9 * 3600 - 17.3,
        drift_per_day=7.0,
        missing=0.02,
        copies=0.03,
        by_hand=40,
        earlier=1500,
        raw=True,
        first_number=8_500,
        unsent=0.02,
        lost=0.01,
        untaken=0.03,
        frozen=0.002,
        pause_hours=7.0,
    ),
}


@dataclass(kw_only=True)
class SyntheticCard:
    """A made-up shoot and its card.

    Attributes:
        shots: what the journal would know.
        files: what lies on the card, in the order of a folder listing.
        truth: the slot of each file that belongs to one.
        contents: what stands for the digest of each file.
    """

    shots: list[SlotShot] = field(default_factory=list)
    files: list[CardFile] = field(default_factory=list)
    truth: dict[Path, int] = field(default_factory=dict)
    contents: dict[Path, str] = field(default_factory=dict)

    def exposures(self) -> tuple[CardExposure, ...]:
        """Return the exposures of the card, as the product joins them."""
        return join_exposures(self.files, lambda path: self.contents[path])[0]


def make_card(disorder: Disorder, *, slots: int, seed: int) -> SyntheticCard:
    """Make up a shoot of so many slots and the card of its camera."""
    return _Maker(disorder, slots, random.Random(seed)).make()


def judge(card: SyntheticCard, pairs: list[tuple[int, Path]]) -> tuple[int, int, int]:
    """Return how many pairs are right, how many wrong, and how many there are to be found."""
    right = sum(card.truth.get(path) == slot for slot, path in pairs)
    return right, len(pairs) - right, len(set(card.truth.values()))


class _Maker:
    def __init__(self, disorder: Disorder, slots: int, rng: random.Random) -> None:
        self.disorder, self.slots, self.rng = disorder, slots, rng
        self.card = SyntheticCard()
        self.releases: list[tuple[float, int | None, Exposure]] = []  # true moment, slot, exposure
        self.deleted: set[int | None] = set()  # slots whose original is on the card no more; it was counted

    def make(self) -> SyntheticCard:
        """Shoot, lay the files on the card, and shuffle them."""
        self._shoot()
        self._by_hand()
        self._earlier()
        self._lay()
        self.rng.shuffle(self.card.files)
        return self.card

    def _clock(self, moment: float) -> str:
        """Return what the camera's clock shows."""
        far = moment - _BEGINS
        shown = moment + self.disorder.offset_seconds + self.disorder.drift_per_day * far / 86_400
        if far > self.slots * self.disorder.interval / 2:
            shown += self.disorder.clock_set
        at = datetime.fromtimestamp(shown, UTC).replace(tzinfo=None)
        at = at.replace(microsecond=at.microsecond // 10_000 * 10_000 if self.disorder.subseconds else 0)
        return at.isoformat()

    def _shoot(self) -> None:
        previous: str | None = None
        for slot in range(self.slots):
            pause = self.disorder.pause_hours * 3600 * (slot > self.slots * 0.6)
            host = _BEGINS + slot * self.disorder.interval + pause + self.rng.expovariate(40)
            if self.rng.random() < self.disorder.untaken:
                continue
            exposure = self.rng.choice(_LIGHT)
            moment = host + 0.15 + self.rng.random() * 0.2
            taken = self._clock(moment)
            lost = self.rng.random() < self.disorder.lost
            shot = SlotShot(slot=slot, host=host, confirmed=not lost)
            if not lost and self.rng.random() >= self.disorder.unsent:
                frozen = previous is not None and self.rng.random() < self.disorder.frozen
                key = previous if frozen and previous is not None else taken
                exif = self.disorder.postview_exif
                shot = replace(
                    shot, framed=True, key=clock_seconds(key) if exif else None, exposure=exposure if exif else None
                )
            self.card.shots.append(shot)
            if not lost or self.rng.random() < 0.5:
                previous = taken
                self.releases.append((moment, slot, exposure))
                if self.rng.random() < self.disorder.missing:
                    self.deleted.add(slot)

    def _by_hand(self) -> None:
        """Add shots by hand; while the camera exposes and saves it takes no other, so they keep apart from slots."""
        last = self.card.shots[-1].host
        for _ in range(self.disorder.by_hand):
            moment = self.rng.uniform(_BEGINS - 3600, last + 3600)
            nearest = (moment - _BEGINS) % self.disorder.interval
            if 2.5 < nearest < self.disorder.interval - 2.5 or not _BEGINS - 5 < moment < last + 5:
                self.releases.append((moment, None, self.rng.choice(_LIGHT)))

    def _earlier(self) -> None:
        begins = _BEGINS - 14 * 86_400
        self.releases += [
            (begins + number * self.disorder.interval + self.rng.random() * 0.2, None, self.rng.choice(_LIGHT))
            for number in range(self.disorder.earlier)
        ]

    def _lay(self) -> None:
        self.releases.sort(key=lambda release: release[0])
        for count, (moment, slot, exposure) in enumerate(self.releases):
            if slot in self.deleted:
                continue
            turns, number = divmod(self.disorder.first_number - 1 + count, 9_999)
            folder, name = f"{100 + turns}MSDCF", f"DSC{number + 1:05d}"
            for suffix in (".JPG", ".ARW") if self.disorder.raw else (".JPG",):
                self._file(folder, name + suffix, (100 + turns, number + 1), self._clock(moment), exposure, slot)

    def _file(
        self, folder: str, name: str, place: tuple[int, int], taken: str, exposure: Exposure, slot: int | None
    ) -> None:
        suffix = name[-4:]
        file = CardFile(
            path=Path("/card/DCIM", folder, name),
            source_name=f"{folder}/{name}",
            suffix=suffix,
            size_bytes=20_000_000 if suffix == ".ARW" else self.rng.randrange(4_000_000, 4_001_000),
            modified_ns=0,
            facts=PictureFacts(taken_local=taken, exposure=exposure),
            place=place,
        )
        both = [file]
        if self.rng.random() < self.disorder.copies:
            both.append(replace(file, path=Path("/card/DCIM/copy", name), source_name=f"copy/{name}"))
        for one in both:
            self.card.files.append(one)
            self.card.contents[one.path] = file.source_name
            if slot is not None:
                self.card.truth[one.path] = slot
