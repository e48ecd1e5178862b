"""Errors as RFC 9457 `application/problem+json`: the one table of HTTP statuses, and its use.

Whatever goes wrong on the way through the API ends here; nothing internal is told to a client.
"""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from contest_service.api.envelope import request_id_of
from contest_service.domain.errors import ContestError, InvalidError
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.store.readiness import is_passing

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"

STATUSES: Mapping[str, tuple[int, str]] = {
    "malformed": (400, "The request cannot be read"),
    "unauthenticated": (401, "A valid token is needed"),
    "forbidden": (403, "Your role does not allow this"),
    "not_found": (404, "There is nothing here"),
    "method_not_allowed": (405, "This address does not take this method"),
    "refused": (409, "This cannot be done"),
    "conflict": (409, "This cannot be done in the present state"),
    "log_key": (409, "The log cannot be signed"),
    "log_rewound": (409, "The log is not the one that was signed"),
    "answers_lost": (409, "Stored answers cannot be decrypted"),
    "credential_unreadable": (409, "A stored credential cannot be decrypted"),
    "too_large": (413, "The request is too large"),
    "unsupported_media_type": (415, "Send JSON"),
    "invalid": (422, "The input has faults"),
    "idempotency_key_reused": (422, "This Idempotency-Key belongs to another request"),
    "rate_limited": (429, "Too many requests"),
    "internal": (500, "Something went wrong here"),
    "platform_unreachable": (502, "The platform does not answer"),
    "outside_unreachable": (502, "Somebody who vouches for the log does not answer"),
    "platform_malformed": (502, "The platform's answer cannot be read"),
    "platform_rate_limited": (503, "The platform asks to wait"),
    "unavailable": (503, "The service is not ready"),
    "platform_credential_rejected": (409, "The platform refuses the community's credential"),
    "platform_forbidden": (409, "The platform forbids this"),
    "platform_gone": (409, "It is gone from the platform"),
    "platform_unsupported": (409, "The platform cannot do this"),
}
"""HTTP status and title by an error's code. A code that is not here has its class's."""

_HTTP_CODES = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
    503: "unavailable",
}


class ProblemFault(msgspec.Struct, frozen=True, kw_only=True):
    """One fault of the input: `pointer` is a JSON pointer into the body, or the query's names."""

    pointer: str
    detail: str
    source: str = "body"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """An error (RFC 9457). `code` is stable for programs; `request_id` finds it in the logs."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    faults: list[ProblemFault] = []


def answer(
    request: Request[Any, Any, Any],
    code: str,
    detail: str,
    *,
    base: str = "refused",
    faults: list[ProblemFault] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[Problem]:
    """Make the response for `code`; `base` is the code whose status counts if it has none."""
    status, title = STATUSES.get(code) or STATUSES[base]
    problem = Problem(
        type=f"urn:contest-service:problem:{code}",
        title=title,
        status=status,
        detail=detail,
        code=code,
        request_id=request_id_of(request.scope),
        faults=faults or [],
    )
    extra = {"WWW-Authenticate": 'Bearer realm="contest-service"'} if status == 401 else {}
    return Response(
        problem, status_code=status, media_type=MEDIA_TYPE, headers=extra | dict(headers or {})
    )


def from_contest_error(request: Request[Any, Any, Any], error: ContestError) -> Response[Problem]:
    """A refusal of our own."""
    base = type(error).code
    if not isinstance(error, InvalidError):
        return answer(request, error.code, error.message, base=base)
    faults = [ProblemFault(pointer=f.pointer, detail=f.detail) for f in error.faults]
    return answer(request, error.code, _count(faults), base=base, faults=faults)


def from_platform_error(request: Request[Any, Any, Any], error: PlatformError) -> Response[Problem]:
    """A platform's failure, by its kind."""
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(error.retry_after))
    base = "platform_" + FailureKind.UNREACHABLE
    return answer(request, f"platform_{error.kind}", error.message, base=base, headers=headers)


def from_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """What the framework refuses: unknown addresses, methods, bodies, parameters."""
    if isinstance(error, ValidationException):
        faults = _parameter_faults(request, error)
        return answer(request, "invalid", _count(faults), faults=faults)
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return from_anything(request, error)
    code = _HTTP_CODES.get(error.status_code, "malformed")
    detail = {
        "not_found": "There is no such address.",
        "method_not_allowed": "This address exists, but does not take this method.",
        "too_large": "The body is larger than this service accepts.",
    }.get(code, error.detail)
    return answer(request, code, detail, headers=error.headers)


def from_anything(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """What nobody expected: logged whole, told without any detail."""
    if is_passing(error):
        log.warning("database_away", error=repr(error))
        detail = "The database is away or busy; nothing was changed. Ask again in a moment."
        return answer(request, "unavailable", detail, headers={"Retry-After": "1"})
    log.error("request_failed", exc_info=error)
    detail = "The fault is ours. Please report it with the request id."
    return answer(request, "internal", detail)


def _parameter_faults(
    request: Request[Any, Any, Any], error: ValidationException
) -> list[ProblemFault]:
    found = error.extra if isinstance(error.extra, list) else []
    faults = [_parameter_fault(request, each) for each in found]
    return faults or [ProblemFault(pointer="", detail=error.detail, source="query")]


def _parameter_fault(request: Request[Any, Any, Any], found: Mapping[str, Any]) -> ProblemFault:
    name = found.get("key", "")
    if name == "data":
        return ProblemFault(pointer="", detail="a JSON body is missing")
    field = request.route_handler.parsed_fn_signature.parameters.get(name)
    # Where the framework needs a parameter's name for itself, ours has another.
    name = getattr(field and field.kwarg_definition, "name", None) or name
    source = str(getattr(found.get("source"), "value", "query"))
    return ProblemFault(pointer=f"/{name}", detail=found.get("message", ""), source=source)


def _count(faults: list[ProblemFault]) -> str:
    if len(faults) == 1:
        return "The input has one fault; nothing was changed."
    return f"The input has {len(faults)} faults; nothing was changed."
