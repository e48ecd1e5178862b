"""What is changed, or closes, while passes over the same posts are under way."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contest_service.domain.contest import Status
from contest_service.domain.evidence import Action
from contest_service.flows import life, merge, scan
from contest_service.flows.runtime import adapter_for
from contest_service.store import communities, evidence, scans, work
from contest_service.store.contests import Contest
from contest_service.store.scans import ReadPage, StagedPage
from contest_service.store.work import Work
from flows.lives import living
from flows.made_up import (
    NOWHERE,
    account,
    advance,
    advance_until,
    amended,
    connected,
    passes,
    reread,
    run_scan,
    schedule,
    see,
    sighting,
    somebody_waits,
    started,
    watched,
)
from flows.stage import Stage, open_stage

SOON = timedelta(seconds=1)
EVERYWHERE = ("127.0.0.1:*",)


async def _taken(stage: Stage, subject: UUID) -> Work:
    """The due work about something, in the hands of a worker."""
    async with stage.rt.pool.acquire() as conn:
        id_ = await conn.fetchval("SELECT id FROM work WHERE subject = $1", subject)
        job = await work.take(conn, stage.actor.workspace_id, id_, now=stage.now())
    assert job is not None
    return job


async def _closing(stage: Stage) -> Contest:
    contest = await started(stage, await connected(stage))
    stage.pass_time(contest.closes_at + SOON)
    await advance(stage, contest)
    return await reread(stage, contest)


async def _closing_scan(stage: Stage, contest: Contest) -> UUID | None:
    async with stage.rt.pool.acquire() as conn:
        (each,) = await evidence.watched(conn, contest.workspace_id, contest.id)
    return each.closing_scan_id


async def test_an_amendment_and_the_end_of_a_scan_wait_for_each_other_in_one_order(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await _closing(stage)
        watch, target = await watched(stage, contest, Action.LIKE)
        job = await _taken(stage, watch.id)
        async with stage.transaction() as conn:
            begun = await scans.begin(conn, watch, closing=True, at=stage.now())
        async with stage.transaction() as conn:
            await merge.require_lease(conn, job, now=stage.now())
            amendment = asyncio.ensure_future(amended(stage, contest))
            await somebody_waits(pool)
            served = await evidence.credit_scan(
                conn, target, Action.LIKE, scan_id=begun.id, started_at=begun.started_at
            )
        assert served == [contest.id]
        assert (await amendment).status is Status.RUNNING
        # The scan belongs to the old close.
        assert await _closing_scan(stage, contest) is None


async def _begun(
    stage: Stage, watch: scans.Watch, *people: str, closing: bool = False
) -> scans.Scan:
    """A pass that has read one page so far."""
    now = stage.now()
    async with stage.transaction() as conn:
        begun = await scans.begin(conn, watch, closing=closing, at=now)
        page = StagedPage(
            seq=0, answer="present", seen_at=now, sightings=[sighting(name) for name in people]
        )
        read = ReadPage(seq=0, sha256=bytes(32), size=0, fetched_at=now, body=None)
        await scans.stage(conn, begun, [page], [read], checkpoint="1")
    return begun


async def test_a_closing_scan_goes_on_while_another_contest_on_the_post_closes(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, EVERYWHERE) as stage:
        page = await connected(stage)
        first = await started(stage, page, schedule=schedule(stage, closes_at=300, draw_at=900))
        second = await started(stage, page, schedule=schedule(stage, closes_at=320, draw_at=900))
        watch, _ = await watched(stage, first, Action.LIKE)
        await advance_until(stage, first, first.closes_at + SOON)
        begun = await _begun(stage, watch, "ann", closing=True)
        await advance_until(stage, second, second.closes_at + SOON)
        await run_scan(stage, watch)
        assert [(each.id, each.state) for each in await passes(stage, first)] == [
            (begun.id, "running")
        ]


async def test_an_ordinary_pass_that_outlives_the_close_gives_way_to_the_closing_one(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, EVERYWHERE) as stage:
        contest = await started(stage, await connected(stage))
        watch, _ = await watched(stage, contest, Action.LIKE)
        # The worker that closes the contest comes a moment after the close.
        stage.pass_time(contest.closes_at + SOON)
        ordinary = await _begun(stage, watch, "ann")
        await advance(stage, contest)
        await run_scan(stage, watch)
        newest, oldest = await passes(stage, contest)
        assert (newest.closing, newest.state) == (True, "running")
        assert (oldest.id, oldest.state) == (ordinary.id, "aborted")


async def _ending(stage: Stage, contest: Contest) -> merge.Pass:
    """An ordinary pass after the close, in the hands of a worker, that has read everything."""
    watch, target = await watched(stage, contest, Action.LIKE)
    stage.pass_time(contest.closes_at + SOON)
    job, begun = await _taken(stage, watch.id), await _begun(stage, watch, "ann")
    return merge.Pass(rt=stage.rt, job=job, watch=watch, target=target, scan=begun)


async def test_an_ordinary_pass_that_ends_after_the_close_is_no_closing_scan(
    pool: Any, network: Any, tmp_path: Path
) -> None:
    async with living(pool, network, tmp_path, fans=1) as lived:
        stage, contest = lived.stage, await lived.contest()
        this = await _ending(stage, contest)
        await advance(stage, contest)
        community_id = this.target.community_id
        async with adapter_for(stage.rt, contest.workspace_id, community_id) as adapter:
            await merge.finish_scan(this, adapter)
        assert (await passes(stage, contest))[0].state == "complete"
        assert await _closing_scan(stage, contest) is None
        # It is asked for at once.
        await _taken(stage, this.watch.id)


async def test_whoever_changes_a_community_may_plan_its_scans_while_one_ends(
    pool: Any, network: Any, tmp_path: Path
) -> None:
    async with living(pool, network, tmp_path, fans=1) as lived:
        stage, contest = lived.stage, await lived.contest()
        this = await _ending(stage, contest)
        workspace_id, community_id = contest.workspace_id, this.target.community_id
        async with adapter_for(stage.rt, workspace_id, community_id) as adapter:
            async with stage.transaction() as conn:
                await communities.read_locked(conn, workspace_id, community_id)
                ending = asyncio.ensure_future(merge.finish_scan(this, adapter))
                await somebody_waits(pool)
                subject = this.watch.id
                await work.plan(conn, workspace_id, work.Kind.SCAN, subject, due_at=stage.now())
            await ending
        assert (await passes(stage, contest))[0].state == "complete"


async def test_a_pass_that_nobody_needs_any_more_is_ended(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, EVERYWHERE) as stage:
        contest = await started(stage, await connected(stage))
        watch, _ = await watched(stage, contest, Action.LIKE)
        await _begun(stage, watch, "ann")
        async with stage.transaction() as conn:
            await life.cancel_contest(
                conn, stage.rt, stage.actor, contest.id, reason="cancelled", now=stage.now()
            )
        await run_scan(stage, watch)
        (ended,) = await passes(stage, contest)
        assert ended.state == "aborted"
        async with pool.acquire() as conn:
            assert await conn.fetchval("SELECT count(*) FROM scan_staging") == 0


async def test_who_lost_the_lease_before_it_began_leaves_the_pass_alone(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, EVERYWHERE) as stage:
        contest = await started(stage, await connected(stage))
        watch, _ = await watched(stage, contest, Action.LIKE)
        slow = await _taken(stage, watch.id)
        stage.pass_time(stage.now() + timedelta(seconds=work.LEASE) + SOON)
        await _taken(stage, watch.id)
        begun = await _begun(stage, watch, "ann")
        stage.pass_time(contest.closes_at + SOON)
        await advance(stage, contest)
        # By now the pass is one that a worker would end, and begin anew.
        with pytest.raises(merge.LeaseLostError):
            await scan.run_scan(stage.rt, slow)
        assert [(each.id, each.state) for each in await passes(stage, contest)] == [
            (begun.id, "running")
        ]


async def test_who_lost_the_lease_while_it_read_leaves_the_pass_alone(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, EVERYWHERE) as stage, refusing() as (url, was_asked):
        page = await connected(stage, dict.fromkeys(NOWHERE, url))
        contest = await started(stage, page)
        watch, _ = await watched(stage, contest, Action.LIKE)
        slow = await _taken(stage, watch.id)
        reading = asyncio.ensure_future(scan.run_scan(stage.rt, slow))
        async with was_asked():
            stage.pass_time(stage.now() + timedelta(seconds=work.LEASE) + SOON)
            await _taken(stage, watch.id)
        with pytest.raises(merge.LeaseLostError):
            await reading
        (left,) = await passes(stage, contest)
        assert left.state == "running"


async def test_what_an_aborted_pass_adds_was_not_there_in_the_complete_one_before(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, EVERYWHERE) as stage:
        contest = await _closing(stage)
        watch, target = await watched(stage, contest, Action.LIKE)
        complete = await see(stage, contest, ["ann"])
        stage.pass_time(stage.now() + timedelta(minutes=1))
        begun = await _begun(stage, watch, "ann", "late", closing=True)
        async with stage.transaction() as conn:
            await merge.abort_scan(
                conn, watch, target, begun, failure="the network went away", at=stage.now()
            )
            rows = await conn.fetch("SELECT account, absent_at FROM actions ORDER BY account")
        assert [tuple(row) for row in rows] == [
            (account("ann"), None),
            (account("late"), complete.started_at),
        ]


@contextlib.asynccontextmanager
async def refusing() -> AsyncIterator[tuple[str, Callable[[], Any]]]:
    """A server that refuses the first request for good, once the test has done its part."""
    asked, answer = asyncio.Event(), asyncio.Event()

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await answer.wait()
        body = b'{"error": "InvalidRequest", "message": "No."}'
        writer.write(
            b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        await writer.drain()
        writer.close()

    @contextlib.asynccontextmanager
    async def was_asked() -> AsyncIterator[None]:
        async with asyncio.timeout(10):
            await asked.wait()
        yield
        answer.set()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", was_asked
