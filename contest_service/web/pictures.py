"""`/pictures/{digest}`: pictures that a workspace uploaded, as they were made anew."""

from litestar import Response, get
from litestar.params import FromPath

from contest_service.domain.errors import NotFoundError
from contest_service.store import pictures
from contest_service.web.contest_page import GivenRuntime

_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@get("/pictures/{digest:str}", operation_id="read_picture")
async def read_picture(digest: FromPath[str], rt: GivenRuntime) -> Response[bytes]:
    """Send a picture, which never changes."""
    found = None
    if len(digest) == 64 and not digest.strip("0123456789abcdef"):
        async with rt.pool.acquire() as conn:
            found = await pictures.find(conn, bytes.fromhex(digest))
    if found is None:
        raise NotFoundError("There is no such picture.")
    return Response(found.bytes, media_type=found.media_type, headers=_HEADERS)
