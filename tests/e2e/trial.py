"""A small contest on a running installation, whose workers may be killed at any moment."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec
from flows.stage import Stage, first_owner
from network.detour import Barrier
from network.fixture import Network
from network.people import Person, Post
from patience import PATIENCE

from contest_service.assembly import open_redis, open_runtime
from contest_service.domain.contest import Definition
from contest_service.flows import life
from contest_service.store.contests import Contest
from contest_service.store.pool import connect
from e2e.running import Installation
from e2e.wholeness import count_present, replies_of, require_whole

PRESENT = {"like": 6, "repost": 2, "comment": 2, "follow": 5}
"""What the audience does on each post."""
CLOSES_IN = timedelta(seconds=2)
FREEZES_AFTER = timedelta(seconds=5)
"""Room for a death and a new start, so that little is late: a worker starts in two seconds."""
DRAWS_AFTER = timedelta(seconds=2)

STATES = ("running", "closing", "frozen", "drawn", "announced")

REACHED = "SELECT 1 FROM contests WHERE id = $1 AND status = ANY ($2)"
LEASED = "SELECT id FROM work WHERE lease IS NOT NULL"
EXPIRE = """
UPDATE work SET lease_until = now() - interval '1 second' WHERE id = $1 AND lease IS NOT NULL
"""


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """A page and its people, who serve many contests: each has a post of its own."""

    network: Network
    page: Person
    fans: Sequence[Person]

    def react(self) -> tuple[Post, dict[str, tuple[str, int]]]:
        """Publish a post and react to it; returns it with everybody's verdict and tickets."""
        post = self.page.post("Win a mug")
        first, second, third, *rest = self.fans
        for fan in self.fans:
            fan.like(post)
        first.repost(post)
        second.repost(post)
        second.reply(post, "I want it")
        third.reply(post, "Me too")
        self.network.settle()
        verdicts = {first.did: ("valid", 2), second.did: ("valid", 3), third.did: ("valid", 2)}
        verdicts |= {fan.did: ("valid", 1) for fan in rest}
        verdicts[self.fans[-1].did] = ("invalid", 0)
        return post, verdicts


def gather_audience(network: Network) -> Audience:
    """Sign up a page and six fans; the last one does not follow it."""
    page, *fans = network.people(7, "crowd")
    for fan in fans[:-1]:
        fan.follow(page)
    network.settle()
    return Audience(network=network, page=page, fans=fans)


class Trial:
    """The contest, and hands to kill and to look."""

    def __init__(
        self,
        installation: Installation,
        stage: Stage,
        conn: "asyncpg.Connection[Any]",
        audience: Audience,
    ) -> None:
        self.installation = installation
        self.conn = conn
        self.contest: Contest
        self.post: Post
        self.verdicts: Mapping[str, tuple[str, int]]
        self._stage = stage
        self._audience = audience

    async def begin(
        self,
        endpoints: Mapping[str, str],
        *,
        closes_in: timedelta = CLOSES_IN,
        draws_after: timedelta = DRAWS_AFTER,
        **changes: Any,
    ) -> None:
        """Start a contest that closes soon, and draws some time after the freeze.

        `changes` are of its definition.
        """
        self.post, self.verdicts = await asyncio.to_thread(self._audience.react)
        community = await self._stage.community(self._audience.page, dict(endpoints))
        closes_at = self._stage.now().replace(microsecond=0) + closes_in
        definition = _definition(closes_at, draws_after, changes)
        contest = await self._stage.contest(definition, community, [self.post.uri])
        async with self._stage.transaction() as conn:
            self.contest = await life.start_contest(
                conn, self._stage.rt, self._stage.actor, contest.id, now=self._stage.now()
            )

    async def until(self, query: str, *given: Any, patience: float = PATIENCE) -> Any:
        """Wait until a query answers with something."""
        return await self.installation.until(
            lambda: self.conn.fetchval(query, *given), patience=patience, what=query
        )

    async def until_status(self, *wanted: str) -> None:
        """Wait until the contest has one of these states."""
        await self.until(REACHED, self.contest.id, list(wanted))

    def kill(self) -> None:
        """Kill the worker."""
        self.installation.workers[0].kill()

    async def kill_at(self, barrier: Barrier) -> None:
        """Kill the worker when it stands before a barrier; whoever comes after it may pass."""
        await barrier.reached()
        self.kill()
        await barrier.deserted()
        barrier.open()

    async def revive(self) -> None:
        """Start the worker that was killed, when its leases have run out."""
        await self.expire_leases()
        self.installation.workers[0].start()

    async def expire_leases(self) -> None:
        """Let the time pass after which whoever says nothing counts as dead."""
        # One row each time: holding one, it never waits for another that a worker holds.
        for row in await self.conn.fetch(LEASED):
            await self.conn.execute(EXPIRE, row["id"])

    async def require_good_end(self, *, present: Mapping[str, int] = PRESENT) -> None:
        """Wait for the announcement; then everything is there, and everything once.

        `present` is how many actions there are of each kind.
        """
        await self.until_status("announced")
        await self.until("SELECT count(*) = 1 FROM work")
        amendments = await require_whole(self.conn, self.contest.id)
        assert await count_present(self.conn) == present
        assert await self._verdicts() == self.verdicts
        await asyncio.to_thread(self._audience.network.settle)
        said = await asyncio.to_thread(
            replies_of, self._audience.network.reader(), self.post, self._audience.page
        )
        kinds = Counter(text.splitlines()[1].partition(":")[0] for text in said)
        changes = kinds.pop("The rules have changed (version 2)", 0)
        assert kinds == {"The list is fixed": 1, "Winners": 1}, said
        assert changes == amendments

    async def _verdicts(self) -> dict[str, tuple[str, int]]:
        rows = await self.conn.fetch(
            "SELECT subject, state, tickets FROM entrants WHERE contest_id = $1", self.contest.id
        )
        return {
            f"did:{row['subject'].partition(':did:')[2]}": (row["state"], row["tickets"])
            for row in rows
        }


@contextlib.asynccontextmanager
async def open_trial(
    installation: Installation, audience: Audience, *, workers: int = 1
) -> AsyncIterator[Trial]:
    """Start an installation with some of its workers, and get ready to define a contest."""
    del installation.workers[workers:]
    settings = installation.settings
    await installation.start()
    async with open_redis(settings) as redis, open_runtime(settings, redis) as rt:
        conn = await connect(settings.database_url or "")
        try:
            stage = Stage(rt, await first_owner(rt.pool))
            yield Trial(installation, stage, conn, audience)
        finally:
            await conn.close()


def _definition(
    closes_at: datetime, draws_after: timedelta, changes: Mapping[str, Any]
) -> Definition:
    freeze_at = closes_at + FREEZES_AFTER
    fields = {
        "title": "A mug",
        "organiser": "The pottery",
        "schedule": {
            "opens_at": closes_at - timedelta(minutes=1),
            "closes_at": closes_at,
            "freeze_at": freeze_at,
            "draw_at": freeze_at + draws_after,
            "min_lead": 1,
        },
        "rules": {"kind": "all_of", "of": [{"kind": "liked"}, {"kind": "follows"}]},
        "tickets": {
            "bonuses": [
                {"rule": {"kind": "reposted"}, "tickets": 1},
                {"rule": {"kind": "commented"}, "tickets": 1},
            ]
        },
        "draws": [{"tiers": [{"id": "mug", "prize": "A mug", "winners": 2}]}],
        **changes,
    }
    return msgspec.convert(fields, Definition)
