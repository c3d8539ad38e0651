"""An import from a card, told: a bar while it runs, then what was matched, how surely, and what was left alone."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from dayspool.cli.bar import counting
from dayspool.cli.output import shown
from dayspool.core.plan import duration_text

if TYPE_CHECKING:
    from pathlib import Path

    from dayspool.cli.output import Output
    from dayspool.intake import CardImport, Match, Matching

__all__ = ["bring"]

_NAMED = 10
_MEANS = {
    "exif": "by the EXIF of the pictures it sent",
    "steps": "by the irregular steps of the series, for the pictures it sent tell no time",
}


def bring(shoot: Path, paths: tuple[Path, ...], output: Output, *, link: bool, dry_run: bool) -> bool:
    """Bring the originals of a shoot from its card and tell of it; return whether some matched and none failed."""
    from dayspool.clock import SystemClock
    from dayspool.intake import import_card

    with counting(output, "originals", "files") as bar:
        told = None if bar is None else partial(bar, "originals")
        report = import_card(shoot, paths, utc=SystemClock().utc, link=link, dry_run=dry_run, told=told)
    _tell(shoot, report, output, dry_run=dry_run)
    output.result(_result(report, dry_run=dry_run))
    return bool(report.matching.matches) and not report.failed


def _tell(shoot: Path, report: CardImport, output: Output, *, dry_run: bool) -> None:
    matching = report.matching
    output.say(f"{shoot}: {len(matching.matches)} exposures matched, {_sureness(matching)}")
    if matching.offset_seconds is not None:
        ahead = "ahead of" if matching.offset_seconds >= 0 else "behind"
        off = duration_text(timedelta(seconds=round(abs(matching.offset_seconds))))
        drift = "" if matching.drift_per_day is None else f" and gained {matching.drift_per_day:.1f} s a day"
        output.say(f"  the camera's clock was {off} {ahead} UTC{drift}, known {_MEANS[matching.means]}")
    else:
        output.say(f"  the camera's clock is not known: {matching.trouble}")
    if not dry_run:
        size = sum(one.file.size_bytes for one in report.kept if one.outcome == "kept")
        there = sum(one.outcome == "there" for one in report.kept)
        brought = sum(one.outcome == "kept" for one in report.kept)
        output.say(f"  {brought} originals brought ({size / 1e9:.2f} GB), {there} were there already")
        output.say(f"  {report.gaps} gaps; {len(report.recovered)} that were gaps have a frame from a card")
    _list(output, "unclear", [f"slot {one.slot}: {one.why}" for one in matching.unclear])
    _list(output, "not on the card", [f"slot {slot}" for slot in matching.missing])
    _list(output, "of no slot", [shown(file.source_name) for one in matching.strangers for file in one.files])
    _list(
        output,
        "copies",
        [f"{shown(one.file.source_name)} is {shown(one.same_as.source_name)}" for one in report.copies],
    )
    _list(output, "left out", [f"{shown(one.path)}: {shown(one.reason)}" for one in report.left_out])
    _list(output, "failed", [f"slot {one.slot}: {shown(one.reason)}" for one in report.failed])


def _sureness(matching: Matching) -> str:
    if not matching.matches:
        return "none"
    least = min(matching.matches, key=lambda match: match.confidence)
    return f"the least sure with {least.confidence:.1%} (slot {least.slot}: {least.why})"


def _list(output: Output, title: str, lines: list[str]) -> None:
    if lines:
        output.say(f"  {title}: {len(lines)}")
        for line in lines[:_NAMED]:
            output.say(f"    {line}")
        if len(lines) > _NAMED:
            output.say(f"    … and {len(lines) - _NAMED} more; --json names them all")


def _result(report: CardImport, *, dry_run: bool) -> dict[str, object]:
    matching = report.matching
    doubted = [one for unclear in matching.unclear for one in unclear.exposures]
    strangers = dict.fromkeys(str(file.path) for one in (*matching.strangers, *doubted) for file in one.files)
    return {
        "imported": sum(one.outcome != "failed" for one in report.kept),
        "matched": len(matching.matches),
        "unmatched": [*strangers, *(str(one.path) for one in report.left_out)],
        "gaps": report.gaps,
        "matches": [_match(one) for one in matching.matches],
        "ambiguous": [
            {
                "slot": one.slot,
                "files": [str(file.path) for exposure in one.exposures for file in exposure.files],
                "why": one.why,
            }
            for one in matching.unclear
        ],
        "missing": matching.missing,
        "recovered": report.recovered,
        "duplicates": [{"file": str(one.file.path), "same_as": str(one.same_as.path)} for one in report.copies],
        "left_out": [{"file": str(one.path), "why": one.reason} for one in report.left_out],
        "failed": [{"slot": one.slot, "file": str(one.file.path), "why": one.reason} for one in report.failed],
        "offset_s": matching.offset_seconds,
        "drift_s_per_day": matching.drift_per_day,
        "means": matching.means,
        "trouble": matching.trouble,
        "dry_run": dry_run,
    }


def _match(one: Match) -> dict[str, object]:
    files = [str(file.path) for file in one.exposure.files]
    return {"slot": one.slot, "file": files[0], "files": files, "confidence": one.confidence, "why": one.why}
