"""Rows of PostgreSQL as the Structs that the rest of the program speaks of."""

from collections.abc import Iterable
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import asyncpg
import msgspec

T = TypeVar("T")

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"
"""A connection, whether it came from a pool or was opened by itself."""
Pool: TypeAlias = "asyncpg.Pool[Any]"
"""A pool, as `store.pool` opens it."""

# A page always begins at a bound: `$n IS NULL OR id > $n` is no condition for an index in a plan
# that serves every `$n`, and such a plan walks up to where the page begins.
BEFORE_ALL = UUID(int=0)
"""Less than every id of a row."""
AFTER_ALL = UUID(int=2**128 - 1)
"""Greater than every id of a row."""


def one(row: "asyncpg.Record | None", type_: type[T]) -> T | None:
    """Read a row as `type_`, whose fields are named as the columns."""
    return None if row is None else msgspec.convert(dict(row), type_)


def exactly(row: "asyncpg.Record | None", type_: type[T]) -> T:
    """Read a row that a statement with RETURNING, or a foreign key, guarantees."""
    if row is None:
        raise LookupError(f"no row of {type_.__name__}")
    return msgspec.convert(dict(row), type_)


def many(rows: "Iterable[asyncpg.Record]", type_: type[T]) -> list[T]:
    return [msgspec.convert(dict(row), type_) for row in rows]


def storable(text: str) -> str:
    """The text without the one character that PostgreSQL cannot hold, which anybody may post."""
    return text.replace("\0", "\ufffd")
