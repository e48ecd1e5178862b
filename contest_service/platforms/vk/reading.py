"""What VK shows of a post: the post itself, its counters, who liked and who reposted it.

Likes have no times. Who reposted is told to the community's editors only, and to others an empty
list, which would look as if everybody had undone it: so whether the administrator is one is asked
before a pass and after it.
"""

import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence

from contest_service.domain.accounts import Platform
from contest_service.domain.evidence import Action, Counters, Page, Sighting, Target, TargetKind
from contest_service.platforms.base import Missing, Remains
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk import wire
from contest_service.platforms.vk.addresses import PostName, instance_of, parse_ref, web
from contest_service.platforms.vk.calls import Parameters, decode
from contest_service.platforms.vk.credential import Kind
from contest_service.platforms.vk.newest_first import Reading, Slice, read_newest_first
from contest_service.platforms.vk.reposts import read_shown
from contest_service.platforms.vk.together import begun, together
from contest_service.platforms.vk.tokens import Tokens

PAGE = 1000
"""The longest that VK gives."""
EDITOR = 2
"""The least `admin_level` that is shown who reposted."""

_LIST = "likes.getList"
_POST = "wall.getById"
_GROUP = "groups.getById"
_IS_LIKED = "likes.isLiked"


class Reader:
    """Reads posts; `page` is a list's length."""

    def __init__(self, tokens: Tokens, *, endpoints: Mapping[str, str], page: int = PAGE) -> None:
        self._tokens = tokens
        self._instance = instance_of(endpoints)
        self._web = web(endpoints)
        self._page = page

    async def find_post(self, name: PostName) -> Target:
        """Find a post. Raises GONE if there is none; without a token that may look it is taken on
        trust, since events tell soon enough."""
        if self._tokens.may(_POST):
            await self.post(name)
        return Target(
            platform=Platform.VK,
            instance=self._instance,
            kind=TargetKind.POST,
            ref=name.ref,
            author=str(name.owner),
            url=f"{self._web}/wall{name.ref}",
        )

    def community(self, id_: int) -> Target:
        """The community itself, for memberships; `id_` is positive."""
        return Target(
            platform=Platform.VK,
            instance=self._instance,
            kind=TargetKind.COMMUNITY,
            ref=f"-{id_}",
            author=f"-{id_}",
            url=f"{self._web}/club{id_}",
        )

    async def post(self, name: PostName) -> wire.Post:
        """Read a post. Raises GONE if it was deleted or is hidden."""
        answer = await self._tokens.ask(_POST, {"posts": f"{name.owner}_{name.id}"})
        found = decode(_POST, answer.body, wire.Posts | list[wire.Post])  # type: ignore[arg-type] # a union
        posts: Sequence[wire.Post] = found.items if isinstance(found, wire.Posts) else found
        for post in posts:
            if (post.owner_id, post.id) == (name.owner, name.id) and not post.is_deleted:
                return post
        raise PlatformError(
            FailureKind.GONE, "The post is not there: it was deleted, or it is hidden."
        )

    async def counters(self, target: Target) -> Counters:
        """Read the post's counters and text; reposts are those on walls, not those in messages."""
        if not self._tokens.may(_POST):
            return Counters(counts={})
        post = await self.post(parse_ref(target.ref))
        counts = {}
        if post.likes is not None:
            counts[Action.LIKE] = post.likes.count
        if post.reposts is not None and post.reposts.wall_count is not None:
            counts[Action.REPOST] = post.reposts.wall_count
        if post.comments is not None:
            counts[Action.COMMENT] = post.comments.count
        return Counters(counts=counts, text=post.text)

    async def likes(self, target: Target, after: str | None) -> AsyncGenerator[Page, None]:
        """List who liked. One account has at most one like, which has no name and no time."""
        async with contextlib.aclosing(self._list(target, after, copies=False)) as readings:
            async for reading in readings:
                yield _page(reading, {})

    async def reposts(self, target: Target, after: str | None) -> AsyncGenerator[Page, None]:
        """List who reposted, with the time and text of those reposts that VK shows besides.

        Raises FORBIDDEN if the administrator is no editor, or is none any more at the end.
        """
        name = parse_ref(target.ref)
        is_empty = True
        async with (
            # All of it at once, so that it travels together.
            begun(self._require_editor(name.owner)) as asked,
            begun(read_shown(self._tokens, name, page=self._page)) as showing,
            contextlib.aclosing(self._list(target, after, copies=True)) as readings,
        ):
            async for reading in readings:
                can_tell, shown = await asked, await showing
                is_empty = is_empty and not reading.ids
                if reading.next is None:
                    await self._require_editor(name.owner)
                    if is_empty and after is None and not can_tell:
                        await self._require_no_reposts(target)
                yield _page(reading, shown)

    async def look_again(
        self, target: Target, missing: Sequence[Missing]
    ) -> Mapping[Missing, Remains]:
        """Ask about reposts that an event told of; one that the list itself had shown is gone."""
        name = parse_ref(target.ref)
        heard = [each for each in missing if each.heard]

        async def ask(each: Missing) -> Remains:
            if each.account.startswith("-"):
                # It is told of people only.
                return Remains.UNKNOWN
            parameters: Parameters = {
                "type": "post",
                "owner_id": name.owner,
                "item_id": name.id,
                "user_id": each.account,
            }
            try:
                answer = await self._tokens.ask(_IS_LIKED, parameters)
            except PlatformError as error:
                if not error.is_permanent:
                    raise
                return Remains.UNKNOWN
            is_there = decode(_IS_LIKED, answer.body, wire.Liked).copied
            return Remains.THERE if is_there else Remains.GONE

        return dict(zip(heard, await together(ask, heard), strict=True))

    def _list(
        self, target: Target, after: str | None, *, copies: bool
    ) -> AsyncGenerator[Reading, None]:
        name = parse_ref(target.ref)

        async def read(offset: int) -> Slice:
            parameters: Parameters = {
                "type": "post",
                "owner_id": name.owner,
                "item_id": name.id,
                "filter": "copies" if copies else "likes",
                "offset": offset,
                "count": self._page,
            }
            kinds = (Kind.USER,) if copies else None
            answer = await self._tokens.ask(_LIST, parameters, kinds=kinds)
            ids = decode(_LIST, answer.body, wire.Ids)
            return Slice(offset=offset, ids=ids.items, count=ids.count, answer=answer)

        return read_newest_first(read, after, page=self._page)

    async def _require_editor(self, owner: int) -> bool:
        """Make sure that reposters are shown; tell whether VK says so at all."""
        if owner > 0:
            return False
        parameters: Parameters = {"group_id": -owner, "fields": "is_admin,admin_level"}
        answer = await self._tokens.ask(_GROUP, parameters, kinds=(Kind.USER,))
        groups = read_groups(answer.body)
        if not groups or groups[0].is_admin is None:
            return False
        if not groups[0].is_admin or groups[0].admin_level < EDITOR:
            raise PlatformError(
                FailureKind.FORBIDDEN,
                "VK shows who reposted to the editors of the community only, and the connected "
                "administrator is none: give them the role of an editor, or connect another one.",
            )
        return True

    async def _require_no_reposts(self, target: Target) -> None:
        """Do not take an empty list for the truth where the post counts reposts."""
        if (await self.counters(target)).counts.get(Action.REPOST):
            raise PlatformError(
                FailureKind.FORBIDDEN,
                "VK shows nobody who reposted, though there are reposts: connect an administrator "
                "who may edit this wall.",
            )


def read_groups(body: bytes) -> Sequence[wire.Group]:
    """Read what `groups.getById` answers: an object, or a list as older versions do."""
    found = decode(_GROUP, body, wire.Groups | list[wire.Group])  # type: ignore[arg-type] # a union
    groups: Sequence[wire.Group] = found.groups if isinstance(found, wire.Groups) else found
    return groups


def _page(reading: Reading, shown: Mapping[int, Sighting]) -> Page:
    sightings = [shown.get(id_) or Sighting(account=str(id_), ref="") for id_ in reading.ids]
    return Page(sightings=tuple(sightings), next=reading.next, body=reading.body)
