"""Guards of an organiser's record: it looks at one workspace's contests, and at no entrants."""

from contest_service.store import organisers
from contest_service.store.log import Log
from contest_service.store.rows import Connection
from store.crowded import Places
from store.guards import PAGE, Guard, guard, pages
from store.paged import FEW

CONTESTS = 2_100
"""Of the first workspace, and a little more."""
WINNERS = 8_000
"""Who was named, claimed and got something there, and the contests of all of them."""


async def _seen(conn: Connection, at: Places) -> object:
    deadlines = {at.contest.id: 2**40, at.other.id: 2**40}
    return await organisers.seen_in_time(conn, at.workspace_id, deadlines, Log.REAL)


GUARDS: tuple[Guard, ...] = (
    guard(
        "organisers.ENDINGS",
        lambda conn, at: organisers.endings(conn, at.workspace_id),
        rows=CONTESTS,
    ),
    guard(
        "organisers.DRAWN",
        lambda conn, at: organisers.drawn(conn, at.workspace_id, late_after=3600),
        rows=2 * CONTESTS,
    ),
    guard(
        "organisers.HANDED",
        lambda conn, at: organisers.handed(conn, at.workspace_id),
        rows=WINNERS,
    ),
    guard(
        "organisers.LOST",
        lambda conn, at: organisers.lost(conn, at.workspace_id),
        rows=CONTESTS,
        across=True,
    ),
    *pages(
        "organisers.LIST",
        lambda conn, at, start: organisers.list_public(
            conn, at.workspace_id, practice=at.contest.practice, before=start, limit=PAGE
        ),
        of="contests",
        rows=FEW,
    ),
    guard(
        "organisers.FACTS",
        lambda conn, at: organisers.facts(conn, at.workspace_id, [at.contest.id, at.other.id]),
        rows=WINNERS,
    ),
    guard("organisers.SEEN", _seen, rows=FEW),
)
