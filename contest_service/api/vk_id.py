"""`/v1/communities/{id}/vk-id` begins a sign-in with VK ID, `/oauth/vk` is where it comes back.

What comes back is a person's browser, so it is answered with a page: plain, whole in itself, in
both languages. Nothing that came with the address is repeated on it.
"""

import base64
import hashlib
import html
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import msgspec
from litestar import MediaType, Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.types import ASGIApp, Receive, Scope, Send

from contest_service.api.describe import write
from contest_service.api.envelope import request_id_of
from contest_service.api.gate import LOGIN_FREE
from contest_service.api.given import GivenRuntime, GivenWrite
from contest_service.api.writes import AnyRequest
from contest_service.flows import vk_id as flow
from contest_service.flows.vk_id import Connected, Refusal, Returned, SignInError

_NOTE = "Open this address in the administrator's browser."
_NOTE_BEFORE = "The address was in the first reply to this request and is kept nowhere."


class VkIdSignIn(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that was begun. `url` is null in a repeated reply."""

    url: str | None
    expires_at: datetime
    note: str


@post(
    "/communities/{community_id:uuid}/vk-id",
    **write("begin_vk_id", "Begin to connect an administrator with VK ID", 404),
)
async def begin_vk_id(community_id: FromPath[UUID], write: GivenWrite) -> Response[VkIdSignIn]:
    """The administrator's tokens are kept with the community's others, and renew themselves."""
    async with write.transaction() as tx:
        begun = await flow.begin(tx.conn, write.rt, write.actor, community_id, now=tx.now)
        return await tx.reply(
            VkIdSignIn(url=begun.url, expires_at=begun.expires_at, note=_NOTE),
            stored=VkIdSignIn(url=None, expires_at=begun.expires_at, note=_NOTE_BEFORE),
        )


# The browser comes back --------------------------------------------------------------------------

_SESSIONS = ("session", "__Host-session")
"""The cookie of somebody who is signed in to the pages."""
_READ = frozenset({"code", "state", "device_id", "error"})
_LONGEST = 4000
Brought = Annotated[str, QueryParameter(max_length=_LONGEST)]
# The framework has a `state` of its own.
BroughtState = Annotated[str, QueryParameter(max_length=_LONGEST, name="state")]


def read_only_known(app: ASGIApp) -> ASGIApp:
    """Leave out of the query what nobody reads here: VK sends more, and it is no mistake."""

    async def read(scope: Scope, receive: Receive, send: Send) -> None:
        given = parse_qsl(scope["query_string"].decode("latin-1"))
        scope["query_string"] = urlencode([pair for pair in given if pair[0] in _READ]).encode()
        await app(scope, receive, send)

    return read


@get(
    flow.PATH,
    operation_id="come_back_from_vk_id",
    include_in_schema=False,
    opt={LOGIN_FREE: True},
    middleware=[read_only_known],
)
async def come_back_from_vk_id(
    request: AnyRequest,
    rt: GivenRuntime,
    code: Brought = "",
    came_with: BroughtState = "",
    device_id: Brought = "",
    error: Brought = "",
) -> Response[str]:
    """End the sign-in, and say how it went; whoever is signed in is sent to a page of theirs."""
    returned = Returned(code=code, state=came_with, device_id=device_id, error=error)
    try:
        connected = await flow.come_back(rt, returned, request_id=request_id_of(request.scope))
    except SignInError as failure:
        begun = failure.begun
        if begun is not None and _has_session(request):
            return _on_to(begun.workspace_id, begun.community_id, failure.refusal.value)
        return _page(*_refusal(failure), status=400)
    if _has_session(request):
        return _on_to(connected.workspace_id, connected.community_id, "connected")
    return _page(*_success(connected), status=200)


def _has_session(request: AnyRequest) -> bool:
    return any(name in request.cookies for name in _SESSIONS)


def _on_to(workspace_id: UUID, community_id: UUID | None, outcome: str) -> Response[str]:
    """Send the browser to the community's page, or to where one is connected."""
    place = "new/vk" if community_id is None else str(community_id)
    address = f"/w/{workspace_id}/communities/{place}?vk-id={outcome}"
    return Response("", status_code=303, headers={**_HEADERS, "Location": address})


_REFUSALS: Mapping[Refusal, tuple[str, str]] = {
    Refusal.UNKNOWN: (
        "This sign-in is not known here, or it has come back already. Begin it again.",
        "Этот вход здесь неизвестен или уже завершён. Начните его заново.",
    ),
    Refusal.EXPIRED: (
        "More than ten minutes have passed. Begin the sign-in again.",
        "Прошло больше десяти минут. Начните вход заново.",
    ),
    Refusal.DENIED: (
        "You did not agree, so nothing was connected.",
        "Вы не дали согласия, поэтому ничего не подключено.",
    ),
    Refusal.REFUSED: (
        "VK did not complete the sign-in. Begin it again.",
        "ВКонтакте не завершил вход. Начните его заново.",
    ),
    Refusal.UNREACHABLE: (
        "VK does not answer at the moment. Begin the sign-in again later.",
        "ВКонтакте сейчас не отвечает. Начните вход заново позже.",
    ),
    Refusal.NO_ADMINISTRATOR: (
        "This account cannot be connected to the community: sign in as one of its administrators.",
        "Этот аккаунт нельзя подключить к сообществу: войдите как один из его администраторов.",
    ),
    Refusal.NOT_ALLOWED: (
        "Whoever began this sign-in is no owner or editor of the workspace any more.",
        "Тот, кто начал этот вход, больше не владелец и не редактор рабочего пространства.",
    ),
    Refusal.ALREADY: (
        "This community is connected already: open its page and connect its administrator there.",
        "Это сообщество уже подключено: откройте его страницу и подключите администратора там.",
    ),
    Refusal.CHANGED: (
        "The community was changed or removed meanwhile. Begin the sign-in again.",
        "Тем временем сообщество изменили или удалили. Начните вход заново.",
    ),
}
_CLOSE = ("You can close this window.", "Это окно можно закрыть.")


def _success(connected: Connected) -> tuple[str, str, str]:
    who, where = connected.administrator, connected.community
    english = f"{who} is connected as an administrator of “{where}”."
    russian = f"Подключён администратор сообщества «{where}»: {who}."
    return english, russian, ""


def _refusal(failure: SignInError) -> tuple[str, str, str]:
    english, russian = _REFUSALS[failure.refusal]
    return english, russian, failure.detail


_STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem;"
    "color:#1a1a1a;background:#fff}p{margin:.6rem 0}.detail{color:#555}"
)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    # The address holds the code.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def _page(english: str, russian: str, detail: str, *, status: int) -> Response[str]:
    close_english, close_russian = _CLOSE
    shown = f'<p class="detail" lang="en">{html.escape(detail)}</p>' if detail else ""
    body = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>VK ID</title>'
        f"<style>{_STYLE}</style></head><body>"
        f"<p>{html.escape(english)}</p><p>{close_english}</p>"
        f'<div lang="ru"><p>{html.escape(russian)}</p><p>{close_russian}</p></div>'
        f"{shown}</body></html>"
    )
    return Response(body, status_code=status, media_type=MediaType.HTML, headers=_HEADERS)
