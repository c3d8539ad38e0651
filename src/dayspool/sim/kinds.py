"""The kinds of mishaps, and which keys of a script mean something to each: data only."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KEYS", "NEEDS", "UNBOUND", "WHERES", "FaultKind"]


class FaultKind(StrEnum):
    """What can go wrong."""

    # the answer to one request, or to one exposure
    ANSWER_LOST = "answer_lost"  # it happens, and the connection closes without an answer
    ANSWER_DELAYED = "answer_delayed"  # the answer comes `seconds` later
    RESET = "reset"  # the connection closes before anything happens
    BUSY = "busy"  # error 1, "Not Available Now"
    SHUTTER_FAILED = "shutter_failed"  # error 40400
    SHOT_ERROR = "shot_taken_error_returned"  # error 40400 although the picture was taken (ILCA-77M2, ILCE-QX1)
    LONG_EXPOSURE = "long_exposure"  # answered after `seconds`: error 40403, then awaitTakePicture
    NOT_READY = "not_ready"  # error 40401, for `seconds` or from–to
    WRONG_SHOOT_MODE = "wrong_shoot_mode"  # the camera is in "movie" at the start, or `from` a moment on
    EVENTS_ABRIDGED = "events_abridged"  # event answers without the slots that have no news: parse by type
    HANGS = "hang_after_calls_per_second"  # more than `calls` requests in a second: silent from then on, until `to`

    # pictures
    PICTURE_TRUNCATED = "picture_truncated"  # the declared length, fewer bytes
    PICTURE_GARBAGE = "picture_garbage"  # the right length, no JPEG
    PICTURE_GONE = "picture_gone"  # 404, for good
    PICTURE_REPEATED = "picture_repeated"  # the picture of the exposure before comes again, whole
    URL_DEAD = "url_dead_after_next_shot"  # a postview answers 404 once another exposure has been made

    # the body
    CARD_FULL = "card_full"  # no image more, from a `shot` or moment on
    NO_CARD = "no_card"  # "No Media"
    BATTERY_LOW = "battery_low"  # `level` of 1 left (0.05 unless said), and near its end
    FILE_NUMBER = "file_number"  # the first exposure is file `number`; 9999 is followed by 0001 in a new folder

    # the link, and being found
    LINK_DOWN = "link_down"  # every connection closes at once, from–to
    SILENT = "silent"  # connections are accepted and never answered, from–to, as by a camera out of reach
    WRONG_LOCATION = "wrong_location"  # SSDP names `location`, or a dead port
    NO_SSDP = "no_ssdp"  # searches are not answered
    SSDP_DELAYED = "ssdp_delayed"  # searches are answered `seconds` later
    SSDP_DUPLICATED = "ssdp_duplicated"  # every answer comes `times` times (3 unless said)

    # hostile answers, at `where`
    HTTP_500 = "http_500"  # HTTP 500 and nothing done
    RUBBISH = "rubbish_answer"  # bytes that are nothing
    WRONG_TYPE = "wrong_type_answer"  # well-formed, of another type
    HUGE = "huge_answer"  # 100 MB
    SLOW = "slow_answer"  # one byte per second
    REDIRECT = "redirect"  # HTTP 302 to `location`, or to a host that is not there
    FOREIGN_HOST = "foreign_host"  # addresses in answers name `host`, or 192.0.2.66
    EVIL_NAMES = "evil_names"  # files are called `../../x`


WHERES = ("json", "description", "picture", "liveview", "soap", "files")
"""Where a hostile answer can come: JSON services, descriptions, postviews, liveview, ContentDirectory, originals."""

_SHOT = frozenset({"shot", "every", "chance", "times"})
_SPAN = frozenset({"from", "to"})
_ANSWER = frozenset({"call", "times", "method", "where"}) | _SPAN
KEYS: Mapping[FaultKind, frozenset[str]] = {
    FaultKind.ANSWER_LOST: _SHOT | {"call"},
    FaultKind.ANSWER_DELAYED: _SHOT | {"call", "seconds", "up_to"},
    FaultKind.RESET: _SHOT | {"call"},
    FaultKind.BUSY: _SHOT | _SPAN,
    FaultKind.SHUTTER_FAILED: _SHOT,
    FaultKind.SHOT_ERROR: _SHOT,
    FaultKind.LONG_EXPOSURE: _SHOT | {"seconds"},
    FaultKind.NOT_READY: _SHOT | _SPAN | {"seconds"},
    FaultKind.WRONG_SHOOT_MODE: frozenset({"from"}),
    FaultKind.EVENTS_ABRIDGED: _SPAN,
    FaultKind.HANGS: frozenset({"calls"}) | _SPAN,
    FaultKind.PICTURE_TRUNCATED: _SHOT,
    FaultKind.PICTURE_GARBAGE: _SHOT,
    FaultKind.PICTURE_GONE: frozenset({"shot", "every", "chance"}),
    FaultKind.PICTURE_REPEATED: frozenset({"shot", "every", "chance"}),
    FaultKind.URL_DEAD: _SPAN,
    FaultKind.CARD_FULL: frozenset({"shot"}) | _SPAN,
    FaultKind.NO_CARD: _SPAN,
    FaultKind.BATTERY_LOW: frozenset({"level"}) | _SPAN,
    FaultKind.FILE_NUMBER: frozenset({"number"}),
    FaultKind.LINK_DOWN: _SPAN,
    FaultKind.SILENT: _SPAN,
    FaultKind.WRONG_LOCATION: frozenset({"location"}),
    FaultKind.NO_SSDP: _SPAN,
    FaultKind.SSDP_DELAYED: _SPAN | {"seconds"},
    FaultKind.SSDP_DUPLICATED: _SPAN | {"times"},
    FaultKind.HTTP_500: _ANSWER,
    FaultKind.RUBBISH: _ANSWER,
    FaultKind.WRONG_TYPE: _ANSWER,
    FaultKind.HUGE: _ANSWER,
    FaultKind.SLOW: _ANSWER,
    FaultKind.REDIRECT: _ANSWER | {"location"},
    FaultKind.FOREIGN_HOST: frozenset({"where", "host"}) | _SPAN,
    FaultKind.EVIL_NAMES: _SPAN,
}

UNBOUND = frozenset(
    {
        FaultKind.WRONG_LOCATION,
        FaultKind.WRONG_SHOOT_MODE,
        FaultKind.EVENTS_ABRIDGED,
        FaultKind.HANGS,
        FaultKind.URL_DEAD,
        FaultKind.CARD_FULL,
        FaultKind.NO_CARD,
        FaultKind.BATTERY_LOW,
        FaultKind.FILE_NUMBER,
        FaultKind.NO_SSDP,
        FaultKind.SSDP_DELAYED,
        FaultKind.SSDP_DUPLICATED,
        FaultKind.HTTP_500,
        FaultKind.RUBBISH,
        FaultKind.WRONG_TYPE,
        FaultKind.HUGE,
        FaultKind.SLOW,
        FaultKind.REDIRECT,
        FaultKind.FOREIGN_HOST,
        FaultKind.EVIL_NAMES,
    }
)
"""Kinds that hold from the start when no shot, call or moment is given."""

NEEDS: Mapping[FaultKind, tuple[str, str]] = {
    FaultKind.ANSWER_DELAYED: ("seconds", "how long"),
    FaultKind.LONG_EXPOSURE: ("seconds", "how long"),
    FaultKind.SSDP_DELAYED: ("seconds", "how long"),
    FaultKind.FILE_NUMBER: ("number", "which file comes first"),
    FaultKind.HANGS: ("calls", "how many requests in a second are too many"),
}
"""The key a kind cannot do without, and what it tells."""
