"""Sitting: one judging of a contest at work, in whatever process: gather, judge, write.

Looks are worked on in several lanes over one snapshot of the database. A verdict is sealed when it
is written, and who is valid first gets a promise.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contest_service.flows import linked, sealed
from contest_service.flows.bench import Bench
from contest_service.flows.merge import LeaseLostError
from contest_service.flows.verdicts import judge_gathered
from contest_service.store import benches, cases, contests
from contest_service.store.cases import Span, Text
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection, Pool

LANES = 2
"""Looks that one process works on at once: one of them mostly waits for the database."""

Reading = Callable[[Connection, UUID, UUID], Awaitable[Contest]]
"""Reads a contest, which stays as it is until the transaction ends."""


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """One judging of a contest: the judge's bench, and the run that may write."""

    pool: Pool
    clock: Callable[[], datetime]
    bench: Bench
    run: UUID
    is_over: Callable[[], bool] = lambda: False
    """Whether nobody waits for it any more."""
    pieces: set[bytes] = field(default_factory=set)
    """References to pieces of records that are kept, as far as this process has seen to it."""


class Look(NamedTuple):
    """Entrants who are judged in one go: those of a span of accounts, or else some by name.

    `is_first` says that none of them was judged before.
    """

    span: Span | None = None
    accounts: Sequence[str] = ()
    is_first: bool = False

    async def gather(self, conn: Connection, bench: Bench) -> Text:
        """Gather their evidence; needs a transaction around it."""
        key, lists = (bench.contest.workspace_id, bench.contest.id), bench.lists
        if self.span is None:
            return await cases.gather(conn, *key, self.accounts, lists=lists)
        return await cases.gather_span(conn, *key, self.span, lists=lists, is_first=self.is_first)


class Share(NamedTuple):
    """Of whom has to be judged anew every so manieth look, where several processes judge.

    `whom` are accounts by name; None for everybody, and `is_first` then says that nobody was judged
    before. A look is at `size` accounts by name, or at those with as many actions of one kind at
    most.
    """

    whom: Sequence[str] | None
    size: int
    is_first: bool = False
    number: int = 0
    of: int = 1


async def _looks(conn: Connection, contest: Contest, share: Share) -> AsyncIterator[Look]:
    """Cut what is to be judged into looks, and take those of a share."""
    number = 0
    async for look in _all_looks(conn, contest, share):
        if number % share.of == share.number:
            yield look
        number += 1


async def _all_looks(conn: Connection, contest: Contest, share: Share) -> AsyncIterator[Look]:
    whom, size = share.whom, share.size
    if whom is None:
        async for span in cases.spans(conn, contest.workspace_id, contest.id, size=size):
            yield Look(span=span, is_first=share.is_first)
        return
    for start in range(0, len(whom), size):
        yield Look(accounts=whom[start : start + size])


async def judge_in_turn(sitting: Sitting, reader: Connection, share: Share) -> None:
    """Judge a share, one look after the other, as the reader's transaction shows them.

    Stops where nothing more may be written. Raises LeaseLostError.
    """
    bench = sitting.bench
    async for look in _looks(reader, bench.contest, share):
        if not await judge_text(sitting, await look.gather(reader, bench)):
            return


async def judge_in_lanes(
    sitting: Sitting, reader: Connection, share: Share, *, snapshot: str
) -> None:
    """Judge a share, several looks at once, as a snapshot shows them that the reader sees, too.

    Stops where nothing more may be written. Raises LeaseLostError.
    """
    turn = asyncio.Lock()
    looks = _looks(reader, sitting.bench.contest, share)
    try:
        async with asyncio.TaskGroup() as lanes:
            for _ in range(LANES):
                lanes.create_task(_lane(sitting, looks, snapshot=snapshot, turn=turn))
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from failed


async def _lane(
    sitting: Sitting, looks: AsyncIterator[Look], *, snapshot: str, turn: asyncio.Lock
) -> None:
    """Take one look after the other, judge and write what it shows, until there are no more."""
    while not sitting.is_over():
        async with turn:
            look = await anext(looks, None)
        if look is None:
            return
        async with cases.at_snapshot(sitting.pool, snapshot) as conn:
            text = await look.gather(conn, sitting.bench)
        if not await judge_text(sitting, text):
            return


async def judge_text(sitting: Sitting, text: Text) -> bool:
    """Judge everybody in a text and write their verdicts; False if these come too late.

    Raises LeaseLostError.
    """
    bench = sitting.bench
    found = judge_gathered(bench, cases.read(text), at=sitting.clock())
    await sealed.keep(sitting.pool, bench.contest, found, kept=sitting.pieces)
    async with sitting.pool.acquire() as conn, conn.transaction():
        if not await may_write(conn, sitting):
            return False
        in_force = await linked.subjects_of(conn, bench.contest)
        if not (in_force - bench.linked).isdisjoint(found.subjects):
            # Linked while we judged: judged with the other accounts of their persons by now. What
            # is left of the verdicts is the same, and so are the pieces of their records.
            apart = replace(bench, linked=bench.linked | in_force)
            found = judge_gathered(apart, cases.read(text), at=sitting.clock())
        await sealed.write(conn, bench.contest, found, at=sitting.clock())
    return True


async def may_write(
    conn: Connection, sitting: Sitting, *, read: Reading = contests.read_shared
) -> bool:
    """Whether nobody closed, amended, judged or froze the contest since; it stays so until the end.

    Raises LeaseLostError if a later judging of it has begun.
    """
    contest = sitting.bench.contest
    is_as_it_was = await is_unchanged(conn, contest, read=read)
    if not await benches.hold(conn, contest, sitting.run):
        raise LeaseLostError
    return is_as_it_was


async def is_unchanged(
    conn: Connection, contest: Contest, *, read: Reading = contests.read_shared
) -> bool:
    """Whether nobody changed the contest since it was read; nobody does until the end."""
    current = await read(conn, contest.workspace_id, contest.id)
    return (current.revision, current.closing_judged_at) == (
        contest.revision,
        contest.closing_judged_at,
    )
