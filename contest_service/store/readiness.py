"""Whether the database answers, has the expected schema, and whether a failure of it will pass."""

import asyncio
from typing import Any

import asyncpg
import msgspec

from contest_service.store.migrate import MigrationError, require_current


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong is said in a sentence without any address; empty if nothing is."""

    answers: bool
    is_current: bool
    problem: str = ""


async def look(pool: "asyncpg.Pool[Any]", *, patience: float) -> Readiness:
    """Ask the database, within `patience` seconds; never raises for a database that is away."""
    try:
        async with asyncio.timeout(patience), pool.acquire() as conn:
            await require_current(conn)
    except MigrationError as error:
        return Readiness(answers=True, is_current=False, problem=str(error))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return Readiness(answers=False, is_current=False, problem=type(error).__name__)
    return Readiness(answers=True, is_current=True)


_PASSING = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
)


def is_passing(error: Exception) -> bool:
    """Whether an error comes from a database that is away or busy, so that asking again helps."""
    return isinstance(error, _PASSING)
