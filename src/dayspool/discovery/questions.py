"""Questions under way: counted by whom they are put to, and strangers in turn, however many answer."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from anyio.abc import TaskGroup

__all__ = ["Questions", "Strangers", "Whom"]

# A host, and the interface to leave by.
Whom = tuple[str, str | None]

# So many hosts that answered by SSDP are looked at in parallel; the others get in as these turn out to be no cameras.
_HOSTS_AT_ONCE = 16


class Questions:
    """Questions under way in a task group, counted by whom they are put to."""

    def __init__(self, tasks: TaskGroup) -> None:
        self.under_way: Counter[Whom] = Counter()
        self._tasks = tasks

    def start(self, whom: Whom, ask: Callable[[], Awaitable[object]]) -> None:
        """Ask now; other questions to the same go on."""
        self.under_way[whom] += 1
        self._tasks.start_soon(self._run, whom, ask)

    async def _run(self, whom: Whom, ask: Callable[[], Awaitable[object]]) -> None:
        try:
            await ask()
        finally:
            self.under_way -= Counter([whom])  # one at nought is gone


class Strangers:
    """Those who answered by SSDP, some hosts at a time: a crowd of forged answers delays a camera, and bars none."""

    def __init__(self, tasks: TaskGroup) -> None:
        self._questions = Questions(tasks)
        self._waiting: dict[Whom, list[Callable[[], Awaitable[object]]]] = {}

    def __bool__(self) -> bool:
        """Whether somebody is asked, or waits for that."""
        return bool(self._questions.under_way or self._waiting)

    def start(self, whom: Whom, ask: Callable[[], Awaitable[object]]) -> None:
        """Ask now if it is this host's turn already, or as soon as it is."""
        under_way = self._questions.under_way
        if whom in under_way or len(under_way) < _HOSTS_AT_ONCE:
            self._questions.start(whom, partial(self._ask_and_let_in, whom, ask))
        else:
            self._waiting.setdefault(whom, []).append(ask)

    async def _ask_and_let_in(self, whom: Whom, ask: Callable[[], Awaitable[object]]) -> None:
        await ask()
        if self._waiting and self._questions.under_way[whom] == 1:  # this host's last question
            following = next(iter(self._waiting))
            for each in self._waiting.pop(following):
                self._questions.start(following, partial(self._ask_and_let_in, following, each))
