"""Guards of the table of entrants and of what a contest's page asks: nothing counts a crowd."""

from contest_service.domain.judging import EntrantState
from contest_service.store import (
    entrant_choice,
    entrant_table,
    pings,
    questions,
    surveys,
    tallies,
    waiting,
)
from contest_service.store.entrant_choice import MOST_LOOKED_AT, MOST_WALKED, Fits, Span
from contest_service.store.entrant_table import MOST_COUNTED, Walk
from contest_service.store.rows import Connection
from contest_service.store.tallies import Tallied
from store.crowded import Places
from store.guards import PAGE, Call, Guard, guard
from store.paged import FEW, MIXED

COLLECTED = 2 * 700 + 2 * PAGE
"""Everybody of the first kinds is looked at, and their scores; nobody else."""
KINDS = 3
ON, BACK = Walk(limit=PAGE), Walk(limit=PAGE, is_back=True)


def _newest(walk: Walk) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        start = at.middle["entrants"]
        return await entrant_table.newest(conn, at.contest, start=start, walk=walk)

    return call


SPANS = [Span(low="@", high="@\U0010ffff"), Span(low="p", high="p\U0010ffff")]


async def _fits(conn: Connection, at: Places, *, least: int = 0, kinds: int = KINDS) -> Fits:
    """The first of the kinds that there are."""
    tallied = await tallies.of_contest(conn, *at.crowded)
    return Fits(kinds=tallied[:kinds], least=least)


def _nobody(*, least: int = 0) -> Fits:
    """So many of so many kinds that all ids are walked, though in fact there is nobody."""
    kinds = [
        Tallied(
            platform=str(number),
            state=EntrantState.VALID,
            reason="none",
            marks="",
            entrants=PAGE,
            tickets=PAGE,
        )
        for number in range(MOST_WALKED // PAGE + 1)
    ]
    return Fits(kinds=kinds, least=least)


def _kinds(walk: Walk) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        fits, start = await _fits(conn, at), at.middle["entrants"]
        return await entrant_choice.by_id(conn, at.crowded, fits, start=start, walk=walk)

    return call


def _many_ids(walk: Walk) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        return await entrant_choice.by_id(conn, at.crowded, _nobody(), start=None, walk=walk)

    return call


def _few_labels(walk: Walk, *, least: int = 1, kinds: int = KINDS) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        fits = await _fits(conn, at, least=least, kinds=kinds)
        start = ("@p", at.middle["entrants"]) if kinds > 1 else None
        return await entrant_choice.few_by_label(
            conn, at.contest, fits, spans=SPANS, start=start, walk=walk
        )

    return call


def _few_scores(walk: Walk) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        fits, start = await _fits(conn, at, least=1), (40, at.middle["entrants"])
        return await entrant_choice.few_by_score(conn, at.contest, fits, start=start, walk=walk)

    return call


def _count_few(*, least: int = 1, kinds: int = KINDS) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        fits = await _fits(conn, at, least=least, kinds=kinds)
        return await entrant_choice.count_few(conn, at.contest, fits, spans=SPANS)

    return call


def _many_labels(walk: Walk) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        return await entrant_choice.many_by_label(
            conn, at.contest, _nobody(), span=SPANS[0], start=None, walk=walk
        )

    return call


def _many_scores(walk: Walk) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        nobody = _nobody(least=1)
        return await entrant_choice.many_by_score(conn, at.contest, nobody, start=None, walk=walk)

    return call


def _asking(is_answered: bool | None) -> Call:
    async def call(conn: Connection, at: Places) -> object:
        return await questions.list_page(
            conn, at.contest, [at.post.id], is_answered=is_answered, after=None, limit=PAGE
        )

    return call


async def _waiting(conn: Connection, at: Places) -> object:
    return await waiting.of_contests(conn, at.workspace_id, [at.contest.id])


async def _ids(conn: Connection, at: Places) -> object:
    return await entrant_table.of_ids(conn, at.contest, at.entrants)


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
    guard("entrant_table.OF_IDS", _ids, rows=9 * PAGE),
    guard("entrant_choice.OF_KINDS", _kinds(ON), rows=KINDS * FEW),
    guard("entrant_choice.OF_KINDS_BACK", _kinds(BACK), rows=KINDS * FEW),
    guard("entrant_choice.MANY_IDS", _many_ids(ON), rows=MOST_LOOKED_AT),
    guard("entrant_choice.MANY_IDS_BACK", _many_ids(BACK), rows=MOST_LOOKED_AT),
    guard("entrant_choice.FEW_LABELS", _few_labels(ON), rows=COLLECTED),
    guard("entrant_choice.FEW_LABELS_BACK", _few_labels(BACK), rows=COLLECTED),
    guard(
        "entrant_choice.FEW_LABELS",
        _few_labels(ON, least=0, kinds=1),
        rows=COLLECTED,
        what="of one kind",
    ),
    guard("entrant_choice.FEW_SCORES", _few_scores(ON), rows=COLLECTED),
    guard("entrant_choice.FEW_SCORES_BACK", _few_scores(BACK), rows=COLLECTED),
    guard("entrant_choice.COUNT_FEW", _count_few(), rows=COLLECTED),
    guard(
        "entrant_choice.COUNT_FEW",
        _count_few(least=0, kinds=1),
        rows=COLLECTED,
        what="of one kind",
    ),
    guard("entrant_choice.MANY_LABELS", _many_labels(ON), rows=MOST_LOOKED_AT),
    guard("entrant_choice.MANY_LABELS_BACK", _many_labels(BACK), rows=MOST_LOOKED_AT),
    guard("entrant_choice.LABEL_AT", _many_labels(ON), rows=MOST_LOOKED_AT),
    guard("entrant_choice.LABEL_AT_BACK", _many_labels(BACK), rows=MOST_LOOKED_AT),
    guard("entrant_choice.MANY_SCORES", _many_scores(ON), rows=2 * MOST_LOOKED_AT),
    guard("entrant_choice.MANY_SCORES_BACK", _many_scores(BACK), rows=2 * MOST_LOOKED_AT),
    guard("entrant_choice.SCORE_AT", _many_scores(ON), rows=MOST_LOOKED_AT),
    guard("entrant_choice.SCORE_AT_BACK", _many_scores(BACK), rows=MOST_LOOKED_AT),
    guard("entrant_table.COUNT_SCORED", _scored, rows=MOST_COUNTED + 1),
    guard("entrant_table.COUNT_NAMED", _named, rows=MOST_COUNTED + 1),
    guard("questions.LIST", _asking(None), rows=3 * FEW),
    guard("questions.LIST", _asking(False), rows=3 * FEW, what="waiting"),
    guard("waiting.OF_CONTESTS", _waiting, rows=2 * FEW),
    guard("surveys.OF_CONTEST", _surveys, rows=MIXED),
    guard("pings.VERSIONS", _versions, rows=5 * MIXED),
)
