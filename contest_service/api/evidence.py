"""`/v1/contests/{id}/entrants/{id}/evidence` and the pages of scans: what a verdict rests on."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from contest_service.api.describe import read
from contest_service.api.given import GivenActor, GivenRuntime
from contest_service.api.pages import Limit, Page, page_of
from contest_service.domain.errors import NotFoundError
from contest_service.flows.entrant_evidence import EntrantEvidence, read_evidence, read_page
from contest_service.store import contests, entrant_evidence
from contest_service.store.entrant_evidence import PageFact

_MOST_PAGES = 2**31 - 1

AfterPage = Annotated[
    int | None,
    QueryParameter(
        ge=0, le=_MOST_PAGES, description="`next` of the page before; none for the first."
    ),
]


class ScanPageFacts(Page[PageFact], frozen=True, kw_only=True):
    """Some of the answers that a scan read, in order."""


@get(
    "/contests/{contest_id:uuid}/entrants/{entrant_id:uuid}/evidence",
    **read("read_evidence", "Read what an entrant did, and which answers show it", 404),
)
async def read_entrant_evidence(
    contest_id: FromPath[UUID], entrant_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime
) -> EntrantEvidence:
    """As it stands now. The very answers are found while their bodies are kept."""
    return await read_evidence(rt, actor.workspace_id, contest_id, entrant_id)


@get(
    "/contests/{contest_id:uuid}/scans/{scan_id:uuid}/pages",
    **read("list_scan_pages", "List the answers that a scan read, with their digests", 404),
)
async def list_scan_pages(
    contest_id: FromPath[UUID],
    scan_id: FromPath[UUID],
    actor: GivenActor,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: AfterPage = None,
) -> ScanPageFacts:
    """`is_kept` says that the body can be downloaded."""
    begin = -1 if after is None else after
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        if await entrant_evidence.scan(conn, contest, scan_id) is None:
            raise NotFoundError("This contest rests on no such scan.")
        found = await entrant_evidence.page_facts(
            conn, contest, scan_id, after=begin, limit=limit + 1
        )
    return page_of(ScanPageFacts, found, limit=limit, cursor=lambda each: each.seq)


@get(
    "/contests/{contest_id:uuid}/scans/{scan_id:uuid}/pages/{seq:int}",
    media_type="application/octet-stream",
    **read("download_scan_page", "Download an answer as it was received", 404),
)
async def download_scan_page(
    contest_id: FromPath[UUID],
    scan_id: FromPath[UUID],
    seq: FromPath[int],
    actor: GivenActor,
    rt: GivenRuntime,
) -> Response[bytes]:
    """Of closing scans, for the retention period. It speaks of many people: keep it safe."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
    body = await read_page(rt, contest, scan_id, min(seq, _MOST_PAGES))
    name = f"scan-{scan_id}-{seq}.txt"
    return Response(
        body,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )
