"""Tokens: how they are made, whom they speak for, how they end.

A secret leaves this program once, in the answer to its making; only its digest is kept.
"""

import hashlib
import re
import secrets
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.errors import Fault, ForbiddenError, InvalidError
from contest_service.domain.people import Actor, Role, lesser
from contest_service.store import audit, people
from contest_service.store.people import Token
from contest_service.store.rows import Connection

PREFIX = "cst_"
_SECRET = re.compile(r"cst_[A-Za-z0-9_-]{43}")


class IssuedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token at the only moment at which its secret is known."""

    token: Token
    secret: str


async def authenticate(
    conn: Connection, secret: str, *, now: datetime, request_id: str
) -> Actor | None:
    """Find whom a secret speaks for; None if it is unknown, expired or revoked."""
    bearer = await people.find_bearer(conn, _digest(secret), now=now)
    if bearer is None:
        return None
    return Actor(
        workspace_id=bearer.workspace_id,
        person_id=bearer.person_id,
        token_id=bearer.token_id,
        role=lesser(bearer.token_role, bearer.person_role),
        request_id=request_id,
    )


def is_wellformed(secret: str) -> bool:
    """Whether a secret could be one of ours, so that it is worth looking for."""
    return _SECRET.fullmatch(secret) is not None


async def issue_token(
    conn: Connection,
    actor: Actor,
    *,
    person_id: UUID,
    name: str,
    role: Role,
    expires_at: datetime | None,
    now: datetime,
) -> IssuedToken:
    """Make a token for a person of the workspace.

    Raises InvalidError, NotFoundError for a stranger, ForbiddenError for a role above the actor's.
    """
    faults = _faults(name, expires_at, now)
    if faults:
        raise InvalidError(faults)
    if lesser(role, actor.role) is not role:
        raise ForbiddenError(f"Your role is {actor.role}; it cannot give a token more than that.")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = await people.create_token(
        conn,
        actor.workspace_id,
        person_id=person_id,
        name=name,
        role=role,
        digest=_digest(secret),
        issued_by=actor.person_id or person_id,
        now=now,
        expires_at=expires_at,
    )
    detail = {"person_id": str(person_id), "name": name, "role": role.value}
    await audit.record(conn, actor, "token.created", subject=token.id, at=now, detail=detail)
    return IssuedToken(token=token, secret=secret)


async def revoke_token(conn: Connection, actor: Actor, token_id: UUID, *, now: datetime) -> Token:
    """End a token for ever; ending it again changes nothing. Raises NotFoundError."""
    token = await people.revoke_token(conn, actor.workspace_id, token_id, now=now)
    await audit.record(conn, actor, "token.revoked", subject=token_id, at=now)
    return token


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _faults(name: str, expires_at: datetime | None, now: datetime) -> list[Fault]:
    faults = []
    if not 1 <= len(name.strip()) <= 200:
        faults.append(Fault(pointer="/name", detail="give 1 to 200 characters"))
    if expires_at is not None and expires_at.tzinfo is None:
        detail = "give the offset from UTC too, as in 2027-05-03T14:00:00+03:00"
        faults.append(Fault(pointer="/expires_at", detail=detail))
    elif expires_at is not None and expires_at <= now:
        faults.append(Fault(pointer="/expires_at", detail="lies in the past"))
    return faults
