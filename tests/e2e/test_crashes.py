"""Deaths in the middle of things: after a restart nothing is lost and nothing has happened twice.

The moment of each death is chosen by a barrier, in front of a server of the network or behind a
lock of the database, so that it is the same in every run.
"""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest
from network.detour import Answer, Request, Roads, named
from redis.asyncio import Redis

from contest_service.flows.scan import BATCH_PAGES
from e2e.running import Installation
from e2e.trial import STATES, Audience, open_trial

LIKES = "app.bsky.feed.getLikes"
POSTS = "app.bsky.feed.getPosts"
CREATE = "com.atproto.repo.createRecord"
FREEZE = named(CREATE, saying="The list is fixed")
RESULT = named(CREATE, saying="Winners")

WAITING = """
SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
OUT = "SELECT 1 FROM contests WHERE now() > draw_at + interval '2 seconds'"
DRAWN = """
SELECT (convert_from(line, 'UTF8')::jsonb->'body'->>'round')::bigint FROM events
WHERE type = 'result'
"""
SCANNED = """
SELECT 1 FROM scans s JOIN watches w ON w.id = s.watch_id
WHERE w.action = 'like' AND s.state = 'complete'
"""
PUBLISHED = "SELECT 1 FROM announcements WHERE kind = $1 AND state = 'published'"


@contextlib.asynccontextmanager
async def locked(database: str, query: str) -> AsyncIterator[None]:
    """Hold what a query finds while the block runs, so that whoever writes it has to wait."""
    conn = await asyncpg.connect(database)
    try:
        async with conn.transaction():
            assert await conn.fetch(f"{query} FOR UPDATE")
            yield
    finally:
        await conn.close()


async def test_a_scan_that_has_not_read_anything_begins_anew(
    roads: Roads, installation: Installation, audience: Audience
) -> None:
    barrier = roads.appview.bar(LIKES)
    async with open_trial(installation, audience) as trial:
        await trial.begin(roads.endpoints)
        await trial.kill_at(barrier)
        await trial.revive()
        await trial.require_good_end()


async def test_a_scan_goes_on_from_its_checkpoint(
    roads: Roads, installation: Installation, audience: Audience
) -> None:
    kept = BATCH_PAGES
    crowd = Crowd(pages=kept + 6)
    roads.appview.answer_itself = crowd.answer
    barrier = roads.appview.bar(lambda request: crowd.page_of(request) == kept + 3)
    async with open_trial(installation, audience) as trial:
        # A scan that began before the close would not be gone on with after it.
        await trial.begin(
            roads.endpoints, closes_in=timedelta(seconds=12), rules={"kind": "liked"}, tickets={}
        )
        trial.verdicts = dict.fromkeys(crowd.accounts, ("valid", 1))
        await barrier.reached()
        await trial.until("SELECT 1 FROM scans WHERE pages = $1", kept)
        await trial.kill_at(barrier)
        roads.appview.passed.clear()
        await trial.revive()
        await trial.until(SCANNED)
        asked = [crowd.page_of(request) for request in roads.appview.passed]
        pages = [page for page in asked if page is not None]
        assert pages[:6] == list(range(kept, kept + 6))
        await trial.require_good_end(present={"like": len(crowd.accounts)})


async def test_a_scan_that_has_read_everything_is_merged_once(
    roads: Roads, installation: Installation, audience: Audience
) -> None:
    def is_after_the_pages(request: Request) -> bool:
        return request.name == POSTS and any(each.name == LIKES for each in roads.appview.passed)

    barrier = roads.appview.bar(is_after_the_pages)
    async with open_trial(installation, audience) as trial:
        await trial.begin(roads.endpoints)
        await barrier.reached()
        assert await trial.conn.fetchval("SELECT count(*) FROM scan_staging") > 0
        await trial.kill_at(barrier)
        await trial.revive()
        await trial.require_good_end()


async def test_a_scan_that_is_being_merged_is_merged_once(
    database: str, roads: Roads, installation: Installation, audience: Audience
) -> None:
    barrier = roads.appview.bar(LIKES)
    async with open_trial(installation, audience) as trial:
        await trial.begin(roads.endpoints)
        await barrier.reached()
        async with locked(database, "SELECT FROM watches WHERE action = 'like'"):
            barrier.open()
            await trial.until(WAITING)
            trial.kill()
        await trial.revive()
        await trial.require_good_end()


async def test_a_freeze_that_is_being_written_is_written_once(
    database: str, installation: Installation, audience: Audience
) -> None:
    async with open_trial(installation, audience) as trial:
        # After the draw's time a freeze would come too late for ever.
        await trial.begin(audience.network.endpoints, draws_after=timedelta(seconds=15))
        await trial.until("SELECT closing_judged_at FROM contests")
        async with locked(database, "SELECT FROM log_heads WHERE log = 'practice'"):
            await trial.until(WAITING)
            trial.kill()
        await trial.revive()
        await trial.require_good_end()


@pytest.mark.parametrize("is_published", [False, True], ids=["not-yet", "not-recorded"])
async def test_what_is_being_published_is_published_once(
    is_published: bool, roads: Roads, installation: Installation, audience: Audience
) -> None:
    barriers = [roads.pds.bar(text, before=not is_published) for text in (FREEZE, RESULT)]
    async with open_trial(installation, audience) as trial:
        await trial.begin(roads.endpoints)
        for barrier in barriers:
            await trial.kill_at(barrier)
            await trial.revive()
        await trial.require_good_end()


async def test_a_round_that_came_out_meanwhile_is_the_one_that_decides(
    installation: Installation, audience: Audience
) -> None:
    async with open_trial(installation, audience) as trial:
        await trial.begin(audience.network.endpoints)
        await trial.until_status("frozen")
        trial.kill()
        round_ = await trial.conn.fetchval("SELECT round FROM contests")
        await trial.until(OUT)
        await trial.revive()
        await trial.require_good_end()
        assert await trial.conn.fetchval(DRAWN) == round_


async def test_a_round_that_was_fetched_becomes_the_result_once(
    database: str, installation: Installation, audience: Audience
) -> None:
    async with open_trial(installation, audience) as trial:
        await trial.begin(audience.network.endpoints)
        await trial.until_status("frozen")
        async with locked(database, "SELECT FROM contests"):
            await trial.until("SELECT 1 FROM beacon_rounds")
            await trial.until(WAITING)
            trial.kill()
        # The round is on record, so nobody has to answer for it again.
        installation.sandbox.stop()
        await trial.revive()
        await trial.require_good_end()


async def test_losing_all_of_redis_costs_seconds(
    redis_url: str, roads: Roads, installation: Installation, audience: Audience
) -> None:
    barrier = roads.appview.bar(LIKES)
    async with open_trial(installation, audience) as trial, Redis.from_url(redis_url) as redis:
        await trial.begin(roads.endpoints)
        await barrier.reached()
        await redis.flushdb()
        barrier.open()
        for state in STATES:
            await trial.until_status(state)
            await redis.flushdb()
        await trial.require_good_end()


async def test_losing_all_connections_to_the_database_loses_nothing(
    roads: Roads, installation: Installation, audience: Audience
) -> None:
    # Whoever is caught says so; that it is tried again is what the test is about.
    installation.expected |= {"work_failed", "work_left_to_its_lease"}
    barrier = roads.appview.bar(LIKES)
    async with open_trial(installation, audience) as trial:
        await trial.begin(roads.endpoints)
        await barrier.reached()
        await trial.conn.execute(END_OTHERS)
        barrier.open()
        for state in STATES:
            await trial.until_status(state)
            await trial.conn.execute(END_OTHERS)
            await trial.expire_leases()
        await trial.require_good_end()


async def test_two_workers_do_everything_once(
    installation: Installation, audience: Audience
) -> None:
    async with open_trial(installation, audience, workers=2) as trial:
        await trial.begin(audience.network.endpoints)
        await trial.require_good_end()


async def test_a_worker_that_was_believed_dead_changes_nothing(
    roads: Roads, installation: Installation, audience: Audience
) -> None:
    waited_for = {
        roads.appview.bar(LIKES, only_first=True): (SCANNED,),
        roads.pds.bar(FREEZE, only_first=True): (PUBLISHED, "freeze"),
        roads.pds.bar(RESULT, only_first=True, before=False): (PUBLISHED, "result"),
    }
    async with open_trial(installation, audience, workers=2) as trial:
        await trial.begin(roads.endpoints)
        for barrier, others_work in waited_for.items():
            await barrier.reached()
            await trial.expire_leases()
            await trial.until(*others_work)
            barrier.open()
        await trial.require_good_end()


class Crowd:
    """Many who like every post: more than fit into one page, or between two checkpoints."""

    def __init__(self, *, pages: int) -> None:
        self.accounts = [f"did:plc:{_letters(number)}" for number in range(100 * pages)]
        self._pages = pages
        self._liked_at = datetime.now(UTC).isoformat()

    def page_of(self, request: Request) -> int | None:
        """Which page of likes a request asks for; None if it asks for something else."""
        return int(request.parameter("cursor") or 0) if request.name == LIKES else None

    def answer(self, request: Request) -> Answer | None:
        """Answer instead of the AppView, if it is about likes."""
        page = self.page_of(request)
        if page is None:
            return None
        shown = self.accounts[100 * page : 100 * page + 100]
        likes = [
            {"actor": {"did": did, "handle": f"{did[-9:]}.test"}, "indexedAt": self._liked_at}
            for did in shown
        ]
        more: dict[str, Any] = {"cursor": str(page + 1)} if page + 1 < self._pages else {}
        return Answer(
            status=200,
            headers={"Content-Type": "application/json"},
            body=msgspec.json.encode({"likes": likes, **more}),
        )


def _letters(number: int) -> str:
    return "".join("abcdefghij"[int(digit)] for digit in f"{number:024}")
