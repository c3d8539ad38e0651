"""`python -m dayspool` is `dayspool`."""

from dayspool.cli import main

main()
