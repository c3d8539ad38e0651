"""The text of docs/benchmarks/deflicker.md, around the tables and plots."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.deflicker.figures import darktable_table, losses, tables
from benchmarks.deflicker.scenes import SCENES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.deflicker.dng import ThroughDarktable
    from benchmarks.deflicker.figures import Figures

__all__ = ["Run", "kept_footage", "page", "words"]

_BEGIN, _END = "<!-- real footage: begin -->", "<!-- real footage: end -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run was made with, as sentences for the head of the page."""

    seeds: Sequence[int]
    frames: int
    size: tuple[int, int]
    versions: str
    left_out: Sequence[str]


def page(figures: Figures, runs: Sequence[ThroughDarktable], run: Run, footage: str) -> str:
    """Return the page as Markdown."""
    short, *rest = (table.markdown() for table in tables(figures))
    width, height = run.size
    head = words("head").format(
        made=run.versions,
        frames=run.frames,
        size=f"{width}×{height}",
        seeds=", ".join(map(str, run.seeds)),
    )
    missing = "".join(f"\nLeft out: {one}" for one in run.left_out)
    plots = (
        "![What is left of the flicker, by scene and method](deflicker-left.svg)\n\n"
        "![What is left, frame by frame](deflicker-frames.svg)\n"
    )
    scenes = "## Scenes\n\n| scene | what it is |\n|---|---|\n" + "".join(
        f"| {name} | {_first_sentence(SCENES[name].__doc__)} |\n" for name in figures.scenes
    )
    parts = [head, missing, short, plots, _lost(figures), scenes, words("methods"), *rest]
    parts += [_raws(runs), footage, words("limits")]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts if part)


def words(name: str) -> str:
    """Return a part of the page that is text and no figures."""
    return Path(__file__).with_name("words").joinpath(f"{name}.md").read_text(encoding="utf-8")


def _first_sentence(words: str | None) -> str:
    return (words or "").strip().partition("\n\n")[0].replace("\n", " ").replace("  ", " ").rstrip(".")


def _lost(figures: Figures) -> str:
    found = losses(figures)
    if not found:
        return "On no scene another method, or doing nothing, leaves less flicker or is nearer to the truth (PSNR).\n"
    lines = [f"- {said}." for said in found]
    return words("lost") + "\n" + "\n".join(lines) + "\n"


def _raws(runs: Sequence[ThroughDarktable]) -> str:
    if not runs:
        return "## RAW files through darktable\n\nLeft out: darktable-cli is not installed.\n"
    return darktable_table(runs).markdown()


def kept_footage(earlier: str, fresh: str | None) -> str:
    """Return the part on real footage: made anew, or else as the page has had it."""
    if fresh is not None:
        return f"{_BEGIN}\n\n{fresh.strip()}\n\n{_END}\n"
    _, begun, rest = earlier.partition(_BEGIN)
    inside, ended, _ = rest.partition(_END)
    return f"{_BEGIN}{inside}{_END}\n" if begun and ended else ""
