"""The schema as PostgreSQL itself tells it: what all migrations come to.

As a program (`make snapshot`) it prints that for a fresh embedded server.
"""

import asyncio
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from contest_service.embedded import running_servers
from contest_service.embedded.account import choose_account, find_programs
from contest_service.store.migrate import migrate
from contest_service.store.pool import connect

SNAPSHOT = Path(__file__).parent.parent.parent / "migrations" / "snapshot.sql"

_HEADING = (
    "-- All migrations together, as pg_dump tells them. Made by `make snapshot`, not by hand.\n\n"
)
# Differs from one run or one minor release to the next, and says nothing about the schema.
_NOISE = re.compile(
    r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)\n", re.MULTILINE
)


def describe(database_url: str) -> str:
    """Dump the schema at `database_url`, without what changes by itself."""
    programs = find_programs(choose_account())
    dump = subprocess.run(
        [programs / "pg_dump", "--schema-only", "--no-owner", "--no-privileges", database_url],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return _HEADING + re.sub(r"\n{3,}", "\n\n", _NOISE.sub("", dump)).strip() + "\n"


async def _migrate(database_url: str) -> None:
    connection = await connect(database_url)
    try:
        await migrate(connection)
    finally:
        await connection.close()


def _passable(folder: str) -> Path:
    """Let PostgreSQL's own account, where root runs this, pass through the folder."""
    Path(folder).chmod(0o711)
    return Path(folder)


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory(prefix="contest-") as folder,
        running_servers(_passable(folder) / "data", is_durable=False) as servers,
    ):
        asyncio.run(_migrate(servers.addresses.database_url))
        sys.stdout.write(describe(servers.addresses.database_url))
