"""The audit log: who did what, when, through which token or session. Rows are written once.

A row is written in the transaction of what it tells, so that neither exists without the other. The
detail never holds a secret. When a person is erased, what a detail says of them goes, and the row
says when that was.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from contest_service.domain.people import Actor
from contest_service.store.rows import AFTER_ALL, Connection, many


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done. `person_id` is None where the service acted by itself."""

    id: UUID
    at: datetime
    person_id: UUID | None
    token_id: UUID | None
    action: str
    subject: UUID | None
    detail: dict[str, Any]
    request_id: str
    erased_at: datetime | None
    session_id: UUID | None


RECORD = """
INSERT INTO audit_log
    (workspace_id, at, person_id, token_id, session_id, action, subject, detail, request_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


async def record(
    conn: Connection,
    actor: Actor,
    action: str,
    *,
    subject: UUID | None,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down what `actor` does. `action` is a code such as `token.created`."""
    await conn.execute(
        RECORD,
        actor.workspace_id,
        at,
        actor.person_id,
        actor.token_id,
        actor.session_id,
        action,
        subject,
        dict(detail or {}),
        actor.request_id,
    )


class Signing(msgspec.Struct, frozen=True, kw_only=True):
    """A person who does something about how they sign in, which is of all their workspaces."""

    person_id: UUID
    session_id: UUID | None
    request_id: str


RECORD_EVERYWHERE = """
INSERT INTO audit_log
    (workspace_id, at, person_id, session_id, action, subject, detail, request_id)
SELECT workspace_id, $2, $1, $3, $4, $5, $6, $7 FROM memberships WHERE person_id = $1
"""


async def record_everywhere(
    conn: Connection,
    signing: Signing,
    action: str,
    *,
    subject: UUID | None,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down, in each workspace that a person is in, what they do about signing in."""
    await conn.execute(
        RECORD_EVERYWHERE,
        signing.person_id,
        at,
        signing.session_id,
        action,
        subject,
        dict(detail or {}),
        signing.request_id,
    )


LIST = """
SELECT id, at, person_id, token_id, action, subject, detail, request_id, erased_at, session_id
FROM audit_log
WHERE workspace_id = $1 AND ($2::uuid IS NULL OR subject = $2) AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4
"""


async def list_page(
    conn: Connection,
    workspace_id: UUID,
    *,
    subject: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[AuditEntry]:
    """List what was done, newest first, of one `subject` or of all."""
    return many(await conn.fetch(LIST, workspace_id, subject, before, limit), AuditEntry)


_NAMED = """
SELECT a.id, a.at, a.person_id, a.token_id, a.action, a.subject, a.detail, a.request_id,
    a.erased_at, a.session_id, (SELECT name FROM persons WHERE id = a.person_id) AS person,
    (SELECT name FROM persons WHERE id = a.subject) AS subject_person
FROM audit_log a WHERE a.workspace_id = $1 AND a.id < $2"""
NAMED = f"{_NAMED} ORDER BY a.id DESC LIMIT $3"
NAMED_OF_KIND = f"""
{_NAMED} AND split_part(a.action, '.', 1) = $4 ORDER BY a.id DESC LIMIT $3
"""
NAMED_OF_PERSON = f"""
{_NAMED} AND a.person_id = $4 AND ($5::text IS NULL OR split_part(a.action, '.', 1) = $5)
ORDER BY a.id DESC LIMIT $3
"""


BUNDLES = f"""
{_NAMED} AND a.subject = $4 AND a.action = 'contest.bundle_downloaded'
ORDER BY a.id DESC LIMIT $3
"""


class NamedEntry(AuditEntry, frozen=True, kw_only=True):
    """One thing that was done, with the names of who did it and of the person it was done to."""

    person: str | None
    subject_person: str | None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows are wanted: of one person, of one kind (`token`), older than one of them."""

    person_id: UUID | None = None
    kind: str | None = None
    before: UUID | None = None


async def list_named(
    conn: Connection, workspace_id: UUID, wanted: Wanted, *, limit: int
) -> list[NamedEntry]:
    """List what was done, newest first, with the names of persons."""
    page = (workspace_id, wanted.before or AFTER_ALL, limit)
    if wanted.person_id is not None:
        rows = await conn.fetch(NAMED_OF_PERSON, *page, wanted.person_id, wanted.kind)
    elif wanted.kind is not None:
        rows = await conn.fetch(NAMED_OF_KIND, *page, wanted.kind)
    else:
        rows = await conn.fetch(NAMED, *page)
    return many(rows, NamedEntry)


async def bundles_taken(
    conn: Connection, workspace_id: UUID, contest_id: UUID, *, limit: int
) -> list[NamedEntry]:
    """List who took a contest's bundles along, newest first, with the names of persons."""
    rows = await conn.fetch(BUNDLES, workspace_id, AFTER_ALL, limit, contest_id)
    return many(rows, NamedEntry)
