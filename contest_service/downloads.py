"""What takes a while to make: bundles, frozen lists and certificates, for the API and for pages.

A slow client never holds a database connection: a bundle is written to a temporary file from one
consistent read and sent from there, and a frozen list, which cannot change, is read piece by piece.
"""

import asyncio
import base64
import hashlib
import tempfile
from collections.abc import AsyncIterator, Mapping
from typing import IO
from uuid import UUID

import msgspec

from contest_service.domain.people import Actor
from contest_service.flows.certificate import Certificate, read_certificate
from contest_service.flows.export import export_bundle
from contest_service.flows.hand_out import Made, note_download
from contest_service.flows.runtime import Runtime
from contest_service.proof.bundle import Edition
from contest_service.store import proof
from contest_service.store.contests import Contest

_AT_ONCE = 2
"""Bundles and certificates that one process makes at a time."""
_PIECE = 1 << 18


class Download(msgspec.Struct, frozen=True, kw_only=True):
    """A zip on its way: its bytes in pieces, and the headers that go before them."""

    pieces: AsyncIterator[bytes]
    headers: dict[str, str]


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
    ) -> Download:
        """Make a bundle, whole, before the first piece is given out. Raises NotFoundError."""
        file, made = await self._make(workspace_id, contest_id, edition)
        return _download(file, made, contest_id, headers=headers)

    async def hand_out(self, actor: Actor, contest_id: UUID, edition: Edition) -> Download:
        """Make a bundle for somebody of the workspace, and write down that they took it along.

        Raises NotFoundError.
        """
        file, made = await self._make(actor.workspace_id, contest_id, edition)
        try:
            async with self._rt.pool.acquire() as conn:
                await note_download(conn, actor, contest_id, made, now=self._rt.clock())
        except BaseException:
            file.close()
            raise
        return _download(file, made, contest_id, headers={"Cache-Control": "no-store"})

    async def _make(
        self, workspace_id: UUID, contest_id: UUID, edition: Edition
    ) -> tuple[IO[bytes], Made]:
        file, digest = tempfile.TemporaryFile(), hashlib.sha256()  # noqa: SIM115 - `_sent` closes it
        try:
            async with self._turn:
                async for piece in export_bundle(self._rt, workspace_id, contest_id, edition):
                    file.write(piece)
                    digest.update(piece)
        except BaseException:
            file.close()
            raise
        return file, Made(edition=edition, size=file.tell(), sha256=digest.hexdigest())

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


def _download(
    file: IO[bytes], made: Made, contest_id: UUID, *, headers: Mapping[str, str] | None
) -> Download:
    digest = base64.b64encode(bytes.fromhex(made.sha256)).decode()
    name = f"contest-{contest_id}-{made.edition}.zip"
    return Download(
        pieces=_sent(file),
        headers={
            "Content-Length": str(made.size),
            "Content-Disposition": f'attachment; filename="{name}"',
            "Repr-Digest": f"sha-256=:{digest}:",
            **(headers or {}),
        },
    )


async def _sent(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece
