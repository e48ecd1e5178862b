"""How a request's JSON body is read: strictly, within limits, with all its faults at once."""

from typing import Any

import msgspec
from litestar import Request

from contest_service.api.faults import DEEPEST, faults_of, holds_nul, is_too_deep
from contest_service.domain.errors import ContestError, InvalidError

MOST_BYTES = 1024 * 1024
"""Size of the largest body that is read."""


class MalformedError(ContestError):
    """The body is no JSON that can be read."""

    code = "malformed"


class UnsupportedMediaTypeError(ContestError):
    """The body is something else than JSON."""

    code = "unsupported_media_type"


class JsonRequest(Request[Any, Any, Any]):
    """A request whose body is checked against its handler's type before anything else sees it."""

    async def json(self) -> Any:
        """Decode the body.

        Raises UnsupportedMediaTypeError, MalformedError, and InvalidError with every fault.
        """
        media_type, _ = self.content_type
        if media_type not in ("", "application/json") and not media_type.endswith("+json"):
            raise UnsupportedMediaTypeError("Send the body as application/json.")
        value = _decode(await self.body())
        field = self.route_handler.parsed_fn_signature.parameters.get("data")
        faults = [] if field is None else faults_of(value, field.annotation)
        if faults:
            raise InvalidError(faults)
        return value


def _decode(body: bytes) -> Any:
    too_deep = MalformedError(f"The body nests more than {DEEPEST} levels deep.")
    try:
        value = msgspec.json.decode(body)
    except RecursionError:
        raise too_deep from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedError(f"The body is not JSON: {error}") from None
    if is_too_deep(value):
        raise too_deep
    if b"\\u0000" in body and holds_nul(value):
        raise MalformedError("The body holds the character U+0000, which no text may have.")
    return value
