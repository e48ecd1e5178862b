"""Packed rows: bytes that PostgreSQL copies into a table as they are, made in whatever process.

The binary format of COPY: a row is the number of its fields, then each with its size before it. Who
packs has no connection, and whoever writes does not look into the bytes.
"""

import struct
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from contest_service.store.rows import Connection

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_PART = 128 << 10
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

size = struct.Struct(">i").pack
"""The size of a field in bytes, as it stands before the field."""
ID = size(16)
HASH = size(32)
"""What stands before a hash, and before a salt."""


def text(value: str) -> bytes:
    """A text with its size."""
    data = value.encode()
    return size(len(data)) + data


def number(value: int) -> bytes:
    """An integer with its size."""
    return size(4) + struct.pack(">i", value)


def large_number(value: int) -> bytes:
    """A bigint with its size."""
    return size(8) + struct.pack(">q", value)


def moment(at: datetime) -> bytes:
    """A time with its size."""
    return large_number((at - _EPOCH) // timedelta(microseconds=1))


def head(fields: int, key: Iterable[UUID]) -> bytes:
    """What a row of so many fields begins with: the ids that lead its key."""
    return struct.pack(">h", fields) + b"".join(ID + each.bytes for each in key)


async def copy(conn: Connection, table: str, rows: bytearray, *, columns: Sequence[str]) -> None:
    """Copy packed rows into the columns of a table."""
    if rows:
        await conn.copy_to_table(table, source=_parts(rows), columns=columns, format="binary")


async def _parts(rows: bytearray) -> AsyncIterator[Any]:
    """The bytes in parts, none of which is a copy.

    What is not taken at once is moved in memory again and again: no part is large.
    """
    yield _HEADER
    view = memoryview(rows)
    for start in range(0, len(rows), _PART):
        yield view[start : start + _PART]
    yield _TRAILER
