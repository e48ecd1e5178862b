"""Passwords: hashed with argon2id away from the event loop, and how one is set.

A password that is checked for somebody who has none takes as long as any other.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from contest_service.domain.errors import Fault, InvalidError
from contest_service.domain.passwords import password_fault
from contest_service.flows.runtime import Runtime
from contest_service.store import audit, person_secrets, sessions, ways_in
from contest_service.store.audit import Signing
from contest_service.store.rows import Connection
from contest_service.store.sessions import Session

_HASHER = PasswordHasher()
# Each takes 64 MiB while it runs, so that few run at once.
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
_NOBODYS = _HASHER.hash("the password of nobody")


async def hash_password(password: str) -> str:
    """Hash a password for the database."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, password)


async def is_right(password: str, hashed: str | None) -> bool:
    """Whether a password is the one that was hashed; it takes as long where there is none."""
    right = await asyncio.get_running_loop().run_in_executor(
        _THREADS, _verify, password, hashed or _NOBODYS
    )
    return right and hashed is not None


async def stronger_hash(password: str, hashed: str) -> str | None:
    """Hash the right password anew; None if the parameters are those it was hashed with."""
    return await hash_password(password) if _HASHER.check_needs_rehash(hashed) else None


async def require_own(rt: Runtime, session: Session, password: str) -> None:
    """Raise InvalidError unless this is the password of whose session it is, or they have none."""
    async with rt.pool.acquire() as conn:
        person = await person_secrets.read(conn, session.person_id)
    if person.password is None or await is_right(password, person.password):
        return
    async with rt.pool.acquire() as conn:
        await person_secrets.count_failure(conn, person.id, now=rt.clock())
    raise InvalidError([Fault(pointer="/current", detail="is not your password")])


async def checked_hash(password: str, *, known: tuple[str | None, ...]) -> str:
    """Hash a password that is good enough. Raises InvalidError for one that is not."""
    if fault := password_fault(password, known=known):
        raise InvalidError([Fault(pointer="/password", detail=fault)])
    return await hash_password(password)


async def set_password(
    conn: Connection, signing: Signing, hashed: str, *, keeps: UUID | None, now: datetime
) -> None:
    """Set a person's password; their other sessions end, and so do their links."""
    await person_secrets.set_password(conn, signing.person_id, hashed, now=now)
    await ways_in.end_links(conn, signing.person_id)
    ended = await sessions.end_others(conn, signing.person_id, but=keeps)
    await audit.record_everywhere(
        conn,
        signing,
        "person.password_set",
        subject=signing.person_id,
        at=now,
        detail={"sessions_ended": len(ended)},
    )


def _verify(password: str, hashed: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
