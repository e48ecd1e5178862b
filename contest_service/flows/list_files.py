"""Lists of accounts as files: brought in from CSV, and handed out as CSV that can come back.

Handles and addresses of profiles are looked up on their platform before anything is written, with
no connection to the database held meanwhile. All faults of a file are told at once, by line and
column, and a file with any changes nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import AccountKey, Platform
from contest_service.domain.errors import Fault, InvalidError
from contest_service.domain.listings import COLUMNS, Listing, read_listing
from contest_service.domain.people import Actor
from contest_service.domain.spreadsheet import Separator, first_of, read_lines, write_lines
from contest_service.flows.lists import note_change
from contest_service.flows.runtime import Runtime, adapter_for
from contest_service.platforms.registry import parse_account
from contest_service.store import communities, lists
from contest_service.store.lists import AccountList, ListedAccount, NewListed
from contest_service.store.rows import Connection

AT_ONCE = 5000
"""Accounts that are written, or read, in one go."""
MOST_HANDLES = 2000
"""Of one file: each has to be asked about, while somebody waits."""
_HEADER = ("platform", "instance", "account", "reason", "expires_at", "added_by", "added_at")


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    """A line whose platform is known, and what its account is called there."""

    listing: Listing
    platform: Platform
    account: str
    """The stable id; empty until the handle was looked up."""
    handle: str

    @property
    def network(self) -> tuple[Platform, str]:
        return self.platform, self.listing.instance


async def read_list_file(
    rt: Runtime, actor: Actor, data: bytes, *, reason: str
) -> Sequence[NewListed]:
    """Read a file of accounts, and look up whom its handles mean.

    `reason` is for lines that give none. Raises InvalidError with the faults of all lines, and
    PlatformError where a platform cannot be asked.
    """
    # A hundred thousand lines take a second, in which others are served.
    named, faults = await asyncio.to_thread(_read, data, reason.strip(), rt.clock())
    known, unknown = await _look_up(rt, actor.workspace_id, named)
    faults += unknown
    if faults:
        raise InvalidError(first_of(sorted(faults, key=_place)))
    return [
        NewListed(
            account=AccountKey(
                platform=each.platform,
                instance=each.listing.instance,
                id=each.account or known[each.platform, each.listing.instance, each.handle],
            ),
            reason=each.listing.reason,
            expires_at=each.listing.expires_at,
        )
        for each in named
    ]


def _read(data: bytes, reason: str, now: datetime) -> tuple[list[_Named], list[Fault]]:
    lines, faults = read_lines(data, COLUMNS)
    named = []
    for line in lines:
        listing, wrong = read_listing(line, reason=reason, now=now)
        faults += wrong
        if listing is not None:
            found = _name(listing)
            if isinstance(found, Fault):
                faults.append(found)
            else:
                named.append(found)
    return named, faults


def _place(fault: Fault) -> tuple[int, str]:
    """The order of faults in a file: by line."""
    number = fault.pointer.removeprefix("/lines/").partition("/")[0]
    return (int(number) if number.isdigit() else 0), fault.pointer


def _name(listing: Listing) -> _Named | Fault:
    """Read what an account is called, and on which platform if the line does not say it."""
    candidates = list(Platform) if listing.platform is None else [listing.platform]
    found = [
        _Named(listing=listing, platform=platform, account=account, handle=handle)
        for platform in candidates
        for account, handle in [parse_account(platform, listing.account)]
        if account or handle
    ]
    if len(found) == 1:
        return found[0]
    at = listing.line.at("account" if listing.platform or not found else "platform")
    if found:
        names = " or ".join(each.platform.value for each in found)
        return Fault(pointer=at, detail=f"is not clear from the account: say {names}")
    return Fault(
        pointer=at,
        detail="is no account that we can read: give its stable id, the address of its profile, "
        "or its handle",
    )


async def _look_up(
    rt: Runtime, workspace_id: UUID, named: Iterable[_Named]
) -> tuple[Mapping[tuple[Platform, str, str], str], list[Fault]]:
    """Ask platforms whose the handles are: ids by platform, instance and handle, and faults."""
    asked: dict[tuple[Platform, str], list[_Named]] = {}
    for each in named:
        if not each.account:
            asked.setdefault(each.network, []).append(each)
    known: dict[tuple[Platform, str, str], str] = {}
    faults: list[Fault] = []
    if sum(map(len, asked.values())) > MOST_HANDLES:
        detail = f"name more than {MOST_HANDLES} handles: give stable ids, or divide the file"
        return {}, [Fault(pointer="/lines", detail=detail)]
    for (platform, instance), group in sorted(asked.items()):
        async with rt.pool.acquire() as conn:
            asks = await communities.on_network(conn, workspace_id, platform, instance)
        if asks is None:
            detail = (
                f"is a handle, and no community on {platform.label} is connected that could "
                "say whose: give the stable id, or connect one"
            )
            faults += [
                Fault(pointer=each.listing.line.at("account"), detail=detail) for each in group
            ]
            continue
        async with adapter_for(rt, workspace_id, asks) as adapter:
            found = await adapter.find_accounts(sorted({each.handle for each in group}))
        known |= {(platform, instance, handle): id_ for handle, id_ in found.items()}
        detail = f"is nobody's on {platform.label}: check the spelling, or leave the line out"
        faults += [
            Fault(pointer=each.listing.line.at("account"), detail=detail)
            for each in group
            if each.handle not in found
        ]
    return known, faults


async def import_list(
    conn: Connection, actor: Actor, list_id: UUID, new: Sequence[NewListed], *, now: datetime
) -> AccountList:
    """Put what was read of a file on a list, but what ended meanwhile. Raises NotFoundError."""
    if actor.person_id is None:
        raise AssertionError("only persons put accounts on lists")
    new = [each for each in new if each.expires_at is None or each.expires_at > now]
    key = (actor.workspace_id, list_id)
    before = await lists.read_list(conn, *key)
    for first in range(0, len(new), AT_ONCE):
        some = new[first : first + AT_ONCE]
        await lists.add(conn, *key, some, added_by=actor.person_id, now=now)
    accounts = [each.account for each in new]
    return await note_change(conn, actor, before, accounts, action="list.imported", now=now)


async def export_list(
    rt: Runtime, workspace_id: UUID, list_id: UUID, separator: Separator
) -> AsyncIterator[bytes]:
    """Yield a list as CSV, with a connection for each piece alone."""
    yield write_lines([_HEADER], separator, is_first=True)
    after: AccountKey | None = None
    while True:
        async with rt.pool.acquire() as conn:
            page = await lists.list_accounts(
                conn, workspace_id, list_id, after=after, limit=AT_ONCE
            )
        if not page:
            return
        yield write_lines(map(_row, page), separator)
        last = page[-1]
        after = AccountKey(platform=last.platform, instance=last.instance, id=last.account)


def _row(listed: ListedAccount) -> Sequence[str]:
    return (
        listed.platform.value,
        listed.instance,
        listed.account,
        listed.reason,
        said(listed.expires_at),
        str(listed.added_by),
        said(listed.added_at),
    )


def said(moment: datetime | None) -> str:
    """A time as files have it: UTC, in whole seconds; empty for none."""
    return "" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
