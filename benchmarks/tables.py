"""A table of measurements, as Markdown."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Row", "Table"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of cells."""

    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What was measured, and under which conditions."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str

    def markdown(self) -> str:
        """Return the table for docs/benchmarks.md."""
        lines = [f"## {self.title}", "", "| " + " | ".join(self.columns) + " |", "|" + "---|" * len(self.columns)]
        lines += ["| " + " | ".join(row.cells) + " |" for row in self.rows]
        return "\n".join([*lines, "", self.note, ""])
