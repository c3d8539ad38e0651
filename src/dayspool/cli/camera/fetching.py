"""A run of fetching told as it goes: a bar on a terminal, a line per picture elsewhere, and the sum of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from dayspool.cli.output import shown, size_text

if TYPE_CHECKING:
    from pathlib import Path

    from dayspool.camera import Original
    from dayspool.cli.camera.card import Card
    from dayspool.cli.output import Output
    from dayspool.intake import Fetched

__all__ = ["Told"]

_WAYS = {"avContent": "remote control", "dlna": '"Send to Smartphone"'}


class Told:
    """What a person or a program hears of one run into `folder`; `failed` holds what did not come."""

    def __init__(self, folder: Path, output: Output) -> None:
        self.folder = folder
        self.failed: list[Fetched] = []
        self._output = output
        self._way: str | None = None
        self._settled: list[Fetched] = []
        self._waiting: list[Original] = []
        self._done = 0
        self._listed: tuple[Original, ...] | None = None
        console = Console(stderr=True)
        self._bar: Progress | None = None
        if console.is_terminal and not output.as_json:
            columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
            self._bar = Progress(TextColumn("{task.description}", markup=False), *columns, console=console)
            self._task = self._bar.add_task("", total=None, start=False)

    def begin(self, card: Card, wanted: tuple[Original, ...], *, dry_run: bool) -> None:
        """Hear what will be fetched, or with `dry_run` only what could be."""
        self._way = card.way
        self._output.say(f"{shown(card.model)}: {len(wanted)} pictures by {_WAYS[card.way]}")
        if dry_run:
            self._listed = wanted
            for one in wanted:
                size = size_text(one.size_bytes) if one.size_bytes is not None else "size not told"
                taken = f"{one.taken:%Y-%m-%d %H:%M:%S}" if one.taken else "time not told"
                self._output.say(f"  {shown(one.name)}  {taken}  {size}{_reduced(one)}")
            return
        self._waiting = list(wanted)
        if self._bar is not None:
            self._bar.start()
            self._bar.start_task(self._task)
            self._expect(self._bar)

    def came(self, original: Original, size_bytes: int) -> None:
        """Hear how much of a picture is on the disk."""
        if self._bar is not None:
            number = f"{len(self._settled) + 1} of {len(self._settled) + len(self._waiting)}"
            self._bar.update(
                self._task, completed=self._done + size_bytes, description=f"{number}: {shown(original.name)}"
            )

    def settled(self, fetched: Fetched) -> None:
        """Hear what came of a picture."""
        self._settled.append(fetched)
        self._waiting = self._waiting[1:]
        if fetched.outcome.value == "fetched":  # what was there already says nothing about the line's speed
            self._done += fetched.size_bytes
        if self._bar is not None:
            self._expect(self._bar)
        if fetched.path is None:
            self.failed.append(fetched)
            self._say(f"  failed: {shown(fetched.original.name)}: {shown(fetched.reason)}")
        elif self._bar is None:
            note = f"{size_text(fetched.size_bytes)}{_reduced(fetched.original)}"
            self._say(f"  {fetched.outcome.value}: {fetched.path.name}  {note}")

    def close(self) -> None:
        """Leave the terminal as it was, and tell the sum; nothing if no list ever came."""
        if self._bar is not None:
            self._bar.stop()
        if self._way is not None:
            self._sum(self._way)

    def _expect(self, bar: Progress) -> None:
        """Tell the bar how much there will be; sizes that the camera does not tell are taken to be as the others."""
        known = [one.size_bytes for one in self._settled if one.size_bytes]
        known += [one.size_bytes for one in self._waiting if one.size_bytes]
        usual = sum(known) / len(known) if known else None
        left = [one.size_bytes or usual for one in self._waiting]
        total = None if None in left else self._done + sum(size for size in left if size is not None)
        bar.update(self._task, total=total, completed=self._done)

    def _say(self, text: str) -> None:
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            self._output.say(text)

    def _sum(self, way: str) -> None:
        fetched = [one for one in self._settled if one.outcome.value == "fetched"]
        there = sum(one.outcome.value == "there" for one in self._settled)
        pictures = [one.original for one in fetched] if self._listed is None else list(self._listed)
        reduced = sum(one.content.value == "reduced" for one in pictures)
        size_bytes = sum(one.size_bytes for one in fetched)
        if self._listed is None:
            self._output.say(
                f"{len(fetched)} pictures fetched into {self.folder}, {size_text(size_bytes)}; {there} were there"
            )
            if self.failed:
                self._output.say(f"{len(self.failed)} failed: run the same command again")
        if reduced:
            self._output.say(f"smaller JPEGs that the camera makes of RAW files: {reduced}; RAW leaves by card only")
        result: dict[str, Any] = {
            "files": len(pictures),
            "bytes": size_bytes,
            "there": there,
            "failed": [{"name": one.original.name, "reason": one.reason} for one in self.failed],
            "reduced": reduced,
            "way": way,
            "folder": self.folder,
        }
        if self._listed is not None:
            result["bytes"] = sum(one.size_bytes or 0 for one in self._listed)
            result["pictures"] = [
                {"name": one.name, "taken": one.taken, "size_bytes": one.size_bytes, "content": one.content}
                for one in self._listed
            ]
        self._output.result(result)


def _reduced(original: Original) -> str:
    return "  (a smaller JPEG of a RAW)" if original.content.value == "reduced" else ""
