"""Claims on a page that people read: what the winners and their successors see of the clock."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sandbox.vk.stage import DARYA, GLEB

from contest_service.flows.claims import Claim, read_claims
from contest_service.store.notices import How, NoticeState
from flows.test_notices import LATER, SOON, Scene, frozen

HOUR = timedelta(hours=1)


@pytest.fixture
def place(pool: Any, tmp_path: Path, redis_url: str) -> Any:
    return pool, tmp_path, redis_url


async def _only(scene: Scene) -> Claim:
    async with scene.stage.rt.pool.acquire() as conn:
        (claim,) = await read_claims(conn, await scene.contest())
    return claim


async def test_an_unreachable_platform_lets_no_clock_start(place: Any) -> None:
    async with frozen(*place, [GLEB, DARYA], claim_within=3600) as scene:
        scene.fail("wall.createComment", code=10, times=100)
        await scene.draw()
        await scene.later(3 * HOUR)
        waiting = await _only(scene)
        assert (waiting.named_at, waiting.claim_by) == (None, None)
        scene.mend()
        await scene.later()
        named = await _only(scene)
        assert named.entry == waiting.entry
        assert named.claim_by is not None
        assert named.claim_by > scene.stage.now()


async def test_whoever_takes_over_what_nobody_claimed_is_told_and_has_as_long(place: Any) -> None:
    async with frozen(*place, [GLEB, DARYA], claim_within=3600) as scene:
        scene.allow(GLEB, DARYA)
        await scene.draw()
        first = await scene.only()
        assert "within 1 hour of the announcement" in scene.dialog(int(first.account))[0]
        await scene.later(HOUR + SOON)
        _, second = await scene.notices()
        assert (second.state, second.how) == (NoticeState.TOLD, How.MESSAGE)
        assert {first.account, second.account} == {str(GLEB), str(DARYA)}
        named = await _only(scene)
        assert named.claim_by is not None
        assert named.claim_by >= scene.stage.now() + HOUR - LATER
        assert any("the prize was not claimed in time" in text for text in scene.comments())
