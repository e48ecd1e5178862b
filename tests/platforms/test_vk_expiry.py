"""When a credential of VK's ends, as far as that is known without asking."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from contest_service.platforms.base import Expiry
from contest_service.platforms.vk.administrator import SIGN_IN_LIFE, TOKEN_LIFE, expiry_of
from platforms.conftest import Keeper
from platforms.loopback import serving
from platforms.test_vk_tokens import VK_ID, VkId, likers
from platforms.vk_facing import vk_at


async def test_a_sign_in_ends_half_a_year_after_its_last_renewal() -> None:
    given_at = datetime(2026, 1, 1, tzinfo=UTC)
    credential = json.dumps(VK_ID).encode()
    vk, keeper = VkId(), Keeper()
    async with serving(vk) as server:
        endpoints = {"api": server.url, "oauth": server.url}
        before = expiry_of(credential, endpoints=endpoints, session=None, given_at=given_at)
        async with vk_at(server.url, keeper=keeper, **VK_ID) as adapter:
            began = datetime.now(UTC)
            await likers(adapter)
        after = expiry_of(credential, endpoints=endpoints, session=keeper.session, given_at=None)
        other = json.dumps({**VK_ID, "device_id": "another"}).encode()
        unknown = expiry_of(other, endpoints=endpoints, session=keeper.session, given_at=None)
    assert before == Expiry(ends_at=given_at + SIGN_IN_LIFE, renews=True)
    assert after is not None
    assert after.renews
    assert began <= after.ends_at - SIGN_IN_LIFE <= datetime.now(UTC)
    assert unknown is None


@pytest.mark.parametrize(
    ("given", "life"),
    [
        ({"user_token": "t", "community": "1"}, TOKEN_LIFE),
        ({"community_token": "t"}, None),
        ({"service_token": "t", "community": "1"}, None),
    ],
)
def test_only_a_persons_token_ends(given: dict[str, str], life: timedelta | None) -> None:
    given_at = datetime(2026, 1, 1, tzinfo=UTC)
    found = expiry_of(
        json.dumps(given).encode(),
        endpoints={"oauth": "https://id.vk.ru"},
        session=None,
        given_at=given_at,
    )
    assert found == (None if life is None else Expiry(ends_at=given_at + life, renews=False))
