"""Contests on the practice VK that people may enter without an account, and what is brought in."""

import hashlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from platforms.vk_practice import Practice
from sandbox.vk.stage import GLEB

from contest_service.domain.imports import NewEntry
from contest_service.flows import imports as flow
from contest_service.flows.export import export_bundle
from contest_service.proof.bundle import Edition
from contest_service.store import contests, entrants, imports
from contest_service.store.contests import Contest
from contest_service.store.entrants import Entrant
from contest_service.store.imports import Import
from flows.lives import SOON
from flows.stage import VERIFY, Stage
from flows.vk_town import connected, drafted, pass_time, started, town

RULES = {"kind": "any_of", "of": [{"kind": "entered"}, {"kind": "liked"}]}


class Desk:
    """A contest that runs, somebody who likes its post, and an organiser who brings others in."""

    def __init__(self, stage: Stage, vk: Practice, contest: Contest) -> None:
        self.stage = stage
        self.vk = vk
        self.contest = contest

    async def file(self, text: str) -> Import:
        """Bring in a CSV file, and let it be judged."""
        new = await flow.prepare_file(
            self.stage.rt, self.stage.actor, self.contest.id, text.encode()
        )
        return await self._bring(new)

    async def request(self, *entries: NewEntry) -> Import:
        data = json.dumps([each.reference for each in entries]).encode()
        new = await flow.prepare_request(
            self.stage.rt, self.stage.actor, self.contest.id, list(entries), data=data
        )
        return await self._bring(new)

    async def _bring(self, new: flow.Prepared) -> Import:
        made = await self.bring(new)
        await self.stage.work()
        return made

    async def bring(self, new: flow.Prepared) -> Import:
        """Bring in what was read, and leave it to be judged."""
        async with self.stage.transaction() as conn:
            return await flow.import_entries(
                conn, self.stage.actor, self.contest.id, new, now=self.stage.now()
            )

    async def undo(self, brought: Import, *, why: str = "the wrong file") -> Import:
        async with self.stage.transaction() as conn:
            undone = await flow.undo_import(
                conn,
                self.stage.actor,
                self.contest.id,
                brought.id,
                why=why,
                now=self.stage.now(),
            )
        await self.stage.work()
        return undone

    async def until(self, moment: str) -> Contest:
        contest = await self.again()
        pass_time(self.stage, self.vk, getattr(contest, moment) + SOON)
        await self.stage.work()
        return await self.again()

    async def again(self) -> Contest:
        async with self.stage.rt.pool.acquire() as conn:
            return await contests.read(conn, self.contest.workspace_id, self.contest.id)

    async def entrants(self) -> dict[str, Entrant]:
        """By label."""
        async with self.stage.rt.pool.acquire() as conn:
            page = await entrants.list_page(
                conn, self.contest.workspace_id, self.contest.id, limit=100
            )
        return {each.label or str(each.id): each for each in page}

    async def reasons(self) -> dict[str, str]:
        return {label: each.reason for label, each in (await self.entrants()).items()}

    async def ids(self, brought: Import) -> Sequence[UUID]:
        key = (self.contest.workspace_id, self.contest.id, brought.id)
        async with self.stage.rt.pool.acquire() as conn:
            page = await imports.entries(conn, *key, after=None, limit=100)
        return [each.id for each in page]

    async def verified(self, edition: Edition, folder: Path) -> tuple[dict[str, Any], Path]:
        """What the standalone verifier says of a bundle."""
        path = folder / f"{edition}.zip"
        key = (self.contest.workspace_id, self.contest.id)
        with path.open("wb") as file:
            async for piece in export_bundle(self.stage.rt, *key, edition):
                file.write(piece)
        command = [sys.executable, "-I", "-S", VERIFY, "--practice", "--json", path]
        done = subprocess.run(command, capture_output=True, check=False)
        return json.loads(done.stdout), path


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@asynccontextmanager
async def desk(pool: Any, folder: Path, redis_url: str, **changes: Any) -> AsyncIterator[Desk]:
    """Open a contest; `changes` are of its definition."""
    async with town(pool, folder, redis_url) as (stage, vk):
        await vk.act("like", GLEB)
        draft = await drafted(stage, vk, await connected(stage, vk), **{"rules": RULES, **changes})
        contest = await started(stage, draft)
        await stage.work()
        yield Desk(stage, vk, contest)
