"""Advance: whatever is due in a contest's life and that nobody has to decide.

One run takes one step, by the status and the time, and says when the next one is due. Every step is
a transaction of its own, so a crash between two of them changes nothing but the time.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError, InvalidError
from contest_service.domain.people import Actor, system
from contest_service.flows import (
    announce,
    approve,
    claims,
    closing,
    draw,
    life,
    settle,
    succeed,
)
from contest_service.flows.ledger import load_chain
from contest_service.flows.profiles import read_winners
from contest_service.flows.publish_terms import plan_scans, watch_evidence
from contest_service.flows.runtime import Runtime
from contest_service.flows.staff import read_staff
from contest_service.store import (
    announcements,
    contests,
    disqualifications,
    evidence,
    proof,
    work,
)
from contest_service.store.announcements import AnnouncementKind
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.store.work import Work

log = structlog.get_logger(__name__)

LOOK_AGAIN = timedelta(minutes=5)
"""When something that should ring by itself is looked at anyway."""
RECHECK_AT_MOST = timedelta(hours=6)
"""How long the announcement waits for the winners to be checked once more."""

MOST_RINGS = 100

NextStep = datetime | None
"""When to run again; None to wait until somebody rings."""


async def run_advance(rt: Runtime, job: Work) -> None:
    """Take the next step of a contest's life, and plan the one after it."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, job.workspace_id, job.subject)
    step = _STEPS.get(contest.status)
    next_at = None if step is None else await step(rt, contest, job)
    async with rt.pool.acquire() as conn:
        after = await contests.read(conn, job.workspace_id, job.subject)
        await work.finish(conn, job, next_at=next_at)
        # Its own next step, and the announcements and scans that this one asked for.
        due = await work.due_in(conn, job.workspace_id, rt.clock(), limit=MOST_RINGS)
    if (after.status, after.obstacle) != (contest.status, contest.obstacle):
        log.info("contest_moved", status=after.status, before=contest.status, waits=after.obstacle)
    await rt.ring(due)


async def _open(rt: Runtime, contest: Contest, job: Work) -> NextStep:
    """Scheduled: start at the opening, unless the contest was started before."""
    now = rt.clock()
    if now < contest.opens_at:
        return contest.opens_at
    async with rt.pool.acquire() as conn, conn.transaction():
        if not await contests.lock_unchanged(conn, contest):
            return now
        if not contest.terms_version:
            actor = _service(contest, job)
            try:
                async with conn.transaction():
                    await life.start_contest(conn, rt, actor, contest.id, now=now)
            except (ConflictError, InvalidError) as error:
                await contests.set_obstacle(conn, contest, f"It could not start: {error.message}")
                return None
        else:
            contest = await contests.move(conn, contest, Status.RUNNING, now=now)
            await watch_evidence(conn, rt, contest, now=now)
    return contest.closes_at


async def _close(rt: Runtime, contest: Contest, _job: Work) -> NextStep:
    """Running: at the close, ask for the closing scans."""
    now = rt.clock()
    if now < contest.closes_at:
        return contest.closes_at
    async with rt.pool.acquire() as conn, conn.transaction():
        contest = await contests.move(conn, contest, Status.CLOSING, now=now)
        await plan_scans(conn, contest, now=now)
    return now


async def _draw(rt: Runtime, contest: Contest, _job: Work) -> NextStep:
    """Frozen: from the round's time on, ask the beacon until it answers."""
    now = rt.clock()
    async with rt.pool.acquire() as conn:
        awaited = await draw.awaited(conn, contest)
    if now < awaited.begins_at:
        return awaited.begins_at
    if await draw.draw(rt, contest):
        return rt.clock()
    if not contest.obstacle:
        async with rt.pool.acquire() as conn:
            await contests.set_obstacle(
                conn, contest, f"Waiting for round {contest.round} of the beacon."
            )
    return rt.clock() + draw.ASK_EVERY


async def _announce(rt: Runtime, contest: Contest, _job: Work) -> NextStep:
    """Drawn: check the winners once more where the rules say so, then announce the final slots."""
    now = rt.clock()
    if contest.rechecked_at is None and await _rechecks(rt, contest):
        if not await _recheck(rt, contest, now):
            return now + LOOK_AGAIN
        contest = await _reread(rt, contest)
    async with rt.pool.acquire() as conn, conn.transaction():
        contest = await contests.read_locked(conn, contest.workspace_id, contest.id)
        rows = await announcements.of_contest(conn, contest.workspace_id, contest.id)
        results = [row for row in rows if row.kind is AnnouncementKind.RESULT]
        if not results:
            chain = await load_chain(conn, contest)
            await announce.enqueue_result(
                conn,
                rt,
                contest,
                await succeed.name_slots(conn, contest, chain),
                entries=len(chain.entries),
                round_=contest.round or 0,
                seq=await proof.result_seq(conn, contest),
                now=now,
            )
            return now + LOOK_AGAIN
        failed = next((row for row in results if row.state == "failed"), None)
        if failed is not None:
            obstacle = f"The result could not be published: {failed.failure}"
            await contests.set_obstacle(conn, contest, obstacle)
            return None
        if any(row.state != "published" for row in results):
            return now + LOOK_AGAIN
        await contests.move(conn, contest, Status.ANNOUNCED, now=now)
    return now


async def _rechecks(rt: Runtime, contest: Contest) -> bool:
    async with rt.pool.acquire() as conn:
        return await succeed.rechecks(conn, contest)


async def _recheck(rt: Runtime, contest: Contest, now: datetime) -> bool:
    """Judge the winners over what was read after the draw; False while that is under way."""
    is_late = now - contest.draw_at >= RECHECK_AT_MOST
    if not await read_staff(rt, contest, since=contest.draw_at) and not is_late:
        return False
    is_scanned = await _is_scanned(rt, contest)
    if not is_scanned and not is_late:
        async with rt.pool.acquire() as conn, conn.transaction():
            contest = await contests.read_locked(conn, contest.workspace_id, contest.id)
            await plan_scans(conn, contest, now=now)
        return False
    if is_scanned and not await read_winners(rt, contest) and not is_late:
        return False
    async with rt.pool.acquire() as conn, conn.transaction():
        contest = await contests.read_locked(conn, contest.workspace_id, contest.id)
        if contest.rechecked_at is not None:
            return True
        now = max(now, rt.clock())
        if is_scanned:
            await succeed.recheck_winners(conn, contest, now=now)
        else:
            await contests.override(
                conn, contest, "recheck", reason="platform-unreachable", person_id=None, at=now
            )
        await contests.set_rechecked(conn, contest, now)
    return True


async def _is_scanned(rt: Runtime, contest: Contest) -> bool:
    """Whether all that the rules ask about was read to its end after the draw."""
    async with rt.pool.acquire() as conn:
        watched = await evidence.watched(conn, contest.workspace_id, contest.id)
    return all(each.recheck_at is not None or each.is_live for each in watched)


async def _complete(rt: Runtime, contest: Contest, job: Work) -> NextStep:
    """Announced: hand on what nobody claimed, and complete when nobody can be replaced any more."""
    if await claims.expire(rt, contest, _service(contest, job)):
        return rt.clock()
    now = rt.clock()
    async with rt.pool.acquire() as conn, conn.transaction():
        contest = await contests.read_locked(conn, contest.workspace_id, contest.id)
        if contest.status is not Status.ANNOUNCED:
            return None
        await _tell_failure(conn, contest)
        waiting = await claims.unclaimed(conn, contest)
        if waiting or await disqualifications.open_ones(conn, contest):
            # Whatever else it waits for rings: a publication, an approval, a withdrawal.
            return min((each.over_at for each in waiting if each.over_at), default=None)
        completed_at = await life.completion_time(conn, contest)
        if now < completed_at:
            return completed_at
        await life.complete(conn, contest, now=now)
    return None


async def _tell_failure(conn: Connection, contest: Contest) -> None:
    """Say which succession waits for a person, since nobody's time to claim begins before."""
    rows = await announcements.of_contest(conn, contest.workspace_id, contest.id)
    failed = [
        row for row in rows if row.kind is AnnouncementKind.SUCCESSION and row.state == "failed"
    ]
    obstacle = f"A succession could not be published: {failed[0].failure}" if failed else ""
    if obstacle != contest.obstacle:
        await contests.set_obstacle(conn, contest, obstacle)


def _service(contest: Contest, job: Work) -> Actor:
    return system(contest.workspace_id, f"work:{job.id}")


async def _reread(rt: Runtime, contest: Contest) -> Contest:
    async with rt.pool.acquire() as conn:
        return await contests.read(conn, contest.workspace_id, contest.id)


_Step = Callable[[Runtime, Contest, Work], Awaitable[NextStep]]


def _decided(step: _Step) -> _Step:
    """Let disqualifications whose time has come take effect before a step."""

    async def both(rt: Runtime, contest: Contest, job: Work) -> NextStep:
        decided_at = await approve.carry_out_due(rt, contest, _service(contest, job))
        next_at = await step(rt, contest, job)
        return min((at for at in (decided_at, next_at) if at is not None), default=None)

    return both


def _overruled(step: _Step) -> _Step:
    """Let overrides whose public delay is over take effect before a step."""

    async def both(rt: Runtime, contest: Contest, job: Work) -> NextStep:
        overruled_at = await settle.carry_out_due(rt, contest, _service(contest, job))
        next_at = await step(rt, await _reread(rt, contest), job)
        return min((at for at in (overruled_at, next_at) if at is not None), default=None)

    return both


_STEPS: dict[Status, _Step] = {
    Status.SCHEDULED: _open,
    Status.RUNNING: _overruled(_close),
    Status.CLOSING: _overruled(closing.step),
    Status.FROZEN: _decided(_draw),
    Status.DRAWN: _decided(_announce),
    Status.ANNOUNCED: _decided(_complete),
}
