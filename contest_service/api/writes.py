"""Writes: one transaction that holds the change, its audit row and its stored reply.

A handler that changes something takes a `Write` and does the change within it:

    async with write.transaction() as tx:
        member = await add_person(tx.conn, write.actor, …, now=tx.now)
        reply = await tx.reply(member)
    return reply

Whatever has to be asked of a network is asked before. A request with an `Idempotency-Key` that was
done already never reaches its handler: it gets its stored reply. Only what succeeded is stored; a
failed request changed nothing and may be repeated.
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import MediaType, Request, Response
from litestar.datastructures import State

from contest_service.api.gate import person_of
from contest_service.api.requests import MalformedError
from contest_service.domain.errors import ConflictError, ContestError
from contest_service.domain.people import Actor
from contest_service.flows.runtime import Runtime
from contest_service.store import idempotency, work
from contest_service.store.idempotency import Key, StoredReply
from contest_service.store.rows import Connection
from contest_service.store.work import Due

T = TypeVar("T")

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LONGEST_KEY = 255
_MOST_RINGS = 100

AnyRequest = Request[Any, Any, Any]


class KeyReusedError(ContestError):
    """The key stands for another request."""

    code = "idempotency_key_reused"


class AlreadyDoneError(Exception):
    """The same request finished while this one was on its way; `reply` is its stored reply."""

    def __init__(self, reply: StoredReply) -> None:
        super().__init__("already done")
        self.reply = reply


class Transaction:
    """The open transaction of a write. What happens in it happens at `now`."""

    def __init__(self, conn: Connection, *, now: datetime, key: Key | None, status: int) -> None:
        self.conn = conn
        self.now = now
        self._key = key
        self._status = status

    async def reply_unkept(self, value: T) -> Response[T]:
        """Make the reply, and keep nothing of the request, not even its digest.

        For requests that hold what could be guessed from a digest. A repetition does it once more.
        """
        if self._key is not None:
            await idempotency.let_go(self.conn, self._key)
        return Response(value, status_code=self._status)

    async def reply(self, value: T, *, stored: T | None = None) -> Response[T]:
        """Make the reply, and store it under the request's key, if it has one.

        `stored` is what a repetition gets, where `value` holds a secret.
        """
        if self._key is not None:
            kept = value if stored is None else stored
            body = b"" if kept is None else msgspec.json.encode(kept)
            await idempotency.fill(self.conn, self._key, status=self._status, reply=body)
        return Response(value, status_code=self._status)


class Write:
    """A request that changes something, and who asks for it."""

    def __init__(self, rt: Runtime, actor: Actor, *, key: Key | None, status: int) -> None:
        self.rt = rt
        self.actor = actor
        self._key = key
        self._status = status

    @property
    def person_id(self) -> UUID:
        """The person who asks: every token belongs to one."""
        return person_of(self.actor)

    @asynccontextmanager
    async def transaction(self, *, rings: bool = False) -> AsyncIterator[Transaction]:
        """Open the transaction; it commits at the end of the block.

        With `rings`, the workers are told of what is due in the workspace after that. Raises
        AlreadyDoneError, ConflictError, and KeyReusedError if the key stands for another request.
        """
        due: list[Due] = []
        async with self.rt.pool.acquire() as conn, conn.transaction():
            if self._key is not None and not await idempotency.claim(conn, self._key):
                stored = await idempotency.find(conn, self._key)
                raise AlreadyDoneError(_same_request(self._key, stored))
            now = self.rt.clock()
            yield Transaction(conn, now=now, key=self._key, status=self._status)
            if rings:
                due = await work.due_in(conn, self.actor.workspace_id, now, limit=_MOST_RINGS)
        if due:
            await self.rt.ring(due)


async def provide_write(request: AnyRequest, state: State) -> Write:
    """The dependency `write` of every handler that changes something."""
    actor: Actor = request.scope["state"]["actor"]
    handler = request.route_handler
    return Write(
        state.rt, actor, key=await _key_of(request, actor), status=int(handler.status_code or 200)
    )


async def replay_stored(request: AnyRequest) -> Response[bytes] | None:
    """A hook before every handler: answer a write that was done already with its stored reply."""
    if request.method not in _WRITES or HEADER not in request.headers:
        return None
    key = await _key_of(request, request.scope["state"]["actor"])
    if key is None:
        return None
    async with request.app.state.rt.pool.acquire() as conn:
        stored = await idempotency.find(conn, key)
    return None if stored is None else replay(_same_request(key, stored))


def replay(stored: StoredReply) -> Response[bytes]:
    """Make the response of a stored reply."""
    return Response(
        stored.reply,
        status_code=stored.status,
        media_type=MediaType.JSON if stored.reply else None,
        headers={REPLAYED: "true"},
    )


async def _key_of(request: AnyRequest, actor: Actor) -> Key | None:
    given = request.headers.get(HEADER)
    if given is None:
        return None
    if not 1 <= len(given) <= _LONGEST_KEY or not (given.isascii() and given.isprintable()):
        raise MalformedError(f"{HEADER} has to be 1 to {_LONGEST_KEY} printable ASCII characters.")
    whole = (request.method, request.scope["path"], request.url.query, await request.body())
    return Key(
        workspace_id=actor.workspace_id,
        person_id=person_of(actor),
        key=given,
        request_digest=hashlib.sha256(msgspec.json.encode(whole)).digest(),
    )


def _same_request(key: Key, stored: StoredReply | None) -> StoredReply:
    if stored is None:
        raise ConflictError(
            f"The reply under this {HEADER} has just been deleted for its age; repeat the request.",
            code="in_progress",
        )
    if stored.request_digest != key.request_digest:
        raise KeyReusedError(
            f"This {HEADER} was used for another request; give every request a key of its own."
        )
    return stored
