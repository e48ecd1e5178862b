"""Templates and clones: a new draft from a definition that was kept, or from any contest.

A definition goes over whole, with its times moved; posts, and the answers to questions, do not.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.contest import Definition
from contest_service.domain.errors import ConflictError, Fault, InvalidError
from contest_service.domain.lengths import made_anew, opens_again
from contest_service.domain.people import Actor
from contest_service.domain.schedule import time_fault
from contest_service.flows import define
from contest_service.flows.people import name_faults
from contest_service.store import audit, contests, templates
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.store.templates import Template

MOST_TEMPLATES = 200
"""Of one workspace."""


class Anew(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of a new contest is to be otherwise; whatever is null is as it was.

    Where `opens_at` is null it opens on the same weekday at the same hour, a day ahead or more.
    """

    title: str | None = None
    opens_at: datetime | None = None
    practice: bool | None = None


async def keep_template(
    conn: Connection,
    actor: Actor,
    name: str,
    definition: Definition,
    *,
    practice: bool,
    now: datetime,
) -> Template:
    """Keep a definition by a name.

    Raises InvalidError with all faults of both, and ConflictError if the name is taken.
    """
    faults = name_faults(name)
    faults += await define.every_fault(conn, actor, definition, practice=practice)
    if faults:
        raise InvalidError(faults)
    if await templates.count(conn, actor.workspace_id) >= MOST_TEMPLATES:
        raise ConflictError(
            f"A workspace keeps at most {MOST_TEMPLATES} templates; delete one first."
        )
    kept = await templates.keep(
        conn, actor.workspace_id, name.strip(), definition, practice=practice, now=now
    )
    await _record(conn, actor, "template.kept", kept, now=now)
    return kept


async def keep_contest(
    conn: Connection, actor: Actor, contest_id: UUID, name: str, *, now: datetime
) -> Template:
    """Keep the definition of a contest, whatever state it is in. Raises what keeping raises."""
    contest = await contests.read(conn, actor.workspace_id, contest_id)
    return await keep_template(
        conn, actor, name, contest.definition, practice=contest.practice, now=now
    )


async def rename_template(
    conn: Connection, actor: Actor, template_id: UUID, name: str, *, now: datetime
) -> Template:
    """Raises InvalidError, NotFoundError, and ConflictError if the name is taken."""
    if faults := name_faults(name):
        raise InvalidError(faults)
    renamed = await templates.rename(conn, actor.workspace_id, template_id, name.strip())
    await _record(conn, actor, "template.renamed", renamed, now=now)
    return renamed


async def delete_template(
    conn: Connection, actor: Actor, template_id: UUID, *, now: datetime
) -> None:
    """Delete a template; contests that were made from it stay. Raises NotFoundError."""
    gone = await templates.delete(conn, actor.workspace_id, template_id)
    await _record(conn, actor, "template.deleted", gone, now=now)


async def contest_from_template(
    conn: Connection, actor: Actor, template_id: UUID, wish: Anew, *, now: datetime
) -> Contest:
    """Create a draft from a template. Raises NotFoundError and InvalidError."""
    template = await templates.read(conn, actor.workspace_id, template_id)
    made = await _create(conn, actor, template, wish=wish, now=now)
    detail = {"name": template.name, "contest": str(made.id)}
    await audit.record(conn, actor, "template.used", subject=template.id, at=now, detail=detail)
    return made


async def clone_contest(
    conn: Connection, actor: Actor, contest_id: UUID, wish: Anew, *, now: datetime
) -> Contest:
    """Create a draft like another contest, whatever state that is in; it is left as it is.

    Raises NotFoundError and InvalidError.
    """
    origin = await contests.read(conn, actor.workspace_id, contest_id)
    made = await _create(conn, actor, origin, wish=wish, now=now)
    detail = {"copy": str(made.id)}
    await audit.record(conn, actor, "contest.cloned", subject=origin.id, at=now, detail=detail)
    return made


async def _create(
    conn: Connection, actor: Actor, origin: Template | Contest, *, wish: Anew, now: datetime
) -> Contest:
    practice = origin.practice if wish.practice is None else wish.practice
    opens_at = wish.opens_at or opens_again(origin.definition.schedule, now=now)
    if detail := time_fault(opens_at):
        raise InvalidError([Fault(pointer="/opens_at", detail=detail)])
    anew = made_anew(origin.definition, opens_at=opens_at, practice=practice)
    if anew.schedule.closes_at <= now:
        detail = "is so long ago that the contest would be over; give a later time"
        raise InvalidError([Fault(pointer="/opens_at", detail=detail)])
    if wish.title is not None:
        anew = msgspec.structs.replace(anew, title=wish.title)
    return await define.create_contest(conn, actor, anew, practice=practice, now=now)


async def _record(
    conn: Connection, actor: Actor, action: str, template: Template, *, now: datetime
) -> None:
    detail = {"name": template.name}
    await audit.record(conn, actor, action, subject=template.id, at=now, detail=detail)
