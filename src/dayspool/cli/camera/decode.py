"""`dayspool camera decode`: the conversation in a packet capture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dayspool.cli.camera.dump import SEND_IT, check_place
from dayspool.cli.output import Output, json_option, shown
from dayspool.errors import CameraConfused

if TYPE_CHECKING:
    from dayspool.learn.capture import Capture
    from dayspool.learn.conversation import Remark

__all__ = ["command"]

LINE_SIGNS = 160
# Where each kind of remark goes in the JSON object.
_LISTS = {
    "call": "calls",
    "event": "calls",
    "ssdp": "ssdp",
    "description": "descriptions",
    "picture": "pictures",
    "liveview": "liveviews",
    "soap": "soap",
    "http": "others",
}


@click.command
@click.argument("capture", type=click.Path(path_type=Path))
@click.option("-o", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write the camera's dump there.")
@click.option("--full", is_flag=True, help="Show long replies whole.")
@json_option
def command(capture: Path, out: Path | None, full: bool, output: Output) -> None:
    """Print what a program and a camera said to each other, from a packet capture (.pcap, .pcapng).

    Streams are put together again, whatever was lost, doubled or out of order; what could not be read is counted. With
    -o the camera's side becomes a dump, as `camera dump` writes it.
    """
    from dayspool.learn.capture import read_capture
    from dayspool.learn.dump import write_dump
    from dayspool.learn.overheard import dump_of_capture

    if out is not None:
        check_place(out)
    heard = read_capture(capture)
    dump = dump_of_capture(heard)
    for remark in heard.remarks:
        output.say(_line(remark, full=full))
    _say_counts(heard, output)
    if out is not None:
        if dump is None:
            raise CameraConfused(f"{capture} holds no call to a camera and no description of one: no dump was written")
        write_dump(out, dump)
        output.say(f"{out}: {shown(dump.model or 'Sony camera')}, {len(dump.methods)} methods. {SEND_IT}")
    output.result(
        _facts(heard)
        | {"dump": out, "model": dump.model if dump else None, "endpoint": dump.endpoint if dump else None}
    )


def _line(remark: Remark, *, full: bool) -> str:
    what = shown(remark.what)
    if not full and len(what) > LINE_SIGNS:
        what = f"{what[: LINE_SIGNS - 1]}…"
    took = remark.facts.get("seconds")
    lasted = f"  ({took:.3f} s)" if isinstance(took, float) else ""
    return f"{remark.at_seconds:10.3f}  {remark.source} → {remark.target}  {remark.kind}  {what}{lasted}"


def _say_counts(heard: Capture, output: Output) -> None:
    output.say(f"{heard.packets} packets in {heard.seconds:.1f} s, {len(heard.remarks)} things said")
    for reason, count in heard.unread.items():
        output.say(f"  not read: {reason}: {count}")


def _facts(heard: Capture) -> dict[str, Any]:
    lists: dict[str, list[dict[str, Any]]] = {name: [] for name in dict.fromkeys(_LISTS.values())}
    for remark in heard.remarks:
        said = {"at_seconds": remark.at_seconds, "from": remark.source, "to": remark.target, **remark.facts}
        lists[_LISTS[remark.kind]].append(said)
    return {"packets": heard.packets, "seconds": heard.seconds, **lists, "unread": dict(heard.unread)}
