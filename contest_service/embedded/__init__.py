"""Real PostgreSQL and Valkey that the service brings along, for one machine and for tests.

Used only where neither DATABASE_URL nor REDIS_URL is set; knows nothing of what is stored.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from contest_service.embedded.errors import EmbeddedError
from contest_service.embedded.folder import (
    Addresses,
    announced,
    find_announced,
    locked,
    prepare,
)
from contest_service.embedded.postgres import Postgres, running_postgres
from contest_service.embedded.valkey import Valkey, running_valkey

__all__ = ["Addresses", "EmbeddedError", "EmbeddedServers", "find_announced", "running_servers"]


class EmbeddedServers:
    """The two servers while they run."""

    def __init__(self, postgres: Postgres, valkey: Valkey) -> None:
        self._servers: dict[str, Postgres | Valkey] = {"PostgreSQL": postgres, "Valkey": valkey}
        self.programs = postgres.programs
        """The folder of PostgreSQL's own programs, `pg_dump` among them."""
        self.addresses = Addresses(database_url=postgres.url, redis_url=valkey.url)

    def revive(self) -> list[str]:
        """Start again what stopped by itself, and give its names. Raises EmbeddedError."""
        ended = [name for name, server in self._servers.items() if server.has_ended()]
        for name in ended:
            self._servers[name].start()
        return ended


@contextlib.contextmanager
def running_servers(
    data: Path, *, is_durable: bool = True, databases: int = 16, valkey_port: int = 0
) -> Iterator[EmbeddedServers]:
    """Run both servers on the data folder, made if need be, until the block ends.

    Call it from the main thread. Without `is_durable` nothing is forced to disk; `databases` is
    Valkey's number of them. Raises EmbeddedError with a sentence for a person.
    """
    data = prepare(data)
    with (
        locked(data),
        running_valkey(data, databases=databases, port=valkey_port) as valkey,
        running_postgres(data, is_durable=is_durable) as postgres,
    ):
        servers = EmbeddedServers(postgres, valkey)
        with announced(data, servers.addresses):
            yield servers
