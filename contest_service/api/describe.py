"""How operations are described in the OpenAPI document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIType, Operation, Parameter, Schema

from contest_service.api.problems import MEDIA_TYPE, Problem
from contest_service.api.writes import HEADER

_READING = (400, 401, 403, 422, 429)
_WRITING = (400, 401, 403, 409, 413, 415, 422, 429)
_OPEN = (400, 422, 429)
_DESCRIPTIONS = {
    400: "The request cannot be read",
    401: "No valid token",
    403: "The role does not allow this",
    404: "It does not exist, or belongs to another workspace",
    409: "The present state does not allow it; nothing was changed",
    413: "The body is too large",
    415: "The body is not JSON",
    422: "The input has faults; all of them are listed",
    429: "Too many requests",
    502: "The platform did not answer",
    503: "The platform asks to wait",
}


def reading(*more: int) -> Mapping[int, ResponseSpec]:
    """The problems of an operation that changes nothing."""
    return _problems(*_READING, *more)


def writing(*more: int) -> Mapping[int, ResponseSpec]:
    """The problems of an operation that changes something."""
    return _problems(*_WRITING, *more)


def open_to_all(*more: int) -> Mapping[int, ResponseSpec]:
    """The problems of an operation that needs no login."""
    return _problems(*_OPEN, *more)


def _problems(*statuses: int) -> dict[int, ResponseSpec]:
    return {
        status: ResponseSpec(
            Problem,
            generate_examples=False,
            description=_DESCRIPTIONS[status],
            media_type=MEDIA_TYPE,
        )
        for status in sorted(set(statuses))
    }


@dataclass
class WriteOperation(Operation):
    """An operation that takes an idempotency key."""

    def __post_init__(self) -> None:
        key = Parameter(
            name=HEADER,
            param_in="header",
            schema=Schema(type=OpenAPIType.STRING, min_length=1, max_length=255),
            description=(
                "Makes the request safe to repeat: within 24 hours the same key with the same "
                "request gets the first reply again, marked `Idempotency-Replayed: true` and "
                "without secrets."
            ),
        )
        self.parameters = [*(self.parameters or []), key]


def write(operation_id: str, summary: str, *more: int, **options: Any) -> dict[str, Any]:
    """What all decorators of writes have in common. `more` are statuses of further problems."""
    return {
        "operation_id": operation_id,
        "summary": summary,
        "responses": writing(*more),
        "operation_class": WriteOperation,
        **options,
    }


def read(operation_id: str, summary: str, *more: int, **options: Any) -> dict[str, Any]:
    """What all decorators of reads have in common. `more` are statuses of further problems."""
    return {
        "operation_id": operation_id,
        "summary": summary,
        "responses": reading(*more),
        **options,
    }
