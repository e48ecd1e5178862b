"""What is told of a credential that ends, before it does, with a practice VK behind the API."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from structlog.testing import capture_logs

from api.answers import created, done, items
from api.practice import WALL, Practice, practising
from api.staged import definition
from contest_service.flows.tend import CHECK_EVERY
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.vk.administrator import SIGN_IN_LIFE, TOKEN_LIFE
from contest_service.settings import Settings
from contest_service.store.work import Kind

CLOSE_TO = timedelta(minutes=2)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    hosts = AllowedHosts.parse(["127.0.0.1:*"])
    return msgspec.structs.replace(
        settings, allowed_hosts=hosts, public_url="http://127.0.0.1:8000"
    )


@pytest.fixture
async def practice(app: Litestar, owner: httpx.AsyncClient) -> AsyncIterator[Practice]:
    async with practising(app, owner) as practice:
        yield practice


async def community(practice: Practice, page: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = done(await practice.owner.get(f"/v1/communities/{page['id']}"))
    return found


def ends_in(page: dict[str, Any]) -> timedelta:
    ends_at = datetime.fromisoformat(page["credential_ends_at"])
    return ends_at - datetime.now(UTC)


async def set_end(practice: Practice, moment: datetime, *, renews: bool) -> None:
    async with practice.rt.pool.acquire() as conn:
        await conn.execute(
            "UPDATE communities SET credential_ends_at = $1, credential_renews = $2",
            moment,
            renews,
        )


async def spots(practice: Practice, page: dict[str, Any]) -> list[dict[str, Any]]:
    """What is foreseen for a contest on the page that asks for likes."""
    body = {"practice": True, "definition": definition(rules={"kind": "liked"})}
    contest = created(await practice.owner.post("/v1/contests", json=body))
    url = f"/v1/contests/{contest['id']}"
    post = {
        "community_id": page["id"],
        "url": f"https://vk.com/wall{WALL}_{practice.world.post_id}",
    }
    created(await practice.owner.post(f"{url}/posts", json=post))
    found = items(await practice.owner.get(f"{url}/blind-spots"))
    # It is a warning: the contest starts all the same.
    done(await practice.owner.post(f"{url}/start"))
    return found


async def test_a_token_that_was_pasted_is_said_to_end_within_the_hour(practice: Practice) -> None:
    page = await practice.connect()
    assert TOKEN_LIFE - CLOSE_TO < ends_in(page) <= TOKEN_LIFE
    assert page["credential_renews"] is False
    with capture_logs() as logs:
        await practice.work(Kind.TEND)
        practice.ahead += CHECK_EVERY
        await practice.work(Kind.TEND)
    shown = await community(practice, page)
    assert shown["health"] == "healthy"
    assert "ends at" in shown["health_note"]
    assert "does not renew itself" in shown["health_note"]
    # It is said once, however often it is looked at.
    (told,) = [each for each in logs if each["event"] == "credential_ends_soon"]
    assert told["community"] == page["id"]
    assert practice.world.anna not in str(told)


async def test_a_token_that_works_beyond_its_end_is_no_more_told_of(practice: Practice) -> None:
    page = await practice.connect()
    await practice.work(Kind.TEND)
    practice.ahead += TOKEN_LIFE + CHECK_EVERY
    await practice.work(Kind.TEND)
    shown = await community(practice, page)
    assert (shown["health"], shown["health_note"]) == ("healthy", "")


async def test_a_communitys_own_token_never_ends(practice: Practice) -> None:
    page = await practice.connect(community_token=practice.world.page)
    await practice.work(Kind.TEND)
    shown = await community(practice, page)
    assert shown["credential_ends_at"] is None
    assert shown["health_note"] == ""
    assert [spot for spot in await spots(practice, page) if spot["at"] == ""] == []


async def test_another_token_moves_the_end(practice: Practice) -> None:
    page = await practice.connect()
    await set_end(practice, datetime.now(UTC) + timedelta(minutes=1), renews=False)
    credential = {"community_token": practice.world.page, "user_token": practice.world.boris}
    url = f"/v1/communities/{page['id']}/credential"
    changed = done(await practice.owner.put(url, json={"credential": credential}))
    assert ends_in(changed) > TOKEN_LIFE - CLOSE_TO


async def test_a_contest_that_closes_after_the_end_is_warned(practice: Practice) -> None:
    page = await practice.connect()
    await set_end(practice, datetime.now(UTC) + timedelta(seconds=30), renews=False)
    (spot,) = [each for each in await spots(practice, page) if each["at"] == ""]
    assert (spot["condition"], spot["is_never"]) == ("", False)
    assert "ends at" in spot["note"]
    assert "VK ID" in spot["mend"]


@pytest.mark.parametrize(
    ("left", "renews"), [(timedelta(days=170), True), (timedelta(days=900), False)]
)
async def test_a_credential_that_lasts_or_renews_itself_is_no_cause_for_a_warning(
    practice: Practice, left: timedelta, renews: bool
) -> None:
    page = await practice.connect()
    await set_end(practice, datetime.now(UTC) + left, renews=renews)
    assert [each for each in await spots(practice, page) if each["at"] == ""] == []


async def test_the_operators_metrics_count_what_ends_soon(
    practice: Practice, api: httpx.AsyncClient
) -> None:
    async def counted() -> list[str]:
        text = (await api.get("/metrics")).text
        return [row for row in text.splitlines() if row.startswith("contest_credentials_ending{")]

    await practice.connect()
    assert await counted() == [
        'contest_credentials_ending{within="hour"} 1.0',
        'contest_credentials_ending{within="week"} 1.0',
    ]
    await set_end(practice, datetime.now(UTC) + timedelta(days=2), renews=True)
    assert await counted() == [
        'contest_credentials_ending{within="hour"} 0.0',
        'contest_credentials_ending{within="week"} 1.0',
    ]
    await set_end(practice, datetime.now(UTC) + SIGN_IN_LIFE, renews=True)
    assert (await counted())[1].endswith(" 0.0")
