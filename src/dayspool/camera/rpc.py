"""The camera's JSON calls as bytes: requests out, results or typed errors back. No network here.

Request `{"method":m,"params":[…],"id":n,"version":"1.0"}`; reply `{"id":n,"result":[…]}`, with `results` instead for
tables of rows; errors `{"id":n,"error":[code,"text"]}`, with HTTP 200 as a rule, 403 for gated methods, 404 (without an
`id`) off the service path, and 500 on some bodies. Facts: Sony's Camera Remote API as recorded on RX100 M2 to A7 III.
"""

from __future__ import annotations

import json
from enum import IntEnum
from typing import Any

from dayspool.errors import CameraBusy, CameraConfused, CameraError, CameraRefused, StillExposing

__all__ = ["Code", "decode_reply", "encode_request"]


class Code(IntEnum):
    """The error numbers a client must tell apart."""

    ANY = 1  # "Not Available Now": busy, or the wrong state or mode
    TIMEOUT = 2  # a long poll ended without news
    NO_SUCH_METHOD = 12
    FORBIDDEN = 403
    NOT_FOUND = 404
    SHOOTING_FAIL = 40400  # most often: focus could not lock
    NOT_READY = 40401
    ALREADY_POLLING = 40402
    STILL_CAPTURING = 40403  # "Long shooting": fetch the answer with awaitTakePicture


_ADVICE: dict[int, str] = {
    Code.ANY: "it is busy or in the wrong mode; wait a few seconds",
    Code.NO_SUCH_METHOD: "this body does not have that function",
    Code.FORBIDDEN: "this body offers it to licensed programs only",
    Code.NOT_FOUND: "no camera service lives at this address",
    Code.SHOOTING_FAIL: "focus most likely could not lock; use manual focus",
    Code.NOT_READY: "it is still starting; wait a few seconds",
}


def encode_request(method: str, params: list[Any], request_id: int, version: str = "1.0") -> bytes:
    """Return the body of one call; keys in the order every recorded client uses."""
    call = {"method": method, "params": params, "id": request_id, "version": version}
    return json.dumps(call, separators=(",", ":")).encode()


def decode_reply(status: int, body: bytes, *, method: str, request_id: int) -> list[Any]:
    """Return the `result` (or `results`) of a reply.

    Raises:
        StillExposing: code 40403.
        CameraBusy: code 1 or 40401.
        CameraRefused: any other code, or HTTP 403, 404.
        CameraConfused: no JSON, no reply of this protocol, or the reply to another call.
    """
    reply = _parse(status, body, method)
    error = reply.get("error")
    if error is not None:
        raise _error(error, method)
    if status != 200:
        raise CameraConfused(f"{method}: HTTP {status} without an error the camera protocol knows", code=status)
    if reply.get("id", request_id) != request_id:
        raise CameraConfused(f"{method}: the reply belongs to call {reply.get('id')!r}, not to {request_id}")
    result = reply.get("result", reply.get("results"))
    if not isinstance(result, list):
        raise CameraConfused(f"{method}: the reply carries neither a result nor an error")
    return result


def _parse(status: int, body: bytes, method: str) -> dict[str, Any]:
    try:
        reply = json.loads(body)
    except (ValueError, RecursionError):
        if status == 404:
            raise CameraRefused(f"{method}: HTTP 404; {_ADVICE[Code.NOT_FOUND]}", code=404) from None
        shown = body[:40].decode("utf-8", "replace")
        raise CameraConfused(f"{method}: HTTP {status} and no JSON: {shown!r}", code=None) from None
    if not isinstance(reply, dict):
        raise CameraConfused(f"{method}: the reply is JSON, but no object")
    return reply


def _error(error: object, method: str) -> CameraError:
    if not (isinstance(error, list) and error and isinstance(error[0], int)):
        return CameraConfused(f"{method}: the camera's error makes no sense: {str(error)[:80]!r}")
    code = error[0]
    said = str(error[1])[:80] if len(error) > 1 else ""
    advice = _ADVICE.get(code)
    message = f"{method}: the camera answered {code} ({said})" + (f"; {advice}" if advice else "")
    if code == Code.STILL_CAPTURING:
        return StillExposing(message, code=code)
    if code in (Code.ANY, Code.NOT_READY):
        return CameraBusy(message, code=code)
    return CameraRefused(message, code=code)
