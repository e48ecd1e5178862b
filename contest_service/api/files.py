"""CSV files in and out of the API: how they are received, described and handed out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    RequestBody,
    Schema,
)
from litestar.params import QueryParameter
from litestar.response import Stream

from contest_service.api.describe import WriteOperation, write
from contest_service.api.requests import UnsupportedMediaTypeError
from contest_service.api.writes import AnyRequest
from contest_service.domain.spreadsheet import Separator

MOST_BYTES = 16 * 1024 * 1024
"""Size of the largest file that is read."""
CSV = "text/csv"
_ACCEPTED = frozenset({CSV, "application/csv", "application/vnd.ms-excel", "text/plain"})
_BODY = (
    "CSV in UTF-8, with or without a byte order mark: cells divided by commas, semicolons or tabs, "
    "a header with the names of the columns, at most 100,000 lines and 16 MiB. Faults are told as "
    "`/lines/7/account`: the line as an editor counts it, and the column."
)

WithSeparator = Annotated[
    Separator,
    QueryParameter(
        name="separator",
        description="What divides cells: spreadsheets in Russian expect a semicolon.",
    ),
]


@dataclass
class FileOperation(WriteOperation):
    """A write whose body is a CSV file."""

    def __post_init__(self) -> None:
        super().__post_init__()
        schema = Schema(type=OpenAPIType.STRING)
        self.request_body = RequestBody(
            content={CSV: OpenAPIMediaType(schema=schema)}, description=_BODY, required=True
        )
        refusal = (self.responses or {}).get("415")
        if isinstance(refusal, OpenAPIResponse):
            refusal.description = "The body is not CSV"


def write_file(operation_id: str, summary: str, *more: int, **options: Any) -> dict[str, Any]:
    """What all decorators of writes of a file have in common."""
    described = write(operation_id, summary, *more, **options)
    return {
        **described,
        "operation_class": FileOperation,
        "request_max_body_size": MOST_BYTES,
    }


async def read_file(request: AnyRequest) -> bytes:
    """The file that a request brings. Raises UnsupportedMediaTypeError."""
    media_type, _ = request.content_type
    if media_type not in _ACCEPTED:
        raise UnsupportedMediaTypeError("Send the file as text/csv.")
    return await request.body()


def attachment(pieces: AsyncIterator[bytes], name: str) -> Stream:
    """A response that a browser saves as a file."""
    return Stream(
        pieces,
        media_type=CSV,
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )
