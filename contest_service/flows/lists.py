"""Lists of accounts that rules may name: who made and changed them stands in the audit log."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from contest_service.domain.accounts import AccountKey
from contest_service.domain.conditions import NotListed
from contest_service.domain.contest import Status
from contest_service.domain.errors import Fault, InvalidError
from contest_service.domain.listings import LONGEST_REASON, end_faults
from contest_service.domain.people import Actor
from contest_service.domain.plain_text import text_faults
from contest_service.flows.exclusions import asked_in
from contest_service.flows.people import name_faults
from contest_service.flows.runtime import Runtime
from contest_service.flows.versions import counting
from contest_service.store import audit, changes, contests, lists, work
from contest_service.store.contests import Contest
from contest_service.store.lists import AccountList
from contest_service.store.rows import Connection

MOST_ACCOUNTS = 1000
"""Accounts in one request."""


async def create_list(conn: Connection, actor: Actor, name: str, *, now: datetime) -> AccountList:
    """Raises InvalidError, and ConflictError if the name is taken."""
    faults = name_faults(name)
    if faults:
        raise InvalidError(faults)
    made = await lists.create_list(conn, actor.workspace_id, name.strip(), now=now)
    await audit.record(
        conn, actor, "list.created", subject=made.id, at=now, detail={"name": made.name}
    )
    return made


async def delete_list(conn: Connection, actor: Actor, list_id: UUID, *, now: datetime) -> None:
    """Raises NotFoundError, and ConflictError while a contest needs it."""
    gone = await lists.delete_list(conn, actor.workspace_id, list_id)
    detail = {"name": gone.name, "accounts": gone.accounts}
    await audit.record(conn, actor, "list.deleted", subject=list_id, at=now, detail=detail)


async def add_accounts(
    conn: Connection,
    actor: Actor,
    list_id: UUID,
    accounts: Sequence[AccountKey],
    *,
    reason: str,
    now: datetime,
    expires_at: datetime | None = None,
) -> AccountList:
    """Put accounts on a list, with the reason why, until they expire.

    Raises InvalidError and NotFoundError.
    """
    faults = [
        *_account_faults(accounts),
        *text_faults(reason, "/reason", longest=LONGEST_REASON, lines=True),
        *end_faults(expires_at, "/expires_at", now=now),
    ]
    if faults:
        raise InvalidError(faults)
    if actor.person_id is None:
        raise AssertionError("only persons put accounts on lists")
    before = await lists.read_list(conn, actor.workspace_id, list_id)
    await lists.add_accounts(
        conn,
        actor.workspace_id,
        list_id,
        accounts,
        reason=reason.strip(),
        added_by=actor.person_id,
        now=now,
        expires_at=expires_at,
    )
    return await note_change(conn, actor, before, accounts, action="list.accounts_added", now=now)


async def remove_accounts(
    conn: Connection,
    actor: Actor,
    list_id: UUID,
    accounts: Sequence[AccountKey],
    *,
    now: datetime,
) -> AccountList:
    """Take accounts off a list; nothing happens where none stands there.

    Raises InvalidError and NotFoundError.
    """
    faults = _account_faults(accounts)
    if faults:
        raise InvalidError(faults)
    before = await lists.read_list(conn, actor.workspace_id, list_id)
    if not await lists.remove_accounts(conn, actor.workspace_id, list_id, accounts):
        return before
    return await note_change(conn, actor, before, accounts, action="list.accounts_removed", now=now)


async def note_change(
    conn: Connection,
    actor: Actor,
    before: AccountList,
    changed: Sequence[AccountKey],
    *,
    action: str,
    now: datetime,
) -> AccountList:
    """Let contests that need a list be judged anew, and write down how many accounts it has now.

    Returns the list as it is.
    """
    await _note_accounts(conn, actor.workspace_id, changed)
    for contest_id in await lists.needed_now(conn, actor.workspace_id, before.id):
        contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
        kind = work.Kind.JUDGE
        if contest.status is Status.CLOSING:
            kind = work.Kind.ADVANCE
            await contests.judge_anew(conn, contest)
        await work.plan(conn, actor.workspace_id, kind, contest_id, due_at=now)
    after = await lists.read_list(conn, actor.workspace_id, before.id)
    # How many, not who: what the audit log never held, no erasure has to take out of it.
    detail = {"accounts_before": before.accounts, "accounts": after.accounts}
    await audit.record(conn, actor, action, subject=before.id, at=now, detail=detail)
    return after


async def lapse(rt: Runtime, workspace_id: UUID) -> None:
    """Let accounts whose time on a list is over stop counting there."""
    async with rt.pool.acquire() as conn, conn.transaction():
        gone = await lists.lapse(conn, workspace_id, at=rt.clock())
        await _note_accounts(conn, workspace_id, gone)


async def next_lapse(rt: Runtime, contest: Contest) -> datetime | None:
    """When an account's time on a list is over next; None if the contest asks for no list."""
    async with rt.pool.acquire() as conn:
        asked = asked_in(await counting(conn, contest))
        if not any(isinstance(each, NotListed) for each in asked):
            return None
        return await lists.next_end(conn, contest.workspace_id)


async def _note_accounts(
    conn: Connection, workspace_id: UUID, changed: Sequence[AccountKey]
) -> None:
    by_network: dict[tuple[str, str], list[str]] = {}
    for each in changed:
        by_network.setdefault((each.platform.value, each.instance), []).append(each.id)
    for (platform, instance), ids in by_network.items():
        await changes.note(conn, workspace_id, ids, platform=platform, instance=instance)


def _account_faults(accounts: Sequence[AccountKey]) -> list[Fault]:
    if not 1 <= len(accounts) <= MOST_ACCOUNTS:
        return [Fault(pointer="/accounts", detail=f"give 1 to {MOST_ACCOUNTS} accounts")]
    return [
        Fault(pointer=f"/accounts/{number}/id", detail="give the account's stable id")
        for number, account in enumerate(accounts)
        if not 1 <= len(account.id) <= 512 or len(account.instance) > 255
    ]
