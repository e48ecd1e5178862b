"""Erase what is personal of a contest that is old enough: in ranges, each a transaction of its own.

A run that was interrupted, or whose time is over, is gone on with by the next one. What other
contests rest on stays for them.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from contest_service.domain.evidence import Action
from contest_service.flows.erase_person import rename
from contest_service.flows.ledger import load_chain
from contest_service.flows.runtime import Runtime
from contest_service.store import (
    aged_traces,
    changes,
    contests,
    copy_traces,
    entrant_traces,
    entrants,
    erasure,
    folded,
    imports,
    presence_traces,
)
from contest_service.store.aged_traces import Network, Range
from contest_service.store.contests import Contest
from contest_service.store.erasure import Cause, Erasure
from contest_service.store.presence_traces import Spot
from contest_service.store.rows import Connection

SLICE = timedelta(seconds=25)
"""How long one run goes on before it hands over."""
ENTRANTS_AT_ONCE = 2000
PRESENCES_AT_ONCE = 5000
PROFILES_AT_ONCE = 1000
PAGES_AT_ONCE = 200


class Forget(Protocol):
    """Deletes the next rows of a kind, by account."""

    async def __call__(
        self, conn: Connection, workspace_id: UUID, spot: Spot, *, after: str, limit: int
    ) -> Range | None: ...


class SliceOverError(Exception):
    """There is more to do, and it is somebody else's turn."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """The erasure of a contest, as far as one run of it goes."""

    rt: Runtime
    erasure: Erasure
    contest: Contest
    until: datetime

    @property
    def key(self) -> tuple[UUID, UUID]:
        return self.contest.workspace_id, self.contest.id

    @asynccontextmanager
    async def step(self) -> AsyncIterator[Connection]:
        """A transaction, if there is time for one. Raises SliceOverError."""
        if self.rt.clock() > self.until:
            raise SliceOverError
        async with self.rt.pool.acquire() as conn, conn.transaction():
            yield conn


async def erase_contest(rt: Runtime, found: Erasure) -> bool:
    """Erase the answers of its scans, and for the sake of retention all the rest too.

    False if time ran out before all was done.
    """
    if found.contest_id is None:
        raise LookupError("an erasure by age is of a contest")
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, found.workspace_id, found.contest_id)
    task = Task(rt=rt, erasure=found, contest=contest, until=rt.clock() + SLICE)
    try:
        await _erase_bodies(task)
        if found.cause is Cause.RETENTION:
            await _rename_winners(task)
            await _erase_entrants(task)
            await _erase_imported(task)
            await _erase_evidence(task)
            await _erase_profiles(task)
            async with task.step() as conn:
                await folded.forget(conn, *task.key)
    except SliceOverError:
        return False
    return True


async def _erase_bodies(task: Task) -> None:
    workspace_id, _ = task.key
    async with task.step() as conn:
        ended_at = await erasure.ended_at(conn, *task.key)
        scans = [] if ended_at is None else await aged_traces.scans(conn, *task.key, until=ended_at)
        pages = {scan_id: await aged_traces.pages(conn, workspace_id, scan_id) for scan_id in scans}
    for scan_id, count in pages.items():
        for first in range(0, count, PAGES_AT_ONCE):
            async with task.step() as conn:
                gone = await aged_traces.forget_bodies(
                    conn, workspace_id, scan_id, first=first, end=first + PAGES_AT_ONCE
                )
                await erasure.note(conn, task.erasure, {"bodies": gone})


async def _rename_winners(task: Task) -> None:
    """Let the texts call winners by their commitments, and note where they were published."""
    async with task.step() as conn:
        chain = await load_chain(conn, task.contest)
        slots = [
            slot for draws in (chain.initial, chain.final) for draw in draws or () for slot in draw
        ]
        held = {bytes.fromhex(slot.commit) for slot in slots if slot.commit}
        openings = await entrants.openings(conn, *task.key, sorted(held))
        ids = [each.entrant_id for each in openings.values()]
        before = {each.id: each for each in await entrant_traces.texts(conn, *task.key)}
        count = await rename(conn, *task.key, ids)
        changed = [
            each.url
            for each in await entrant_traces.texts(conn, *task.key)
            if each.text != before[each.id].text and each.url
        ]
        urls = {*changed, *await entrant_traces.told_urls(conn, *task.key, None)}
        await erasure.note(conn, task.erasure, {"announcements": count}, urls=sorted(urls))


async def _erase_entrants(task: Task) -> None:
    after: UUID | None = None
    while True:
        async with task.step() as conn:
            ids = await entrant_traces.unerased(
                conn, *task.key, after=after, limit=ENTRANTS_AT_ONCE
            )
            if not ids:
                return
            counts = await entrant_traces.erase(conn, *task.key, ids, at=task.rt.clock())
            await erasure.note(conn, task.erasure, counts)
        after = ids[-1]


async def _erase_imported(task: Task) -> None:
    """Erase the entries that were brought in and never judged, since the contest ended before."""
    after: UUID | None = None
    while True:
        async with task.step() as conn:
            ids = await imports.unerased(conn, *task.key, after=after, limit=ENTRANTS_AT_ONCE)
            if not ids:
                return
            counts = await entrant_traces.erase(conn, *task.key, ids, at=task.rt.clock())
            await erasure.note(conn, task.erasure, counts)
        after = ids[-1]


async def _erase_evidence(task: Task) -> None:
    """Erase the presences on targets that no other contest rests on."""
    async with task.step() as conn:
        targets = await aged_traces.targets(conn, *task.key)
    for target_id in targets:
        for action in Action:
            for forget in (aged_traces.forget_presences, aged_traces.forget_absences):
                await _erase_ranges(task, Spot(target_id=target_id, action=action), forget)
        await _erase_sketches(task, target_id)


async def _erase_sketches(task: Task, target_id: UUID) -> None:
    workspace_id, contest_id = task.key
    async with task.step() as conn:
        await presence_traces.lock_target(conn, workspace_id, target_id)
        await copy_traces.forget_named_in(conn, workspace_id, contest_id)
        if not await aged_traces.is_kept(conn, workspace_id, target_id):
            count = await copy_traces.forget_target(conn, workspace_id, target_id)
            await erasure.note(conn, task.erasure, {"sketches": count})


async def _erase_ranges(task: Task, spot: Spot, forget: Forget) -> None:
    after: str | None = ""
    while after is not None:
        async with task.step() as conn:
            after = await _erase_range(conn, task, spot, forget=forget, after=after)


async def _erase_range(
    conn: Connection, task: Task, spot: Spot, *, forget: Forget, after: str
) -> str | None:
    """Erase the next of a target's presences; returns the last one's account, None at the end."""
    workspace_id, _ = task.key
    await presence_traces.lock_target(conn, workspace_id, spot.target_id)
    if await aged_traces.is_kept(conn, workspace_id, spot.target_id):
        return None
    gone = await forget(conn, workspace_id, spot, after=after, limit=PRESENCES_AT_ONCE)
    if gone is None:
        return None
    await presence_traces.set_forgotten(conn, workspace_id, spot.target_id, at=task.rt.clock())
    await erasure.note(conn, task.erasure, {"presences": gone.rows})
    return gone.last


async def _erase_profiles(task: Task) -> None:
    """Erase the profiles of people about whom nothing else is known any more.

    All that a workspace knows are looked through, so that a later run goes on where this one ends.
    """
    async with task.step() as conn:
        await changes.forget(conn, task.key[0])
        networks = await aged_traces.networks(conn, *task.key)
        platform, instance, account = await erasure.swept(conn, task.erasure)
    for network in networks:
        here = (network.platform, network.instance)
        if here < (platform, instance):
            continue
        after: str | None = account if here == (platform, instance) else ""
        while after is not None:
            async with task.step() as conn:
                after = await _sweep_profiles(conn, task, network, after)


async def _sweep_profiles(conn: Connection, task: Task, network: Network, after: str) -> str | None:
    """Look through the next profiles; returns the last one's account, None at the end."""
    workspace_id, _ = task.key
    where = {"platform": network.platform, "instance": network.instance}
    people = await presence_traces.profiles(
        conn, workspace_id, **where, after=after, limit=PROFILES_AT_ONCE
    )
    if not people:
        return None
    count = await presence_traces.forget_profiles(conn, workspace_id, people, **where)
    await erasure.note(conn, task.erasure, {"profiles": count})
    await erasure.set_swept(conn, task.erasure, **where, account=people[-1])
    return people[-1]
