"""What a receiver of alarms is, which alarms a person wants through it, and the secrets it needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time  # noqa: TC003 - the settings reader looks at the annotations at run time
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from dayspool.core.alarm import AlarmKind, Severity
from dayspool.core.plan import Mistake
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from dayspool.core.alarm import Alarm
    from dayspool.core.alarms import Standing

__all__ = ["Receiver", "Secret", "ShowsStanding", "Subscription", "Taste", "capped"]


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A text that no message, log or JSON may hold; `reveal` is for the wire only."""

    _text: str

    def __repr__(self) -> str:
        return "Secret(…)"

    def __str__(self) -> str:
        return "…"

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def hidden_in(self, text: str) -> str:
        """Return `text` with the secret blotted out."""
        return text.replace(self._text, "…") if self._text else text


class Receiver(Protocol):
    """Somebody who is told; plain blocking calls, each with an end."""

    def deliver(self, alarm: Alarm) -> None:
        """Tell an alarm.

        Raises:
            AlarmUndelivered: it was not told, as far as is known.
        """

    def close(self) -> None:
        """Let go of what it holds."""


@runtime_checkable
class ShowsStanding(Protocol):
    """A receiver that also shows how the shoot stands."""

    def show(self, shoot: str, standing: Standing) -> None:
        """Show it; a receiver that is away is shown the newest once it is back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taste:
    """Which alarms a person wants through one receiver, and when.

    Attributes:
        only: these kinds; all if empty. How the shoot ended is a kind like the others: `done`, `stopped`, `failed`.
        severity: this bad, or worse. That a state is over is told to whom it was told that it began.
        quiet: from and to, local time: only critical alarms then, the others wait.
        per_hour: never more than so many an hour; a flood is summed up in one. The last word always comes.

    Raises:
        PlanError: a kind that is none, fewer than two an hour.
    """

    only: tuple[AlarmKind, ...] = ()
    severity: Severity = Severity.INFO
    quiet: tuple[time, time] | None = None
    per_hour: int = 12

    def __post_init__(self) -> None:
        if not 2 <= self.per_hour <= 1000:
            raise PlanError(Mistake("must lie between 2 and 1000", "per_hour"))

    def is_quiet(self, now: datetime) -> bool:
        """Say whether `now` lies in the quiet hours of this machine's zone."""
        if self.quiet is None:
            return False
        begins, ends = self.quiet
        local = now.astimezone().time()
        return begins <= local < ends if begins <= ends else local >= begins or local < ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A receiver by its `name`, and what is wanted through it."""

    name: str
    kind: str
    receiver: Receiver
    taste: Taste = field(default_factory=Taste)


def capped(text: str, size_bytes: int) -> str:
    """Return as much of `text` as fits into so many bytes of UTF-8, without half a character."""
    return text.encode()[:size_bytes].decode(errors="ignore")
