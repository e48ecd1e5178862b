"""Erase a person: find what speaks of them in a workspace, and take away what nobody needs.

Works on one erasure by request; each step is a transaction, and a later run finds nothing of what
an earlier one did.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from contest_service.domain.accounts import AccountKey
from contest_service.domain.spoken import ERASED, Spoken, renamed, spoken
from contest_service.domain.texts import places_of
from contest_service.flows.runtime import Runtime
from contest_service.store import (
    appeals,
    changes,
    copy_traces,
    entrant_traces,
    erasure,
    imports,
    overrides,
    presence_traces,
    quarantines,
    spoken_traces,
    staff,
)
from contest_service.store.entrant_traces import Entered
from contest_service.store.erasure import Erasure
from contest_service.store.presence_traces import Spot
from contest_service.store.rows import Connection
from contest_service.store.spoken_traces import Key, Stored

_AT_ONCE = 500
"""Live events or stored replies that are looked through at once."""
_BODIES_AT_ONCE = 50


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whom a request is about: their accounts, what they entered, how data speaks of them."""

    erasure: Erasure
    accounts: Sequence[AccountKey]
    entered: Sequence[Entered]
    spoken: Spoken

    @property
    def workspace_id(self) -> UUID:
        return self.erasure.workspace_id

    @property
    def ids(self) -> list[str]:
        return [each.id for each in self.accounts]


async def erase_person(rt: Runtime, found: Erasure) -> list[UUID]:
    """Erase what can be erased now; returns the contests that need the rest until they end."""
    async with rt.pool.acquire() as conn, conn.transaction():
        person = await look_up(conn, found)
        await note_publications(conn, person)
    await _erase_entrants(rt, person)
    await _erase_presences(rt, person)
    await _erase_texts_of_others(rt, person)
    await _erase_bodies(rt, person)
    await _erase_events(rt, person)
    await _erase_replies(rt, person)
    await _erase_words(rt, person)
    await _erase_from_lists(rt, person)
    await _erase_profiles(rt, person)
    await _erase_changes(rt, person)
    async with rt.pool.acquire() as conn:
        return await waits_for(conn, person)


async def look_up(conn: Connection, found: Erasure) -> Person:
    """Find all accounts and names of a person, and remember them while the request is open."""
    workspace_id = found.workspace_id
    known = await erasure.accounts(conn, workspace_id, found.id)
    accounts = {each.key for each in known}
    while True:
        entered = await entrant_traces.entered(conn, workspace_id, sorted(accounts))
        more = await entrant_traces.accounts_of(conn, workspace_id, entered) - accounts
        if not more:
            break
        accounts |= more
    brought = await erasure.entries(conn, workspace_id, found.id)
    entered += await entrant_traces.brought(conn, workspace_id, brought)
    names = {each.key: set(each.names) for each in known}
    for called in await spoken_traces.called(conn, workspace_id, sorted(accounts)):
        key = AccountKey(platform=called.platform, instance=called.instance, id=called.id)
        names.setdefault(key, set()).update({called.handle, called.name} - {""})
    if accounts:
        names.setdefault(min(accounts), set()).update({each.label for each in entered} - {""})
    await erasure.add_accounts(conn, workspace_id, found.id, sorted(accounts))
    await erasure.set_names(
        conn, workspace_id, found.id, {key: sorted(said) for key, said in names.items()}
    )
    said = {name for each in names.values() for name in each}
    said |= {name for each in brought for name in each.names}
    return Person(
        erasure=found,
        accounts=sorted(accounts),
        entered=entered,
        spoken=spoken(accounts, said),
    )


async def note_publications(conn: Connection, person: Person) -> None:
    """Note the addresses of what was published about a person, for their publisher to delete."""
    urls: set[str] = set()
    for contest_id, ids in _by_contest(person.entered).items():
        key = (person.workspace_id, contest_id)
        urls |= set(await entrant_traces.told_urls(conn, *key, ids))
        labels = await entrant_traces.commitments_by_label(conn, *key, ids)
        for text in await entrant_traces.texts(conn, *key):
            if text.url and any(places_of(label, text.text) for label in labels):
                urls.add(text.url)
    await erasure.note(conn, person.erasure, {}, urls=sorted(urls))


def _by_contest(entered: Sequence[Entered], *, is_over: bool = False) -> dict[UUID, list[UUID]]:
    by_contest: dict[UUID, list[UUID]] = {}
    for each in entered:
        if each.is_over or not is_over:
            by_contest.setdefault(each.contest_id, []).append(each.entrant_id)
    return by_contest


async def _erase_entrants(rt: Runtime, person: Person) -> None:
    """Erase the person from all contests that have ended, one after the other."""
    for contest_id, ids in _by_contest(person.entered, is_over=True).items():
        key = (person.workspace_id, contest_id)
        async with rt.pool.acquire() as conn, conn.transaction():
            counts = {"announcements": await rename(conn, *key, ids)}
            counts |= await entrant_traces.erase(conn, *key, ids, at=rt.clock())
            await erasure.note(conn, person.erasure, counts)


async def rename(
    conn: Connection, workspace_id: UUID, contest_id: UUID, ids: Sequence[UUID]
) -> int:
    """Let a contest's texts call entrants by their commitments; returns how many texts changed."""
    labels = await entrant_traces.commitments_by_label(conn, workspace_id, contest_id, ids)
    changed = {}
    for each in await entrant_traces.texts(conn, workspace_id, contest_id):
        text = each.text
        for label, commitment in labels.items():
            text = renamed(text, label, commitment)
        if text != each.text:
            changed[each.id] = text
    await entrant_traces.set_texts(conn, workspace_id, changed)
    return len(changed)


async def _erase_presences(rt: Runtime, person: Person) -> None:
    """Erase what the person did on targets that no contest needs any more."""
    workspace_id = person.workspace_id
    async with rt.pool.acquire() as conn:
        found = await presence_traces.targets_of(conn, workspace_id, person.accounts)
    for target_id in found:
        async with rt.pool.acquire() as conn, conn.transaction():
            await presence_traces.lock_target(conn, workspace_id, target_id)
            if await presence_traces.needed_by(conn, workspace_id, target_id):
                continue
            count = await presence_traces.forget_presences(
                conn, workspace_id, target_id, person.accounts
            )
            await presence_traces.set_forgotten(conn, workspace_id, target_id, at=rt.clock())
            await copy_traces.forget_accounts(conn, workspace_id, target_id, person.accounts)
            await erasure.note(conn, person.erasure, {"presences": count})


async def _erase_texts_of_others(rt: Runtime, person: Person) -> None:
    async with rt.pool.acquire() as conn:
        spots = await presence_traces.spots(conn, person.workspace_id)
    for spot in spots:
        async with rt.pool.acquire() as conn, conn.transaction():
            if not await presence_traces.needed_by(conn, person.workspace_id, spot.target_id):
                count = await presence_traces.empty_texts(
                    conn,
                    person.workspace_id,
                    spot,
                    pattern=person.spoken.in_texts,
                    ids=person.ids,
                )
                await erasure.note(conn, person.erasure, {"texts_of_others": count})


async def _erase_bodies(rt: Runtime, person: Person) -> None:
    """Erase the raw answers that speak of the person: whole, as their digests are."""
    workspace_id = person.workspace_id
    async with rt.pool.acquire() as conn:
        scans = await presence_traces.scans_with_bodies(conn, workspace_id)
    for scan_id in scans:
        after = -1
        while True:
            async with rt.pool.acquire() as conn:
                page = await presence_traces.bodies(
                    conn, workspace_id, scan_id, after=after, limit=_BODIES_AT_ONCE
                )
            if not page:
                break
            after = page[-1].seq
            told = [each.seq for each in page if person.spoken.in_bytes(zlib.decompress(each.body))]
            if told:
                async with rt.pool.acquire() as conn, conn.transaction():
                    count = await presence_traces.forget_bodies(conn, workspace_id, scan_id, told)
                    await erasure.note(conn, person.erasure, {"bodies": count})


class _Page(Protocol[Key]):
    """Lists the next stored bodies of a kind, in the order of their places."""

    async def __call__(
        self, conn: Connection, workspace_id: UUID, *, after: tuple[UUID, Key] | None, limit: int
    ) -> list[Stored[Key]]: ...


class _Forget(Protocol[Key]):
    """Takes away what some bodies say; returns how many."""

    async def __call__(
        self, conn: Connection, workspace_id: UUID, gone: Sequence[Stored[Key]]
    ) -> int: ...


async def _erase_stored(
    rt: Runtime, person: Person, page: _Page[Key], *, forget: _Forget[Key], counted_as: str
) -> None:
    """Look through the bodies of a kind, and forget those that speak of the person."""
    after = None
    while True:
        async with rt.pool.acquire() as conn, conn.transaction():
            found = await page(conn, person.workspace_id, after=after, limit=_AT_ONCE)
            if told := [each for each in found if person.spoken.in_bytes(each.body)]:
                count = await forget(conn, person.workspace_id, told)
                await erasure.note(conn, person.erasure, {counted_as: count})
        if not found:
            return
        after = found[-1].place


async def _erase_events(rt: Runtime, person: Person) -> None:
    await _erase_stored(
        rt,
        person,
        spoken_traces.events,
        forget=spoken_traces.forget_events,
        counted_as="live_events",
    )


async def _erase_replies(rt: Runtime, person: Person) -> None:
    await _erase_stored(
        rt,
        person,
        spoken_traces.replies,
        forget=spoken_traces.empty_replies,
        counted_as="stored_replies",
    )


async def _erase_words(rt: Runtime, person: Person) -> None:
    """Erase what the audit log, and notes on what went wrong, say of the person."""
    pattern = person.spoken.in_data
    async with rt.pool.acquire() as conn, conn.transaction():
        details = await spoken_traces.details(conn, person.workspace_id, pattern=pattern)
        left = {each.id: person.spoken.out_of(each.detail) for each in details}
        await spoken_traces.set_details(conn, person.workspace_id, left, at=rt.clock())
        failures = await spoken_traces.empty_failures(
            conn, person.workspace_id, pattern=pattern, instead=ERASED
        )
        undone = await imports.empty_reasons(
            conn, person.workspace_id, pattern=pattern, instead=ERASED
        )
        appealed = await appeals.empty_speaking(
            conn, person.workspace_id, pattern=person.spoken.in_texts, instead=ERASED
        )
        noted = await quarantines.empty_speaking(
            conn, person.workspace_id, pattern=person.spoken.in_texts, instead=ERASED
        )
        overruled = await overrides.empty_speaking(
            conn, person.workspace_id, pattern=person.spoken.in_texts, instead=ERASED
        )
        counts = {
            "appeals_of_others": appealed,
            "audit_details": len(left),
            "notes_on_overrides": overruled,
            "notes_on_quarantines": noted,
            "namings_by_many": await copy_traces.forget_named(
                conn, person.workspace_id, person.accounts
            ),
            "notes_on_failures": failures,
            "reasons_for_undoing": undone,
        }
        await erasure.note(conn, person.erasure, counts)


async def _erase_from_lists(rt: Runtime, person: Person) -> None:
    """Leave lists as they are but for the words on them; or take the person off, where asked."""
    workspace_id = person.workspace_id
    async with rt.pool.acquire() as conn, conn.transaction():
        count = await spoken_traces.empty_reasons(conn, workspace_id, person.accounts)
        await erasure.note(conn, person.erasure, {"reasons_on_lists": count})
        if not person.erasure.removes_from_lists:
            return
        for list_id in await spoken_traces.lists_of(conn, workspace_id, person.accounts):
            if not await spoken_traces.named_by(conn, workspace_id, list_id):
                count = await spoken_traces.unlist(conn, workspace_id, list_id, person.accounts)
                await erasure.note(conn, person.erasure, {"places_on_lists": count})


async def _erase_changes(rt: Runtime, person: Person) -> None:
    """Forget that something changed for the person; where it matters, everybody is looked at."""
    async with rt.pool.acquire() as conn, conn.transaction():
        await changes.forget(conn, person.workspace_id)
        names = sorted({each.id for each in person.accounts})
        await changes.unname(conn, person.workspace_id, names)


async def _erase_profiles(rt: Runtime, person: Person) -> None:
    for account in person.accounts:
        async with rt.pool.acquire() as conn, conn.transaction():
            count = await presence_traces.forget_profiles(
                conn,
                person.workspace_id,
                [account.id],
                platform=account.platform.value,
                instance=account.instance,
            )
            staff_of = await staff.forget(
                conn,
                person.workspace_id,
                [account.id],
                platform=account.platform.value,
                instance=account.instance,
            )
            counts = {"profiles": count, "staff_of_communities": staff_of}
            await erasure.note(conn, person.erasure, counts)


async def waits_for(conn: Connection, person: Person) -> list[UUID]:
    """The contests that have to end before nothing is left of a person."""
    workspace_id = person.workspace_id
    waits = {each.contest_id for each in person.entered if not each.is_over}
    for target_id in await presence_traces.targets_of(conn, workspace_id, person.accounts):
        waits |= set(await presence_traces.needed_by(conn, workspace_id, target_id))
    for spot in await presence_traces.spots(conn, workspace_id):
        needed = set(await presence_traces.needed_by(conn, workspace_id, spot.target_id))
        if not needed <= waits and await _is_spoken_of(conn, person, spot):
            waits |= needed
    if person.erasure.removes_from_lists:
        for list_id in await spoken_traces.lists_of(conn, workspace_id, person.accounts):
            waits |= set(await spoken_traces.named_by(conn, workspace_id, list_id))
    return sorted(waits)


async def _is_spoken_of(conn: Connection, person: Person, spot: Spot) -> bool:
    return await presence_traces.speaks(
        conn, person.workspace_id, spot, pattern=person.spoken.in_texts, ids=person.ids
    )
