"""Real contests, not practice: drawn by a round of the real beacon that is known, in its own time.

The service's clock is turned back to shortly before that round, so that everything is as it was.
"""

import dataclasses
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from api.staged import Stage, definition
from proof.generated import ROUND, ROUND_TIME, SIGNATURES

from contest_service.beacon_client import Fetched
from contest_service.domain.contest import Definition
from contest_service.domain.people import system
from contest_service.flows import announce, claims, define, life
from contest_service.flows.draw import draw
from contest_service.flows.ledger import load_chain
from contest_service.flows.runtime import Runtime
from contest_service.flows.succeed import name_slots, take_out
from contest_service.proof.beacon import Beacon
from contest_service.store.claims import ClaimedHow
from contest_service.store.contests import Contest
from contest_service.store.vouchers import Cosignature, Stamp, add_cosignature, add_stamp

DRAW_AT = datetime.fromtimestamp(ROUND_TIME, UTC)
STARTED_AT = DRAW_AT - timedelta(hours=2)
SECOND = timedelta(seconds=1)


async def _answer(_beacon: Beacon, round_: int) -> Fetched:
    """What a relay answered at that time."""
    assert round_ == ROUND
    randomness = sha256(bytes.fromhex(SIGNATURES[ROUND])).digest()
    return Fetched(signature=SIGNATURES[ROUND], randomness=randomness, source="a relay")


def turned_to(stage: Stage, moment: datetime) -> Runtime:
    """The service's outside as of a moment."""
    return dataclasses.replace(stage.rt, clock=lambda: moment, fetch_round=_answer)


def defined(**changes: Any) -> dict[str, Any]:
    schedule = {
        "opens_at": (STARTED_AT - timedelta(minutes=1)).isoformat(),
        "closes_at": (STARTED_AT + timedelta(minutes=30)).isoformat(),
        "draw_at": DRAW_AT.isoformat(),
        "zone": "Europe/Moscow",
        "min_lead": 600,
    }
    return definition(**{"schedule": schedule, "claim_within": 3600, **changes})


async def started(stage: Stage, community: UUID, **changes: Any) -> Contest:
    """A real contest whose rules are public."""
    rt, actor = turned_to(stage, STARTED_AT), system(await stage.workspace(), "test")
    asked = msgspec.convert(defined(**changes), Definition)
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        contest = await define.create_contest(conn, actor, asked, practice=False, now=STARTED_AT)
    await stage.attach(contest, community)
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        return await life.start_contest(conn, rt, actor, contest.id, now=STARTED_AT)


async def amended(stage: Stage, contest: Contest, **changes: Any) -> Contest:
    """The same with other rules, in public."""
    later = STARTED_AT + timedelta(minutes=1)
    rt, actor = turned_to(stage, later), system(contest.workspace_id, "test")
    asked = msgspec.convert(defined(**changes), Definition)
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        return await life.amend_contest(
            conn, rt, actor, contest.id, asked, reason="A typo", now=later
        )


async def cancelled(stage: Stage, contest: Contest) -> Contest:
    rt, actor = turned_to(stage, STARTED_AT), system(contest.workspace_id, "test")
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        return await life.cancel_contest(
            conn, rt, actor, contest.id, reason="cancelled", now=STARTED_AT
        )


async def drawn(stage: Stage, contest: Contest, *names: str, late: timedelta = SECOND) -> Contest:
    """Drawn, `late` after the round, and announced under the post."""
    await stage.judged(contest, *names)
    then = Stage(turned_to(stage, contest.freeze_at), stage.owner, stage.folder)
    contest = await then.freeze(contest)
    rt = turned_to(stage, DRAW_AT + late)
    assert await draw(rt, contest)
    contest = await stage.contest(contest.id)
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        chain = await load_chain(conn, contest)
        await announce.enqueue_result(
            conn,
            rt,
            contest,
            await name_slots(conn, contest, chain),
            entries=len(names),
            round_=ROUND,
            seq=chain.head.seq,
            now=rt.clock(),
        )
        await _publish(stage, conn, contest)
    return await stage.contest(contest.id)


async def _publish(stage: Stage, conn: Any, contest: Contest) -> None:
    await conn.execute(
        "UPDATE announcements SET state = 'published', published_at = $2,"
        " published_ref = 'x', published_url = 'https://example.org/1' WHERE contest_id = $1",
        contest.id,
        DRAW_AT,
    )


async def replaced(stage: Stage, contest: Contest, *, reason: str) -> None:
    """The first winner loses the prize to the next in order."""
    rt = turned_to(stage, DRAW_AT + timedelta(minutes=5))
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        chain = await load_chain(conn, contest)
        slots = await name_slots(conn, contest, chain)
        first = bytes.fromhex(slots[0][0].commitment or "")
        await take_out(conn, rt, contest, chain, [first], reason=reason, now=rt.clock())
        await _publish(stage, conn, contest)


async def claimed(stage: Stage, contest: Contest) -> None:
    """Whoever holds the first prize claims it."""
    actor = system(contest.workspace_id, "test")
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        slots = await name_slots(conn, contest, await load_chain(conn, contest))
        entry = slots[0][0].entry
        assert entry is not None
        await conn.execute("UPDATE contests SET status = 'announced' WHERE id = $1", contest.id)
        await claims.claim(
            conn,
            contest,
            entry,
            how=ClaimedHow.PAGE,
            actor=actor,
            now=DRAW_AT + timedelta(minutes=10),
        )


async def seen(
    stage: Stage,
    *,
    witnesses: int = 0,
    authorities: int = 0,
    at: int = ROUND_TIME - 60,
    size: int = 1000,
) -> None:
    """Let just so many outside see the real log as it is after `size` events."""
    log, now = "real", DRAW_AT
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        # Nobody may take back what they said, and checkpoints are not of interest here.
        await conn.execute("SET LOCAL session_replication_role = replica")
        await conn.execute("DELETE FROM cosignatures")
        await conn.execute("DELETE FROM timestamps")
        for number in range(witnesses):
            new = Cosignature(
                log=log,  # type: ignore[arg-type] # its value
                size=size,
                witness=f"witness-{number}.test+abcdef01+key",
                line="x",
                time=at,
                received_at=now,
            )
            await add_cosignature(conn, new)
        for number in range(authorities):
            stamp = Stamp(
                log=log,  # type: ignore[arg-type] # its value
                size=size,
                authority=f"authority-{number}.test",
                response=b"x",
                time=at,
                received_at=now,
            )
            await add_stamp(conn, stamp)
