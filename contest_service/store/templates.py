"""Templates of a workspace: definitions from which contests are made."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from contest_service.domain.contest import Definition
from contest_service.domain.errors import ConflictError, NotFoundError
from contest_service.store.rows import Connection, exactly, many, one


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A definition that is kept by a name. `practice` says what it was made for.

    Of the times in its schedule only the lengths between them count.
    """

    id: UUID
    name: str
    practice: bool
    definition: Definition
    created_at: datetime


COLUMNS = "id, name, practice, definition, created_at"

KEEP = f"""
INSERT INTO templates (workspace_id, name, practice, definition, created_at)
VALUES ($1, $2, $3, $4, $5)
RETURNING {COLUMNS}
"""


async def keep(
    conn: Connection,
    workspace_id: UUID,
    name: str,
    definition: Definition,
    *,
    practice: bool,
    now: datetime,
) -> Template:
    """Raises ConflictError if another template has this name."""
    kept = msgspec.to_builtins(definition)
    try:
        row = await conn.fetchrow(KEEP, workspace_id, name, practice, kept, now)
    except asyncpg.UniqueViolationError as error:
        raise _taken(error, name) from None
    return exactly(row, Template)


def _taken(error: asyncpg.UniqueViolationError, name: str) -> Exception:
    if error.constraint_name != "templates_name_once":
        return error
    return ConflictError(
        f"There is a template called {name!r} already; choose another name.", code="name_taken"
    )


COUNT = "SELECT count(*) FROM templates WHERE workspace_id = $1"


async def count(conn: Connection, workspace_id: UUID) -> int:
    return int(await conn.fetchval(COUNT, workspace_id))


LIST = f"SELECT {COLUMNS} FROM templates WHERE workspace_id = $1 ORDER BY name"


async def list_all(conn: Connection, workspace_id: UUID) -> list[Template]:
    """List a workspace's templates by name; there are few (`flows.templates`)."""
    return many(await conn.fetch(LIST, workspace_id), Template)


READ = f"SELECT {COLUMNS} FROM templates WHERE workspace_id = $1 AND id = $2"


async def read(conn: Connection, workspace_id: UUID, template_id: UUID) -> Template:
    """Raises NotFoundError."""
    return _found(one(await conn.fetchrow(READ, workspace_id, template_id), Template))


RENAME = f"""
UPDATE templates SET name = $3 WHERE workspace_id = $1 AND id = $2
RETURNING {COLUMNS}
"""


async def rename(conn: Connection, workspace_id: UUID, template_id: UUID, name: str) -> Template:
    """Raises NotFoundError, and ConflictError if another template has this name."""
    try:
        row = await conn.fetchrow(RENAME, workspace_id, template_id, name)
    except asyncpg.UniqueViolationError as error:
        raise _taken(error, name) from None
    return _found(one(row, Template))


DELETE = f"DELETE FROM templates WHERE workspace_id = $1 AND id = $2 RETURNING {COLUMNS}"


async def delete(conn: Connection, workspace_id: UUID, template_id: UUID) -> Template:
    """Raises NotFoundError."""
    return _found(one(await conn.fetchrow(DELETE, workspace_id, template_id), Template))


def _found(template: Template | None) -> Template:
    if template is None:
        raise NotFoundError("There is no such template in this workspace.")
    return template
