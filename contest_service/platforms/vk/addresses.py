"""VK's names: addresses of posts, the references that evidence carries, accounts' numbers. Pure."""

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import SplitResult, parse_qs, urlsplit

import msgspec

from contest_service.platforms.errors import FailureKind, PlatformError

ENDPOINTS = MappingProxyType({"api": "https://api.vk.ru", "oauth": "https://id.vk.ru"})
"""The public network: its API, and where people sign in with VK ID."""

HOSTS = (
    "api.vk.ru",
    "api.vk.com",
    "id.vk.ru",
    "id.vk.com",
    "*.vk.ru",
    "*.vk.com",
    "*.userapi.com",
)
"""What the allow-list must hold for it; uploads and long polls live below the last three."""

_WEB = "https://vk.com"
_SITES = frozenset(
    f"{prefix}{site}"
    for site in ("vk.com", "vk.ru", "vkontakte.ru")
    for prefix in ("", "www.", "m.", "new.")
)
_LOCAL = ("localhost", "127.0.0.1")
_ACCOUNT = re.compile(r"id([1-9][0-9]{0,17})")
_COMMUNITY = re.compile(r"(?:-|club|public|event)([1-9][0-9]{0,17})")
_SHORT_NAME = re.compile(r"[a-z0-9_.]{2,64}")
_WALL = re.compile(r"wall(-?[1-9][0-9]{0,17})_([1-9][0-9]{0,17})(?![0-9])")
_PUBLICATION = re.compile(r"(-?[0-9]+)_([0-9]+)(?:\?reply=([0-9]+))?")


class PostName(msgspec.Struct, frozen=True, kw_only=True):
    """A post: whose wall it is on (a community's is negative), and its number there."""

    owner: int
    id: int
    reply: int = 0
    """The comment under it that is meant, if one is."""

    @property
    def ref(self) -> str:
        """As evidence names it."""
        return f"{self.owner}_{self.id}" + (f"?reply={self.reply}" if self.reply else "")


def parse_post_url(url: str) -> PostName:
    """Read a post's address, as a browser shows it; a comment in it is passed over.

    Raises PlatformError MALFORMED if it is the address of something else.
    """
    try:
        split = urlsplit(url.strip())
        is_ours = _is_ours(split)
    except ValueError:
        is_ours = False
    if is_ours:
        # A post opened over another page stands in `w`, or in `z` behind a picture.
        asked = parse_qs(split.query)
        named = [split.path.strip("/"), *asked.get("w", []), *asked.get("z", [])]
        for each in named:
            if found := _WALL.match(each):
                return PostName(owner=int(found[1]), id=int(found[2]))
    raise PlatformError(
        FailureKind.MALFORMED,
        "This is not the address of a VK post. Open the post by itself and copy its address, which "
        f"looks like {_WEB}/wall-1_2.",
    )


def _is_ours(split: SplitResult) -> bool:
    """Whether this is a page of VK, or of a practice one. Raises ValueError."""
    host = split.hostname or ""
    return split.scheme in ("http", "https") and (host in _SITES or host in _LOCAL)


def parse_account(text: str) -> tuple[str, str]:
    """Read what somebody calls an account: its number, or else its short name.

    An address, `@name`, `name`, `id1` or `1`, and of a community `club1` or `-1`. One of the two is
    empty, and both where it is none.
    """
    name = text.strip().lower()
    try:
        split = urlsplit(name if "://" in name else f"https://{name}")
        if _is_ours(split):
            name = split.path.strip("/")
    except ValueError:
        return "", ""
    name = name.removeprefix("@")
    if found := _ACCOUNT.fullmatch(name):
        return found[1], ""
    if found := _COMMUNITY.fullmatch(name):
        return f"-{found[1]}", ""
    if name.isascii() and name.isdigit():
        return (name if number(name) else ""), ""
    return "", (name if _SHORT_NAME.fullmatch(name) else "")


def parse_ref(ref: str) -> PostName:
    """Read a reference of evidence or of a publication. Raises PlatformError MALFORMED."""
    found = _PUBLICATION.fullmatch(ref)
    if found is None:
        raise PlatformError(FailureKind.MALFORMED, f"“{ref}” is no reference to a VK post.")
    return PostName(owner=int(found[1]), id=int(found[2]), reply=int(found[3] or 0))


def web(endpoints: Mapping[str, str]) -> str:
    """Where people open what the API tells of."""
    return endpoints["api"] if instance_of(endpoints) else _WEB


def instance_of(endpoints: Mapping[str, str]) -> str:
    """Name the network: empty for the public one, else the host of its API."""
    host = urlsplit(endpoints["api"]).netloc
    return "" if host in ("api.vk.ru", "api.vk.com") else host


def number(account: str) -> int | None:
    """Read an account's number; None for what is none."""
    digits = account.removeprefix("-")
    is_number = digits.isascii() and digits.isdigit() and 0 < len(digits) < 19
    return int(account) if is_number else None


def comment_ref(owner: int, id_: int, text: str) -> str:
    """Name a comment together with what it says: an edited one is another action."""
    said = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{owner}_{id_}.{said}"


def comment_url(post_url: str, ref: str) -> str:
    """Where a person opens a comment under a post; the post itself where the name is none."""
    id_ = ref.partition(".")[0].rpartition("_")[2]
    return f"{post_url}?reply={id_}" if id_.isascii() and id_.isdigit() else post_url
