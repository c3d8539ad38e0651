"""`dayspool look check`: what would go wrong with a look."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayspool.cli.output import Output, counted, film_extra, json_option, note_text, shown
from dayspool.cli.wished import look_options, wished
from dayspool.errors import SidecarUnreadable

if TYPE_CHECKING:
    from dayspool.look.check import Trouble

__all__ = ["command"]

_MOST = 5  # slots named of each trouble


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@look_options
@json_option
@click.pass_context
def command(context: click.Context, shoot: Path, look: str | None, pictures: str | None, output: Output) -> None:
    """Tell what would go wrong with the look of SHOOT, before hours are spent on it.

    That is: sidecars that cannot be read, modules that this darktable would ignore, modules that look at each picture
    and so make the film flicker, keyframes that do not match, and sidecars that an earlier look left.

    Exits with 1 where the look cannot be used; what else there is are warnings. Touches nothing.
    """
    with film_extra():
        from dayspool.look.check import broken_sidecars, troubles

        keyframes = 0
        try:
            made_of = wished(shoot, look=look, pictures=pictures)
        except SidecarUnreadable:
            found = list(broken_sidecars(_sidecars(shoot)))
            if not found:  # it lies elsewhere
                raise
        else:
            keyframes = len(made_of.look.keyframes)
            found = list(
                troubles(made_of.look, made_of.pictures, made_of.modules, made_of.notes_for(), pinned=made_of.wish.pin)
            )
    usable = not any(trouble.fatal for trouble in found)
    for trouble in found:
        output.say(_sentence(trouble))
    output.say(_verdict(found, keyframes, usable=usable))
    output.result(
        {
            "usable": usable,
            "keyframes": keyframes,
            "troubles": [asdict(trouble) | {"fatal": trouble.fatal} for trouble in found],
        }
    )
    if not usable:
        context.exit(1)


def _sidecars(shoot: Path) -> list[Path]:
    """Return the sidecars beside the pictures of a shoot, whichever of them its film is made of."""
    return sorted(path for folder in ("frames", "cards") for path in (shoot / folder).rglob("*.xmp"))


def _sentence(trouble: Trouble) -> str:
    """Say what is the matter, whether it can stay so, and where it is."""
    slots = ", ".join(str(slot) for slot in trouble.slots[:_MOST])
    more = f" and {len(trouble.slots) - _MOST} more" if len(trouble.slots) > _MOST else ""
    places = [
        *([f"slot {slots}{more}"] if slots else []),
        *([trouble.files[0].name] if len(trouble.files) == 1 else []),
    ]
    where = f" ({shown(', '.join(places))})" if places else ""
    told = note_text(trouble.text) if trouble.kind == "note" else shown(trouble.text)
    return f"{_word(trouble)}: {told}{where}"


def _word(trouble: Trouble) -> str:
    """Return how serious it is."""
    if trouble.fatal:
        return "error"
    return "note" if trouble.kind == "note" else "warning"


def _verdict(found: list[Trouble], keyframes: int, *, usable: bool) -> str:
    if not usable:
        return "the look cannot be used as it is"
    words = Counter(map(_word, found))
    told = [counted(count, word) for word, count in sorted(words.items(), reverse=True)]
    pinnable = sum(trouble.pinnable for trouble in found)
    ends = "ends" if pinnable == 1 else "end"
    pins = f"; {pinnable} of them {ends} with `pin = true` under [look] in shoot.toml" if pinnable else ""
    counts = f"{counted(keyframes, 'keyframe')}, {', '.join(told) or 'nothing to warn of'}"
    return f"the look can be used: {counts}{pins}"
