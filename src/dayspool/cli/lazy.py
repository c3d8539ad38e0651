"""A group of commands whose modules are imported only when they are run."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LazyGroup"]


class LazyGroup(click.Group):
    """A group whose commands live in modules of `package`, each named as its command.

    Args:
        package: where the modules are; each holds its command as `command`.
        summaries: the commands in the order a person meets them, and one sentence about each.
        settings: as for `click.Group`.
    """

    def __init__(self, *, package: str, summaries: Mapping[str, str], **settings: Any) -> None:
        super().__init__(**settings)
        self._package = package
        self._summaries = summaries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order a person meets them."""
        return list(self._summaries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; a module whose name Python keeps for itself ends in `_`."""
        if cmd_name not in self._summaries:
            return None
        module = importlib.import_module(f"{self._package}.{_MODULES.get(cmd_name, cmd_name)}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._summaries.items()))


_MODULES = {"import": "import_", "set": "set_"}
