"""Measure: let the fraud signals look at everybody in a contest, and do what published rules say.

Comes after judging and beside it, never before a verdict: signals flag, and hold nobody unless the
terms have a threshold. Everybody is measured, since what an account is compared with changes with
every other; only what changed is written, and of comments only new ones are read. The longer a run
takes, the later comes the next.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from contest_service.domain.contest import STARTED, Status
from contest_service.domain.schedule import unix
from contest_service.domain.signals import scores
from contest_service.domain.signals.account import age_in_days
from contest_service.domain.signals.base import Surroundings, Trace
from contest_service.domain.signals.deeds import SOON
from contest_service.domain.signals.groups import CONTESTS, find_groups
from contest_service.domain.signals.neighbours import Neighbourhood
from contest_service.domain.signals.paces import find_bursts
from contest_service.flows.copies import look_through
from contest_service.flows.runtime import Runtime
from contest_service.store import changes, contests, evidence, quarantines, surroundings, work
from contest_service.store import signals as store
from contest_service.store.contests import Contest
from contest_service.store.evidence import Watched
from contest_service.store.rows import Connection
from contest_service.store.signals import Measurement, Run
from contest_service.store.surroundings import Other
from contest_service.store.work import Due, Work

PAUSE = timedelta(seconds=60)
"""After a judging, so that many of them are followed by one run."""
PRACTICE_PAUSE = timedelta(seconds=2)
RESTS = 10
"""Times as long as a run took, the next one waits at least."""


async def plan(conn: Connection, contest: Contest, *, now: datetime) -> Due:
    """Make measuring due after a judging."""
    due_at = now + (PRACTICE_PAUSE if contest.practice else PAUSE)
    last = await store.run_of(conn, contest.workspace_id, contest.id)
    if last is not None:
        due_at = max(due_at, last.measured_at + timedelta(seconds=RESTS * last.seconds))
    key = (contest.workspace_id, work.Kind.MEASURE, contest.id)
    return await work.plan(conn, *key, due_at=due_at)


async def run_measure(rt: Runtime, job: Work) -> None:
    """Measure a contest that runs."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, job.workspace_id, job.subject)
    due = await measure(rt, contest) if contest.status in STARTED else []
    async with rt.pool.acquire() as conn:
        await work.finish(conn, job)
    await rt.ring(due)


async def measure_for_rules(rt: Runtime, contest: Contest) -> Contest:
    """Measure before the list is fixed, where the terms hold by a threshold.

    Returns the contest as it is then: with another revision if somebody has to be judged anew.
    """
    holding = contest.definition.holding
    if holding is None or holding.threshold is None:
        return contest
    await measure(rt, contest)
    async with rt.pool.acquire() as conn:
        return await contests.read(conn, contest.workspace_id, contest.id)


async def measure(rt: Runtime, contest: Contest) -> list[Due]:
    """Measure all entrants, and hold or let go whom the published threshold does."""
    began_at, began = rt.clock(), time.monotonic()
    await look_through(rt, contest)
    async with rt.pool.acquire() as conn:
        weights = (await store.settings(conn, contest.workspace_id)).in_order
    accounts = await _measure_all(rt, contest, weights)
    async with rt.pool.acquire() as conn, conn.transaction():
        due = await _apply_rule(conn, contest, now=rt.clock())
        run = Run(
            version=scores.VERSION,
            weights=weights,
            accounts=accounts,
            measured_at=began_at,
            seconds=time.monotonic() - began,
        )
        await store.note_run(conn, contest, run)
    return due


async def _measure_all(rt: Runtime, contest: Contest, weights: Sequence[int]) -> int:
    count = 0
    async with (
        rt.pool.acquire() as reader,
        reader.transaction(isolation="repeatable_read", readonly=True),
    ):
        watched = await evidence.watched(reader, contest.workspace_id, contest.id)
        others = await surroundings.others(reader, contest)
        around = await _look_around(reader, contest, watched, others=others, now=rt.clock())
        batches = surroundings.traces(
            reader,
            contest,
            watched=watched,
            bursts=list(around.bursts),
            others=others,
            soon=SOON,
        )
        async for batch in _by_entrant(batches):
            count += len(batch)
            measured = await asyncio.to_thread(_measured, batch, around, weights)
            async with rt.pool.acquire() as writer:
                await store.write(writer, contest, measured, at=rt.clock())
    return count


async def _look_around(
    conn: Connection,
    contest: Contest,
    watched: Sequence[Watched],
    *,
    others: Sequence[Other],
    now: datetime,
) -> Surroundings:
    """Gather what everybody is compared with."""
    paces = await surroundings.paces(conn, contest, watched)
    numbers = await surroundings.numbers(conn, contest)
    comings = await surroundings.comings(conn, contest, others, least=CONTESTS)
    until = min(unix(now), unix(contest.closes_at)) // 60
    return Surroundings(
        opens_at=unix(contest.opens_at),
        offered=sum(each.asks_for_reposts for each in others),
        bursts=await asyncio.to_thread(find_bursts, paces, until=until),
        neighbourhood=await asyncio.to_thread(Neighbourhood, numbers),
        groups=await asyncio.to_thread(find_groups, comings),
    )


async def _by_entrant(
    batches: AsyncIterator[list[tuple[UUID, Trace]]],
) -> AsyncIterator[list[tuple[UUID, Trace]]]:
    """Divide batches so that all accounts of an entrant are in one."""
    held: list[tuple[UUID, Trace]] = []
    async for batch in batches:
        held += batch
        last = held[-1][0]
        whole = [each for each in held if each[0] != last]
        if whole:
            yield whole
        held = held[len(whole) :]
    if held:
        yield held


def _measured(
    batch: Sequence[tuple[UUID, Trace]], around: Surroundings, weights: Sequence[int]
) -> list[Measurement]:
    """Measure accounts; of an entrant with several, the one that stands out most counts."""
    found: dict[UUID, Measurement] = {}
    for entrant_id, trace in batch:
        said = scores.measure(trace, around)
        known = age_in_days(trace, around.opens_at)
        each = Measurement(
            entrant_id=entrant_id,
            score=scores.score(said.strengths, weights),
            strengths=said.strengths,
            facts=said.facts,
            age_days=None if known is None else min(known[0], 100_000),
        )
        if entrant_id not in found or each.score > found[entrant_id].score:
            found[entrant_id] = each
    return list(found.values())


async def _apply_rule(conn: Connection, contest: Contest, *, now: datetime) -> list[Due]:
    """Do what the terms say of a threshold; nothing where they are not of this contest any more."""
    current = await contests.read_locked(conn, contest.workspace_id, contest.id)
    holding = current.definition.holding
    if (
        current.status not in STARTED
        or holding is None
        or holding.threshold is None
        or holding.version != scores.VERSION
    ):
        return []
    changed = await quarantines.apply_rule(
        conn,
        current,
        weights=scores.in_order(holding.all_weights),
        threshold=holding.threshold,
        batch=uuid4(),
        at=now,
    )
    return await judge_again(conn, current, changed, now=now) if changed else []


async def judge_again(
    conn: Connection, contest: Contest, entrants: Sequence[UUID], *, now: datetime
) -> list[Due]:
    """Have entrants judged once more of whom persons, or published rules, decided something.

    A judging that is under way comes too late, so that none is written that did not know of it.
    """
    await changes.note_entrants(conn, contest.workspace_id, contest.id, entrants)
    await contests.judge_anew(conn, contest)
    kind = work.Kind.JUDGE if contest.status is Status.RUNNING else work.Kind.ADVANCE
    return [await work.plan(conn, contest.workspace_id, kind, contest.id, due_at=now)]
