"""Outbox: texts as they look on the pages that a contest publishes on. Writes nothing."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError
from contest_service.flows.runtime import Runtime
from contest_service.flows.texts_ahead import Foretold, Occasion, foretell
from contest_service.platforms.registry import press
from contest_service.store import communities, targets
from contest_service.store.announcements import Announcement
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.store.targets import StoredTarget

_OVER = frozenset({Status.COMPLETED, Status.CANCELLED, Status.VOID})


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page on which a contest publishes: a platform, and the community's name there."""

    platform: Platform
    name: str
    handle: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A text on a page: `size` of at most `most` characters, as the platform counts them."""

    page: Page
    text: str
    link: str
    size: int
    most: int
    is_cut: bool


async def pages_of(conn: Connection, contest: Contest) -> list[Page]:
    """The pages that a contest publishes on, in the order of its posts, each once."""
    posts = await targets.posts(conn, contest.workspace_id, contest.id)
    return list(dict.fromkeys([await page_of(conn, post) for post in posts]))


async def page_of(conn: Connection, post: StoredTarget) -> Page:
    """The page that a post stands on; of a community that was removed only the account is known."""
    community = await communities.read(conn, post.workspace_id, post.community_id)
    if community is None:
        return Page(platform=post.platform, name=post.author, handle="")
    return Page(platform=post.platform, name=community.name, handle=community.handle)


async def published(conn: Connection, found: Sequence[Announcement]) -> list[Shown]:
    """Announcements as they are to stand on their pages, each page looked up once."""
    pages: dict[UUID, Page] = {}
    for each in found:
        if each.target_id not in pages:
            post = await targets.read(conn, each.workspace_id, each.target_id)
            pages[each.target_id] = await page_of(conn, post)
    return [shown(each.text, each.link, pages[each.target_id]) for each in found]


def shown(text: str, link: str, page: Page) -> Shown:
    """Make a text fit a page, as publishing does. Raises PlatformError for too long a link."""
    style = press(page.platform)
    fitted = style.fit(text, link)
    whole = text if link in text else f"{text}\n{link}"
    return Shown(
        page=page,
        text=fitted,
        link=link,
        size=style.size(fitted),
        most=style.most,
        is_cut=fitted != whole.strip() or f"…\n{link}" in text,
    )


def ahead(rt: Runtime, contest: Contest, pages: Iterable[Page]) -> dict[Occasion, list[Shown]]:
    """What a contest may still publish, by occasion and on each page; nothing once it is over.

    Nothing either where no beacon is there that could decide the contest.
    """
    if contest.status in _OVER:
        return {}
    by_platform: dict[Platform, list[Page]] = {}
    for page in pages:
        by_platform.setdefault(page.platform, []).append(page)
    try:
        texts = foretell(rt, contest, by_platform, contest.definition.language)
    except ConflictError:
        return {}
    link, found = rt.contest_link(contest.id), dict[Occasion, list[Shown]]()
    for each in texts:
        for page in by_platform[each.platform]:
            found.setdefault(each.occasion, []).append(_on(page, each, link))
    return found


def _on(page: Page, it: Foretold, link: str) -> Shown:
    return Shown(page=page, text=it.text, link=link, size=it.size, most=it.most, is_cut=it.is_cut)
