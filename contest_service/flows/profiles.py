"""Profiles: read who the entrants are, where a platform's lists do not tell by themselves.

Comes before judging. Whoever cannot be read stays as known; conditions over the profile then cannot
be known, so that a platform that is away only delays their answer. After the draw the winners are
read anew, on every platform, where they are to be checked once more for what their profiles show.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime

import structlog

from contest_service.domain.contest import Definition, every_condition
from contest_service.domain.evidence import TargetKind
from contest_service.domain.recheck import looks_at_profile, rechecks_profiles
from contest_service.flows.ledger import load_chain
from contest_service.flows.runtime import Runtime, adapter_for
from contest_service.flows.versions import counting
from contest_service.platforms.base import PlatformAdapter
from contest_service.platforms.errors import PlatformError
from contest_service.store import accounts, benches, entrants, evidence, targets, winners
from contest_service.store.accounts import Actor
from contest_service.store.contests import Contest
from contest_service.store.evidence import Watched
from contest_service.store.targets import StoredTarget

log = structlog.get_logger(__name__)

AT_ONCE = 20_000
"""Accounts that are looked through, and asked about, in one go."""
ALTERNATES = 100
"""Next in order, of each draw, whose profiles are read together with those of the winners."""


async def read_new_profiles(rt: Runtime, contest: Contest) -> None:
    """Read the profiles of those who are new since all entrants were last judged.

    Everybody is looked through where a platform could not be asked then.
    """
    async with rt.pool.acquire() as conn:
        among = await benches.unread(conn, contest)
    is_whole = await read_profiles(rt, contest, among=among)
    if among is None or not is_whole:
        async with rt.pool.acquire() as conn:
            await benches.set_unread(conn, contest, not is_whole)


async def read_profiles(
    rt: Runtime, contest: Contest, *, at_close: bool = False, among: Collection[str] | None = None
) -> bool:
    """Read the profiles of everybody on the contest's posts, or `among` some, not known yet.

    `at_close` reads all of them anew if the rules look at profiles: they are judged as they are
    then. False if a platform could not be asked.
    """
    since = contest.closes_at if at_close and _looks_at_profiles(contest.definition) else None
    async with rt.pool.acquire() as conn:
        watched = await evidence.watched(conn, contest.workspace_id, contest.id)
        posts = {
            post.id: post for post in await targets.posts(conn, contest.workspace_id, contest.id)
        }
    is_whole = True
    for each in watched:
        if each.kind is TargetKind.POST and each.target_id in posts:
            people = _actors(rt, posts[each.target_id], each, since=since, among=among)
            is_whole &= await _read_of_post(rt, posts[each.target_id], people)
    return is_whole


async def read_winners(rt: Runtime, contest: Contest) -> bool:
    """Read anew whoever holds a prize, and the next in order, if the recheck looks at profiles.

    False if a platform could not be asked.
    """
    async with rt.pool.acquire() as conn:
        whole = contest.definition.recheck_winners
        versions = await counting(conn, contest)
        if not any(rechecks_profiles(each.rules, recheck_winners=whole) for each in versions):
            return True
        chain = await load_chain(conn, contest, spare=ALTERNATES)
        posts = await targets.posts(conn, contest.workspace_id, contest.id)
        drawn = [
            bytes.fromhex(slot.commit) for row in chain.final or () for slot in row if slot.commit
        ]
        drawn += chain.alternates(ALTERNATES)
        openings = await entrants.openings(conn, contest.workspace_id, contest.id, drawn)
        people = await winners.accounts_of(
            conn, contest, [opening.entrant_id for opening in openings.values()]
        )
    is_whole = True
    for post in {(post.platform, post.instance): post for post in posts}.values():
        here = [
            each.id
            for each in people
            if (each.platform, each.instance) == (post.platform, post.instance)
        ]
        is_whole &= await _read_anew(rt, post, here)
    return is_whole


async def _read_anew(rt: Runtime, post: StoredTarget, people: Sequence[str]) -> bool:
    if not people:
        return True
    try:
        async with adapter_for(rt, post.workspace_id, post.community_id) as adapter:
            found = await adapter.profiles(people)
    except PlatformError as error:
        log.warning("profiles_not_read", reason=error.message)
        return False
    async with rt.pool.acquire() as conn, conn.transaction():
        await accounts.keep_profiles(conn, post, found, at=rt.clock(), asked=True)
    return True


async def _actors(
    rt: Runtime,
    post: StoredTarget,
    watched: Watched,
    *,
    since: datetime | None,
    among: Collection[str] | None,
) -> AsyncIterator[list[Actor]]:
    """Yield, in pages, who did something on a post."""
    if among is not None:
        names = sorted(among)
        for start in range(0, len(names), AT_ONCE):
            some = names[start : start + AT_ONCE]
            async with rt.pool.acquire() as conn:
                yield await accounts.actors_among(conn, post, watched.action, some, since=since)
        return
    after = ""
    while True:
        async with rt.pool.acquire() as conn:
            people = await accounts.actors(
                conn, post, watched.action, since=since, after=after, limit=AT_ONCE
            )
        if not people:
            return
        after = people[-1].account
        yield people


async def _read_of_post(
    rt: Runtime, post: StoredTarget, people: AsyncIterator[list[Actor]]
) -> bool:
    try:
        async with adapter_for(rt, post.workspace_id, post.community_id) as adapter:
            if not adapter.capabilities.lists_tell_profiles:
                async for some in people:
                    await _read_some(rt, adapter, post, some)
    except PlatformError as error:
        log.warning("profiles_not_read", reason=error.message)
        return False
    return True


async def _read_some(
    rt: Runtime, adapter: PlatformAdapter, post: StoredTarget, people: Sequence[Actor]
) -> None:
    unread = [each.account for each in people if each.is_unread]
    if unread:
        found = await adapter.profiles(unread)
        async with rt.pool.acquire() as conn, conn.transaction():
            await accounts.keep_profiles(conn, post, found, at=rt.clock(), asked=True)
            silent = set(unread) - {profile.account for profile in found}
            await accounts.note_silent(conn, post, sorted(silent), at=rt.clock())


def _looks_at_profiles(definition: Definition) -> bool:
    return any(looks_at_profile(condition) for _, condition in every_condition(definition))
