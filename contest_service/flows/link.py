"""Link: let somebody who has shown that two accounts are theirs take part with both as one entry.

Both accounts have to be shown, each by its own code, and the consent has to be given to its words
as they stand. The entry of the account that entered first stays, and everything is judged anew in
the same transaction: at no moment does one person count twice. Until the list is fixed the consent
may be taken back, and then every account takes part by itself again.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import AccountKey, Platform
from contest_service.domain.conditions import Language
from contest_service.domain.consent import VERSION, consent_text
from contest_service.domain.contest import STARTED
from contest_service.domain.errors import ConflictError, Fault, InvalidError, NotFoundError
from contest_service.domain.people import system
from contest_service.flows import linked, own
from contest_service.flows.bench import Bench, open_bench
from contest_service.store import audit, contests, links
from contest_service.store.contests import Contest
from contest_service.store.links import Consent, Member, NewLink
from contest_service.store.ownerships import Ownership
from contest_service.store.rows import Connection

MOST_ACCOUNTS = 10
"""Of one person in one contest."""
_FIXED = "Accounts can be linked and parted only while the contest runs, until its list is fixed."
_NO_SUCH = "there is no such proof of ownership, or its secret is another; begin another one"
_NOT_SHOWN = "its code has not been seen yet: write it with the account, then ask again"
_ENDED = "it has ended; show once more that the account is yours"


class Key(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What opens an ownership: its id, and the secret that came with it."""

    id: UUID
    secret: str

    def __repr__(self) -> str:
        return f"Key({self.id})"


class Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The consent: to which version of its text, and in which language it was read."""

    version: int
    language: Language


async def link(
    conn: Connection,
    contest: Contest,
    keys: Sequence[Key],
    given: Given,
    *,
    now: datetime,
    request_id: str,
) -> UUID:
    """Let the accounts of two ownerships take part as one entry; returns its id.

    Accounts that are linked already stay as they are. Needs a transaction. Raises InvalidError with
    all that is missing, ConflictError where it cannot be any more.
    """
    contest = await _lock(conn, contest)
    shown = await _shown(conn, contest, keys, given, now=now)
    one, other = [each.entrant_id for each in shown if each.entrant_id is not None]
    if one == other:
        return one
    if await links.was_taken_back(conn, contest, [each.id for each in shown]):
        raise ConflictError(
            "This consent was taken back; show both accounts once more to give it again."
        )
    bench = await open_bench(conn, contest)
    entries = await _in_order(conn, bench, (one, other))
    if sum(len(theirs) for _, theirs in entries) > MOST_ACCOUNTS:
        raise ConflictError(f"One person may link at most {MOST_ACCOUNTS} accounts.")
    (into, _), (merged, _) = entries
    new = NewLink(
        entrant_id=merged,
        into_id=into,
        ownerships=[each.id for each in shown],
        consent=_consent(shown, given, at=now),
    )
    await links.add(conn, contest, new)
    await linked.judge_members(conn, bench, await links.of_entry(conn, contest, into), at=now)
    await _record(conn, contest, "entries.linked", entry_id=into, request_id=request_id, now=now)
    return into


async def part(
    conn: Connection, contest: Contest, key: Key, *, now: datetime, request_id: str
) -> None:
    """Take a consent back: every account that was linked with this one takes part by itself again.

    Needs a transaction. Raises NotFoundError where nothing is linked, ConflictError where it cannot
    be any more.
    """
    contest = await _lock(conn, contest)
    shown = await own.read(conn, contest, key.id, key.secret)
    fault = _fault(shown, now=now)
    if fault:
        raise ConflictError(f"This does not show that the account is yours: {fault}.")
    entry_id = shown.entrant_id
    members = [] if entry_id is None else await links.of_entry(conn, contest, entry_id)
    if entry_id is None or len(members) < 2:
        raise NotFoundError("This account is not linked with another one in this contest.")
    await links.part(conn, contest, entry_id, at=now)
    apart = [
        msgspec.structs.replace(each, entry_id=each.entrant_id, consent=None) for each in members
    ]
    await linked.judge_members(conn, await open_bench(conn, contest), apart, at=now)
    await _record(
        conn, contest, "entries.parted", entry_id=entry_id, request_id=request_id, now=now
    )


async def _lock(conn: Connection, contest: Contest) -> Contest:
    """Keep judging and freezing waiting. Raises ConflictError where the list is fixed."""
    locked = await contests.read_locked(conn, contest.workspace_id, contest.id)
    if locked.status not in STARTED:
        raise ConflictError(_FIXED)
    return locked


async def _shown(
    conn: Connection, contest: Contest, keys: Sequence[Key], given: Given, *, now: datetime
) -> list[Ownership]:
    """Read two ownerships that are shown, of two accounts. Raises InvalidError with all faults."""
    faults: list[Fault] = []
    shown: list[Ownership] = []
    for number, key in enumerate(keys):
        try:
            found = await own.read(conn, contest, key.id, key.secret)
            fault = _fault(found, now=now)
            shown.append(found)
        except NotFoundError:
            fault = _NO_SUCH
        if fault:
            faults.append(Fault(pointer=f"/ownerships/{number}", detail=fault))
    if len(keys) != 2:
        faults.append(Fault(pointer="/ownerships", detail="name two, one for each account"))
    elif not faults and len({_subject(each) for each in shown}) < 2:
        detail = "both are of the same account; show another one of yours"
        faults.append(Fault(pointer="/ownerships/1", detail=detail))
    if given.version != VERSION:
        detail = f"the text that is agreed to now is version {VERSION}; read it and agree to that"
        faults.append(Fault(pointer="/consent/version", detail=detail))
    if faults:
        raise InvalidError(faults)
    return shown


def _fault(found: Ownership, *, now: datetime) -> str:
    """Why an ownership does not show that an account is somebody's; empty if it does."""
    if found.expires_at <= now:
        return _ENDED
    return _NOT_SHOWN if found.shown_at is None or found.entrant_id is None else ""


async def _in_order(
    conn: Connection, bench: Bench, entries: Sequence[UUID]
) -> list[tuple[UUID, list[Member]]]:
    """Put entries in the order in which they entered, each with its accounts.

    One that was promised its place comes before one that was not, so that the promise is kept.
    """
    promised = await links.promised(conn, bench.contest, entries)
    found = {each: await links.of_entry(conn, bench.contest, each) for each in entries}
    seen = {each: await linked.first_seen_of(conn, bench, found[each]) for each in entries}
    order = sorted(entries, key=lambda each: (each not in promised, seen[each], each))
    return [(each, found[each]) for each in order]


def _consent(shown: Sequence[Ownership], given: Given, *, at: datetime) -> Consent:
    return Consent(
        text=consent_text(given.language).text,
        version=given.version,
        language=given.language,
        shown=[_subject(each) for each in shown],
        at=at,
    )


def _subject(found: Ownership) -> str:
    return AccountKey(
        platform=Platform(found.platform), instance=found.instance, id=found.account
    ).subject


async def _record(
    conn: Connection,
    contest: Contest,
    action: str,
    *,
    entry_id: UUID,
    request_id: str,
    now: datetime,
) -> None:
    """Write it down without whose accounts they are: the links themselves say that."""
    await audit.record(
        conn,
        system(contest.workspace_id, request_id),
        action,
        subject=contest.id,
        at=now,
        detail={"entry": str(entry_id)},
    )
