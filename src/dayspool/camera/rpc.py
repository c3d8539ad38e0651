"""The camera's JSON calls as bytes: requests out, results or typed errors back. No network here.

Request `{"method":m,"params":[…],"id":n,"version":"1.0"}`; reply `{"id":n,"result":[…]}`, with `results` instead for
tables of rows; errors `{"id":n,"error":[code,"text"]}`, with HTTP 200 as a rule, 403 for gated methods, 404 (without an
`id`) off the service path, and 500 on some bodies. Facts: Sony's Camera Remote API as recorded on RX100 M2 to A7 III.
"""

from __future__ import annotations

import json
import re
from enum import IntEnum
from typing import Any

from dayspool.errors import CameraBusy, CameraConfused, CameraError, CameraRefused, StillExposing

__all__ = ["NOT_NOW", "Code", "decode_reply", "encode_request"]


class Code(IntEnum):
    """The error numbers that mean something in practice; names from the Camera Remote API's list of codes."""

    ANY = 1  # "Not Available Now": busy, or the wrong state or mode
    TIMEOUT = 2  # a long poll ended without news
    ILLEGAL_ARGUMENT = 3
    ILLEGAL_STATE = 7
    NO_SUCH_METHOD = 12
    UNSUPPORTED_VERSION = 14
    UNSUPPORTED_OPERATION = 15
    UNAUTHORIZED = 401
    FORBIDDEN = 403
    NOT_FOUND = 404
    NOT_ACCEPTABLE = 406
    TOO_LARGE = 413
    TOO_LONG = 414
    SERVER_ERROR = 500
    NOT_IMPLEMENTED = 501
    UNAVAILABLE = 503
    SHOOTING_FAIL = 40400  # most often: focus could not lock
    NOT_READY = 40401
    ALREADY_POLLING = 40402
    STILL_CAPTURING = 40403  # "Long shooting": fetch the answer with awaitTakePicture
    CONTENT_PROTECTED = 41000
    CONTENT_MISSING = 41001
    STORAGE_REMOVED = 41002
    NOT_ALL_DELETED = 41003


NOT_NOW = "it is busy or in the wrong mode; wait a few seconds"
_LICENSED = "this body offers it to licensed programs only; see docs/cameras.md"
_NO_FUNCTION = "this body does not have that function"
_MALFORMED = "it does not take a request of this form; please report it"

_ADVICE: dict[int, str] = {
    Code.ANY: NOT_NOW,
    Code.TIMEOUT: "it waited for something that did not happen",
    Code.ILLEGAL_ARGUMENT: "it does not take this value; ask for its choices with `dayspool camera info`",
    Code.ILLEGAL_STATE: "it cannot do that in its present state",
    Code.NO_SUCH_METHOD: _NO_FUNCTION,
    Code.UNSUPPORTED_VERSION: "it speaks an older version of that call",
    Code.UNSUPPORTED_OPERATION: _NO_FUNCTION,
    Code.UNAUTHORIZED: _LICENSED,
    Code.FORBIDDEN: _LICENSED,
    Code.NOT_FOUND: "no camera service lives at this address",
    Code.NOT_ACCEPTABLE: _MALFORMED,
    Code.TOO_LARGE: _MALFORMED,
    Code.TOO_LONG: _MALFORMED,
    Code.SERVER_ERROR: "its own program failed on it; most often the mode dial does not allow it",  # movie on an A6300
    Code.NOT_IMPLEMENTED: _NO_FUNCTION,
    Code.UNAVAILABLE: "its service is not up; wait a few seconds",
    Code.SHOOTING_FAIL: "focus most likely could not lock; use manual focus (MF)",
    Code.NOT_READY: "it is still starting; wait a few seconds",
    Code.ALREADY_POLLING: "another call of that kind is still running",
    Code.CONTENT_PROTECTED: "that picture is protected on the camera",
    Code.CONTENT_MISSING: "that picture is not on the card any more",
    Code.STORAGE_REMOVED: "the card was taken out",
    Code.NOT_ALL_DELETED: "some pictures could not be deleted; they may be protected",
}
_LARGEST_CODE = 999_999
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")  # of a pair, or alone
_BUSY = frozenset({Code.ANY, Code.NOT_READY, Code.UNAVAILABLE})


def encode_request(method: str, params: list[Any], request_id: int, version: str = "1.0") -> bytes:
    """Return the body of one call; keys in the order every recorded client uses."""
    call = {"method": method, "params": params, "id": request_id, "version": version}
    return json.dumps(call, separators=(",", ":")).encode()


def decode_reply(status: int, body: bytes, *, method: str, request_id: int) -> list[Any]:
    """Return the `result` (or `results`) of a reply.

    Raises:
        StillExposing: code 40403.
        CameraBusy: code 1, 40401 or 503.
        CameraRefused: any other code, in the reply or, without one, as its HTTP status (401 to 503).
        CameraConfused: no JSON, no reply of this protocol, or the reply to another call.
    """
    reply = _parse(status, body, method)
    error = reply.get("error")
    if error is not None:
        raise _error(error, method)
    if status != 200:
        raise CameraConfused(f"{method}: HTTP {status} without an error the camera protocol knows", code=status)
    if reply.get("id", request_id) != request_id:
        other = repr(reply.get("id"))[:40]
        raise CameraConfused(f"{method}: the reply belongs to call {other}, not to {request_id}")
    result = reply.get("result", reply.get("results"))
    if not isinstance(result, list):
        raise CameraConfused(f"{method}: the reply carries neither a result nor an error")
    return result


def _parse(status: int, body: bytes, method: str) -> dict[str, Any]:
    try:
        reply = _decoded(body)
    except (ValueError, RecursionError):
        if status >= 400 and status in _ADVICE:
            raise _refusal(status, f"{method}: HTTP {status}") from None
        shown = body[:40].decode("utf-8", "replace")
        raise CameraConfused(f"{method}: HTTP {status} and no JSON: {shown!r}", code=None) from None
    if not isinstance(reply, dict):
        raise CameraConfused(f"{method}: the reply is JSON, but no object")
    return reply


def _decoded(body: bytes) -> object:
    """Read JSON; half a character (a lone surrogate), which neither file nor journal can hold, becomes `?`."""
    text = body.decode("utf-8-sig", "replace")
    reply: object = json.loads(text)
    if _HALF_CHARACTER.search(text):
        reply = json.loads(json.dumps(reply, ensure_ascii=False).encode("utf-8", "replace"))
    return reply


def _error(error: object, method: str) -> CameraError:
    if not (isinstance(error, list) and error and isinstance(error[0], int) and abs(error[0]) <= _LARGEST_CODE):
        return CameraConfused(f"{method}: the camera's error makes no sense: {str(error)[:80]!r}")
    said = str(error[1])[:80] if len(error) > 1 else ""
    return _refusal(error[0], f"{method}: the camera answered {error[0]} ({said})")


def _refusal(code: int, what: str) -> CameraError:
    advice = _ADVICE.get(code)
    message = f"{what}; {advice}" if advice else what
    if code == Code.STILL_CAPTURING:
        return StillExposing(message, code=code)
    return CameraBusy(message, code=code) if code in _BUSY else CameraRefused(message, code=code)
