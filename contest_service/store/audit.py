"""The audit log: who did what, when, through which token. Rows are written once.

A row is written in the transaction of what it tells, so that neither exists without the other. The
detail never holds a secret.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from contest_service.domain.people import Actor
from contest_service.store.rows import Connection, many


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


RECORD = """
INSERT INTO audit_log
    (workspace_id, at, person_id, token_id, action, subject, detail, request_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
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
        action,
        subject,
        dict(detail or {}),
        actor.request_id,
    )


LIST = """
SELECT id, at, person_id, token_id, action, subject, detail, request_id FROM audit_log
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
