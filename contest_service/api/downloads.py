"""What takes a while to make: bundles, frozen lists and certificates.

A slow client never holds a database connection: a bundle is written to a temporary file from one
consistent read and sent from there, and a frozen list, which cannot change, is read piece by piece.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from typing import IO
from uuid import UUID

from litestar.response import Stream

from contest_service.flows.certificate import Certificate, read_certificate
from contest_service.flows.export import export_bundle
from contest_service.flows.runtime import Runtime
from contest_service.proof.bundle import Edition
from contest_service.store import proof
from contest_service.store.contests import Contest

_AT_ONCE = 2
"""Bundles and certificates that one process makes at a time."""
_PIECE = 1 << 18


class Exports:
    """Makes downloads, a few at a time."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def bundle(
        self,
        workspace_id: UUID,
        contest_id: UUID,
        edition: Edition,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Stream:
        """Make a bundle, whole, and then its response. Raises NotFoundError."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 - `_sent` closes it
        try:
            async with self._turn:
                async for piece in export_bundle(self._rt, workspace_id, contest_id, edition):
                    file.write(piece)
        except BaseException:
            file.close()
            raise
        name = f"contest-{contest_id}-{edition}.zip"
        return Stream(
            _sent(file),
            media_type="application/zip",
            headers={
                "Content-Length": str(file.tell()),
                "Content-Disposition": f'attachment; filename="{name}"',
                **(headers or {}),
            },
        )

    async def certificate(self, contest: Contest) -> Certificate:
        """Make a certificate, for which a long list may have to be folded. Raises NotFoundError."""
        async with (
            self._turn,
            self._rt.pool.acquire() as conn,
            # All of it as of one moment, whatever is decided meanwhile.
            conn.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await read_certificate(conn, contest)

    async def frozen_list(self, workspace_id: UUID, contest_id: UUID) -> AsyncIterator[bytes]:
        """Yield `entries.bin`, with a connection for each piece alone."""
        seq = 0
        while True:
            async with self._rt.pool.acquire() as conn:
                piece = await proof.chunk(conn, workspace_id, contest_id, "entries", seq=seq)
            if piece is None:
                return
            yield piece
            seq += 1


async def _sent(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece
