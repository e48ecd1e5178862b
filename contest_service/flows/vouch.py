"""Vouch: gather, before each deadline, what shows from outside when a contest's events existed.

Due for a contest whenever the log has something new of it. Whoever does not answer is asked again,
until the time is over that their word would count for.
"""

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta

import msgspec
import structlog

from contest_service.domain.schedule import unix
from contest_service.flows import timestamps, witnesses
from contest_service.flows.log import sign_head
from contest_service.flows.runtime import Runtime
from contest_service.flows.signer import (
    Authority,
    LogRewoundError,
    UnreachableError,
    Witness,
    require_signer,
)
from contest_service.proof import events
from contest_service.proof.grade import deadlines
from contest_service.store import contests, proof, vouchers, work
from contest_service.store import log as store
from contest_service.store.contests import Contest
from contest_service.store.log import Log
from contest_service.store.rows import Connection
from contest_service.store.work import Work

log = structlog.get_logger(__name__)

_LONGEST_PAUSE = 60.0
"""Seconds between two attempts."""


class Needed(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence that is worth asking for: on more than `above` leaves, from before `deadline`."""

    above: int
    deadline: int


async def run_vouch(rt: Runtime, job: Work) -> None:
    """Ask everybody who has not vouched for the contest's newest event that can still use it."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, job.workspace_id, job.subject)
        needed = await _needed(conn, contest, rt.clock())
    silent = [] if needed is None else await _gather(rt, Log.of(contest), needed)
    async with rt.pool.acquire() as conn:
        if not silent:
            await work.finish(conn, job)
            return
        pause = timedelta(seconds=min(2.0 ** min(job.attempts, 10), _LONGEST_PAUSE))
        await work.fail(conn, job, failure=" ".join(silent), retry_at=rt.clock() + pause)
    log.warning("vouchers_lacking", silent=silent, attempts=job.attempts)


async def _needed(conn: Connection, contest: Contest, now: datetime) -> Needed | None:
    """What all of the contest's events need whose deadlines are still to come."""
    lines = await proof.event_lines(conn, contest.workspace_id, contest.id)
    indices = await store.indices(conn, contest)
    open_ones = [each for each in deadlines(map(events.parse, lines)) if each.time > unix(now)]
    if not open_ones:
        return None
    return Needed(
        above=max(indices[each.seq] for each in open_ones),
        deadline=min(each.time for each in open_ones),
    )


async def _gather(rt: Runtime, name: Log, needed: Needed) -> list[str]:
    """Ask whoever has not vouched for this; return, in sentences, who gave nothing."""
    signed = await sign_head(rt, name)
    if signed is None or signed.size <= needed.above:
        raise LookupError(f"the {name} log does not reach to {needed.above}")
    lacking = await _lacking(rt, name, needed)
    asking: list[Awaitable[None]] = [
        witnesses.submit(rt, each, signed)
        if isinstance(each, Witness)
        else timestamps.stamp(rt, each, signed)
        for each in lacking.values()
    ]
    told = await asyncio.gather(*map(_attempt, asking))
    for error in told:
        if isinstance(error, LogRewoundError):
            log.error("log_rewound", log=name, error=error.message)
            raise error
    reasons = dict(zip(lacking, told, strict=True))
    return [
        f"{who} has not vouched yet." if (error := reasons.get(who)) is None else error.message
        for who in await _lacking(rt, name, needed)
    ]


async def _lacking(rt: Runtime, name: Log, needed: Needed) -> dict[str, Witness | Authority]:
    """Who has not vouched for what is needed."""
    signer = require_signer(rt.signer)
    limits = {"above": needed.above, "before": needed.deadline}
    async with rt.pool.acquire() as conn:
        cosigned = await vouchers.cosigned_in_time(conn, name, **limits)
        stamped = await vouchers.stamped_in_time(conn, name, **limits)
    lacking: dict[str, Witness | Authority] = {
        each.key.name: each for each in signer.witnesses if each.key.text not in cosigned
    }
    return lacking | {each.name: each for each in signer.authorities if each.name not in stamped}


async def _attempt(asking: Awaitable[None]) -> UnreachableError | LogRewoundError | None:
    try:
        await asking
    except (UnreachableError, LogRewoundError) as error:
        return error
    return None
