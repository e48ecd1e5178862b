"""Look: read what is written under a contest's posts, while somebody is to write a code there.

Only where no live event would tell of it. Scans of comments find codes too, but come when they are
due, and a contest that asks for no comments has none. What is read here is looked through and
forgotten, after a pause that grows with the wait: under each post the comments since the first code
was given, from the newest on, where the platform lists them so (VK); and then some pages in the
platform's own order. These are all that is read where it does not (Bluesky), and where somebody
answers an older comment with the code.
"""

from datetime import datetime, timedelta

from contest_service.domain.evidence import Action, Page
from contest_service.flows import own
from contest_service.flows.merge import require_lease
from contest_service.flows.runtime import Runtime, adapter_for
from contest_service.platforms.base import Support
from contest_service.platforms.errors import PlatformError
from contest_service.store import channels, contests, ownerships, targets, work
from contest_service.store.channels import ChannelState
from contest_service.store.contests import Contest
from contest_service.store.targets import StoredTarget
from contest_service.store.work import Work

MOST_PAGES = 20
"""Of one post in the platform's own order, at a time."""
SLACK = timedelta(minutes=1)
"""By which a platform's clock may be behind ours."""
SHORTEST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=1)


async def run_look(rt: Runtime, job: Work) -> None:
    """Look once for the codes that a contest waits for, and plan when to look again.

    Raises PlatformError if trying again may help, and LeaseLostError.
    """
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, job.workspace_id, job.subject)
        waits = await ownerships.waits(conn, contest, at=rt.clock())
        posts = await targets.posts(conn, contest.workspace_id, contest.id) if waits else []
    unheard = [post for post in posts if post.gone_at is None and not await _is_told(rt, post)]
    since = waits.first if waits else rt.clock()
    failed: PlatformError | None = None
    for post in unheard:
        try:
            await _look_under(rt, job, post, since)
        except PlatformError as error:
            # The other posts are looked at all the same.
            failed = failed if error.is_permanent else error
    if failed is not None:
        raise failed
    next_at = await _next(rt, contest) if unheard else None
    async with rt.pool.acquire() as conn:
        await work.finish(conn, job, next_at=next_at)


async def _is_told(rt: Runtime, post: StoredTarget) -> bool:
    """Whether events come in for the post's community."""
    async with rt.pool.acquire() as conn:
        channel = await channels.read(conn, post.workspace_id, post.community_id)
    return channel is not None and channel.state is ChannelState.LISTENING


async def _look_under(rt: Runtime, job: Work, post: StoredTarget, since: datetime) -> None:
    """Read comments under a post, and look for codes. Raises PlatformError, LeaseLostError."""
    async with adapter_for(rt, post.workspace_id, post.community_id) as adapter:
        if adapter.capabilities.actions.get(Action.COMMENT) is not Support.LISTED:
            return
        async for page in adapter.newest_comments(post, since - SLACK):
            await _notice(rt, job, post, page)
        left = MOST_PAGES
        async for page in adapter.scan(post, Action.COMMENT, None):
            await _notice(rt, job, post, page)
            left -= 1
            if not left:
                return


async def _notice(rt: Runtime, job: Work, post: StoredTarget, page: Page) -> None:
    async with rt.pool.acquire() as conn, conn.transaction():
        now = rt.clock()
        await own.notice_under(conn, post, page.sightings, at=now)
        await require_lease(conn, job, now=now)


async def _next(rt: Runtime, contest: Contest) -> datetime | None:
    """When to look again: the later, the longer the last one who waits has waited."""
    now = rt.clock()
    async with rt.pool.acquire() as conn:
        waits = await ownerships.waits(conn, contest, at=now)
    if waits is None:
        return None
    return now + min(max((now - waits.last) / 4, SHORTEST_PAUSE), LONGEST_PAUSE)
