"""Judge: turn the evidence on record into a verdict for every entrant, and write what changed.

All entrants are judged when anything changes on which every verdict rests; else only those whose
evidence, profile or place changed since all were last judged. A large contest is cut into spans of
accounts, which several lanes gather, judge and write, over one snapshot of the database. A verdict
is sealed when it is written, and who is valid first gets a promise: a freeze then only collects.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from contest_service.domain.contest import Status
from contest_service.domain.judging import Judgement
from contest_service.flows import linked, measure, sealed
from contest_service.flows.bench import Bench, by_version, digest, open_bench
from contest_service.flows.freshen import freshen, next_due
from contest_service.flows.imported import judge_imported
from contest_service.flows.jury import Jury, call_jury
from contest_service.flows.merge import LeaseLostError
from contest_service.flows.profiles import read_new_profiles
from contest_service.flows.runtime import Runtime
from contest_service.flows.verdicts import judge_gathered
from contest_service.store import benches, cases, changes, contests, history, tallies, work
from contest_service.store.benches import Former, View
from contest_service.store.cases import Span, Text
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.store.work import Work

AT_ONCE = 2000
"""Accounts that are named to the database in one go."""
SPAN = 4000
"""Actions of one kind, at most, that are gathered in one go."""
LARGE = 20_000
"""Accounts above which it is worth to call a jury of several processes, which takes a second."""
LANES = 3
"""Looks that are worked on at once where there are many: one of them mostly waits for a juror."""

Look = Callable[[Connection], Awaitable[Text]]
"""Gathers the evidence of some entrants."""
Reading = Callable[[Connection, UUID, UUID], Awaitable[Contest]]
"""Reads a contest, which stays as it is until the transaction ends."""


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """One judging of a contest: the judge's bench, and the run that may write."""

    rt: Runtime
    bench: Bench
    run: UUID
    jury: Jury


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
        if not await _is_as_it_was(conn, contest):
            return
        former = await benches.begin(conn, contest)
    async with rt.pool.acquire() as reader, reader.transaction(isolation="repeatable_read"):
        seen = await benches.view(reader)
        bench = await open_bench(reader, contest)
        whom = await _whom(reader, bench, former, seen)
        is_large = await _is_large(reader, contest, whom)
        async with call_jury(bench, is_large=is_large) as jury:
            sitting = Sitting(rt=rt, bench=bench, run=former.run, jury=jury)
            await _judge(sitting, reader, whom)
            if whom is None and contest.terms_version > 1 and len(bench.versions) == 1:
                await _judge_unseen(sitting)
    await _judge_linked(sitting)
    await _judge_imported(sitting, is_everybody=whom is None)
    async with rt.pool.acquire() as conn, conn.transaction():
        # Locked at once as a change wants it: a later judging that begins could wait for this one.
        if await _may_write(conn, sitting, read=contests.read_locked):
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
            await tallies.fold(conn, contest.workspace_id, contest.id)
            await contests.set_judged(conn, contest, at)
            await history.note_judging(conn, contest, began_at=began_at, at=at)


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


async def _is_large(conn: Connection, contest: Contest, whom: set[str] | None) -> bool:
    if whom is not None:
        return len(whom) > LARGE
    return await cases.are_more_than(conn, contest.workspace_id, contest.id, LARGE)


async def _judge(sitting: Sitting, reader: Connection, whom: set[str] | None) -> None:
    looks = _spans(reader, sitting.bench.contest) if whom is None else _named(sitting, whom)
    if not sitting.jury.is_large and (whom is None or len(whom) <= AT_ONCE):
        async for look in looks:
            if not await _judge_text(sitting, await look(reader)):
                return
        return
    snapshot, turn = await cases.share_snapshot(reader), asyncio.Lock()
    try:
        async with asyncio.TaskGroup() as lanes:
            for _ in range(LANES):
                lanes.create_task(_lane(sitting, looks, snapshot=snapshot, turn=turn))
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from failed


async def _lane(
    sitting: Sitting, looks: AsyncIterator[Look], *, snapshot: str, turn: asyncio.Lock
) -> None:
    """Take one look after the other, judge and write what it shows, until there are no more."""
    while True:
        async with turn:
            look = await anext(looks, None)
        if look is None:
            return
        async with cases.at_snapshot(sitting.rt.pool, snapshot) as conn:
            text = await look(conn)
        if not await _judge_text(sitting, text):
            return


async def _spans(conn: Connection, contest: Contest) -> AsyncIterator[Look]:
    async for span in cases.spans(conn, contest.workspace_id, contest.id, size=SPAN):
        yield partial(_gather_span, contest, span)


async def _named(sitting: Sitting, whom: set[str]) -> AsyncIterator[Look]:
    contest = sitting.bench.contest
    accounts = sorted(whom)
    for start in range(0, len(accounts), AT_ONCE):
        some = accounts[start : start + AT_ONCE]
        yield partial(_gather_named, contest, some)


async def _gather_span(contest: Contest, span: Span, conn: Connection) -> Text:
    return await cases.gather_span(conn, contest.workspace_id, contest.id, span)


async def _gather_named(contest: Contest, accounts: Sequence[str], conn: Connection) -> Text:
    return await cases.gather(conn, contest.workspace_id, contest.id, accounts)


async def _judge_unseen(sitting: Sitting) -> None:
    """Judge those who entered by something that the amended rules no longer ask for."""
    contest = sitting.bench.contest
    key, after = (contest.workspace_id, contest.id), None
    while True:
        async with sitting.rt.pool.acquire() as conn, conn.transaction():
            ids = await cases.unseen(conn, *key, after=after, limit=AT_ONCE)
            text = await cases.without_evidence(conn, *key, ids)
        if not ids or not await _judge_text(sitting, text):
            return
        after = ids[-1]


async def _judge_linked(sitting: Sitting) -> None:
    """Judge those who linked accounts."""
    async with sitting.rt.pool.acquire() as conn, conn.transaction():
        if await _may_write(conn, sitting):
            await linked.judge_linked(conn, sitting.bench, at=sitting.rt.clock())


async def _judge_imported(sitting: Sitting, *, is_everybody: bool) -> None:
    """Judge the entries of people without accounts."""
    after: UUID | None = None
    while True:
        async with sitting.rt.pool.acquire() as conn, conn.transaction():
            if not await _may_write(conn, sitting):
                return
            after = await judge_imported(
                conn,
                sitting.bench,
                after=after,
                is_everybody=is_everybody,
                at=sitting.rt.clock(),
            )
        if after is None:
            return


async def _judge_text(sitting: Sitting, text: Text) -> bool:
    """Judge everybody in a text and write their verdicts; False if these come too late."""
    rt, bench = sitting.rt, sitting.bench
    found = await sitting.jury.judge(text, at=rt.clock())
    async with rt.pool.acquire() as conn, conn.transaction():
        if not await _may_write(conn, sitting):
            return False
        in_force = await linked.subjects_of(conn, bench.contest)
        if not (in_force - bench.linked).isdisjoint(found.subjects):
            # Linked while we judged: judged with the other accounts of their persons by now.
            apart = replace(bench, linked=bench.linked | in_force)
            found = judge_gathered(apart, cases.read(text), at=rt.clock())
        await sealed.write(conn, bench.contest, found, at=rt.clock())
    return True


async def _may_write(
    conn: Connection, sitting: Sitting, *, read: Reading = contests.read_shared
) -> bool:
    """Whether nobody closed, amended, judged or froze the contest since; it stays so until the end.

    Raises LeaseLostError if a later judging of it has begun.
    """
    contest = sitting.bench.contest
    is_as_it_was = await _is_as_it_was(conn, contest, read=read)
    if not await benches.hold(conn, contest, sitting.run):
        raise LeaseLostError
    return is_as_it_was


async def _is_as_it_was(
    conn: Connection, contest: Contest, *, read: Reading = contests.read_shared
) -> bool:
    """Whether nobody changed the contest since it was read; nobody does until the end."""
    current = await read(conn, contest.workspace_id, contest.id)
    return (current.revision, current.closing_judged_at) == (
        contest.revision,
        contest.closing_judged_at,
    )


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
    text = await cases.gather(conn, contest.workspace_id, contest.id, accounts, recheck=recheck)
    return await linked.judge_found(conn, bench, cases.read(text))
