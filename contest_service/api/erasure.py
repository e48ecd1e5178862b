"""`/v1/erasures`: erase a person from the workspace, and see what was erased when."""

import enum
from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.lists import NamedAccount
from contest_service.api.pages import After, Limit, Page, by_id, page_of
from contest_service.domain.accounts import AccountKey
from contest_service.domain.errors import Fault, InvalidError
from contest_service.flows import erase
from contest_service.proof.shapes import Reason
from contest_service.store import erasure
from contest_service.store.entrant_traces import Entry
from contest_service.store.erasure import Cause, ErasureState, Waited

_LONGEST_ID, _LONGEST_INSTANCE = 512, 255


class OnLists(enum.StrEnum):
    """What happens to the person's places on the workspace's lists."""

    KEEP = "keep"
    """The stable id stays, so that whoever was shut out stays so; words about it go."""
    REMOVE = "remove"


class NewErasure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to erase: by `account`, or by `contest` and `entry`. `reason` is a code."""

    account: NamedAccount | None = None
    contest: UUID | None = None
    entry: UUID | None = None
    reason: Reason = "own-request"
    lists: OnLists = OnLists.KEEP


class ErasureView(msgspec.Struct, frozen=True, kw_only=True):
    """What is erased, or was: never whom.

    `cause` is `request`, or a contest's age: `bodies` for the raw answers of platforms, `retention`
    for all the rest. While `state` is `waiting`, the contests in `waits_for` have to end first.
    `counts` is how many rows lost what was personal, by kind. `urls` are publications of the
    community that name the person, or the winners: only their publisher can delete them.
    """

    id: UUID
    cause: Cause
    contest_id: UUID | None
    reason: str
    lists: OnLists
    requested_by: UUID | None
    created_at: datetime
    state: ErasureState
    waits_for: list[Waited]
    counts: dict[str, int]
    urls: list[str]
    done_at: datetime | None


class ErasurePage(Page[ErasureView], frozen=True, kw_only=True):
    """A page of erasures, newest first."""


@post(
    "/erasures",
    **write("create_erasure", "Erase a person from the workspace", 404),
)
async def create_erasure(data: JSONBody[NewErasure], write: GivenWrite) -> Response[ErasureView]:
    """Everything personal goes from contests that have ended; hashes, tickets and codes stay.

    What contests need that have not ended goes when they have: `waits_for` names them. It cannot be
    undone.
    """
    who = _who(data)
    async with write.transaction(rings=True) as tx:
        made = await erase.request(
            tx.conn,
            write.actor,
            who,
            reason=data.reason,
            removes_from_lists=data.lists is OnLists.REMOVE,
            now=tx.now,
        )
        return await tx.reply(_view(made))


@get("/erasures", **read("list_erasures", "List what was erased, newest first"))
async def list_erasures(
    actor: GivenActor,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: After = None,
) -> ErasurePage:
    async with rt.pool.acquire() as conn:
        found = await erasure.list_page(conn, actor.workspace_id, before=after, limit=limit + 1)
    return page_of(ErasurePage, [_view(each) for each in found], limit=limit, cursor=by_id)


@get("/erasures/{erasure_id:uuid}", **read("read_erasure", "See how an erasure fares", 404))
async def read_erasure(
    erasure_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime
) -> ErasureView:
    async with rt.pool.acquire() as conn:
        return _view(await erasure.read(conn, actor.workspace_id, erasure_id))


def _who(data: NewErasure) -> AccountKey | Entry:
    """Whom the request names. Raises InvalidError unless it is exactly one person."""
    if data.account is None and data.contest is not None and data.entry is not None:
        return Entry(contest_id=data.contest, entrant_id=data.entry)
    if data.account is None or data.contest is not None or data.entry is not None:
        detail = "give either an account, or a contest and an entry"
        raise InvalidError([Fault(pointer="", detail=detail)])
    named = data.account
    if not 1 <= len(named.id) <= _LONGEST_ID or len(named.instance) > _LONGEST_INSTANCE:
        raise InvalidError([Fault(pointer="/account/id", detail="give the account's stable id")])
    return AccountKey(platform=named.platform, instance=named.instance, id=named.id)


def _view(found: erasure.Erasure) -> ErasureView:
    return ErasureView(
        id=found.id,
        cause=found.cause,
        contest_id=found.contest_id,
        reason=found.reason,
        lists=OnLists.REMOVE if found.removes_from_lists else OnLists.KEEP,
        requested_by=found.requested_by,
        created_at=found.created_at,
        state=found.state,
        waits_for=found.waits_for,
        counts=found.counts,
        urls=found.urls,
        done_at=found.done_at,
    )
