"""`/v1/contests/{id}/overrides`: what persons set aside before the freeze, and who agreed.

`/public/contests/{id}/overrides.json` says of it what everybody may know.
"""

from typing import Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.pages import After, Limit, Page, by_id, page_of
from contest_service.api.public import public, started, tagged
from contest_service.api.writes import AnyRequest
from contest_service.domain.overrides import OverrideKind, OverrideReason
from contest_service.flows import overrule, settle
from contest_service.flows.set_aside import (
    PendingOverride,
    SetAside,
    count_set_aside,
    pending_overrides,
)
from contest_service.store import contests, overrides
from contest_service.store.overrides import Override


class ProposedOverride(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose verdict should be set aside, in which direction, and why: a published reason.

    `note` is for your team alone: what whoever approves it should know.
    """

    entrant: UUID
    kind: Literal["admit", "exclude"]
    reason: OverrideReason
    note: str = ""


class Proceeding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the list is fixed although less was seen than the terms ask for. It becomes public."""

    reason: str


class PublicOverrides(msgspec.Struct, frozen=True, kw_only=True):
    """How often something was set aside before the freeze, and what will be; nobody is named."""

    decided: list[SetAside]
    pending: list[PendingOverride]


class OverridePage(Page[Override], frozen=True, kw_only=True):
    """A page of overrides, oldest first."""


@get(
    "/contests/{contest_id:uuid}/overrides",
    **read("list_overrides", "List all overrides that were ever proposed", 404),
)
async def list_overrides(
    contest_id: FromPath[UUID],
    actor: GivenActor,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: After = None,
) -> OverridePage:
    """Who proposed and who decided stays on record for ever; neither is public."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        found = await overrides.list_page(conn, contest, after=after, limit=limit + 1)
    return page_of(OverridePage, found, limit=limit, cursor=by_id)


@post(
    "/contests/{contest_id:uuid}/overrides",
    **write("propose_override", "Propose to admit or exclude somebody before the freeze", 404),
)
async def propose_override(
    contest_id: FromPath[UUID], data: JSONBody[ProposedOverride], write: GivenWrite
) -> Response[Override]:
    """Another owner approves it. If no other was there at the start, `due_at` says when it takes
    effect by itself, and until then it is public. What is not decided at the freeze lapses.
    """
    async with write.transaction(rings=True) as tx:
        proposal = await overrule.propose_verdict(
            tx.conn,
            write.rt,
            write.actor,
            contest_id,
            data.entrant,
            kind=OverrideKind(data.kind),
            reason=data.reason,
            note=data.note,
            now=tx.now,
        )
        return await tx.reply(proposal)


@post(
    "/contests/{contest_id:uuid}/proceed",
    **write("proceed_contest", "Propose to freeze although too little was seen", 404),
)
async def proceed_contest(
    contest_id: FromPath[UUID], data: JSONBody[Proceeding], write: GivenWrite
) -> Response[Override]:
    """As other overrides, another owner approves it, or a public delay ends. The freeze waits.

    It is good for closing scans that see no less than now (`least`), and excuses no incomplete one.
    """
    async with write.transaction(rings=True) as tx:
        proposal = await overrule.propose_coverage(
            tx.conn, write.rt, write.actor, contest_id, reason=data.reason, now=tx.now
        )
        return await tx.reply(proposal)


@post(
    "/contests/{contest_id:uuid}/overrides/{override_id:uuid}/approve",
    status_code=200,
    **write("approve_override", "Agree to an override that another proposed", 404),
)
async def approve_override(
    contest_id: FromPath[UUID], override_id: FromPath[UUID], write: GivenWrite
) -> Response[Override]:
    """It is in force at once, and stays so through all later judgings until it is withdrawn."""
    async with write.transaction(rings=True) as tx:
        done = await settle.approve(
            tx.conn, write.rt, write.actor, contest_id, override_id, now=tx.now
        )
        return await tx.reply(done)


@post(
    "/contests/{contest_id:uuid}/overrides/{override_id:uuid}/withdraw",
    status_code=200,
    **write("withdraw_override", "Take an override back before the freeze", 404),
)
async def withdraw_override(
    contest_id: FromPath[UUID], override_id: FromPath[UUID], write: GivenWrite
) -> Response[Override]:
    """A proposal by whoever made it and by every owner; what is in force by owners."""
    async with write.transaction(rings=True) as tx:
        done = await settle.withdraw(
            tx.conn, write.rt, write.actor, contest_id, override_id, now=tx.now
        )
        return await tx.reply(done)


@get(
    "/{contest_id:uuid}/overrides.json",
    **public("read_public_overrides", "Read how often something was set aside, and why"),
)
async def read_public_overrides(
    contest_id: FromPath[UUID], request: AnyRequest, rt: GivenRuntime
) -> Response[PublicOverrides]:
    """What takes effect after a public delay is in it from its first moment."""
    async with rt.pool.acquire() as conn, conn.transaction(isolation="repeatable_read"):
        contest = await started(conn, contest_id)
        decided = await count_set_aside(conn, contest)
        waiting = await pending_overrides(conn, contest)
    return tagged(request, PublicOverrides(decided=decided, pending=waiting))
