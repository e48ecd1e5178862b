"""A VK community with a callback address of its own, and the events that come to it."""

import asyncio
import itertools
from typing import Any
from uuid import UUID

import httpx
import msgspec

from contest_service.flows.callbacks import Secrets, digest_of, seal_secrets
from contest_service.flows.runtime import Runtime
from contest_service.store import channels
from contest_service.store.channels import ChannelKind

GROUP = 501
_INSERT = """
INSERT INTO communities
    (workspace_id, platform, instance, account, handle, name, endpoints, credential)
VALUES ($1, 'vk', '127.0.0.1:8002', $2, 'coffee', 'Coffee',
    '{"api": "http://127.0.0.1:8002", "oauth": "http://127.0.0.1:8002"}', $3)
RETURNING id
"""
_numbers = itertools.count(1)


class Heard:
    """The community, its address, and what has to come with an event."""

    def __init__(self, rt: Runtime, workspace_id: UUID, community_id: UUID, known: Secrets) -> None:
        self.rt = rt
        self.workspace_id = workspace_id
        self.community_id = community_id
        self.known = known

    @property
    def address(self) -> str:
        return f"/callbacks/vk/{self.known.path}"

    def event(self, kind: str = "like_add", **changes: Any) -> dict[str, Any]:
        """An event in order, with an id of its own."""
        about = {"liker_id": 7, "object_type": "post", "object_owner_id": -GROUP, "object_id": 1}
        return {
            "type": kind,
            "event_id": f"e{next(_numbers)}",
            "group_id": GROUP,
            "secret": self.known.secret,
            "object": about,
        } | changes

    async def send(self, api: httpx.AsyncClient, event: Any) -> httpx.Response:
        return await api.post(self.address, json=event)

    async def insist(self, api: httpx.AsyncClient, event: Any) -> httpx.Response:
        """Send an event as a platform does: again, while it is asked to come back."""
        answer = await self.send(api, event)
        while answer.status_code == 503:
            await asyncio.sleep(0.1)
            answer = await self.send(api, event)
        return answer

    async def set_known(self, **changes: str) -> None:
        """Let more become known of the set-up."""
        self.known = msgspec.structs.replace(self.known, **changes)
        async with self.rt.pool.acquire() as conn:
            channel = await channels.read(conn, self.workspace_id, self.community_id)
            assert channel is not None
            await channels.set_secrets(conn, channel, seal_secrets(self.rt, self.known))

    async def kept(self) -> list[str]:
        """The names of the events that were kept."""
        async with self.rt.pool.acquire() as conn:
            rows = await conn.fetch("SELECT event_id FROM heard_events ORDER BY id")
        return [row["event_id"] for row in rows]


async def hearing(
    rt: Runtime, workspace_id: UUID, *, code: str = "c0de", path: str = "a" * 43
) -> Heard:
    """Connect a community behind the API's back, and give it an address."""
    known = Secrets(path=path, secret="s" * 43, code=code)
    async with rt.pool.acquire() as conn:
        credential = rt.vault.seal(b'{"community_token": "made up"}')
        id_ = await conn.fetchval(_INSERT, workspace_id, f"-{GROUP}", credential)
        await channels.renew(
            conn,
            workspace_id,
            id_,
            ChannelKind.CALLBACK,
            path=digest_of(known.path),
            sealed=seal_secrets(rt, known),
            now=rt.clock(),
        )
    return Heard(rt, workspace_id, id_, known)
