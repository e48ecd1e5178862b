"""Guards of who is excluded, and of entries that were brought in without accounts."""

from datetime import timedelta
from uuid import UUID

from contest_service.domain.accounts import Platform
from contest_service.store import communities, exported, imports, lists, staff, winners
from contest_service.store.rows import Connection
from store.crowded import Places
from store.guards import PAGE, Guard, guard, pages

FEW = 2 * PAGE
NAMED = 100
OF_IMPORT = 10
"""Entries of one import."""
OPEN_CONTESTS = 4_000
"""Of the workspace: its contests, of which those are passed over that ended long ago."""
WON = 3_000
"""What the workspace's other contests say of their winners within a month."""


async def _entries(conn: Connection, at: Places) -> object:
    found = await imports.entries(conn, *at.crowded, at.middle["imports"], after=None, limit=PAGE)
    assert len(found) == OF_IMPORT
    return found


async def _brought(conn: Connection, at: Places, after: UUID | None) -> object:
    return await imports.brought(conn, *at.crowded, after=after, limit=PAGE, is_everybody=True)


async def _due(conn: Connection, at: Places, after: UUID | None) -> object:
    return await imports.brought(conn, *at.crowded, after=after, limit=PAGE, is_everybody=False)


async def _winners(conn: Connection, at: Places) -> object:
    since = int((at.now - timedelta(days=30)).timestamp())
    return await winners.of_others(conn, at.contest, since=since)


GUARDS: tuple[Guard, ...] = (
    *pages(
        "imports.LIST",
        lambda conn, at, start: imports.list_page(conn, *at.crowded, before=start, limit=PAGE),
        of="imports",
        rows=FEW,
    ),
    guard("imports.ENTRIES", _entries, rows=3 * OF_IMPORT),
    *pages("imports.BROUGHT", _brought, of="imported_entries", rows=3 * PAGE),
    *pages("imports.DUE", _due, of="imported_entries", rows=3 * PAGE),
    *pages(
        "imports.UNERASED",
        lambda conn, at, start: imports.unerased(conn, *at.crowded, after=start, limit=PAGE),
        of="imported_entries",
        rows=FEW,
    ),
    guard(
        "imports.TAKEN",
        lambda conn, at: imports.taken(conn, at.contest, [str(n) for n in range(NAMED)]),
        rows=NAMED,
    ),
    guard(
        "exported.ACCOUNTS",
        lambda conn, at: exported.accounts(conn, *at.crowded, at.entrants),
        rows=2 * NAMED,
    ),
    guard(
        "exported.REFERENCES",
        lambda conn, at: exported.references(conn, *at.crowded, at.entrants),
        rows=NAMED,
    ),
    guard("lists.NEXT_END", lambda conn, at: lists.next_end(conn, at.workspace_id), rows=2),
    guard(
        "communities.ON_NETWORK",
        lambda conn, at: communities.on_network(
            conn, at.workspace_id, Platform.BLUESKY, "bsky.social"
        ),
        rows=1_000,
    ),
    guard("staff.OF_CONTEST", lambda conn, at: staff.of_contest(conn, *at.crowded), rows=10),
    guard("winners.WINNERS", _winners, rows=OPEN_CONTESTS + WON),
)
"""Statements that run often, or over all that belongs to a contest."""
