"""Sealed: verdicts on their way from the judge, whatever process it sits in, into the tables."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from contest_service.flows import promise
from contest_service.store import entrants, newcomers
from contest_service.store.contests import Contest
from contest_service.store.entrants import JudgedRow, OpeningRow
from contest_service.store.newcomers import Newcomers
from contest_service.store.rows import Connection


class Sealed(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Verdicts that are new or changed, with the openings of those who are valid first."""

    subjects: list[str]
    """Of all of them."""
    new: Newcomers
    rows: list[JudgedRow]
    """Of those who were judged before."""
    openings: list[OpeningRow]
    """Of those among `rows` who are valid first."""


def seal(
    contest: Contest, rows: Sequence[JudgedRow], openings: Sequence[OpeningRow], *, at: datetime
) -> Sealed:
    """Pack the verdicts that are new; `openings` are of those among `rows` who are valid first."""
    new = [row for row in rows if row.is_new]
    opened = {opening.subject: opening for opening in openings}
    known = [row for row in rows if not row.is_new]
    return Sealed(
        subjects=[row.subject for row in rows],
        new=newcomers.pack((contest.workspace_id, contest.id), new, opened, at=at),
        rows=known,
        openings=[opened[row.subject] for row in known if row.subject in opened],
    )


async def write(conn: Connection, contest: Contest, sealed: Sealed, *, at: datetime) -> None:
    """Write verdicts, openings and promises. In the caller's transaction."""
    await newcomers.write(conn, sealed.new)
    if sealed.rows:
        key = (contest.workspace_id, contest.id)
        await entrants.write(conn, *key, sealed.rows, openings=sealed.openings, at=at)
        await promise.give(conn, contest, sealed.rows, openings=sealed.openings, at=at)
