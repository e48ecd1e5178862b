"""Where a browser opens a comment that evidence names."""

import pytest

from contest_service.domain.accounts import Platform
from contest_service.platforms.registry import comment_url
from contest_service.platforms.vk.addresses import comment_ref

WALL = "https://vk.com/wall-1_2"
POST = "https://bsky.app/profile/did:plc:shop/post/1"


@pytest.mark.parametrize(
    ("platform", "post", "ref", "url"),
    [
        (Platform.VK, WALL, comment_ref(-1, 15, "Когда?"), f"{WALL}?reply=15"),
        (Platform.VK, WALL, "nonsense", WALL),
        (
            Platform.BLUESKY,
            POST,
            "at://did:plc:ann/app.bsky.feed.post/3k2a",
            "https://bsky.app/profile/did:plc:ann/post/3k2a",
        ),
        (Platform.BLUESKY, POST, "at://did:plc:ann/app.bsky.feed.like/3k2a", POST),
        (Platform.BLUESKY, POST, 'at://x"><script>/app.bsky.feed.post/1', POST),
    ],
)
def test_a_comment_is_opened_where_it_stands(
    platform: Platform, post: str, ref: str, url: str
) -> None:
    assert comment_url(platform, post, ref) == url
