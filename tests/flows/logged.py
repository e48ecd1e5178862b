"""A log on the stage: its signer, and hands that write events, sign them, and look at them.

Contests here live without a network: only their events matter.
"""

import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from contest_service.flows import life
from contest_service.flows.log import sign_head
from contest_service.proof import merkle
from contest_service.store import log as store
from contest_service.store import work
from contest_service.store.communities import Community
from contest_service.store.contests import Contest
from contest_service.store.log import Log, Signed
from flows import made_up
from flows.signing import signer
from flows.stage import Stage, open_stage
from workers import jobs

PRACTICE = Log.PRACTICE


class LogStage:
    """Contests that are started and amended, and their log."""

    def __init__(self, stage: Stage, community: Community) -> None:
        self.stage = stage
        self.community = community

    async def start(self, **changes: Any) -> Contest:
        """Start a contest: one event."""
        return await made_up.started(self.stage, self.community, **changes)

    async def amend(self, contest: Contest) -> None:
        """Amend it: one more."""
        await made_up.amended(self.stage, contest)

    async def cancel(self, contest: Contest) -> None:
        """Cancel it: two more, `void` and `close`."""
        async with self.stage.transaction() as conn:
            await life.cancel_contest(
                conn,
                self.stage.rt,
                self.stage.actor,
                contest.id,
                reason="withdrawn",
                now=self.stage.now(),
            )

    async def grow(self, events: int) -> None:
        """Write so many events, of contests that are cancelled where they can be."""
        while events > 0:
            contest = await self.start()
            if events >= 3:
                await self.cancel(contest)
            events -= 3 if events >= 3 else 1

    async def sign(self) -> Signed:
        """Sign the head."""
        signed = await sign_head(self.stage.rt, PRACTICE)
        assert signed is not None
        return signed

    async def work(self, kind: work.Kind) -> int:
        """Let a worker do what is due of a kind; returns how much that was."""
        async with self.stage.rt.pool.acquire() as conn:
            due = await work.due(conn, self.stage.now(), limit=500)
        mine = [each for each in due if each.kind is kind]
        for each in mine:
            await jobs.work({"runtime": self.stage.rt}, str(each.workspace_id), str(each.id))
        return len(mine)

    async def leaves(self) -> list[bytes]:
        async with self.stage.rt.pool.acquire() as conn:
            return await store.leaves(conn, PRACTICE, 0, 1 << 40)

    async def naive_root(self, size: int) -> bytes:
        """The root over the first leaves, computed from nothing but them."""
        return merkle.root((await self.leaves())[:size])

    def use(self, **changes: Any) -> None:
        """Change the signer."""
        old = self.stage.rt.signer
        assert old is not None
        self.stage.rt = dataclasses.replace(
            self.stage.rt, signer=dataclasses.replace(old, **changes)
        )


async def forget(pool: Any, *statements: str, given: Sequence[object] = ()) -> None:
    """Do as a superuser what the tables refuse."""
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            await conn.execute(statement, *given)


REWIND = (
    "DELETE FROM cosignatures WHERE size > $1",
    "DELETE FROM timestamps WHERE size > $1",
    "DELETE FROM checkpoints WHERE size > $1",
    "DELETE FROM log_hashes WHERE (index + 1) << level > $1",
    """DELETE FROM events WHERE (contest_id, seq) IN
        (SELECT contest_id, seq FROM log_leaves WHERE index >= $1)""",
    "DELETE FROM log_leaves WHERE index >= $1",
    "UPDATE log_heads SET size = $1 WHERE log = 'practice'",
)


async def rewind(pool: Any, size: int) -> None:
    """Put the database back to when the log had `size` events: an old backup."""
    await forget(pool, *REWIND, given=[size])


@asynccontextmanager
async def open_log(pool: Any, folder: Path, **changes: Any) -> AsyncIterator[LogStage]:
    """A stage with a log of its own; `changes` are of its signer."""
    async with open_stage(pool, folder, ["127.0.0.1:*"]) as stage:
        stage.rt = dataclasses.replace(stage.rt, signer=signer(folder, **changes))
        yield LogStage(stage, await made_up.connected(stage))
