"""A pass that brings more than autovacuum can have counted by the next one."""

from pathlib import Path
from typing import Any

import pytest

from contest_service.domain.evidence import Action
from contest_service.store import changes
from flows.live import ANN, BOB, begin, community, present, seen, started
from flows.stage import open_stage

KNOWN = "SELECT reltuples FROM pg_class WHERE oid = 'actions'::regclass"


async def test_the_planner_knows_of_them_at_once(
    pool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST", 1)
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await community(stage))
        this = await begin(stage, contest, Action.LIKE)
        await this.read(seen(ANN), seen(BOB))
        await this.compare()
        assert (await this.merge()).appeared == 2
        assert await present(stage, Action.LIKE) == [(ANN, ""), (BOB, "")]
        assert await pool.fetchval(KNOWN) == 2
