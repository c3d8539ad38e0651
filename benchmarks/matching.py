"""How well originals find their slots: 5,000 frames, every disorder alone and all together."""

from __future__ import annotations

import time

from benchmarks.cards import DISORDERS, Disorder, judge, make_card
from benchmarks.tables import Row, Table
from dayspool.intake.pairing import pair_originals

__all__ = ["run", "tables"]

SLOTS = 5_000
SEEDS = 3


def run(disorder: Disorder, *, slots: int, seed: int) -> tuple[int, int, int, int, float]:
    """Match one made-up card; return right, wrong, to be found, unclear, and seconds."""
    card = make_card(disorder, slots=slots, seed=seed)
    begin = time.perf_counter()
    matching = pair_originals(card.shots, card.exposures())
    seconds = time.perf_counter() - begin
    pairs = [(match.slot, match.exposure.files[0].path) for match in matching.matches]
    right, wrong, wanted = judge(card, pairs)
    return right, wrong, wanted, len(matching.unclear), seconds


def tables() -> tuple[Table, ...]:
    """Return the table for docs/benchmarks.md."""
    rows = []
    for name, disorder in DISORDERS.items():
        runs = [run(disorder, slots=SLOTS, seed=seed) for seed in range(SEEDS)]
        right, wrong, wanted, unclear = (sum(one[place] for one in runs) for place in range(4))
        slowest = max(one[4] for one in runs)
        rows.append(
            Row((name, f"{wanted}", f"{100 * right / wanted:.2f} %", f"{wrong}", f"{unclear}", f"{slowest:.2f}"))
        )
    return (
        Table(
            title="Originals matched to slots",
            columns=("card", "originals", "matched", "wrong", "left unclear", "seconds, slowest"),
            rows=tuple(rows),
            note=f"{SLOTS} slots, {SEEDS} made-up cards each (`benchmarks/cards.py`); reading files not timed.",
        ),
    )


if __name__ == "__main__":
    for table in tables():
        print(table.markdown())
