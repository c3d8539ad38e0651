"""Tell alarms through ntfy (https://ntfy.sh or one's own): as JSON, so that no text gets near a header."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 - the settings reader looks at the annotations at run time
from typing import TYPE_CHECKING

from dayspool.core.alarm import Phase, Severity
from dayspool.core.plan import Mistake
from dayspool.errors import PlanError
from dayspool.notify.receiver import Secret, capped
from dayspool.notify.web import check_address, post_json

if TYPE_CHECKING:
    from dayspool.core.alarm import Alarm

__all__ = ["Ntfy"]

_PRIORITIES = {Severity.INFO: 3, Severity.WARNING: 4, Severity.CRITICAL: 5}  # docs.ntfy.sh/publish: 1 to 5, 3 default
_TAGS = {Severity.INFO: "camera", Severity.WARNING: "warning", Severity.CRITICAL: "rotating_light"}
_MESSAGE_BYTES = 4000  # the server turns longer ones into attachments from 4,096 on
_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ntfy:
    """A topic of an ntfy server.

    Attributes:
        topic: who knows it can read it: choose one that nobody guesses.
        url: the server.
        token: an access token, where the topic is protected.
        ca_file: the certificate of one's own authority.
    """

    topic: Secret = field(repr=False)
    url: str = "https://ntfy.sh"
    token: Secret | None = None
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        problems = []
        if not _TOPIC.fullmatch(self.topic.reveal()):
            problems.append(Mistake("a topic has 1 to 64 letters, digits, - and _", "topic"))
        if (wrong := check_address(self.url)) is not None:
            problems.append(Mistake(wrong, "url"))
        if problems:
            raise PlanError(*problems)

    def deliver(self, alarm: Alarm) -> None:
        """Publish an alarm.

        Raises:
            AlarmUndelivered: it was not published.
        """
        values = {
            "topic": self.topic.reveal(),
            "title": alarm.title,
            "message": capped(alarm.body or alarm.title, _MESSAGE_BYTES),
            "priority": _PRIORITIES[alarm.severity],
            "tags": ["white_check_mark" if alarm.phase is Phase.OVER else _TAGS[alarm.severity]],
        }
        headers = {} if self.token is None else {"Authorization": f"Bearer {self.token.reveal()}"}
        post_json(self.url, values, headers=headers, ca_file=self.ca_file)

    def close(self) -> None:
        """Nothing is held."""
