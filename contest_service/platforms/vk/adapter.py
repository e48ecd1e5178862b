"""The VKontakte adapter: puts lists, comments, people and publishing behind the one protocol."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from datetime import datetime

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.evidence import Action, Asked, Counters, Page, Target, TargetKind
from contest_service.platforms.base import (
    Capabilities,
    Draft,
    Identity,
    Missing,
    Publication,
    Remains,
    SessionKeeper,
)
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.transport import Transport
from contest_service.platforms.vk import long_poll, messages, set_up
from contest_service.platforms.vk.addresses import instance_of, parse_post_url, parse_ref
from contest_service.platforms.vk.administrator import Administrator
from contest_service.platforms.vk.capabilities import capabilities_of
from contest_service.platforms.vk.comments import CommentReader
from contest_service.platforms.vk.community import OurCommunity
from contest_service.platforms.vk.credential import read_credential
from contest_service.platforms.vk.errors import VkError
from contest_service.platforms.vk.lanes import Entrance, Lanes
from contest_service.platforms.vk.names import find_accounts
from contest_service.platforms.vk.people import People
from contest_service.platforms.vk.pictures import Pictures
from contest_service.platforms.vk.publishing import Publisher
from contest_service.platforms.vk.reading import Reader
from contest_service.platforms.vk.tokens import Tokens


@contextlib.asynccontextmanager
async def open_vk(
    *,
    endpoints: Mapping[str, str],
    credential: bytes,
    session: SessionKeeper,
    hosts: AllowedHosts,
    lanes: Lanes | None,
) -> AsyncIterator["VkAdapter"]:
    """Open VK for one community, with the process's lanes; it leaves them with the context.

    Raises PlatformError for a credential of no such form.
    """
    if lanes is None:
        raise TypeError("VK needs the lanes that all adapters of this process share.")
    async with Transport(hosts) as transport, lanes.entered(endpoints["api"]) as entrance:
        yield VkAdapter(
            transport,
            entrance,
            endpoints=endpoints,
            credential=credential,
            session=session,
        )


class VkAdapter:
    """VKontakte, or another server that speaks its API, as one community sees it."""

    def __init__(
        self,
        transport: Transport,
        entrance: Entrance,
        *,
        endpoints: Mapping[str, str],
        credential: bytes,
        session: SessionKeeper,
    ) -> None:
        """Take all of `ENDPOINTS`' names. Raises PlatformError for a credential of no such form."""
        given = read_credential(credential)
        administrator = Administrator(
            transport, endpoints=endpoints, credential=given, keeper=session
        )
        self._transport = transport
        self._instance = instance_of(endpoints)
        self._tokens = Tokens(entrance, credential=given, administrator=administrator)
        self._ours = OurCommunity(self._tokens, named=given.community)
        self._reader = Reader(self._tokens, endpoints=endpoints)
        self._people = People(self._tokens)
        self._publisher = Publisher(
            self._tokens,
            Pictures(self._tokens, transport),
            community=self._ours.id,
            endpoints=endpoints,
        )

    @property
    def capabilities(self) -> Capabilities:
        """What can be told with the tokens of the credential."""
        return capabilities_of(self._tokens.kinds)

    async def identify(self) -> Identity:
        """Say which community it is, with every token tried; the one at fault is named."""
        found = await self._ours.confirm()
        return Identity(
            instance=self._instance,
            account=found.account,
            handle=found.handle,
            name=found.name,
        )

    async def find_post(self, url: str) -> Target:
        """Resolve a post's address to the post."""
        return await self._reader.find_post(parse_post_url(url))

    async def community_target(self) -> Target:
        """The community itself as a target."""
        return self._reader.community(await self._ours.id())

    async def counters(self, post: Target) -> Counters:
        """Read a post's own counters; none without a token that may read the post."""
        return await self._reader.counters(post)

    def scan(self, target: Target, action: Action, after: str | None) -> AsyncIterator[Page]:
        """List everybody who did `action`."""
        match action:
            case Action.LIKE:
                pages = self._reader.likes(target, after)
            case Action.REPOST:
                pages = self._reader.reposts(target, after)
            case Action.COMMENT:
                pages = CommentReader(self._tokens, target).read(after)
            case Action.FOLLOW:
                pages = self._people.members(target, after)
            case Action.QUOTE:
                raise _unsupported("tell quotes from reposts")
            case Action.ENTRY:
                raise _unsupported("tell who entered without an account")
        return self._explained(target, pages)

    def newest_comments(self, post: Target, since: datetime) -> AsyncIterator[Page]:
        """List comments with the first ten answers to each, the newest first."""
        return self._explained(post, CommentReader(self._tokens, post).read_newest(since))

    def ask(self, target: Target, action: Action, accounts: Sequence[str]) -> AsyncIterator[Asked]:
        """Ask about each of `accounts` whether it is a member."""
        if action is not Action.FOLLOW:
            raise _unsupported(f"be asked about a {action} of each account")
        return self._people.memberships(target, accounts)

    async def standing(self, accounts: Sequence[str]) -> Mapping[str, Standing]:
        """Whether the community can see what each of `accounts` does."""
        may_see_bans = self._tokens.may("groups.getBanned")
        community = await self._ours.id() if may_see_bans else None
        return await self._people.standing(accounts, community)

    async def look_again(
        self, target: Target, action: Action, missing: Sequence[Missing]
    ) -> Mapping[Missing, Remains]:
        """Ask about reposts that an event told of; whatever else left a list is gone."""
        if action is not Action.REPOST:
            return {}
        return await self._reader.look_again(target, missing)

    async def profiles(self, accounts: Sequence[str]) -> Sequence[Profile]:
        """Read profiles; an unknown account is missing, a deleted one is not active."""
        return await self._people.profiles(accounts)

    async def staff(self) -> frozenset[str] | None:
        """Who manages the community; None where no token may know it."""
        return await self._people.managers(await self._ours.id())

    async def find_accounts(self, handles: Sequence[str]) -> Mapping[str, str]:
        """Stable ids of accounts by their short names."""
        return await find_accounts(self._tokens, handles)

    async def publish(self, draft: Draft) -> Publication:
        """Publish once, as a comment or as a post on the wall."""
        try:
            return await self._publisher.publish(draft)
        except VkError as error:
            if draft.reply_to is not None:
                await self._require_there(draft.reply_to, error)
            raise

    async def publish_post(self, draft: Draft, picture: bytes | None = None) -> Publication:
        """Publish once on the wall, with a picture (PNG or JPEG) where one is given."""
        return await self._publisher.publish_post(draft, picture)

    async def pin(self, ref: str) -> None:
        """Fix one of our posts on top of the wall."""
        await self._publisher.pin(ref)

    async def edit(self, ref: str, text: str) -> None:
        """Change the text of a publication."""
        await self._publisher.edit(ref, text)

    async def tell(self, account: str, text: str, *, key: str, created_at: datetime) -> bool:
        """Send a message to a person, once per `key`; False if they cannot be written to."""
        return await messages.tell(self._tokens, account, text, key=key, created_at=created_at)

    async def set_up_callback(
        self, url: str, secret: str, title: str, *, keep: set_up.KeepCode
    ) -> set_up.CallbackSetup:
        """Make VK send events to `url`. Safe to do again."""
        community = await self._ours.id()
        return await set_up.set_up_callback(
            self._tokens, community, url=url, secret=secret, title=title, keep=keep
        )

    async def set_up_long_poll(self) -> None:
        """Make VK keep events for `listen`. Safe to do again."""
        await set_up.set_up_long_poll(self._tokens, await self._ours.id())

    async def listen(
        self, after: str | None, *, wait: int = long_poll.WAIT
    ) -> AsyncGenerator[long_poll.Heap, None]:
        """Yield events as they come, from the number `after` on."""
        heaps = long_poll.listen(
            self._tokens, self._transport, await self._ours.id(), after=after, wait=wait
        )
        async with contextlib.aclosing(heaps):
            async for heap in heaps:
                yield heap

    async def _explained(
        self, target: Target, pages: AsyncGenerator[Page, None]
    ) -> AsyncGenerator[Page, None]:
        async with contextlib.aclosing(pages):
            try:
                async for page in pages:
                    yield page
            except VkError as error:
                await self._require_there(target, error)
                raise

    async def _require_there(self, target: Target, error: PlatformError) -> None:
        """Raise GONE if a refusal comes from the post's not being there any more."""
        doubtful = error.kind in (FailureKind.MALFORMED, FailureKind.FORBIDDEN)
        if doubtful and target.kind is TargetKind.POST and self._tokens.may("wall.getById"):
            await self._reader.post(parse_ref(target.ref))


def _unsupported(what: str) -> PlatformError:
    return PlatformError(FailureKind.UNSUPPORTED, f"VK cannot {what}.")
