"""Promise: tell entrants who count, at once and for good, that they will stand in the list.

What is promised (commitment, weight, time) is written in the transaction of the verdict, into rows
that nobody can change. It is signed only when its owner asks for it: Ed25519 signs the same bytes
the same way each time, so that the promise is the one that would have been made then, and judging a
hundred thousand entrants neither waits for as many signatures nor needs the log's key.
"""

from collections.abc import Sequence
from datetime import datetime

from contest_service.domain.judging import EntrantState
from contest_service.domain.schedule import unix
from contest_service.flows.runtime import Runtime
from contest_service.flows.signer import require_signer
from contest_service.proof import notes
from contest_service.proof.receipts import make_promise
from contest_service.store import log, promises
from contest_service.store.contests import Contest
from contest_service.store.entrants import JudgedRow, OpeningRow
from contest_service.store.log import Log
from contest_service.store.promises import Promise
from contest_service.store.rows import Connection


async def give(
    conn: Connection,
    contest: Contest,
    rows: Sequence[JudgedRow],
    *,
    openings: Sequence[OpeningRow],
    at: datetime,
) -> None:
    """Promise their places to those who are valid, first or with another weight than promised.

    `openings` are of those among `rows` who are valid first. In the caller's transaction.
    """
    weights = {row.id: row.tickets for row in rows if row.state == EntrantState.VALID}
    fresh = {each.entrant_id: each.commitment for each in openings}
    given_at = unix(at)
    new = [
        Promise(
            entrant_id=id_,
            number=0,
            commitment=commitment,
            weight=weights[id_],
            given_at=given_at,
        )
        for id_, commitment in fresh.items()
    ]
    known = [id_ for id_ in weights if id_ not in fresh]
    new += [
        Promise(
            entrant_id=last.entrant_id,
            number=last.number + 1,
            commitment=last.commitment,
            weight=weights[last.entrant_id],
            given_at=given_at,
        )
        for last in (await promises.last(conn, contest, known) if known else [])
        if weights[last.entrant_id] != last.weight
    ]
    if new:
        await promises.add(conn, contest, new)


async def sign(
    conn: Connection, rt: Runtime, contest: Contest, given: Sequence[Promise]
) -> list[bytes]:
    """Sign promises as their owner holds them: the bytes of section 8.9, in the same order.

    Raises LogKeyError where this installation has no key.
    """
    signer = require_signer(rt.signer)
    newest = await log.newest(conn, Log.of(contest))
    last = None if newest is None else notes.parse_checkpoint(notes.parse_note(newest.note).text)
    key = signer.key(Log.of(contest), last)
    return [
        make_promise(
            key.private,
            key.name,
            contest=str(contest.id),
            commitment=each.commitment,
            weight=each.weight,
            time=each.given_at,
        )
        for each in given
    ]
