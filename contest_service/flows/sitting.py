"""Sitting: one judging of a contest at work, in whatever process: gather, judge, write.

Looks are worked on in several lanes over one snapshot of the database. A verdict is sealed when it
is written, and who is valid first gets a promise.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
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


class Whom(NamedTuple):
    """Who has to be judged anew: `accounts` by name, or None for everybody.

    A look is at `size` accounts by name, or at those with as many actions of one kind at most.
    `is_first` says of everybody that nobody was judged before.
    """

    accounts: Sequence[str] | None
    size: int
    is_first: bool = False


async def looks_at(conn: Connection, contest: Contest, whom: Whom) -> AsyncIterator[Look]:
    """Cut what is to be judged into looks."""
    accounts, size = whom.accounts, whom.size
    if accounts is None:
        async for span in cases.spans(conn, contest.workspace_id, contest.id, size=size):
            yield Look(span=span, is_first=whom.is_first)
        return
    for start in range(0, len(accounts), size):
        yield Look(accounts=accounts[start : start + size])


async def judge_in_turn(sitting: Sitting, reader: Connection, whom: Whom) -> None:
    """Judge one look after the other, as the reader's transaction shows them.

    Stops where nothing more may be written. Raises LeaseLostError.
    """
    bench = sitting.bench
    async for look in looks_at(reader, bench.contest, whom):
        if not await judge_text(sitting, await look.gather(reader, bench)):
            return


async def judge_in_lanes(sitting: Sitting, looks: Iterable[Look], *, snapshot: str) -> None:
    """Judge several looks at once, as a shared snapshot shows them.

    Stops where nothing more may be written. Raises LeaseLostError.
    """
    ahead = iter(looks)
    try:
        async with asyncio.TaskGroup() as lanes:
            for _ in range(LANES):
                lanes.create_task(_lane(sitting, ahead, snapshot=snapshot))
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from failed


async def _lane(sitting: Sitting, ahead: Iterator[Look], *, snapshot: str) -> None:
    """Take one look after the other, judge and write what it shows, until there are no more."""
    for look in ahead:
        if sitting.is_over():
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
    found = judge_gathered(bench, text, at=sitting.clock())
    await sealed.keep(sitting.pool, bench.contest, found, kept=sitting.pieces)
    async with sitting.pool.acquire() as conn, conn.transaction():
        if not await may_write(conn, sitting):
            return False
        in_force = await linked.subjects_of(conn, bench.contest)
        if not (in_force - bench.linked).isdisjoint(found.subjects):
            # Linked while we judged: judged with the other accounts of their persons by now. What
            # is left of the verdicts is the same, and so are the pieces of their records.
            apart = replace(bench, linked=bench.linked | in_force)
            found = judge_gathered(apart, text, at=sitting.clock())
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
