"""`/oembed`: how other sites embed a contest, by the address of one of its pages (oembed.com).

JSON alone. Sites send along what they like, so that unknown parameters mean nothing.
"""

import re
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get

from contest_service.domain.contest import Status
from contest_service.domain.errors import NotFoundError
from contest_service.flows.runtime import Runtime
from contest_service.store.contests import Contest
from contest_service.web.card import SIZES, Shape
from contest_service.web.contest_page import GivenRuntime
from contest_service.web.language import PARAMETER, language_of
from contest_service.web.visitors import started, tag_of, unchanged

AnyRequest = Request[Any, Any, Any]

WIDTH, HEIGHT = 480, 320
"""Pixels that a widget takes where nobody asks for less."""
TALL = 440
"""Pixels of height once there are winners to name."""
_PAGE = re.compile(r"contests/([0-9a-f-]{36})(?:/(?:draw|certificate|check))?/?", re.IGNORECASE)
_DRAWN = frozenset({Status.DRAWN, Status.ANNOUNCED, Status.COMPLETED})
_KEPT_FOR = 300
_HEADERS = {
    "Cache-Control": f"public, max-age={_KEPT_FOR}",
    "Vary": "Accept-Language, Cookie",
    "Access-Control-Allow-Origin": "*",
    "X-Content-Type-Options": "nosniff",
}
_REFUSED = {**_HEADERS, "Cache-Control": "no-store"}


class Embedding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a site needs to embed a contest, as the standard calls it."""

    type: str
    version: str
    title: str
    author_name: str
    author_url: str
    provider_name: str
    provider_url: str
    cache_age: int
    html: str
    width: int
    height: int
    thumbnail_url: str | None = None
    thumbnail_width: int | None = None
    thumbnail_height: int | None = None


@get("/oembed", operation_id="read_embedding")
async def read_embedding(request: AnyRequest, rt: GivenRuntime) -> Response[bytes]:
    """`url` is a page of a contest, `maxwidth` and `maxheight` are in pixels."""
    query = request.query_params
    if query.get("format", "json") != "json":
        return _refuse(HTTPStatus.NOT_IMPLEMENTED, "There is JSON alone: ask with format=json.")
    try:
        contest = await _contest_at(rt, query.get("url", ""))
    except NotFoundError as error:
        return _refuse(HTTPStatus.NOT_FOUND, error.message)
    told = msgspec.json.encode(_embedding(contest, rt, request))
    tag = tag_of(told.decode())
    return unchanged(request, tag, _HEADERS) or Response(
        told, media_type="application/json", headers={**_HEADERS, "ETag": tag}
    )


def _refuse(status: HTTPStatus, detail: str) -> Response[bytes]:
    told = msgspec.json.encode({"status": status.value, "title": status.phrase, "detail": detail})
    return Response(
        told, status_code=status, media_type="application/problem+json", headers=_REFUSED
    )


async def _contest_at(rt: Runtime, url: str) -> Contest:
    """The contest whose page has this address. Raises NotFoundError."""
    address = url.partition("?")[0].partition("#")[0]
    site = f"{rt.public_url}/"
    found = _PAGE.fullmatch(address.removeprefix(site)) if address.startswith(site) else None
    contest_id = None if found is None else _id(found[1])
    if contest_id is None:
        raise NotFoundError("This is no address of a contest of this service.")
    async with rt.pool.acquire() as conn:
        return await started(conn, contest_id)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _embedding(contest: Contest, rt: Runtime, request: AnyRequest) -> Embedding:
    query, language = request.query_params, language_of(request).value
    width = _within(query.get("maxwidth", ""), usual=WIDTH)
    usual = TALL if contest.status in _DRAWN else HEIGHT
    height = _within(query.get("maxheight", ""), usual=usual)
    definition = contest.definition
    return Embedding(
        type="rich",
        version="1.0",
        title=definition.title,
        author_name=definition.organiser,
        author_url=rt.organiser_link(contest.workspace_id),
        provider_name="Provable contests",
        provider_url=rt.public_url,
        cache_age=_KEPT_FOR,
        html=frame_for(
            rt,
            contest.id,
            title=definition.title,
            width=width,
            height=height,
            query={PARAMETER: language},
        ),
        width=width,
        height=height,
        **_thumbnail(contest, rt, request),
    )


def frame_for(
    rt: Runtime,
    contest_id: UUID,
    *,
    title: str,
    width: int | str,
    height: int,
    query: dict[str, str],
) -> str:
    """The HTML by which a page embeds a contest; `query` chooses its language and theme."""
    asked = f"?{urlencode(query)}" if query else ""
    address = f"{rt.public_url}/embed/contests/{contest_id}{asked}"
    return (
        f'<iframe src="{escape(address)}" title="{escape(title)}" width="{width}" '
        f'height="{height}" loading="lazy" style="border:0;max-width:100%"></iframe>'
    )


def _thumbnail(contest: Contest, rt: Runtime, request: AnyRequest) -> dict[str, Any]:
    """The contest's card, where it is not larger than asked for."""
    width, height = SIZES[Shape.WIDE]
    query = request.query_params
    asked = (query.get("maxwidth", ""), query.get("maxheight", ""))
    fits = all(
        not _is_size(each) or int(each[:6]) >= size
        for each, size in zip(asked, (width, height), strict=True)
    )
    if not fits:
        return {}
    language = language_of(request).value
    link = f"{rt.contest_link(contest.id)}/card/{Shape.WIDE}.png?{PARAMETER}={language}"
    return {"thumbnail_url": link, "thumbnail_width": width, "thumbnail_height": height}


def _within(asked: str, *, usual: int) -> int:
    """Never more than is asked for."""
    return min(usual, int(asked[:6])) if _is_size(asked) else usual


def _is_size(asked: str) -> bool:
    return asked.isascii() and asked.isdecimal() and int(asked[:6]) > 0
