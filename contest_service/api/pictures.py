"""`/v1/pictures`: pictures for prizes, made anew from what is sent."""

from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Response, post
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    RequestBody,
    Schema,
)

from contest_service.api.describe import WriteOperation, write
from contest_service.api.given import GivenWrite
from contest_service.api.requests import UnsupportedMediaTypeError
from contest_service.api.writes import AnyRequest
from contest_service.flows.pictures import Use, keep_picture
from contest_service.picture_program import MOST_BYTES

_ACCEPTED = ("image/jpeg", "image/png", "image/webp")


class KeptPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that the workspace keeps. `sha256` names it in definitions, `url` shows it."""

    sha256: str
    media_type: str
    width: int
    height: int
    url: str


@dataclass
class PictureOperation(WriteOperation):
    """A write whose body is a picture."""

    def __post_init__(self) -> None:
        super().__post_init__()
        schema = Schema(type=OpenAPIType.STRING, content_media_type="image/*")
        self.request_body = RequestBody(
            content={each: OpenAPIMediaType(schema=schema) for each in _ACCEPTED},
            description="The file as it is, at most 10 MiB and 40 million pixels.",
            required=True,
        )
        refusal = (self.responses or {}).get("415")
        if isinstance(refusal, OpenAPIResponse):
            refusal.description = "The body is no JPEG, PNG or WebP picture"


_DESCRIBED: dict[str, Any] = {
    **write("upload_picture", "Upload a picture of a prize"),
    "operation_class": PictureOperation,
    "request_max_body_size": MOST_BYTES,
}


@post("/pictures", **_DESCRIBED)
async def upload_picture(request: AnyRequest, write: GivenWrite) -> Response[KeptPicture]:
    """Only its pixels are kept, as WebP with no side over 1600 pixels: no metadata, one frame. The
    same pixels are one picture, however often they are sent; what nothing shows may go after a day
    where the workspace has very many."""
    media_type, _ = request.content_type
    if media_type not in _ACCEPTED:
        raise UnsupportedMediaTypeError(f"Send the picture as {', '.join(_ACCEPTED)}.")
    kept = await keep_picture(write.rt, write.actor, await request.body(), use=Use.PRIZE)
    digest = kept.digest.hex()
    async with write.transaction() as tx:
        return await tx.reply(
            KeptPicture(
                sha256=digest,
                media_type=kept.media_type,
                width=kept.width,
                height=kept.height,
                url=f"{write.rt.public_url}/pictures/{digest}",
            )
        )
