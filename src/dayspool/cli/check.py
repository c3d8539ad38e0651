"""One thing that works on this machine or not."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Check", "told"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that works or not; `remedy` says what to do about it, and is empty when there is nothing to do."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def told(name: str, *, ok: bool, detail: str, remedy: str) -> Check:
    """Return a check, with its remedy only where it needs one."""
    return Check(name=name, ok=ok, detail=detail, remedy="" if ok else remedy)
