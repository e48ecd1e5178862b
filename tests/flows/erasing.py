"""Contests on one post of the practice VK, with a person in them of whom everything speaks."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from platforms.vk_practice import Practice
from proof.judges import Judges
from sandbox.vk.stage import BORIS, DARYA, EGOR, GLEB

from contest_service.domain.accounts import AccountKey, Platform
from contest_service.flows import erase, life
from contest_service.flows.export import export_bundle
from contest_service.flows.ledger import append, load_chain
from contest_service.proof.bundle import Edition
from contest_service.proof.events import Dq, EventType
from contest_service.store import (
    audit,
    channels,
    contests,
    entrants,
    erasure,
    heard,
    idempotency,
    lists,
    work,
)
from contest_service.store.channels import ChannelKind
from contest_service.store.communities import Community
from contest_service.store.contests import Contest
from contest_service.store.entrants import Entrant
from contest_service.store.erasure import Erasure
from contest_service.store.heard import Arrival
from flows.stage import VERIFY, Stage
from flows.traces import traces
from flows.vk_town import connected, drafted, pass_time, started, town

SOON = timedelta(seconds=2)
HOUR = timedelta(hours=1)
RULES = {"kind": "any_of", "of": [{"kind": "liked"}, {"kind": "commented"}]}
ZINA = 1007
HANDLE, NAME = "zina_krylova", "Зинаида Крылова"
STRINGS = (str(ZINA), f"id{ZINA}", HANDLE, NAME)
"""By which the person could be found again."""
FANS = (BORIS, GLEB, DARYA, ZINA)


class Scene:
    """The stage, the town, and a page with a post that everybody likes."""

    def __init__(self, stage: Stage, vk: Practice, page: Community) -> None:
        self.stage = stage
        self.vk = vk
        self.page = page
        self._opens_at = stage.now().replace(microsecond=0) - timedelta(days=1)

    async def start(self, *, winners: int = 5, lasts: timedelta = timedelta()) -> Contest:
        """A contest on the post, that everybody entered; it closes in five minutes and `lasts`."""
        now = self.stage.now().replace(microsecond=0)
        draft = await drafted(
            self.stage,
            self.vk,
            self.page,
            rules=RULES,
            draws=[{"tiers": [{"id": "mug", "prize": "A mug", "winners": winners}]}],
            schedule={
                "opens_at": self._opens_at,
                "closes_at": now + timedelta(minutes=5) + lasts,
                "draw_at": now + timedelta(minutes=10) + lasts,
                "min_lead": 60,
            },
        )
        contest = await started(self.stage, draft)
        await self.stage.work()
        return contest

    async def pass_until(self, contest: Contest, moment: str) -> Contest:
        contest = await self.again(contest)
        pass_time(self.stage, self.vk, getattr(contest, moment) + SOON)
        await self.stage.work()
        return await self.again(contest)

    async def freeze(self, contest: Contest) -> Contest:
        await self.pass_until(contest, "closes_at")
        return await self.pass_until(contest, "freeze_at")

    async def end(self, contest: Contest) -> Contest:
        """Draw, announce and complete a frozen contest."""
        await self.pass_until(contest, "draw_at")
        async with self.stage.transaction() as conn:
            await life.complete_contest(conn, self.stage.actor, contest.id, now=self.stage.now())
        await self.stage.work()
        return await self.again(contest)

    async def cancel(self, contest: Contest) -> Contest:
        async with self.stage.transaction() as conn:
            await life.cancel_contest(
                conn,
                self.stage.rt,
                self.stage.actor,
                contest.id,
                reason="mistake",
                now=self.stage.now(),
            )
        await self.stage.work()
        return await self.again(contest)

    async def again(self, contest: Contest) -> Contest:
        async with self.stage.rt.pool.acquire() as conn:
            return await contests.read(conn, contest.workspace_id, contest.id)

    async def later(self, wait: timedelta = HOUR + SOON) -> None:
        pass_time(self.stage, self.vk, self.stage.now() + wait)
        await self.stage.work()

    async def disqualify(self, contest: Contest, person: int) -> None:
        """Take somebody out of a frozen contest."""
        entrant = await self.entrant(contest, person)
        async with self.stage.transaction() as conn:
            opening = await entrants.opening_of(conn, contest.workspace_id, contest.id, entrant.id)
            assert opening is not None
            body = Dq(commit=opening.commitment.hex(), reason="fraud")
            chain = await load_chain(conn, contest)
            await append(conn, contest, chain, EventType.DQ, body=body, now=self.stage.now())

    async def entrants(self, contest: Contest) -> list[Entrant]:
        async with self.stage.rt.pool.acquire() as conn:
            return await entrants.list_page(conn, contest.workspace_id, contest.id, limit=100)

    async def entrant(self, contest: Contest, person: int) -> Entrant:
        (found,) = [
            each for each in await self.entrants(contest) if each.subject.endswith(f":{person}")
        ]
        return found

    async def gossip(self) -> UUID:
        """Let everything speak of the person that may; returns a list that they stand on."""
        stage, key = self.stage, self.key()
        now = stage.now()
        event = json.dumps({"type": "like_add", "object": {"liker_id": ZINA}}).encode()
        async with stage.transaction() as conn:
            await channels.renew(
                conn, stage.actor.workspace_id, self.page.id, ChannelKind.LONG_POLL, now=now
            )
            await heard.add(
                conn,
                stage.actor.workspace_id,
                self.page.id,
                [Arrival(event_id="e-1", body=event)],
                at=now,
            )
            await conn.execute("UPDATE heard_events SET merged_at = heard_at")
            await audit.record(
                conn, stage.actor, "test", subject=None, at=now, detail={"who": f"@{HANDLE}"}
            )
            reply = idempotency.Key(
                workspace_id=stage.actor.workspace_id,
                person_id=stage.actor.person_id or uuid4(),
                key="k",
                request_digest=b"",
            )
            await idempotency.claim(conn, reply)
            await idempotency.fill(conn, reply, status=200, reply=json.dumps(NAME).encode())
            made = await lists.create_list(conn, stage.actor.workspace_id, "Staff", now=now)
            await lists.add_accounts(
                conn,
                stage.actor.workspace_id,
                made.id,
                [key],
                reason=f"{NAME} works here",
                added_by=reply.person_id,
                now=now,
            )
            # Something went wrong, and said with whom; it is far from due.
            due = await work.plan(
                conn, stage.actor.workspace_id, work.Kind.JUDGE, uuid4(), due_at=now + 999 * HOUR
            )
            await conn.execute("UPDATE work SET failure = $2 WHERE id = $1", due.id, f"@{HANDLE}?")
        return made.id

    def key(self, person: int = ZINA) -> AccountKey:
        return AccountKey(platform=Platform.VK, instance=self.page.instance, id=str(person))

    async def ask(self, who: Any = None, *, removes_from_lists: bool = True) -> Erasure:
        """Ask for the person to be erased."""
        async with self.stage.transaction() as conn:
            return await erase.request(
                conn,
                self.stage.actor,
                who or self.key(),
                reason="own-request",
                removes_from_lists=removes_from_lists,
                now=self.stage.now(),
            )

    async def erasure(self, asked: Erasure) -> Erasure:
        async with self.stage.rt.pool.acquire() as conn:
            return await erasure.read(conn, asked.workspace_id, asked.id)

    async def traces(self, strings: Sequence[str] = STRINGS) -> set[str]:
        async with self.stage.rt.pool.acquire() as conn:
            return await traces(conn, *strings)

    async def pieces(self) -> int:
        """How many pieces of records are kept."""
        async with self.stage.rt.pool.acquire() as conn:
            return int(await conn.fetchval("SELECT count(*) FROM record_pieces"))

    async def bundles(self, contest: Contest, folder: Path) -> list[Path]:
        """Both editions as they are exported now."""
        paths = []
        for edition in Edition:
            path = folder / f"{edition}-{uuid4()}.zip"
            with path.open("wb") as file:
                async for piece in export_bundle(
                    self.stage.rt, contest.workspace_id, contest.id, edition
                ):
                    file.write(piece)
            paths.append(path)
        return paths

    async def agreed(self, contest: Contest, folder: Path, judges: Judges) -> list[dict[str, Any]]:
        """What all three verifiers say of both editions."""
        return [
            judges.agreed(path, about=path.name, practice=True) | {"path": path}
            for path in await self.bundles(contest, folder)
        ]

    async def verified(self, contest: Contest, folder: Path) -> list[dict[str, Any]]:
        """What the standalone verifier says of both editions, run by itself."""
        reports = []
        for path in await self.bundles(contest, folder):
            command = [sys.executable, "-I", "-S", VERIFY, "--practice", "--json", path]
            done = subprocess.run(command, capture_output=True, check=False)
            reports.append(json.loads(done.stdout) | {"path": path})
        return reports


def dying(step: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """A step after which the process dies."""

    async def dies(*args: Any) -> None:
        await step(*args)
        raise RuntimeError("the process died")

    return dies


@asynccontextmanager
async def scene(pool: Any, folder: Path, redis_url: str) -> AsyncIterator[Scene]:
    """A town in which some people like a post and write under it, also to the person."""
    async with town(pool, folder, redis_url) as (stage, vk):
        first, last = NAME.split()
        await vk.make(
            "people",
            people=[{"first_name": first, "last_name": last, "sex": 1, "screen_name": HANDLE}],
        )
        for person in FANS:
            await vk.act("like", person)
        await vk.act("comment", ZINA, text="Я!")
        await vk.act("comment", GLEB, text=f"[id{ZINA}|{NAME}], смотри!")
        await vk.act("comment", EGOR, text=f"Это @{HANDLE} выиграет")
        yield Scene(stage, vk, await connected(stage, vk))
