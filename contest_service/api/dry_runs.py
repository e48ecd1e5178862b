"""`/v1/contests/{id}/dry-run`: a practice copy of a contest, lived through in minutes."""

from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath, JSONBody

from contest_service.api.describe import write
from contest_service.api.given import GivenWrite
from contest_service.flows.dry_run import Wish, prepare_dry_run, start_dry_run
from contest_service.store import contests
from contest_service.store.contests import Contest


@post(
    "/contests/{contest_id:uuid}/dry-run",
    **write("start_dry_run", "Try a contest out: a practice copy of it, in minutes", 404, 502, 503),
)
async def start_dry_run_of(
    contest_id: FromPath[UUID], data: JSONBody[Wish], write: GivenWrite
) -> Response[Contest]:
    """The same rules on a practice VK, with people who are nobody and the practice beacon.

    The copy starts at once and is announced about `seconds` later; the contest itself is left as it
    is, whatever state it is in. Where the sandbox is off, this is 409.
    """
    async with write.rt.pool.acquire() as conn:
        contest = await contests.read(conn, write.actor.workspace_id, contest_id)
    prepared = await prepare_dry_run(write.rt, write.actor, contest.definition, data)
    async with write.transaction(rings=True) as tx:
        copy = await start_dry_run(
            tx.conn, write.rt, write.actor, prepared, of=contest_id, now=tx.now
        )
        return await tx.reply(copy)
