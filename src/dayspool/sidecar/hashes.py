"""The hashes of its history that darktable leaves in a sidecar: what they cover, and what they prove.

darktable writes one of the history as it is (`history_current_hash`) and one of what it put there by itself
(`history_basic_hash`, or `history_auto_hash` where presets came too). Other programs that write into such a file leave
them as they were, so they only count where they fit what is there. Worked out from the files of 4.2.1 in
`tests/sidecar/data`, all of which it gives; `history.c` of darktable 4.0 to 5.x says the same.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dayspool.sidecar.document import Sidecar

__all__ = ["HASHES", "history_hash", "is_as_darktable_left_it", "is_automatic"]

_CURRENT, _BASIC, _AUTO = "history_current_hash", "history_basic_hash", "history_auto_hash"
HASHES = (_BASIC, _AUTO, _CURRENT)
_CUSTOM_ORDER = 0  # the only order whose list darktable hashes


def history_hash(sidecar: Sidecar) -> str:
    """Return darktable's hash of a history: MD5 over the enabled active entries, and the order of modules."""
    whole = hashlib.md5(usedforsecurity=False)
    for step in sidecar.active:
        if step.enabled:
            whole.update(step.operation.encode() + step.params + (step.blend or b""))
    if sidecar.order_version is not None:
        whole.update(struct.pack("<i", sidecar.order_version))
        if sidecar.order_version == _CUSTOM_ORDER:
            whole.update((sidecar.order_list or "").encode())
    return whole.hexdigest()


def is_as_darktable_left_it(sidecar: Sidecar) -> bool:
    """Return whether nothing but darktable has written the enabled entries that count."""
    return sidecar.text(_CURRENT) == history_hash(sidecar)


def is_automatic(sidecar: Sidecar) -> bool:
    """Return whether all that has an effect is what darktable put there by itself."""
    by_itself = {sidecar.text(_BASIC), sidecar.text(_AUTO)}
    return sidecar.text(_CURRENT) in by_itself and is_as_darktable_left_it(sidecar)
