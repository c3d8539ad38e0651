"""A recorded camera as a simulator model: a dump in, a profile out.

A dump says what a body said (`dayspool camera dump`, `dayspool camera decode`); what it left unsaid is taken from its
generation. The file is somebody else's, so nothing in it is believed before it has been looked at.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from dayspool.errors import PlanError
from dayspool.sim.dumped import Described, described, offers_from
from dayspool.sim.dumped_media import address_of, liveview_from, optics_from, postview_from
from dayspool.sim.dumped_settings import settings_from, slot_rows
from dayspool.sim.groups import SLOTS_OF_VERSION
from dayspool.sim.models.catalogue import event_rows, rows
from dayspool.sim.profile import DescriptionStyle, Method, Offer, Ports, Profile, Quirks, Timings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from dayspool.sim.profile import Setting

__all__ = ["load_profile", "profile_from_dump"]

_FORMAT = 1
_POLLS = frozenset({"getEvent", "receiveEvent"})
Address = tuple[str, int, str]  # host, port, path with query
_LARGEST_BYTES = 32 * 1024 * 1024
_GENERATIONS = {"legacy": "G0", "builtin-1": "G1", "app": "G2", "builtin-3": "G3"}
_SHAPES: Mapping[str, type] = {
    "model": str,
    "dialect": str,
    "endpoint": str,
    "application": list,
    "descriptions": list,
    "ssdp": list,
    "services": dict,
    "api_lists": list,
    "events": list,
    "exchanges": list,
    "liveview": dict,
}


def load_profile(path: Path) -> Profile:
    """Read a dump and return the model it describes.

    Raises:
        PlanError: the file cannot be read, or is no dump; with every mistake.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise PlanError(f"--model: cannot read {path}: {error.strerror}") from error
    if len(raw) > _LARGEST_BYTES:
        raise PlanError(f"--model: {path} is larger than any dump ({_LARGEST_BYTES // 2**20} MB)")
    try:
        dump = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise PlanError(f"--model: {path} is no JSON, so it is no dump of a camera") from error
    try:
        return profile_from_dump(dump, name=path.stem)
    except PlanError as error:
        raise PlanError(*(f"--model: {path}: {problem}" for problem in error.problems)) from error


def profile_from_dump(dump: object, *, name: str) -> Profile:
    """Return the model that a dump describes.

    Raises:
        PlanError: it is no dump; with every mistake.
    """
    if not isinstance(dump, dict) or "dayspool_dump" not in dump:
        raise PlanError(
            "this is no dump of a camera: there is no dayspool_dump in it; `dayspool camera dump` makes one"
        )
    if dump["dayspool_dump"] != _FORMAT:
        raise PlanError(f"dayspool_dump: this program reads format {_FORMAT}, not {dump['dayspool_dump']!r}")
    problems = list(_problems(dump))
    if problems:
        raise PlanError(*problems)
    page = described(dump)
    profile = _profile(dump, page, name)
    if not profile.json and not page.found:
        raise PlanError("the dump has neither an endpoint nor a description: nothing is left to simulate")
    return profile


_LONGEST_MODEL = 60
_NOT_READY_SECONDS = 3.0


def _problems(dump: dict[str, Any]) -> Iterator[str]:
    for key, shape in _SHAPES.items():
        if dump.get(key) is not None and not isinstance(dump[key], shape):
            yield f"{key}: must be {_NAMES[shape]}, not {str(dump[key])[:40]!r}"
    for key in ("descriptions", "api_lists", "events", "exchanges"):
        rows = dump.get(key)
        for index, row in enumerate(rows if isinstance(rows, list) else (), start=1):
            if not isinstance(row, dict):
                yield f"{key}[{index}]: must be an object, not {str(row)[:40]!r}"
    services = dump.get("services")
    for service, facts in (services if isinstance(services, dict) else {}).items():
        rows = facts.get("method_types", []) if isinstance(facts, dict) else None
        if not isinstance(rows, list):
            yield f"services.{service}: must be an object with a list of method_types"
            continue
        for index, row in enumerate(rows, start=1):
            if not _is_row(row):
                yield f"services.{service}.method_types[{index}]: must be [name, [params], [results], version]"
    model = dump.get("model")
    if isinstance(model, str) and not (model.isascii() and model.isprintable() and 0 < len(model) <= _LONGEST_MODEL):
        yield f"model: must be a name such as DSC-QX10, not {model[:_LONGEST_MODEL]!r}"
    endpoint = dump.get("endpoint")
    if isinstance(endpoint, str) and address_of(endpoint) is None:
        yield f"endpoint: must be an address such as http://10.0.0.1:10000/sony/camera, not {endpoint[:60]!r}"


_NAMES: Mapping[type, str] = {str: "a text", list: "a list", dict: "an object"}


def _is_row(row: object) -> bool:
    return (
        isinstance(row, list)
        and len(row) == 4
        and isinstance(row[0], str)
        and isinstance(row[3], str)
        and all(isinstance(part, list) and all(isinstance(kind, str) for kind in part) for part in row[1:3])
    )


def _profile(dump: dict[str, Any], page: Described, name: str) -> Profile:
    endpoint = address_of(dump.get("endpoint"))
    offers = offers_from(dump, _methods(dump))
    methods = _with_rows(tuple(_methods(dump)), offers)
    listed = {method.name for method in methods} | {offer.name for offer in offers}
    generation = _generation(dump, endpoint, page)
    app = generation == "G2" and "startRecMode" in listed
    settings = settings_from(dump)
    application = [text for text in dump.get("application") or [] if isinstance(text, str)]
    return Profile(
        name=name,
        model=dump.get("model") or page.friendly_name or "SonyImagingDevice",
        dialect=generation if endpoint else "none",
        **_place(dump, page, endpoint, generation),
        **_page_of(dump, page, endpoint),
        **optics_from(dump, settings, zooms="actZoom" in listed),
        application=(application[0] if application else "", application[1] if len(application) > 1 else ""),
        methods=methods,
        offers=offers,
        gated=frozenset(_gated(dump)),
        settings=settings,
        event_method="receiveEvent" if "receiveEvent" in listed else "getEvent",
        timings=_timings(dump, app=app),
        quirks=_quirks(generation, listed, settings, app=app),
        escapes_slashes=dump.get("escapes_slashes") is True,
        batteries=slot_rows(dump, "batteryInfo"),
        tells_storage=bool(slot_rows(dump, "storageInformation")),
    )


def _place(dump: dict[str, Any], page: Described, endpoint: Address | None, generation: str) -> dict[str, Any]:
    """Return where the body, its services and its pictures are."""
    host, control, path = endpoint or ("192.168.122.1", 10_000, "/sony/camera")
    media, liveview = liveview_from(dump, page, generation, control)
    postview, query = postview_from(dump, generation)
    return {
        "address": host,
        "ports": Ports(control=control, description=page.port, media=media),
        "service_base": path.removesuffix("/camera"),
        "action_list_path": page.action_list_path or path.removesuffix("/camera"),
        "liveview_path": liveview,
        "postview_name": postview,
        "postview_query": query,
    }


def _page_of(dump: dict[str, Any], page: Described, endpoint: Address | None) -> dict[str, Any]:
    """Return how it describes itself, and in which mode it is."""
    return {
        "description_paths": page.paths,
        "description_style": DescriptionStyle.MEDIA_SERVER if page.media_server else DescriptionStyle.BASIC,
        "digital_imaging": page.digital_imaging,
        "services": (page.services or tuple(dump.get("services") or {"camera": {}})) if endpoint else (),
        "model_description": page.model_description,
        "manufacturer_url": page.manufacturer_url,
        "server": page.server,
        "ssdp_extra": page.extra,
        "udn_form": page.udn_form,
        "mac_prefix": page.mac_prefix,
        "json": endpoint is not None,
        "send_mode": endpoint is None and page.content_directory,
        "ptp_only": endpoint is None and not page.content_directory,
    }


def _quirks(generation: str, listed: set[str], settings: tuple[Setting, ...], *, app: bool) -> Quirks:
    """Return what is taken from the generation: half-press only where there is a focus mode and a way to press."""
    focuses = "actHalfPressShutter" in listed and any(setting.group == "FocusMode" for setting in settings)
    return Quirks(
        needs_rec_mode=app,
        needs_half_press=generation == "G3" and focuses,
        liveview_ends_at_shot=generation == "G0",
    )


def _timings(dump: dict[str, Any], *, app: bool) -> Timings:
    """Return how long things take; a body that was met before it was ready has such a time after switch-on."""
    states = [row.get("state") for row in dump.get("api_lists") or []]
    unready = not app and any(isinstance(state, dict) and state.get("status") == "NotReady" for state in states)
    return Timings(
        processing_seconds=(1.4, 2.3), busy_seconds=(2.0, 3.0), not_ready_seconds=_NOT_READY_SECONDS if unready else 0.0
    )


def _generation(dump: dict[str, Any], endpoint: Address | None, page: Described) -> str:
    """Return the generation: as the dump says, or as addresses, description and events show.

    Only the oldest lack `/sony`. HDR-AS20 and HDR-AS100V live where the youngest do, and describe themselves, and tell
    events, as their own generation does.
    """
    said = _GENERATIONS.get(str(dump.get("dialect")))
    if said or endpoint is None:
        return said or "none"
    host, port, path = endpoint
    if path == "/camera":
        return "G0"
    if port == 8080:
        return "G2"
    polls = {method.version for method in _methods(dump) if method.name == "getEvent"}
    old = page.paths[0].endswith("/DmsRmtDesc.xml") or polls == {"1.0"}
    return "G1" if old or host != "192.168.122.1" else "G3"


def _methods(dump: dict[str, Any]) -> Iterator[Method]:
    seen = set()
    for service, facts in (dump.get("services") or {}).items():
        for name, params, results, version in facts.get("method_types", []):
            known = name not in _POLLS or version in SLOTS_OF_VERSION
            if known and (service, name, version) not in seen and re.fullmatch(r"\w{1,60}", name):
                seen.add((service, name, version))
                yield Method(
                    name=name, params=tuple(params), results=tuple(results), version=version, service=str(service)
                )


def _with_rows(methods: tuple[Method, ...], offers: tuple[Offer, ...]) -> tuple[Method, ...]:
    """Return the methods, with a row for each that was offered and whose signature was not recorded."""
    listed = {method.name for method in methods if method.service == "camera"}
    missing = [offer.name for offer in offers if offer.name not in listed]
    events = [row for name in missing if name in _POLLS for row in event_rows("1.0", name=name)]
    return (*methods, *(_row_of(name) for name in missing if name not in _POLLS), *events)


def _row_of(name: str) -> Method:
    try:
        return rows(name)[0]
    except KeyError:  # a method that no recorded signature is known of
        return Method(name=name)


def _gated(dump: dict[str, Any]) -> Iterator[str]:
    """Yield the methods that were answered with HTTP 403."""
    for exchange in dump.get("exchanges") or []:
        if exchange.get("status") == 403 and isinstance(exchange.get("method"), str):
            yield exchange["method"]
