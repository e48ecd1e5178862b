"""Contests on posts that no platform has: a real database and real flows, over made-up evidence.

For what happens between two transactions, where nobody outside has to answer.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contest_service.domain.accounts import Platform
from contest_service.domain.evidence import Action, Sighting, Target, TargetKind
from contest_service.flows import define, life
from contest_service.store import (
    actions,
    communities,
    contests,
    entrants,
    evidence,
    scans,
    targets,
    work,
)
from contest_service.store.communities import Community, NewCommunity
from contest_service.store.contests import Contest
from contest_service.store.scans import ReadPage, Scan, StagedPage, Watch
from contest_service.store.targets import StoredTarget
from flows.stage import Stage, definition
from workers import jobs

LIKED = {"kind": "liked"}
PAGE = "did:plc:page"
NOWHERE = dict.fromkeys(("pds", "appview", "plc"), "http://127.0.0.1:1")
_WAITING = """
SELECT EXISTS (SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock')
"""
_INSTANCE = "127.0.0.1"
_REF = f"at://{PAGE}/app.bsky.feed.post/1"


async def connected(stage: Stage, endpoints: Mapping[str, str] | None = None) -> Community:
    """A community whose servers are nowhere, or at these endpoints."""
    new = NewCommunity(
        platform=Platform.BLUESKY,
        instance=_INSTANCE,
        account=PAGE,
        handle="page.test",
        name="Page",
        endpoints=endpoints or NOWHERE,
        credential=stage.rt.vault.seal(b'{"identifier": "page.test", "app_password": "none"}'),
    )
    async with stage.transaction() as conn:
        return await communities.connect(conn, stage.actor.workspace_id, new, now=stage.now())


async def drafted(
    stage: Stage, community: Community, *, practice: bool = True, **changes: Any
) -> Contest:
    """A draft on the community's one post."""
    async with stage.transaction() as conn:
        contest = await define.create_contest(
            conn,
            stage.actor,
            definition(stage, **{"rules": LIKED, **changes}),
            practice=practice,
            now=stage.now(),
        )
        await define.attach_post(conn, stage.actor, contest.id, found(community), now=stage.now())
    return contest


async def started(
    stage: Stage, community: Community, *, practice: bool = True, **changes: Any
) -> Contest:
    """A contest on the community's one post, with its rules public."""
    contest = await drafted(stage, community, practice=practice, **changes)
    async with stage.transaction() as conn:
        return await life.start_contest(conn, stage.rt, stage.actor, contest.id, now=stage.now())


def found(community: Community) -> define.FoundPost:
    """The community's post, as if it had been looked up."""
    return define.FoundPost(
        community_id=community.id,
        post=_target(TargetKind.POST, _REF),
        community=_target(TargetKind.COMMUNITY, PAGE),
    )


def _target(kind: TargetKind, ref: str) -> Target:
    return Target(
        platform=Platform.BLUESKY,
        instance=_INSTANCE,
        kind=kind,
        ref=ref,
        author=PAGE,
        url=f"http://127.0.0.1:1/{kind}",
    )


def schedule(stage: Stage, **seconds: int) -> dict[str, Any]:
    """A schedule in seconds from now; it opened a minute ago."""
    now = stage.now().replace(microsecond=0)
    times = {name: now + timedelta(seconds=value) for name, value in seconds.items()}
    return {"opens_at": now - timedelta(minutes=1), "min_lead": 60, **times}


async def amended(stage: Stage, contest: Contest, **changes: Any) -> Contest:
    """The contest with another definition, in public."""
    async with stage.transaction() as conn:
        return await life.amend_contest(
            conn,
            stage.rt,
            stage.actor,
            contest.id,
            definition(stage, **{"rules": LIKED, **changes}),
            reason="Because",
            now=stage.now(),
        )


async def reread(stage: Stage, contest: Contest) -> Contest:
    async with stage.rt.pool.acquire() as conn:
        return await contests.read(conn, contest.workspace_id, contest.id)


async def advance(stage: Stage, contest: Contest) -> None:
    """Let a worker take the contest's next step, if it is due."""
    async with stage.rt.pool.acquire() as conn:
        due = await work.due(conn, stage.now(), limit=100)
        mine = await conn.fetchval(
            "SELECT id FROM work WHERE kind = 'advance' AND subject = $1", contest.id
        )
    if mine in {each.id for each in due}:
        await jobs.work({"runtime": stage.rt}, str(contest.workspace_id), str(mine))


async def advance_until(stage: Stage, contest: Contest, moment: datetime) -> Contest:
    """Let time pass until `moment`, and take the steps that are due then."""
    stage.pass_time(moment)
    for _ in range(5):
        await advance(stage, contest)
    return await reread(stage, contest)


async def watched(stage: Stage, contest: Contest, action: Action) -> tuple[Watch, StoredTarget]:
    """The watch of an action that the contest rests on, and its target."""
    async with stage.rt.pool.acquire() as conn:
        every = await evidence.watched(conn, contest.workspace_id, contest.id)
        (one,) = (each for each in every if each.action is action)
        watch = await scans.read_watch(conn, contest.workspace_id, one.watch_id)
        return watch, await targets.read(conn, contest.workspace_id, one.target_id)


async def run_scan(stage: Stage, watch: Watch) -> None:
    """Let a worker go on with a watch, as far as it comes without servers."""
    async with stage.rt.pool.acquire() as conn:
        id_ = await conn.fetchval("SELECT id FROM work WHERE subject = $1", watch.id)
    await jobs.work({"runtime": stage.rt}, str(watch.workspace_id), str(id_))


async def see(
    stage: Stage,
    contest: Contest,
    people: Sequence[str] | Mapping[str, str],
    *,
    action: Action = Action.LIKE,
) -> Scan:
    """Let a complete pass find exactly these people, and serve every contest that waits for it.

    With texts, they said that.
    """
    texts = people if isinstance(people, Mapping) else {}
    watch, target = await watched(stage, contest, action)
    now = stage.now()
    async with stage.transaction() as conn:
        begun = await scans.begin(conn, watch, closing=True, at=now)
        page = StagedPage(
            seq=0,
            answer="present",
            seen_at=now,
            sightings=[sighting(name, texts.get(name, "")) for name in people],
        )
        read = ReadPage(seq=0, sha256=bytes(32), size=0, fetched_at=now, body=None)
        await scans.stage(conn, begun, [page], [read], checkpoint=None)
        before = await scans.latest_complete(conn, watch)
        gone = await actions.compare(conn, watch, begun, asked=False)
        outcome = await actions.merge(
            conn,
            watch,
            begun,
            gone=gone,
            asked=False,
            absent_at=None if before is None else before.started_at,
            platform=target.platform,
            instance=target.instance,
            at=now,
        )
        await scans.finish(conn, begun, outcome, at=now, claimed=len(people))
        await evidence.credit_scan(conn, target, action, scan_id=begun.id, started_at=now)
    return begun


def sighting(name: str, text: str = "") -> Sighting:
    return Sighting(account=account(name), ref="", text=text)


def account(name: str) -> str:
    return f"did:plc:{name}"


async def passes(stage: Stage, contest: Contest) -> list[Scan]:
    """All passes that the contest's verdicts rest on, newest first."""
    async with stage.rt.pool.acquire() as conn:
        return await scans.of_contest(
            conn, contest.workspace_id, contest.id, before=None, limit=100
        )


async def states(stage: Stage, contest: Contest) -> dict[str, str]:
    """Everybody's reason, by name."""
    async with stage.rt.pool.acquire() as conn:
        rows = await entrants.list_page(conn, contest.workspace_id, contest.id, limit=100)
    return {each.subject.rpartition(":")[2]: each.reason for each in rows}


async def somebody_waits(pool: Any) -> None:
    """Wait until some connection waits for a lock."""
    async with pool.acquire() as conn:
        for _ in range(1000):
            if await conn.fetchval(_WAITING):
                return
            await asyncio.sleep(0.01)
    raise AssertionError("nobody waits for a lock")


async def entry_of(stage: Stage, contest: Contest, commitment: str) -> UUID:
    """The entry behind a commitment."""
    key = bytes.fromhex(commitment)
    async with stage.rt.pool.acquire() as conn:
        opened = await entrants.openings(conn, contest.workspace_id, contest.id, [key])
    return opened[key].entrant_id
