"""Connections to PostgreSQL: how they are opened, in UTC and with jsonb as plain values.

Every connection of the program comes from here, so that none lacks the codec. Holds no SQL.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import msgspec

from contest_service.domain.errors import ContestError

COMMAND_TIMEOUT = 60.0
"""Seconds that a statement may take; a longer one says so itself."""

# The binary form of jsonb is its text after one byte, which is its version.
_JSONB_VERSION = b"\x01"


class DatabaseUnreachableError(ContestError):
    """There is no connection to be had; the message shows no password."""

    code = "database_unreachable"


async def connect(database_url: str) -> "asyncpg.Connection[Any]":
    """Open one connection; the caller closes it. Raises DatabaseUnreachableError."""
    with _explained(database_url):
        connection = await asyncpg.connect(
            database_url, command_timeout=COMMAND_TIMEOUT, server_settings=_session_settings()
        )
    await _prepare(connection)
    return connection


async def create_pool(
    database_url: str, *, smallest: int = 1, largest: int = 10
) -> "asyncpg.Pool[Any]":
    """Open a pool of `smallest` to `largest` connections; the caller closes it.

    Raises DatabaseUnreachableError.
    """
    with _explained(database_url):
        return await asyncpg.create_pool(
            database_url,
            min_size=smallest,
            max_size=largest,
            command_timeout=COMMAND_TIMEOUT,
            server_settings=_session_settings(),
            init=_prepare,
        )


@contextmanager
def _explained(database_url: str) -> Iterator[None]:
    try:
        yield
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        place = urlsplit(database_url).netloc.rpartition("@")[2] or "the given socket"
        raise DatabaseUnreachableError(
            f"PostgreSQL at {place} cannot be used ({error or type(error).__name__}). "
            "Check DATABASE_URL, and that the server runs."
        ) from error


def _session_settings() -> dict[str, str]:
    return {"timezone": "UTC", "application_name": "contest-service"}


async def _prepare(connection: "asyncpg.Connection[Any]") -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=_encode_jsonb,
        decoder=_decode_jsonb,
        format="binary",
    )


def _encode_jsonb(value: object) -> bytes:
    return _JSONB_VERSION + msgspec.json.encode(value)


def _decode_jsonb(data: bytes) -> object:
    return msgspec.json.decode(memoryview(data)[1:])
