"""`/v1/contests/{id}/imports`: entries of people without accounts, brought in by the organiser."""

from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from contest_service.api.describe import read, write
from contest_service.api.files import read_file, write_file
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.pages import After, Limit, Page, by_id, page_of
from contest_service.api.writes import AnyRequest
from contest_service.domain.errors import NotFoundError
from contest_service.domain.imports import NewEntry
from contest_service.domain.people import Actor
from contest_service.flows import imports as flow
from contest_service.store import contests, imports
from contest_service.store.imports import Import, ImportedEntry
from contest_service.store.rows import Connection


class NewImport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Entries to bring in, at most 1000 of them."""

    entries: list[NewEntry]


class UndoneImport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: str


class ImportPage(Page[Import], frozen=True, kw_only=True):
    """A page of imports, newest first."""


class ImportedEntryPage(Page[ImportedEntry], frozen=True, kw_only=True):
    """A page of the entries of an import, in the order of its lines."""


@get(
    "/contests/{contest_id:uuid}/imports",
    **read("list_imports", "List what was brought in without accounts, newest first", 404),
)
async def list_imports(
    contest_id: FromPath[UUID],
    actor: GivenActor,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: After = None,
) -> ImportPage:
    async with rt.pool.acquire() as conn:
        await contests.read(conn, actor.workspace_id, contest_id)
        found = await imports.list_page(
            conn, actor.workspace_id, contest_id, before=after, limit=limit + 1
        )
    return page_of(ImportPage, found, limit=limit, cursor=by_id)


@post(
    "/contests/{contest_id:uuid}/imports",
    **write("import_entries", "Bring in entries of people without accounts", 404),
)
async def import_entries(
    contest_id: FromPath[UUID], data: JSONBody[NewImport], request: AnyRequest, write: GivenWrite
) -> Response[Import]:
    """While the contest runs, and if its rules have the condition `entered`. All or none."""
    new = await flow.prepare_request(
        write.rt, write.actor, contest_id, data.entries, data=await request.body()
    )
    async with write.transaction(rings=True) as tx:
        made = await flow.import_entries(tx.conn, write.actor, contest_id, new, now=tx.now)
        return await tx.reply(made)


@post(
    "/contests/{contest_id:uuid}/imports/file",
    **write_file("import_entries_file", "Bring in the entries of a CSV file", 404),
)
async def import_entries_file(
    contest_id: FromPath[UUID], request: AnyRequest, write: GivenWrite
) -> Response[Import]:
    """Columns: `reference` (your own word for who it is, which nobody else sees), `label` (the name
    that is shown, never an address or a telephone number), and if you like `entered_at`."""
    data = await read_file(request)
    new = await flow.prepare_file(write.rt, write.actor, contest_id, data)
    async with write.transaction(rings=True) as tx:
        made = await flow.import_entries(tx.conn, write.actor, contest_id, new, now=tx.now)
        return await tx.reply(made)


@get(
    "/contests/{contest_id:uuid}/imports/{import_id:uuid}",
    **read("read_import", "Read who brought entries in, when, and from what", 404),
)
async def read_import(
    contest_id: FromPath[UUID], import_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime
) -> Import:
    """The evidence of such an entrant names the import as `import:` and its id."""
    async with rt.pool.acquire() as conn:
        await contests.read(conn, actor.workspace_id, contest_id)
        return await _find(conn, actor, contest_id, import_id)


@get(
    "/contests/{contest_id:uuid}/imports/{import_id:uuid}/entries",
    **read("list_imported_entries", "List the entries of an import with their verdicts", 404),
)
async def list_imported_entries(
    contest_id: FromPath[UUID],
    import_id: FromPath[UUID],
    actor: GivenActor,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: After = None,
) -> ImportedEntryPage:
    async with rt.pool.acquire() as conn:
        await contests.read(conn, actor.workspace_id, contest_id)
        await _find(conn, actor, contest_id, import_id)
        found = await imports.entries(
            conn, actor.workspace_id, contest_id, import_id, after=after, limit=limit + 1
        )
    return page_of(ImportedEntryPage, found, limit=limit, cursor=by_id)


@post(
    "/contests/{contest_id:uuid}/imports/{import_id:uuid}/undo",
    status_code=200,
    **write("undo_import", "Take an import back before the list is frozen", 404),
)
async def undo_import(
    contest_id: FromPath[UUID],
    import_id: FromPath[UUID],
    data: JSONBody[UndoneImport],
    write: GivenWrite,
) -> Response[Import]:
    """Its entries stay on record and do not count; their references can enter again."""
    async with write.transaction(rings=True) as tx:
        undone = await flow.undo_import(
            tx.conn, write.actor, contest_id, import_id, why=data.reason, now=tx.now
        )
        return await tx.reply(undone)


async def _find(conn: Connection, actor: Actor, contest_id: UUID, import_id: UUID) -> Import:
    found = await imports.read(conn, actor.workspace_id, contest_id, import_id)
    if found is None:
        raise NotFoundError("There is no such import in this contest.")
    return found
