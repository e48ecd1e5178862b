"""The chain of a contest in the ledger: loading it, and writing the next event with its leaf.

Only what `proof.chain` accepts is ever written.
"""

from datetime import datetime

from contest_service.domain.schedule import unix
from contest_service.proof import events
from contest_service.proof.chain import Chain
from contest_service.proof.entries import EMPTY, EntryList
from contest_service.proof.events import Body, Event, EventType
from contest_service.store import proof
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection


async def frozen_entries(conn: Connection, contest: Contest) -> EntryList:
    """Read the frozen list back whole, and check it: 36 bytes per entry."""
    pieces = [
        piece async for piece in proof.chunks(conn, contest.workspace_id, contest.id, "entries")
    ]
    return EntryList.parse(b"".join(pieces)) if pieces else EMPTY


async def load_chain(
    conn: Connection, contest: Contest, *, entries: EntryList | None = None
) -> Chain:
    """Fold a contest's events; `entries` saves reading the frozen list again."""
    lines = await proof.event_lines(conn, contest.workspace_id, contest.id)
    if entries is None:
        entries = await frozen_entries(conn, contest)
    chain = Chain(str(contest.id), entries, practice=contest.practice)
    for line in lines:
        chain.extend_parsed(events.parse(line), events.hash_of_line(line))
    return chain


async def append(
    conn: Connection, contest: Contest, chain: Chain, type_: EventType, *, body: Body, now: datetime
) -> Event:
    """Write the next event of a contest. Raises ProofError if it may not stand there."""
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
    await proof.append(conn, contest, new, now=now)
    return event
