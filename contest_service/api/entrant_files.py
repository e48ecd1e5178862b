"""`/v1/contests/{id}/entrants/export`: who takes part and why, as a file."""

from uuid import UUID

from litestar import get
from litestar.params import FromPath
from litestar.response import Stream

from contest_service.api.describe import read
from contest_service.api.entrants import Who, WithReason, WithState
from contest_service.api.files import CSV, WithSeparator, attachment
from contest_service.api.given import GivenActor, GivenRuntime
from contest_service.api.languages import language_of
from contest_service.api.writes import AnyRequest
from contest_service.domain.spreadsheet import Separator
from contest_service.flows.entrant_files import Wanted, export_entrants
from contest_service.store import contests


@get(
    "/contests/{contest_id:uuid}/entrants/export",
    media_type=CSV,
    **read("export_entrants", "Download entrants with their verdicts as CSV", 404),
)
async def export_contest_entrants(
    contest_id: FromPath[UUID],
    request: AnyRequest,
    actor: GivenActor,
    rt: GivenRuntime,
    with_state: WithState = None,
    reason: WithReason = None,
    who: Who = None,
    separator: WithSeparator = Separator.COMMA,
) -> Stream:
    """Filtered as the list of entrants is. Reasons are told in words, too, in the language that the
    request accepts. With a byte order mark and all cells in quotes; a cell that begins with `=`,
    `+`, `-`, `@`, a tab or a line break has an apostrophe before it."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
    wanted = Wanted(
        language=language_of(request, contest),
        separator=separator,
        state=with_state,
        reason=reason,
        who=who,
    )
    return attachment(export_entrants(rt, contest, wanted), f"entrants-{contest_id}")
