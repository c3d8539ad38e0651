"""The elements of a drawing as SVG text, with everything escaped; and putting a drawing on the disk whole."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from dayspool.errors import JournalUnwritable, PlanError
from dayspool.picture.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["document", "headed", "line", "tag", "text", "write_drawing"]


def document(parts: Iterable[str], *, width: int, height: int) -> str:
    """Return a whole SVG file of its parts."""
    shape = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {width} {height}", "role": "img"}
    return tag("svg", "\n" + "\n".join(parts) + "\n", width=width, height=height, **shape) + "\n"


def headed(title: str, summary: str, *, style: str, width: int, height: int, most: int) -> list[str]:
    """Return what every chart begins with: its name and summary, for eyes and for screen readers, on an empty page.

    A title of more than `most` characters is cut where it is drawn.
    """
    return [
        tag("title", escape(title)),
        tag("desc", escape(summary)),
        tag("style", style),
        tag("rect", cls="page", x=0, y=0, width=width, height=height),
        text(20, 26, title if len(title) <= most else title[: most - 1] + "…", cls="title"),
        text(20, 45, summary, cls="soft"),
    ]


def line(x1: float, y1: float, x2: float, y2: float, cls: str) -> str:
    """Return a straight line."""
    return tag("line", cls=cls, x1=x1, y1=y1, x2=x2, y2=y2)


def text(x: float, y: float, words: str, *, cls: str | None = None, anchor: str | None = None) -> str:
    """Return words that begin, have their middle or end (`anchor`) at `x`, on the base line `y`."""
    return tag("text", escape(words), cls=cls, x=round(x, 1), y=round(y, 1), text_anchor=anchor)


def tag(name: str, content: str = "", *, cls: str | None = None, **attributes: object) -> str:
    """Return one element; `content` is XML already, attributes are escaped here."""
    given = {"class": cls, **{key.replace("_", "-"): value for key, value in attributes.items()}}
    told = "".join(f' {key}="{escape(str(value))}"' for key, value in given.items() if value is not None)
    return f"<{name}{told}>{content}</{name}>" if content else f"<{name}{told}/>"


def write_drawing(path: Path, drawing: str) -> None:
    """Write a drawing whole, over an older one.

    Raises:
        PlanError: the name is not that of an SVG file, or something else is there.
        JournalUnwritable: the disk refused.
    """
    if path.suffix.lower() != ".svg" or (path.exists() and not path.is_file()):
        raise PlanError(f"{path}: the chart is an SVG file; give it a name that ends in .svg")
    try:
        write_whole(path, drawing.encode(), replace=True)
    except OSError as error:
        raise JournalUnwritable(f"the chart {path} cannot be written: {error.strerror or error}") from error
