"""Self-checks: everybody learns the verdict, the owner learns why, and nobody learns who else."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from contest_service.domain.answers import NOT_SEEN
from contest_service.domain.conditions import Language
from contest_service.domain.evidence import Action
from contest_service.flows.judge import judge_all
from contest_service.flows.self_check import SelfCheck, check_account, check_own
from contest_service.store import entrants
from contest_service.store.contests import Contest
from flows import made_up
from flows.live import MOMENT
from flows.stage import Stage, open_stage

EN, RU = Language.ENGLISH, Language.RUSSIAN
RULES = {
    "kind": "all_of",
    "of": [{"kind": "liked"}, {"kind": "reposted"}, {"kind": "has_picture"}],
}


@pytest.fixture
async def stage(pool: Any, tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(pool, tmp_path, []) as stage:
        yield stage


@pytest.fixture
async def contest(stage: Stage) -> Contest:
    """Ann has a picture, Bob has none, Cem did not repost; whoever else is unknown."""
    contest = await made_up.started(stage, await made_up.connected(stage), rules=RULES)
    await made_up.see(stage, contest, ["ann", "bob", "cem"])
    await made_up.see(stage, contest, ["ann", "bob"], action=Action.REPOST)
    async with stage.transaction() as conn:
        for name in ("ann", "bob", "cem", "dan"):
            await conn.execute(
                """INSERT INTO accounts (workspace_id, platform, instance, account, handle, name,
                    has_picture, profile_at)
                VALUES ($1, 'bluesky', '127.0.0.1', $2, $3, '', $4, now())""",
                contest.workspace_id,
                made_up.account(name),
                f"{name}.test",
                name != "bob",
            )
    await judge_all(stage.rt, contest)
    return contest


async def checked(
    stage: Stage, contest: Contest, account: str, language: Language = EN
) -> SelfCheck:
    async with stage.rt.pool.acquire() as conn:
        return await check_account(conn, contest, account, language)


async def owned(stage: Stage, contest: Contest, name: str) -> SelfCheck:
    async with stage.rt.pool.acquire() as conn:
        page = await entrants.list_page(conn, contest.workspace_id, contest.id, limit=10)
        (found,) = (each for each in page if each.subject.endswith(made_up.account(name)))
        return await check_own(conn, contest, found.id, EN)


@pytest.mark.parametrize("account", ["@ann.test", "ANN.TEST", "did:plc:ann"])
async def test_whoever_takes_part_is_told_so(stage: Stage, contest: Contest, account: str) -> None:
    check = await checked(stage, contest, account)
    assert (check.state, check.tickets) == ("valid", 1)
    assert check.text == "This account takes part with 1 ticket."
    assert "until" in check.next
    assert [each.verdict for each in check.conditions] == ["holds", "holds", None]


async def test_what_is_missing_is_said_with_what_to_do(stage: Stage, contest: Contest) -> None:
    check = await checked(stage, contest, "cem.test", RU)
    assert (check.state, check.tickets) == ("invalid", 0)
    liked, reposted, picture = check.conditions
    assert (liked.verdict, reposted.verdict, picture.verdict) == ("holds", "does_not_hold", None)
    assert reposted.text == "Мы этого не видели."
    assert reposted.next.startswith("Сделайте это до")


async def test_what_the_profile_shows_is_for_its_owner_alone(
    stage: Stage, contest: Contest
) -> None:
    picture = (await checked(stage, contest, "bob.test")).conditions[2]
    assert (picture.verdict, picture.seen) == (None, [])
    assert "owner" in picture.text
    own = (await owned(stage, contest, "bob")).conditions[2]
    assert own.verdict == "does_not_hold"
    assert own.text == "There is no picture in the profile."


async def test_when_it_was_seen_is_for_its_owner_alone(stage: Stage, contest: Contest) -> None:
    public = await checked(stage, contest, "ann.test")
    assert [each.seen for each in public.conditions] == [[], [], []]
    own = await owned(stage, contest, "ann")
    assert [len(each.seen) for each in own.conditions] == [1, 1, 0]


@pytest.mark.parametrize(
    "account",
    ["dan.test", "nobody.test", "did:plc:nobody", "no name at all!", "https://[", "🧇", "x" * 900],
    ids=lambda account: account[:20],
)
async def test_whoever_did_nothing_is_answered_like_whoever_is_not_there(
    stage: Stage, contest: Contest, account: str
) -> None:
    check = await checked(stage, contest, account)
    assert check == await checked(stage, contest, "another-nobody.test")
    assert (check.state, check.conditions, check.judged_at) == (NOT_SEEN, [], None)


async def test_an_entrant_who_is_gone_is_not_seen(stage: Stage, contest: Contest) -> None:
    async with stage.rt.pool.acquire() as conn:
        assert (await check_own(conn, contest, uuid4(), EN)).state == NOT_SEEN


async def test_people_of_another_contest_are_not_seen_in_this(
    stage: Stage, contest: Contest
) -> None:
    other = msgspec.structs.replace(contest, id=uuid4())
    assert (await checked(stage, other, "ann.test")).state == NOT_SEEN


async def test_nothing_is_said_of_conditions_that_are_not_in_force_any_more(
    stage: Stage, contest: Contest
) -> None:
    stage.pass_time(stage.now() + MOMENT)
    amended = await made_up.amended(stage, contest, rules={"kind": "liked"})
    check = await checked(stage, amended, "ann.test")
    assert (check.state, check.conditions) == ("valid", [])
