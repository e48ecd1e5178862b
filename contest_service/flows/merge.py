"""End a scan: write its pages into presence intervals, and plan what follows from the change.

Who vanished is looked at once more before that, since somebody who blocks the community, or was
taken down, has undone nothing.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Standing
from contest_service.domain.evidence import Counters, TargetKind
from contest_service.domain.pace import next_interval
from contest_service.flows.health import note_answer
from contest_service.flows.runtime import Runtime
from contest_service.platforms.base import Missing, PlatformAdapter, Remains, Support
from contest_service.store import accounts, actions, evidence, scans, targets, work
from contest_service.store.actions import Gone
from contest_service.store.rows import Connection
from contest_service.store.scans import Outcome, Scan, Watch
from contest_service.store.targets import StoredTarget
from contest_service.store.work import Work


class LeaseLostError(Exception):
    """Somebody else has taken this work over, because this run was too slow; it just stops."""


@dataclass(frozen=True, kw_only=True)
class Pass:
    """A scan that is being worked on, and what it is about."""

    rt: Runtime
    job: Work
    watch: Watch
    target: StoredTarget
    scan: Scan


async def require_lease(conn: Connection, job: Work, *, now: datetime) -> None:
    """Hold the work on, in the caller's transaction. Raises LeaseLostError if somebody else does.

    Others wait for the row until the transaction ends, so nothing is ever written twice.
    """
    if not await work.extend(conn, job, now=now):
        raise LeaseLostError


async def finish_scan(this: Pass, adapter: PlatformAdapter) -> None:
    """Merge a pass that has read everything, and ring for what became due by it."""
    # The platform's counter is asked for while the pass is compared, close to its last page.
    counting = asyncio.ensure_future(_counters(this, adapter))
    try:
        gone, standing = await _missing_now(this, adapter)
        told = await counting
    finally:
        counting.cancel()
        await asyncio.gather(counting, return_exceptions=True)
    rt, watch, target = this.rt, this.watch, this.target
    async with rt.pool.acquire() as conn, conn.transaction():
        now = rt.clock()
        await require_lease(conn, this.job, now=now)
        await accounts.set_standing(
            conn,
            target.workspace_id,
            standing,
            platform=target.platform,
            instance=target.instance,
            at=now,
        )
        before = await scans.latest_complete(conn, watch)
        is_asked = _is_asked(this, adapter)
        outcome = await _merge(conn, this, before, gone, is_asked=is_asked, now=now)
        claimed = told.counts.get(watch.action)
        await scans.finish(conn, this.scan, outcome, at=now, claimed=claimed)
        await targets.set_text(conn, target, told.text, now)
        due = await _plan(conn, this, outcome, before, now=now)
    # By itself: whoever changes a community plans its scans, and would wait for this one in a ring.
    async with rt.pool.acquire() as conn:
        await note_answer(conn, target, now=now)
    await rt.ring(due)


async def _counters(this: Pass, adapter: PlatformAdapter) -> Counters:
    """What the post says of itself; nothing of a community."""
    if this.target.kind is not TargetKind.POST:
        return Counters(counts={})
    return await adapter.counters(this.target)


async def _missing_now(
    this: Pass, adapter: PlatformAdapter
) -> tuple[list[Gone], Mapping[str, Standing]]:
    """Compare the pass with what is known: what is gone, after another look, and who is visible."""
    rt = this.rt
    async with rt.pool.acquire() as conn, conn.transaction():
        await require_lease(conn, this.job, now=rt.clock())
        gone = await actions.compare(conn, this.watch, this.scan, asked=_is_asked(this, adapter))
    missing = sorted({each.account for each in gone})
    standing = await adapter.standing(missing) if missing else {}
    return await _look_again(this, adapter, gone, standing=standing), standing


def _is_asked(this: Pass, adapter: PlatformAdapter) -> bool:
    return adapter.capabilities.actions.get(this.watch.action) is Support.ASKED


async def _look_again(
    this: Pass,
    adapter: PlatformAdapter,
    gone: Sequence[Gone],
    *,
    standing: Mapping[str, Standing],
) -> list[Gone]:
    """Leave out what only left the list and is still there, and mark what cannot be told."""
    missing = [_missing(each) for each in gone if standing.get(each.account) is Standing.VISIBLE]
    if not missing:
        return list(gone)
    found = await adapter.look_again(this.target, this.watch.action, missing)
    looked_at = [(each, found.get(_missing(each), Remains.GONE)) for each in gone]
    return [
        msgspec.structs.replace(each, is_hidden=each.is_hidden or remains is Remains.UNKNOWN)
        for each, remains in looked_at
        if remains is not Remains.THERE
    ]


def _missing(gone: Gone) -> Missing:
    return Missing(account=gone.account, ref=gone.ref, heard=gone.is_heard)


async def _merge(
    conn: Connection,
    this: Pass,
    before: Scan | None,
    gone: Sequence[Gone],
    *,
    is_asked: bool,
    now: datetime,
) -> Outcome:
    # Of who is asked about, only an answer says that they were absent.
    absent_at = None if before is None or is_asked else before.started_at
    return await actions.merge(
        conn,
        this.watch,
        this.scan,
        gone=gone,
        asked=is_asked,
        absent_at=absent_at,
        platform=this.target.platform,
        instance=this.target.instance,
        at=now,
    )


async def _plan(
    conn: Connection, this: Pass, outcome: Outcome, before: Scan | None, *, now: datetime
) -> list[work.Due]:
    watch, target = this.watch, this.target
    started_at = this.scan.started_at
    served: list[UUID] = []
    if this.scan.closing:
        # Only such a pass has kept what it read.
        served = await evidence.credit_scan(
            conn, target, watch.action, scan_id=this.scan.id, started_at=started_at
        )
    due = [
        await work.plan(conn, watch.workspace_id, work.Kind.ADVANCE, contest_id, due_at=now)
        for contest_id in sorted(served)
    ]
    if outcome.appeared or outcome.vanished or before is None:
        due += [
            await work.plan(conn, watch.workspace_id, work.Kind.JUDGE, contest_id, due_at=now)
            for contest_id in sorted(await evidence.running_contests(conn, target, watch.action))
        ]
    next_at = None
    close = await evidence.next_close(conn, target, watch.action)
    if await evidence.awaited_since(conn, target, watch.action, now=now) is not None:
        next_at = now
    elif close is not None:
        interval = next_interval(
            None if before is None else (started_at - before.started_at).total_seconds(),
            changed=outcome.appeared + outcome.vanished,
            seen=outcome.seen,
            until_close=(close - now).total_seconds(),
        )
        next_at = now + timedelta(seconds=interval)
    await work.finish(conn, this.job, next_at=next_at)
    return due


async def abort_scan(
    conn: Connection,
    watch: Watch,
    target: StoredTarget,
    scan: Scan,
    *,
    failure: str,
    at: datetime,
) -> None:
    """End a pass that did not read everything: what it saw is added, nothing is removed."""
    await actions.compare(conn, watch, scan, asked=False)
    before = await scans.latest_complete(conn, watch)
    # Of who is asked about, only an answer says that they were absent.
    is_listed = target.kind is TargetKind.POST
    outcome = await actions.merge(
        conn,
        watch,
        scan,
        gone=None,
        asked=not is_listed,
        absent_at=before.started_at if before is not None and is_listed else None,
        platform=target.platform,
        instance=target.instance,
        at=at,
    )
    await scans.finish(conn, scan, outcome, at=at, claimed=None, failure=failure)
