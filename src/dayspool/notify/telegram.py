"""Tell alarms through a Telegram bot: plain text, so that nothing in it is markup."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 - the settings reader looks at the annotations at run time
from typing import TYPE_CHECKING

from dayspool.core.alarm import Severity
from dayspool.core.plan import Mistake
from dayspool.errors import PlanError
from dayspool.notify.receiver import Secret  # noqa: TC001 - the settings reader looks at the annotations at run time
from dayspool.notify.web import check_address, post_json

if TYPE_CHECKING:
    from dayspool.core.alarm import Alarm

__all__ = ["Telegram"]

_TOKEN = re.compile(r"\d{1,20}:[-_A-Za-z0-9]{1,100}")
_TEXT_SIGNS = 4096  # core.telegram.org/bots/api#sendmessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Telegram:
    """A chat with a bot.

    Attributes:
        token: the bot's, from @BotFather.
        chat: the number of the chat, or `@channel`.
        url: where the bot API is.
        ca_file: the certificate of one's own authority.
    """

    token: Secret = field(repr=False)
    chat: str
    url: str = "https://api.telegram.org"
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        problems = []
        if not _TOKEN.fullmatch(self.token.reveal()):
            problems.append(Mistake("is no token of a bot; @BotFather gives one like 123456:ABC-def", "token"))
        if (wrong := check_address(self.url)) is not None:
            problems.append(Mistake(wrong, "url"))
        if problems:
            raise PlanError(*problems)

    def deliver(self, alarm: Alarm) -> None:
        """Send an alarm; what is only information makes no sound.

        Raises:
            AlarmUndelivered: it was not sent.
        """
        values = {
            "chat_id": self.chat,
            "text": f"{alarm.title}\n{alarm.body}".strip()[:_TEXT_SIGNS],
            "disable_notification": alarm.severity is Severity.INFO,
        }
        post_json(f"{self.url.rstrip('/')}/bot{self.token.reveal()}/sendMessage", values, ca_file=self.ca_file)

    def close(self) -> None:
        """Nothing is held."""
