"""Pings: tells open pages which sides of a contest changed, at most once a second and contest.

One per process, with one connection that listens. Nothing is queued: a reader knows what it was
told, a room knows how far its contest is, and the difference is the next ping. So a reader that is
slow, or was away and brings along what it was told, misses nothing and costs nothing.
"""

import asyncio
import contextlib
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import UUID

import msgspec
import structlog

from contest_service.domain.errors import ContestError
from contest_service.store.pings import FAILURES, SIDES, Versions, listening, versions
from contest_service.store.pool import DatabaseUnreachableError
from contest_service.store.rows import Pool

log = structlog.get_logger(__name__)

EVERY = 1.0
"""Seconds between two pings of one contest."""
OF_ADDRESS = 60
OF_ALL = 5000
"""Streams of one process that are open at once."""
_SOONEST, _LATEST = 0.2, 15.0
"""Seconds until a lost connection is opened again: the first, and the longest."""
_LENGTH = 8
_AT_ONCE = 3
"""Contests that are looked up at once, so that requests find connections too."""


class TooManyStreamsError(ContestError):
    """So many pages are open already, of one address or of all."""

    code = "too_many_streams"


class Ping(msgspec.Struct, frozen=True, kw_only=True):
    """The sides that changed, and the id by which whoever comes back says what it was told."""

    id: str
    sides: list[str]


class _Room:
    """Those who want to be told of one contest, and how far it is."""

    def __init__(self, workspace_id: UUID, contest_id: UUID) -> None:
        self.key = (workspace_id, contest_id)
        self.now: Versions | None = None
        self.readers: set[Reader] = set()
        self.heard = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.heard.set()


class Reader:
    """One open page: what it was told, and what it is to be told next."""

    def __init__(self, room: _Room, told: Versions | None) -> None:
        self._room = room
        self._told = told
        self.woken = asyncio.Event()
        self.is_over = False
        if room.now is not None:
            self.woken.set()

    def next(self) -> Ping | None:
        """What there is to tell by now, once; the first ping may name no side at all."""
        self.woken.clear()
        now = self._room.now
        if now is None or now == self._told:
            return None
        before = now if self._told is None else self._told
        self._told = now
        changed = [side for side, old, new in zip(SIDES, before, now, strict=True) if old != new]
        return Ping(id=".".join(now), sides=changed)


class Pings:
    """All rooms of a process."""

    def __init__(self, pool: Pool, database_url: str) -> None:
        self._pool = pool
        self._url = database_url
        self._rooms: dict[UUID, _Room] = {}
        self._addresses: Counter[str] = Counter()
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._is_closed = False

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[None]:
        """Hear of changes while the context is open; then all streams end."""
        task = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            self.close()
            tasks = [task, *(room.task for room in self._rooms.values() if room.task)]
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def close(self) -> None:
        """End all streams, and open no more."""
        self._is_closed = True
        for room in self._rooms.values():
            for reader in room.readers:
                reader.is_over = True
                reader.woken.set()

    @contextmanager
    def open(
        self, workspace_id: UUID, contest_id: UUID, *, address: str, since: str
    ) -> Iterator[Reader]:
        """Read the pings of a contest; `since` is the id of the last one, or empty.

        Raises TooManyStreamsError.
        """
        if self._addresses[address] >= OF_ADDRESS or self._addresses.total() >= OF_ALL:
            raise TooManyStreamsError("Too many pages are open. Close some, or reload this one.")
        room = self._rooms.get(contest_id)
        if room is None:
            room = self._rooms[contest_id] = _Room(workspace_id, contest_id)
            room.task = asyncio.create_task(self._tell(room))
        reader = Reader(room, _read_id(since))
        reader.is_over = self._is_closed
        room.readers.add(reader)
        self._addresses[address] += 1
        try:
            yield reader
        finally:
            room.readers.discard(reader)
            self._addresses[address] -= 1
            self._addresses += Counter()
            if not room.readers and self._rooms.get(contest_id) is room:
                del self._rooms[contest_id]
                if room.task:
                    room.task.cancel()

    async def since(self, workspace_id: UUID, contest_id: UUID) -> str:
        """The id of a ping now, for a page that is made now."""
        async with self._pool.acquire() as conn:
            return ".".join(_digests(await versions(conn, workspace_id, contest_id)))

    async def _tell(self, room: _Room) -> None:
        """Look up how far a contest is whenever it changed, and wake its readers."""
        while True:
            await room.heard.wait()
            room.heard.clear()
            try:
                async with self._turns, self._pool.acquire() as conn:
                    now = _digests(await versions(conn, *room.key))
            except FAILURES as error:
                log.warning("ping_failed", contest_id=str(room.key[1]), error=repr(error))
                room.heard.set()
            else:
                if now != room.now:
                    room.now = now
                    for reader in room.readers:
                        reader.woken.set()
            await asyncio.sleep(EVERY)

    def _hear(self, contest_id: UUID) -> None:
        room = self._rooms.get(contest_id)
        if room is not None:
            room.heard.set()

    async def _listen(self) -> None:
        pause = _SOONEST
        while True:
            with contextlib.suppress(DatabaseUnreachableError):
                async with listening(self._url, self._hear) as watching:
                    pause = _SOONEST
                    # Whatever changed while nobody listened.
                    for room in self._rooms.values():
                        room.heard.set()
                    await asyncio.wait([watching])
            log.warning("pings_deaf", seconds=pause)
            await asyncio.sleep(pause)
            pause = min(_LATEST, pause * 2)


def _digests(sides: list[str | None]) -> Versions:
    return tuple(
        hashlib.blake2b((side or "").encode(), digest_size=_LENGTH // 2).hexdigest()
        for side in sides or [None] * len(SIDES)
    )


def _read_id(given: str) -> Versions | None:
    """What a ping of this id told; None where it is none."""
    parts = tuple(given.split(".")) if len(given) == len(SIDES) * (_LENGTH + 1) - 1 else ()
    return parts if len(parts) == len(SIDES) else None
