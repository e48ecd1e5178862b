"""Copies: look through the comments that are new, and note what each repeats and whom all name.

Goes on where it ended: a comment is sketched once for each contest that counts it, whatever comes
after it, and compared with the first ones of their kind alone, under all of the contest's posts on
the same network: somebody may write the same on two, with two accounts. Each batch is a
transaction.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from contest_service.domain.amendments import Applied
from contest_service.domain.conditions import Commented as CommentCondition
from contest_service.domain.rules import conditions
from contest_service.domain.signals.copies import (
    COMMON,
    LEAST_COMMON,
    MOST_ALIKE,
    Said,
    Sketch,
    Source,
    Sources,
    sketch,
)
from contest_service.domain.signals.explained import MOST_NAMED_BY, is_overnamed
from contest_service.flows.runtime import Runtime
from contest_service.flows.versions import counting
from contest_service.store import changes
from contest_service.store import copies as store
from contest_service.store.contests import Contest
from contest_service.store.copies import Commented
from contest_service.store.rows import Connection

_NONE: frozenset[str] = frozenset()
BATCH = 10_000
"""Comments of one transaction: about a second of work."""


@dataclass(frozen=True, kw_only=True)
class Copies:
    """What the rules of a contest ask about comments, as they were last looked through."""

    refs: Mapping[tuple[str, str, str], frozenset[str]]
    """By platform, instance and account: comments that repeat what somebody else wrote before."""
    overnamed: frozenset[str]

    def of(self, network: tuple[str, str], account: str) -> frozenset[str]:
        """The refs of an account's copies."""
        return self.refs.get((*network, account), _NONE)

    def noted(self, network: tuple[str, str]) -> frozenset[str]:
        """The accounts that have any."""
        return frozenset(account for *where, account in self.refs if tuple(where) == network)


async def read_copies(conn: Connection, contest: Contest, versions: Sequence[Applied]) -> Copies:
    """Read what the judge must know of comments; nothing that no version of the rules asks for."""
    asked = _comments_asked(versions)
    is_about_copies = any(each.original for each in asked)
    is_about_names = any(each.uncommon for each in asked)
    return Copies(
        refs=await store.copied(conn, contest) if is_about_copies else {},
        overnamed=await store.overnamed(conn, contest) if is_about_names else frozenset(),
    )


def _comments_asked(versions: Sequence[Applied]) -> list[CommentCondition]:
    rules = [
        rule
        for each in versions
        for rule in (each.rules, *(bonus.rule for bonus in each.tickets.bonuses))
    ]
    found = (condition for rule in rules for _, condition in conditions(rule))
    return [each for each in found if isinstance(each, CommentCondition)]


async def look_through_for_rules(rt: Runtime, contest: Contest) -> None:
    """Look through the new comments of a contest whose rules ask what they are."""
    async with rt.pool.acquire() as conn:
        asked = _comments_asked(await counting(conn, contest))
    if any(each.original or each.uncommon for each in asked):
        await look_through(rt, contest)


async def look_through(rt: Runtime, contest: Contest) -> None:
    """Look through all comments of a contest that nobody has looked at."""
    async with rt.pool.acquire() as conn:
        places = await store.targets(conn, contest)
    is_new = False
    for place in places:
        after: tuple[str, str] | None = ("", "")
        while after is not None:
            after = await _look_through_batch(rt, contest, place, after)
            is_new = is_new or after is not None
    if is_new:
        async with rt.pool.acquire() as conn, conn.transaction():
            await _count_named(conn, contest)


async def _look_through_batch(
    rt: Runtime, contest: Contest, place: Commented, after: tuple[str, str]
) -> tuple[str, str] | None:
    """Look through the next comments under a post; returns the last one, None if there are none."""
    async with rt.pool.acquire() as conn, conn.transaction():
        await store.lock(conn, contest)
        said = await store.unsketched(conn, contest, place, after=after, limit=BATCH)
        if not said:
            return None
        # Half a second of arithmetic, which others in this process should not wait for.
        shapes = await asyncio.to_thread(lambda: [sketch(each.text) for each in said])
        bands = {band for shape in shapes if shape is not None for band in shape.bands}
        known = await store.known(conn, contest, place, bands=sorted(bands), most=MOST_ALIKE)
        sources = Sources(known)
        placed = await asyncio.to_thread(_place, sources, said, shapes)
        await store.keep(conn, contest, place, placed=placed)
        await _note(conn, contest, place, placed)
    return said[-1].account, said[-1].ref


def _place(
    sources: Sources, said: Sequence[Said], shapes: Sequence[Sketch | None]
) -> list[tuple[Said, Source | None]]:
    """Find what each comment repeats, the oldest first."""
    in_time = sorted(zip(said, shapes, strict=True), key=lambda pair: (pair[0].at, pair[0].ref))
    return [
        (each, None if shape is None else sources.place(each, shape, new_id=uuid4()))
        for each, shape in in_time
    ]


async def _note(
    conn: Connection,
    contest: Contest,
    place: Commented,
    placed: Sequence[tuple[Said, Source | None]],
) -> None:
    """Count what grew, and note whose comments are copies now, or no longer."""
    touched: set[str] = set()
    grown: set[UUID] = set()
    for said, source in placed:
        if source is None:
            continue
        if not source.is_new or said.account != source.account:
            grown.add(source.id)
            touched |= {said.account, source.account, *source.former}
    touched |= set(
        await store.recount(
            conn,
            contest,
            sorted(grown),
            least=LEAST_COMMON,
            per_cent=COMMON,
        )
    )
    await changes.note(
        conn,
        contest.workspace_id,
        touched,
        platform=place.platform,
        instance=place.instance,
        target_id=place.target_id,
    )


async def _count_named(conn: Connection, contest: Contest) -> None:
    """Count whom the comments name; if that changes who is named by too many, all are judged."""
    found, commenters = await store.named(conn, contest, above=MOST_NAMED_BY)
    too_many = [each for each in found if is_overnamed(each.named_by, commenters)]
    before = await store.overnamed(conn, contest)
    if before == {each.account for each in too_many}:
        return
    await store.set_overnamed(conn, contest, too_many)
    if any(each.uncommon for each in _comments_asked(await counting(conn, contest))):
        await changes.note_entrants(conn, contest.workspace_id, contest.id, None)
