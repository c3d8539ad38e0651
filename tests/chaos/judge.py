"""Hold a journal against the truth, slot by slot: what the camera and the host could do, as they themselves tell it.

Nothing here reads the client's code or asks what it believed. The definitions are those of docs/reliability.md.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from dayspool.core.frame import GapReason
from dayspool.journal import JournalReader
from dayspool.sim import Hindrance
from tests.shoot.scenes import lines_of

WINDOW_SHARE = 0.5  # of the interval: a frame may be so late


class Host(StrEnum):
    """What kept this side from taking a slot, or from keeping its picture."""

    DEAD = "no process"
    UNWRITTEN = "killed before it could say"  # with a call to the camera in hand that the slot fell into
    STALLED = "process stopped"
    LINK_BREAKS = "link breaks"  # the first slot after: a request may leave before anybody knows
    FROZEN = "frozen picture"
    DISK_FULL = "disk full"


REASONS = {
    Hindrance.AWAY: {GapReason.CAMERA_UNREACHABLE},
    Hindrance.HUNG: {GapReason.CAMERA_UNREACHABLE},
    Hindrance.NOT_READY: {GapReason.CAMERA_BUSY},
    Hindrance.AT_WORK: {GapReason.CAMERA_BUSY},
    Hindrance.REQUEST_LOST: {GapReason.ANSWER_LOST},
    Hindrance.REFUSED: {GapReason.CAMERA_REFUSED},
    Host.DEAD: {GapReason.NOT_RUNNING, GapReason.INTERRUPTED},
    Host.UNWRITTEN: {GapReason.NOT_RUNNING},
    Host.STALLED: {GapReason.HOST_LATE},
    Host.LINK_BREAKS: {GapReason.ANSWER_LOST},
    Host.FROZEN: {GapReason.FROZEN_PICTURE},
    Host.DISK_FULL: {GapReason.ON_CARD},
}
"""What a journal may say of a slot without a frame, by what stood in its way."""

LONGEST_CALL = timedelta(seconds=90)  # actTakePicture: what went by meanwhile is written when it ends
_LOST_CONTACT = frozenset({Hindrance.AWAY, Hindrance.HUNG})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A slot without the frame or the reason it should have."""

    slot: int
    truth: str
    journal: str


@dataclass(slots=True, kw_only=True)
class Judgement:
    """What became of the slots of one voyage.

    Attributes:
        able: slots that could have been taken, and their pictures kept.
        framed: those of them that have a frame.
        unable: the others.
        true: those of them with a gap whose reason is the truth, or (disk full) with a frame after all.
        unwritten: of the latter, those that name the kill that followed, because nobody lived to write the cause.
        lost: able slots without a frame.
        wrong: slots of which the journal tells no truth, or nothing.
        doubled: slots with more than one exposure, or with one outside their window.
        recoveries: seconds from each return of the camera to the first request that reached it.
        reasons: how many gaps of each reason.
    """

    slots: int = 0
    exposures: int = 0
    able: int = 0
    framed: int = 0
    unable: int = 0
    true: int = 0
    unwritten: int = 0
    lost: list[Finding] = field(default_factory=list)
    wrong: list[Finding] = field(default_factory=list)
    doubled: list[int] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)
    reasons: Counter = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """The share of able slots that have a frame."""
        return self.framed / self.able if self.able else 1.0


def judge(voyage, *, interval: timedelta) -> Judgement:
    """Return what became of every slot of a voyage."""
    with JournalReader(voyage.folder) as journal:
        began = journal.began()
        rows = {row.slot: row for row in journal.slots()}
    origin = datetime.fromisoformat(began.origin)
    found = Judgement(slots=began.count)
    exposed = _exposed(voyage, origin, interval, found)
    attempts = {}
    for attempt in voyage.witness.attempts:
        attempts.setdefault((attempt.utc - origin) // interval, []).append(attempt)
    for slot in range(began.count):
        due = origin + slot * interval
        if slot in exposed:
            causes = _kept_from_keeping(voyage, due, interval, exposed[slot])
        else:
            causes = _kept_from_exposing(voyage, due, interval, attempts.get(slot, ()))
        _judge_slot(found, slot, rows.get(slot), causes, exposed=slot in exposed)
    found.recoveries = list(_recoveries(voyage, interval))
    return found


def _exposed(voyage, origin, interval, found):
    """Return the exposure of each slot that has one, as the ledger tells, and note what should not be."""
    exposed = {}
    for line in lines_of(voyage.folder / "ledger.jsonl"):
        moment = datetime.fromisoformat(line["utc"])
        slot = (moment - origin) // interval
        found.exposures += 1
        if slot in exposed or moment - (origin + slot * interval) >= interval * WINDOW_SHARE:
            found.doubled.append(slot)
        exposed[slot] = line["n"]
    return exposed


def _kept_from_keeping(voyage, due, interval, number):
    """Return what made it impossible to keep the picture of an exposure that there was."""
    full = any(span.meets(due - interval, due + interval) for span in voyage.trouble.full)
    repeated = number in voyage.witness.repeated
    return [Host.FROZEN] * repeated + [Host.DISK_FULL] * full


def _kept_from_exposing(voyage, due, interval, attempts):
    """Return all that stood in the way of a slot without an exposure, at any moment of its window."""
    closes = due + interval * WINDOW_SHARE
    causes = [Host.DEAD for span in voyage.trouble.dead if span.meets(due, closes)]
    causes += [Host.UNWRITTEN for span in voyage.trouble.dead if closes <= span.begins < closes + LONGEST_CALL]
    causes += [Host.STALLED for span in voyage.trouble.stalls if span.meets(due, closes)]
    for span in voyage.witness.spans(due, closes):
        causes.append(span.why)
        if span.why in _LOST_CONTACT and span.begins > due - interval:
            causes.append(Host.LINK_BREAKS)
    causes += [attempt.why for attempt in attempts if attempt.why is not None]
    return [] if causes == [Host.UNWRITTEN] else causes


def _judge_slot(found, slot, row, causes, *, exposed):
    framed = row is not None and row.name is not None
    reason = None if row is None or framed else row.gap_reason
    found.reasons[reason] += reason is not None
    said = "a frame" if framed else "nothing" if reason is None else f"{reason} ({row.gap_detail})"
    finding = Finding(slot=slot, truth=", ".join(dict.fromkeys(causes)) or "able", journal=said)
    if not causes:
        found.able += 1
        found.framed += framed
        if not framed:
            found.lost.append(finding)
        if (framed and not exposed) or (not framed and reason is None):
            found.wrong.append(finding)
        return
    found.unable += 1
    if reason in {reason for cause in causes for reason in REASONS[cause]} or (framed and causes == [Host.DISK_FULL]):
        found.true += 1
        found.unwritten += reason is GapReason.NOT_RUNNING and Host.DEAD not in causes
    else:
        found.wrong.append(finding)


def _recoveries(voyage, interval):
    """Yield how long after each return the first request reached the camera, where nothing else stood in the way."""
    moments = [attempt.utc for attempt in voyage.witness.attempts]
    for span in voyage.witness.returns():
        begins, ends = span.ends, span.ends + 2 * interval
        host = any(trouble.meets(begins, ends) for trouble in (*voyage.trouble.dead, *voyage.trouble.stalls))
        again = any(other.why is not Hindrance.AT_WORK for other in voyage.witness.spans(begins, ends))
        first = next((moment for moment in moments if moment >= begins), None)
        if first is not None and not host and not again:
            yield (first - begins).total_seconds()
