"""One entry of darktable's history: a module with its parameters, as a sidecar holds it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one entry of `darktable:history` says; the parameters are darktable's own bytes, decoded from hex or gz.

    Attributes:
        operation: the module, such as `exposure`.
        version: of the layout of its parameters (`darktable:modversion`).
        params: the parameters, little-endian.
        enabled: whether the module is on.
        name: what the instance is called (`multi_name`); empty for a module's first instance.
        priority: which instance it is (`multi_priority`); of two entries of one instance the later wins.
        blend_version: of the layout of `blend`, or `None` where the sidecar leaves blending to darktable's defaults.
        blend: the parameters of blending and masking, or `None` likewise.
    """

    operation: str
    version: int
    params: bytes
    enabled: bool = True
    name: str = ""
    priority: int = 0
    blend_version: int | None = None
    blend: bytes | None = None

    @property
    def blends(self) -> bool:
        """Whether blending or a mask is on: its mode comes first in every version of the parameters."""
        return any((self.blend or b"")[:4])

    @property
    def instance(self) -> tuple[str, int]:
        """Which instance of which module it sets."""
        return self.operation, self.priority
