"""The service's client of its own practice VK: makes communities, posts and people to practise on.

Owns the requests to the sandbox's own API (`sandbox/vk/control.py`). Once a community is made, the
service treats it as any other, through the real adapter.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any

import httpx
import msgspec

from contest_service.domain.practice import Gathering
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.transport import authorities

_PATIENCE = 20.0
"""Seconds; settling thousands of people is computed within one answer."""
_ADMIN = {"first_name": "Анна", "last_name": "Белова", "sex": 1}
_APP = 7001


class SandboxClient:
    """The practice VK at one address."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self.endpoints: Mapping[str, str] = MappingProxyType({"api": url, "oauth": url})

    async def open_community(self, name: str) -> bytes:
        """Make a community with an administrator; return a VK credential that can do everything."""
        people = await self._make("people", {"people": [_ADMIN]})
        (admin,) = people["ids"]
        made = await self._make(
            "communities", {"name": name, "admins": {str(admin): "administrator"}}
        )
        group = made["id"]
        wanted = {
            "community_token": {"kind": "group", "group_id": group},
            "service_token": {"kind": "service", "app_id": _APP},
            "user_token": {"kind": "user", "person_id": admin},
        }
        tokens = {kind: await self._make("tokens", each) for kind, each in wanted.items()}
        values = {kind: token["value"] for kind, token in tokens.items()}
        return msgspec.json.encode({**values, "community": str(group)})

    async def gather(self, account: str, gathering: Gathering) -> str:
        """Publish a post on a community's wall with people around it; return its address."""
        owner = int(account)
        made = await self._make("posts", {"owner_id": owner, "text": gathering.text})
        town = {
            "owner_id": owner,
            "post_id": made["id"],
            "people": gathering.people,
            "seed": gathering.seed,
            "begins_at": gathering.begins_at.timestamp(),
            "ends_at": gathering.ends_at.timestamp(),
            "asked": msgspec.to_builtins(gathering.asked),
        }
        await self._make("towns", town)
        return f"{self.endpoints['api']}/wall{owner}_{made['id']}"

    async def look(self, what: str, **query: str | int) -> Any:
        """Read the whole truth about something: what VK shows is a part of it."""
        try:
            answer = await self._client.get(f"/sandbox/{what}", params=query)
        except httpx.HTTPError as error:
            raise _away(error) from None
        return _read(answer)

    async def _make(self, path: str, body: dict[str, Any]) -> Any:
        try:
            answer = await self._client.post(f"/sandbox/{path}", json=body)
        except httpx.HTTPError as error:
            raise _away(error) from None
        return _read(answer)


@asynccontextmanager
async def open_sandbox(url: str | None) -> AsyncIterator[SandboxClient | None]:
    """Open a client of the practice VK at an address; None where there is none."""
    if url is None:
        yield None
        return
    async with httpx.AsyncClient(
        base_url=url, trust_env=False, timeout=_PATIENCE, verify=authorities()
    ) as client:
        yield SandboxClient(client, url)


def _read(answer: httpx.Response) -> Any:
    if answer.status_code == httpx.codes.OK:
        return answer.json()
    raise PlatformError(FailureKind.FORBIDDEN, f"The practice VK refuses: {answer.text[:200]}")


def _away(error: httpx.HTTPError) -> PlatformError:
    return PlatformError(
        FailureKind.UNREACHABLE,
        f"The practice VK does not answer ({str(error) or type(error).__name__}). "
        "`contest-service sandbox` runs it, and so does `contest-service up`.",
    )
