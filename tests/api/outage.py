"""A way to the database that can be cut, and that can stop carrying anything without being cut."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

_SOCKET = ".s.PGSQL.5432"


class Way:
    """Carries bytes between clients and PostgreSQL's socket."""

    def __init__(self, real: Path, near: Path) -> None:
        self._real = real
        self._near = near
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()

    async def mend(self) -> None:
        """Carry, from now on."""
        self._flows.set()
        if self._server is None:
            self._server = await asyncio.start_unix_server(self._carry, self._near)

    def hang(self) -> None:
        """Let nothing pass, and break nothing off."""
        self._flows.clear()

    async def cut(self) -> None:
        """Break everything off, and take nobody in."""
        if self._server is not None:
            self._server.close()
            self._server = None
            self._near.unlink(missing_ok=True)
        self._flows.set()
        for writer in list(self._open):
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there = await asyncio.open_unix_connection(self._real)
        self._open |= {writer, there}
        await asyncio.gather(self._copy(reader, there), self._copy(there_reader, writer))
        self._open -= {writer, there}

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while part := await reader.read(1 << 16):
                await self._flows.wait()
                writer.write(part)
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def way_to(database_url: str) -> AsyncIterator[tuple[str, Way]]:
    """A URL of the same database over a way of its own, and that way."""
    parts = urlsplit(database_url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    with tempfile.TemporaryDirectory(prefix="way-") as folder:
        way = Way(Path(query["host"]) / _SOCKET, Path(folder) / _SOCKET)
        await way.mend()
        query["host"] = folder
        try:
            yield urlunsplit(parts._replace(query=urlencode(query))), way
        finally:
            await way.cut()
