"""`/v1/communities`: connected accounts on platforms. A credential goes in and never comes out."""

from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody

from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.pages import After, Limit, Page, by_id, page_of
from contest_service.domain.accounts import Platform
from contest_service.domain.errors import NotFoundError
from contest_service.flows import connect as flow
from contest_service.flows import credentials, quota
from contest_service.flows.credentials import Credentials
from contest_service.flows.practice_community import (
    keep_practice_community,
    make_practice_community,
)
from contest_service.flows.quota import Quota
from contest_service.store import communities
from contest_service.store.communities import Community


class NewCommunity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A community to connect.

    `endpoints` are its servers by name, by default the platform's public ones: `pds`, `appview` and
    `plc` on Bluesky, `api` and `oauth` on VK. `credential` is what the platform signs in with. On
    Bluesky that is `identifier` and `app_password`; on VK any of `community_token`,
    `service_token` and `user_token` of an administrator, and `community` (number, short name or
    address) where there is no community token.
    """

    platform: Platform
    credential: dict[str, str]
    endpoints: dict[str, str] = {}


class NewCredential(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    credential: dict[str, str]


class ChangedCredential(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of a credential is another, by field; null takes a part out."""

    credential: dict[str, str | None]


class PracticeCommunity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str


class Resumed(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a credential that rested and are asked with again; empty if none did."""

    parts: list[str]


class CommunityPage(Page[Community], frozen=True, kw_only=True):
    """A page of communities."""


@get("/communities", **read("list_communities", "List connected communities and their health"))
async def list_communities(
    actor: GivenActor,
    rt: GivenRuntime,
    limit: Limit = 50,
    after: After = None,
) -> CommunityPage:
    async with rt.pool.acquire() as conn:
        found = await communities.list_page(conn, actor.workspace_id, after=after, limit=limit + 1)
    return page_of(CommunityPage, found, limit=limit, cursor=by_id)


@post("/communities", **write("connect_community", "Connect a community", 502, 503))
async def connect_community(data: JSONBody[NewCommunity], write: GivenWrite) -> Response[Community]:
    """Signs in first; the credential is kept encrypted."""
    new = await flow.sign_in(
        write.rt,
        platform=data.platform,
        endpoints=data.endpoints,
        credential=msgspec.json.encode(data.credential),
    )
    async with write.transaction() as tx:
        community = await flow.store_community(tx.conn, write.actor, new, now=tx.now)
        return await tx.reply(community)


@post(
    "/communities/practice",
    **write("connect_practice_community", "Connect a community on the practice VK", 502, 503),
)
async def connect_practice_community(
    data: JSONBody[PracticeCommunity], write: GivenWrite
) -> Response[Community]:
    """Makes one there, with an administrator and all tokens. Refused where practice is off."""
    new = await make_practice_community(write.rt, data.name)
    async with write.transaction() as tx:
        community = await keep_practice_community(tx.conn, write.actor, new, now=tx.now)
        return await tx.reply(community)


@get("/communities/{community_id:uuid}", **read("read_community", "Read a community", 404))
async def read_community(
    community_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime
) -> Community:
    async with rt.pool.acquire() as conn:
        found = await communities.read(conn, actor.workspace_id, community_id)
    if found is None:
        raise NotFoundError("There is no such community in this workspace.")
    return found


@put(
    "/communities/{community_id:uuid}/credential",
    **write("replace_credential", "Replace a community's credential", 404, 502, 503),
)
async def replace_credential(
    community_id: FromPath[UUID], data: JSONBody[NewCredential], write: GivenWrite
) -> Response[Community]:
    """The new one has to be the same account's."""
    credential = msgspec.json.encode(data.credential)
    new = await flow.sign_in_again(write.rt, write.actor, community_id, credential)
    async with write.transaction() as tx:
        community = await flow.replace_credential(
            tx.conn, write.actor, community_id, new, now=tx.now
        )
        return await tx.reply(community)


@patch(
    "/communities/{community_id:uuid}/credential",
    **write("change_credential", "Change parts of a community's credential", 404, 502, 503),
)
async def change_credential(
    community_id: FromPath[UUID], data: JSONBody[ChangedCredential], write: GivenWrite
) -> Response[Community]:
    """The other parts stay as they are. It is tried as a whole before it is kept."""
    changed = await credentials.try_change(write.rt, write.actor, community_id, data.credential)
    async with write.transaction() as tx:
        community = await credentials.keep_change(
            tx.conn, write.actor, community_id, changed, now=tx.now
        )
        return await tx.reply(community)


@get(
    "/communities/{community_id:uuid}/credential",
    **read("read_credential", "Read what a community's credential can and cannot do", 404, 409),
)
async def read_credential(
    community_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime
) -> Credentials:
    """Its parts without any secret: when they were given, when they end, what each can tell."""
    async with rt.pool.acquire() as conn:
        return await credentials.read_credentials(conn, rt, actor.workspace_id, community_id)


@get(
    "/communities/{community_id:uuid}/quota",
    **read("read_quota", "Read how much of a community's quota is used now", 404, 409, 502),
)
async def read_quota(community_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime) -> Quota:
    """Of each token and method, by all processes together; asks no platform."""
    return await quota.read_quota(rt, actor.workspace_id, community_id)


@post(
    "/communities/{community_id:uuid}/resume",
    status_code=200,
    **write("resume_community", "Go on at once after a captcha was solved", 404, 409, 502),
)
async def resume_community(community_id: FromPath[UUID], write: GivenWrite) -> Response[Resumed]:
    """Ends the rest of tokens with which the platform asked for a captcha, and tries again."""
    parts = await quota.end_rests(write.rt, write.actor.workspace_id, community_id)
    async with write.transaction(rings=True) as tx:
        await quota.record_ended(tx.conn, write.actor, community_id, parts, now=tx.now)
        return await tx.reply(Resumed(parts=parts))


@post(
    "/communities/{community_id:uuid}/check",
    status_code=200,
    **write("check_community", "Test a community's credential", 404),
)
async def check_community(community_id: FromPath[UUID], write: GivenWrite) -> Response[Community]:
    """Signs in anew; what it found is in `health` and `health_note`."""
    checkup = await flow.check_credential(write.rt, write.actor, community_id)
    async with write.transaction() as tx:
        community = await flow.record_checkup(
            tx.conn, write.actor, community_id, checkup, now=tx.now
        )
        return await tx.reply(community)


@delete(
    "/communities/{community_id:uuid}",
    **write("remove_community", "Disconnect a community and erase its credential", 404),
)
async def remove_community(community_id: FromPath[UUID], write: GivenWrite) -> Response[None]:
    """Not while a contest that has not ended rests on it."""
    async with write.transaction() as tx:
        await flow.remove_community(tx.conn, write.actor, community_id, now=tx.now)
        return await tx.reply(None)
