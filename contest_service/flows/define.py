"""Define a contest: create it, change it while it is a draft, attach posts, schedule it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.conditions import NotListed
from contest_service.domain.contest import (
    EDITABLE,
    Definition,
    Status,
    definition_faults,
    every_condition,
)
from contest_service.domain.errors import ConflictError, Fault, InvalidError, NotFoundError
from contest_service.domain.evidence import Action, Counters, Target
from contest_service.domain.people import Actor
from contest_service.flows.runtime import Runtime, adapter_for
from contest_service.platforms.registry import post_author
from contest_service.store import audit, communities, contests, lists, pictures, targets, work
from contest_service.store.communities import Community
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.store.targets import StoredTarget

MOST_POSTS = 20


async def create_contest(
    conn: Connection, actor: Actor, definition: Definition, *, practice: bool, now: datetime
) -> Contest:
    """Create a draft. It is practice or real for ever. Raises InvalidError with all faults."""
    await _require_sound(conn, actor, definition, practice=practice)
    contest = await contests.create(
        conn,
        actor.workspace_id,
        definition,
        practice=practice,
        created_by=actor.person_id,
    )
    await audit.record(
        conn, actor, "contest.created", subject=contest.id, at=now, detail={"practice": practice}
    )
    return contest


async def update_contest(
    conn: Connection,
    actor: Actor,
    contest_id: UUID,
    definition: Definition,
    *,
    revision: int | None,
    now: datetime,
) -> Contest:
    """Give a contest that has not started another definition.

    `revision` is the one that the change was made from; a newer one is a ConflictError.
    """
    contest = await read_editable(conn, actor, contest_id)
    if revision is not None and revision != contest.revision:
        raise ConflictError("Somebody changed the contest meanwhile; read it again.")
    await _require_sound(conn, actor, definition, practice=contest.practice)
    contest = await contests.redefine(conn, contest, definition, now=now)
    if contest.status is Status.SCHEDULED:
        await _require_future(contest, now)
        await work.replan(
            conn, contest.workspace_id, work.Kind.ADVANCE, contest.id, due_at=contest.opens_at
        )
    await audit.record(conn, actor, "contest.updated", subject=contest.id, at=now)
    return contest


async def delete_contest(
    conn: Connection, actor: Actor, contest_id: UUID, *, now: datetime
) -> None:
    """Delete a draft; anything later is cancelled instead, and stays on record."""
    contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
    await contests.delete(conn, contest)
    await audit.record(conn, actor, "contest.deleted", subject=contest.id, at=now)


async def schedule_contest(
    conn: Connection, actor: Actor, contest_id: UUID, *, now: datetime
) -> Contest:
    """Plan the start for `opens_at`; the contest stays editable until then."""
    contest = await read_editable(conn, actor, contest_id)
    if contest.status is not Status.DRAFT:
        raise ConflictError("The contest is scheduled already.")
    await require_posts(conn, contest)
    await _require_future(contest, now)
    contest = await contests.move(conn, contest, Status.SCHEDULED, now=now)
    await work.replan(
        conn, contest.workspace_id, work.Kind.ADVANCE, contest.id, due_at=contest.opens_at
    )
    await audit.record(conn, actor, "contest.scheduled", subject=contest.id, at=now)
    return contest


async def unschedule_contest(
    conn: Connection, actor: Actor, contest_id: UUID, *, now: datetime
) -> Contest:
    """Take a planned start back: the contest is a draft again. Raises ConflictError."""
    contest = await read_editable(conn, actor, contest_id)
    if contest.status is not Status.SCHEDULED:
        raise ConflictError("The contest is not scheduled; it is a draft already.")
    contest = await contests.move(conn, contest, Status.DRAFT, now=now)
    await work.drop(conn, contest.workspace_id, work.Kind.ADVANCE, contest.id)
    await audit.record(conn, actor, "contest.unscheduled", subject=contest.id, at=now)
    return contest


class FoundPost(msgspec.Struct, frozen=True, kw_only=True):
    """A post that was looked up on its platform, with the community that published it.

    `text` is what it says, None where the platform does not tell; `counts` are its own counters.
    """

    community_id: UUID
    post: Target
    community: Target
    text: str | None = None
    counts: dict[Action, int] = {}


def community_of_post(known: Sequence[Community], url: str, *, practice: bool) -> Community | None:
    """The community that published the post at an address, as far as the address tells.

    Asks nobody. Of several with the same number on different networks it is the one that suits a
    practice contest, or a real one. None if the address is that of no post on their platforms.
    """
    named = [(each, post_author(each.platform, url)) for each in known]
    likely = [each for each, author in named if author in (each.account, each.handle.lower())]
    # Handles change: the platform itself says then whose post it is.
    candidates = likely or [each for each, author in named if author]
    return min(candidates, key=lambda each: each.is_loopback is not practice, default=None)


async def look_up_post(rt: Runtime, actor: Actor, community_id: UUID, url: str) -> FoundPost:
    """Find the post behind an address, through one of the workspace's communities.

    Speaks to the platform. Raises InvalidError for a post of somebody else, PlatformError.
    """
    async with adapter_for(rt, actor.workspace_id, community_id) as adapter:
        post = await adapter.find_post(url)
        community = await adapter.community_target()
        counters = await adapter.counters(post)
    if post.author != community.author:
        detail = "was published by another account; a contest runs on the community's own posts"
        raise InvalidError([Fault(pointer="/url", detail=detail)])
    return FoundPost(
        community_id=community_id,
        post=post,
        community=community,
        text=counters.text,
        counts=counters.counts,
    )


async def attach_post(
    conn: Connection, actor: Actor, contest_id: UUID, found: FoundPost, *, now: datetime
) -> StoredTarget:
    """Add a post to a contest that has not started."""
    contest = await read_editable(conn, actor, contest_id)
    community = await communities.read_locked(conn, actor.workspace_id, found.community_id)
    if community is None:
        raise NotFoundError("There is no such community in this workspace.")
    if contest.practice and not community.is_loopback:
        raise ConflictError(
            "A practice contest runs on a practice community only, one on this very machine."
        )
    if len(await targets.posts(conn, contest.workspace_id, contest.id)) >= MOST_POSTS:
        raise ConflictError(f"A contest has at most {MOST_POSTS} posts.")
    target = await targets.keep(conn, actor.workspace_id, found.community_id, found.post)
    await targets.set_text(conn, target, found.text, now)
    await targets.set_counts(conn, target, found.counts, now)
    await targets.keep(conn, actor.workspace_id, found.community_id, found.community)
    await targets.attach_post(conn, contest, target.id)
    await audit.record(
        conn,
        actor,
        "contest.post_attached",
        subject=contest.id,
        at=now,
        detail={"url": found.post.url},
    )
    return target


async def look_again(
    rt: Runtime, actor: Actor, contest_id: UUID, target_id: UUID
) -> tuple[StoredTarget, Counters]:
    """Read what one of a contest's posts says and counts now. Speaks to the platform.

    Raises NotFoundError if it is none of them, PlatformError.
    """
    async with rt.pool.acquire() as conn:
        posts = await targets.posts(conn, actor.workspace_id, contest_id)
    found = next((each for each in posts if each.id == target_id), None)
    if found is None:
        raise NotFoundError("This post is not part of the contest.")
    async with adapter_for(rt, actor.workspace_id, found.community_id) as adapter:
        return found, await adapter.counters(found)


async def keep_look(
    conn: Connection, post: StoredTarget, counters: Counters, *, now: datetime
) -> None:
    """Keep what a post was read to say and count."""
    await targets.set_text(conn, post, counters.text, now)
    await targets.set_counts(conn, post, counters.counts, now)


async def detach_post(
    conn: Connection, actor: Actor, contest_id: UUID, target_id: UUID, *, now: datetime
) -> None:
    """Take a post off a contest that has not started."""
    contest = await read_editable(conn, actor, contest_id)
    if not await targets.detach_post(conn, contest, target_id):
        raise NotFoundError("This post is not part of the contest.")
    await audit.record(
        conn,
        actor,
        "contest.post_detached",
        subject=contest.id,
        at=now,
        detail={"post": str(target_id)},
    )


async def read_editable(conn: Connection, actor: Actor, contest_id: UUID) -> Contest:
    """Lock a contest whose rules are still open. Raises ConflictError if they are not."""
    contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
    if contest.status not in EDITABLE or contest.terms_version:
        raise ConflictError(
            "The contest has started and its rules are locked. A running contest can be amended "
            "in public, with a reason."
        )
    return contest


async def require_posts(conn: Connection, contest: Contest) -> list[StoredTarget]:
    """The contest's posts, at least one. Raises ConflictError."""
    posts = await targets.posts(conn, contest.workspace_id, contest.id)
    if not posts:
        raise ConflictError("Attach at least one contest post first.")
    return posts


async def _require_future(contest: Contest, now: datetime) -> None:
    if contest.opens_at <= now:
        raise ConflictError("The contest's opening has passed; start it now, or set another time.")


async def _require_sound(
    conn: Connection, actor: Actor, definition: Definition, *, practice: bool
) -> None:
    faults = await every_fault(conn, actor, definition, practice=practice)
    if faults:
        raise InvalidError(faults)


async def every_fault(
    conn: Connection, actor: Actor, definition: Definition, *, practice: bool
) -> list[Fault]:
    """Everything that is wrong with a definition, the lists and pictures it names included."""
    faults = definition_faults(definition, practice=practice)
    return faults or [
        *await _list_faults(conn, actor, definition),
        *await _picture_faults(conn, actor, definition),
    ]


async def _list_faults(conn: Connection, actor: Actor, definition: Definition) -> list[Fault]:
    known = await lists.ids(conn, actor.workspace_id)
    return [
        Fault(pointer=f"{pointer}/list_id", detail="is none of this workspace's lists")
        for pointer, condition in every_condition(definition)
        if isinstance(condition, NotListed) and UUID(condition.list_id) not in known
    ]


async def _picture_faults(conn: Connection, actor: Actor, definition: Definition) -> list[Fault]:
    detail = "is none of this workspace's pictures; upload it first"
    return [
        Fault(pointer=f"/draws/{number}/tiers/{place}/picture/sha256", detail=detail)
        for number, draw in enumerate(definition.draws)
        for place, tier in enumerate(draw.tiers)
        if tier.picture is not None
        and not await pictures.is_kept(conn, actor.workspace_id, bytes.fromhex(tier.picture.sha256))
    ]
