"""Print the table for docs/ramping.md."""

import sys

from benchmarks.ramp.compare import tables

for table in tables():
    sys.stdout.write(table.markdown())
