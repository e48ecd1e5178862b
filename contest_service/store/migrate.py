"""Brings a database's schema forward, and says what is wrong when it cannot.

Owns the table `schema_migrations` and the order and integrity of the files in `migrations`. What
the files say is theirs.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import asyncpg
import msgspec

from contest_service.domain.errors import ContestError
from contest_service.store.rows import Connection

_FILE = re.compile(r"(?P<version>\d{4})_(?P<name>[a-z0-9]+(?:_[a-z0-9]+)+)\.sql")
_LOCK = 0x636F6E7465737401  # any fixed number: "contest" and 1

_CREATE_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer CONSTRAINT schema_migrations_pkey PRIMARY KEY,
    name text NOT NULL,
    sha256 bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""
_TABLE_EXISTS = "SELECT to_regclass('schema_migrations') IS NOT NULL"
_LIST_APPLIED = "SELECT version, name, sha256 FROM schema_migrations ORDER BY version"
_RECORD = "INSERT INTO schema_migrations (version, name, sha256) VALUES ($1, $2, $3)"


class MigrationError(ContestError):
    """The schema cannot be brought forward; the message says why and what to do."""

    code = "migration"


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """One file of `migrations`."""

    version: int
    name: str
    sql: str

    @property
    def sha256(self) -> bytes:
        """Digest of the file's text."""
        return hashlib.sha256(self.sql.encode()).digest()

    @property
    def title(self) -> str:
        """The file's name without its ending."""
        return f"{self.version:04}_{self.name}"


def load_migrations(folder: Traversable | None = None) -> Sequence[Migration]:
    """Read the files `NNNN_verb_noun.sql` of `folder`, by default the program's own, in order.

    Raises MigrationError if two share a number or one is missing.
    """
    found = []
    for file in (folder or resources.files("migrations")).iterdir():
        if match := _FILE.fullmatch(file.name):
            sql = file.read_text(encoding="utf-8").replace("\r\n", "\n")
            found.append(Migration(version=int(match["version"]), name=match["name"], sql=sql))
    found.sort(key=lambda migration: migration.version)
    numbers = [migration.version for migration in found]
    if numbers != list(range(1, len(found) + 1)):
        titles = ", ".join(migration.title for migration in found)
        raise MigrationError(
            f"The migrations are not numbered 1, 2, 3 and so on ({titles}). Rename the new ones."
        )
    return found


async def migrate(
    connection: "asyncpg.Connection[Any]", migrations: Sequence[Migration] | None = None
) -> Sequence[Migration]:
    """Apply what the database lacks, each file in a transaction of its own, and return it.

    Several processes may call this at once: one applies, the others find it done. Raises
    MigrationError, and then the database holds every migration before the failed one.
    """
    known = load_migrations() if migrations is None else migrations
    await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
    try:
        await connection.execute(_CREATE_TABLE)
        lacking = await find_pending(connection, known)
        for migration in lacking:
            await _apply(connection, migration)
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)
    return lacking


async def find_pending(
    connection: Connection, migrations: Sequence[Migration] | None = None
) -> Sequence[Migration]:
    """Return the migrations that the database lacks, and change nothing.

    Raises MigrationError if the database and the program tell different stories.
    """
    known = load_migrations() if migrations is None else migrations
    if not await connection.fetchval(_TABLE_EXISTS):
        return known
    applied = await connection.fetch(_LIST_APPLIED)
    _compare(applied, known)
    done = {row["version"] for row in applied}
    return [migration for migration in known if migration.version not in done]


async def require_current(connection: Connection) -> None:
    """Raise MigrationError unless the database has exactly the program's schema."""
    if lacking := await find_pending(connection):
        raise MigrationError(
            f"The database lacks {', '.join(migration.title for migration in lacking)}. "
            "Run `contest-service migrate` first."
        )


def _compare(applied: Iterable[asyncpg.Record], known: Sequence[Migration]) -> None:
    by_version = {migration.version: migration for migration in known}
    for expected, row in enumerate(applied, start=1):
        title = f"{row['version']:04}_{row['name']}"
        if row["version"] != expected:
            raise MigrationError(
                f"The database has migration {title} but not number {expected:04}. "
                "Restore it from a backup."
            )
        migration = by_version.get(row["version"])
        if migration is None:
            raise MigrationError(
                f"The database is newer than this program: it has migration {title}. "
                "Install the release that made it, or a later one."
            )
        if migration.sha256 != row["sha256"] or migration.name != row["name"]:
            raise MigrationError(
                f"Migration {title} was applied to the database with another text than this "
                f"program's {migration.title}. Install the release that made the database; "
                "to change a schema, add a migration."
            )


async def _apply(connection: "asyncpg.Connection[Any]", migration: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(migration.sql)
            await connection.execute(_RECORD, migration.version, migration.name, migration.sha256)
    except asyncpg.PostgresError as error:
        raise MigrationError(
            f"Migration {migration.title} failed and was undone: {error}. "
            "Mend what it names and run the migrations again."
        ) from error
