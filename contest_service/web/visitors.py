"""Visitors without login: what they ask is counted, what they have is not sent again."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.exceptions import TooManyRequestsException

from contest_service.domain.errors import NotFoundError
from contest_service.limits import Allowance, by_address
from contest_service.store import contests
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.web.assets import edition
from contest_service.web.language import asked_language, words_of
from contest_service.web.page import render

AnyRequest = Request[Any, Any, Any]

SHARED: Mapping[str, str] = {
    "Cache-Control": "public, max-age=15",
    "Vary": "Accept-Language, Cookie",
}
"""Of pages that are the same for all who read the same language."""


async def count_apart(
    request: AnyRequest, what: str, contest_id: UUID, *, of_address: int, of_all: int
) -> None:
    """Count a request once more: of its address, and about its contest.

    Shares its counts with the API, so that neither is a way around the other.
    """
    await _count(request, f"{what}:{by_address(_host(request))}", limit=of_address)
    await _count(request, f"{what}:{contest_id}", limit=of_all)


async def started(conn: Connection, contest_id: UUID) -> Contest:
    """Read a contest whose rules are public. Raises NotFoundError."""
    contest = await contests.read_public(conn, contest_id)
    if not contest.terms_version:
        raise NotFoundError("There is no such contest.")
    return contest


def shared(
    request: AnyRequest,
    template: str,
    shown: Mapping[str, Any],
    *,
    known_by: object = None,
    headers: Mapping[str, str] = SHARED,
    framed: bool = False,
) -> Response[bytes]:
    """Make a page that is the same for all who read one language, or say that it is known.

    `known_by` are the facts without which it would be another page: all of `shown` if not given.
    A page whose address asks for a language is kept by nobody, since it sets a cookie.
    """
    if asked_language(request) is not None and not framed:
        return render(request, template, **shown)
    facts = shown if known_by is None else known_by
    tag = tag_of(words_of(request).language, template, facts)
    known = unchanged(request, tag, headers)
    return known or render(
        request, template, headers={**headers, "ETag": tag}, framed=framed, **shown
    )


def tag_of(*facts: object) -> str:
    """Make the ETag of a page that says just these facts, as this edition of the service does."""
    known = hashlib.sha256(msgspec.json.encode((edition(), *facts)))
    return f'"{known.hexdigest()[:32]}"'


def unchanged(request: AnyRequest, tag: str, headers: Mapping[str, str]) -> Response[bytes] | None:
    """Answer a browser that has this version already (RFC 9110, section 13.1.2)."""
    given = request.headers.get("if-none-match", "")
    if tag not in [each.strip().removeprefix("W/") for each in given.split(",")]:
        return None
    return Response(b"", status_code=304, headers={**headers, "ETag": tag})


async def _count(request: AnyRequest, who: str, *, limit: int) -> None:
    allowance: Allowance | None = await request.app.state.limiter.count(who, limit=limit)
    if allowance is not None and allowance.is_exceeded:
        raise TooManyRequestsException(headers={"Retry-After": str(allowance.reset)})


def _host(request: AnyRequest) -> str | None:
    return request.client.host if request.client else None
