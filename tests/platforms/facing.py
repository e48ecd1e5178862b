"""An adapter that faces one server on loopback for everything, and what it is asked there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from contest_service.domain.accounts import Platform
from contest_service.domain.evidence import Action, Target, TargetKind
from contest_service.platforms.base import PlatformAdapter
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.registry import open_adapter
from platforms.conftest import Keeper
from platforms.loopback import Loopback, Respond, serving

POST = Target(
    platform=Platform.BLUESKY,
    instance="x",
    kind=TargetKind.POST,
    ref="at://did:plc:a/app.bsky.feed.post/3k",
    author="did:plc:a",
    url="",
)
SESSION = {"did": "did:plc:a", "handle": "a.test", "accessJwt": "token", "refreshJwt": "token"}
LIKE = {
    "actor": {"did": "did:plc:b", "handle": "b.test"},
    "indexedAt": "2026-05-01T10:00:00.000Z",
    "createdAt": "2026-05-01T10:00:00.000Z",
}


@asynccontextmanager
async def facing(
    respond: Respond,
) -> AsyncIterator[tuple[PlatformAdapter, Loopback]]:
    """An adapter whose every server answers with `respond`."""
    async with (
        serving(respond) as server,
        open_adapter(
            Platform.BLUESKY,
            endpoints={"pds": server.url, "appview": server.url, "plc": server.url},
            credential=b'{"identifier": "did:plc:a", "app_password": "secret"}',
            session=Keeper(),
            hosts=AllowedHosts.parse(["127.0.0.1:*"]),
        ) as adapter,
    ):
        yield adapter, server


async def likes(adapter: PlatformAdapter) -> list[str]:
    return [
        sighting.account
        async for page in adapter.scan(POST, Action.LIKE, None)
        for sighting in page.sightings
    ]
