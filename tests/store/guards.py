"""A guard: a call of a statement of the store, and how many rows it may look at for its answer."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import msgspec

from contest_service.store.rows import Connection
from store.crowded import Places
from store.plans import Allowed

PAGE = 50

Call: TypeAlias = Callable[[Connection, Places], Awaitable[object]]


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is the statement's module and constant, `what` tells this call from others of it.

    Where a statement has several guards, the first is its plainest call. All others are made after
    it on the same connection: a plan that was kept for the plain call serves them too, or fails.
    """

    name: str
    what: str
    call: Call
    allowed: Allowed

    @property
    def title(self) -> str:
        return f"{self.name} {self.what}".strip()


def guard(name: str, call: Call, *, rows: int, what: str = "", across: bool = False) -> Guard:
    return Guard(name=name, what=what, call=call, allowed=Allowed(rows=rows, across=across))


def pages(
    name: str,
    call: Callable[[Connection, Places, Any], Awaitable[object]],
    *,
    of: str,
    rows: int,
    what: str = "",
) -> tuple[Guard, Guard]:
    """The first page, and one that begins in the middle of the table `of`."""
    return (
        guard(name, lambda conn, at: call(conn, at, None), rows=rows, what=f"{what} first".strip()),
        guard(
            name,
            lambda conn, at: call(conn, at, at.middle[of]),
            rows=rows,
            what=f"{what} middle".strip(),
        ),
    )


async def drained(batches: AsyncIterator[object]) -> None:
    """Read to the end."""
    async for _ in batches:
        pass
