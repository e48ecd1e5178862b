"""`/v1/lists/{id}/accounts`: lists brought in from files, and handed out as such."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from contest_service.api.describe import read
from contest_service.api.files import CSV, WithSeparator, attachment, read_file, write_file
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.writes import AnyRequest
from contest_service.domain.spreadsheet import Separator
from contest_service.flows import list_files
from contest_service.store import lists
from contest_service.store.lists import AccountList

WithReason = Annotated[
    str, QueryParameter(max_length=500, description="Why, for lines that give no reason.")
]


@post(
    "/lists/{list_id:uuid}/accounts/import",
    status_code=200,
    **write_file("import_list_accounts", "Put the accounts of a CSV file on a list", 404, 502, 503),
)
async def import_list_accounts(
    list_id: FromPath[UUID], request: AnyRequest, write: GivenWrite, reason: WithReason = ""
) -> Response[AccountList]:
    """Columns: `account` (stable id, address of a profile, or handle), and if you like `platform`,
    `instance`, `reason` and `expires_at`. An export of a list can be brought in as it is. A file
    with any fault changes nothing."""
    async with write.rt.pool.acquire() as conn:
        await lists.read_list(conn, write.actor.workspace_id, list_id)
    data = await read_file(request)
    new = await list_files.read_list_file(write.rt, write.actor, data, reason=reason)
    async with write.transaction(rings=True) as tx:
        changed = await list_files.import_list(tx.conn, write.actor, list_id, new, now=tx.now)
        return await tx.reply(changed)


@get(
    "/lists/{list_id:uuid}/accounts/export",
    media_type=CSV,
    **read("export_list_accounts", "Download the accounts on a list as CSV", 404),
)
async def export_list_accounts(
    list_id: FromPath[UUID],
    actor: GivenActor,
    rt: GivenRuntime,
    separator: WithSeparator = Separator.COMMA,
) -> Stream:
    """With a byte order mark and all cells in quotes. A cell that begins with `=`, `+`, `-`, `@`, a
    tab or a line break has an apostrophe before it, which an import takes off again."""
    async with rt.pool.acquire() as conn:
        await lists.read_list(conn, actor.workspace_id, list_id)
    pieces = list_files.export_list(rt, actor.workspace_id, list_id, separator)
    return attachment(pieces, f"list-{list_id}")
