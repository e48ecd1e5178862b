"""The communities of a workspace: how each fares, with what it is connected, what it can tell."""

import re
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain import catalogue
from contest_service.domain.errors import ConflictError, ContestError, NotFoundError
from contest_service.domain.people import Role
from contest_service.flows import connect
from contest_service.flows.credentials import Credentials, read_credentials
from contest_service.flows.due import Standing, read_standing, read_standings
from contest_service.flows.quota import Circuit, Quota, end_rests, read_quota, record_ended
from contest_service.flows.runtime import Runtime
from contest_service.platforms.errors import PlatformError
from contest_service.platforms.hosts import AllowedHosts, HostRefusedError
from contest_service.platforms.live import is_live
from contest_service.platforms.registry import default_endpoints
from contest_service.store import communities, resting
from contest_service.store.communities import Community
from contest_service.store.rows import Connection
from contest_service.web.access import EDITORS
from contest_service.web.community_words import (
    rows_of,
    say_channel,
    say_due,
    say_health,
    say_loss,
    say_outcome,
    say_part,
    say_platform,
)
from contest_service.web.contest_words import say_status
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.notes import note_of
from contest_service.web.page import render
from contest_service.web.submissions import require_unsent, submission

_ADDRESS = re.compile(r"https?://[^\s;,)]+")
_PAGE = 50
_RESTING = 20
"""Contests that are named; one is enough to keep a community."""


@get("/w/{workspace_id:uuid}/communities", operation_id="page_communities")
async def page_communities(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    rt, actor, words = runtime_of(request), actor_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        standings = await read_standings(
            conn, rt, workspace_id, after=_after(request), limit=_PAGE + 1
        )
    shown = standings.found[:_PAGE]
    return render(
        request,
        "communities.html",
        communities=[_listed(each, words) for each in shown],
        next_after=shown[-1].community.id if len(standings.found) > _PAGE else None,
        is_quota_known=standings.is_quota_known,
        is_first=_after(request) is None,
        is_owner=actor.role is Role.OWNER,
        note=note_of(request),
    )


def _listed(standing: Standing, words: Words) -> dict[str, Any]:
    community = standing.community
    return {
        "community": community,
        "name": community.name or community.handle,
        "platform": say_platform(community.platform, words),
        "health": say_health(community.health, words),
        "tasks": [say_due(each, community, words) for each in standing.due],
    }


@get("/w/{workspace_id:uuid}/communities/{community_id:uuid}", operation_id="page_community")
async def page_community(
    request: AnyRequest, workspace_id: FromPath[UUID], community_id: FromPath[UUID]
) -> Response[bytes]:
    return await show_community(request, community_id)


@get(
    "/w/{workspace_id:uuid}/communities/{community_id:uuid}/quota",
    operation_id="part_community_quota",
)
async def part_community_quota(
    request: AnyRequest, workspace_id: FromPath[UUID], community_id: FromPath[UUID]
) -> Response[bytes]:
    """How much of the quota is left, which the page asks for again and again."""
    context = await _quota(request, community_id)
    return render(request, "community-quota.html", **context)


@post(
    "/w/{workspace_id:uuid}/communities/{community_id:uuid}/check",
    operation_id="check_community_now",
    status_code=200,
)
async def check_community_now(
    request: AnyRequest, workspace_id: FromPath[UUID], community_id: FromPath[UUID]
) -> Response[bytes]:
    """Sign in with what is kept, and say what came of it."""
    await require_unsent(request)
    rt, actor = runtime_of(request), actor_of(request)
    checkup = await connect.check_credential(rt, actor, community_id)
    async with submission(request) as sent:
        await connect.record_checkup(sent.conn, actor, community_id, checkup, now=sent.now)
        return await sent.go(f"{_root(request, community_id)}?note=community-checked")


@post(
    "/w/{workspace_id:uuid}/communities/{community_id:uuid}/resume",
    operation_id="resume_community_now",
    status_code=200,
)
async def resume_community_now(
    request: AnyRequest, workspace_id: FromPath[UUID], community_id: FromPath[UUID]
) -> Response[bytes]:
    """Go on at once with tokens that rest until a captcha is solved, which somebody did."""
    await require_unsent(request)
    actor, root = actor_of(request), _root(request, community_id)
    try:
        parts = await end_rests(runtime_of(request), workspace_id, community_id)
    except (PlatformError, ConflictError):
        # The page itself says what cannot be known.
        return await show_community(request, community_id, status_code=409)
    async with submission(request, rings=True) as sent:
        await record_ended(sent.conn, actor, community_id, parts, now=sent.now)
        return await sent.go(f"{root}?note={'community-resumed' if parts else 'nobody-new'}")


@post(
    "/w/{workspace_id:uuid}/communities/{community_id:uuid}/remove",
    operation_id="remove_community_now",
    status_code=200,
)
async def remove_community_now(
    request: AnyRequest, workspace_id: FromPath[UUID], community_id: FromPath[UUID]
) -> Response[bytes]:
    try:
        async with submission(request) as sent:
            await connect.remove_community(sent.conn, actor_of(request), community_id, now=sent.now)
            return await sent.go(f"/w/{workspace_id}/communities?note=community-removed")
    except ConflictError:
        return await show_community(request, community_id, is_in_use=True, status_code=409)


async def show_community(
    request: AnyRequest,
    community_id: UUID,
    *,
    is_in_use: bool = False,
    status_code: int = 200,
) -> Response[bytes]:
    """Make a community's page."""
    rt, actor, words = runtime_of(request), actor_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        community = await find_community(conn, request, community_id)
        standing = await read_standing(conn, rt, community)
        held = await resting.list_resting(
            conn, actor.workspace_id, community_id, limit=_RESTING + 1
        )
        credentials = await read_parts(conn, rt, community)
    return render(
        request,
        "community.html",
        status_code=status_code,
        **_listed(standing, words),
        **_told(credentials, words),
        **await _quota(request, community_id),
        servers=_servers(community),
        channel=standing.channel,
        heard=None if standing.channel is None else say_channel(standing.channel, words),
        is_live=is_live(community.platform),
        is_practice=is_practice(request, community),
        resting=[(each, say_status(each.status, words), say_loss(each, words)) for each in held],
        is_in_use=is_in_use,
        outcome=say_outcome(request.query_params.get("vk-id", ""), words),
        has_vk_id=bool(rt.vk_client_id),
        is_owner=actor.role is Role.OWNER,
        note=note_of(request),
        now=rt.clock(),
    )


async def find_community(conn: Connection, request: AnyRequest, community_id: UUID) -> Community:
    """A community of the workspace. Raises NotFoundError."""
    found = await communities.read(conn, actor_of(request).workspace_id, community_id)
    if found is None:
        raise NotFoundError("There is no such community in this workspace.")
    return found


def is_practice(request: AnyRequest, community: Community) -> bool:
    """Whether it is one of the practice VK."""
    practice = runtime_of(request).practice_vk
    return practice is not None and community.endpoints == dict(practice.endpoints)


async def read_parts(conn: Connection, rt: Runtime, community: Community) -> Credentials | None:
    """What it is connected with; None where no key opens that any more."""
    try:
        return await read_credentials(conn, rt, community.workspace_id, community.id)
    except NotFoundError:
        raise
    except (ContestError, PlatformError):
        return None


def _told(credentials: Credentials | None, words: Words) -> dict[str, Any]:
    """What a credential's parts are, and can tell, in words."""
    if credentials is None:
        return {"parts": [], "rows": [], "spots": [], "is_readable": False, "missing": []}
    language = words.language
    labels = {each.kind: each.label[language] for each in catalogue.kinds()}
    return {
        "parts": [(each, say_part(each.part, words)) for each in credentials.parts],
        "rows": rows_of(credentials, labels, words),
        "spots": [
            (spot.note[language], spot.mend.get(language, "")) for spot in credentials.blind_spots
        ],
        "missing": [(part, say_part(part, words)) for part in credentials.missing],
        "is_readable": True,
    }


async def _quota(request: AnyRequest, community_id: UUID) -> dict[str, Any]:
    rt, words = runtime_of(request), words_of(request)
    quota: Quota | None = None
    why = ""
    try:
        quota = await read_quota(rt, actor_of(request).workspace_id, community_id)
    except NotFoundError:
        raise
    except (ContestError, PlatformError) as error:
        why = words.refusal(error.message)
    return {
        "root": _root(request, community_id),
        "quota": quota,
        "quota_parts": []
        if quota is None
        else [
            (each, say_part(each.part, words), _link_in(each.circuit, rt.hosts))
            for each in quota.parts
        ],
        "quota_note": why,
        "is_resting": quota is not None and any(each.circuit for each in quota.parts),
        "is_editor": actor_of(request).role in EDITORS,
    }


def _link_in(circuit: Circuit | None, hosts: AllowedHosts) -> str:
    """The address where somebody can open a circuit again, if it is one of the platform's."""
    found = _ADDRESS.search(circuit.why) if circuit else None
    if found is None:
        return ""
    try:
        return str(hosts.check(found[0]))
    except HostRefusedError:
        return ""


def _servers(community: Community) -> dict[str, str]:
    """The servers that are not the platform's public ones."""
    public = default_endpoints(community.platform)
    return {name: url for name, url in community.endpoints.items() if public.get(name) != url}


def _root(request: AnyRequest, community_id: UUID) -> str:
    return f"/w/{actor_of(request).workspace_id}/communities/{community_id}"


def _after(request: AnyRequest) -> UUID | None:
    try:
        return UUID(request.query_params.get("after", ""))
    except ValueError:
        return None
