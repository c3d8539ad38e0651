"""What can be known of a camera model: where it answers, what it needs, its quirks, and how each is known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dayspool.core.camera import Dialect

__all__ = ["Evidence", "Model", "Originals"]


class Evidence(StrEnum):
    """How something is known."""

    RECORDED = "recorded"  # bytes or texts of that body were published
    CODED = "coded"  # a client does so that its author ran on that body
    TOLD = "told"  # a user or maintainer said so
    INFERRED = "inferred"  # from its generation


class Originals(StrEnum):
    """A way to full-size pictures over Wi-Fi; raw files leave no body this way."""

    POSTVIEW = "postview"  # postview size "Original", with each shot
    CONTENTS = "contents"  # the avContent service, after the shoot
    SEND = "send"  # "Send to Smartphone", chosen on the body


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What is known of one body.

    Attributes:
        name: as in the device description.
        dialect: `None` when it speaks PTP/IP only and cannot be controlled by dayspool.
        endpoint: where its camera service answers when the camera is the access point.
        needs_rec_mode: whether its app waits for `startRecMode`.
        half_press: whether it takes no picture in AF without a half-press.
        shortest_interval_seconds: from shot to shot, as its users advise; below it the camera is still saving.
        sets_exposure: whether shutter, aperture or ISO can be set over Wi-Fi; `None` when nobody told.
        errs_though_exposed: whether it was seen to report errors for pictures it took.
        originals: the ways to its full-size pictures.
        quirks: what else to know, one sentence each.
        evidence: how the row is known, strongest first.
        source: where it is known from.
    """

    name: str
    dialect: Dialect | None
    endpoint: str | None
    needs_rec_mode: bool = False
    half_press: bool = False
    shortest_interval_seconds: float | None = None
    sets_exposure: bool | None = None
    errs_though_exposed: bool = False
    originals: tuple[Originals, ...] = ()
    quirks: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...]
    source: str

    @property
    def printable(self) -> tuple[str, ...]:
        """The row as texts: model, endpoint, dialect, what it needs, interval, originals, quirks, evidence, source."""
        said = (("startRecMode", self.needs_rec_mode), ("half-press in AF", self.half_press))
        needs = [word for word, due in said if due]
        seconds = self.shortest_interval_seconds
        return (
            self.name,
            self.endpoint or "none: PTP/IP only",
            self.dialect.value if self.dialect else "–",
            ", ".join(needs) or "–",
            f"{seconds:g} s" if seconds is not None else "not known",
            ", ".join(self.originals) or "–",
            " ".join(self.quirks) or "–",
            ", ".join(self.evidence),
            self.source,
        )
