"""`/v1/contests/{id}/claims`: which winners have accepted their prizes, and until when they can.

`/public/contests/{id}/claims.json` says so to everybody.
"""

from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.pages import Page
from contest_service.api.public import public, started, tagged
from contest_service.api.writes import AnyRequest
from contest_service.flows import claims
from contest_service.flows.claims import Claim, PublicClaim
from contest_service.store import contests
from contest_service.store.claims import ClaimedHow


class ClaimingEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which holder of a prize answered the organiser."""

    entry: UUID


class PublicClaims(msgspec.Struct, frozen=True, kw_only=True):
    """The clocks of all present holders, in the order in which they were named."""

    claims: list[PublicClaim]


class ClaimPage(Page[Claim], frozen=True, kw_only=True):
    """The claims of all present holders, in the order in which they were named."""


@get(
    "/contests/{contest_id:uuid}/claims",
    **read("list_claims", "List who holds a prize, who claimed it, and until when one can", 404),
)
async def list_claims(contest_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime) -> ClaimPage:
    """Whoever lost a prize is not in it. The time to claim begins with the announcement."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        found = await claims.read_claims(conn, contest)
    return ClaimPage(items=found, next=None)


@post(
    "/contests/{contest_id:uuid}/claims",
    status_code=200,
    **write("note_claim", "Note that a winner answered and accepts the prize", 404),
)
async def note_claim(
    contest_id: FromPath[UUID], data: JSONBody[ClaimingEntry], write: GivenWrite
) -> Response[Claim]:
    """Until `claim_by`; the first claim stays as it is, whoever notes it again."""
    async with write.transaction(rings=True) as tx:
        contest = await contests.read(tx.conn, write.actor.workspace_id, contest_id)
        claim = await claims.claim(
            tx.conn, contest, data.entry, how=ClaimedHow.NOTED, actor=write.actor, now=tx.now
        )
        return await tx.reply(claim)


@get(
    "/{contest_id:uuid}/claims.json",
    **public("read_public_claims", "Read until when the holders of prizes can claim them"),
)
async def read_public_claims(
    contest_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime
) -> Response[PublicClaims]:
    """Nobody is named in it: commitments tell whose clock it is."""
    async with rt.pool.acquire() as conn:
        contest = await started(conn, contest_id)
        found = await claims.read_claims(conn, contest)
    return tagged(request, PublicClaims(claims=claims.published(found)))
