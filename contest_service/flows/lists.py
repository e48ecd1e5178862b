"""Lists of accounts that rules may name: who made and changed them stands in the audit log."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from contest_service.domain.accounts import AccountKey
from contest_service.domain.errors import Fault, InvalidError
from contest_service.domain.people import Actor
from contest_service.flows.people import name_faults
from contest_service.store import audit, lists
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
) -> AccountList:
    """Put accounts on a list, with the reason why. Raises InvalidError and NotFoundError."""
    faults = _account_faults(accounts)
    if not 1 <= len(reason.strip()) <= 500:
        faults.append(Fault(pointer="/reason", detail="give 1 to 500 characters"))
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
    )
    return await _changed(conn, actor, before, action="list.accounts_added", now=now)


async def remove_accounts(
    conn: Connection,
    actor: Actor,
    list_id: UUID,
    accounts: Sequence[AccountKey],
    *,
    now: datetime,
) -> AccountList:
    """Take accounts off a list. Raises InvalidError and NotFoundError."""
    faults = _account_faults(accounts)
    if faults:
        raise InvalidError(faults)
    before = await lists.read_list(conn, actor.workspace_id, list_id)
    await lists.remove_accounts(conn, actor.workspace_id, list_id, accounts)
    return await _changed(conn, actor, before, action="list.accounts_removed", now=now)


async def _changed(
    conn: Connection, actor: Actor, before: AccountList, *, action: str, now: datetime
) -> AccountList:
    after = await lists.read_list(conn, actor.workspace_id, before.id)
    # How many, not who: the audit log cannot be changed, and a person may ask to be forgotten.
    detail = {"accounts_before": before.accounts, "accounts": after.accounts}
    await audit.record(conn, actor, action, subject=before.id, at=now, detail=detail)
    return after


def _account_faults(accounts: Sequence[AccountKey]) -> list[Fault]:
    if not 1 <= len(accounts) <= MOST_ACCOUNTS:
        return [Fault(pointer="/accounts", detail=f"give 1 to {MOST_ACCOUNTS} accounts")]
    return [
        Fault(pointer=f"/accounts/{number}/id", detail="give the account's stable id")
        for number, account in enumerate(accounts)
        if not 1 <= len(account.id) <= 512 or len(account.instance) > 255
    ]
