"""Judge: turn the evidence on record into a verdict for every entrant, and write what changed.

All entrants are judged when anything changes on which every verdict rests; else only those whose
evidence, profile or place changed since all were last judged. A large contest is cut into spans of
accounts, which several processes gather, judge and write, over one snapshot of the database. A
verdict is sealed when it is written, so that a freeze only has to collect.
"""

from collections.abc import Sequence
from uuid import UUID

from contest_service.domain.contest import Status
from contest_service.domain.judging import Judgement
from contest_service.flows import linked, measure
from contest_service.flows.bench import Bench, by_version, digest, open_bench
from contest_service.flows.freshen import freshen, next_due
from contest_service.flows.imported import judge_imported
from contest_service.flows.jury import judge_by_jury
from contest_service.flows.profiles import read_new_profiles
from contest_service.flows.runtime import Runtime
from contest_service.flows.sitting import (
    Sitting,
    Whom,
    is_unchanged,
    judge_in_lanes,
    judge_in_turn,
    judge_text,
    looks_at,
    may_write,
)
from contest_service.store import benches, cases, changes, contests, history, tallies, work
from contest_service.store.benches import Former, View
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.store.work import Work

AT_ONCE = 2000
"""Accounts that are named to the database in one go."""
SPAN = 4000
"""Actions of one kind, at most, that are gathered in one go."""
LARGE = 20_000
"""Accounts above which it is worth to call a jury of several processes, which takes a second."""


async def run_judge(rt: Runtime, job: Work) -> None:
    """Judge a running contest over the evidence as it stands."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, job.workspace_id, job.subject)
    next_at = None
    if contest.status is Status.RUNNING:
        await read_new_profiles(rt, contest)
        await freshen(rt, contest)
        await judge_all(rt, contest)
        next_at = await next_due(rt, contest)
        async with rt.pool.acquire() as conn:
            await measure.plan(conn, contest, now=rt.clock())
    async with rt.pool.acquire() as conn:
        await work.finish(conn, job, next_at=next_at)


async def judge_all(rt: Runtime, contest: Contest) -> None:
    """Judge whoever has to be judged anew; verdicts that did not change are not written.

    Nothing more is written once the contest was closed, amended, judged or frozen meanwhile. Raises
    LeaseLostError if a later judging of it has begun.
    """
    began_at = rt.clock()
    async with rt.pool.acquire() as conn, conn.transaction():
        if not await is_unchanged(conn, contest):
            return
        former = await benches.begin(conn, contest)
    async with rt.pool.acquire() as reader, reader.transaction(isolation="repeatable_read"):
        seen = await benches.view(reader)
        bench = await open_bench(reader, contest)
        whom = await _whom(reader, bench, former, seen)
        sitting = Sitting(pool=rt.pool, clock=rt.clock, bench=bench, run=former.run)
        await _judge(rt, sitting, reader, None if whom is None else sorted(whom))
    if whom is None and contest.terms_version > 1 and len(bench.versions) == 1:
        await _judge_unseen(sitting)
    await _judge_linked(sitting)
    await _judge_imported(sitting, is_everybody=whom is None)
    async with rt.pool.acquire() as conn, conn.transaction():
        # Locked at once as a change wants it: a later judging that begins could wait for this one.
        if await may_write(conn, sitting, read=contests.read_locked):
            at = rt.clock()
            await benches.finish(
                conn,
                contest,
                former.run,
                seen=seen,
                rests_on=digest(bench),
                asked_since=bench.asked_since,
            )
            await changes.forget(conn, contest.workspace_id)
            entrants = await tallies.fold(conn, contest.workspace_id, contest.id)
            await contests.set_judged(conn, contest, at)
            await history.note_judging(conn, contest, began_at=began_at, at=at, entrants=entrants)


async def _whom(conn: Connection, bench: Bench, former: Former, seen: View) -> set[str] | None:
    """The accounts that have to be judged anew; None for everybody."""
    if former.snapshot is None or former.cluster != seen.cluster:
        return None
    if former.rests_on != digest(bench):
        return None
    moved = None
    if former.asked_since != bench.asked_since:
        moved = former.asked_since
        if moved is None or bench.asked_since is None or bench.asked_since < moved:
            return None
    contest = bench.contest
    return await changes.since(
        conn, contest.workspace_id, contest.id, former.snapshot, asked_since=moved
    )


async def _is_large(conn: Connection, contest: Contest, whom: Sequence[str] | None) -> bool:
    if whom is not None:
        return len(whom) > LARGE
    return await cases.are_more_than(conn, contest.workspace_id, contest.id, LARGE)


async def _judge(
    rt: Runtime, sitting: Sitting, reader: Connection, accounts: Sequence[str] | None
) -> None:
    contest = sitting.bench.contest
    if accounts is None:
        is_known = await cases.is_anybody_judged(reader, contest.workspace_id, contest.id)
        whom = Whom(None, SPAN, is_first=not is_known)
    else:
        whom = Whom(accounts, AT_ONCE)
    if await _is_large(reader, contest, accounts):
        snapshot = await cases.share_snapshot(reader)
        await judge_by_jury(rt, sitting, reader, whom, snapshot=snapshot)
    elif accounts is None or len(accounts) <= AT_ONCE:
        await judge_in_turn(sitting, reader, whom)
    else:
        looks = [look async for look in looks_at(reader, contest, whom)]
        await judge_in_lanes(sitting, looks, snapshot=await cases.share_snapshot(reader))


async def _judge_unseen(sitting: Sitting) -> None:
    """Judge those who entered by something that the amended rules no longer ask for."""
    contest = sitting.bench.contest
    key, after = (contest.workspace_id, contest.id), None
    while True:
        async with sitting.pool.acquire() as conn, conn.transaction():
            ids = await cases.unseen(conn, *key, after=after, limit=AT_ONCE)
            text = await cases.without_evidence(conn, *key, ids, lists=sitting.bench.lists)
        if not ids or not await judge_text(sitting, text):
            return
        after = ids[-1]


async def _judge_linked(sitting: Sitting) -> None:
    """Judge those who linked accounts."""
    async with sitting.pool.acquire() as conn, conn.transaction():
        if await may_write(conn, sitting):
            await linked.judge_linked(conn, sitting.bench, at=sitting.clock())


async def _judge_imported(sitting: Sitting, *, is_everybody: bool) -> None:
    """Judge the entries of people without accounts."""
    after: UUID | None = None
    while True:
        async with sitting.pool.acquire() as conn, conn.transaction():
            if not await may_write(conn, sitting):
                return
            after = await judge_imported(
                conn,
                sitting.bench,
                after=after,
                is_everybody=is_everybody,
                at=sitting.clock(),
            )
        if after is None:
            return


async def judge_some(
    conn: Connection,
    contest: Contest,
    accounts: Sequence[str],
    *,
    recheck: bool,
    terms_version: int | None = None,
) -> list[tuple[str, Judgement]]:
    """Judge some accounts without writing anything, those of one person together.

    Returns (subject, judgement). `terms_version` is that by which all of them are judged, if it
    was settled before. Needs a transaction.
    """
    bench = by_version(await open_bench(conn, contest), terms_version)
    key = (contest.workspace_id, contest.id)
    text = await cases.gather(conn, *key, accounts, lists=bench.lists, recheck=recheck)
    return await linked.judge_found(conn, bench, cases.read(text))
