"""E-mail against a real SMTP server, with and without encryption and passwords, and one that refuses."""

import email
import email.policy
import ssl
from dataclasses import replace

import pytest

from dayspool.errors import AlarmUndelivered, PlanError
from dayspool.notify import Mail, Secret
from tests.notify.servers import CERTIFICATE, alarm, free_port, mail

PASSWORD = "hunter-secret-2"


def mailbox(server, **options):
    port = server.server_address[1]
    return Mail(host="127.0.0.1", port=port, to=("me@example.org", "you@example.org"), **options)


def parsed(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


@pytest.mark.parametrize("security", ["plain", "starttls", "tls"])
@pytest.mark.parametrize("login", [True, False])
def test_a_mail_arrives(security, login):
    users = {"me": PASSWORD} if login else {}
    own = {"username": "me", "password": Secret(PASSWORD)} if login else {}
    with mail(security=security, users=users) as server:
        mailbox(server, security=security, ca_file=CERTIFICATE, from_="shoot@example.org", **own).deliver(alarm())
    ((to, raw),) = server.mails
    message = parsed(raw)
    assert [address.split(":")[1].strip("<>").split(">")[0] for address in to] == ["me@example.org", "you@example.org"]
    assert (message["Subject"], message["From"]) == ("harbour: camera lost", "shoot@example.org")
    assert "Look at the camera — soon." in message.get_content()
    assert server.encrypted == [security != "plain"]
    assert server.logins == (["me"] if login else [])


def test_no_camera_can_add_a_header():
    with mail() as server:
        mailbox(server, security="plain").deliver(alarm("harbour\r\nBcc: thief@example.org\r\n\r\nmore ünd — 写真" * 5))
    ((to, raw),) = server.mails
    message = parsed(raw)
    assert message["Bcc"] is None
    assert len(to) == 2
    assert "写真" in message["Subject"]


def test_every_attempt_is_the_same_mail():
    box = Mail(host="h", to=("me@example.org",))
    assert box.message(alarm())["Message-ID"] == box.message(alarm())["Message-ID"]
    assert box.message(alarm())["Message-ID"] != box.message(alarm("other"))["Message-ID"]


def test_a_wrong_password_is_told_without_it():
    with mail(security="starttls", users={"me": "another"}) as server:
        box = mailbox(server, ca_file=CERTIFICATE, username="me", password=Secret(PASSWORD))
        with pytest.raises(AlarmUndelivered, match="user and password") as caught:
            box.deliver(alarm())
    assert PASSWORD not in str(caught.value)
    assert not caught.value.refused
    assert not server.mails


@pytest.mark.parametrize(
    ("replies", "refused"),
    [
        ({"RCPT": "550 no such user"}, True),
        ({"RCPT": f"451 \x1b[31mcome back {PASSWORD}"}, False),
        ({"DATA": "554 spam"}, True),
        ({"DATA": "452 full"}, False),
        ({"MAIL": "421 busy"}, False),
    ],
)
def test_a_server_that_refuses(replies, refused):
    with mail(replies=replies) as server:
        box = replace(mailbox(server, security="plain"), username="me", password=Secret(PASSWORD))
        server.users["me"] = PASSWORD
        with pytest.raises(AlarmUndelivered) as caught:
            box.deliver(alarm())
    assert caught.value.refused is refused
    assert str(caught.value).isprintable()
    assert PASSWORD not in str(caught.value)


def test_a_certificate_nobody_vouches_for_is_not_trusted():
    with mail(security="starttls") as server, pytest.raises(AlarmUndelivered, match="certificate"):
        mailbox(server).deliver(alarm())
    assert not server.mails


def test_a_server_without_encryption_gets_nothing():
    with mail(security="plain") as server, pytest.raises(AlarmUndelivered, match="STARTTLS"):
        mailbox(server, security="starttls").deliver(alarm())
    assert not server.mails


def test_nobody_there():
    with pytest.raises(AlarmUndelivered, match="cannot be used"):
        Mail(host="127.0.0.1", port=free_port(), to=("me@example.org",), security="plain").deliver(alarm())


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"to": ()}, "to"),
        ({"to": ("a@b\r\nBcc: c@d",)}, "to"),
        ({"to": ("a@b, c@d",)}, "to"),
        ({"from_": "nobody"}, "from"),
        ({"security": "none"}, "security"),
        ({"username": "me"}, "username"),
        ({"port": 70_000}, "port"),
        ({"security": "plain", "username": "me", "password": Secret("x")}, "security"),
    ],
)
def test_mistakes(options, key):
    with pytest.raises(PlanError) as caught:
        Mail(**{"host": "mail.example.org", "to": ("me@example.org",), **options})
    assert [problem.keys[0] for problem in caught.value.problems] == [key]


def test_the_certificate_of_the_tests_is_good():
    ssl.create_default_context(cafile=str(CERTIFICATE))
