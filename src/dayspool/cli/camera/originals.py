"""`dayspool camera originals`: the card's pictures, fetched over Wi-Fi."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click

from dayspool.cli.camera.card import opened_card
from dayspool.cli.camera.fetching import Told
from dayspool.cli.output import Output, camera_option, interface_option, json_option
from dayspool.errors import FrameError, PlanError

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["command"]


@click.command
@click.option(
    "-o", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where to put them."
)
@click.option("--since", metavar="WHEN", help="Only what was taken since 2026-06-21T04:30, or in the last 24h.")
@click.option("--newest", type=click.IntRange(min=1), metavar="N", help="Only the N newest.")
@click.option("--dry-run", is_flag=True, help="Only list them.")
@camera_option
@interface_option
@json_option
def command(
    folder: Path,
    since: str | None,
    newest: int | None,
    dry_run: bool,
    camera: str | None,
    interface: str | None,
    output: Output,
) -> None:
    """Fetch the pictures of the camera's card; run it again to resume.

    Works over remote control where the body hands out its card so, and with "Send to Smartphone" started on the body.
    Nothing is deleted there, and no file here is written over. RAW files leave only by card. Exits 1 if one failed.
    """
    begin = None if since is None else _moment(since)
    if not dry_run:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FrameError(f"{folder} cannot be made: {error.strerror}") from error
    told = Told(folder, output)
    try:
        anyio.run(_get, camera, interface, newest, begin, dry_run, told)
    finally:
        told.close()
    if told.failed:
        raise click.exceptions.Exit(1)


async def _get(
    address: str | None,
    interface: str | None,
    newest: int | None,
    since: datetime | None,
    dry_run: bool,
    told: Told,
) -> None:
    from dayspool.intake import choose_originals, fetch_originals

    async with opened_card(address, interface, newest=newest, since=since) as card:
        wanted = choose_originals(card.originals, newest=newest, since=since)
        told.begin(card, wanted, dry_run=dry_run)
        if not dry_run:
            await fetch_originals(card.link, wanted, told.folder, on_bytes=told.came, on_outcome=told.settled)


def _moment(text: str) -> datetime:
    """Read a moment, or how long ago it was."""
    from dayspool.clock import SystemClock
    from dayspool.config import parse_moment
    from dayspool.core.plan import parse_duration

    try:
        return SystemClock().utc() - parse_duration(text)
    except (PlanError, OverflowError):
        pass
    try:
        return parse_moment(text)
    except PlanError as error:
        raise PlanError(f"--since {error}, or how long ago: 24h, 3d") from None
