"""The section `photos`: a picture for a wall goes to an upload address, and is then saved.

The upload answers `server`, `photo` and `hash`, which belong together: saving checks that
(dev.vk.com, uploading photos on a wall).
"""

import hashlib
from typing import Any

import msgspec

from contest_service.sandbox.vk import shapes
from contest_service.sandbox.vk.access import owner
from contest_service.sandbox.vk.errors import VkError, bad
from contest_service.sandbox.vk.records import Photo
from contest_service.sandbox.vk.site import Call, Site

LONGEST_CAPTION = 2048
_SERVER = 511
_PNG = b"\x89PNG\r\n\x1a\n"
_KNOWN = (_PNG, b"\xff\xd8\xff", b"GIF8")


class _Uploaded(msgspec.Struct, kw_only=True):
    digest: str
    width: int
    height: int


def get_wall_upload_server(site: Site, call: Call) -> Any:
    """Answer `photos.getWallUploadServer`."""
    group_id = call.params.number("group_id", 0)
    if group_id and not site.world.is_editor(call.token.person_id, -abs(group_id)):
        raise VkError(203, "you are not an editor of this community")
    target = abs(group_id) or call.token.person_id
    return {
        "album_id": -14,
        "upload_url": f"{site.world.address}/upload/wall?target={target}",
        "user_id": call.token.person_id,
    }


def receive(site: Site, files: dict[str, bytes]) -> Any:
    """Answer the upload: keep the picture, and describe it for saving.

    VK reads the field `photo`; older clients send `file1` and the like. Anything that is no picture
    yields an empty description.
    """
    picture = next(
        (data for name, data in files.items() if name == "photo" or name.startswith("file")), b""
    )
    described = "[]"
    if picture.startswith(_KNOWN):
        digest = hashlib.sha256(picture).hexdigest()
        site.world.pictures[digest] = picture
        width, height = _size(picture)
        item = {"digest": digest, "width": width, "height": height}
        described = msgspec.json.encode([item]).decode()
    return {"server": _SERVER, "photo": described, "hash": _seal(described)}


def save_wall_photo(site: Site, call: Call) -> Any:
    """Answer `photos.saveWallPhoto`."""
    described = call.params.needed("photo")
    if call.params.number("server", 0) != _SERVER:
        raise VkError(118)
    if call.params.text("hash") != _seal(described):
        raise VkError(121)
    caption = call.params.text("caption")
    if len(caption) > LONGEST_CAPTION:
        raise bad("caption is too long")
    uploaded = msgspec.json.decode(described, type=list[_Uploaded])
    if not uploaded:
        raise VkError(129)
    group_id = call.params.number("group_id", 0, low=0)
    owner_id = -group_id or owner(site, call, "user_id")
    if not site.world.is_editor(call.token.person_id, owner_id):
        raise VkError(203 if group_id else 15)
    photo = Photo(
        owner_id=owner_id,
        id=site.world.next_photo,
        user_id=call.token.person_id,
        date=call.at,
        text=caption,
        digest=uploaded[0].digest,
        width=uploaded[0].width,
        height=uploaded[0].height,
    )
    site.world.next_photo += 1
    site.world.photos[photo.owner_id, photo.id] = photo
    return [shapes.photo(site.world, photo)]


def _seal(described: str) -> str:
    return hashlib.sha256(b"practice vk upload " + described.encode()).hexdigest()[:32]


def _size(picture: bytes) -> tuple[int, int]:
    """Read the width and height of a PNG; other formats are taken as a square."""
    if picture.startswith(_PNG) and len(picture) >= 24:
        return int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")
    return 800, 800
