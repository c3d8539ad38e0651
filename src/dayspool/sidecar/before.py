"""A development written into a file that was there before: what it was is kept inside our mark, and put back.

A file that nobody has written to since comes back byte for byte, and one that was not there before goes. Where somebody
has (stars, tags, darktable tidying up) what he wrote stays, and only the development becomes again what it was.
"""

from __future__ import annotations

import base64
import zlib

from dayspool.errors import SidecarUnreadable
from dayspool.sidecar.blob import LARGEST_BYTES, decode
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.hashes import HASHES
from dayspool.sidecar.marks import BEFORE, unmarked
from dayspool.sidecar.splices import DAYSPOOL

__all__ = ["MOST_BYTES", "before", "written_into"]

MOST_BYTES = LARGEST_BYTES
"""The largest file that is kept inside our mark."""

_NOTHING = {"history_end": "0", "auto_presets_applied": "0"}  # as darktable writes it at import


def written_into(existing: Sidecar | None, development: Sidecar, *, raw: bool) -> Sidecar:
    """Return a file with a development in place of its own, marked as ours, and keeping what it was.

    Args:
        existing: what is there, of at most `MOST_BYTES`; `None` if there is no file.
        development: its active steps, masks and order are what comes in.
        raw: whether the picture is a RAW.
    """
    return _written(existing, development, None if existing is None else _packed(existing.data), raw=raw)


def before(sidecar: Sidecar, *, raw: bool) -> Sidecar | None:
    """Return what a file of ours was before a development was written into it, or `None` if it was not there."""
    kept = _kept(sidecar)
    if sidecar.data == _written(kept, sidecar, sidecar.text(BEFORE, DAYSPOOL), raw=raw).data:
        return kept
    return _taken_out(sidecar, kept)


def _written(existing: Sidecar | None, development: Sidecar, packed: str | None, *, raw: bool) -> Sidecar:
    base = Sidecar.blank(raw=raw) if existing is None else existing
    return base.developed_as(development).marked().with_texts({BEFORE: packed}, DAYSPOOL)


def _packed(data: bytes) -> str:
    """Return bytes the way darktable writes large parameters; the two digits are a hint that nobody needs."""
    return "gz01" + base64.b64encode(zlib.compress(data, 9)).decode()


def _kept(sidecar: Sidecar) -> Sidecar | None:
    """Return the file that is kept in a mark; `None` if there is none, or it is damaged."""
    packed = sidecar.text(BEFORE, DAYSPOOL)
    try:
        return None if packed is None else Sidecar.read(decode(packed), where=sidecar.where)
    except SidecarUnreadable:
        return None


def _taken_out(sidecar: Sidecar, kept: Sidecar | None) -> Sidecar:
    """Return a file that others have written to since, with the development it had.

    The order of modules stays where it had none: darktable takes a missing one for that of its oldest versions.
    """
    steps, masks = (kept.steps, kept.masks) if kept else ((), ())
    order = (kept.order_version, kept.order_list) if kept and kept.order_version is not None else None
    out = unmarked(sidecar.with_steps(steps).with_masks(masks))
    out = out.with_order(*(order or (sidecar.order_version, None)))
    return out.with_texts({name: kept.text(name) for name in (*_NOTHING, *HASHES)} if kept else _NOTHING)
