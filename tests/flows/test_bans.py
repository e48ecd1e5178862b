"""What is made of bans that events tell of, and of events that come after later ones."""

from datetime import datetime
from pathlib import Path
from typing import Any

from contest_service.domain.evidence import Action
from flows.live import ANN, BOB, community, event, hear, like, present, see, seen, started, unlike
from flows.stage import Stage, open_stage


async def standing_of(stage: Stage, account: str) -> tuple[str, datetime | None] | None:
    async with stage.rt.pool.acquire() as conn:
        row = await conn.fetchrow(
            "SELECT standing, standing_at FROM accounts WHERE account = $1", account
        )
    return None if row is None else (row["standing"], row["standing_at"])


async def know(stage: Stage, page: Any, account: str, standing: str = "visible") -> None:
    async with stage.rt.pool.acquire() as conn:
        await conn.execute(
            """INSERT INTO accounts (workspace_id, platform, instance, account, handle, name,
                profile_at, standing) VALUES ($1, 'vk', $2, $3, '', '', now(), $4)""",
            page.workspace_id,
            page.instance,
            account,
            standing,
        )


async def judgements(stage: Stage) -> int:
    async with stage.rt.pool.acquire() as conn:
        count: int = await conn.fetchval("SELECT count(*) FROM work WHERE kind = 'judge'")
    return count


async def test_who_is_banned_cannot_be_verified_from_the_event_on(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        await started(stage, page)
        await know(stage, page, ANN)
        async with stage.rt.pool.acquire() as conn:
            await conn.execute("DELETE FROM work WHERE kind = 'judge'")
        await hear(stage, page, event("user_block", user_id=int(ANN)))
        # It was not asked about: a closing scan asks all the same.
        assert await standing_of(stage, ANN) == ("blocked_by_us", None)
        assert await judgements(stage) == 1
        await hear(stage, page, event("user_unblock", user_id=int(ANN)))
        assert await standing_of(stage, ANN) == ("visible", None)


async def test_a_ban_of_somebody_who_never_did_anything_is_not_kept(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        await started(stage, page)
        await hear(stage, page, event("user_block", user_id=int(ANN)))
        assert await standing_of(stage, ANN) is None


async def test_the_end_of_a_ban_does_not_show_who_is_hidden_for_another_reason(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        await started(stage, page)
        await know(stage, page, ANN, "unavailable")
        await hear(stage, page, event("user_unblock", user_id=int(ANN)))
        assert await standing_of(stage, ANN) == ("unavailable", None)


async def test_a_like_told_of_after_its_end_is_there_until_the_next_scan_only(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        contest = await started(stage, page)
        liked, undone = like(ANN), unlike(ANN)
        await hear(stage, page, undone)
        await hear(stage, page, liked)
        assert await present(stage, Action.LIKE) == [(ANN, "")]
        await see(stage, contest, Action.LIKE, seen(BOB))
        assert await present(stage, Action.LIKE) == [(BOB, "")]
        # It comes once more, as platforms send what they are not sure about.
        await hear(stage, page, undone, liked)
        assert await present(stage, Action.LIKE) == [(BOB, "")]
