"""Profiles: read who the entrants are, where a platform's lists do not tell by themselves.

Comes before judging. Whoever cannot be read stays as known; conditions over the profile then cannot
be known, so that a platform that is away only delays their answer.
"""

from datetime import datetime

import structlog

from contest_service.domain.contest import Definition, every_condition
from contest_service.domain.evidence import Action, TargetKind
from contest_service.flows.runtime import Runtime, adapter_for
from contest_service.platforms.base import PlatformAdapter
from contest_service.platforms.errors import PlatformError
from contest_service.store import accounts, evidence, targets
from contest_service.store.contests import Contest
from contest_service.store.evidence import Watched
from contest_service.store.targets import StoredTarget

log = structlog.get_logger(__name__)

AT_ONCE = 20_000
"""Accounts that are looked through, and asked about, in one go."""


async def read_profiles(rt: Runtime, contest: Contest, *, at_close: bool = False) -> None:
    """Read the profiles of everybody on the contest's posts that are not known yet.

    `at_close` reads all of them anew if the rules look at profiles: they are judged as they are
    then.
    """
    since = contest.closes_at if at_close and _looks_at_profiles(contest.definition) else None
    async with rt.pool.acquire() as conn:
        watched = await evidence.watched(conn, contest.workspace_id, contest.id)
        posts = {
            post.id: post for post in await targets.posts(conn, contest.workspace_id, contest.id)
        }
    for each in watched:
        if each.kind is TargetKind.POST and each.target_id in posts:
            await _read_of_post(rt, posts[each.target_id], each, since=since)


async def _read_of_post(
    rt: Runtime, post: StoredTarget, watched: Watched, *, since: datetime | None
) -> None:
    try:
        async with adapter_for(rt, post.workspace_id, post.community_id) as adapter:
            if not adapter.capabilities.lists_tell_profiles:
                await _read_all(rt, adapter, post, watched, since=since)
    except PlatformError as error:
        log.warning("profiles_not_read", reason=error.message)


async def _read_all(
    rt: Runtime,
    adapter: PlatformAdapter,
    post: StoredTarget,
    watched: Watched,
    *,
    since: datetime | None,
) -> None:
    after = ""
    while True:
        async with rt.pool.acquire() as conn:
            people = await accounts.actors(
                conn, post, watched.action, since=since, after=after, limit=AT_ONCE
            )
        if not people:
            return
        after = people[-1].account
        unread = [each.account for each in people if each.is_unread]
        if unread:
            found = await adapter.profiles(unread)
            async with rt.pool.acquire() as conn, conn.transaction():
                await accounts.keep_profiles(conn, post, found, at=rt.clock(), asked=True)
                silent = set(unread) - {profile.account for profile in found}
                await accounts.note_silent(conn, post, sorted(silent), at=rt.clock())


def _looks_at_profiles(definition: Definition) -> bool:
    return any(
        condition.fact or condition.action is Action.REPOST  # which a closed profile hides
        for _, condition in every_condition(definition)
    )
