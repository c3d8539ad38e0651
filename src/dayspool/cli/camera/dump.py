"""`dayspool camera dump`: everything a camera says of itself, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click

from dayspool.cli.camera.opened import FIND_SECONDS
from dayspool.cli.output import Output, camera_option, interface_option, json_option, shown
from dayspool.errors import PlanError

if TYPE_CHECKING:
    from dayspool.learn.dump import Dump, Exchange

__all__ = ["SEND_IT", "check_place", "command"]

SEND_IT = (
    "Network (MAC) addresses, serial numbers, places, keys, passwords and people's names for it were taken out; IP "
    "addresses, picture names and dates were not. To make dayspool know this "
    "body, attach the file to an issue of the project; to play with it: dayspool sim --model FILE."
)


@click.command
@click.option("-o", "out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where to put it.")
@click.option(
    "--description",
    "locations",
    metavar="URL",
    multiple=True,
    help="Where it describes itself, if that was not found; may be repeated.",
)
@click.option(
    "--enter-remote-mode", is_flag=True, help="Call startRecMode where it is offered: app cameras show little before."
)
@click.option("--liveview", is_flag=True, help="Start liveview for a moment: some functions are offered only then.")
@camera_option
@interface_option
@json_option
def command(
    out: Path,
    locations: tuple[str, ...],
    enter_remote_mode: bool,
    liveview: bool,
    camera: str | None,
    interface: str | None,
    output: Output,
) -> None:
    """Record everything a camera says of itself in one JSON file.

    Reads only: nothing is set, started, taken or deleted, unless asked for with --enter-remote-mode or --liveview. A
    call that fails is recorded like the others. Exits 1 when the camera answers nothing, or nothing could be read at a
    --description.
    """
    from dayspool.learn.dump import write_dump

    check_place(out)
    for location in locations:
        _check_location(location)

    def tell(exchange: Exchange) -> None:
        said = exchange.failure or ("answered" if exchange.result is not None else "refused")
        output.say(f"  {exchange.service}/{exchange.method} {exchange.version}: {shown(said)}")

    async def ask() -> Dump:
        from dayspool.camera import open_camera
        from dayspool.learn.announced import announced
        from dayspool.learn.record import record
        from dayspool.shoot.finding import find_one

        found = await find_one(seconds=FIND_SECONDS, address=camera, interface=interface)
        async with open_camera(found.endpoint, model=found.model or "", source=found.source) as sony:
            return await record(
                sony.line.link,
                sony.endpoint,
                locations=locations or ((found.location,) if found.location else ()),
                model=found.model,
                ssdp=await announced(sony.line.link.host),
                enter_remote_mode=enter_remote_mode,
                liveview=liveview,
                on_call=tell,
            )

    dump = anyio.run(ask)
    write_dump(out, dump)
    _tell(out, dump, output)
    missing = [url for url in locations if url not in {file.url for file in dump.descriptions}]
    for url in missing:
        click.echo(f"dayspool: no description was read at {url}; the dump holds none from there", err=True)
    if missing:
        raise click.exceptions.Exit(1)


def _tell(out: Path, dump: Dump, output: Output) -> None:
    output.say(
        f"{out}: {shown(dump.model or 'Sony camera')}, {len(dump.methods)} methods, {len(dump.exchanges)} calls, "
        f"{dump.failures} of them without a result."
    )
    output.say(SEND_IT)
    output.result(
        {
            "file": out,
            "model": dump.model,
            "dialect": dump.dialect,
            "endpoint": dump.endpoint,
            "methods": len(dump.methods),
            "exchanges": len(dump.exchanges),
            "errors": dump.failures,
        }
    )


def check_place(out: Path) -> None:
    """Check the place before the camera is asked anything.

    Raises:
        PlanError: there is a file already, or no folder.
    """
    if out.exists():
        raise PlanError(f"{out} is there already; dumps are never overwritten")
    if not out.parent.is_dir():
        raise PlanError(f"{out.parent} is no folder")


def _check_location(location: str) -> None:
    from dayspool.discovery.address import HttpAddress

    if HttpAddress.parse(location) is None:
        raise PlanError(f"{location!r} is no address of a description; write http://10.0.0.1:64321/DmsRmtDesc.xml")
