"""Where a community's servers may be."""

import pytest

from contest_service.domain.accounts import Platform
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.registry import (
    PUBLIC_HOSTS,
    complete_endpoints,
    default_endpoints,
)

PUBLIC = AllowedHosts.parse(PUBLIC_HOSTS)


@pytest.mark.parametrize("platform", list(Platform))
def test_the_public_servers_of_each_platform_are_allowed_by_default(platform: Platform) -> None:
    assert complete_endpoints(platform, {}, PUBLIC) == default_endpoints(platform)


def test_servers_that_are_not_given_are_the_public_ones() -> None:
    hosts = AllowedHosts.parse([*PUBLIC_HOSTS, "localhost:2583"])
    servers = complete_endpoints(Platform.BLUESKY, {"pds": "http://localhost:2583/"}, hosts)
    assert servers == {
        "pds": "http://localhost:2583",
        "appview": "https://public.api.bsky.app",
        "plc": "https://plc.directory",
    }


@pytest.mark.parametrize(
    ("endpoints", "kind", "words"),
    [
        ({"server": "https://bsky.social"}, FailureKind.UNSUPPORTED, "pds, appview, plc"),
        ({"pds": "https://evil.example"}, FailureKind.FORBIDDEN, "pds: evil.example"),
        ({"pds": "http://bsky.social"}, FailureKind.FORBIDDEN, "https"),
        ({"pds": "https://169.254.169.254"}, FailureKind.FORBIDDEN, "169.254.169.254"),
        ({"pds": "https://bsky.social/xrpc"}, FailureKind.MALFORMED, "without a path"),
        ({"pds": "https://bsky.social/?x"}, FailureKind.MALFORMED, "without a path"),
    ],
)
def test_a_server_that_may_not_be_spoken_to_is_named(
    endpoints: dict[str, str], kind: FailureKind, words: str
) -> None:
    with pytest.raises(PlatformError, match=words) as failure:
        complete_endpoints(Platform.BLUESKY, endpoints, PUBLIC)
    assert failure.value.kind is kind
