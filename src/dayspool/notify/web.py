"""One POST over HTTP: no redirect, a capped answer, an end to every wait; here only this knows the HTTP library."""

from __future__ import annotations

import json
import logging
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2

from dayspool.clock import SystemClock
from dayspool.errors import AlarmUndelivered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Answer", "check_address", "post_json", "tls_context"]

SECONDS = 15.0
_ANSWER_CAP = 64 << 10
_MEND_YOURSELF = frozenset({401, 403, 404, 408, 425, 429})  # a person or time may mend these; other 4xx are for ever
_LONGEST_WAIT = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: a status of 200 to 299, and the beginning of its body."""

    status: int
    body: bytes


def check_address(url: str) -> str | None:
    """Return what is wrong with an address to post to, if anything; the address itself is not repeated."""
    try:
        split = urlsplit(url)
        port = split.port
        httpx2.URL(url)
    except (ValueError, httpx2.InvalidURL):
        return "is no address; write https://host/path"
    if split.scheme not in ("http", "https") or not split.hostname or port == 0:
        return "is no address; write https://host/path"
    return None


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Return how certificates are checked: as this machine does, or against `ca_file`.

    Raises:
        AlarmUndelivered: that file cannot be read, or holds no certificate.
    """
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except OSError as error:
        reason = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise AlarmUndelivered(f"the ca_file {ca_file} cannot be used: {reason}") from None


def post_json(
    url: str,
    values: Mapping[str, Any],
    *,
    headers: Mapping[str, str] | None = None,
    ca_file: Path | None = None,
    seconds: float = SECONDS,
) -> Answer:
    """Post one JSON object.

    Raises:
        AlarmUndelivered: no whole answer in time, or another status than 2xx; the message names the host only, because
            paths and headers hold secrets.
    """
    _keep_quiet()
    where = _shown(url)
    try:
        with (
            _client(ca_file, seconds) as client,
            client.stream("POST", url, content=json.dumps(values).encode(), headers=_headers(headers)) as response,
        ):
            body = _body(response, where, seconds)
            _judge(response, where, body)
            return Answer(status=response.status_code, body=body)
    except httpx2.TimeoutException:
        raise AlarmUndelivered(f"{where} did not answer within {seconds:g} s") from None
    except httpx2.ConnectError as error:
        raise AlarmUndelivered(f"{where} cannot be reached: {error}") from None
    except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, OSError, ValueError) as error:
        # their words may quote headers or the whole address
        raise AlarmUndelivered(f"{where} gave no answer that makes sense ({type(error).__name__})") from None


def _client(ca_file: Path | None, seconds: float) -> httpx2.Client:
    context = tls_context(ca_file)
    try:
        return httpx2.Client(verify=context, follow_redirects=False, timeout=httpx2.Timeout(seconds))
    except (ValueError, ImportError, httpx2.InvalidURL) as error:
        needed = "; for SOCKS: pip install socksio" if isinstance(error, ImportError) else ""
        raise AlarmUndelivered(f"the proxy that the environment names (ALL_PROXY …) cannot be used{needed}") from None


def _headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {"Content-Type": "application/json", **(headers or {})}


def _body(response: httpx2.Response, where: str, seconds: float) -> bytes:
    """Return the beginning of the body; a server that drips has `seconds` in all."""
    clock = SystemClock()
    began = clock.utc()
    body = b""
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > _ANSWER_CAP:
            break
        if (clock.utc() - began).total_seconds() > seconds:
            raise AlarmUndelivered(f"{where} did not come to an end within {seconds:g} s")
    return body[:_ANSWER_CAP]


def _judge(response: httpx2.Response, where: str, body: bytes) -> None:
    status = response.status_code
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise AlarmUndelivered(f"{where} points elsewhere (HTTP {status}); that is not followed: set the new address")
    refused = 400 <= status < 500 and status not in _MEND_YOURSELF
    raise AlarmUndelivered(
        f"{where} answered HTTP {status}",
        refused=refused,
        wait_seconds=_wait(response.headers.get("Retry-After"), body),
    )


def _wait(header: str | None, body: bytes) -> float | None:
    """Return how long to leave a server alone: its header says so, or its JSON as Telegram's does."""
    said: Any = header
    if said is None:
        try:
            said = json.loads(body)["parameters"]["retry_after"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
    try:
        return min(max(0.0, float(said)), _LONGEST_WAIT)
    except (TypeError, ValueError):
        return None


def _shown(url: str) -> str:
    """Return scheme, host and port; never a name, a password, a path or a query."""
    split = urlsplit(url)
    port = "" if split.port is None else f":{split.port}"
    host = f"[{split.hostname}]" if split.hostname and ":" in split.hostname else split.hostname
    return f"{split.scheme}://{host}{port}"


def _keep_quiet() -> None:
    """Keep the HTTP library from logging whole addresses and headers: tokens are in them."""
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
