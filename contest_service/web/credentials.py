"""The credential of a connected community: give it another part, take one out, sign in anew."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.accounts import Platform
from contest_service.domain.errors import ConflictError, InvalidError, NotFoundError
from contest_service.flows import credentials as flow
from contest_service.flows import vk_id
from contest_service.platforms.errors import PlatformError
from contest_service.platforms.registry import every_part
from contest_service.web.communities import find_community, is_practice, read_parts
from contest_service.web.community_words import say_part
from contest_service.web.connecting import Secret, show_way, take_refusal
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import words_of
from contest_service.web.page import render
from contest_service.web.submissions import require_unsent, submission

_FIELDS: Mapping[str, str] = {
    "community": "community_token",
    "service": "service_token",
    "user": "user_token",
    "app_password": "app_password",
}
"""The field of a credential that holds each part."""


class CredentialForm(msgspec.Struct, frozen=True, kw_only=True):
    community_token: Secret | None = None
    service_token: Secret | None = None
    app_password: Secret | None = None


@get(
    "/w/{workspace_id:uuid}/communities/{community_id:uuid}/credential",
    operation_id="page_credential",
)
async def page_credential(
    request: AnyRequest, workspace_id: FromPath[UUID], community_id: FromPath[UUID]
) -> Response[bytes]:
    return await _show(request, community_id, blank())


@post(
    "/w/{workspace_id:uuid}/communities/{community_id:uuid}/credential",
    operation_id="change_credential_now",
    status_code=200,
)
async def change_credential_now(
    request: AnyRequest, workspace_id: FromPath[UUID], community_id: FromPath[UUID]
) -> Response[bytes]:
    """Put what was pasted in the place of what was there; the rest stays."""
    form: Form[CredentialForm] = await read_form(request, CredentialForm)
    filled = form.filled
    if filled is not None:
        given = {
            name: value.strip() for name, value in msgspec.structs.asdict(filled).items() if value
        }
        if not given:
            form.add(
                "", words_of(request).gettext("Nothing was given. Paste at least one of them.")
            )
        else:
            answer = await _change(
                request, community_id, form, changes=given, note="credential-changed"
            )
            if answer is not None:
                return answer
    return await _show(request, community_id, form, status_code=422)


@post(
    "/w/{workspace_id:uuid}/communities/{community_id:uuid}/credential/{part:str}/take-out",
    operation_id="take_part_out",
    status_code=200,
)
async def take_part_out(
    request: AnyRequest,
    workspace_id: FromPath[UUID],
    community_id: FromPath[UUID],
    part: FromPath[str],
) -> Response[bytes]:
    """Forget one part of the credential; the others have to be enough to sign in."""
    if part not in _FIELDS:
        raise NotFoundError("There is no such part of a credential.")
    form = blank()
    changes = {_FIELDS[part]: None}
    answer = await _change(request, community_id, form, changes=changes, note="part-taken-out")
    return answer or await _show(request, community_id, form, status_code=422)


@post(
    "/w/{workspace_id:uuid}/communities/{community_id:uuid}/vk-id",
    operation_id="begin_vk_id_now",
    status_code=200,
)
async def begin_vk_id_now(
    request: AnyRequest, workspace_id: FromPath[UUID], community_id: FromPath[UUID]
) -> Response[bytes]:
    """Begin to sign in as an administrator of the community."""
    root = f"/w/{workspace_id}/communities/{community_id}"
    try:
        async with submission(request) as sent:
            begun = await vk_id.begin(
                sent.conn, runtime_of(request), actor_of(request), community_id, now=sent.now
            )
            await sent.remember(f"{root}?note=sign-in-again")
        return show_way(request, begun, root)
    except ConflictError as error:
        form = blank()
        take_refusal(form, error, words_of(request))
        return await _show(request, community_id, form, status_code=409)


async def _change(
    request: AnyRequest,
    community_id: UUID,
    form: Form[Any],
    *,
    changes: Mapping[str, str | None],
    note: str,
) -> Response[bytes] | None:
    """Try a change, and keep it; None if the form has faults now."""
    await require_unsent(request)
    rt, actor = runtime_of(request), actor_of(request)
    try:
        changed = await flow.try_change(rt, actor, community_id, changes)
        async with submission(request) as sent:
            await flow.keep_change(sent.conn, actor, community_id, changed, now=sent.now)
            root = f"/w/{actor.workspace_id}/communities/{community_id}"
            return await sent.go(f"{root}?note={note}")
    except (InvalidError, PlatformError, ConflictError) as error:
        take_refusal(form, error, words_of(request))
    return None


async def _show(
    request: AnyRequest, community_id: UUID, form: Form[Any], *, status_code: int = 200
) -> Response[bytes]:
    rt, words = runtime_of(request), words_of(request)
    async with rt.pool.acquire() as conn:
        community = await find_community(conn, request, community_id)
        kept = await read_parts(conn, rt, community)
    return render(
        request,
        "community-credential.html",
        status_code=status_code,
        form=form,
        community=community,
        name=community.name or community.handle,
        root=f"/w/{community.workspace_id}/communities/{community_id}",
        is_vk=community.platform is Platform.VK,
        is_practice=is_practice(request, community),
        parts=[] if kept is None else [(each, say_part(each.part, words)) for each in kept.parts],
        names={part: say_part(part, words) for part in every_part(community.platform)},
        has_vk_id=bool(rt.vk_client_id),
        now=rt.clock(),
    )
