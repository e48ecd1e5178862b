"""The reposts that VK shows as posts: when they were made, and what was written with them.

A sample: reposts of closed profiles are missing, there is no count, and a page may be shorter than
was asked for. So it only adds to the list of who reposted, and its failure is no failure of the
pass. The newest come first, and what is deeper was seen by earlier passes: so of many, only some
pages are read.
"""

from collections.abc import Iterable

from contest_service.domain.evidence import Sighting
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk import wire
from contest_service.platforms.vk.addresses import PostName
from contest_service.platforms.vk.calls import decode
from contest_service.platforms.vk.texts import is_short_name, read_text
from contest_service.platforms.vk.together import together
from contest_service.platforms.vk.tokens import Tokens

MOST_PAGES = 15
"""Each is a call."""

_REPOSTS = "wall.getReposts"
_TOLERATED = frozenset(
    {
        FailureKind.FORBIDDEN,
        FailureKind.UNSUPPORTED,
        FailureKind.MALFORMED,
        FailureKind.RATE_LIMITED,
    }
)


async def read_shown(tokens: Tokens, name: PostName, *, page: int) -> dict[int, Sighting]:
    """Read what is shown, by account: of several reposts by one the latest."""
    shown: dict[int, Sighting] = {}

    async def read(offset: int) -> list[wire.Post]:
        parameters = {
            "owner_id": name.owner,
            "post_id": name.id,
            "offset": offset,
            "count": page,
        }
        answer = await tokens.ask(_REPOSTS, parameters)
        return decode(_REPOSTS, answer.body, wire.Posts).items

    try:
        first = await read(0)
        _take(shown, first)
        # As long as the first one: whatever makes pages short, nothing is passed over.
        stride = len(first)
        if stride:
            rest = [number * stride for number in range(1, MOST_PAGES)]
            if _take(shown, await read(rest[0])):
                for page_ in await together(read, rest[1:]):
                    _take(shown, page_)
    except PlatformError as error:
        if error.kind not in _TOLERATED:
            raise
    return shown


def _take(shown: dict[int, Sighting], posts: Iterable[wire.Post]) -> bool:
    """Note reposts; tell whether anybody new was among them."""
    known = len(shown)
    for post in posts:
        who = post.owner_id or post.from_id
        sighting = repost_of(post)
        if who and (who not in shown or (sighting.at or 0) > (shown[who].at or 0)):
            shown[who] = sighting
    return len(shown) > known


def repost_of(post: wire.Post) -> Sighting:
    """Read a repost: one account has one, whatever it is called. Short names are not looked up."""
    said = read_text(post.text)
    return Sighting(
        account=str(post.owner_id or post.from_id),
        ref="",
        at=post.date,
        text=said.text,
        tags=said.tags,
        mentions=tuple(name for name in said.named if not is_short_name(name)),
    )
