"""ntfy, webhook and Telegram against a real web server that also fails, redirects, drips and says nonsense."""

import json
import logging
import time

import pytest

import dayspool.notify.web
from dayspool.core.alarm import Phase, Severity
from dayspool.errors import AlarmUndelivered, PlanError
from dayspool.notify import Ntfy, Secret, Telegram, Webhook
from tests.notify.servers import alarm, free_port, web

TOKEN = "tk_very_secret_token"
BOT = "123456:AAbbCC-secret"


def receivers(url):
    return [
        Ntfy(topic=Secret("harbour-7f3a"), url=url, token=Secret(TOKEN)),
        Webhook(url=Secret(f"{url}/hooks/{TOKEN}"), token=Secret(TOKEN)),
        Telegram(token=Secret(BOT), chat="-100200", url=url),
    ]


KINDS = pytest.mark.parametrize("number", range(3), ids=["ntfy", "webhook", "telegram"])


def test_ntfy_gets_title_message_and_priority():
    with web() as server:
        ntfy = receivers(server.url)[0]
        ntfy.deliver(alarm())
        ntfy.deliver(alarm("harbour: camera found", phase=Phase.OVER, severity=Severity.INFO))
    (path, headers, body), (_, _, over) = server.posted
    said = json.loads(body)
    assert (path, headers["Authorization"]) == ("/", f"Bearer {TOKEN}")
    assert (said["topic"], said["title"], said["priority"]) == ("harbour-7f3a", "harbour: camera lost", 5)
    assert said["message"] == "Since noon.\nLook at the camera — soon."
    assert json.loads(over)["tags"] == ["white_check_mark"]


def test_webhook_gets_the_whole_alarm():
    with web((204, {}, b"")) as server:
        receivers(server.url)[1].deliver(alarm())
    ((path, headers, body),) = server.posted
    said = json.loads(body)
    assert (path, headers["Content-Type"]) == (f"/hooks/{TOKEN}", "application/json")
    assert said["kind"] == "camera-lost"
    assert said["since"] == "2026-06-01T12:00:00+00:00"
    assert said["text"].startswith("harbour: camera lost\nSince noon.")


def test_telegram_gets_plain_text():
    with web() as server:
        receivers(server.url)[2].deliver(alarm("<b>*harbour*</b>"))
    ((path, _, body),) = server.posted
    said = json.loads(body)
    assert path == f"/bot{BOT}/sendMessage"
    assert (said["chat_id"], said["disable_notification"]) == ("-100200", False)
    assert said["text"].startswith("<b>*harbour*</b>\n")
    assert "parse_mode" not in said


@KINDS
@pytest.mark.parametrize(
    ("answer", "says", "refused", "wait"),
    [
        ((500, {}, b"oops"), "HTTP 500", False, None),
        ((503, {"Retry-After": "40"}, b""), "HTTP 503", False, 40),
        ((429, {}, b'{"ok":false,"parameters":{"retry_after":17}}'), "HTTP 429", False, 17),
        ((429, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, b"[[["), "HTTP 429", False, None),
        ((429, {"Retry-After": "1e99"}, b""), "HTTP 429", False, 3600),
        ((400, {}, b""), "HTTP 400", True, None),
        ((401, {}, b""), "HTTP 401", False, None),
        ((302, {"Location": "http://127.0.0.1:1/elsewhere"}, b""), "not followed", False, None),
        (lambda handler: handler.wfile.write(b"\0\1nonsense\r\n\r\n"), "no answer that makes sense", False, None),
        (lambda _: None, "no answer that makes sense", False, None),
    ],
)
def test_a_server_that_fails(number, answer, says, refused, wait):
    with web(answer) as server, pytest.raises(AlarmUndelivered, match=says) as caught:
        receivers(server.url)[number].deliver(alarm())
    assert (caught.value.refused, caught.value.wait_seconds) == (refused, wait)
    assert len(server.posted) == 1
    assert "secret" not in str(caught.value)


@KINDS
def test_nobody_there(number):
    with pytest.raises(AlarmUndelivered, match="cannot be reached") as caught:
        receivers(f"http://127.0.0.1:{free_port()}")[number].deliver(alarm())
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("drips", [True, False])
def test_a_slow_server_has_an_end(monkeypatch, drips):
    monkeypatch.setattr(
        dayspool.notify.web.post_json, "__kwdefaults__", {"headers": None, "ca_file": None, "seconds": 0.3}
    )

    def slow(handler):
        if drips:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not handler.server.release.wait(0.1):
            handler.wfile.write(b"x" if drips else b"")

    began = time.monotonic()
    with web(slow) as server, pytest.raises(AlarmUndelivered, match=r"within 0\.3 s"):
        receivers(server.url)[0].deliver(alarm())
    assert time.monotonic() - began < 5


def test_an_endless_answer_is_not_read_whole():
    def endless(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            handler.wfile.write(b"x" * 65_536)

    with web(endless) as server:
        receivers(server.url)[1].deliver(alarm())


def test_no_secret_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    for number in range(3):
        with web() as server:
            receivers(server.url)[number].deliver(alarm())
    assert "secret" not in caplog.text
    assert "harbour-7f3a" not in caplog.text
    assert "secret" not in repr(receivers("http://127.0.0.1"))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Ntfy(topic=Secret("a b")),
        lambda: Ntfy(topic=Secret("a"), url="ftp://x"),
        lambda: Webhook(url=Secret("http://")),
        lambda: Webhook(url=Secret("http://[::1")),
        lambda: Telegram(token=Secret("no/../token"), chat="1"),
    ],
)
def test_what_cannot_be_an_address_is_refused_at_once(make):
    with pytest.raises(PlanError):
        make()


@pytest.mark.parametrize(
    ("proxy", "said"), [("socks5://127.0.0.1:9", "pip install socksio"), ("nonsense://me:pass@x", "cannot be used")]
)
def test_a_proxy_that_cannot_be_used_is_named_and_its_password_not(monkeypatch, proxy, said):
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(AlarmUndelivered, match=said) as failed:
        receivers("http://example.org")[0].deliver(alarm())
    assert "ALL_PROXY" in str(failed.value)
    assert "pass" not in str(failed.value)


@pytest.mark.parametrize(("text", "said"), [(None, "No such file"), ("no certificate", "holds no certificate")])
def test_an_authority_that_cannot_be_read_is_named(tmp_path, text, said):
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(AlarmUndelivered, match=f"ca.pem cannot be used.*{said}"):
        Webhook(url=Secret("https://127.0.0.1:9/"), ca_file=path).deliver(alarm())
