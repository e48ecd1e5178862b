"""The town with bots on the practice VK, read by the service as it would read the real one.

The sandbox's clock and the service's are one, and stand where the town has come to. Six contests
are made by the flows; their posts and pages are scanned by the real adapter at a handful of times
(the others when they open, when they close, and six days later; the sixth twice a day), judged, and
measured with default settings. Live events are not listened to, so that likes, for which VK tells
no time, have no minute.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from redis.asyncio import Redis

from benchmarks.bots import Town
from benchmarks.ground import open_runtime
from benchmarks.scene import owner_of
from benchmarks.townsfolk import DAY, LASTS, MINUTE, OPENS_AT, OTHERS, OTHERS_LAST, Deed, Somebody
from contest_service.domain.accounts import Platform
from contest_service.domain.contest import Definition, Status
from contest_service.domain.people import Actor
from contest_service.domain.signals.scores import THRESHOLD
from contest_service.flows import connect, define, life
from contest_service.flows.judge import run_judge
from contest_service.flows.measure import measure
from contest_service.flows.runtime import Runtime
from contest_service.flows.scan import run_scan
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.vk.credential import Kind as TokenKind
from contest_service.platforms.vk.lanes import Lanes
from contest_service.quota import RedisLimiter
from contest_service.sandbox.vk import acts, societies
from contest_service.sandbox.vk.control_world import (
    NewCommunity,
    NewPost,
    NewToken,
    add_community,
    add_post,
    add_token,
)
from contest_service.sandbox.vk.limits import Rates
from contest_service.sandbox.vk.records import Comment, Person, Place, Post
from contest_service.sandbox.vk.server import Served, serve
from contest_service.store import contests, evidence, signals, work
from contest_service.store.communities import Community
from contest_service.store.contests import Contest
from contest_service.store.signals import Scored, Seek

ADMIN = 2001
_RULES = {
    "kind": "any_of",
    "of": [{"kind": each} for each in ("liked", "reposted", "commented", "follows")],
}
_BRISK = dict.fromkeys(TokenKind, 0.001)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What the signals said of everybody, each with their kind, and how long measuring took."""

    scored: list[tuple[str, Scored]]
    seconds: float

    def flagged(self, kind: str, *, threshold: int = THRESHOLD) -> int:
        """How many of a kind are flagged; honest people have the empty one."""
        return sum(each == kind and said.score >= threshold for each, said in self.scored)

    def count(self, kind: str) -> int:
        """How many of a kind take part."""
        return sum(each == kind for each, _ in self.scored)


@dataclass
class Stage:
    """The sandbox and the service, at one time."""

    rt: Runtime
    vk: Served
    town: Town
    actor: Actor
    clock: list[int]
    posts: dict[int, Post]
    done: int = 0

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock[0], UTC)

    def live_until(self, at: int) -> None:
        """Let everybody do what they do until then, and move the clocks there."""
        deeds = self.town.deeds
        while self.done < len(deeds) and deeds[self.done].at <= at:
            _do(self, deeds[self.done])
            self.done += 1
        self.clock[0] = at


def _do(stage: Stage, deed: Deed) -> None:
    world, post = stage.vk.world, stage.posts[deed.contest]
    community = world.communities[-post.owner_id]
    match deed.do:
        case "like":
            acts.like(world, deed.person, post, at=deed.at)
        case "repost":
            acts.repost(world, deed.person, post, at=deed.at)
        case "join":
            societies.join(world, deed.person, community, at=deed.at)
        case "leave":
            societies.leave(world, deed.person, community, at=deed.at)
        case "comment":
            said = Comment(
                owner_id=post.owner_id,
                post_id=post.id,
                id=0,
                from_id=deed.person,
                date=deed.at,
                text=deed.text,
            )
            acts.comment(world, post, said, at=deed.at)


async def measure_town(town: Town, *, url: str, folder: Path, redis_url: str) -> Found:
    """Live through all six contests, and return what the signals say of everybody in the last."""
    async with _open_stage(town, url=url, folder=folder, redis_url=redis_url) as stage:
        pages = [await _connect(stage, id_) for id_ in sorted(stage.vk.world.communities)]
        for number in sorted(range(1, len(OTHERS) + 1), reverse=True):
            opens_at = OTHERS[number - 1]
            stage.live_until(opens_at - MINUTE)
            contest = await _begin(stage, pages, number, lasts=OTHERS_LAST)
            for later in (0, OTHERS_LAST + MINUTE, OTHERS_LAST + 6 * DAY):
                stage.live_until(opens_at + later)
                await _scan(stage, contest)
        stage.live_until(OPENS_AT - MINUTE)
        contest = await _begin(stage, pages, 0, lasts=LASTS)
        for half_days in range(LASTS // (DAY // 2)):
            stage.live_until(OPENS_AT + half_days * DAY // 2)
            await _scan(stage, contest)
        stage.live_until(OPENS_AT + LASTS - MINUTE)
        await _scan(stage, contest)
        return await _measured(stage, contest)


async def _measured(stage: Stage, contest: Contest) -> Found:
    key = (contest.workspace_id, contest.id)
    async with stage.rt.pool.acquire() as conn:
        due = await work.plan(conn, key[0], work.Kind.JUDGE, contest.id, due_at=stage.now)
        job = await work.take(conn, key[0], due.id, now=stage.now)
    assert job is not None
    await run_judge(stage.rt, job)
    async with stage.rt.pool.acquire() as conn:
        contest = await contests.read(conn, *key)
    await measure(stage.rt, contest)
    most = len(stage.town.people) + 10
    async with stage.rt.pool.acquire() as conn:
        found = await signals.list_page(
            conn, contest, at_least=0, signal=None, state=None, after=Seek(), limit=most
        )
        run = await signals.run_of(conn, *key)
    kinds = {str(each.id): each.kind for each in stage.town.people}
    known = [(kinds[each.subject.rpartition(":")[2]], each) for each in found]
    return Found(scored=known, seconds=0.0 if run is None else run.seconds)


@contextlib.asynccontextmanager
async def _open_stage(
    town: Town, *, url: str, folder: Path, redis_url: str
) -> AsyncIterator[Stage]:
    clock = [OTHERS[-1] - DAY]
    async with (
        serve(clock=lambda: clock[0], ticks=lambda: 0.0) as vk,
        open_runtime(url, folder, redis_url=redis_url) as rt,
        Redis.from_url(redis_url) as redis,
    ):
        hosts = AllowedHosts.parse(["127.0.0.1:*"])
        rt = replace(
            rt,
            clock=lambda: datetime.fromtimestamp(clock[0], UTC),
            lanes=Lanes(RedisLimiter(redis), hosts, intervals=_BRISK),
        )
        async with rt.pool.acquire() as conn, conn.transaction():
            actor, _ = await owner_of(conn)
        posts = _build(vk, town)
        yield Stage(rt=rt, vk=vk, town=town, actor=actor, clock=clock, posts=posts)


def _build(vk: Served, town: Town) -> dict[int, Post]:
    """Fill the world: two pages, everybody, and the posts of all contests on them."""
    world = vk.world
    vk.site.limits.rates = Rates(user=0, service=0, group=0)
    people = [Person(id=ADMIN, first_name="Анна", last_name="Белова"), *map(_person, town.people)]
    for person in people:
        world.people.put(person)
    admins = {ADMIN: "administrator"}
    pages = [
        add_community(vk.site, NewCommunity(name=name, admins=admins))["id"]  # type: ignore[arg-type] # a role
        for name in ("Кофейня", "Пекарня")
    ]
    for page in pages:
        members = (each.id for each in town.people if each.is_member)
        societies.join_in_bulk(world.communities[page], members, at=vk.site.now)
    posts = {}
    for number in range(len(OTHERS) + 1):
        owner_id = -pages[number % 2]
        id_ = add_post(vk.site, NewPost(owner_id=owner_id, text="Розыгрыш"))["id"]
        posts[number] = world.posts[owner_id, id_]
    return posts


def _person(each: Somebody) -> Person:
    return Person(
        id=each.id,
        first_name="Ева",
        last_name="Орлова",
        bdate="1.2.1990" if each.has_birthday else "",
        city=Place(id=1, title="Москва") if each.has_city else None,
        has_photo=each.has_photo,
        is_closed=each.is_closed,
        followers_count=each.followers,
    )


async def _connect(stage: Stage, page: int) -> Community:
    site, url = stage.vk.site, stage.vk.url
    tokens = {
        "user_token": add_token(site, NewToken(kind="user", person_id=ADMIN))["value"],
        "community_token": add_token(site, NewToken(kind="group", group_id=page))["value"],
        "service_token": add_token(site, NewToken(kind="service", app_id=1))["value"],
    }
    new = await connect.sign_in(
        stage.rt,
        platform=Platform.VK,
        endpoints={"api": url, "oauth": url},
        credential=msgspec.json.encode({**tokens, "community": f"club{page}"}),
    )
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        return await connect.store_community(conn, stage.actor, new, now=stage.now)


async def _begin(stage: Stage, pages: list[Community], number: int, *, lasts: int) -> Contest:
    """Define a contest on its post and start it."""
    opens_at = datetime.fromtimestamp(stage.clock[0] + MINUTE, UTC)
    post = stage.posts[number]
    found = await define.look_up_post(
        stage.rt,
        stage.actor,
        pages[number % 2].id,
        f"https://vk.com/wall{post.owner_id}_{post.id}",
    )
    definition = _definition(opens_at, timedelta(seconds=lasts))
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        contest = await define.create_contest(
            conn, stage.actor, definition, practice=True, now=stage.now
        )
        await define.attach_post(conn, stage.actor, contest.id, found, now=stage.now)
        contest = await life.start_contest(conn, stage.rt, stage.actor, contest.id, now=stage.now)
        # The worker would do it at the opening.
        return await contests.move(conn, contest, Status.RUNNING, now=stage.now)


def _definition(opens_at: datetime, lasts: timedelta) -> Definition:
    closes_at = opens_at + lasts
    schedule = {
        "opens_at": opens_at,
        "closes_at": closes_at,
        "freeze_at": closes_at + timedelta(days=30),
        "draw_at": closes_at + timedelta(days=31),
        "min_lead": 600,
    }
    fields = {
        "title": "A mug",
        "organiser": "The pottery",
        "schedule": schedule,
        "rules": _RULES,
        "draws": [{"tiers": [{"id": "mug", "prize": "A mug", "winners": 1}]}],
    }
    return msgspec.convert(fields, Definition)


async def _scan(stage: Stage, contest: Contest) -> None:
    """Let one pass read each list that the contest rests on, to its end."""
    async with stage.rt.pool.acquire() as conn:
        watched = await evidence.watched(conn, contest.workspace_id, contest.id)
    for each in watched:
        key = (contest.workspace_id, work.Kind.SCAN, each.watch_id)
        async with stage.rt.pool.acquire() as conn:
            await work.replan(conn, *key, due_at=stage.now)
            (found,) = await conn.fetch("SELECT id FROM work WHERE subject = $1", each.watch_id)
            job = await work.take(conn, contest.workspace_id, found["id"], now=stage.now)
        assert job is not None
        await run_scan(stage.rt, job)
