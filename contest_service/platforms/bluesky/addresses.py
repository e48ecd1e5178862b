"""The AT protocol's names: addresses of posts, at-uris, record keys. Pure."""

import re
from datetime import datetime
from urllib.parse import unquote, urlsplit

import msgspec

from contest_service.platforms.errors import FailureKind, PlatformError

POSTS = "app.bsky.feed.post"

_WEB = "bsky.app"
# https://atproto.com/specs/did, /specs/handle and /specs/record-key
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]")
_HANDLE = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_POST = re.compile(rf"at://({_DID.pattern})/{re.escape(POSTS)}/([A-Za-z0-9._:~-]{{1,512}})")
_RECORD_KEY = re.compile(r"(?!\.\.?$)[A-Za-z0-9._:~-]{1,512}")

_TID_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_TID_LENGTH = 13
_CLOCK_BITS = 10
_BLUR_BITS = 20


class PostAddress(msgspec.Struct, frozen=True, kw_only=True):
    """What a post's address says: whose (a handle or a DID), and its record key."""

    owner: str
    key: str


def parse_post_url(url: str) -> PostAddress:
    """Read a post's address, as a browser shows it or as an at-uri.

    Raises PlatformError MALFORMED if it is the address of something else.
    """
    owner, key = "", ""
    try:
        split = urlsplit(url.strip())
    except ValueError:
        split = urlsplit("")
    parts = [unquote(part) for part in split.path.strip("/").split("/")]
    match split.scheme, split.netloc.lower(), parts:
        case "https" | "http", "bsky.app" | "www.bsky.app", ["profile", owner, "post", key]:
            pass
        case "at", _, [collection, key] if collection == POSTS:
            # Not `netloc` in lower case: a DID is not to be changed.
            owner = split.netloc
    owner = owner if is_did(owner) else owner.removeprefix("@").lower()
    if not (is_did(owner) or is_handle(owner)) or not _RECORD_KEY.fullmatch(key):
        raise PlatformError(
            FailureKind.MALFORMED,
            "This is not the address of a Bluesky post. Open the post by itself and copy its "
            f"address, which looks like https://{_WEB}/profile/name.bsky.social/post/3k2yihcrp6f2c.",
        )
    return PostAddress(owner=owner, key=key)


def parse_account(text: str) -> tuple[str, str]:
    """Read what somebody calls an account: its DID, or else its handle.

    An address, `@handle`, a handle or a DID. One of the two is empty, and both where it is none.
    """
    name = text.strip()
    try:
        split = urlsplit(name if "://" in name else f"https://{name}")
    except ValueError:
        return (name if is_did(name) else ""), ""
    parts = [unquote(part) for part in split.path.strip("/").split("/")]
    if split.netloc.lower() in (_WEB, f"www.{_WEB}") and parts[0] == "profile" and len(parts) > 1:
        name = parts[1]
    name = name.removeprefix("at://").removeprefix("@")
    if is_did(name):
        return name, ""
    name = name.lower()
    return "", (name if is_handle(name) else "")


def is_did(text: str) -> bool:
    """Whether `text` has the form of a DID."""
    return len(text) <= 2048 and _DID.fullmatch(text) is not None


def is_handle(text: str) -> bool:
    """Whether `text`, in lower case, has the form of a handle."""
    return len(text) <= 253 and _HANDLE.fullmatch(text) is not None


def post_uri(did: str, key: str) -> str:
    """The at-uri of a post."""
    return f"at://{did}/{POSTS}/{key}"


def post_url(uri: str) -> str:
    """Where a person opens the post with this at-uri."""
    did, _, key = uri.removeprefix("at://").split("/")
    return f"https://{_WEB}/profile/{did}/post/{key}"


def comment_url(post_url: str, ref: str) -> str:
    """Where a person opens an answer to a post, which is a post; else the one that it answers."""
    found = _POST.fullmatch(ref)
    return post_url if found is None else f"https://{_WEB}/profile/{found[1]}/post/{found[2]}"


def profile_url(did: str) -> str:
    """Where a person opens an account."""
    return f"https://{_WEB}/profile/{did}"


def make_tid(at: datetime, entropy: bytes) -> str:
    """Make a record key for a post: a timestamp identifier (https://atproto.com/specs/tid).

    Keys made at the same moment must differ, so besides the clock identifier up to a second of the
    time comes from the eight bytes of `entropy`.
    """
    chance = int.from_bytes(entropy)
    micros = int(at.timestamp() * 1_000_000) - (chance >> _CLOCK_BITS) % (1 << _BLUR_BITS)
    number = (micros << _CLOCK_BITS) | (chance % (1 << _CLOCK_BITS))
    digits = [_TID_DIGITS[(number >> (5 * place)) & 31] for place in range(_TID_LENGTH)]
    return "".join(reversed(digits))
