"""Sealed: verdicts on their way from the judge, whatever process it sits in, into the tables."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from contest_service.flows import promise
from contest_service.store import entrants, folded, newcomers
from contest_service.store.contests import Contest
from contest_service.store.entrants import JudgedRow, OpeningRow
from contest_service.store.newcomers import Newcomers
from contest_service.store.rows import Connection, Pool


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """Verdicts that are new or changed, with the openings of those who are valid first."""

    subjects: list[str]
    """Of all of them."""
    new: Newcomers
    rows: list[JudgedRow]
    """Of those who were judged before."""
    openings: list[OpeningRow]
    """Of those among `rows` who are valid first."""
    pieces: Mapping[bytes, bytes]
    """For which references stand in the records."""


async def keep(pool: Pool, contest: Contest, sealed: Sealed, *, kept: set[bytes]) -> None:
    """Keep the pieces of records before these are written; `kept` are those that surely are."""
    if new := sealed.pieces.keys() - kept:
        async with pool.acquire() as conn:
            await folded.keep(conn, contest, {each: sealed.pieces[each] for each in new})
        kept |= new


async def write(conn: Connection, contest: Contest, sealed: Sealed, *, at: datetime) -> None:
    """Write verdicts, openings and promises. In the caller's transaction.

    The pieces of the records have to be kept by then.
    """
    await newcomers.write(conn, sealed.new)
    if sealed.rows:
        key = (contest.workspace_id, contest.id)
        await entrants.write(conn, *key, sealed.rows, openings=sealed.openings, at=at)
        await promise.give(conn, contest, sealed.rows, openings=sealed.openings, at=at)
