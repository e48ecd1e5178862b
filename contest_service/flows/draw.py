"""Draw: take the frozen round from the beacon, compute the order, write the result.

Whatever happens, it is the same round: late relays only make the result late.
"""

import asyncio
from datetime import datetime, timedelta

import msgspec

from contest_service.domain.contest import Status
from contest_service.domain.schedule import moment
from contest_service.flows.ledger import append, frozen_entries, load_chain
from contest_service.flows.runtime import Runtime
from contest_service.proof import events
from contest_service.proof.beacon import Beacon
from contest_service.proof.entries import EntryList
from contest_service.proof.events import EventType, Freeze, Rules
from contest_service.store import contests, proof
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection

GRACE = timedelta(seconds=1)
"""After a round's time, when asking for it makes sense first."""
ASK_EVERY = timedelta(seconds=3)
LONG = 100_000
"""Entries from which on a list is read before its round is out: then nothing but the draw itself
stands between the beacon's answer and the result."""
READ_AHEAD = timedelta(seconds=20)
"""Before the first question, when such a list is read; a million entries take about three."""
_QUESTIONS = 8
"""How often the beacon is asked with a long list at hand, until the work is handed over."""


class Awaited(msgspec.Struct, frozen=True, kw_only=True):
    """The round that decides a frozen contest."""

    beacon: Beacon
    round: int
    is_long: bool
    """Whether the list takes a while to read."""

    @property
    def asked_at(self) -> datetime:
        """When it makes sense to ask for it first."""
        return moment(self.beacon.time_of(self.round)) + GRACE

    @property
    def begins_at(self) -> datetime:
        """When there is something to do for it first."""
        return self.asked_at - READ_AHEAD if self.is_long else self.asked_at


async def awaited(conn: Connection, contest: Contest) -> Awaited:
    """Look up which round a frozen contest waits for, without its list.

    It may be asked for many times before it is out, and the list may be long.
    """
    lines = await proof.event_lines(conn, contest.workspace_id, contest.id)
    bodies = [events.parse(line).body for line in lines]
    rules = [body for body in bodies if isinstance(body, Rules)]
    freezes = [body for body in bodies if isinstance(body, Freeze)]
    if not freezes:
        raise LookupError(f"contest {contest.id} is not frozen")
    freeze = freezes[-1]
    return Awaited(
        beacon=rules[-1].beacon, round=freeze.round, is_long=freeze.entries.count >= LONG
    )


async def draw(rt: Runtime, contest: Contest) -> bool:
    """Write the result of a frozen contest; False if the beacon has not answered yet."""
    async with rt.pool.acquire() as conn:
        round_ = await awaited(conn, contest)
    entries = None
    if round_.is_long:
        entries = await _entries(rt, contest)
        ahead = round_.asked_at - rt.clock()
        await asyncio.sleep(max(timedelta(), min(ahead, READ_AHEAD)).total_seconds())
    signature = await _signature(rt, round_, questions=_QUESTIONS if round_.is_long else 1)
    if signature is None:
        return False
    if entries is None:
        entries = await _entries(rt, contest)
    async with rt.pool.acquire() as conn, conn.transaction():
        contest = await contests.read_locked(conn, contest.workspace_id, contest.id)
        if contest.status is not Status.FROZEN:
            return True
        # Folded only now: somebody may have been disqualified until a moment ago.
        chain = await load_chain(conn, contest, entries=entries)
        body = await asyncio.to_thread(chain.result_body, signature)
        now = rt.clock()
        await append(conn, contest, chain, EventType.RESULT, body=body, now=now)
        await contests.move(conn, contest, Status.DRAWN, now=now)
    return True


async def _entries(rt: Runtime, contest: Contest) -> EntryList:
    async with rt.pool.acquire() as conn:
        return await frozen_entries(conn, contest)


async def _signature(rt: Runtime, awaited_: Awaited, *, questions: int) -> str | None:
    """Ask so often for the round's signature, in hex; None if it is not out."""
    for question in range(questions):
        if question:
            await asyncio.sleep(ASK_EVERY.total_seconds())
        signature = await _ask(rt, awaited_.beacon, awaited_.round)
        if signature is not None:
            return signature
    return None


async def _ask(rt: Runtime, beacon: Beacon, round_: int) -> str | None:
    """The round's signature in hex, archived when it is seen first; None if it is not out."""
    chain = bytes.fromhex(beacon.chain)
    async with rt.pool.acquire() as conn:
        kept = await proof.kept_round(conn, chain, round_)
    if kept is not None:
        return kept.hex()
    fetched = await rt.fetch_round(beacon, round_)
    if fetched is None:
        return None
    async with rt.pool.acquire() as conn:
        await proof.keep_round(
            conn,
            chain,
            round_,
            signature=bytes.fromhex(fetched.signature),
            randomness=fetched.randomness,
            relay=fetched.source,
            at=rt.clock(),
        )
    return fetched.signature
