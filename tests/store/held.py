"""Guards of what entrants hold: promises, ownerships, and what receipts rest on."""

from contest_service.store import entrants, links, ownerships, promises, receipts
from contest_service.store.log import Log
from contest_service.store.ownerships import Name, Network
from contest_service.store.rows import Connection
from store.crowded import Places
from store.guards import Guard, guard

NAMED = 100
"""How many entries a call names that looks up some."""
WAITING = 50
"""Ownerships that wait in the largest contest, and a few more."""
LINKED = 2 * 300
"""Accounts of people in the largest contest who linked two."""


def _network(at: Places) -> Network:
    return Network(workspace_id=at.workspace_id, platform="bluesky", instance="bsky.social")


async def _find(conn: Connection, at: Places) -> None:
    instance = "bsky.social"
    by_id = Name(platform="bluesky", instance=instance, account=at.accounts[0], handle="")
    handle = await conn.fetchval(
        "SELECT lower(handle) FROM accounts WHERE workspace_id = $1 AND account = $2",
        at.workspace_id,
        at.accounts[0],
    )
    by_handle = Name(platform="bluesky", instance=instance, account="", handle=handle)
    for name in (by_id, by_handle):
        found = await ownerships.find(conn, at.contest, [name])
        assert found is not None
        assert found.account == at.accounts[0]


async def _read(conn: Connection, at: Places) -> None:
    id_ = await conn.fetchval(
        "SELECT id FROM ownerships WHERE workspace_id = $1 AND contest_id = $2 LIMIT 1",
        at.workspace_id,
        at.contest.id,
    )
    assert await ownerships.read(conn, at.contest, id_) is not None


ANY_STATISTICS: tuple[Guard, ...] = (
    guard(
        "promises.LAST",
        lambda conn, at: promises.last(conn, at.contest, at.entrants),
        rows=3 * NAMED,
    ),
)
"""Of tables that fill by a million rows within seconds: good whatever the statistics say."""

GUARDS: tuple[Guard, ...] = (
    guard("ownerships.FIND", _find, rows=10),
    guard("ownerships.READ", _read, rows=2),
    guard("links.LINKED", lambda conn, at: links.members(conn, at.contest), rows=2 * LINKED),
    guard("links.ACCOUNTS", lambda conn, at: links.members(conn, at.contest), rows=2 * LINKED),
    guard(
        "links.OF_ENTRY",
        lambda conn, at: links.of_entry(conn, at.contest, at.entrants[0]),
        rows=10,
    ),
    guard(
        "entrants.OF_SUBJECT",
        lambda conn, at: entrants.of_subject(conn, *at.crowded, at.subjects[0]),
        rows=1,
    ),
    guard(
        "ownerships.WAITING",
        lambda conn, at: ownerships.lock_waiting(conn, _network(at), at.accounts[:3], at=at.now),
        rows=10,
    ),
    guard(
        "ownerships.ANY_WAITING",
        lambda conn, at: ownerships.is_any_waiting(conn, _network(at), at=at.now),
        rows=WAITING,
    ),
    guard(
        "ownerships.WAITS",
        lambda conn, at: ownerships.waits(conn, at.contest, at=at.now),
        rows=4 * WAITING,
    ),
    guard(
        "ownerships.IS_AWAITED",
        lambda conn, at: ownerships.is_awaited(
            conn, at.workspace_id, at.page.community_id, at=at.now
        ),
        rows=4 * WAITING,
    ),
    guard(
        "promises.OF_ENTRANT",
        lambda conn, at: promises.of_entrant(conn, at.contest, at.entrants[0]),
        rows=5,
    ),
    guard(
        "receipts.LOGGED",
        lambda conn, at: receipts.logged_freeze(conn, at.other),
        rows=10,
    ),
    guard(
        "receipts.SLICE",
        lambda conn, at: receipts.entries_slice(conn, at.other, 1, start=0, size=36),
        rows=1,
    ),
    guard(
        "receipts.VOUCHED",
        lambda conn, _at: receipts.vouched(conn, Log.REAL, above=100),
        rows=100,
        across=True,
    ),
)
"""Statements that run often, or over all that belongs to a contest."""
