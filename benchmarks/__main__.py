"""Print every benchmark as Markdown, for docs/benchmarks.md."""

from __future__ import annotations

import os
import platform

from benchmarks import capture, clients, darkroom, find, matching, measuring, memory, ramp, render

print(f"{len(os.sched_getaffinity(0))} cores, {platform.machine()}, Python {platform.python_version()}.\n")
for room in (capture, find, clients, matching, memory, ramp, render, darkroom, measuring):
    for table in room.tables():
        print(table.markdown(), flush=True)
