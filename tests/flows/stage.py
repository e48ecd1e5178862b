"""A stage for flows: the real database, the real beacon over HTTP, a clock that can be moved.

Work is done by the workers' own job function, in this process, until nothing is due.
"""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
from platforms.vk_facing import BRISK
from redis.asyncio import Redis

from contest_service.beacon_client import fetch_round, open_client
from contest_service.domain.accounts import Platform
from contest_service.domain.contest import Definition
from contest_service.domain.people import Actor, Role
from contest_service.flows import connect, define
from contest_service.flows.bootstrap import ensure_first_workspace
from contest_service.flows.runtime import Runtime
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.vk.lanes import Lanes
from contest_service.proof.beacon import Beacon
from contest_service.quota import RedisLimiter
from contest_service.sandbox.beacon import open_beacon
from contest_service.sandbox.relay import serve
from contest_service.store import entrants, work
from contest_service.store.communities import Community
from contest_service.store.contests import Contest
from contest_service.store.proof import Verifier
from contest_service.store.work import Due
from contest_service.vault import Vault, generate_key
from flows.counted import require_counted
from flows.signing import signer
from workers import jobs

NOWHERE = "redis://127.0.0.1:9"
VERIFY = Path("contest_service/proof/verify.py")


class Stage:
    """A workspace with its owner, and hands that do the work."""

    def __init__(self, rt: Runtime, actor: Actor) -> None:
        self.rt = rt
        self.actor = actor
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def pass_time(self, until: datetime) -> None:
        """Move the clock forward to `until`."""
        self._ahead += max(until - self.now(), timedelta())

    def turn_to(self, moment: datetime) -> None:
        """Set the clock, back too: before anything has happened."""
        self._ahead = moment - datetime.now(UTC)

    @asynccontextmanager
    async def transaction(self) -> "AsyncIterator[Any]":
        async with self.rt.pool.acquire() as conn, conn.transaction():
            yield conn

    async def community(self, person: Any, endpoints: dict[str, str]) -> Community:
        credential = {
            "identifier": person.handle,
            "app_password": person.make_app_password(secrets.token_hex(4)),
        }
        new = await connect.sign_in(
            self.rt,
            platform=Platform.BLUESKY,
            endpoints=endpoints,
            credential=msgspec.json.encode(credential),
        )
        async with self.transaction() as conn:
            return await connect.store_community(conn, self.actor, new, now=self.now())

    async def contest(
        self, definition: Definition, community: Community, urls: Sequence[str]
    ) -> Contest:
        """Define a practice contest on some posts."""
        found = [await define.look_up_post(self.rt, self.actor, community.id, url) for url in urls]
        async with self.transaction() as conn:
            contest = await define.create_contest(
                conn, self.actor, definition, practice=True, now=self.now()
            )
            for each in found:
                await define.attach_post(conn, self.actor, contest.id, each, now=self.now())
        return contest

    async def work(self) -> None:
        """Do all that is due, and what becomes due by it."""
        for _ in range(200):
            async with self.rt.pool.acquire() as conn:
                found = await work.due(conn, self.now(), limit=100)
            # Listening to live events waits for them, by a clock that nobody can move.
            due = [each for each in found if each.kind is not work.Kind.TEND]
            if not due:
                return
            for each in due:
                await jobs.work({"runtime": self.rt}, str(each.workspace_id), str(each.id))
        raise AssertionError(f"work never ends: {due}")


async def first_owner(pool: "asyncpg.Pool[Any]") -> Actor:
    """The owner of the first workspace, made where there is none yet."""
    async with pool.acquire() as conn:
        workspace, _ = await ensure_first_workspace(conn)
        person = await conn.fetchval("SELECT person_id FROM memberships")
    return Actor(
        workspace_id=workspace.id,
        person_id=person,
        token_id=None,
        role=Role.OWNER,
        request_id="test",
    )


async def _address(pool: "asyncpg.Pool[Any]") -> str:
    """Where a pool of the embedded server leads."""
    role, database, folder = await pool.fetchrow(
        "SELECT current_user, current_database(), current_setting('unix_socket_directories')"
    )
    return f"postgresql://{role}@/{database}?host={folder}"


@asynccontextmanager
async def open_stage(
    pool: "asyncpg.Pool[Any]", folder: Path, hosts: Sequence[str], *, redis_url: str = NOWHERE
) -> AsyncIterator[Stage]:
    """Whatever a test did, the tallies are right at its end."""
    actor = await first_owner(pool)
    beacon = open_beacon(folder, period=1, genesis=int(datetime.now(UTC).timestamp()) - 100)
    allowed = AllowedHosts.parse(hosts)
    stage: Stage

    async def ring(_due: Sequence[Due]) -> None:
        return

    async with (
        serve(beacon, clock=lambda: stage.now().timestamp()) as relay,
        open_client() as client,
        Redis.from_url(redis_url) as redis,
    ):

        async def fetch(chain: Beacon, round_: int) -> Any:
            return await fetch_round(chain, round_, [relay], client=client)

        stage = Stage(
            Runtime(
                pool=pool,
                database_url=await _address(pool),
                vault=Vault([generate_key()]),
                hosts=allowed,
                lanes=Lanes(RedisLimiter(redis), allowed, intervals=BRISK),
                fetch_round=fetch,
                ring=ring,
                clock=lambda: stage.now(),
                public_url="http://127.0.0.1:8000",
                verifiers=(Verifier(name="verify.py", bytes=VERIFY.read_bytes()),),
                practice_beacon=beacon.public,
                signer=signer(folder),
            ),
            actor,
        )
        yield stage
        await require_counted(pool)


def definition(stage: Stage, **changes: Any) -> Definition:
    """A contest that closes in five minutes and draws in ten, by the stage's clock."""
    now = stage.now().replace(microsecond=0)
    fields = {
        "title": "A mug",
        "organiser": "The pottery",
        "schedule": {
            "opens_at": now - timedelta(minutes=1),
            "closes_at": now + timedelta(minutes=5),
            "draw_at": now + timedelta(minutes=10),
            "min_lead": 60,
        },
        "rules": {"kind": "all_of", "of": [{"kind": "liked"}, {"kind": "follows"}]},
        "draws": [{"tiers": [{"id": "mug", "prize": "A mug", "winners": 1}]}],
        **changes,
    }
    return msgspec.convert(fields, Definition)


async def verdicts(stage: Stage, contest: Contest) -> dict[str, str]:
    """The reason of each entrant's verdict, by DID."""
    async with stage.rt.pool.acquire() as conn:
        found = await entrants.list_page(conn, contest.workspace_id, contest.id, limit=100)
    return {f"did:{each.subject.partition(':did:')[2]}": each.reason for each in found}
