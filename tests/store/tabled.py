"""Guards of the table of entrants and of what a contest's page asks: nothing counts a crowd."""

from contest_service.domain.judging import EntrantState
from contest_service.store import entrant_table, pings, surveys, tallies
from contest_service.store.entrant_table import MOST_COUNTED, Walk
from contest_service.store.rows import Connection
from store.crowded import Places
from store.guards import PAGE, Call, Guard, guard
from store.paged import FEW, MIXED

ON, BACK = Walk(limit=PAGE), Walk(limit=PAGE, is_back=True)


def _newest(walk: Walk) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        start = at.middle["entrants"]
        return await entrant_table.newest(conn, at.contest, start=start, walk=walk)

    return call


def _kinds(walk: Walk) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        kinds = await _known_kinds(conn, at)
        start = at.middle["entrants"]
        return await entrant_table.of_kinds(conn, at.contest, kinds, start=start, walk=walk)

    return call


async def _known_kinds(conn: Connection, at: Places) -> list[tuple[EntrantState, str]]:
    tallied = await tallies.of_contest(conn, *at.crowded)
    return sorted({(each.state, each.reason) for each in tallied})[:3]


def _marks(walk: Walk) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        start = at.middle["entrants"]
        return await entrant_table.of_marks(
            conn, at.contest, ["dh", "hd", ""], start=start, walk=walk
        )

    return call


def _scores(walk: Walk) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        start = (40, at.middle["entrants"])
        return await entrant_table.by_score(conn, at.contest, least=1, start=start, walk=walk)

    return call


def _platform(walk: Walk) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        return await entrant_table.of_platform(
            conn, at.contest, "bluesky", start=("localhost:2582", "did:plc:5"), walk=walk
        )

    return call


def _labels(walk: Walk) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        start = ("@p", at.middle["entrants"])
        return await entrant_table.by_label(conn, at.contest, ["@", "p"], start=start, walk=walk)

    return call


async def _asking(conn: Connection, at: Places) -> object:
    return await surveys.asking(conn, at.contest, [at.post.id], limit=PAGE)


async def _scored(conn: Connection, at: Places) -> object:
    return await entrant_table.count_scored(conn, at.contest, least=1)


async def _named(conn: Connection, at: Places) -> object:
    return await entrant_table.count_named(conn, at.contest, ["@"])


async def _versions(conn: Connection, at: Places) -> object:
    return await pings.versions(conn, at.workspace_id, at.contest.id)


async def _surveys(conn: Connection, at: Places) -> object:
    return await surveys.of_contest(conn, *at.crowded)


GUARDS: tuple[Guard, ...] = (
    guard("entrant_table.NEWEST", _newest(ON), rows=FEW),
    guard("entrant_table.NEWEST_BACK", _newest(BACK), rows=FEW),
    guard("entrant_table.OF_KINDS", _kinds(ON), rows=3 * FEW),
    guard("entrant_table.OF_KINDS_BACK", _kinds(BACK), rows=3 * FEW),
    guard("entrant_table.OF_MARKS", _marks(ON), rows=3 * FEW),
    guard("entrant_table.OF_MARKS_BACK", _marks(BACK), rows=3 * FEW),
    guard("entrant_table.BY_SCORE", _scores(ON), rows=2 * FEW),
    guard("entrant_table.BY_SCORE_BACK", _scores(BACK), rows=2 * FEW),
    guard("entrant_table.OF_PLATFORM", _platform(ON), rows=2 * FEW),
    guard("entrant_table.OF_PLATFORM_BACK", _platform(BACK), rows=2 * FEW),
    guard("entrant_table.ONWARD_BY_LABEL", _labels(ON), rows=3 * FEW),
    guard("entrant_table.BACK_BY_LABEL", _labels(BACK), rows=3 * FEW),
    guard("entrant_table.COUNT_SCORED", _scored, rows=MOST_COUNTED + 1),
    guard("entrant_table.COUNT_NAMED", _named, rows=MOST_COUNTED + 1),
    guard("surveys.ASKING", _asking, rows=FEW),
    guard("surveys.OF_CONTEST", _surveys, rows=MIXED),
    guard("pings.VERSIONS", _versions, rows=5 * MIXED),
)
