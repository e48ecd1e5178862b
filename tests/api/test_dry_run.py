"""Dry runs: one call makes a practice copy of a contest, on the practice VK with its people."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from patience import PATIENCE
from sandbox.vk.waiting import until

from api.answers import created, done, faults, items, problem
from api.staged import Stage, definition
from contest_service.platforms.hosts import AllowedHosts
from contest_service.sandbox.vk.records import Post
from contest_service.sandbox.vk.server import Served, serve
from contest_service.settings import Settings

RULES = {
    "kind": "all_of",
    "of": [
        {"kind": "liked"},
        {"kind": "any_of", "of": [{"kind": "reposted"}, {"kind": "follows"}]},
        {"kind": "commented", "hashtag": "mug", "mentions": 1, "words": 4},
        {"kind": "city", "names": ["Тверь"]},
    ],
}


@pytest.fixture
async def vk() -> AsyncIterator[Served]:
    async with serve() as served:
        yield served


@pytest.fixture
def settings(settings: Settings, vk: Served) -> Settings:
    """A list of hosts in which the operator did not think of the sandbox."""
    return msgspec.structs.replace(
        settings,
        allowed_hosts=AllowedHosts.parse(["localhost:1"]),
        sandbox_vk_port=int(vk.url.rpartition(":")[2]),
    )


async def draft(client: httpx.AsyncClient, **changes: Any) -> str:
    """Define a contest that is real, and will not start for days."""
    whole = definition(**{"rules": RULES, **changes})
    opens_at = datetime.fromisoformat(whole["schedule"]["opens_at"]) + timedelta(days=3)
    whole["schedule"] = {
        "opens_at": opens_at.isoformat(),
        "closes_at": (opens_at + timedelta(days=7)).isoformat(),
        "draw_at": (opens_at + timedelta(days=8)).isoformat(),
        "zone": "Europe/Moscow",
    }
    made: str = created(await client.post("/v1/contests", json={"definition": whole}))["id"]
    return made


def dry_run_of(contest: str) -> str:
    return f"/v1/contests/{contest}/dry-run"


def the_post(vk: Served, ref: str) -> Post:
    owner, _, number = ref.partition("_")
    return vk.world.posts[int(owner), int(number)]


async def test_one_call_makes_a_practice_copy_that_runs_with_people_around_it(
    owner: httpx.AsyncClient, vk: Served
) -> None:
    original = await draft(owner)
    wish = {"seconds": 60, "people": 300, "seed": "s"}
    copy = created(await owner.post(dry_run_of(original), json=wish))
    assert (copy["practice"], copy["status"]) == (True, "running")
    (post,) = items(await owner.get(f"/v1/contests/{copy['id']}/posts"))
    assert post["instance"] == vk.url.removeprefix("http://")
    (town,) = vk.site.towns.all
    assert (town.people, town.seed) == (300, "s")
    assert town.season.ends_at == datetime.fromisoformat(copy["closes_at"]).timestamp()
    await until(lambda: len(the_post(vk, post["ref"]).reactions.likes) > 10)


async def test_the_copy_has_the_same_rules_and_a_schedule_of_seconds(
    owner: httpx.AsyncClient,
) -> None:
    original = await draft(owner)
    copy = created(await owner.post(dry_run_of(original), json={"seconds": 200}))
    before = done(await owner.get(f"/v1/contests/{original}"))
    assert (before["status"], before["practice"]) == ("draft", False)
    said, copied = before["definition"], copy["definition"]
    times = {
        name: datetime.fromisoformat(copied["schedule"][name])
        for name in ("opens_at", "closes_at", "freeze_at", "draw_at")
    }
    assert list(times.values()) == sorted(set(times.values()))
    assert times["draw_at"] - times["opens_at"] == timedelta(seconds=200)
    assert copied["schedule"]["zone"] == "Europe/Moscow"
    assert copied | {"schedule": 0} == said | {"schedule": 0}


async def test_a_quiz_is_tried_out_with_answers_of_its_own(
    owner: httpx.AsyncClient, vk: Served
) -> None:
    asks = {"kind": "answered", "quiz": "secret", "question": "Who am I?"}
    original = await draft(owner, rules={"kind": "all_of", "of": [{"kind": "liked"}, asks]})
    answers = {"answers": ["the real one"]}
    done(await owner.put(f"/v1/contests/{original}/quizzes/secret", json=answers))
    copy = created(await owner.post(dry_run_of(original), json={"seconds": 60, "people": 50}))
    (quiz,) = items(await owner.get(f"/v1/contests/{copy['id']}/quizzes"))
    assert quiz["promised_at"] is not None
    (town,) = vk.site.towns.all
    assert town.asked.comments == 1
    assert town.asked.answers == ("practice", "тренировка"), "a dry run tells its answers"


async def test_the_post_says_that_it_is_practice_and_what_the_rules_ask_for(
    owner: httpx.AsyncClient, vk: Served
) -> None:
    copy = created(await owner.post(dry_run_of(await draft(owner)), json={}))
    (post,) = items(await owner.get(f"/v1/contests/{copy['id']}/posts"))
    text = the_post(vk, post["ref"]).text
    assert text.startswith("PRACTICE – proves nothing about chance\nA mug\n")
    assert "Like the contest post" in text
    assert "#mug" in text
    async with httpx.AsyncClient(timeout=PATIENCE) as browser:
        assert "Like the contest post" in (await browser.get(post["url"])).text


async def test_people_are_asked_for_what_the_rules_ask_for(
    owner: httpx.AsyncClient, vk: Served
) -> None:
    tickets = {"bonuses": [{"rule": {"kind": "commented", "hashtag": "cup"}, "tickets": 1}]}
    original = await draft(owner, tickets=tickets)
    created(await owner.post(dry_run_of(original), json={"people": 50}))
    asked = vk.site.towns.all[0].asked
    assert (asked.likes, asked.reposts, asked.joins, asked.comments) == (True, True, True, 1)
    assert (asked.hashtags, asked.mentions, asked.words) == (("mug", "cup"), 1, 4)
    people = range(vk.site.towns.all[0].first_person, vk.site.towns.all[0].first_person + 50)
    cities = {
        person.city.title for id_ in people if (person := vk.world.person(id_)) and person.city
    }
    assert "Тверь" in cities


async def test_the_practice_community_is_connected_once_and_is_nobody_real(
    owner: httpx.AsyncClient, editor: httpx.AsyncClient, vk: Served
) -> None:
    original = await draft(owner)
    for client in (editor, owner):
        created(await client.post(dry_run_of(original), json={"people": 10}))
    (community,) = items(await owner.get("/v1/communities"))
    assert community["instance"] == vk.url.removeprefix("http://")
    assert community["name"] == "The pottery (practice)"
    assert len(vk.site.towns.all) == 2
    assert len(vk.world.communities) == 1


async def test_another_workspace_has_a_practice_community_of_its_own(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    accounts = []
    for client in (owner, stranger):
        created(await client.post(dry_run_of(await draft(client)), json={"people": 10}))
        (community,) = items(await client.get("/v1/communities"))
        accounts.append(community["account"])
    assert len(set(accounts)) == 2


async def test_a_practice_world_that_was_begun_anew_is_joined_again(
    owner: httpx.AsyncClient, vk: Served
) -> None:
    original = await draft(owner)
    created(await owner.post(dry_run_of(original), json={"people": 10}))
    for token in vk.world.tokens.values():
        token.is_revoked = True
    vk.world.communities.clear()
    vk.world.posts.clear()
    vk.world.walls.clear()
    vk.site.towns.all.clear()
    created(await owner.post(dry_run_of(original), json={"people": 10}))
    (community,) = items(await owner.get("/v1/communities"))
    assert community["health"] == "healthy"


async def test_conditions_that_vk_cannot_tell_are_named_and_nothing_is_made(
    owner: httpx.AsyncClient, vk: Served
) -> None:
    of = [{"kind": "liked"}, {"kind": "quoted"}, {"kind": "account_age", "days": 30}]
    original = await draft(owner, rules={"kind": "all_of", "of": of})
    answer = await owner.post(dry_run_of(original), json={})
    problem(answer, 422, "invalid")
    assert set(faults(answer)) == {"/definition/rules/of/1", "/definition/rules/of/2"}
    assert items(await owner.get("/v1/communities")) == []
    assert len(items(await owner.get("/v1/contests"))) == 1
    assert vk.world.posts == {}


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"seconds": 5}, "/seconds"),
        ({"seconds": 10**6}, "/seconds"),
        ({"people": 0}, "/people"),
        ({"people": 10**6}, "/people"),
        ({"seed": "x" * 101}, "/seed"),
    ],
)
async def test_a_wish_that_cannot_be_is_named(
    owner: httpx.AsyncClient, vk: Served, wish: dict[str, Any], pointer: str
) -> None:
    answer = await owner.post(dry_run_of(await draft(owner)), json=wish)
    problem(answer, 422, "invalid")
    assert set(faults(answer)) == {pointer}
    assert vk.world.communities == {}


async def test_a_dry_run_stands_on_record(owner: httpx.AsyncClient) -> None:
    original = await draft(owner)
    copy = created(await owner.post(dry_run_of(original), json={"people": 10}))
    audit = items(await owner.get("/v1/audit", params={"subject": original}))
    (entry,) = [each for each in audit if each["action"] == "contest.dry_run"]
    assert entry["detail"] == {"copy": copy["id"]}


async def test_a_contest_that_runs_can_be_tried_out_too(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.start(await stage.draft())
    copy = created(await owner.post(dry_run_of(str(contest.id)), json={"people": 10}))
    assert copy["id"] != str(contest.id)


class TestWhereNobodyAnswers:
    """The sandbox is on, and its process is not there."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return msgspec.structs.replace(settings, sandbox_vk_port=1)

    async def test_it_is_said_what_has_to_run(self, owner: httpx.AsyncClient) -> None:
        answer = await owner.post(dry_run_of(await draft(owner)), json={})
        assert "contest-service sandbox" in problem(answer, 502, "platform_unreachable")["detail"]


class TestWithoutASandbox:
    """Where DATABASE_URL is set and nobody switched the sandbox on."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return msgspec.structs.replace(settings, has_sandbox=False)

    async def test_a_dry_run_is_refused_with_the_way_out(self, owner: httpx.AsyncClient) -> None:
        answer = await owner.post(dry_run_of(await draft(owner)), json={})
        assert "CONTEST_SANDBOX=1" in problem(answer, 409, "conflict")["detail"]
