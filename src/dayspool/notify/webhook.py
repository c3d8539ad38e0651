"""Tell alarms to a web address of the person's: one JSON object by POST."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 - the settings reader looks at the annotations at run time
from typing import TYPE_CHECKING

from dayspool.core.alarm import plain_alarm
from dayspool.core.plan import Mistake
from dayspool.errors import PlanError
from dayspool.notify.receiver import Secret  # noqa: TC001 - the settings reader looks at the annotations at run time
from dayspool.notify.web import check_address, post_json

if TYPE_CHECKING:
    from dayspool.core.alarm import Alarm

__all__ = ["Webhook"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that takes JSON.

    Attributes:
        url: the address; often a secret in itself, so it is treated as one.
        token: sent as `Authorization: Bearer`.
        ca_file: the certificate of one's own authority.
    """

    url: Secret = field(repr=False)
    token: Secret | None = None
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        if (wrong := check_address(self.url.reveal())) is not None:
            raise PlanError(Mistake(wrong, "url"))

    def deliver(self, alarm: Alarm) -> None:
        """Post an alarm, with a `text` of its own for services that show nothing else.

        Raises:
            AlarmUndelivered: it was not taken.
        """
        values = {**plain_alarm(alarm), "text": f"{alarm.title}\n{alarm.body}".strip()}
        headers = {} if self.token is None else {"Authorization": f"Bearer {self.token.reveal()}"}
        post_json(self.url.reveal(), values, headers=headers, ca_file=self.ca_file)

    def close(self) -> None:
        """Nothing is held."""
