"""Where people say that they live, from their profiles on VK to the verdict."""

from pathlib import Path
from typing import Any

import msgspec
from platforms.vk_practice import Practice
from sandbox.vk.stage import BORIS, DARYA, GLEB, VERA

from contest_service.sandbox.vk.records import Place
from contest_service.store import entrants
from contest_service.store.contests import Contest
from flows.lives import Life
from flows.stage import Stage
from flows.vk_town import connected, drafted, started, town

MINSK, TVER = Place(id=282, title="Минск"), Place(id=151, title="Тверь")
BELARUS, RUSSIA = Place(id=3, title="Беларусь"), Place(id=1, title="Россия")


def _live(vk: Practice, id_: int, **places: Place) -> None:
    person = vk.vk.world.people.get(id_)
    assert person is not None
    vk.vk.world.people.put(msgspec.structs.replace(person, **places))


async def _reasons(stage: Stage, contest: Contest) -> dict[int, str]:
    async with stage.rt.pool.acquire() as conn:
        page = await entrants.list_page(conn, contest.workspace_id, contest.id, limit=100)
    return {int(each.subject.rpartition(":")[2]): each.reason for each in page}


async def test_a_region_is_made_of_countries_and_cities(
    pool: Any, redis_url: str, tmp_path: Path
) -> None:
    region = {"kind": "region", "name": "N", "countries": ["россия"], "cities": ["Минск"]}
    async with town(pool, tmp_path, redis_url) as (stage, vk):
        _live(vk, BORIS, country=RUSSIA)
        _live(vk, GLEB, country=BELARUS, city=MINSK)
        _live(vk, VERA, country=BELARUS, city=TVER)
        for person in (BORIS, GLEB, VERA, DARYA):
            await vk.act("like", person)
        rules = {"kind": "all_of", "of": [{"kind": "liked"}, region]}
        contest = await drafted(stage, vk, await connected(stage, vk), rules=rules)
        contest = await started(stage, contest)
        await stage.work()
        assert await _reasons(stage, contest) == {
            BORIS: "all_conditions_hold",
            GLEB: "all_conditions_hold",
            VERA: "region.outside_region",
            DARYA: "region.profile_does_not_tell",
        }
        # Whoever moves is judged by what the profile shows at the close.
        _live(vk, VERA, country=RUSSIA)
        lived = Life(stage, contest, None, None, {})
        await lived.until("closes_at")
        assert (await _reasons(stage, contest))[VERA] == "all_conditions_hold"
