"""Guards of what was decided about verdicts: history, overrides, appeals; what they rest on."""

from datetime import timedelta
from uuid import UUID

from contest_service.domain.appeals import AppealState
from contest_service.store import appeals, entrant_evidence, history, overrides
from contest_service.store.rows import Connection
from store.crowded import Places
from store.guards import PAGE, Guard, guard, pages

FEW = 2 * PAGE
# One in so many is of a kind: where kinds are mixed, a walk past the others is fine.
MIXED = 20 * PAGE
SCANNED = 150
"""Pages of one scan."""
OPEN = 50
"""Appeals that wait in the largest contest; and more than it has of overrides in force."""
APPEALS = 1000


async def _changed(conn: Connection, at: Places, after: UUID | None) -> object:
    return await history.changed(
        conn,
        at.contest,
        since=at.now - timedelta(days=1),
        until=at.now,
        after=after,
        limit=PAGE,
    )


async def _appeared(conn: Connection, at: Places, after: UUID | None) -> object:
    return await history.appeared(
        conn,
        at.contest,
        since=at.now - timedelta(days=1),
        until=at.now,
        after=after,
        limit=PAGE,
    )


async def _note(conn: Connection, at: Places) -> object:
    return await history.note_judging(conn, at.contest, began_at=at.now, at=at.now, entrants=1)


GUARDS: tuple[Guard, ...] = (
    *pages(
        "history.JUDGINGS",
        lambda conn, at, after: history.judgings(conn, at.contest, before=after, limit=PAGE),
        of="judgings",
        rows=FEW,
    ),
    guard("history.NOTE", _note, rows=3 * FEW),
    guard(
        "history.OF_ENTRANT",
        lambda conn, at: history.of_entrant(conn, at.contest, at.entrants[0], limit=PAGE),
        rows=10,
    ),
    # Each is looked up by their key, with all of their two changes; later pages walk past the
    # second ones.
    guard(
        "history.CHANGED",
        lambda conn, at: _changed(conn, at, None),
        rows=8 * PAGE,
    ),
    guard("history.FIRST_OF", lambda conn, at: _changed(conn, at, at.entrants[0]), rows=5),
    guard("history.ENDED_BY", lambda conn, at: _appeared(conn, at, None), rows=5),
    *pages("history.APPEARED", _appeared, of="entrants", rows=4 * PAGE),
    *pages(
        "overrides.LIST",
        lambda conn, at, after: overrides.list_page(conn, at.contest, after=after, limit=PAGE),
        of="override_proposals",
        rows=FEW,
    ),
    guard("overrides.RULINGS", lambda conn, at: overrides.rulings(conn, at.contest), rows=OPEN),
    guard("overrides.IN_FORCE", lambda conn, at: overrides.in_force(conn, at.contest), rows=OPEN),
    guard("overrides.OPEN", lambda conn, at: overrides.open_ones(conn, at.contest), rows=OPEN),
    *pages(
        "overrides.OPEN_PAGE",
        lambda conn, at, after: overrides.open_page(conn, at.contest, after=after, limit=PAGE),
        of="override_proposals",
        rows=OPEN,
    ),
    guard(
        "overrides.COVERAGE_OPEN",
        lambda conn, at: overrides.is_coverage_open(conn, at.contest),
        rows=1,
    ),
    guard(
        "overrides.OF_ENTRANT",
        lambda conn, at: overrides.of_entrant(conn, at.contest, at.entrants[0]),
        rows=OPEN,
    ),
    *pages(
        "appeals.LIST",
        lambda conn, at, after: appeals.list_page(
            conn, at.contest, state=None, after=after, limit=PAGE
        ),
        of="appeals",
        rows=FEW,
    ),
    *pages(
        "appeals.LIST_IN",
        lambda conn, at, after: appeals.list_page(
            conn, at.contest, state=AppealState.OPEN, after=after, limit=PAGE
        ),
        of="appeals",
        rows=MIXED,
    ),
    guard(
        "appeals.OF_ENTRANT",
        lambda conn, at: appeals.of_entrant(conn, at.contest, at.entrants[0]),
        rows=5,
    ),
    guard("appeals.DESK", lambda conn, at: appeals.desk(conn, at.contest), rows=APPEALS),
    guard(
        "entrant_evidence.SEEN",
        lambda conn, at: entrant_evidence.seen(conn, at.contest, at.entrants[0]),
        rows=FEW,
    ),
    guard(
        "entrant_evidence.PAGE_FACTS",
        lambda conn, at: entrant_evidence.page_facts(
            conn, at.contest, at.middle["scans"], after=-1, limit=PAGE
        ),
        rows=SCANNED,
    ),
)
