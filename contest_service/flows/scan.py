"""Scan: read one kind of action of one target completely, or say nothing about absence.

A run reads as many pages as fit its time slice, stages them with its checkpoint, and hands over;
whoever takes the work next goes on from there. Only when the last page is in are presence intervals
written (`merge`). No connection is held while the network is waited for.
"""

import hashlib
import zlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contest_service.domain.accounts import Profile
from contest_service.domain.evidence import Action, Asked, Page, Sighting
from contest_service.flows import merge, own
from contest_service.flows.health import note_failure
from contest_service.flows.runtime import Runtime, adapter_for
from contest_service.platforms.base import PlatformAdapter, Support
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.store import accounts, evidence, scans, targets, work
from contest_service.store.rows import Connection
from contest_service.store.scans import ReadPage, Scan, StagedPage
from contest_service.store.work import Work

SLICE = timedelta(seconds=25)
"""How long one run reads before it hands over."""
BATCH = 25_000
"""Actions that are staged at once, at most."""
BATCH_PAGES = 50
"""Pages that are staged at once, at most: so many are read again after a crash."""
STALE = timedelta(hours=6)
"""A pass that took longer is begun again: its beginning says too little about its end."""
ASK_AT_ONCE = 3000
"""Accounts of one question."""
_LONGEST_PAUSE = 600.0


async def run_scan(rt: Runtime, job: Work) -> None:
    """Work on a watch for one time slice, and plan what follows. Raises LeaseLostError."""
    this = await _prepare(rt, job)
    if this is None:
        return
    try:
        async with adapter_for(rt, job.workspace_id, this.target.community_id) as adapter:
            if await _read(this, adapter):
                await merge.finish_scan(this, adapter)
                return
    except PlatformError as error:
        await _give_up(this, error)
        return
    async with rt.pool.acquire() as conn:
        await work.finish(conn, job, next_at=rt.clock())
    await rt.ring([work.Due(workspace_id=job.workspace_id, id=job.id, kind=job.kind)])


async def _prepare(rt: Runtime, job: Work) -> merge.Pass | None:
    """Find the pass to go on with, or begin one; None if no contest needs it any more.

    Raises LeaseLostError.
    """
    now = rt.clock()
    async with rt.pool.acquire() as conn, conn.transaction():
        await merge.require_lease(conn, job, now=now)
        watch = await scans.read_watch(conn, job.workspace_id, job.subject)
        target = await targets.read(conn, watch.workspace_id, watch.target_id)
        awaited = await evidence.awaited_since(conn, target, watch.action, now=now)
        close = await evidence.next_close(conn, target, watch.action)
        is_needed = awaited is not None or close is not None
        scan = await scans.running(conn, watch)
        if scan is not None:
            fault = await _staleness(conn, scan, awaited, now) if is_needed else "not needed"
            if fault:
                await merge.abort_scan(conn, watch, target, scan, failure=fault, at=now)
                scan = None
        if not is_needed:
            await work.finish(conn, job)
            return None
        if scan is None:
            scan = await scans.begin(conn, watch, closing=awaited is not None, at=now)
        return merge.Pass(rt=rt, job=job, watch=watch, target=target, scan=scan)


async def _staleness(
    conn: Connection, scan: Scan, awaited: datetime | None, now: datetime
) -> str | None:
    """Say why a pass that was begun earlier cannot be gone on with; None if it can."""
    if awaited is not None and (scan.started_at < awaited or not scan.closing):
        return "superseded by a scan that begins after the close"
    if now - scan.started_at > STALE:
        return "took too long"
    if await scans.count_staged(conn, scan) != scan.staged:
        return "lost its pages in a crash of the database"
    return None


@dataclass
class _Batch:
    """What was read since the last checkpoint."""

    first_page: int
    staged: list[StagedPage] = field(default_factory=list)
    pages: list[ReadPage] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)
    size: int = 0
    """Actions and answers."""
    counted: int = 0

    def add(self, page: Page | Asked, *, at: datetime, keep_body: bool) -> None:
        self.pages.append(
            ReadPage(
                seq=self.first_page + len(self.pages),
                sha256=hashlib.sha256(page.body).digest(),
                size=len(page.body),
                fetched_at=at,
                body=zlib.compress(page.body) if keep_body else None,
            )
        )
        if isinstance(page, Page):
            self._stage("present", page.sightings, at)
            self.profiles += page.profiles
            self.counted += page.counted
        else:
            self._stage("present", page.present, at)
            self._stage("absent", _unseen(page.absent), at)
            self._stage("hidden", _unseen(page.hidden), at)

    def _stage(self, answer: str, sightings: Sequence[Sighting], at: datetime) -> None:
        seq = self.pages[-1].seq
        self.staged.append(StagedPage(seq=seq, answer=answer, seen_at=at, sightings=sightings))
        self.size += len(sightings)


def _unseen(accounts_: Sequence[str]) -> list[Sighting]:
    return [Sighting(account=account, ref="") for account in accounts_]


async def _read(this: merge.Pass, adapter: PlatformAdapter) -> bool:
    """Read until the last page (True), or until the time slice is over (False)."""
    clock = this.rt.clock
    until = clock() + SLICE
    checkpoint = this.scan.checkpoint
    batch = _Batch(first_page=this.scan.pages)
    async for page, resume in _pages(this, adapter):
        now = clock()
        batch.add(page, at=now, keep_body=this.scan.closing)
        checkpoint = resume or checkpoint
        is_over = now >= until and resume is not None
        if is_over or batch.size >= BATCH or len(batch.pages) >= BATCH_PAGES:
            await _stage(this, batch, checkpoint)
            batch = _Batch(first_page=batch.first_page + len(batch.pages))
        if is_over:
            return False
    await _stage(this, batch, checkpoint)
    return True


async def _pages(
    this: merge.Pass, adapter: PlatformAdapter
) -> AsyncIterator[tuple[Page | Asked, str | None]]:
    """Yield pages with the checkpoint from which all that follows would be read.

    None where there is no such point: after the last page, and between the answers to one question.
    Reading something twice after a crash is harmless.
    """
    action, after = this.watch.action, this.scan.checkpoint
    if adapter.capabilities.actions.get(action) is Support.LISTED:
        async for page in adapter.scan(this.target, action, after):
            yield page, page.next
        return
    while people := await _population(this, after or ""):
        after = people[-1]
        last: Asked | None = None
        async for answer in adapter.ask(this.target, action, people):
            if last is not None:
                yield last, None
            last = answer
        if last is not None:
            yield last, after


async def _population(this: merge.Pass, after: str) -> list[str]:
    async with this.rt.pool.acquire() as conn:
        return await evidence.population(
            conn, this.target, this.watch.action, after=after, limit=ASK_AT_ONCE
        )


async def _stage(this: merge.Pass, batch: _Batch, checkpoint: str | None) -> None:
    now = this.rt.clock()
    async with this.rt.pool.acquire() as conn, conn.transaction():
        await merge.require_lease(conn, this.job, now=now)
        await scans.stage(
            conn,
            this.scan,
            batch.staged,
            batch.pages,
            checkpoint=checkpoint,
            counted=batch.counted,
        )
        await accounts.keep_profiles(conn, this.target, batch.profiles, at=now)
        if this.watch.action is Action.COMMENT:
            said = [each for page in batch.staged for each in page.sightings]
            await own.notice_under(conn, this.target, said, at=now)


async def _give_up(this: merge.Pass, error: PlatformError) -> None:
    """Note a platform's failure, and when to try again: from the checkpoint if it may pass."""
    now = this.rt.clock()
    backoff = min(2.0 ** min(this.job.attempts, 10), _LONGEST_PAUSE)
    pause = timedelta(seconds=max(error.retry_after or 0.0, backoff))
    async with this.rt.pool.acquire() as conn, conn.transaction():
        await merge.require_lease(conn, this.job, now=now)
        await note_failure(conn, this.target, error, now=now)
        if error.kind is FailureKind.GONE:
            await targets.set_gone(conn, this.target, now)
        if error.is_permanent and error.kind is not FailureKind.CREDENTIAL_REJECTED:
            await merge.abort_scan(
                conn, this.watch, this.target, this.scan, failure=error.message, at=now
            )
            pause = timedelta(seconds=_LONGEST_PAUSE)
        await work.fail(conn, this.job, failure=error.message, retry_at=now + pause)
