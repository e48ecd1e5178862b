"""The one job, and the sweep that finds what is due without having been rung for."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from structlog.contextvars import bound_contextvars

from contest_service.domain.errors import ContestError
from contest_service.doorbell import Doorbell
from contest_service.flows.advance import run_advance
from contest_service.flows.erase import plan_aged, run_erase
from contest_service.flows.hear import run_hear
from contest_service.flows.judge import run_judge
from contest_service.flows.log import plan_unsigned, run_sign
from contest_service.flows.look import run_look
from contest_service.flows.measure import run_measure
from contest_service.flows.merge import LeaseLostError
from contest_service.flows.notify import run_notify
from contest_service.flows.publish import run_announce
from contest_service.flows.runtime import Runtime
from contest_service.flows.scan import run_scan
from contest_service.flows.tend import run_tend
from contest_service.flows.vouch import run_vouch
from contest_service.platforms.errors import PlatformError
from contest_service.store import heard, idempotency, ownerships, sessions, sign_ins, ways_in
from contest_service.store import work as store
from contest_service.store.work import Kind, Work

SIGN_OF_LIFE = store.LEASE / 4
"""Seconds between two renewals of a running job's lease."""
SWEEP_AT_ONCE = 500
KEEP_REPLIES = timedelta(hours=24)
KEEP_EVENTS = timedelta(days=7)
"""Live events that were worked in; a platform repeats one within hours."""
KEEP_OWNERSHIPS = timedelta(hours=1)
"""After their end, so that a browser that comes late is told so."""
_LONGEST_PAUSE = 600.0

log = structlog.get_logger(__name__)

_FLOWS = {
    Kind.SCAN: run_scan,
    Kind.JUDGE: run_judge,
    Kind.ADVANCE: run_advance,
    Kind.ANNOUNCE: run_announce,
    Kind.HEAR: run_hear,
    Kind.TEND: run_tend,
    Kind.NOTIFY: run_notify,
    Kind.ERASE: run_erase,
    Kind.MEASURE: run_measure,
    Kind.SIGN: run_sign,
    Kind.VOUCH: run_vouch,
    Kind.LOOK: run_look,
}


async def work(ctx: dict[str, Any], workspace_id: str, work_id: str) -> None:
    """Take one due row, if nobody else has it, and do what it says."""
    rt: Runtime = ctx["runtime"]
    async with rt.pool.acquire() as conn:
        job = await store.take(conn, UUID(workspace_id), UUID(work_id), now=rt.clock())
    if job is None:
        return
    with bound_contextvars(work=str(job.id), kind=job.kind, subject=str(job.subject)):
        await _run(rt, job)


async def _run(rt: Runtime, job: Work) -> None:
    try:
        await _with_lease(rt, job)
    except LeaseLostError:
        log.warning("work_taken_over")
    except (ContestError, PlatformError) as error:
        log.warning("work_refused", error=error.message)
        await _try_later(rt, job, error.message)
    except Exception as error:
        # A defect must not lose the work: the row says what happened, and it is tried again.
        log.exception("work_failed")
        await _try_later(rt, job, repr(error))


async def _with_lease(rt: Runtime, job: Work) -> None:
    """Run the flow, and say all the while that it is alive. Raises LeaseLostError if too late.

    Nothing of the flow goes on after this: whoever takes the work next is the only one.
    """
    flow = asyncio.ensure_future(_FLOWS[job.kind](rt, job))
    try:
        while not (await asyncio.wait({flow}, timeout=SIGN_OF_LIFE))[0]:
            async with rt.pool.acquire() as conn:
                if not await store.extend(conn, job, now=rt.clock()) and not flow.done():
                    raise LeaseLostError
        await flow
    finally:
        flow.cancel()
        await asyncio.gather(flow, return_exceptions=True)


async def _try_later(rt: Runtime, job: Work, failure: str) -> None:
    pause = timedelta(seconds=min(2.0 ** min(job.attempts, 10), _LONGEST_PAUSE))
    try:
        async with rt.pool.acquire() as conn:
            await store.fail(conn, job, failure=failure, retry_at=rt.clock() + pause)
    except Exception:
        # The database is away: the lease runs out, and somebody takes the work up again.
        log.exception("work_left_to_its_lease")


async def sweep(ctx: dict[str, Any]) -> None:
    """Ring for whatever is due."""
    rt: Runtime = ctx["runtime"]
    bell: Doorbell = ctx["doorbell"]
    async with rt.pool.acquire() as conn:
        due = await store.due(conn, rt.clock(), limit=SWEEP_AT_ONCE)
    await bell.remind(due)


async def find_unsigned(ctx: dict[str, Any]) -> None:
    """Make due whatever stands in the log and that nobody is to sign."""
    await plan_unsigned(ctx["runtime"])


async def tidy(ctx: dict[str, Any]) -> None:
    """Forget what was kept for a while only."""
    rt: Runtime = ctx["runtime"]
    now = rt.clock()
    async with rt.pool.acquire() as conn:
        await idempotency.forget(conn, before=now - KEEP_REPLIES)
        await sign_ins.forget(conn, before=now - KEEP_REPLIES)
        await heard.forget(conn, before=now - KEEP_EVENTS)
        await ownerships.forget(conn, before=now - KEEP_OWNERSHIPS)
        await sessions.forget(conn, before=now)
        await ways_in.forget(conn, before=now)


async def age(ctx: dict[str, Any]) -> None:
    """Make the erasure of contests due that are old enough."""
    await plan_aged(ctx["runtime"], ctx["retention"])
