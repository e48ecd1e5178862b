"""Draw: take the frozen round from the beacon, compute the order, write the result.

Whatever happens, it is the same round: late relays only make the result late.
"""

from datetime import datetime, timedelta

import msgspec

from contest_service.domain.contest import Status
from contest_service.domain.schedule import moment
from contest_service.flows.ledger import append, frozen_entries, load_chain
from contest_service.flows.runtime import Runtime
from contest_service.proof import events
from contest_service.proof.beacon import Beacon
from contest_service.proof.events import EventType, Freeze, Rules
from contest_service.store import contests, proof
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection

GRACE = timedelta(seconds=1)
"""After a round's time, when asking for it makes sense first."""


class Awaited(msgspec.Struct, frozen=True, kw_only=True):
    """The round that decides a frozen contest."""

    beacon: Beacon
    round: int

    @property
    def asked_at(self) -> datetime:
        """When it makes sense to ask for it first."""
        return moment(self.beacon.time_of(self.round)) + GRACE


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
    return Awaited(beacon=rules[-1].beacon, round=freezes[-1].round)


async def draw(rt: Runtime, contest: Contest) -> bool:
    """Write the result of a frozen contest; False if the beacon has not answered yet."""
    async with rt.pool.acquire() as conn:
        round_ = await awaited(conn, contest)
    signature = await _signature(rt, round_.beacon, round_.round)
    if signature is None:
        return False
    async with rt.pool.acquire() as conn:
        entries = await frozen_entries(conn, contest)
    async with rt.pool.acquire() as conn, conn.transaction():
        contest = await contests.read_locked(conn, contest.workspace_id, contest.id)
        if contest.status is not Status.FROZEN:
            return True
        # Folded only now: somebody may have been disqualified until a moment ago.
        chain = await load_chain(conn, contest, entries=entries)
        now = rt.clock()
        await append(
            conn, contest, chain, EventType.RESULT, body=chain.result_body(signature), now=now
        )
        await contests.move(conn, contest, Status.DRAWN, now=now)
    return True


async def _signature(rt: Runtime, beacon: Beacon, round_: int) -> str | None:
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
