"""`/log/…` and `/witness/…`: the log for everybody, and for those who watch it.

Both speak protocols of others (C2SP tlog-tiles and tlog-witness), so they are no part of the API's
document. No login; limited by address.
"""

from litestar import Response, get, post
from litestar.params import FromPath

from contest_service.api.gate import LOGIN_FREE
from contest_service.api.given import GivenRuntime
from contest_service.api.writes import AnyRequest
from contest_service.domain.errors import NotFoundError
from contest_service.flows.cosign import MOST_BYTES, add_checkpoint
from contest_service.flows.log_tiles import parse_tile, read_checkpoint, read_tile
from contest_service.store.log import Log

_EVERYBODY = {LOGIN_FREE: True}
_READABLE_ANYWHERE = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_FOR_A_MOMENT = {"Cache-Control": "public, max-age=1"}
_BYTES = "application/octet-stream"
_TEXT = "text/plain"


@get(
    "/log/{log:str}/checkpoint",
    operation_id="read_checkpoint",
    include_in_schema=False,
    opt=_EVERYBODY,
)
async def read_newest_checkpoint(log: FromPath[str], rt: GivenRuntime) -> Response[bytes]:
    """The newest checkpoint, with what witnesses said of it so far."""
    async with rt.pool.acquire() as conn:
        note = await read_checkpoint(conn, _known(log))
    return Response(note, media_type=_TEXT, headers=_READABLE_ANYWHERE | _FOR_A_MOMENT)


@get(
    "/log/{log:str}/tile/{tile:path}",
    operation_id="read_tile",
    include_in_schema=False,
    opt=_EVERYBODY,
)
async def read_log_tile(
    log: FromPath[str], tile: FromPath[str], rt: GivenRuntime
) -> Response[bytes]:
    """A tile of hashes, or a bundle of entries; whatever was signed once never changes."""
    wanted = parse_tile(tile.removeprefix("/"))
    async with rt.pool.acquire() as conn:
        content = await read_tile(conn, _known(log), wanted)
    return Response(content, media_type=_BYTES, headers=_READABLE_ANYWHERE | _FOR_EVER)


@post(
    "/witness/add-checkpoint",
    operation_id="add_checkpoint",
    include_in_schema=False,
    status_code=200,
    opt=_EVERYBODY,
    request_max_body_size=MOST_BYTES,
)
async def cosign_checkpoint(request: AnyRequest, rt: GivenRuntime) -> Response[bytes]:
    """Vouch for a checkpoint of a log that this installation is a witness of."""
    reply = await add_checkpoint(rt, await request.body())
    # As a header, since the framework would add a charset, which the protocol does not have.
    headers = {"Content-Type": reply.media_type}
    return Response(reply.body.encode(), status_code=reply.status, headers=headers)


def _known(name: str) -> Log:
    try:
        return Log(name)
    except ValueError:
        raise NotFoundError("There are two logs: real and practice.") from None
