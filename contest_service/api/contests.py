"""`/v1/contests`: define a contest, read it, change it until it starts."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET, UnsetType

from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.pages import After, Limit, Page, by_id, page_of
from contest_service.api.pointers import within
from contest_service.domain.amendments import Amendments
from contest_service.domain.conditions import Language
from contest_service.domain.contest import Definition, Status
from contest_service.domain.coverage import Threshold
from contest_service.domain.holding import Holding
from contest_service.domain.particulars import Particulars
from contest_service.domain.prizes import Draw
from contest_service.domain.rules import Rule, Tickets, Unverified
from contest_service.domain.schedule import Schedule
from contest_service.flows import define
from contest_service.store import contests
from contest_service.store.contests import Contest

DEFINITION = "/definition"
"""Where a definition stands in requests."""

WithStatus = Annotated[Status | None, QueryParameter(description="Only contests in this state.")]


class NewContest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A contest to create. Whether it is practice can never be changed."""

    definition: Definition
    practice: bool = False


class Replacement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole new definition, made from this revision of the contest."""

    definition: Definition
    revision: int | None = None


class DefinitionChanges(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to change in a definition; what is absent stays. Parts are replaced whole."""

    title: str | UnsetType = UNSET
    organiser: str | UnsetType = UNSET
    schedule: Schedule | UnsetType = UNSET
    rules: Rule | UnsetType = UNSET
    draws: tuple[Draw, ...] | UnsetType = UNSET
    tickets: Tickets | UnsetType = UNSET
    unverified: Unverified | UnsetType = UNSET
    coverage: Threshold | UnsetType = UNSET
    naming: bool | UnsetType = UNSET
    recheck_winners: bool | UnsetType = UNSET
    claim_within: int | UnsetType | None = UNSET
    amendments: Amendments | UnsetType = UNSET
    holding: Holding | UnsetType | None = UNSET
    particulars: Particulars | UnsetType | None = UNSET
    language: Language | UnsetType = UNSET
    notes: dict[Language, tuple[str, ...]] | UnsetType = UNSET


class Changes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes to a definition, made from this revision of the contest."""

    definition: DefinitionChanges
    revision: int | None = None


class ContestPage(Page[Contest], frozen=True, kw_only=True):
    """A page of contests."""


@get("/contests", **read("list_contests", "List contests, newest first"))
async def list_contests(
    actor: GivenActor,
    rt: GivenRuntime,
    status: WithStatus = None,
    limit: Limit = 50,
    after: After = None,
) -> ContestPage:
    async with rt.pool.acquire() as conn:
        found = await contests.list_page(
            conn, actor.workspace_id, status=status, before=after, limit=limit + 1
        )
    return page_of(ContestPage, found, limit=limit, cursor=by_id)


@post("/contests", **write("create_contest", "Create a draft"))
async def create_contest(data: JSONBody[NewContest], write: GivenWrite) -> Response[Contest]:
    async with write.transaction() as tx:
        with within(DEFINITION):
            contest = await define.create_contest(
                tx.conn, write.actor, data.definition, practice=data.practice, now=tx.now
            )
        return await tx.reply(contest)


@get("/contests/{contest_id:uuid}", **read("read_contest", "Read a contest", 404))
async def read_contest(contest_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime) -> Contest:
    async with rt.pool.acquire() as conn:
        return await contests.read(conn, actor.workspace_id, contest_id)


@put(
    "/contests/{contest_id:uuid}",
    **write("replace_contest", "Replace the definition of a contest that has not started", 404),
)
async def replace_contest(
    contest_id: FromPath[UUID], data: JSONBody[Replacement], write: GivenWrite
) -> Response[Contest]:
    """With `revision`, only if nobody changed the contest since."""
    async with write.transaction(rings=True) as tx:
        with within(DEFINITION):
            contest = await define.update_contest(
                tx.conn,
                write.actor,
                contest_id,
                data.definition,
                revision=data.revision,
                now=tx.now,
            )
        return await tx.reply(contest)


@patch(
    "/contests/{contest_id:uuid}",
    **write("change_contest", "Change the definition of a contest that has not started", 404),
)
async def change_contest(
    contest_id: FromPath[UUID], data: JSONBody[Changes], write: GivenWrite
) -> Response[Contest]:
    """Fields of the definition that are absent stay as they are."""
    async with write.transaction(rings=True) as tx:
        present = await contests.read_locked(tx.conn, write.actor.workspace_id, contest_id)
        with within(DEFINITION):
            contest = await define.update_contest(
                tx.conn,
                write.actor,
                contest_id,
                _changed(present.definition, data.definition),
                revision=data.revision,
                now=tx.now,
            )
        return await tx.reply(contest)


def _changed(definition: Definition, changes: DefinitionChanges) -> Definition:
    given = {
        name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET
    }
    return msgspec.structs.replace(definition, **given)


@delete("/contests/{contest_id:uuid}", **write("delete_contest", "Delete a draft", 404))
async def delete_contest(contest_id: FromPath[UUID], write: GivenWrite) -> Response[None]:
    """Anything later than a draft is cancelled instead, and stays on record."""
    async with write.transaction() as tx:
        await define.delete_contest(tx.conn, write.actor, contest_id, now=tx.now)
        return await tx.reply(None)


@post(
    "/contests/{contest_id:uuid}/schedule",
    status_code=200,
    **write("schedule_contest", "Plan the start for the opening", 404),
)
async def schedule_contest(contest_id: FromPath[UUID], write: GivenWrite) -> Response[Contest]:
    """It starts by itself then, and can be changed until then."""
    async with write.transaction(rings=True) as tx:
        contest = await define.schedule_contest(tx.conn, write.actor, contest_id, now=tx.now)
        return await tx.reply(contest)


@post(
    "/contests/{contest_id:uuid}/unschedule",
    status_code=200,
    **write("unschedule_contest", "Take a planned start back", 404),
)
async def unschedule_contest(contest_id: FromPath[UUID], write: GivenWrite) -> Response[Contest]:
    """It is a draft again, and does not start by itself."""
    async with write.transaction() as tx:
        contest = await define.unschedule_contest(tx.conn, write.actor, contest_id, now=tx.now)
        return await tx.reply(contest)
