"""Exposure ramping beside what others do, on the same simulated dusks and dawns."""

from benchmarks.ramp.compare import tables

__all__ = ["tables"]
