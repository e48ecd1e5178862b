"""Pages for what goes wrong: what it is, why, and what to do next, in the visitor's language.

Addresses of programs answer with problems instead (`api/problems`); nothing internal is told.
"""

from http import HTTPStatus
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from contest_service.domain.errors import ContestError
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.store.readiness import is_passing
from contest_service.web.language import Words, words_of
from contest_service.web.page import render

log = structlog.get_logger(__name__)

AnyRequest = Request[Any, Any, Any]

_STATUSES = {
    "malformed": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "too_large": 413,
    "invalid": 422,
    "rate_limited": 429,
    "internal": 500,
    "unavailable": 503,
}
"""HTTP status by an error's code; all others cannot be done as things stand."""
_FOR_PROGRAMS = ("/v1", "/public", "/callbacks", "/log", "/livez", "/readyz", "/metrics")


def wants_page(request: AnyRequest) -> bool:
    """Whether a person asks, by a browser, for something that is no address of programs."""
    path = request.scope["path"]
    if any(path == each or path.startswith(f"{each}/") for each in _FOR_PROGRAMS):
        return False
    return "text/html" in request.headers.get("accept", "")


def from_contest_error(request: AnyRequest, error: ContestError) -> Response[bytes]:
    """A refusal of our own."""
    status = _STATUSES.get(error.code) or _STATUSES.get(type(error).code) or 409
    return show(request, status, detail=error.message)


def from_platform_error(request: AnyRequest, error: PlatformError) -> Response[bytes]:
    """A platform's failure."""
    passing = error.kind in (FailureKind.UNREACHABLE, FailureKind.RATE_LIMITED)
    return show(request, 503 if passing else 409, detail=error.message)


def from_http_exception(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """What the framework refuses."""
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return from_anything(request, error)
    answer = show(request, error.status_code)
    answer.headers.update(dict(error.headers or {}))
    return answer


def from_anything(request: AnyRequest, error: Exception) -> Response[bytes]:
    """What nobody expected: logged whole, told without any detail."""
    if is_passing(error):
        log.warning("database_away", error=repr(error))
        answer = show(request, 503)
        answer.headers["Retry-After"] = "1"
        return answer
    log.error("request_failed", exc_info=error)
    return show(request, 500)


def show(request: AnyRequest, status: int, *, detail: str = "") -> Response[bytes]:
    """Make the page of a status; `detail` is a refusal, in English."""
    words = words_of(request)
    title, text = _say(status, words)
    return render(
        request,
        "fault.html",
        status_code=status,
        status=status,
        title=title,
        text=text,
        detail=detail,
        request_id=request.scope["state"].get("request_id", ""),
    )


def _say(status: int, words: Words) -> tuple[str, str]:
    """What it is, and what to do."""
    _ = words.gettext
    match status:
        case 401:
            return _("Sign in first"), _("This page is for people who are signed in.")
        case 403:
            return _("You may not do this"), _(
                "Your role does not allow it, or the form was too old. Go back, load the page "
                "again and try once more; if that does not help, ask an owner of the workspace."
            )
        case 404:
            return _("There is nothing here"), _(
                "The address may have a mistake, or what was here is gone. Check the address, or "
                "ask whoever gave it to you."
            )
        case 405:
            return _("This cannot be opened"), _("Go back and use the form or button there.")
        case 409:
            return _("This cannot be done now"), _(
                "Something changed, or is not ready. Nothing was changed. Go back, load the page "
                "again and look."
            )
        case 413:
            return _("This is too large"), _("Send a smaller file or a shorter text.")
        case 422:
            return _("Something in the form is missing"), _(
                "Nothing was changed. Go back and fill the form in again."
            )
        case 429:
            return _("Too many requests"), _("Wait a minute, then try again.")
        case 503:
            return _("Please wait a moment"), _(
                "Something that we need does not answer. Nothing was changed. Try again soon."
            )
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return _("Something went wrong here"), _(
                "The fault is ours, and it is noted. Try again; if it stays, tell us the number "
                "below."
            )
        case _:
            return _("This request cannot be read"), _(
                "The address or the form is damaged. Go back, load the page again and try once "
                "more."
            )
