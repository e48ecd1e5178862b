"""Entrant evidence: what a verdict rests on, down to the answers of the platform that show it.

Of a scan only the digests of its pages are kept for ever; the bodies stay for the retention period.
While they do, the very pages that name an account are found by reading them; after that, and where
the platform was not asked for pages, there are only all pages of the scan to point at.
"""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator, Collection
from uuid import UUID

import msgspec

from contest_service.domain.errors import NotFoundError
from contest_service.flows.runtime import Runtime
from contest_service.store import contests, entrant_evidence, entrants, scans
from contest_service.store.contests import Contest
from contest_service.store.entrant_evidence import PageFact, RestedOn, Seen

AT_ONCE = 50
"""Pages that are read at once."""


class SeenIn(RestedOn, frozen=True, kw_only=True):
    """A scan that a verdict rests on, and which of its pages name the entrant.

    With `is_exact`, `found_in` are those pages; otherwise the bodies are not kept, or not all of
    them, and it may be any of the scan's pages that is not listed.
    """

    is_exact: bool
    found_in: list[PageFact]


class EntrantEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What an entrant's accounts did, and the scans that showed it."""

    presences: list[Seen]
    scans: list[SeenIn]


async def read_evidence(
    rt: Runtime, workspace_id: UUID, contest_id: UUID, entrant_id: UUID
) -> EntrantEvidence:
    """Find what an entrant's verdict rests on. Raises NotFoundError."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, workspace_id, contest_id)
        if await entrants.read(conn, workspace_id, contest_id, entrant_id) is None:
            raise NotFoundError("There is no such entrant in this contest.")
        presences = await entrant_evidence.seen(conn, contest, entrant_id)
    accounts: dict[UUID, set[str]] = {}
    for each in presences:
        if each.scan_id is not None:
            accounts.setdefault(each.scan_id, set()).add(each.account)
    found = [
        await _seen_in(rt, contest, scan_id, names) for scan_id, names in sorted(accounts.items())
    ]
    return EntrantEvidence(presences=presences, scans=found)


async def read_page(rt: Runtime, contest: Contest, scan_id: UUID, seq: int) -> bytes:
    """The body of a page as it was received. Raises NotFoundError if it is not kept."""
    async with rt.pool.acquire() as conn:
        if await entrant_evidence.scan(conn, contest, scan_id) is None:
            raise NotFoundError("This contest rests on no such scan.")
        body = await entrant_evidence.body(conn, contest, scan_id, seq)
    if body is None:
        raise NotFoundError(
            "The body of this page is not kept: only closing scans' are, and those for the "
            "retention period. Its digest stays."
        )
    return await asyncio.to_thread(zlib.decompress, body)


async def _seen_in(
    rt: Runtime, contest: Contest, scan_id: UUID, accounts: Collection[str]
) -> SeenIn:
    async with rt.pool.acquire() as conn:
        scan = await entrant_evidence.scan(conn, contest, scan_id)
    if scan is None:
        raise LookupError("a contest rests on the scans of its evidence")
    pattern = _naming(accounts)
    found: list[PageFact] = []
    is_exact = scan.pages > 0
    async for pages in _pages(rt, contest, scan_id):
        is_exact = is_exact and all(page.body is not None for page in pages)
        found += await asyncio.to_thread(_that_name, pages, pattern)
    return SeenIn(**msgspec.structs.asdict(scan), is_exact=is_exact, found_in=found)


async def _pages(
    rt: Runtime, contest: Contest, scan_id: UUID
) -> AsyncIterator[list[scans.ReadPage]]:
    after = -1
    while True:
        async with rt.pool.acquire() as conn:
            pages = await scans.pages(
                conn, contest.workspace_id, scan_id, after=after, limit=AT_ONCE
            )
        if not pages:
            return
        yield pages
        after = pages[-1].seq


def _naming(accounts: Collection[str]) -> re.Pattern[bytes]:
    """What an answer holds that names one of the accounts, as a whole word."""
    words = "|".join(re.escape(each) for each in sorted(accounts))
    return re.compile(rf"(?<![\w.-])(?:{words})(?![\w.-])".encode())


def _that_name(pages: list[scans.ReadPage], pattern: re.Pattern[bytes]) -> list[PageFact]:
    return [
        PageFact(
            seq=page.seq,
            sha256=page.sha256.hex(),
            size=page.size,
            fetched_at=page.fetched_at,
            is_kept=True,
        )
        for page in pages
        if page.body is not None and pattern.search(zlib.decompress(page.body))
    ]
