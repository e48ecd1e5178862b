"""Forms that change something: one transaction, and the same form sent twice does one thing.

A handler does its change in the transaction and says where to go next:

    async with submission(request) as sent:
        await rename(sent.conn, actor, name, now=sent.now)
        return await sent.go("/w/…")

A repetition never reaches the end of the block: it goes where the first one went. Only what
succeeded is remembered; an address of ours is all that is kept of it.
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response
from litestar.datastructures import UploadFile

from contest_service.domain.errors import ConflictError, ContestError
from contest_service.domain.people import Actor
from contest_service.store import idempotency, work
from contest_service.store.idempotency import Key
from contest_service.store.rows import Connection
from contest_service.store.work import Due
from contest_service.web.forms import fields_of
from contest_service.web.gate import AnyRequest, actor_of, go, runtime_of, session_of

_LONGEST = 100
_MOST_RINGS = 100
_NO_WORKSPACE = UUID(int=0)


class SentBeforeError(ContestError):
    """The same form was sent before; `address` is where it led."""

    code = "sent_before"

    def __init__(self, address: str) -> None:
        super().__init__("This form was sent before.")
        self.address = address


class Submission:
    """The open transaction of a form. What happens in it happens at `now`."""

    def __init__(self, conn: Connection, *, now: datetime, key: Key | None) -> None:
        self.conn = conn
        self.now = now
        self._key = key

    async def remember(self, address: str) -> None:
        """Remember where a repetition is sent to."""
        if self._key is not None:
            await idempotency.fill(self.conn, self._key, status=303, reply=address.encode())

    async def go(self, address: str) -> Response[bytes]:
        """Send the browser to the next page, a repetition too."""
        await self.remember(address)
        return go(address)


@asynccontextmanager
async def submission(request: AnyRequest, *, rings: bool = False) -> AsyncIterator[Submission]:
    """Open the transaction of a form of somebody who is signed in; it commits with the block.

    With `rings`, the workers are told of what is due in the workspace after that. Raises
    SentBeforeError.
    """
    rt = runtime_of(request)
    key = await _key_of(request)
    due: list[Due] = []
    async with rt.pool.acquire() as conn, conn.transaction():
        if key is not None and not await idempotency.claim(conn, key):
            stored = await idempotency.find(conn, key)
            if stored is None:
                raise ConflictError("This form was sent before, long ago. Load the page again.")
            raise SentBeforeError(stored.reply.decode())
        sent = Submission(conn, now=rt.clock(), key=key)
        yield sent
        if rings:
            workspace_id = actor_of(request).workspace_id
            due = await work.due_in(conn, workspace_id, sent.now, limit=_MOST_RINGS)
    if due:
        await rt.ring(due)


async def require_unsent(request: AnyRequest) -> None:
    """Raise SentBeforeError for a repetition, where something is asked before the transaction."""
    key = await _key_of(request)
    if key is None:
        return
    async with runtime_of(request).pool.acquire() as conn:
        stored = await idempotency.find(conn, key)
    if stored is not None:
        raise SentBeforeError(stored.reply.decode())


def go_where_it_led(_request: AnyRequest, error: SentBeforeError) -> Response[bytes]:
    """Send a repetition where the first one went."""
    return go(error.address)


async def _key_of(request: AnyRequest) -> Key | None:
    """The key of this form with what is typed in it: another text is another sending."""
    once = (await fields_of(request)).get("once", "")
    if not isinstance(once, str) or not _is_key(once):
        return None
    actor: Actor | None = request.scope["state"].get("actor")
    digest = await _digest(request)
    return Key(
        workspace_id=actor.workspace_id if actor else _NO_WORKSPACE,
        person_id=session_of(request).person_id,
        key=f"form:{once}:{digest.hex()[:32]}",
        request_digest=digest,
    )


def _is_key(once: str) -> bool:
    return 1 <= len(once) <= _LONGEST and once.isascii() and once.isprintable()


async def _digest(request: AnyRequest) -> bytes:
    """SHA-256 of where a form goes and what it holds; how it was packed differs each time."""
    held = [
        (name, await _hash(each) if isinstance(each, UploadFile) else str(each))
        for name, each in (await request.form()).multi_items()
    ]
    return hashlib.sha256(msgspec.json.encode((request.scope["path"], held))).digest()


async def _hash(file: UploadFile) -> str:
    """SHA-256 of a file in hex; whoever reads it next begins at its beginning."""
    await file.seek(0)
    digest = hashlib.sha256(await file.read()).hexdigest()
    await file.seek(0)
    return digest
