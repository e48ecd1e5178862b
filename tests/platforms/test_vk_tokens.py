"""Which token asks for what, what if one is refused, and how an administrator's is renewed."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qsl

import pytest

from contest_service.domain.evidence import Action
from contest_service.platforms.base import Support
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk.administrator import Session
from contest_service.platforms.vk.capabilities import capabilities_of
from contest_service.platforms.vk.credential import Credential, Kind, read_credential
from contest_service.platforms.vk.sign_in import Granted
from platforms.conftest import Keeper
from platforms.loopback import Answer, Asked, as_json, serving
from platforms.vk_facing import CREDENTIAL, POST, Refused, Vk, facing_vk, vk_at

LIKES = {"count": 1, "items": [7]}
GROUP = {"id": 1, "name": "Coffee", "screen_name": "coffee"}
VK_ID = {"refresh_token": "refresh-1", "device_id": "device", "client_id": "7", "community": "1"}


def only(*tokens: str, answer: Any, code: int = 15) -> Any:
    """A method that only these tokens may call."""

    def method(parameters: dict[str, str]) -> Any:
        if parameters["token"] not in tokens:
            raise Refused(code)
        return answer(parameters) if callable(answer) else answer

    return method


async def likers(adapter: Any) -> list[str]:
    return [
        sighting.account
        async for page in adapter.scan(POST, Action.LIKE, None)
        for sighting in page.sightings
    ]


async def test_the_fastest_token_that_may_is_asked() -> None:
    vk = Vk(
        likes__getList=lambda _: LIKES,
        users__get=lambda _: [{"id": 7}],
        groups__getBanned=lambda _: {"count": 0, "items": []},
    )
    async with facing_vk(vk) as (adapter, _):
        await likers(adapter)
        await adapter.standing(["7"])
    assert set(vk.asked("likes.getList")) == {"service-secret"}
    assert vk.asked("users.get") == ["community-secret"]
    assert vk.asked("groups.getBanned") == ["community-secret"]


@pytest.mark.parametrize("code", [5, 14, 15, 27, 28, 29, 203])
async def test_where_one_token_is_refused_the_next_one_is_asked(code: int) -> None:
    vk = Vk(likes__getList=only("user-secret", answer=LIKES, code=code))
    async with facing_vk(vk) as (adapter, _):
        assert await likers(adapter) == ["7"]


async def test_a_kind_that_may_never_do_it_is_not_tried_again() -> None:
    vk = Vk(likes__getList=only("user-secret", answer=LIKES, code=28))
    async with facing_vk(vk) as (adapter, _):
        await likers(adapter)
        refused = vk.asked("likes.getList").count("service-secret")
        await likers(adapter)
    assert vk.asked("likes.getList").count("service-secret") == refused


async def test_what_no_token_may_names_what_to_connect() -> None:
    async with facing_vk(Vk(), community_token="secret") as (adapter, _):
        with pytest.raises(PlatformError, match="service token or an administrator") as failure:
            await likers(adapter)
    assert failure.value.kind is FailureKind.UNSUPPORTED


async def test_if_all_tokens_are_refused_the_failure_that_passes_is_told() -> None:
    def refuse(parameters: dict[str, str]) -> Any:
        raise Refused(29 if parameters["token"] == "service-secret" else 15)

    async with facing_vk(Vk(likes__getList=refuse)) as (adapter, _):
        with pytest.raises(PlatformError) as failure:
            await likers(adapter)
    assert failure.value.kind is FailureKind.RATE_LIMITED
    assert failure.value.retry_after


async def test_a_revoked_token_is_named() -> None:
    vk = Vk(likes__getList=only(answer=LIKES, code=5))
    async with facing_vk(vk, service_token="secret", community="1") as (adapter, _):
        with pytest.raises(PlatformError, match="service token is not accepted") as failure:
            await likers(adapter)
    assert failure.value.kind is FailureKind.CREDENTIAL_REJECTED


async def test_identify_tries_every_token_and_tells_who_it_is() -> None:
    vk = Vk(groups__getById=lambda _: {"groups": [{**GROUP, "is_admin": 1, "admin_level": 3}]})
    async with facing_vk(vk) as (adapter, server):
        identity = await adapter.identify()
    assert (identity.account, identity.handle, identity.name) == ("-1", "coffee", "Coffee")
    assert identity.instance == server.url.removeprefix("http://")
    assert vk.asked("groups.getById") == ["community-secret", "service-secret", "user-secret"]


async def test_identify_reads_the_older_list_of_communities_too() -> None:
    async with facing_vk(Vk(groups__getById=lambda _: [GROUP])) as (adapter, _):
        assert (await adapter.identify()).account == "-1"


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ("community-secret", "community token"),
        ("service-secret", "service token"),
        ("user-secret", "administrator's token"),
    ],
)
async def test_identify_names_the_token_that_does_not_work(bad: str, named: str) -> None:
    good = {token for token in CREDENTIAL.values() if token != bad}
    vk = Vk(groups__getById=only(*good, answer={"groups": [GROUP]}, code=5))
    async with facing_vk(vk) as (adapter, _):
        with pytest.raises(PlatformError, match=named) as failure:
            await adapter.identify()
    assert failure.value.kind is FailureKind.CREDENTIAL_REJECTED
    assert bad not in failure.value.message


@pytest.mark.parametrize("shown", [{"is_admin": 0}, {"is_admin": 1, "admin_level": 1}])
async def test_identify_refuses_an_administrator_who_is_none(shown: dict[str, int]) -> None:
    vk = Vk(groups__getById=lambda _: {"groups": [{**GROUP, **shown}]})
    async with facing_vk(vk, user_token="secret", community="coffee") as (adapter, _):
        with pytest.raises(PlatformError, match="no editor of “Coffee”") as failure:
            await adapter.identify()
    assert failure.value.kind is FailureKind.CREDENTIAL_REJECTED


async def test_identify_refuses_a_community_token_of_another_community() -> None:
    vk = Vk(groups__getById=lambda _: {"groups": [GROUP]})
    async with facing_vk(vk, community_token="secret", community="club2") as (adapter, _):
        with pytest.raises(PlatformError, match="belongs to “Coffee”") as failure:
            await adapter.identify()
    assert failure.value.kind is FailureKind.CREDENTIAL_REJECTED


async def test_a_server_that_is_away_does_not_condemn_a_token() -> None:
    async with facing_vk(lambda _: Answer(status=502)) as (adapter, _):
        with pytest.raises(PlatformError) as failure:
            await adapter.identify()
    assert failure.value.kind is FailureKind.UNREACHABLE


@pytest.mark.parametrize(
    ("kinds", "like", "repost", "follow"),
    [
        ({Kind.COMMUNITY}, Support.LIVE, Support.LIVE, Support.LISTED),
        ({Kind.SERVICE}, Support.LISTED, Support.LIVE, Support.ASKED),
        ({Kind.USER}, Support.LISTED, Support.LISTED, Support.LISTED),
        ({Kind.COMMUNITY, Kind.SERVICE}, Support.LISTED, Support.LIVE, Support.LISTED),
    ],
)
def test_what_can_be_told_follows_from_the_tokens(
    kinds: set[Kind], like: Support, repost: Support, follow: Support
) -> None:
    told = capabilities_of(kinds)
    assert told.actions[Action.LIKE] is told.actions[Action.COMMENT] is like
    assert told.actions[Action.REPOST] is repost
    assert told.actions[Action.FOLLOW] is follow
    assert Action.QUOTE not in told.actions
    blind = {spot.action for spot in told.blind_spots if spot.mend}
    weak = {action for action, how in told.actions.items() if how is not Support.LISTED}
    assert blind == weak


@pytest.mark.parametrize(
    ("given", "community"),
    [
        ({"community_token": "t"}, ""),
        ({"service_token": " t\n", "community": "club12"}, "12"),
        ({"user_token": "t", "community": "https://vk.com/public12"}, "12"),
        ({"user_token": "t", "community": "vk.com/Coffee_House"}, "coffee_house"),
        ({"user_token": "t", "community": "-12"}, "12"),
        ({**VK_ID, "community": "@coffee"}, "coffee"),
    ],
)
def test_a_credential_takes_any_of_the_tokens(given: dict[str, str], community: str) -> None:
    assert read_credential(json.dumps(given).encode()).community == community


@pytest.mark.parametrize(
    "given",
    [
        "",
        "{}",
        "[]",
        '{"community": "club1"}',
        '{"service_token": "t"}',
        '{"community_token": ""}',
        '{"community_token": 1}',
        '{"community_token": "t", "more": "x"}',
        '{"community_token": "two words"}',
        '{"community_token": "ключ"}',
        '{"refresh_token": "t", "community": "1"}',
        '{"user_token": "t", "community": "a b"}',
        '{"user_token": "t", "community": "https://[/"}',
    ],
)
def test_a_credential_of_another_form_says_what_is_needed(given: str) -> None:
    with pytest.raises(PlatformError) as failure:
        read_credential(given.encode())
    assert failure.value.kind is FailureKind.CREDENTIAL_REJECTED


def test_secrets_are_not_shown() -> None:
    credential = Credential(community_token="s3cret", user_token="s3cret", refresh_token="s3cret")
    session = Session(access="s3cret", refresh="s3cret", renew_at=0.0, mark="m")
    granted = Granted(access_token="s3cret", refresh_token="s3cret")
    assert "s3cret" not in f"{credential!r}{credential}{session!r}{session}{granted!r}{granted}"


class SlowKeeper(Keeper):
    """Keeps a session a little after it was had, as a database does."""

    async def load(self) -> bytes | None:
        loaded = self.session
        await asyncio.sleep(0.01)
        return loaded

    async def save(self, session: bytes) -> None:
        await asyncio.sleep(0.3)
        await super().save(session)


class VkId:
    """VK ID beside VK: tokens that live for an hour, and refresh tokens that are good once."""

    def __init__(self, *, lives: int = 3600) -> None:
        self.number = 1
        self.lives = lives
        self.refreshes = 0
        self.accepted = {"access-1"}
        self.bodies: list[dict[str, str]] = []
        self.vk = Vk(likes__getList=self.likes)

    def likes(self, parameters: dict[str, str]) -> Any:
        if parameters["token"] not in self.accepted:
            raise Refused(5)
        return LIKES

    def __call__(self, asked: Asked) -> Answer:
        if asked.path != "/oauth2/auth":
            return self.vk(asked)
        form = dict(parse_qsl(asked.body.decode()))
        assert "refresh_token" not in asked.parameters
        self.bodies.append(form)
        self.refreshes += 1
        known = form["device_id"] == "device" and form["client_id"] == "7"
        if not known or form["refresh_token"] != f"refresh-{self.number}":
            return as_json({"error": "invalid_grant", "error_description": "used up"}, status=400)
        self.number += 1
        self.accepted = {f"access-{self.number}"}
        return as_json(
            {
                "access_token": f"access-{self.number}",
                "refresh_token": f"refresh-{self.number}",
                "expires_in": self.lives,
                "user_id": 7,
                "state": form["state"],
            }
        )


async def test_an_administrators_token_is_had_kept_and_used_again() -> None:
    vk, keeper = VkId(), Keeper()
    async with serving(vk) as server:
        for _ in range(3):
            async with vk_at(server.url, keeper=keeper, **VK_ID) as adapter:
                assert await likers(adapter) == ["7"]
    assert keeper.saved == vk.refreshes == 1


async def test_another_credential_does_not_use_the_kept_token() -> None:
    vk, keeper = VkId(), Keeper()
    async with serving(vk) as server:
        async with vk_at(server.url, keeper=keeper, **VK_ID) as adapter:
            await likers(adapter)
        async with vk_at(server.url, keeper=keeper, user_token="old", community="1") as adapter:
            with pytest.raises(PlatformError):
                await likers(adapter)


async def test_a_token_is_renewed_before_it_expires_and_once_if_refused() -> None:
    vk, keeper = VkId(lives=0), Keeper()
    async with facing_vk(vk, keeper=keeper, **VK_ID) as (adapter, _):
        await likers(adapter)
        await likers(adapter)
        assert vk.refreshes >= 2
        vk.lives = 3600
        await likers(adapter)
        done = vk.refreshes
        await likers(adapter)
        assert vk.refreshes == done
        vk.accepted.clear()
        assert await likers(adapter) == ["7"]
        assert vk.refreshes == done + 1


async def test_a_token_without_a_way_to_renew_it_asks_to_reconnect() -> None:
    vk = VkId()
    vk.accepted.clear()
    async with facing_vk(vk, user_token="secret", community="1") as (adapter, _):
        with pytest.raises(PlatformError, match="connect an administrator with VK ID") as failure:
            await likers(adapter)
    assert failure.value.kind is FailureKind.CREDENTIAL_REJECTED
    assert vk.refreshes == 0


async def test_two_processes_renew_one_session_between_them() -> None:
    vk, keeper = VkId(), SlowKeeper()
    async with (
        serving(vk) as server,
        vk_at(server.url, keeper=keeper, **VK_ID) as one,
        vk_at(server.url, keeper=keeper, **VK_ID) as other,
    ):
        # Both find nothing kept, and both refresh; the second one's token is used up by then.
        assert await asyncio.gather(likers(one), likers(other)) == [["7"], ["7"]]
        assert vk.refreshes == 2
        assert vk.number == 2
        vk.accepted.clear()
        assert await asyncio.gather(likers(one), likers(other)) == [["7"], ["7"]]
    assert keeper.session is not None
    assert f"access-{vk.number}" in keeper.session.decode()


async def test_a_refused_refresh_asks_to_reconnect() -> None:
    vk = VkId()
    vk.number = 5
    async with facing_vk(vk, **VK_ID) as (adapter, _):
        with pytest.raises(PlatformError) as failure:
            await likers(adapter)
    assert failure.value.kind is FailureKind.CREDENTIAL_REJECTED
    assert "refresh-1" not in failure.value.message


async def test_vk_id_that_is_away_does_not_condemn_the_session() -> None:
    def respond(asked: Asked) -> Answer:
        return Answer(status=502, body=b"<html>")

    async with facing_vk(respond, **VK_ID) as (adapter, _):
        with pytest.raises(PlatformError) as failure:
            await likers(adapter)
    assert failure.value.kind is FailureKind.UNREACHABLE
