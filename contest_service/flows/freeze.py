"""Freeze: fix the list of entries, commit to it and to the evidence, before the round is out.

Nobody triggers it. One transaction holds the list, its root, the event and the announcement, so a
crash leaves either all of them or nothing.
"""

import hashlib
from collections.abc import AsyncIterator
from datetime import datetime

from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError
from contest_service.flows import announce
from contest_service.flows.ledger import append, load_chain
from contest_service.flows.runtime import Runtime
from contest_service.proof.dispute import evidence_line
from contest_service.proof.entries import LEAF_SIZE, EntryList, SummaryBuilder, leaf
from contest_service.proof.events import EventType
from contest_service.store import contests, proof
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection

CHUNK = 29_000
"""Entries of one stored piece of the list: about a mebibyte."""


async def freeze(conn: Connection, rt: Runtime, contest: Contest, *, now: datetime) -> Contest:
    """Write the freeze event of a closing contest whose entrants are judged, and announce it.

    In the caller's transaction. It is of the time at which the list is stored, and not before
    `now`. Raises ConflictError if it is not closing, ProofError if the time left to the round is
    too short.
    """
    contest = await contests.read_locked(conn, contest.workspace_id, contest.id)
    if contest.status is not Status.CLOSING or contest.closing_judged_at is None:
        raise ConflictError("The contest is not ready to be frozen.")
    entries = await _store_entries(conn, contest)
    evidence = await _store_evidence(conn, contest)
    chain = await load_chain(conn, contest, entries=entries)
    body = chain.freeze_body(evidence=evidence)
    now = max(now, rt.clock())
    event = await append(conn, contest, chain, EventType.FREEZE, body=body, now=now)
    await contests.set_round(conn, contest, body.round)
    contest = await contests.move(conn, contest, Status.FROZEN, now=now)
    await announce.enqueue_freeze(conn, rt, contest, body, event=event, now=now)
    return contest


async def _store_entries(conn: Connection, contest: Contest) -> EntryList:
    builder = SummaryBuilder()
    pieces: list[bytes] = []
    async for piece in _pieces(proof.counted(conn, contest)):
        builder.add(piece)
        await proof.keep_chunk(conn, contest, "entries", seq=len(pieces), data=piece)
        pieces.append(piece)
    summary = builder.finish()
    return EntryList(b"".join(pieces), summary, heaviest=builder.heaviest)


async def _pieces(counted: AsyncIterator[list[tuple[bytes, int]]]) -> AsyncIterator[bytes]:
    held = bytearray()
    async for batch in counted:
        held += b"".join(leaf(commitment, tickets) for commitment, tickets in batch)
        while len(held) >= CHUNK * LEAF_SIZE:
            yield bytes(held[: CHUNK * LEAF_SIZE])
            del held[: CHUNK * LEAF_SIZE]
    if held:
        yield bytes(held)


async def _store_evidence(conn: Connection, contest: Contest) -> str:
    """Keep the digests of all evidence records; returns the hash of their file in hex."""
    file = hashlib.sha256()
    seq = 0
    async for digests in proof.digests(conn, contest):
        file.update(b"".join(map(evidence_line, digests)))
        await proof.keep_chunk(conn, contest, "evidence", seq=seq, data=b"".join(digests))
        seq += 1
    return file.hexdigest()
