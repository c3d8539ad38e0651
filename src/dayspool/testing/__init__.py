"""For tests, ours and other people's: virtual time, the simulated camera without a socket, one without a search."""

from dayspool.testing.fixed import FixedSource
from dayspool.testing.virtual import BEGINNING, JumpingSelector, run_virtually
from dayspool.testing.wire import InMemoryTransport

__all__ = ["BEGINNING", "FixedSource", "InMemoryTransport", "JumpingSelector", "run_virtually"]
