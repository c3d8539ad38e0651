"""Tell alarms by e-mail: one connection for each, encrypted unless the person says otherwise."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from pathlib import Path  # noqa: TC003 - the settings reader looks at the annotations at run time
from typing import TYPE_CHECKING

from dayspool.core.plan import Mistake
from dayspool.errors import AlarmUndelivered, PlanError
from dayspool.notify.receiver import Secret  # noqa: TC001 - the settings reader looks at the annotations at run time
from dayspool.notify.web import tls_context

if TYPE_CHECKING:
    import smtplib

    from dayspool.core.alarm import Alarm

__all__ = ["Mail"]

_PORTS = {"starttls": 587, "tls": 465, "plain": 25}
_ADDRESS = re.compile(r"[^\s@<>,;:\"\\()\[\]\x00-\x1f\x7f]+@[^\s@<>,;:\"\\()\x00-\x1f\x7f]+")
_SECONDS = 20.0
_REFUSED_FROM = 500  # RFC 5321: 5yz is for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mailbox, reached through an SMTP server.

    Attributes:
        host: the SMTP server.
        to: who gets it, one address or several.
        sender: who it is from; written `from`. The first of `to` if left out.
        security: `starttls`, `tls` or `plain`.
        port: the usual one of `security` if left out.
        username: with `password`, where the server wants them.
        ca_file: the certificate of one's own authority.
    """

    host: str
    to: tuple[str, ...]
    from_: str | None = None
    security: str = "starttls"
    port: int | None = None
    username: str | None = None
    password: Secret | None = None
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise PlanError(*problems)

    def _problems(self) -> list[Mistake]:
        found = []
        if self.security not in _PORTS:
            found.append(Mistake(f"must be {', '.join(_PORTS)}, not {self.security!r}", "security"))
        if self.port is not None and not 0 < self.port < 65_536:
            found.append(Mistake("no port has this number", "port"))
        if not self.to:
            found.append(Mistake("name at least one address", "to"))
        wrong = [one for one in self.to if not _ADDRESS.fullmatch(one) or not one.isascii()]
        found += [Mistake(f"{one!r} is no address; write name@host", "to") for one in wrong]
        if self.from_ is not None and not (_ADDRESS.fullmatch(self.from_) and self.from_.isascii()):
            found.append(Mistake(f"{self.from_!r} is no address; write name@host", "from"))
        if (self.username is None) is not (self.password is None):
            found.append(Mistake("username and password go together", "username"))
        if self.password is not None and self.security == "plain" and not _is_loopback(self.host):
            found.append(Mistake('a password would go over the network in the clear; choose "starttls"', "security"))
        return found

    def deliver(self, alarm: Alarm) -> None:
        """Send an alarm.

        Raises:
            AlarmUndelivered: the server did not take it, for one recipient at least.
        """
        import smtplib  # slow to import, and the capture side reads the settings too

        where = f"the mail server {self.host}"
        try:
            with self._connect() as server:
                if self.username is not None and self.password is not None:
                    server.login(self.username, self.password.reveal())
                left_out = server.send_message(self.message(alarm), to_addrs=list(self.to))
        except smtplib.SMTPRecipientsRefused as error:
            code = min(status for status, _ in error.recipients.values())
            refused = code >= _REFUSED_FROM
            raise AlarmUndelivered(f"{where} takes no mail for these addresses ({code})", refused=refused) from None
        except smtplib.SMTPAuthenticationError as error:
            raise AlarmUndelivered(f"{where} does not accept user and password ({error.smtp_code})") from None
        except smtplib.SMTPResponseException as error:
            said = self._safe(error.smtp_error)
            refused = error.smtp_code >= _REFUSED_FROM
            raise AlarmUndelivered(f"{where} said {error.smtp_code} {said}", refused=refused) from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise AlarmUndelivered(f"{where} cannot be used: {self._safe(str(error))}") from None
        if left_out:
            raise AlarmUndelivered(f"{where} took it, but not for {len(left_out)} of the addresses", refused=True)

    def message(self, alarm: Alarm) -> EmailMessage:
        """Return the message, the same for every attempt, so that a mailbox shows it once."""
        message = EmailMessage(policy=SMTP_POLICY)
        message["Subject"] = alarm.title
        message["From"] = self.from_ or self.to[0]
        message["To"] = ", ".join(self.to)
        message["Date"] = format_datetime(alarm.utc)
        digest = hashlib.blake2b(f"{alarm.utc}{alarm.kind}{alarm.title}".encode(), digest_size=12).hexdigest()
        message["Message-ID"] = f"<{digest}@dayspool.invalid>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(alarm.body or alarm.title)
        return message

    def close(self) -> None:
        """Nothing is held."""

    def _connect(self) -> smtplib.SMTP:
        import smtplib

        port = self.port or _PORTS[self.security]
        # a name for the greeting, because asking DNS for one's own may take long
        if self.security == "tls":
            context = tls_context(self.ca_file)
            return smtplib.SMTP_SSL(self.host, port, local_hostname="localhost", timeout=_SECONDS, context=context)
        server = smtplib.SMTP(self.host, port, local_hostname="localhost", timeout=_SECONDS)
        if self.security == "starttls":
            try:
                server.starttls(context=tls_context(self.ca_file))
            except BaseException:
                server.close()
                raise
        return server

    def _safe(self, said: bytes | str) -> str:
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        text = "".join(sign if sign.isprintable() else " " for sign in text)[:200]
        return text if self.password is None else self.password.hidden_in(text)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
