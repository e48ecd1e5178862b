"""A townsperson on the practice VK writes the code, and gets promise and receipt."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from platforms.vk_practice import Practice
from sandbox.vk.stage import DARYA, GLEB, WALL

from contest_service.cli.verify import verify
from contest_service.domain.contest import Status
from contest_service.flows.export import export_bundle
from contest_service.flows.look import MOST_PAGES
from contest_service.flows.own import GOOD_FOR, LOOK_AFTER
from contest_service.proof.bundle import Edition
from contest_service.proof.check import Verdict
from contest_service.proof.held import Held
from contest_service.sandbox.vk import acts
from contest_service.sandbox.vk.records import Comment
from contest_service.store.contests import Contest
from flows.lives import Life
from flows.owned import begin, claim_of, held, is_shown
from flows.stage import Stage
from flows.vk_town import connected, drafted, pass_time, started, town

VERIFY = Path("contest_service/proof/verify.py")
SECONDS_BETWEEN = 45
"""A quarter of the three minutes that somebody has waited."""
RULES = {"rules": {"kind": "liked"}}


async def test_a_townsperson_writes_the_code_and_gets_the_receipt(
    pool: Any, redis_url: str, tmp_path: Path
) -> None:
    async with town(pool, tmp_path, redis_url) as (stage, vk):
        for person in (GLEB, DARYA):
            await vk.act("like", person)
        contest = await _watched(stage, vk, RULES)
        lived = Life(stage, contest, None, None, {})
        begun = await begin(stage, contest, f"https://vk.com/id{GLEB}")
        await vk.act("comment", DARYA, text=f"Это не мой код: {begun.code}")
        pass_time(stage, vk, stage.now() + LOOK_AFTER)
        await stage.work()
        assert not await is_shown(stage, contest, begun)
        await vk.act("comment", GLEB, text=f"Мой код {begun.code.lower()}")
        pass_time(stage, vk, stage.now() + GOOD_FOR / 10)
        await stage.work()
        assert await is_shown(stage, contest, begun)

        before = await held(stage, contest, begun)
        (promise,) = before.promises
        assert before.receipt is None
        for moment in ("closes_at", "freeze_at", "draw_at"):
            ended = await lived.until(moment)
        assert ended.status is Status.ANNOUNCED
        after = await held(stage, ended, begun)
        assert after.promises == before.promises
        assert after.receipt is not None
        claim = claim_of(after.receipt.bytes)
        assert claim.commitment == claim_of(promise.bytes).commitment
        assert claim.checkpoint is not None
        bundle = await _exported(stage, ended, tmp_path / "bundle.zip")
        for file in (promise, after.receipt):
            (tmp_path / file.name).write_bytes(file.bytes)
            place = _place(bundle, tmp_path / file.name)
            assert place.holds, place
            assert place.draws is not None
            assert place.draws[0].place in (1, 2)
            said = _verify_py(bundle, tmp_path / file.name)["receipt"]
            assert (said["holds"], said["draws"][0]["place"]) == (True, place.draws[0].place)


async def _exported(stage: Stage, contest: Contest, path: Path) -> Path:
    key = (contest.workspace_id, contest.id)
    pieces = [each async for each in export_bundle(stage.rt, *key, Edition.PUBLIC)]
    path.write_bytes(b"".join(pieces))
    return path


def _place(bundle: Path, held: Path) -> Held:
    """What the service's own verifier says of a promise or a receipt beside the bundle."""
    report = verify(bundle, practice=True, receipt=held)
    assert report.verdict is Verdict.PRACTICE, report
    assert report.receipt is not None
    return report.receipt


def _verify_py(bundle: Path, held: Path) -> dict[str, Any]:
    """What the verifier for everybody says of it."""
    done = subprocess.run(
        [sys.executable, VERIFY, "--practice", "--json", "--receipt", held, bundle],
        capture_output=True,
        check=False,
    )
    assert done.returncode == Verdict.PRACTICE.exit_status, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


async def test_a_comment_that_is_gone_before_anybody_looks_shows_nothing(
    pool: Any, redis_url: str, tmp_path: Path
) -> None:
    async with town(pool, tmp_path, redis_url) as (stage, vk):
        await vk.act("like", GLEB)
        contest = await _watched(stage, vk, RULES)
        begun = await begin(stage, contest, f"id{GLEB}")
        said = await vk.act("comment", GLEB, text=begun.code)
        await vk.act("erase", GLEB, comment_id=said["id"])
        pass_time(stage, vk, stage.now() + GOOD_FOR / 10)
        await stage.work()
        assert not await is_shown(stage, contest, begun)
        assert [each.seconds for each in await _pauses(stage)] == [SECONDS_BETWEEN]


async def test_the_code_is_found_under_however_many_comments(
    pool: Any, redis_url: str, tmp_path: Path
) -> None:
    async with town(pool, tmp_path, redis_url) as (stage, vk):
        await vk.act("like", GLEB)
        _crowd(vk, 100 * MOST_PAGES)
        contest = await _watched(stage, vk, RULES)
        begun = await begin(stage, contest, f"id{GLEB}")
        pass_time(stage, vk, stage.now() + LOOK_AFTER)
        await vk.act("comment", GLEB, text=begun.code)
        # They are more than one page of comments later.
        _crowd(vk, 150)
        await stage.work()
        assert await is_shown(stage, contest, begun)


def _crowd(vk: Practice, count: int) -> None:
    """Let many comment now."""
    for _ in range(count):
        comment = Comment(
            owner_id=WALL, post_id=vk.post_id, id=0, from_id=DARYA, date=int(vk.clock.now), text="+"
        )
        acts.comment(vk.vk.world, vk.post, comment, at=int(vk.clock.now))


async def test_a_scan_of_comments_finds_the_code_too(
    pool: Any, redis_url: str, tmp_path: Path
) -> None:
    async with town(pool, tmp_path, redis_url) as (stage, vk):
        await vk.act("comment", GLEB, text="Участвую")
        contest = await _watched(stage, vk, {"rules": {"kind": "commented"}})
        begun = await begin(stage, contest, f"@id{GLEB}")
        async with stage.transaction() as conn:
            await conn.execute("DELETE FROM work WHERE kind = 'look'")
        await vk.act("comment", GLEB, text=begun.code)
        async with stage.transaction() as conn:
            await conn.execute("UPDATE work SET due_at = $1 WHERE kind = 'scan'", stage.now())
        await stage.work()
        assert await is_shown(stage, contest, begun)


async def _watched(stage: Stage, vk: Practice, asked: dict[str, Any]) -> Contest:
    """A contest on the page's first post, read and judged once."""
    community = await connected(stage, vk, service_token=vk.service, community_token=vk.page)
    contest = await started(stage, await drafted(stage, vk, community, **asked))
    await stage.work()
    return contest


async def _pauses(stage: Stage) -> list[timedelta]:
    """How long until somebody looks again."""
    async with stage.rt.pool.acquire() as conn:
        rows = await conn.fetch("SELECT due_at FROM work WHERE kind = 'look'")
    return [_rounded(row["due_at"] - stage.now()) for row in rows]


def _rounded(span: timedelta) -> timedelta:
    return timedelta(seconds=round(span.total_seconds() / 5) * 5)
