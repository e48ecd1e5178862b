"""Deaths in the middle of things: after a restart nothing is lost and nothing has happened twice.

The moment of each death is chosen by a barrier in front of a server of the network, so that it is
the same in every run.
"""

import pytest
from redis.asyncio import Redis

from e2e.detour import Request, Roads
from e2e.running import Installation
from e2e.trial import PATIENCE, Audience, open_trial

CREATE = "com.atproto.repo.createRecord"
LIKES = "app.bsky.feed.getLikes"
POSTS = "app.bsky.feed.getPosts"
TIMES = {"closes_in": 8, "draws_after": 12}
"""Seconds: enough for a worker to come back in between."""

OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def test_a_worker_that_dies_before_its_first_page_is_replaced(
    roads: Roads, installation: Installation, audience: Audience
) -> None:
    barrier = roads.appview.bar(LIKES)
    async with open_trial(installation, audience) as trial:
        await trial.begin(roads.endpoints, **TIMES)
        await barrier.reached()
        await trial.revive()
        barrier.open()
        await trial.require_good_end()


async def test_a_worker_that_dies_with_pages_staged_is_replaced(
    roads: Roads, installation: Installation, audience: Audience
) -> None:
    def is_after_the_pages(request: Request) -> bool:
        return request.name == POSTS and any(each.name == LIKES for each in roads.appview.passed)

    barrier = roads.appview.bar(is_after_the_pages)
    async with open_trial(installation, audience) as trial:
        await trial.begin(roads.endpoints, **TIMES)
        await barrier.reached()
        assert await trial.conn.fetchval("SELECT count(*) FROM scan_staging") > 0
        await trial.revive()
        barrier.open()
        await trial.require_good_end()


@pytest.mark.parametrize("is_published", [False, True], ids=["before", "after"])
async def test_a_worker_that_dies_before_or_after_publishing_publishes_once(
    is_published: bool,
    roads: Roads,
    installation: Installation,
    audience: Audience,
) -> None:
    barrier = roads.pds.bar(CREATE, before=not is_published)
    async with open_trial(installation, audience) as trial:
        await trial.begin(roads.endpoints, **TIMES)
        await barrier.reached()
        await trial.revive()
        barrier.open()
        await trial.require_good_end()


async def test_a_worker_that_is_dead_when_the_round_is_out_draws_the_same_round(
    installation: Installation, audience: Audience
) -> None:
    async with open_trial(installation, audience) as trial:
        await trial.begin(audience.network.endpoints, **TIMES)
        await trial.until_status("frozen")
        worker = installation.workers[0]
        worker.kill()
        round_ = await trial.conn.fetchval("SELECT round FROM contests")
        await trial.until("SELECT 1 FROM contests WHERE now() > draw_at + interval '2 seconds'")
        await trial.expire_leases()
        worker.start()
        await trial.require_good_end()
        drawn = await trial.conn.fetchval(
            "SELECT (convert_from(line, 'UTF8')::jsonb->'body'->>'round')::bigint "
            "FROM events WHERE type = 'result'"
        )
        assert drawn == round_


async def test_nothing_is_lost_with_redis(
    installation: Installation, audience: Audience, redis_url: str
) -> None:
    async with open_trial(installation, audience) as trial, Redis.from_url(redis_url) as redis:
        await trial.begin(audience.network.endpoints, **TIMES)
        for status in ("running", "closing", "frozen", "drawn"):
            await trial.until_status(status, "announced")
            await redis.flushdb()
        await trial.require_good_end()


async def test_a_database_that_drops_all_connections_is_found_again(
    roads: Roads, installation: Installation, audience: Audience
) -> None:
    barrier = roads.appview.bar(LIKES)
    async with open_trial(installation, audience) as trial:
        await trial.begin(roads.endpoints, **TIMES)
        await barrier.reached()
        # Whoever is caught says so; that it is tried again is what the test is about.
        installation.expected |= {"work_failed", "work_left_to_its_lease"}
        await trial.conn.fetch(OTHERS)
        barrier.open()
        await installation.until(
            lambda: _has_failed(installation), patience=PATIENCE, what="the failure"
        )
        await trial.expire_leases()
        await trial.require_good_end()


async def _has_failed(installation: Installation) -> bool:
    said = installation.workers[0].events()
    return any(event["event"] in installation.expected for event in said)


async def test_two_workers_do_everything_once(
    installation: Installation, audience: Audience
) -> None:
    async with open_trial(installation, audience, workers=2) as trial:
        await trial.begin(audience.network.endpoints)
        await trial.require_good_end()
