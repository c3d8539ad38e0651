"""Orders of modules in two keyframes: which of them has a place for all instances of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayspool.errors import PlanError
from dayspool.sidecar.order import built_in, order_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dayspool.sidecar.document import Sidecar

__all__ = ["wider_order"]


def wider_order(left: Sidecar, right: Sidecar) -> Sidecar | None:
    """Return the sidecar of two whose order holds that of the other, the left one if they are alike; else `None`.

    darktable writes a list as soon as a module has a second instance, and refers to an order that it knows before.
    """
    if (left.order_version, left.order_list) == (right.order_version, right.order_list):
        return left
    try:
        ours, theirs = _order(left), _order(right)
    except PlanError:  # of a darktable whose orders are not known here
        return None
    if _holds(ours, theirs):
        return left
    return right if _holds(theirs, ours) else None


def _order(sidecar: Sidecar) -> tuple[tuple[str, int], ...]:
    return tuple(order_of(sidecar.order_list) if sidecar.order_list else built_in(sidecar.order_version))


def _holds(order: Iterable[tuple[str, int]], other: Iterable[tuple[str, int]]) -> bool:
    """Say whether `other` is `order` with entries left out."""
    rest = iter(order)
    return all(entry in rest for entry in other)
