"""Files that a page hands out, piece by piece."""

from collections.abc import AsyncIterator

from litestar.response import Stream

from contest_service.web.page import HEADERS

CSV = "text/csv; charset=utf-8"


def attachment(pieces: AsyncIterator[bytes], name: str) -> Stream:
    """A table as CSV that a browser saves; nobody keeps it on the way."""
    return Stream(
        pieces,
        media_type=CSV,
        headers={
            **HEADERS,
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "no-store",
        },
    )
