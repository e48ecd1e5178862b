"""The chain of a contest in the ledger: loading it, and writing the next event with its leaf.

Only what `proof.chain` accepts is ever written.
"""

import asyncio
from datetime import datetime

from contest_service.domain.schedule import unix
from contest_service.proof import events
from contest_service.proof.chain import Chain
from contest_service.proof.entries import EMPTY, EntryList
from contest_service.proof.events import Body, Event, EventType
from contest_service.store import proof, work
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection


async def frozen_entries(conn: Connection, contest: Contest) -> EntryList:
    """Read the frozen list back whole, and check it: 36 bytes per entry."""
    pieces = [
        piece async for piece in proof.chunks(conn, contest.workspace_id, contest.id, "entries")
    ]
    # Seconds for a million of them, which others should not wait for.
    return await asyncio.to_thread(EntryList.parse, b"".join(pieces)) if pieces else EMPTY


async def load_chain(
    conn: Connection, contest: Contest, *, entries: EntryList | None = None, spare: int = 0
) -> Chain:
    """Fold a contest's events; `entries` saves reading the frozen list again.

    `spare` is how many alternates will be asked for: it saves passes over the list.
    """
    lines = await proof.event_lines(conn, contest.workspace_id, contest.id)
    if entries is None:
        entries = await frozen_entries(conn, contest)
    chain = Chain(str(contest.id), entries, practice=contest.practice, later_dqs=spare)
    for line in lines:
        chain.extend_parsed(events.parse(line), events.hash_of_line(line))
    return chain


async def append(
    conn: Connection, contest: Contest, chain: Chain, type_: EventType, *, body: Body, now: datetime
) -> Event:
    """Write the next event of a contest, and let it be signed.

    Raises ProofError if it may not stand there.
    """
    event = events.next_event(chain.head, type_, body, at=unix(now))
    chain.extend(event)
    line = events.line(event)
    hash_ = events.hash_of_line(line)
    new = proof.NewEvent(
        seq=event.seq,
        type=event.type,
        at=event.at,
        hash=hash_,
        line=line,
        leaf=events.log_leaf(event.contest, event.seq, hash_),
    )
    # Before the log's head is locked, which is to be for as short as possible.
    await work.plan(conn, contest.workspace_id, work.Kind.SIGN, contest.id, due_at=now)
    await proof.append(conn, contest, new, now=now)
    return event
