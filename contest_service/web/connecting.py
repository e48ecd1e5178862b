"""Forms that connect a community: by tokens, by signing in with VK ID, or one to practise with.

What is typed into a field for a secret goes to its flow and nowhere else: it is on no page again.
"""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.domain.accounts import Platform
from contest_service.domain.errors import ConflictError, Fault, InvalidError
from contest_service.flows import connect, vk_id
from contest_service.flows.practice_community import (
    keep_practice_community,
    make_practice_community,
)
from contest_service.platforms.errors import PlatformError
from contest_service.platforms.registry import default_endpoints
from contest_service.store.communities import NewCommunity
from contest_service.web.community_words import say_outcome
from contest_service.web.forms import Form, blank, read_form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import Words, words_of
from contest_service.web.page import render
from contest_service.web.submissions import Submission, require_unsent, submission

Secret = Annotated[str, msgspec.Meta(max_length=2000)]
Text = Annotated[str, msgspec.Meta(max_length=300)]
_SERVERS: Mapping[Platform, tuple[str, ...]] = {
    platform: tuple(default_endpoints(platform)) for platform in Platform
}


_SIGN_IN = "sign_in_"
"""Before the names of servers in the form for VK ID, which stands on one page with the other."""
_SIGN_IN_FIELDS = {"community": "named"} | {
    name: f"{_SIGN_IN}{name}" for name in _SERVERS[Platform.VK]
}


class VkForm(msgspec.Struct, frozen=True, kw_only=True):
    community_token: Secret | None = None
    service_token: Secret | None = None
    community: Text | None = None
    api: Text | None = None
    oauth: Text | None = None


class VkIdForm(msgspec.Struct, frozen=True, kw_only=True):
    named: Text
    sign_in_api: Text | None = None
    sign_in_oauth: Text | None = None


class BlueskyForm(msgspec.Struct, frozen=True, kw_only=True):
    identifier: Text
    app_password: Secret
    pds: Text | None = None
    appview: Text | None = None
    plc: Text | None = None


class PracticeForm(msgspec.Struct, frozen=True, kw_only=True):
    name: Text


@get("/w/{workspace_id:uuid}/communities/new", operation_id="page_new_community")
async def page_new_community(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    return _show_choice(request, blank())


def _show_choice(
    request: AnyRequest, form: Form[Any], *, status_code: int = 200
) -> Response[bytes]:
    return render(
        request,
        "community-new.html",
        status_code=status_code,
        form=form,
        has_practice=runtime_of(request).practice_vk is not None,
    )


@post(
    "/w/{workspace_id:uuid}/communities/new/practice",
    operation_id="connect_practice",
    status_code=200,
)
async def connect_practice(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    """Make a community on the practice VK, and connect it."""
    form: Form[PracticeForm] = await read_form(request, PracticeForm)
    if form.filled is not None:
        await require_unsent(request)
        try:
            new = await make_practice_community(runtime_of(request), form.filled.name)
            async with submission(request) as sent:
                community = await keep_practice_community(
                    sent.conn, actor_of(request), new, now=sent.now
                )
                return await sent.go(_connected(workspace_id, community.id))
        except (InvalidError, PlatformError, ConflictError) as error:
            take_refusal(form, error, words_of(request))
    return _show_choice(request, form, status_code=422)


# VK ----------------------------------------------------------------------------------------------


@get("/w/{workspace_id:uuid}/communities/new/vk", operation_id="page_connect_vk")
async def page_connect_vk(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    return _show_vk(request, blank())


@post("/w/{workspace_id:uuid}/communities/new/vk", operation_id="connect_vk", status_code=200)
async def connect_vk(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    """Connect a community on VK by its token, an application's, or both."""
    words = words_of(request)
    form: Form[VkForm] = await read_form(request, VkForm)
    filled = form.filled
    if filled is not None and _require_token(form, filled, words):
        given = {
            "community_token": filled.community_token,
            "service_token": filled.service_token,
            "community": filled.community,
        }
        answer = await _connect(request, form, Platform.VK, given=given)
        if answer is not None:
            return answer
    return _show_vk(request, form, status_code=422)


@post(
    "/w/{workspace_id:uuid}/communities/new/vk-id",
    operation_id="connect_vk_by_sign_in",
    status_code=200,
)
async def connect_vk_by_sign_in(
    request: AnyRequest, workspace_id: FromPath[UUID]
) -> Response[bytes]:
    """Begin to sign in as an administrator of a community that is not connected yet."""
    form: Form[VkIdForm] = await read_form(request, VkIdForm)
    if form.filled is not None:
        try:
            async with submission(request) as sent:
                begun = await vk_id.begin_connecting(
                    sent.conn,
                    runtime_of(request),
                    actor_of(request),
                    form.filled.named,
                    endpoints=_servers(form, Platform.VK, prefix=_SIGN_IN),
                    now=sent.now,
                )
                await sent.remember(f"/w/{workspace_id}/communities/new/vk?note=sign-in-again")
            return show_way(request, begun, f"/w/{workspace_id}/communities/new/vk")
        except (InvalidError, ConflictError) as error:
            take_refusal(form, error, words_of(request), fields=_SIGN_IN_FIELDS)
    return _show_vk(request, form, status_code=422)


def show_way(request: AnyRequest, begun: vk_id.Begun, back: str) -> Response[bytes]:
    """Show the way to VK ID, which is a link: what a form leads to stays with us."""
    return render(request, "community-vk-id.html", begun=begun, back=back)


def _require_token(form: Form[VkForm], filled: VkForm, words: Words) -> bool:
    """Note what has to be given; what the tokens are good for VK itself says."""
    if not filled.community_token and not filled.service_token:
        form.add(
            "community_token",
            words.gettext("Paste the community's token here, or a service token below."),
        )
    elif not filled.community_token and not filled.community:
        form.add(
            "community",
            words.gettext(
                "Give the community's address: a service token does not tell whose it is."
            ),
        )
    return not form.faults


def _show_vk(request: AnyRequest, form: Form[Any], *, status_code: int = 200) -> Response[bytes]:
    words = words_of(request)
    return render(
        request,
        "community-vk.html",
        status_code=status_code,
        form=form,
        servers=default_endpoints(Platform.VK),
        has_vk_id=bool(runtime_of(request).vk_client_id),
        outcome=say_outcome(request.query_params.get("vk-id", ""), words),
    )


# Bluesky -----------------------------------------------------------------------------------------


@get("/w/{workspace_id:uuid}/communities/new/bluesky", operation_id="page_connect_bluesky")
async def page_connect_bluesky(
    request: AnyRequest, workspace_id: FromPath[UUID]
) -> Response[bytes]:
    return _show_bluesky(request, blank())


@post(
    "/w/{workspace_id:uuid}/communities/new/bluesky",
    operation_id="connect_bluesky",
    status_code=200,
)
async def connect_bluesky(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    """Connect an account on Bluesky by its handle and an app password."""
    form: Form[BlueskyForm] = await read_form(request, BlueskyForm)
    if form.filled is not None:
        given = {
            "identifier": form.filled.identifier.strip(),
            "app_password": form.filled.app_password.strip(),
        }
        answer = await _connect(request, form, Platform.BLUESKY, given=given)
        if answer is not None:
            return answer
    return _show_bluesky(request, form, status_code=422)


def _show_bluesky(
    request: AnyRequest, form: Form[Any], *, status_code: int = 200
) -> Response[bytes]:
    return render(
        request,
        "community-bluesky.html",
        status_code=status_code,
        form=form,
        servers=default_endpoints(Platform.BLUESKY),
    )


# What both do ------------------------------------------------------------------------------------


async def _connect(
    request: AnyRequest, form: Form[Any], platform: Platform, *, given: Mapping[str, str | None]
) -> Response[bytes] | None:
    """Sign in and keep the community; None if the form has faults now."""
    await require_unsent(request)
    credential = msgspec.json.encode({name: value for name, value in given.items() if value})
    try:
        new = await connect.sign_in(
            runtime_of(request),
            platform=platform,
            endpoints=_servers(form, platform),
            credential=credential,
        )
        async with submission(request) as sent:
            return await _keep(request, sent, new)
    except (InvalidError, PlatformError, ConflictError) as error:
        take_refusal(form, error, words_of(request))
    return None


async def _keep(request: AnyRequest, sent: Submission, new: NewCommunity) -> Response[bytes]:
    actor = actor_of(request)
    community = await connect.store_community(sent.conn, actor, new, now=sent.now)
    return await sent.go(_connected(actor.workspace_id, community.id))


def _servers(form: Form[Any], platform: Platform, *, prefix: str = "") -> dict[str, str]:
    """The servers that were given, by name."""
    given = {name: str(form.value(prefix + name, "")).strip() for name in _SERVERS[platform]}
    return {name: url for name, url in given.items() if url}


def _connected(workspace_id: UUID, community_id: UUID) -> str:
    return f"/w/{workspace_id}/communities/{community_id}?note=community-connected"


# What is refused, beside the field that it is about ----------------------------------------------

_MARKS: Mapping[str, tuple[str, ...]] = {
    "community_token": ("community token", "community's token"),
    "service_token": ("service token",),
    "community": ("names no community", "There is no community"),
    "app_password": ("app password",),
}
"""Words of a refusal by which its field is known."""


def take_refusal(
    form: Form[Any],
    error: InvalidError | PlatformError | ConflictError,
    words: Words,
    *,
    fields: Mapping[str, str] | None = None,
) -> None:
    """Put what a flow or a platform refused beside its field, in the reader's words.

    `fields` names those that the form calls otherwise than the flow.
    """
    if not isinstance(error, InvalidError):
        form.add("", words.refusal(error.message))
        return
    for fault in error.faults:
        name = _field_of(fault)
        form.add((fields or {}).get(name, name), words.refusal(fault.detail))


def _field_of(fault: Fault) -> str:
    """The field that a fault is about; empty if it is about the whole."""
    name = fault.pointer.rpartition("/")[2]
    if name != "credential":
        return name
    return next(
        (field for field, marks in _MARKS.items() if any(mark in fault.detail for mark in marks)),
        "",
    )
