"""Pictures for posts: uploaded to where VK says, and kept as a photo of the community."""

import secrets

import msgspec

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.transport import Transport
from contest_service.platforms.vk import wire
from contest_service.platforms.vk.calls import Parameters, decode
from contest_service.platforms.vk.tokens import Tokens

_WHERE = "photos.getWallUploadServer"
_SAVE = "photos.saveWallPhoto"
_FORMATS = {b"\x89PNG\r\n\x1a\n": ("png", "image/png"), b"\xff\xd8\xff": ("jpg", "image/jpeg")}


class Pictures:
    """Uploads pictures with the administrator's token."""

    def __init__(self, tokens: Tokens, transport: Transport) -> None:
        self._tokens = tokens
        self._transport = transport

    async def upload(self, community: int, picture: bytes) -> str:
        """Upload a PNG or JPEG; return it as an attachment. Raises PlatformError.

        The address comes from VK and is held against the allow-list as any other.
        """
        answer = await self._tokens.ask(_WHERE, {"group_id": community})
        where = decode(_WHERE, answer.body, wire.UploadServer).upload_url
        boundary = secrets.token_hex(16)
        reply = await self._transport.request(
            "POST",
            where,
            body=_multipart(picture, boundary),
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
        )
        if reply.status != 200:
            raise PlatformError(
                FailureKind.UNREACHABLE, f"{reply.host} took no picture: status {reply.status}."
            )
        uploaded = decode("an upload", reply.body, wire.Uploaded)
        photo = uploaded.photo
        parameters: Parameters = {
            "group_id": community,
            "server": uploaded.server,
            "photo": photo if isinstance(photo, str) else msgspec.json.encode(photo).decode(),
            "hash": uploaded.hash,
        }
        saved = await self._tokens.ask(_SAVE, parameters, once=True)
        photos = decode(_SAVE, saved.body, list[wire.Photo])
        if not photos:
            raise PlatformError(FailureKind.MALFORMED, "VK kept no picture of the one it was sent.")
        return f"photo{photos[0].owner_id}_{photos[0].id}"


def _multipart(picture: bytes, boundary: str) -> bytes:
    suffix, kind = next(
        (form for start, form in _FORMATS.items() if picture.startswith(start)),
        ("", ""),
    )
    if not kind:
        raise PlatformError(FailureKind.UNSUPPORTED, "VK takes pictures as PNG or JPEG.")
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="photo"; filename="picture.{suffix}"\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    )
    return head.encode() + picture + f"\r\n--{boundary}--\r\n".encode()
