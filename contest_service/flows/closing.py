"""Closing: from the close to the freeze.

The closing scans are awaited, everybody is judged over them, and at the freeze time the list is
fixed. Where scans are late or saw too little, freeze and draw are postponed in public while that is
still possible; after the draw time nothing can save the contest, and it is void. Whoever is alone
and goes on below the coverage waits for the end of a public delay, and so does the freeze.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
import structlog

from contest_service.domain.accounts import Standing
from contest_service.domain.contest import Definition
from contest_service.domain.coverage import needed
from contest_service.domain.delays import Delay, say_delay
from contest_service.domain.errors import ConflictError
from contest_service.domain.evidence import TargetKind
from contest_service.flows import freeze as freezing
from contest_service.flows import life, measure, overrule, quiz
from contest_service.flows.freshen import freshen
from contest_service.flows.judge import judge_all
from contest_service.flows.merge import require_lease
from contest_service.flows.profiles import read_profiles
from contest_service.flows.publish_terms import plan_scans
from contest_service.flows.runtime import Runtime, adapter_for
from contest_service.platforms.errors import PlatformError
from contest_service.proof.errors import ProofError
from contest_service.store import (
    accounts,
    appeals,
    contests,
    coverage,
    entrants,
    evidence,
    overrides,
    targets,
    work,
)
from contest_service.store.contests import Contest
from contest_service.store.coverage import Coverage
from contest_service.store.evidence import Watched
from contest_service.store.targets import StoredTarget
from contest_service.store.work import Work

log = structlog.get_logger(__name__)

LOOK_AGAIN = timedelta(seconds=30)
ASK_AT_ONCE = 3000
"""Accounts that are looked at in one go."""
MOST_POSTPONEMENTS = 6
LEAST_DELAY = timedelta(minutes=15)
LEAST_PRACTICE_DELAY = timedelta(seconds=20)


async def step(rt: Runtime, contest: Contest, job: Work) -> datetime | None:
    """Take the next step of a closing contest; returns when to look again."""
    now = rt.clock()
    if now >= contest.draw_at:
        await _void(rt, contest, "missed")
        return None
    async with rt.pool.acquire() as conn:
        watched = await evidence.watched(conn, contest.workspace_id, contest.id)
    waiting = [each for each in watched if each.closing_at is None and not each.is_live]
    if not waiting and contest.closing_judged_at is None:
        is_fresh = await freshen(rt, contest, since=contest.closes_at)
        if not is_fresh and now < contest.freeze_at:
            return min(now + LOOK_AGAIN, contest.freeze_at)
        if lost := await _open_answers(rt, contest):
            return await _wait_for_answers(rt, contest, lost)
        read_at = max((each.closing_at for each in watched if each.closing_at), default=None)
        await _judge(rt, contest, job, read_at)
        return rt.clock()
    if now < contest.freeze_at:
        if waiting and all(each.kind is TargetKind.COMMUNITY for each in waiting):
            # Who is asked about follows is known only now that all posts are read.
            await _ask_last(rt, contest, now)
        return min(now + LOOK_AGAIN, contest.freeze_at) if waiting else contest.freeze_at
    if waiting:
        return await _postpone(rt, contest, Delay.SCANS, await _lateness(rt, contest, waiting))
    if low := await _seen_too_little(rt, contest):
        return await _postpone(rt, contest, Delay.COVERAGE, _shortfall(contest, low), low=low)
    return await _freeze(rt, contest)


async def _open_answers(rt: Runtime, contest: Contest) -> str:
    """Tell everybody the right answers, now that nobody can answer any more.

    Says what stands in the way; empty if nothing does.
    """
    try:
        await quiz.open_answers(rt, contest)
    except quiz.AnswersLostError as error:
        log.warning("quiz_answers_lost", contest=str(contest.id), obstacle=error.message)
        return error.message
    return ""


async def _wait_for_answers(rt: Runtime, contest: Contest, lost: str) -> datetime | None:
    """Nobody can be judged without the answers: the freeze waits for them as for a late scan."""
    now = rt.clock()
    if now >= contest.freeze_at:
        return await _postpone(rt, contest, Delay.ANSWERS, lost)
    async with rt.pool.acquire() as conn:
        await contests.set_obstacle(conn, contest, lost)
    return min(now + LOOK_AGAIN, contest.freeze_at)


async def _ask_last(rt: Runtime, contest: Contest, now: datetime) -> None:
    async with rt.pool.acquire() as conn, conn.transaction():
        await plan_scans(conn, contest, now=now)


async def _judge(rt: Runtime, contest: Contest, job: Work, read_at: datetime | None) -> None:
    """Judge everybody over the closing scans, and once more after looking at who we cannot see.

    `read_at` is when the last of these scans was finished.
    """
    await read_profiles(rt, contest, at_close=True)
    await judge_all(rt, contest)
    measured = await measure.measure_for_rules(rt, contest)
    was_looked = await _look_at_doubtful(rt, measured, job, read_at)
    if was_looked or measured.revision != contest.revision:
        contest = measured
        await judge_all(rt, contest)
    async with rt.pool.acquire() as conn:
        await contests.set_closing_judged(conn, contest, rt.clock())


async def _look_at_doubtful(
    rt: Runtime, contest: Contest, job: Work, read_at: datetime | None
) -> bool:
    """Ask whether we can see those who do not count: blocked or taken down is not undone.

    Tells whether anybody was looked at. Raises LeaseLostError.
    """
    async with rt.pool.acquire() as conn:
        posts = await targets.posts(conn, contest.workspace_id, contest.id)
    was_looked = False
    for post in {(post.platform, post.instance): post for post in posts}.values():
        try:
            async with adapter_for(rt, contest.workspace_id, post.community_id) as adapter:
                async for people in _doubtful(rt, contest, post, since=read_at):
                    standing = await adapter.standing(people)
                    await _keep_standing(rt, job, post, standing)
                    was_looked = True
        except PlatformError:
            continue  # they stay as judged; the closing scans themselves are complete
    return was_looked


async def _doubtful(
    rt: Runtime, contest: Contest, post: StoredTarget, *, since: datetime | None
) -> AsyncIterator[list[str]]:
    """Yield, in pages, who was not looked at since: a run that was cut off is gone on with."""
    after = ""
    while True:
        async with rt.pool.acquire() as conn:
            people = await entrants.doubtful(
                conn,
                contest,
                platform=post.platform,
                instance=post.instance,
                since=since,
                after=after,
                limit=ASK_AT_ONCE,
            )
        if not people:
            return
        after = people[-1]
        yield people


async def _keep_standing(
    rt: Runtime, job: Work, post: StoredTarget, standing: Mapping[str, Standing]
) -> None:
    async with rt.pool.acquire() as conn, conn.transaction():
        now = rt.clock()
        await require_lease(conn, job, now=now)
        await accounts.set_standing(
            conn,
            post.workspace_id,
            standing,
            platform=post.platform,
            instance=post.instance,
            at=now,
        )


async def _seen_too_little(rt: Runtime, contest: Contest) -> list[Coverage]:
    """What the closing scans saw less of than the terms ask for, or than persons go on with."""
    async with rt.pool.acquire() as conn:
        covered = await coverage.of_contest(conn, contest.workspace_id, contest.id)
        accepted = await overrule.accepted_coverage(conn, contest)
    low = [each for each in covered if each.per_cent < _needed(contest, each)]
    return [each for each in low if accepted is None or each.per_cent < accepted]


def _needed(contest: Contest, seen: Coverage) -> int:
    return needed(contest.definition.coverage, seen.action, seen.platform)


def _shortfall(contest: Contest, low: Sequence[Coverage]) -> str:
    worst = min(low, key=lambda each: each.per_cent - _needed(contest, each))
    return (
        f"The closing scan saw {worst.per_cent} % of the {worst.action}s that "
        f"{worst.platform.label} counts, "
        f"and the terms ask for {_needed(contest, worst)} %."
    )


async def _lateness(rt: Runtime, contest: Contest, waiting: Sequence[Watched]) -> str:
    subjects = [each.watch_id for each in waiting]
    async with rt.pool.acquire() as conn:
        failures = await work.failures(conn, contest.workspace_id, work.Kind.SCAN, subjects)
    return " ".join(["The closing scans are not complete yet.", *failures])


async def _freeze(rt: Runtime, contest: Contest) -> datetime | None:
    try:
        async with rt.pool.acquire() as conn, conn.transaction():
            if not await contests.lock_unchanged(conn, contest):
                return rt.clock()
            now = rt.clock()
            await overrides.lapse(conn, contest, at=now)
            await appeals.end(conn, contest, at=now)
            await freezing.freeze(conn, rt, contest, now=now)
    except ProofError as error:
        if error.code == "late_freeze":
            obstacle = "The freeze came too close to the draw."
            return await _postpone(rt, contest, Delay.DISTANCE, obstacle)
        await _void(rt, contest, error.code.replace("_", "-"))
        return None
    return rt.clock()


async def _postpone(
    rt: Runtime, contest: Contest, delay: Delay, obstacle: str, *, low: Sequence[Coverage] = ()
) -> datetime | None:
    """Move freeze and draw in public, by twice as much each time; give up after a while.

    Everybody reads in the contest's language why; `obstacle` is what whoever can mend it needs.

    Where closing scans saw too little (`low`), they prove nothing, and are made anew; while going
    on nevertheless waits for its public delay, the freeze waits for that.
    """
    now = rt.clock()
    async with rt.pool.acquire() as conn, conn.transaction():
        if not await contests.lock_unchanged(conn, contest):
            return now
        waits_until = await overrule.coverage_due_at(conn, contest) if low else None
        if contest.postponements >= MOST_POSTPONEMENTS and waits_until is None:
            await life.void(conn, rt, contest, reason="evidence-incomplete", now=now)
            return None
        later = _later(contest, now, waits_until or now)
        try:
            async with conn.transaction():
                for each in low:
                    await evidence.discount(
                        conn, contest, each.target_id, each.action, why=obstacle
                    )
                contest = await life.amend(
                    conn,
                    rt,
                    contest,
                    later,
                    reason=say_delay(delay, contest.definition.language),
                    now=now,
                    rescan=bool(low),
                )
        except ConflictError:
            return now  # the draw time has come while we tried: the next step is the missed one
        await contests.count_postponement(conn, contest)
        await contests.set_obstacle(conn, contest, obstacle)
    return now


def _later(contest: Contest, now: datetime, waits_until: datetime) -> Definition:
    schedule = contest.definition.schedule
    least = LEAST_PRACTICE_DELAY if contest.practice else LEAST_DELAY
    delay = max(least * 2**contest.postponements, waits_until - now + least)
    freeze_at = (now + delay).replace(microsecond=0)
    draw_at = freeze_at + max(
        contest.draw_at - contest.freeze_at, timedelta(seconds=schedule.min_lead)
    )
    moved = msgspec.structs.replace(schedule, freeze_at=freeze_at, draw_at=draw_at)
    return msgspec.structs.replace(contest.definition, schedule=moved)


async def _void(rt: Runtime, contest: Contest, reason: str) -> None:
    async with rt.pool.acquire() as conn, conn.transaction():
        if await contests.lock_unchanged(conn, contest):
            await life.void(conn, rt, contest, reason=reason, now=rt.clock())
