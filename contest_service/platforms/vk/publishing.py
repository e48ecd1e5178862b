"""Publishing as the community, once: VK's own key for an hour, and a look at what is there.

A comment under the contest post is published with the community's token, which never expires; a
post on the wall needs an administrator. Before either, the newest comments or posts are looked
through for our own text, since VK forgets its keys after an hour. Where no token may read comments,
VK's key alone has to do.
"""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from contest_service.platforms.base import Draft, Publication
from contest_service.platforms.vk import errors, wire
from contest_service.platforms.vk.addresses import PostName, parse_ref, web
from contest_service.platforms.vk.calls import Parameters, decode
from contest_service.platforms.vk.errors import VkError
from contest_service.platforms.vk.pictures import Pictures
from contest_service.platforms.vk.press import shorten
from contest_service.platforms.vk.tokens import Tokens

_COMMENT = "wall.createComment"
_COMMENTS = "wall.getComments"
_POST = "wall.post"
_WALL = "wall.get"
_PIN = "wall.pin"
_EDIT = "wall.edit"
_EDIT_COMMENT = "wall.editComment"
_LOOKED_AT = 100
SLACK = 600
"""Seconds by which VK's clock may be behind ours: what is older is no publication of a draft."""

Community = Callable[[], Awaitable[int]]
"""Says the community's positive number."""


class Publisher:
    """Publishes posts and comments of one community."""

    def __init__(
        self,
        tokens: Tokens,
        pictures: Pictures,
        *,
        community: Community,
        endpoints: Mapping[str, str],
    ) -> None:
        self._tokens = tokens
        self._pictures = pictures
        self._community = community
        self._web = web(endpoints)

    async def publish(self, draft: Draft) -> Publication:
        """Publish unless it is there already. Raises PlatformError.

        UNREACHABLE may mean that it was published all the same: a second call finds out.
        """
        if draft.reply_to is None:
            return await self.publish_post(draft)
        post = parse_ref(draft.reply_to.ref)
        # Where comments are closed: on the wall, with the address of the post that it is about.
        text = shorten(draft.text, f"{self._web}/wall{post.ref}")
        aside = msgspec.structs.replace(draft, text=text, reply_to=None)
        if self._tokens.may(_POST):
            # Comments may have been opened again after it was published there.
            found = await self._find_post(-await self._community(), aside)
            if found is not None:
                return self._publication(found)
        try:
            return await self._comment(post, draft)
        except VkError as error:
            if error.code not in errors.COMMENTS_CLOSED or not self._tokens.may(_POST):
                raise
        return await self.publish_post(aside)

    async def publish_post(self, draft: Draft, picture: bytes | None = None) -> Publication:
        """Publish a post on the wall, with a picture where one is given, as `publish` does."""
        owner = -await self._community()
        found = await self._find_post(owner, draft)
        if found is not None:
            return self._publication(found)
        attachments = await self._pictures.upload(-owner, picture) if picture else ""
        parameters: Parameters = {
            "owner_id": owner,
            "from_group": 1,
            "guid": draft.key,
            **({"attachments": attachments} if attachments else {}),
        }
        body = await self._write(_POST, parameters, draft)
        made = decode(_POST, body, wire.Posted)
        return self._publication(PostName(owner=owner, id=made.post_id))

    async def pin(self, ref: str) -> None:
        """Fix one of our posts on top of the wall."""
        name = parse_ref(ref)
        await self._tokens.ask(_PIN, {"owner_id": name.owner, "post_id": name.id}, once=True)

    async def edit(self, ref: str, text: str) -> None:
        """Change the text of a post or comment that was published."""
        name = parse_ref(ref)
        if name.reply:
            parameters: Parameters = {"owner_id": name.owner, "comment_id": name.reply}
            await self._tokens.ask(_EDIT_COMMENT, {**parameters, "message": text}, once=True)
        else:
            parameters = {"owner_id": name.owner, "post_id": name.id}
            await self._tokens.ask(_EDIT, {**parameters, "message": text}, once=True)

    async def _comment(self, post: PostName, draft: Draft) -> Publication:
        community = await self._community()
        found = await self._find_comment(post, draft, author=-community)
        if found is None:
            parameters: Parameters = {
                "owner_id": post.owner,
                "post_id": post.id,
                "from_group": community,
                "guid": draft.key,
            }
            body = await self._write(_COMMENT, parameters, draft)
            found = decode(_COMMENT, body, wire.Commented).comment_id
        return self._publication(msgspec.structs.replace(post, reply=found))

    async def _write(self, method: str, parameters: Parameters, draft: Draft) -> bytes:
        """Write, and once more without the link where the community forbids links."""
        try:
            answer = await self._tokens.ask(
                method, {**parameters, "message": draft.text}, once=True
            )
        except VkError as error:
            text = _without_link(draft)
            if error.code != errors.LINKS_FORBIDDEN or text == draft.text:
                raise
            answer = await self._tokens.ask(method, {**parameters, "message": text}, once=True)
        return answer.body

    async def _find_comment(self, post: PostName, draft: Draft, *, author: int) -> int | None:
        if not self._tokens.may(_COMMENTS):
            return None
        parameters: Parameters = {
            "owner_id": post.owner,
            "post_id": post.id,
            "sort": "desc",
            "count": _LOOKED_AT,
            "preview_length": 0,
        }
        answer = await self._tokens.ask(_COMMENTS, parameters)
        for said in decode(_COMMENTS, answer.body, wire.Comments).items:
            if said.from_id == author and not said.deleted and _is_of(draft, said.text, said.date):
                return said.id
        return None

    async def _find_post(self, owner: int, draft: Draft) -> PostName | None:
        parameters: Parameters = {"owner_id": owner, "count": _LOOKED_AT, "filter": "owner"}
        answer = await self._tokens.ask(_WALL, parameters)
        for post in decode(_WALL, answer.body, wire.Posts).items:
            if post.from_id == owner and _is_of(draft, post.text, post.date):
                return PostName(owner=owner, id=post.id)
        return None

    def _publication(self, name: PostName) -> Publication:
        return Publication(ref=name.ref, url=f"{self._web}/wall{name.ref}", is_alone=not name.reply)


def _is_of(draft: Draft, text: str, at: int | None) -> bool:
    """Whether a text on VK is the draft's, with or without its link."""
    is_new = at is None or at >= draft.created_at.timestamp() - SLACK
    return is_new and _words(text) in (_words(draft.text), _words(_without_link(draft)))


def _without_link(draft: Draft) -> str:
    return draft.text.replace(draft.link, "").strip() if draft.link else draft.text


def _words(text: str) -> list[str]:
    # VK trims lines and may double or drop spaces.
    return text.split()
