"""A dump made of a capture: the camera that somebody else was talking to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dayspool.learn.assemble import assemble
from dayspool.learn.dump import Dump, DumpedFile, Exchange

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dayspool.learn.capture import Capture
    from dayspool.learn.conversation import Remark

__all__ = ["dump_of_capture"]


def dump_of_capture(capture: Capture) -> Dump | None:
    """Make the dump of the camera that most calls of a capture went to; `None` if there was no camera in it."""
    calls = [one for one in capture.remarks if one.kind in ("call", "event") and _is_camera_call(one)]
    hosts = Counter(_host(one.target) for one in calls)
    described = [one for one in capture.remarks if one.kind == "description" and one.facts.get("body")]
    hosts = hosts or Counter(_host(one.target) for one in described)
    if not hosts:
        return None
    ((host, _),) = hosts.most_common(1)
    unread = Counter(capture.unread)
    if others := len(hosts) - 1:
        unread["other camera in the same capture"] += others
    return assemble(
        source="capture",
        endpoint=_endpoint([one for one in calls if _host(one.target) == host]),
        exchanges=[_exchange(one) for one in calls if _host(one.target) == host],
        descriptions=_files(one for one in described if _host(one.target) == host),
        ssdp=list(dict.fromkeys(_ssdp_texts(capture.remarks, host))),
        escapes_slashes=next((told for one in calls if (told := one.facts["escapes_slashes"]) is not None), None),
        liveview=_liveview(capture.remarks, host),
        unread=unread,
    )


def _is_camera_call(remark: Remark) -> bool:
    return bool(remark.facts.get("service")) and remark.facts.get("headers") is not None


def _host(end: str) -> str:
    return end.rpartition(":")[0]


def _endpoint(calls: Sequence[Remark]) -> str | None:
    """Return where the camera service is: the address that answered most calls with a result."""
    answered: Counter[str] = Counter()
    for one in calls:
        parts = urlsplit(one.facts["url"])
        if one.facts["service"] == "camera":
            answered[f"http://{one.target}{parts.path}"] += 1 + 1000 * isinstance(one.facts.get("reply"), dict)
    return answered.most_common(1)[0][0] if answered else None


def _exchange(remark: Remark) -> Exchange:
    facts = remark.facts
    failure = "no whole answer was captured" if facts["reply"] is None else None
    return Exchange(
        service=facts["service"],
        method=facts["method"],
        params=facts["params"],
        version=facts["version"],
        status=facts["status"],
        headers=tuple((name, value) for name, value in facts["headers"]),
        reply=facts["reply"],
        seconds=facts["seconds"] or 0.0,
        at_seconds=remark.at_seconds,
        failure=failure,
    )


def _files(remarks: Iterable[Remark]) -> list[DumpedFile]:
    files: dict[str, DumpedFile] = {}
    for one in remarks:
        headers = tuple((name, value) for name, value in one.facts["headers"])
        url, body = one.facts["url"], one.facts["body"]
        files.setdefault(url, DumpedFile(url=url, status=one.facts["status"], headers=headers, body=body))
    return list(files.values())


def _ssdp_texts(remarks: Iterable[Remark], host: str) -> Iterable[str]:
    for one in remarks:
        if one.kind == "ssdp" and _host(one.source) == host and one.facts["said"] != "search" and one.facts["text"]:
            yield one.facts["text"]


def _liveview(remarks: Iterable[Remark], host: str) -> dict[str, Any]:
    for one in remarks:
        if one.kind == "liveview" and _host(one.target) == host:
            return {name: one.facts[name] for name in ("url", "status", "frames", "frames_per_second")}
    return {}
