"""A started contest on the stage, with words for what the tests of awkward lives do and look at."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from contest_service.flows import life
from contest_service.flows.ledger import load_chain
from contest_service.flows.succeed import name_slots
from contest_service.store import announcements, communities, contests, entrants, proof
from contest_service.store.announcements import AnnouncementKind
from contest_service.store.communities import Community
from contest_service.store.contests import Contest
from flows.agreed import disqualify
from flows.stage import Stage, definition, open_stage

LIKED = {"kind": "liked"}
SOON = timedelta(seconds=2)


class Life:
    """A started contest, its page and post, and the likes of its fans."""

    def __init__(
        self, stage: Stage, contest: Contest, page: Any, post: Any, likes: dict[Any, str]
    ) -> None:
        self.stage = stage
        self.page = page
        self.post = post
        self.likes = likes
        self._contest = contest

    async def contest(self) -> Contest:
        async with self.stage.rt.pool.acquire() as conn:
            return await contests.read(conn, self._contest.workspace_id, self._contest.id)

    async def community(self) -> Community:
        async with self.stage.rt.pool.acquire() as conn:
            (community,) = await communities.list_page(
                conn, self._contest.workspace_id, after=None, limit=2
            )
        return community

    async def until(self, moment: str) -> Contest:
        """Let the time pass until one of the contest's times, and do all that is due."""
        self.stage.pass_time(getattr(await self.contest(), moment) + SOON)
        await self.stage.work()
        return await self.contest()

    async def verdicts(self) -> dict[str, str]:
        """Everybody's reason, by DID."""
        async with self.stage.rt.pool.acquire() as conn:
            page = await entrants.list_page(
                conn, self._contest.workspace_id, self._contest.id, limit=100
            )
        return {f"did:{each.subject.partition(':did:')[2]}": each.reason for each in page}

    async def events(self) -> list[str]:
        async with self.stage.rt.pool.acquire() as conn:
            chain = await load_chain(conn, self._contest)
            lines = await proof.event_lines(conn, self._contest.workspace_id, self._contest.id)
        assert chain.head.seq == len(lines) - 1
        return [line.split(b'"type":"')[1].split(b'"')[0].decode() for line in lines]

    async def announced(self) -> list[AnnouncementKind]:
        async with self.stage.rt.pool.acquire() as conn:
            rows = await announcements.of_contest(
                conn, self._contest.workspace_id, self._contest.id
            )
        assert all(row.state == "published" for row in rows)
        return [row.kind for row in rows]

    async def holders(self) -> list[Any]:
        async with self.stage.rt.pool.acquire() as conn:
            slots = await name_slots(conn, self._contest, await load_chain(conn, self._contest))
        return [slot.entry for slot in slots[0]]

    async def entries(self) -> list[Any]:
        async with self.stage.rt.pool.acquire() as conn:
            page = await entrants.list_page(
                conn, self._contest.workspace_id, self._contest.id, limit=100
            )
        return [each.id for each in page if each.tickets]

    async def disqualify(self, entry: Any) -> None:
        await disqualify(self.stage, self._contest, entry)
        await self.stage.work()


@asynccontextmanager
async def living(
    pool: Any,
    network: Any,
    folder: Path,
    *,
    fans: int = 3,
    endpoints: Mapping[str, str] | None = None,
    **changes: Any,
) -> AsyncIterator[Life]:
    """Start a contest on a post that some fans liked, and let it be judged.

    `endpoints` lead to the network by other ways; `changes` are of the definition.
    """
    page, *people = network.people(fans + 1, "odd")
    post = page.post("Win a mug")
    likes = {person: person.like(post) for person in people}
    network.settle()
    async with open_stage(pool, folder, ("127.0.0.1:*", *network.hosts)) as stage:
        community = await stage.community(page, dict(endpoints or network.endpoints))
        contest = await stage.contest(
            definition(stage, **{"rules": LIKED, **changes}), community, [post.uri]
        )
        async with stage.transaction() as conn:
            contest = await life.start_contest(
                conn, stage.rt, stage.actor, contest.id, now=stage.now()
            )
        await stage.work()
        yield Life(stage, contest, page, post, likes)
