"""Exposure ramping beside what others do, on the same simulated dusks and dawns."""
