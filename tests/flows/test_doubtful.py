"""Looking at who does not count, before the last judgement: in pages, and under the lease."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from contest_service.flows import closing
from contest_service.flows.merge import LeaseLostError
from contest_service.store import work
from contest_service.store.contests import Contest
from flows.lives import Life, living
from flows.stage import Stage

RULES = {"kind": "all_of", "of": [{"kind": "liked"}, {"kind": "follows"}]}
FANS = 3
_LOOKED_AT = "SELECT account, standing_at FROM accounts WHERE standing_at IS NOT NULL"
_FORGET = "UPDATE accounts SET standing = 'visible', standing_at = NULL WHERE account = $1"
_JUDGE_AGAIN = "UPDATE contests SET closing_judged_at = NULL"


async def _looked_at(pool: Any) -> Mapping[str, datetime]:
    async with pool.acquire() as conn:
        return {row["account"]: row["standing_at"] for row in await conn.fetch(_LOOKED_AT)}


async def _cut_off(lived: Life, pool: Any) -> tuple[Contest, str, Mapping[str, datetime]]:
    """A closing contest whose worker stopped when one of its fans was still to be looked at."""
    await lived.until("closes_at")
    everybody = await _looked_at(pool)
    assert len(everybody) == FANS
    last = max(everybody)
    async with pool.acquire() as conn:
        await conn.execute(_FORGET, last)
        await conn.execute(_JUDGE_AGAIN)
    return await lived.contest(), last, everybody


async def _leased(stage: Stage, contest: Contest) -> work.Work:
    async with stage.transaction() as conn:
        due = await work.plan(
            conn, contest.workspace_id, work.Kind.ADVANCE, contest.id, due_at=stage.now()
        )
        job = await work.take(conn, contest.workspace_id, due.id, now=stage.now())
    assert job is not None
    return job


async def test_everybody_is_looked_at_page_by_page(
    pool: Any, network: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "ASK_AT_ONCE", 1)
    async with living(pool, network, tmp_path, fans=FANS, rules=RULES) as lived:
        await lived.until("closes_at")
        # Each page is stored by itself, at its own time.
        assert len(set((await _looked_at(pool)).values())) == FANS


async def test_a_run_that_was_cut_off_is_gone_on_with(
    pool: Any, network: Any, tmp_path: Path
) -> None:
    async with living(pool, network, tmp_path, fans=FANS, rules=RULES) as lived:
        contest, last, before = await _cut_off(lived, pool)
        await closing.step(lived.stage.rt, contest, await _leased(lived.stage, contest))
        after = await _looked_at(pool)
        assert {name for name in after if after[name] != before[name]} == {last}


async def test_nothing_is_stored_without_the_lease(pool: Any, network: Any, tmp_path: Path) -> None:
    async with living(pool, network, tmp_path, fans=FANS, rules=RULES) as lived:
        contest, last, _ = await _cut_off(lived, pool)
        job = await _leased(lived.stage, contest)
        stranger = work.Work(
            workspace_id=job.workspace_id,
            id=job.id,
            kind=job.kind,
            subject=job.subject,
            attempts=job.attempts,
            lease=uuid4(),
        )
        with pytest.raises(LeaseLostError):
            await closing.step(lived.stage.rt, contest, stranger)
        assert last not in await _looked_at(pool)
