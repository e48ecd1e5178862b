"""Guards of whose accounts are whose: each account and each entry is looked up by its key."""

from datetime import timedelta
from uuid import UUID

from contest_service.domain.accounts import AccountKey, Platform
from contest_service.domain.conditions import Language
from contest_service.store import changes, entrant_traces, links, quarantines, winners
from contest_service.store.entrant_traces import Entry
from contest_service.store.links import Consent, NewLink
from contest_service.store.rows import Connection
from store.crowded import Places
from store.guards import Guard, guard

NAMED = 100
"""How many entries a call names that looks up some."""
FEW = 20
CONTESTS = 600
"""Of a workspace; each is asked for the accounts."""
LINKS = 2 * 300
"""In the largest contest."""
HELD = 2 * 300


def _entries(at: Places) -> list[Entry]:
    return [Entry(contest_id=at.contest.id, entrant_id=id_) for id_ in at.entrants]


async def _link(conn: Connection, at: Places) -> None:
    one, other = at.entrants[:2]
    shown = list(at.subjects[:2])
    consent = Consent(text="", version=1, language=Language.ENGLISH, shown=shown, at=at.now)
    new = NewLink(entrant_id=one, into_id=other, ownerships=(one, other), consent=consent)
    await links.add(conn, at.contest, new)


async def _part(conn: Connection, at: Places) -> None:
    into: UUID = await conn.fetchval(
        "SELECT into_id FROM links WHERE workspace_id = $1 AND contest_id = $2 LIMIT 1", *at.crowded
    )
    await links.part(conn, at.contest, into, at=at.now)


async def _entered(conn: Connection, at: Places) -> None:
    keys = [
        AccountKey(platform=Platform.BLUESKY, instance="bsky.social", id=account)
        for account in at.accounts[:3]
    ]
    await entrant_traces.entered(conn, at.idle, keys)


async def _since(conn: Connection, at: Places) -> None:
    await changes.note_entrants(conn, *at.crowded, at.entrants)
    await conn.execute("UPDATE evidence_changes SET seen_at = now() WHERE entrants IS NOT NULL")
    before: str = await conn.fetchval("SELECT pg_current_snapshot()::text")
    found = await changes.since(conn, *at.crowded, before, asked_since=0)
    assert found is not None
    assert len(found) > NAMED // 2


async def _read_between(conn: Connection, at: Places) -> None:
    await winners.read_between(
        conn, at.contest, at.entrants, since=at.now - timedelta(days=1), until=None
    )


GUARDS: tuple[Guard, ...] = (
    guard("links.ADD", _link, rows=FEW),
    guard("links.FOLLOW", _link, rows=LINKS),
    guard("links.FOLLOW_ACCOUNTS", _link, rows=FEW),
    guard("links.MOVE_ACCOUNT", _link, rows=FEW),
    guard("links.PART", _part, rows=LINKS),
    guard("links.GIVE_BACK", _part, rows=FEW),
    guard("entrant_traces.ENTERED", _entered, rows=3 * CONTESTS),
    guard(
        "entrant_traces.ACCOUNTS_OF",
        lambda conn, at: entrant_traces.accounts_of(conn, at.workspace_id, _entries(at)),
        rows=2 * NAMED,
    ),
    guard(
        "winners.ACCOUNTS",
        lambda conn, at: winners.accounts_of(conn, at.contest, at.entrants),
        rows=2 * NAMED,
    ),
    guard("winners.READ_BETWEEN", _read_between, rows=4 * NAMED),
    guard("changes.SINCE", _since, rows=2 * NAMED),
    guard("quarantines.HELD", lambda conn, at: quarantines.held(conn, at.contest), rows=4 * HELD),
)
