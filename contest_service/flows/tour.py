"""The tour: five things to look at in a practice contest, each of which is real there.

What somebody has seen is theirs and no matter of the workspace, so the audit log does not tell.
"""

import enum
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.errors import NotFoundError
from contest_service.domain.people import Actor
from contest_service.store import tours
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection


class Step(enum.StrEnum):
    """What the tour shows, in its order."""

    COVERAGE = "coverage"
    REASON = "reason"
    FREEZE = "freeze"
    LINE = "line"
    BUNDLE = "bundle"


class Tour(msgspec.Struct, frozen=True, kw_only=True):
    """The tour of somebody through a contest."""

    contest: Contest
    seen: frozenset[Step]


async def tour_of(conn: Connection, actor: Actor, person_id: UUID) -> Tour | None:
    """Find a person's tour; None if they put it away, or there is nothing to lead through."""
    kept = await tours.read(conn, person_id)
    if kept.put_away_at is not None:
        return None
    contest = await tours.newest_practice(conn, actor.workspace_id)
    if contest is None:
        return None
    return Tour(contest=contest, seen=frozenset(Step) & frozenset(kept.seen))


async def see_step(conn: Connection, actor: Actor, person_id: UUID, step: Step) -> Contest:
    """Note that somebody looks at a step, and return the contest in which it is.

    Raises NotFoundError without a practice contest.
    """
    contest = await tours.newest_practice(conn, actor.workspace_id)
    if contest is None:
        raise NotFoundError(
            "There is no practice contest in this workspace any more. Start another one first."
        )
    await tours.see(conn, person_id, step)
    return contest


async def put_away(conn: Connection, person_id: UUID, *, now: datetime) -> None:
    """Show the tour no more, until its owner asks for it."""
    await tours.put_away(conn, person_id, now=now)


async def begin_again(conn: Connection, person_id: UUID) -> None:
    """Show the tour again, from its beginning."""
    await tours.begin_again(conn, person_id)
