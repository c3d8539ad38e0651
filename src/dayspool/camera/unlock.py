"""Open what a body offers to licensed programs only, with a developer key that its owner supplies.

Some methods of the QX10, QX100, AS15, AS30V and WX350 (flash, camera function, movie quality) answer 403 until
`actEnableMethods` has been called twice: the camera hands out a challenge `dg`, and takes `sg`, the base64 of SHA-256
over the key's secret and that challenge. dayspool ships no key.
"""

from __future__ import annotations

import base64
import hashlib
import os
import stat
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dayspool.errors import CameraConfused, CameraRefused, PlanError

if TYPE_CHECKING:
    from dayspool.camera.link import Link

__all__ = ["KEY_VARIABLE", "DeveloperKey", "find_key", "signature", "unlock"]

KEY_VARIABLE = "DAYSPOOL_SONY_KEY"
_OTHERS_MAY_READ = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True)
class DeveloperKey:
    """What Sony gave to a licensed developer.

    Attributes:
        name: of the developer.
        id: of the developer.
        secret: the part that is never sent.
        methods: what the key opens, `camera/setFlashMode:camera/getFlashMode:…`; the camera takes none beyond that.
    """

    name: str
    id: str
    secret: str = field(repr=False)
    methods: str


def find_key() -> DeveloperKey | None:
    """Return the key in the file that the variable DAYSPOOL_SONY_KEY names, or in `~/.config/dayspool/key.toml`.

    Raises:
        PlanError: there is such a file, and it is no key or others may read it.
    """
    named = os.environ.get(KEY_VARIABLE)
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    path = Path(named) if named else config / "dayspool" / "key.toml"
    try:
        others_may_read = path.stat().st_mode & _OTHERS_MAY_READ
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if named:
            raise PlanError(f"{KEY_VARIABLE} names {path}, which is not there") from None
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlanError(f"the developer key {path} cannot be read: {error}") from None
    if others_may_read:
        raise PlanError(f"others may read the developer key {path}; keep it to yourself: chmod 600 {path}")
    return _key(values, path)


def _key(values: dict[str, Any], path: Path) -> DeveloperKey:
    names = {field.name for field in fields(DeveloperKey)}
    if set(values) != names or not all(isinstance(value, str) and value for value in values.values()):
        raise PlanError(f"the developer key {path} must hold four texts: {', '.join(sorted(names))}; nothing else")
    return DeveloperKey(**values)


def signature(secret: str, challenge: str) -> str:
    """Return `sg`: the base64 of SHA-256 over the secret and the camera's challenge."""
    return base64.b64encode(hashlib.sha256((secret + challenge).encode()).digest()).decode()


async def unlock(link: Link, endpoint: str, key: DeveloperKey) -> None:
    """Prove to the `accessControl` service at `endpoint` that its key's methods may be used.

    Raises:
        CameraRefused: it does not take the key.
        CameraError: as `Link.call`.
    """
    asked: dict[str, str] = {"methods": "", "developerName": "", "developerID": "", "sg": ""}
    challenge = _challenge(await link.call(endpoint, "actEnableMethods", [asked]))
    proof = asked | {
        "methods": key.methods,
        "developerName": key.name,
        "developerID": key.id,
        "sg": signature(key.secret, challenge),
    }
    try:
        again = _challenge(await link.call(endpoint, "actEnableMethods", [proof]))
    except CameraRefused as error:
        again = str(error)
    if again:
        raise CameraRefused(f"the camera does not take the developer key of {key.name} for its methods", code=403)


def _challenge(result: list[Any]) -> str:
    if result and isinstance(result[0], dict) and isinstance(challenge := result[0].get("dg"), str):
        return challenge
    raise CameraConfused(f"actEnableMethods: expected a challenge, got {str(result)[:80]}")
