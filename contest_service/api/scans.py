"""`/v1/contests/{id}/scans` and `/coverage`: how the evidence was read, and how much of it."""

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath

from contest_service.api.describe import read
from contest_service.api.given import GivenActor, GivenRuntime
from contest_service.api.pages import After, Limit, Page, by_id, page_of
from contest_service.domain.accounts import Platform
from contest_service.domain.coverage import Threshold, needed
from contest_service.domain.evidence import Action
from contest_service.store import contests, coverage, evidence, scans


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """A pass over one kind of action of one target.

    While it runs, `pages` and `staged` tell how far it is. `seen`, `appeared`, `vanished` and
    `hidden` are known at its end, `claimed` is the platform's own counter.
    """

    id: UUID
    target_id: UUID
    action: Action
    is_closing: bool
    state: str
    started_at: datetime
    finished_at: datetime | None
    pages: int
    staged: int
    seen: int | None
    appeared: int | None
    vanished: int | None
    hidden: int | None
    claimed: int | None
    failure: str | None


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """How much of what the platform counts was seen of one action on one post.

    `hidden` people vanished only from our sight, so the platform's counter still has them, and they
    count as seen in `per_cent`. `needed` is how much the closing scan has to see.
    """

    target_id: UUID
    platform: Platform
    url: str
    action: Action
    scanned_at: datetime | None
    seen: int | None
    hidden: int
    claimed: int | None
    per_cent: int
    needed: int


class ScanPage(Page[Scan], frozen=True, kw_only=True):
    """A page of scans."""


class CoveragePage(Page[Coverage], frozen=True, kw_only=True):
    """The coverage of every action on every post."""


@get(
    "/contests/{contest_id:uuid}/scans",
    **read("list_scans", "List the scans that verdicts rest on, newest first", 404),
)
async def list_scans(
    contest_id: FromPath[UUID],
    actor: GivenActor,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: After = None,
) -> ScanPage:
    async with rt.pool.acquire() as conn:
        await contests.read(conn, actor.workspace_id, contest_id)
        watched = await evidence.watched(conn, actor.workspace_id, contest_id)
        found = await scans.of_contest(
            conn, actor.workspace_id, contest_id, before=after, limit=limit + 1
        )
    watches = {each.watch_id: each for each in watched}
    known = [_scan(each, watches[each.watch_id]) for each in found]
    return page_of(ScanPage, known, limit=limit, cursor=by_id)


@get(
    "/contests/{contest_id:uuid}/coverage",
    **read("read_coverage", "Say how much was seen of what the platform counts", 404),
)
async def read_coverage(
    contest_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime
) -> CoveragePage:
    """Of the closing scans, or else of the latest complete ones."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        found = await coverage.of_contest(conn, actor.workspace_id, contest_id)
    threshold = contest.definition.coverage
    return CoveragePage(items=[_coverage(each, threshold) for each in found], next=None)


def _scan(scan: scans.Scan, watch: evidence.Watched) -> Scan:
    return Scan(
        id=scan.id,
        target_id=watch.target_id,
        action=watch.action,
        is_closing=scan.closing,
        state=scan.state,
        started_at=scan.started_at,
        finished_at=scan.finished_at,
        pages=scan.pages,
        staged=scan.staged,
        seen=scan.seen,
        appeared=scan.appeared,
        vanished=scan.vanished,
        hidden=scan.hidden,
        claimed=scan.claimed,
        failure=scan.failure,
    )


def _coverage(found: coverage.Coverage, threshold: Threshold) -> Coverage:
    return Coverage(
        **msgspec.structs.asdict(found),
        per_cent=found.per_cent,
        needed=needed(threshold, found.action, found.platform),
    )
