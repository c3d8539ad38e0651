"""`dayspool service due`: whether a shoot has anything left to do; systemd asks before every start."""

from __future__ import annotations

from pathlib import Path

import click

from dayspool.cli.output import Output, json_option
from dayspool.errors import DayspoolError

__all__ = ["command"]


@click.command
@click.argument("shoot", type=click.Path(path_type=Path))
@json_option
def command(shoot: Path, output: Output) -> None:
    """Exit 0 when SHOOT has anything left to do, 1 when it is over: units ask this before they start it.

    Where that cannot be told, there is something to do: the shoot itself then says what is wrong.
    """
    try:
        over = _is_over(shoot)
    except DayspoolError:
        over = False
    output.say(f"{shoot} is {'over' if over else 'due'}")
    output.result({"due": not over})
    click.get_current_context().exit(1 if over else 0)


def _is_over(shoot: Path) -> bool:
    """Say whether a shoot ran to its end, and its plan was not made longer since."""
    from dayspool.config import FILE_NAME, load_plan
    from dayspool.journal import JournalReader
    from dayspool.shoot.slots import SlotPlanner

    with JournalReader(shoot) as journal:
        session = journal.session()
    if session.ended != "done" or session.schedule is None:
        return session.ended == "done"
    return not SlotPlanner(load_plan(shoot / FILE_NAME).plan()).goes_on(session)
