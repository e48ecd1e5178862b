"""Whether the database answers and has the schema that this program expects."""

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
