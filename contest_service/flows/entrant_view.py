"""Entrant view: which page of the table of entrants answers what somebody asks for.

What can be asked is what an index answers at any size; counts come from the tallies where they can.
"""

import enum
from collections.abc import Sequence
from uuid import UUID

import msgspec

from contest_service.domain.judging import EntrantState
from contest_service.flows.figures import missing_marks
from contest_service.store import entrant_table
from contest_service.store.contests import Contest
from contest_service.store.entrant_table import MOST_COUNTED, Row, Walk
from contest_service.store.rows import Connection
from contest_service.store.tallies import Tallied

Start = tuple[str | int, ...]


class Show(enum.StrEnum):
    """What of the table is shown, and so in which order."""

    NEWEST = "newest"
    LABEL = "label"
    STATE = "state"
    REASON = "reason"
    MISSING = "missing"
    PLATFORM = "platform"
    SCORE = "score"
    SEARCH = "search"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the table. `value` belongs to `show`; `start` is the row that it begins behind."""

    show: Show = Show.NEWEST
    value: str = ""
    search: str = ""
    start: Start = ()
    is_back: bool = False
    limit: int = 50


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page, where the pages before and behind it begin, if there are any, and how many in all.

    `is_more` says that there are more than were counted.
    """

    rows: list[Row]
    first: Start = ()
    last: Start = ()
    count: int
    is_more: bool = False


async def find_entrants(
    conn: Connection, contest: Contest, wanted: Wanted, tallied: Sequence[Tallied]
) -> Found:
    """Look up a page; a start that is none begins at the beginning."""
    wanted = _sound(wanted)
    rows = await _walk(conn, contest, wanted, tallied)
    is_cut = len(rows) > wanted.limit
    if is_cut:
        rows = rows[1:] if wanted.is_back else rows[: wanted.limit]
    count = await _count(conn, contest, wanted, tallied)
    has_before = is_cut if wanted.is_back else bool(wanted.start)
    has_behind = bool(wanted.start) if wanted.is_back else is_cut
    return Found(
        rows=rows,
        first=_place(wanted, rows[0]) if rows and has_before else (),
        last=_place(wanted, rows[-1]) if rows and has_behind else (),
        count=min(count, MOST_COUNTED) if _is_capped(wanted) else count,
        is_more=_is_capped(wanted) and count > MOST_COUNTED,
    )


def _is_capped(wanted: Wanted) -> bool:
    return wanted.show in (Show.SCORE, Show.SEARCH)


async def _walk(
    conn: Connection, contest: Contest, wanted: Wanted, tallied: Sequence[Tallied]
) -> list[Row]:
    start, walk = wanted.start, Walk(limit=wanted.limit + 1, is_back=wanted.is_back)
    match wanted.show:
        case Show.STATE | Show.REASON:
            kinds = _kinds(wanted, tallied)
            return await entrant_table.of_kinds(conn, contest, kinds, start=_id(start), walk=walk)
        case Show.MISSING:
            marks = _marks(contest, wanted, tallied)
            return await entrant_table.of_marks(conn, contest, marks, start=_id(start), walk=walk)
        case Show.SCORE:
            scored = (int(start[0]), UUID(str(start[1]))) if start else None
            return await entrant_table.by_score(
                conn, contest, least=_least(wanted), start=scored, walk=walk
            )
        case Show.PLATFORM:
            account = (str(start[0]), str(start[1])) if start else None
            return await entrant_table.of_platform(
                conn, contest, wanted.value, start=account, walk=walk
            )
        case Show.SEARCH | Show.LABEL:
            named = (str(start[0]), UUID(str(start[1]))) if start else None
            return await entrant_table.by_label(
                conn, contest, _prefixes(wanted), start=named, walk=walk
            )
        case Show.NEWEST:
            return await entrant_table.newest(conn, contest, start=_id(start), walk=walk)


async def _count(
    conn: Connection, contest: Contest, wanted: Wanted, tallied: Sequence[Tallied]
) -> int:
    match wanted.show:
        case Show.SCORE:
            return await entrant_table.count_scored(conn, contest, least=_least(wanted))
        case Show.SEARCH:
            return await entrant_table.count_named(conn, contest, _prefixes(wanted))
        case Show.MISSING:
            marks = set(_marks(contest, wanted, tallied))
            return sum(
                each.entrants
                for each in tallied
                if each.marks in marks
                and each.state in (EntrantState.INVALID, EntrantState.CANNOT_VERIFY)
            )
        case Show.STATE | Show.REASON:
            kinds = set(_kinds(wanted, tallied))
            return sum(each.entrants for each in tallied if (each.state, each.reason) in kinds)
        case Show.PLATFORM:
            return sum(each.entrants for each in tallied if each.platform == wanted.value)
        case Show.NEWEST | Show.LABEL:
            return sum(each.entrants for each in tallied)


def _kinds(wanted: Wanted, tallied: Sequence[Tallied]) -> list[tuple[EntrantState, str]]:
    state, _, reason = wanted.value.partition("/")
    kinds = {(each.state, each.reason) for each in tallied if each.state == state}
    return sorted(each for each in kinds if wanted.show is Show.STATE or each[1] == reason)


def _marks(contest: Contest, wanted: Wanted, tallied: Sequence[Tallied]) -> list[str]:
    place = int(wanted.value) if wanted.value.isdecimal() else -1
    return missing_marks(contest, tallied, place)


def _least(wanted: Wanted) -> int:
    return min(100, int(wanted.value)) if wanted.value.isdecimal() else 1


def _prefixes(wanted: Wanted) -> list[str]:
    """A name is written with its @ or without; everybody where none is asked for."""
    if wanted.show is Show.LABEL:
        return [""]
    search = wanted.search
    return [search] if search.startswith("@") else [search, f"@{search}"]


def _sound(wanted: Wanted) -> Wanted:
    """The same without a start that does not belong to what is shown."""
    shapes: dict[Show, tuple[type, ...]] = {
        Show.SCORE: (int, str),
        Show.PLATFORM: (str, str),
        Show.SEARCH: (str, str),
        Show.LABEL: (str, str),
    }
    shape = shapes.get(wanted.show, (str,))
    fits = tuple(map(type, wanted.start)) == shape
    if fits and wanted.show is not Show.PLATFORM:
        fits = _is_id(str(wanted.start[-1]))
    return wanted if fits else msgspec.structs.replace(wanted, start=(), is_back=False)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _id(start: Start) -> UUID | None:
    return UUID(str(start[0])) if start else None


def _place(wanted: Wanted, row: Row) -> Start:
    match wanted.show:
        case Show.SCORE:
            return (row.score or 0, str(row.id))
        case Show.PLATFORM:
            return (row.instance, row.account)
        case Show.SEARCH | Show.LABEL:
            return (row.label, str(row.id))
        case _:
            return (str(row.id),)
