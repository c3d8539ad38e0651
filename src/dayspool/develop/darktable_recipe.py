"""What darktable is told of a frame: the person's sidecar with our corrections in it, or nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayspool.errors import PlanError
from dayspool.sidecar.corrections import corrected
from dayspool.sidecar.document import Sidecar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dayspool.develop.api import DevelopJob, Recipe

__all__ = ["edited", "refuse_curves", "sidecar_of"]

_AS_IT_IS = (1.0, 1.0, 1.0)


def edited(recipe: Recipe, *, where: str) -> Sidecar | None:
    """Return the edits that a recipe brings, or `None` where its sidecar holds no active step.

    darktable writes sidecars without any step beside everything it imports, and puts its own workflow over a picture
    whose sidecar says nothing: such a one must not reach it.

    Raises:
        SidecarUnreadable: the sidecar is broken, or of a later darktable.
    """
    if recipe.sidecar is None:
        return None
    read = Sidecar.read(recipe.sidecar, where=where)
    return read if read.active else None


def sidecar_of(recipe: Recipe, edits: Sidecar | None, *, raw: bool) -> bytes | None:
    """Return the sidecar to lay beside a frame, with the recipe's exposure and gains in instances of our own.

    `None` leaves a JPEG as it is. A RAW always gets one: without any, darktable develops it otherwise than with a
    correction of nothing, and a film would jump where a correction passes through zero.
    """
    if recipe.ev == 0 and recipe.gains == _AS_IT_IS:
        if edits is not None:
            return edits.data
        if not raw:
            return None
    return corrected(edits, ev=recipe.ev, gains=recipe.gains, raw=raw).data


def refuse_curves(jobs: Iterable[DevelopJob]) -> None:
    """Refuse what darktable has no way to obey exactly.

    Raises:
        PlanError: a recipe has a tone curve of ours.
    """
    for job in jobs:
        if job.recipe.curve:
            raise PlanError(
                f"{job.path}: darktable does not draw dayspool's tone curve; draw it in darktable, "
                "or use --developer builtin"
            )
