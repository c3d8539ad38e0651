"""A question that is put to each address once, however many want to know."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Generic, TypeVar

import anyio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from dayspool.discovery.address import HttpAddress
    from dayspool.discovery.report import FoundBy

__all__ = ["Once"]

_T = TypeVar("_T")


class Once(Generic[_T]):
    """Asks each address once; whoever asks meanwhile waits for that answer."""

    def __init__(self, ask: Callable[[HttpAddress, FoundBy], Awaitable[_T]]) -> None:
        self._ask = ask
        self._locks: defaultdict[HttpAddress, anyio.Lock] = defaultdict(anyio.Lock)
        self._answers: dict[HttpAddress, _T] = {}

    async def __call__(self, address: HttpAddress, way: FoundBy) -> _T:
        """Return the answer: asked for now, awaited, or known already."""
        async with self._locks[address]:
            if address not in self._answers:
                self._answers[address] = await self._ask(address, way)
            return self._answers[address]
