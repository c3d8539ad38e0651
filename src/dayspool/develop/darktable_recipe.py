"""What darktable is told of a frame: the person's sidecar with our corrections in it, or nothing at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dayspool.errors import PlanError, SidecarUnreadable
from dayspool.sidecar.corrections import OWN_NAME, corrected
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.masks import settled
from dayspool.sidecar.order import EVERYWHERE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dayspool.develop.api import DevelopJob, Recipe
    from dayspool.sidecar.schema import Modules
    from dayspool.sidecar.step import Step

__all__ = ["edited", "ignored", "refuse_curves", "refuse_what_is_ignored", "sidecar_of"]

_AS_IT_IS = (1.0, 1.0, 1.0)
_ITS_SPELLING = (b"Exiv2", b"<rdf:RDF", b"<darktable:history>")
# Measured with 4.2.1, all versions of all modules on a JPEG each: of these it says on standard error that the version
# does not match, and goes on without; what it makes of a version below 1 is anybody's guess (crop comes out black).
_NOT_UPGRADED = frozenset(
    {
        *(("colorout", 1), ("demosaic", 1), ("demosaic", 2), ("exposure", 1), ("lens", 1), ("temperature", 1)),
        *(("tonecurve", 2), ("vibrance", 1)),
    }
)


def edited(recipe: Recipe, *, where: str) -> Sidecar | None:
    """Return the edits that a recipe brings, or `None` where its sidecar holds no active step.

    darktable writes sidecars without any step beside everything it imports, and puts its own workflow over a picture
    whose sidecar says nothing: such a one must not reach it.

    Only the development is kept, in our own spelling: darktable 4.2.1 passes over a file in UTF-16, one with another
    prefix for a namespace (as Python's ElementTree writes them), and one with a comment before its root, and says
    nothing. With a watermark, which shows titles and the like, what darktable spelt stays whole.

    Raises:
        SidecarUnreadable: the sidecar is broken, or of a later darktable.
    """
    if recipe.sidecar is None:
        return None
    read = Sidecar.read(recipe.sidecar, where=where)
    if not read.active:
        return None
    marked = any(step.operation == "watermark" and step.enabled for step in read.active)
    if marked and all(word in read.data for word in _ITS_SPELLING):
        return read
    return replace(Sidecar.blank(raw=True).developed_as(read), where=where)


def refuse_what_is_ignored(edits: Sidecar, modules: Modules) -> None:
    """Refuse edits that this darktable would leave out without a word, ending with status 0.

    Older versions of parameters are brought up to date by darktable, but for a few; later ones, and those of another
    length than theirs, are not read (4.2.1: later blending is as if there were none, later masks let the module work
    everywhere). Nothing is refused where the modules are those of another darktable.

    Raises:
        SidecarUnreadable: a module is on that darktable does not have, or something of it is not read.
    """
    if not modules.installed:
        return
    for step in edits.active:
        why = ignored(step, edits, modules) if step.enabled else ""
        if why:
            raise SidecarUnreadable(
                f"{edits.where} switches on {step.operation}, which would be ignored: {why}; "
                "install the darktable that made it, or edit again with this one"
            )


def ignored(step: Step, edits: Sidecar, modules: Modules) -> str:
    """Return what of a step this darktable would not read, as a clause; nothing if it reads all.

    Args:
        step: one that is on.
        edits: the sidecar that it stands in, with its masks.
        modules: those of the darktable.
    """
    known, this = modules.find(step.operation), f"darktable {modules.darktable}"
    if known is None:
        return f"{this} has no such module"
    if step.version > known.version:
        return f"its parameters are of version {step.version}, and {this} knows {known.version}"
    if step.version == known.version and len(step.params) != known.size:
        return (
            f"its parameters have the wrong length, {len(step.params)} instead of the {known.size} bytes of version "
            f"{step.version}"
        )
    if step.version < 1 or (step.version < known.version and (step.operation, step.version) in _NOT_UPGRADED):
        return f"its parameters are of version {step.version}, which {this} cannot bring up to date"
    if not step.blends:
        return ""
    if (step.blend_version or 0) > (modules.blending or 0):
        return f"its blending is of version {step.blend_version}, and {this} knows {modules.blending}"
    drawn = max((mask.version for mask in settled(edits.masks, edits.end)), default=0)
    return f"its masks are of version {drawn}, and {this} knows {modules.masks}" if drawn > (modules.masks or 0) else ""


def sidecar_of(recipe: Recipe, edits: Sidecar | None, *, raw: bool) -> bytes | None:
    """Return the sidecar to lay beside a frame, with the recipe's corrections in instances of our own.

    Instances of ours that the edits bring along are replaced, by a correction of nothing too.

    `None` leaves a JPEG as it is. A RAW always gets one: without any, darktable develops it otherwise than with a
    correction of nothing, and a film would jump where a correction passes through zero.

    Raises:
        PlanError: the exposure or the gains are more than darktable takes, or the order of modules is not known.
    """
    ev, gains = recipe.corrections
    if ev == 0 and gains == _AS_IT_IS:
        if edits is None and not raw:
            return None
        if edits is not None and _stands_alone(edits):  # with the note that stops darktable from adding to it
            return edits.with_steps(edits.steps[: edits.end]).data
    return corrected(edits, ev=ev, gains=gains, raw=raw).data


def _stands_alone(edits: Sidecar) -> bool:
    """Return whether the edits hold nothing of ours, and name an order of modules that any darktable has."""
    ordered = bool(edits.order_list) or edits.order_version in EVERYWHERE
    return ordered and not any(step.name == OWN_NAME for step in edits.active)


def refuse_curves(jobs: Iterable[DevelopJob]) -> None:
    """Refuse what darktable has no way to obey exactly.

    Raises:
        PlanError: a recipe has a tone curve of ours, or a field.
    """
    for job in jobs:
        if job.recipe.field:
            raise PlanError(
                f"{job.path}: darktable does not even out light that differs over the picture; leave `field` and "
                "`banding` out of [deflicker], or use --developer builtin"
            )
        if job.recipe.curve:
            raise PlanError(
                f"{job.path}: darktable does not draw dayspool's tone curve; draw it in darktable, "
                "or use --developer builtin"
            )
