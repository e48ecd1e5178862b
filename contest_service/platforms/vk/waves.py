"""Pages that are asked for ahead, in groups that fill a departure, and come in order."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

FIRST = 4
"""Pages asked for while nothing is known of the list's length: those of three lists travel together
and are back before the next departure."""
GROUP = 25
MOST = 75
"""Pages asked for ahead, at most."""

_Slice = TypeVar("_Slice")


class Waves(Generic[_Slice]):
    """Pages in flight, by their offsets. `read` asks for the page at an offset."""

    def __init__(self, read: Callable[[int], Awaitable[_Slice]]) -> None:
        self._read = read
        self._flying: deque[asyncio.Future[_Slice]] = deque()
        self._planned = 0

    def plan(self, offset: int, *, stride: int, end: int | None, careful: bool = False) -> None:
        """Ask for the page at `offset`, if it is not asked for yet, and for what follows it.

        `end` is where the list ends, as far as is known. With `careful` one page is asked for.
        """
        if not self._flying:
            self._planned = offset
            self._ask(stride)
        if careful:
            return
        if end is None:
            while len(self._flying) < FIRST:
                self._ask(stride)
            return
        while self._planned < end and len(self._flying) + GROUP <= MOST:
            for _ in range(GROUP):
                if self._planned < end:
                    self._ask(stride)

    async def take(self) -> _Slice:
        """Wait for the first page. Raises what asking for it raised."""
        return await self._flying.popleft()

    def forget(self) -> None:
        """Give up on all that is in flight."""
        while self._flying:
            self._flying.popleft().cancel()

    async def aclose(self) -> None:
        """Give up on all that is in flight, and wait until it is over."""
        flying = list(self._flying)
        self.forget()
        await asyncio.gather(*flying, return_exceptions=True)

    def _ask(self, stride: int) -> None:
        page = asyncio.ensure_future(self._read(self._planned))
        # One that fails when nobody waits for it any more is of no interest.
        page.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._flying.append(page)
        self._planned += stride
