"""`/v1/lists`: lists of accounts that rules may exclude."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody

from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.pages import After, AfterText, Limit, Page, by_id, page_of
from contest_service.api.requests import MalformedError
from contest_service.domain.accounts import AccountKey
from contest_service.flows import lists as flow
from contest_service.store import lists
from contest_service.store.lists import AccountList, ListedAccount


class NewList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str


class NamedAccount(AccountKey, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account by what never changes: `id` is a DID on Bluesky, never the handle."""


class AddedAccounts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Accounts for a list, why, and until when: for ever where `expires_at` is null."""

    accounts: list[NamedAccount]
    reason: str
    expires_at: datetime | None = None


class RemovedAccounts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    accounts: list[NamedAccount]


class ListPage(Page[AccountList], frozen=True, kw_only=True):
    """A page of lists."""


class ListedAccountPage(Page[ListedAccount], frozen=True, kw_only=True):
    """A page of accounts on a list."""


@get("/lists", **read("list_lists", "List the lists"))
async def list_lists(
    actor: GivenActor,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: After = None,
) -> ListPage:
    async with rt.pool.acquire() as conn:
        found = await lists.list_lists(conn, actor.workspace_id, after=after, limit=limit + 1)
    return page_of(ListPage, found, limit=limit, cursor=by_id)


@post("/lists", **write("create_list", "Create a list"))
async def create_list(data: JSONBody[NewList], write: GivenWrite) -> Response[AccountList]:
    async with write.transaction() as tx:
        made = await flow.create_list(tx.conn, write.actor, data.name, now=tx.now)
        return await tx.reply(made)


@get("/lists/{list_id:uuid}", **read("read_list", "Read a list", 404))
async def read_list(list_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime) -> AccountList:
    async with rt.pool.acquire() as conn:
        return await lists.read_list(conn, actor.workspace_id, list_id)


@delete("/lists/{list_id:uuid}", **write("delete_list", "Delete a list", 404))
async def delete_list(list_id: FromPath[UUID], write: GivenWrite) -> Response[None]:
    """Not while the rules of a contest that has not ended name it."""
    async with write.transaction() as tx:
        await flow.delete_list(tx.conn, write.actor, list_id, now=tx.now)
        return await tx.reply(None)


@get(
    "/lists/{list_id:uuid}/accounts",
    **read("list_list_accounts", "List the accounts on a list", 404),
)
async def list_list_accounts(
    list_id: FromPath[UUID],
    actor: GivenActor,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: AfterText = None,
) -> ListedAccountPage:
    key = None if after is None else _key(after)
    async with rt.pool.acquire() as conn:
        await lists.read_list(conn, actor.workspace_id, list_id)
        found = await lists.list_accounts(
            conn, actor.workspace_id, list_id, after=key, limit=limit + 1
        )
    return page_of(ListedAccountPage, found, limit=limit, cursor=_cursor)


@post(
    "/lists/{list_id:uuid}/accounts",
    status_code=200,
    **write("add_list_accounts", "Put accounts on a list", 404),
)
async def add_list_accounts(
    list_id: FromPath[UUID], data: JSONBody[AddedAccounts], write: GivenWrite
) -> Response[AccountList]:
    """At most 1000 at once. Those that stand there keep their reason and the later of both ends."""
    async with write.transaction(rings=True) as tx:
        changed = await flow.add_accounts(
            tx.conn,
            write.actor,
            list_id,
            data.accounts,
            reason=data.reason,
            now=tx.now,
            expires_at=data.expires_at,
        )
        return await tx.reply(changed)


@post(
    "/lists/{list_id:uuid}/accounts/remove",
    status_code=200,
    **write("remove_list_accounts", "Take accounts off a list", 404),
)
async def remove_list_accounts(
    list_id: FromPath[UUID], data: JSONBody[RemovedAccounts], write: GivenWrite
) -> Response[AccountList]:
    async with write.transaction(rings=True) as tx:
        changed = await flow.remove_accounts(
            tx.conn, write.actor, list_id, data.accounts, now=tx.now
        )
        return await tx.reply(changed)


def _cursor(item: ListedAccount) -> str:
    key = AccountKey(platform=item.platform, instance=item.instance, id=item.account)
    return urlsafe_b64encode(msgspec.json.encode(key)).decode()


def _key(cursor: str) -> AccountKey:
    try:
        return msgspec.json.decode(urlsafe_b64decode(cursor.encode()), type=AccountKey)
    except (ValueError, msgspec.MsgspecError):
        raise MalformedError("`after` is no `next` of this list.") from None
