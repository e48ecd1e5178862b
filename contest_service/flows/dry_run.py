"""Dry run: live through a contest in minutes, on the practice VK, with people who are nobody.

The copy is a contest like any other: a practice community is connected through the real adapter,
the post is looked up and attached, and the rules are locked. Only the schedule is another, and who
takes part. All that speaks to the practice VK comes first, in `prepare_dry_run`.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.domain.conditions import Language
from contest_service.domain.contest import Definition, every_condition
from contest_service.domain.errors import Fault, InvalidError
from contest_service.domain.people import Actor
from contest_service.domain.practice import (
    LEAST_SECONDS,
    MOST_PEOPLE,
    MOST_SECONDS,
    compressed,
    gathering,
)
from contest_service.flows import connect, define, life, quiz
from contest_service.flows.foresee import HowTold, how_told
from contest_service.flows.practice_community import keep_practice_community, require_practice
from contest_service.flows.runtime import Practice, Runtime, capabilities_for
from contest_service.platforms.base import Capabilities
from contest_service.platforms.registry import capabilities_of
from contest_service.store import audit, communities, contests, work
from contest_service.store.communities import Community, Health
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection

_NAMES = {
    Language.ENGLISH: "{} (practice)",
    Language.RUSSIAN: "{} (тренировка)",
}
_LONGEST_NAME = 80
MOST_RINGS = 100
_LOOKED_BACK = 500
"""Rows of the audit log in which dry runs of a contest are looked for."""


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a dry run is to be: for how many seconds until the draw, with how many people.

    The same seed makes people do the same.
    """

    seconds: int = 120
    people: int = 1000
    seed: str = "practice"


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A dry run that can start: its definition, and the post with its people."""

    definition: Definition
    post: define.FoundPost


async def prepare_dry_run(
    rt: Runtime, actor: Actor, definition: Definition, wish: Wish
) -> Prepared:
    """Publish a practice post for a contest of this definition, with people around it.

    Connects the workspace's practice community if there is none, or none that works. Raises
    ConflictError where practice is off, InvalidError for a wish that cannot be and for conditions
    that VK cannot tell, and PlatformError.
    """
    practice = require_practice(rt)
    if faults := _wish_faults(wish):
        raise InvalidError(faults)
    community = await _practice_community(rt, practice, actor, definition=definition)
    short = compressed(definition, now=rt.clock(), seconds=wish.seconds)
    called = gathering(short, people=wish.people, seed=wish.seed)
    url = await practice.gather(community.account, called)
    post = await define.look_up_post(rt, actor, community.id, url)
    return Prepared(definition=short, post=post)


async def start_dry_run(
    conn: Connection,
    rt: Runtime,
    actor: Actor,
    prepared: Prepared,
    *,
    of: UUID | None,
    now: datetime,
) -> Contest:
    """Create the practice contest, attach its post, and start it; `of` is what it is a copy of."""
    contest = await define.create_contest(conn, actor, prepared.definition, practice=True, now=now)
    await define.attach_post(conn, actor, contest.id, prepared.post, now=now)
    await quiz.seal_practice_answers(conn, rt, contest, now=now)
    if of is not None:
        await audit.record(
            conn, actor, "contest.dry_run", subject=of, at=now, detail={"copy": str(contest.id)}
        )
    return await life.start_contest(conn, rt, actor, contest.id, now=now)


async def rehearse(rt: Runtime, actor: Actor, definition: Definition, wish: Wish) -> Contest:
    """Do both: prepare a dry run, start it, and tell the workers. Raises what both raise."""
    prepared = await prepare_dry_run(rt, actor, definition, wish)
    async with rt.pool.acquire() as conn:
        async with conn.transaction():
            now = rt.clock()
            contest = await start_dry_run(conn, rt, actor, prepared, of=None, now=now)
        due = await work.due_in(conn, actor.workspace_id, now, limit=MOST_RINGS)
    await rt.ring(due)
    return contest


async def dry_runs_of(conn: Connection, contest: Contest, *, limit: int) -> list[Contest]:
    """The newest dry runs of a contest, newest first, as they stand."""
    done = await audit.list_page(
        conn, contest.workspace_id, subject=contest.id, before=None, limit=_LOOKED_BACK
    )
    copies = [UUID(each.detail["copy"]) for each in done if each.action == "contest.dry_run"]
    return [await contests.read(conn, contest.workspace_id, copy) for copy in copies[:limit]]


def _wish_faults(wish: Wish) -> list[Fault]:
    faults = []
    if not LEAST_SECONDS <= wish.seconds <= MOST_SECONDS:
        detail = f"must lie between {LEAST_SECONDS} and {MOST_SECONDS}"
        faults.append(Fault(pointer="/seconds", detail=detail))
    if not 1 <= wish.people <= MOST_PEOPLE:
        faults.append(Fault(pointer="/people", detail=f"must lie between 1 and {MOST_PEOPLE}"))
    if len(wish.seed) > 100:
        faults.append(Fault(pointer="/seed", detail="has at most 100 characters"))
    return faults


async def _practice_community(
    rt: Runtime, practice: Practice, actor: Actor, *, definition: Definition
) -> Community:
    """The workspace's community on the practice VK, connected if it is not, or works no more."""
    async with rt.pool.acquire() as conn:
        known = await communities.at_servers(
            conn, actor.workspace_id, Platform.VK, practice.endpoints
        )
    if known is not None and await _works(rt, actor, known, definition):
        return known
    name = _NAMES[definition.language].format(definition.organiser[:_LONGEST_NAME])
    credential = await practice.open_community(name)
    _require_told(definition, capabilities_of(Platform.VK, credential))
    new = await connect.sign_in(
        rt, platform=Platform.VK, endpoints=practice.endpoints, credential=credential
    )
    async with rt.pool.acquire() as conn, conn.transaction():
        return await keep_practice_community(conn, actor, new, now=rt.clock())


async def _works(rt: Runtime, actor: Actor, community: Community, definition: Definition) -> bool:
    """Whether the community still answers. Raises InvalidError, as `_require_told`."""
    async with rt.pool.acquire() as conn:
        able = await capabilities_for(conn, rt, actor.workspace_id, community.id)
    _require_told(definition, able)
    checkup = await connect.check_credential(rt, actor, community.id)
    return checkup.health is Health.HEALTHY


def _require_told(definition: Definition, able: Capabilities) -> None:
    """Refuse conditions of which VK tells nothing, whatever is connected."""
    faults = []
    for at, condition in every_condition(definition):
        if how_told(condition, able) is HowTold.NEVER:
            detail = "cannot be tried on the practice VK: VK does not tell this"
            faults.append(Fault(pointer=f"/definition{at}", detail=detail))
    if faults:
        raise InvalidError(faults)
