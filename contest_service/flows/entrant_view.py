"""Entrant view: which page of the table of entrants answers what somebody asks for.

State, reason, the one condition that is missing, source, score and name can be asked together. The
tallies say which kinds fit and how many are of each, and so by which way a page is found
(`entrant_choice`); counts come from them where they can.
"""

import enum
from collections.abc import Sequence
from uuid import UUID

import msgspec

from contest_service.domain.judging import EntrantState
from contest_service.flows.figures import missing_marks
from contest_service.store import entrant_choice, entrant_table
from contest_service.store.contests import Contest
from contest_service.store.entrant_choice import Fits, Span
from contest_service.store.entrant_table import FIRST_TEXT, LAST_TEXT, MOST_COUNTED, Row, Walk
from contest_service.store.rows import Connection
from contest_service.store.tallies import Tallied

Start = tuple[str | int, ...]
_OUT = (EntrantState.INVALID, EntrantState.CANNOT_VERIFY)


class Order(enum.StrEnum):
    """In which order entrants are shown."""

    NEWEST = "newest"
    LABEL = "label"
    SCORE = "score"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the table; what is None, empty or 0 is not asked.

    `missing` is the place of the one condition that is missing, `least` of the score, `search` what
    a name begins with. `start` is the row that the page begins behind.
    """

    state: EntrantState | None = None
    reason: str = ""
    missing: int | None = None
    platform: str = ""
    least: int = 0
    search: str = ""
    by_name: bool = False
    start: Start = ()
    is_back: bool = False
    limit: int = 50

    @property
    def order(self) -> Order:
        """Names that are searched for, and scores, come in their own order."""
        if self.search or self.by_name:
            return Order.LABEL
        return Order.SCORE if self.least else Order.NEWEST


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page, where the pages before and behind it begin, if there are any, and how many in all.

    `is_more` says that there are more than were counted; `count` is None where nobody counts.
    `is_cut` says that more may fit behind, though the page is not full.
    """

    rows: list[Row]
    first: Start = ()
    last: Start = ()
    count: int | None
    is_more: bool = False
    is_cut: bool = False


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    """Rows in the direction in which they were walked, and up to where was looked, if not to the
    end."""

    rows: list[Row]
    cut: Start = ()


async def find_entrants(
    conn: Connection, contest: Contest, wanted: Wanted, tallied: Sequence[Tallied]
) -> Found:
    """Look up a page; a start that is none begins at the beginning, and without one at an end."""
    wanted = _sound(wanted)
    fits = Fits(kinds=_kinds(contest, wanted, tallied), least=wanted.least)
    among = tallied if fits.kinds is None else fits.kinds
    if not among:
        return Found(rows=[], count=0)
    page = await _walk(conn, contest, wanted, fits)
    shown = page.rows[: wanted.limit]
    is_full = len(page.rows) > wanted.limit
    onward = _place(wanted, shown[-1]) if is_full else page.cut
    behind = _place(wanted, shown[0]) if shown and wanted.start else ()
    count = await _count(conn, contest, wanted, fits, among=among)
    is_capped = fits.kinds is None and wanted.order is not Order.NEWEST
    return Found(
        rows=shown[::-1] if wanted.is_back else shown,
        first=onward if wanted.is_back else behind,
        last=behind if wanted.is_back else onward,
        count=min(count, MOST_COUNTED) if is_capped and count is not None else count,
        is_more=is_capped and count is not None and count > MOST_COUNTED,
        is_cut=bool(page.cut),
    )


def _kinds(
    contest: Contest, wanted: Wanted, tallied: Sequence[Tallied]
) -> Sequence[Tallied] | None:
    """The kinds that fit; None where no kind is asked for."""
    found = [
        each
        for each in tallied
        if wanted.state in (None, each.state)
        and wanted.reason in ("", each.reason)
        and wanted.platform in ("", each.platform)
    ]
    if wanted.missing is not None:
        marks = set(missing_marks(contest, tallied, wanted.missing))
        return [each for each in found if each.marks in marks and each.state in _OUT]
    return found if wanted.state or wanted.reason or wanted.platform else None


async def _walk(conn: Connection, contest: Contest, wanted: Wanted, fits: Fits) -> _Page:
    walk = Walk(limit=wanted.limit + 1, is_back=wanted.is_back)
    match wanted.order:
        case Order.NEWEST:
            return await _newest(conn, contest, wanted, fits, walk=walk)
        case Order.LABEL:
            return await _by_label(conn, contest, wanted, fits, walk=walk)
        case Order.SCORE:
            return await _by_score(conn, contest, wanted, fits, walk=walk)


async def _newest(
    conn: Connection, contest: Contest, wanted: Wanted, fits: Fits, *, walk: Walk
) -> _Page:
    start = UUID(str(wanted.start[0])) if wanted.start else None
    cut = None
    if fits.kinds is None:
        rows = await entrant_table.newest(conn, contest, start=start, walk=walk)
    else:
        key = (contest.workspace_id, contest.id)
        ids, cut = await entrant_choice.by_id(conn, key, fits, start=start, walk=walk)
        rows = (await entrant_table.of_ids(conn, contest, ids))[::-1]
    return _Page(rows=rows[::-1] if walk.is_back else rows, cut=() if cut is None else (str(cut),))


async def _by_label(
    conn: Connection, contest: Contest, wanted: Wanted, fits: Fits, *, walk: Walk
) -> _Page:
    start = (str(wanted.start[0]), UUID(str(wanted.start[1]))) if wanted.start else None
    spans = _spans(wanted)
    if fits.are_few:
        rows = await entrant_choice.few_by_label(
            conn, contest, fits, spans=spans, start=start, walk=walk
        )
        return _Page(rows=rows)
    found: list[Row] = []
    for span in reversed(spans) if walk.is_back else spans:
        rest = msgspec.structs.replace(walk, limit=walk.limit - len(found))
        rows, cut = await entrant_choice.many_by_label(
            conn, contest, fits, span=span, start=start, walk=rest
        )
        found += rows
        if cut is not None:
            return _Page(rows=found, cut=(cut[0], str(cut[1])))
        if len(found) >= walk.limit:
            break
    return _Page(rows=found)


async def _by_score(
    conn: Connection, contest: Contest, wanted: Wanted, fits: Fits, *, walk: Walk
) -> _Page:
    start = (int(wanted.start[0]), UUID(str(wanted.start[1]))) if wanted.start else None
    if fits.are_few:
        rows = await entrant_choice.few_by_score(conn, contest, fits, start=start, walk=walk)
        return _Page(rows=rows)
    rows, cut = await entrant_choice.many_by_score(conn, contest, fits, start=start, walk=walk)
    return _Page(rows=rows, cut=() if cut is None else (cut[0], str(cut[1])))


async def _count(
    conn: Connection, contest: Contest, wanted: Wanted, fits: Fits, *, among: Sequence[Tallied]
) -> int | None:
    """How many there are in all; None where only looking at all of them would tell."""
    if not wanted.search and not wanted.least:
        return sum(each.entrants for each in among)
    if fits.kinds is not None:
        if not fits.are_few:
            return None
        spans = _spans(wanted) if wanted.search else [Span(low="", high=LAST_TEXT)]
        return await entrant_choice.count_few(conn, contest, fits, spans=spans)
    if wanted.search:
        if wanted.least:
            return None
        return await entrant_table.count_named(conn, contest, _prefixes(wanted))
    return await entrant_table.count_scored(conn, contest, least=wanted.least)


def _prefixes(wanted: Wanted) -> list[str]:
    """A name is written with its @ or without; everybody where none is asked for."""
    search = wanted.search
    return [search] if not search or search.startswith("@") else [search, f"@{search}"]


def _spans(wanted: Wanted) -> list[Span]:
    """The names that are asked for, in their order; who has no name is in none."""
    spans = [Span(low=each or FIRST_TEXT, high=each + LAST_TEXT) for each in _prefixes(wanted)]
    return sorted(spans, key=lambda each: each.low.encode())


def _sound(wanted: Wanted) -> Wanted:
    """The same without a start that does not belong to what is shown."""
    if not wanted.start:
        return wanted
    shapes: dict[Order, tuple[type, ...]] = {Order.SCORE: (int, str), Order.LABEL: (str, str)}
    shape = shapes.get(wanted.order, (str,))
    fits = tuple(map(type, wanted.start)) == shape and _is_id(str(wanted.start[-1]))
    fits = fits and "\0" not in str(wanted.start[0])
    if fits and wanted.order is Order.SCORE:
        fits = 0 <= int(wanted.start[0]) <= 101
    return wanted if fits else msgspec.structs.replace(wanted, start=(), is_back=False)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _place(wanted: Wanted, row: Row) -> Start:
    match wanted.order:
        case Order.SCORE:
            return (row.score or 0, str(row.id))
        case Order.LABEL:
            return (row.label, str(row.id))
        case Order.NEWEST:
            return (str(row.id),)
