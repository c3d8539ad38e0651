"""A week of the standard chaos profile, slot by slot against the truth: `python -m benchmarks.reliability`.

Prints the table of docs/reliability.md. Runs two voyages at a time in processes of their own, in folders on a RAM disk.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.tables import Row, Table
from dayspool.picture.whole import write_whole
from tests.chaos.judge import Judgement, judge
from tests.chaos.voyage import INTERVAL, MODELS, sail

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["main"]

DAYS = 7
SEEDS = 10
PROCESSES = 2
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Result:
    """One voyage, judged."""

    model: str
    seed: int
    judgement: Judgement
    seconds: float


def main() -> int:
    """Sail every voyage and print the table; exit 1 when the journal was wrong anywhere."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability", description=__doc__)
    parser.add_argument("--days", type=float, default=DAYS, help="virtual days of each voyage")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="voyages with each camera")
    parser.add_argument("--models", nargs="+", default=MODELS, metavar="MODEL", help="names as `dayspool sim` has them")
    parser.add_argument("--into", type=Path, help="a file that holds the result so far after every voyage")
    options = parser.parse_args()
    results: list[Result] = []
    for result in _voyages(options.models, range(1, options.seeds + 1), options.days):
        results.append(result)
        found = result.judgement
        print(
            f"{result.model} seed {result.seed}: {100 * found.share:.3f} %, {len(found.wrong)} wrong, "
            f"{len(found.doubled)} doubled, {result.seconds / options.days:.1f} s a day",
            file=sys.stderr,
            flush=True,
        )
        if options.into is not None:
            write_whole(options.into, _report(results, options.days).encode(), replace=True)
    print(_report(results, options.days), flush=True)
    return int(any(result.judgement.wrong or result.judgement.doubled for result in results))


def _voyages(models: Sequence[str], seeds: range, days: float) -> Iterator[Result]:
    with ProcessPoolExecutor(PROCESSES) as pool:
        waiting = [pool.submit(_sail, model, seed, days) for seed in seeds for model in models]
        for done in as_completed(waiting):
            yield done.result()


def _sail(model: str, seed: int, days: float) -> Result:
    began = time.perf_counter()
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        voyage = sail(Path(folder), model=model, seed=seed, length=timedelta(days=days))
        seconds = time.perf_counter() - began
        return Result(model, seed, judge(voyage, interval=INTERVAL), seconds)


def _table(results: list[Result], days: float) -> Table:
    models = dict.fromkeys(result.model for result in sorted(results, key=lambda result: result.model))
    rows = tuple(_row(model, [result for result in results if result.model == model], days) for model in models)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return Table(
        title="The standard chaos profile",
        columns=(
            "camera",
            "slots",
            "could be taken",
            "of them with a frame",
            "in the worst voyage",
            "the others",
            "of them with the true reason",
            "exposed twice",
            "slowest recovery",
            "real time per day",
        ),
        rows=rows,
        note=(
            f"{days:g} virtual days at {INTERVAL.total_seconds():g} s for each voyage, one voyage for each seed from 1 "
            f"on; {PROCESSES} processes; load average at the end {load}."
        ),
    )


def _row(model: str, results: list[Result], days: float) -> Row:
    found = [result.judgement for result in results]
    able, framed = sum(one.able for one in found), sum(one.framed for one in found)
    unable, true = sum(one.unable for one in found), sum(one.true for one in found)
    recoveries = [seconds for one in found for seconds in one.recoveries]
    seconds = sum(result.seconds for result in results) / len(results) / days
    return Row(
        (
            f"{model}, {len(results)} seeds",
            f"{sum(one.slots for one in found):,}",
            f"{able:,}",
            f"{framed:,} ({100 * framed / able:.3f} %)",
            f"{100 * min(one.share for one in found):.3f} %",
            f"{unable:,}",
            f"{true:,} ({100 * true / unable:.3f} %)",
            f"{sum(len(one.doubled) for one in found)}",
            f"{max(recoveries):.1f} s" if recoveries else "none",
            f"{seconds:.0f} s",
        )
    )


def _report(results: list[Result], days: float) -> str:
    """Return the table, why slots have no frame, and the first slots of which the journal was wrong."""
    reasons: Counter[str] = Counter()
    for result in results:
        reasons.update({reason: count for reason, count in result.judgement.reasons.items() if reason})
    told = ", ".join(f"{reason} {count:,}" for reason, count in reasons.most_common() if count)
    unwritten = sum(result.judgement.unwritten for result in results)
    kinds = Counter(one.journal.partition(" (")[0] for result in results for one in result.judgement.lost)
    lost = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()) or "none"
    wrong = [(result, one) for result in results for one in result.judgement.wrong]
    lines = [
        _table(results, days).markdown(),
        f"Gaps by reason: {told}. Of these {unwritten} name the kill that followed: nobody lived to write more.\n",
        f"Slots that could be taken and have no frame, by what the journal says: {lost}.\n",
    ]
    for result, one in wrong[:SHOWN]:
        lines.append(f"- {result.model}, seed {result.seed}, slot {one.slot}: truth {one.truth}; journal {one.journal}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
