"""For tests, ours and other people's: virtual time, and the simulated camera without a socket."""

from dayspool.testing.virtual import BEGINNING, JumpingSelector, run_virtually
from dayspool.testing.wire import InMemoryTransport

__all__ = ["BEGINNING", "InMemoryTransport", "JumpingSelector", "run_virtually"]
