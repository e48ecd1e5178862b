"""Which of a workspace's communities a post's address belongs to, as far as the address tells."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from contest_service.domain.accounts import Platform
from contest_service.flows.define import community_of_post
from contest_service.store.communities import Community, Health


def community(platform: Platform, account: str, handle: str, server: str) -> Community:
    return Community(
        workspace_id=uuid4(),
        id=uuid4(),
        platform=platform,
        instance="",
        account=account,
        handle=handle,
        name=handle,
        endpoints={"api": server},
        health=Health.HEALTHY,
        health_note="",
        health_since=datetime.now(UTC),
        checked_at=None,
        credential_ends_at=None,
        credential_renews=False,
        credential_parts={},
        created_at=datetime.now(UTC),
    )


REAL = community(Platform.VK, "-501", "coffee", "https://api.vk.ru")
PRACTICE = community(Platform.VK, "-501", "coffee", "http://127.0.0.1:8002")
BAKERY = community(Platform.VK, "-502", "bakery", "https://api.vk.ru")
POTTERY = community(Platform.BLUESKY, "did:plc:pottery", "Pottery.example", "https://bsky.social")
ALL = [BAKERY, PRACTICE, REAL, POTTERY]


@pytest.mark.parametrize(
    ("url", "practice", "expected"),
    [
        ("https://vk.com/wall-501_1", False, REAL),
        ("https://vk.com/wall-501_1", True, PRACTICE),
        ("https://vk.ru/coffee?w=wall-501_1", False, REAL),
        ("https://vk.com/wall-502_7", True, BAKERY),
        ("https://bsky.app/profile/pottery.example/post/3k2a", False, POTTERY),
        ("https://bsky.app/profile/did:plc:pottery/post/3k2a", True, POTTERY),
        # Whose it is now the platform itself has to say.
        ("https://bsky.app/profile/renamed.example/post/3k2a", False, POTTERY),
        ("https://vk.com/wall-999_1", False, BAKERY),
        ("https://vk.com/coffee", False, None),
        ("https://example.org/post/1", False, None),
        ("", False, None),
    ],
)
def test_an_address_leads_to_the_community_that_suits_the_contest(
    url: str, practice: bool, expected: Community | None
) -> None:
    assert community_of_post(ALL, url, practice=practice) is expected
    assert community_of_post([], url, practice=practice) is None
