"""A VK community that is told of what happens, over a real database; the network stays silent.

Events are in VK's own form; a pass over a list is made up of what a test says was seen.
"""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.domain.evidence import Action, Sighting, Target, TargetKind
from contest_service.flows import define, life
from contest_service.platforms.live import read_event
from contest_service.store import actions, channels, communities, evidence, heard, scans, work
from contest_service.store.channels import ChannelKind
from contest_service.store.communities import Community, NewCommunity
from contest_service.store.contests import Contest
from contest_service.store.scans import Outcome, ReadPage, Scan, StagedPage, Watch
from contest_service.store.targets import StoredTarget
from flows.made_up import watched
from flows.stage import Stage, definition
from workers import jobs

GROUP = 501
PAGE = f"-{GROUP}"
POST = f"{PAGE}_1"
SERVER = "127.0.0.1:8002"
ANN, BOB, CEM = "1001", "1002", "1003"
EVERYTHING = {
    "kind": "all_of",
    "of": [{"kind": "liked"}, {"kind": "reposted"}, {"kind": "commented"}, {"kind": "follows"}],
}
MOMENT = timedelta(seconds=1)
_numbers = itertools.count(1)


async def community(stage: Stage, *, account: str = PAGE) -> Community:
    """A connected page that events come in for."""
    new = NewCommunity(
        platform=Platform.VK,
        instance=SERVER,
        account=account,
        handle="coffee",
        name="Кофейня",
        endpoints={"api": f"http://{SERVER}", "oauth": f"http://{SERVER}"},
        credential=stage.rt.vault.seal(b'{"community_token": "ours", "user_token": "admin"}'),
    )
    workspace_id = stage.actor.workspace_id
    async with stage.transaction() as conn:
        made = await communities.connect(conn, workspace_id, new, now=stage.now())
        await channels.renew(conn, workspace_id, made.id, ChannelKind.LONG_POLL, now=stage.now())
    return made


def target(kind: TargetKind, ref: str) -> Target:
    return Target(
        platform=Platform.VK,
        instance=SERVER,
        kind=kind,
        ref=ref,
        author=PAGE,
        url=f"http://{SERVER}/wall{ref}",
    )


async def started(stage: Stage, page: Community, **changes: Any) -> Contest:
    """A contest on the page's first post that asks for everything."""
    found = define.FoundPost(
        community_id=page.id,
        post=target(TargetKind.POST, POST),
        community=target(TargetKind.COMMUNITY, PAGE),
    )
    asked = definition(stage, **{"rules": EVERYTHING, **changes})
    async with stage.transaction() as conn:
        contest = await define.create_contest(
            conn, stage.actor, asked, practice=True, now=stage.now()
        )
        await define.attach_post(conn, stage.actor, contest.id, found, now=stage.now())
        return await life.start_contest(conn, stage.rt, stage.actor, contest.id, now=stage.now())


# Events, in VK's form ----------------------------------------------------------------------------


def event(kind: str, **about: Any) -> bytes:
    """An event with an id of its own."""
    return msgspec.json.encode(
        {"type": kind, "event_id": f"e{next(_numbers)}", "group_id": GROUP, "object": about}
    )


def like(who: str, *, kind: str = "like_add", post: int = 1) -> bytes:
    about = {"object_type": "post", "object_owner_id": -GROUP, "object_id": post}
    return event(kind, liker_id=int(who), **about)


def unlike(who: str) -> bytes:
    return like(who, kind="like_remove")


def repost(who: str, *, text: str = "", at: int = 1_800_000_000) -> bytes:
    origin = {"owner_id": -GROUP, "id": 1}
    return event(
        "wall_repost",
        id=7,
        owner_id=int(who),
        from_id=int(who),
        date=at,
        text=text,
        copy_history=[origin],
    )


def comment(who: str, text: str, *, id_: int = 9, kind: str = "wall_reply_new") -> bytes:
    about = {"id": id_, "from_id": int(who), "date": 1_800_000_000, "text": text}
    return event(kind, post_id=1, post_owner_id=-GROUP, owner_id=-GROUP, **about)


def delete(id_: int = 9) -> bytes:
    return event("wall_reply_delete", owner_id=-GROUP, id=id_, post_id=1, deleter_id=1)


def join(who: str) -> bytes:
    return event("group_join", user_id=int(who), join_type="join")


def leave(who: str) -> bytes:
    return event("group_leave", user_id=int(who))


def ref_of(body: bytes) -> str:
    """The reference by which an event's action is known."""
    return read_event(Platform.VK, body).heard[-1].sighting.ref


async def bring(stage: Stage, page: Community, *bodies: bytes) -> None:
    """Let events come in, as an address or a queue takes them, a moment after all before."""
    stage.pass_time(stage.now() + MOMENT)
    for body in bodies:
        arrival = heard.Arrival(event_id=read_event(Platform.VK, body).id, body=body)
        async with stage.transaction() as conn:
            await heard.add(conn, page.workspace_id, page.id, [arrival], at=stage.now())
            await work.plan(conn, page.workspace_id, work.Kind.HEAR, page.id, due_at=stage.now())
    stage.pass_time(stage.now() + MOMENT)


async def hear(stage: Stage, page: Community, *bodies: bytes) -> None:
    """Let events come in, and a worker work them in."""
    await bring(stage, page, *bodies)
    await run(stage, work.Kind.HEAR, page)


async def run(stage: Stage, kind: work.Kind, page: Community) -> None:
    """Let a worker do what is due about the page."""
    async with stage.rt.pool.acquire() as conn:
        id_ = await conn.fetchval(
            "SELECT id FROM work WHERE kind = $1 AND subject = $2", kind, page.id
        )
    await jobs.work({"runtime": stage.rt}, str(page.workspace_id), str(id_))


# Passes over a list ------------------------------------------------------------------------------


def seen(who: str, ref: str = "", *, at: int | None = None) -> Sighting:
    return Sighting(account=who, ref=ref, at=at)


class Pass:
    """A pass over a list, from its beginning to its end, as the scan's flow makes one."""

    def __init__(self, stage: Stage, watch: Watch, target: StoredTarget, scan: Scan) -> None:
        self._stage = stage
        self._pages = 0
        self.watch = watch
        self.target = target
        self.scan = scan
        self.gone: list[actions.Gone] = []

    async def read(self, *sightings: Sighting) -> None:
        """Read a page, a moment after all before."""
        self._stage.pass_time(self._stage.now() + MOMENT)
        now = self._stage.now()
        page = StagedPage(seq=self._pages, answer="present", seen_at=now, sightings=sightings)
        read = ReadPage(seq=self._pages, sha256=bytes(32), size=0, fetched_at=now, body=None)
        self._pages += 1
        async with self._stage.transaction() as conn:
            await scans.stage(conn, self.scan, [page], [read], checkpoint="1")
        self._stage.pass_time(self._stage.now() + MOMENT)

    async def compare(self) -> None:
        """Find out what is new and what is gone."""
        async with self._stage.transaction() as conn:
            self.gone = await actions.compare(conn, self.watch, self.scan, asked=False)

    async def merge(self) -> Outcome:
        """Write it."""
        self._stage.pass_time(self._stage.now() + MOMENT)
        now = self._stage.now()
        async with self._stage.transaction() as conn:
            before = await scans.latest_complete(conn, self.watch)
            outcome = await actions.merge(
                conn,
                self.watch,
                self.scan,
                gone=self.gone,
                asked=False,
                absent_at=None if before is None else before.started_at,
                platform=self.target.platform,
                instance=self.target.instance,
                at=now,
            )
            await scans.finish(conn, self.scan, outcome, at=now, claimed=None)
            await evidence.credit_scan(
                conn,
                self.target,
                self.watch.action,
                scan_id=self.scan.id,
                started_at=self.scan.started_at,
            )
        return outcome


async def begin(stage: Stage, contest: Contest, action: Action) -> Pass:
    """Begin a pass, a moment after all before."""
    stage.pass_time(stage.now() + MOMENT)
    watch, found = await watched(stage, contest, action)
    async with stage.transaction() as conn:
        scan = await scans.begin(conn, watch, closing=True, at=stage.now())
    return Pass(stage, watch, found, scan)


async def see(stage: Stage, contest: Contest, action: Action, *sightings: Sighting) -> Outcome:
    """Let a complete pass find exactly this."""
    this = await begin(stage, contest, action)
    await this.read(*sightings)
    await this.compare()
    return await this.merge()


# What is known -----------------------------------------------------------------------------------


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A presence as the database holds it."""

    account: str
    ref: str
    at: datetime | None
    absent_at: datetime | None
    seen_at: datetime
    gone_at: datetime | None
    gone_why: str | None
    heard: bool
    text: str


async def known(stage: Stage, action: Action) -> list[Known]:
    """All presences of an action, by account and in the order in which they were seen."""
    async with stage.rt.pool.acquire() as conn:
        rows = await conn.fetch(
            """SELECT account, ref, at, absent_at, seen_at, gone_at, gone_why, heard, text
            FROM actions WHERE action = $1 ORDER BY account, seen_at, ref""",
            action,
        )
    return [msgspec.convert(dict(row), Known) for row in rows]


async def present(stage: Stage, action: Action) -> list[tuple[str, str]]:
    """Whose action is there, and under which reference; each as often as it is on record."""
    return [(each.account, each.ref) for each in await known(stage, action) if each.gone_at is None]


def names(found: Sequence[tuple[str, str]]) -> list[str]:
    return [account for account, _ in found]
