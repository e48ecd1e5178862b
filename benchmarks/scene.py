"""A workspace with a connected community and a started contest on one post, made by the flows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from benchmarks.ground import START
from contest_service.domain.accounts import Platform
from contest_service.domain.contest import Definition
from contest_service.domain.evidence import Action, Target, TargetKind
from contest_service.domain.people import Actor, Role
from contest_service.flows import define, life
from contest_service.flows.bootstrap import ensure_first_workspace
from contest_service.flows.runtime import Runtime
from contest_service.store import communities, contests, evidence, scans, targets
from contest_service.store.contests import Contest
from contest_service.store.evidence import Watched
from contest_service.store.rows import Connection
from contest_service.store.scans import Watch
from contest_service.store.targets import StoredTarget

INSTANCE = "127.0.0.1"
COMMUNITY = "did:plc:benchmarkcommunity000000"
POST = f"at://{COMMUNITY}/app.bsky.feed.post/3kbenchmark000"
VK_COMMUNITY, VK_POST = "-1", "-1_1"
CLOSES_AT = START + timedelta(hours=1)
FREEZE_AT = START + timedelta(hours=2)
DRAW_AT = START + timedelta(hours=3)

LIKED = {"kind": "liked"}


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """The ids that measurements need; `token` is the owner's."""

    workspace_id: UUID
    contest_id: UUID
    token: str


def definition(conditions: tuple[dict[str, Any], ...], *, winners: int = 10) -> Definition:
    """A contest with one draw, in which all conditions have to hold."""
    return msgspec.convert(
        {
            "title": "A mug",
            "organiser": "The pottery",
            "schedule": {
                "opens_at": START,
                "closes_at": CLOSES_AT,
                "freeze_at": FREEZE_AT,
                "draw_at": DRAW_AT,
                "min_lead": 600,
            },
            "rules": {"kind": "all_of", "of": conditions},
            "draws": [{"tiers": [{"id": "mug", "prize": "A mug", "winners": winners}]}],
        },
        Definition,
    )


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a contest takes place: a community of a platform, and a post of it."""

    community: str
    post: str
    handle: str
    endpoints: dict[str, str]
    credential: bytes


_PLACES = {
    Platform.BLUESKY: _Place(
        community=COMMUNITY,
        post=POST,
        handle="pottery.test",
        endpoints={"pds": f"http://{INSTANCE}:1"},
        credential=b"{}",
    ),
    Platform.VK: _Place(
        community=VK_COMMUNITY,
        post=VK_POST,
        handle="pottery",
        endpoints={"api": f"http://{INSTANCE}:1"},
        credential=b'{"user_token":"benchmark","community":"1"}',
    ),
}


async def set_scene(
    rt: Runtime,
    conditions: tuple[dict[str, Any], ...],
    *,
    platform: Platform = Platform.BLUESKY,
) -> Scene:
    """Make everything up to a running contest, as of START."""
    place = _PLACES[platform]
    async with rt.pool.acquire() as conn, conn.transaction():
        actor, token = await owner_of(conn)
        community = await _community(conn, rt, actor.workspace_id, platform)
        contest = await define.create_contest(
            conn, actor, definition(conditions), practice=True, now=START
        )
        found = define.FoundPost(
            community_id=community.id,
            post=_target(platform, TargetKind.POST, place.post),
            community=_target(platform, TargetKind.COMMUNITY, place.community),
        )
        await define.attach_post(conn, actor, contest.id, found, now=START)
        await life.start_contest(conn, rt, actor, contest.id, now=START)
    return Scene(workspace_id=actor.workspace_id, contest_id=contest.id, token=token)


async def owner_of(conn: Connection) -> tuple[Actor, str]:
    """The owner of the database's workspace, which is made if there is none, and their token."""
    workspace, token = await ensure_first_workspace(conn)
    actor = Actor(
        workspace_id=workspace.id,
        person_id=await conn.fetchval("SELECT person_id FROM memberships"),
        token_id=None,
        role=Role.OWNER,
        request_id="benchmark",
    )
    return actor, token or ""


async def _community(
    conn: Connection, rt: Runtime, workspace_id: UUID, platform: Platform
) -> communities.Community:
    """The one community of all scenes in a database."""
    place = _PLACES[platform]
    connected = await communities.list_page(conn, workspace_id, after=None, limit=1)
    if connected:
        return connected[0]
    return await communities.connect(
        conn,
        workspace_id,
        communities.NewCommunity(
            platform=platform,
            instance=INSTANCE,
            account=place.community,
            handle=place.handle,
            name="The pottery",
            endpoints=place.endpoints,
            credential=rt.vault.seal(place.credential),
        ),
        now=START,
    )


def _target(platform: Platform, kind: TargetKind, ref: str) -> Target:
    return Target(
        platform=platform,
        instance=INSTANCE,
        kind=kind,
        ref=ref,
        author=_PLACES[platform].community,
        url="http://127.0.0.1:1/post",
    )


async def read_contest(conn: Connection, scene: Scene) -> Contest:
    return await contests.read(conn, scene.workspace_id, scene.contest_id)


async def watch_of(
    conn: Connection, scene: Scene, action: Action
) -> tuple[Watch, StoredTarget, Watched]:
    """The watch of one action that the contest rests on, and its target."""
    watched = await evidence.watched(conn, scene.workspace_id, scene.contest_id)
    found = next(each for each in watched if each.action is action)
    watch = await scans.read_watch(conn, scene.workspace_id, found.watch_id)
    return watch, await targets.read(conn, scene.workspace_id, watch.target_id), found


def later(seconds: float) -> datetime:
    """A moment after the start."""
    return START + timedelta(seconds=seconds)
