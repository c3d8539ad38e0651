"""Signals that end a command in good order: what it began is put away first."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dayspool.errors import FilmError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["ended_by_signals"]


_NOTHING = "nothing half-made is left, and what was there before is untouched"


class _SignalledError(BaseException):
    """A signal asked us to end; no handler of ordinary errors may take it for one."""


@contextmanager
def ended_by_signals(what: str, left: str = _NOTHING) -> Iterator[None]:
    """Let SIGTERM and SIGHUP leave the block in good order; by default they skip every `finally`.

    Only the first of them counts, so that nothing interrupts the cleaning up. One that is ignored (nohup) stays so.

    Args:
        what: was ended, as a person reads it: "rendering".
        left: what there is now, likewise.

    Raises:
        FilmError: one came.
    """
    came: list[str] = []

    def leave(number: int, _frame: FrameType | None) -> None:
        came.append(signal.Signals(number).name)
        if len(came) == 1:
            raise _SignalledError

    heard = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, leave) for number in heard}
    try:
        yield
    except _SignalledError:
        raise FilmError(f"{what} was ended by {came[0]}; {left}") from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
