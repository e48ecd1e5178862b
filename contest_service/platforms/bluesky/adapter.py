"""The Bluesky adapter: puts reading, the reply tree and publishing behind the one protocol."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from urllib.parse import urlsplit

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.conditions import Language
from contest_service.domain.evidence import Action, Asked, Counters, Page, Target
from contest_service.platforms.base import (
    Capabilities,
    Connected,
    Deed,
    Draft,
    Identity,
    Missing,
    Publication,
    Remains,
    SessionKeeper,
    Support,
)
from contest_service.platforms.bluesky.addresses import is_did
from contest_service.platforms.bluesky.people import People
from contest_service.platforms.bluesky.publishing import Publisher
from contest_service.platforms.bluesky.reading import Reader
from contest_service.platforms.bluesky.session import SignIn, read_credential
from contest_service.platforms.bluesky.thread import read_comments
from contest_service.platforms.bluesky.xrpc import Xrpc
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.transport import Parameters, Reply, Transport

ENDPOINTS = MappingProxyType(
    {
        "pds": "https://bsky.social",
        "appview": "https://public.api.bsky.app",
        "plc": "https://plc.directory",
    }
)
"""The public network: where people sign in, where it is read, where accounts are registered."""

HOSTS = ("bsky.social", "*.host.bsky.network", "public.api.bsky.app", "plc.directory")
"""What the allow-list must hold for the public network."""


def connections() -> list[Connected]:
    """What an account can be connected with: one thing, which tells all that is public."""
    return [
        Connected(
            name="app_password",
            label={
                Language.ENGLISH: "The account's app password",
                Language.RUSSIAN: "Пароль приложения аккаунта",
            },
            capabilities=BlueskyAdapter.capabilities,
        )
    ]


class BlueskyAdapter:
    """Bluesky, or another network of the AT protocol, as one community sees it."""

    capabilities = Capabilities(
        actions=MappingProxyType(
            {
                Action.LIKE: Support.LISTED,
                Action.REPOST: Support.LISTED,
                Action.QUOTE: Support.LISTED,
                Action.COMMENT: Support.LISTED,
                Action.FOLLOW: Support.ASKED,
            }
        ),
        text_limit="300 characters, of which an emoji is one",
        facts=frozenset({"created_at", "has_picture", "followers"}),
        deeds=frozenset({Deed.POST, Deed.COMMENT}),
    )

    def __init__(
        self,
        transport: Transport,
        *,
        endpoints: Mapping[str, str],
        credential: bytes,
        session: SessionKeeper,
    ) -> None:
        """Take all of `ENDPOINTS`' names. Raises PlatformError for a credential of no such form."""
        self._credential = read_credential(credential)
        self._appview = endpoints["appview"]
        self._instance = instance_of(endpoints)
        self._xrpc = Xrpc(transport)
        self._sign_in = SignIn(
            self._xrpc,
            endpoints=endpoints,
            credential=self._credential,
            keeper=session,
        )
        self._reader = Reader(self._query, instance=self._instance)
        self._people = People(self._query)
        self._publisher = Publisher(self._sign_in, self._reader)

    async def identify(self) -> Identity:
        """Sign in and say who the credential speaks for."""
        answer = await self._sign_in.confirm()
        shown = await self._people.profiles([answer.did])
        return Identity(
            instance=self._instance,
            account=answer.did,
            handle=answer.handle,
            name=shown[0].name if shown else "",
        )

    async def find_post(self, url: str) -> Target:
        """Resolve a post's address to the exact post."""
        return await self._reader.find_post(url)

    async def community_target(self) -> Target:
        """The community itself as a target."""
        return self._reader.community(await self._community())

    async def counters(self, post: Target) -> Counters:
        """Read a post's own counters; of comments it counts the direct ones."""
        return await self._reader.counters(post)

    def scan(self, target: Target, action: Action, after: str | None) -> AsyncIterator[Page]:
        """List everybody who did `action`."""
        match action:
            case Action.LIKE:
                return self._reader.likes(target, after)
            case Action.REPOST:
                return self._reader.reposts(target, after)
            case Action.QUOTE:
                return self._reader.quotes(target, after)
            case Action.COMMENT:
                return read_comments(self._query, target, after)
            case Action.FOLLOW:
                raise _unsupported("list followers: they are asked about one by one")
            case Action.ENTRY:
                raise _unsupported("tell who entered without an account")

    async def newest_comments(self, post: Target, since: datetime) -> AsyncGenerator[Page, None]:
        """Nothing: a thread comes as one tree, in an order of the AppView's own."""
        nothing: tuple[Page, ...] = ()
        for page in nothing:
            yield page

    def ask(self, target: Target, action: Action, accounts: Sequence[str]) -> AsyncIterator[Asked]:
        """Ask about each of `accounts` whether it follows."""
        if action is not Action.FOLLOW:
            raise _unsupported(f"ask about a {action}: everybody who did it is listed")
        return self._people.follows(target, accounts)

    async def standing(self, accounts: Sequence[str]) -> Mapping[str, Standing]:
        """Whether the community can see what each of `accounts` does."""
        return await self._people.standing(await self._community(), accounts)

    async def look_again(
        self, target: Target, action: Action, missing: Sequence[Missing]
    ) -> Mapping[Missing, Remains]:
        """Find out which comments and quotes still exist; likes and reposts have no names."""
        if action not in (Action.COMMENT, Action.QUOTE):
            return {}
        existing = await self._reader.existing([each.ref for each in missing])
        return {each: Remains.THERE for each in missing if each.ref in existing}

    async def profiles(self, accounts: Sequence[str]) -> Sequence[Profile]:
        """Read profiles; an account that is unavailable is missing."""
        return await self._people.profiles(accounts)

    async def staff(self) -> frozenset[str] | None:
        """None: nobody is told who else holds an account's password."""
        return None

    async def find_accounts(self, handles: Sequence[str]) -> Mapping[str, str]:
        """Stable ids of accounts by their handles."""
        return await self._people.by_handle(handles)

    async def publish(self, draft: Draft) -> Publication:
        """Publish once, as a post or as a reply."""
        return await self._publisher.publish(draft)

    async def tell(self, account: str, text: str, *, key: str, created_at: datetime) -> bool:
        """Write to nobody: chats need an app password that was made for them. A mention is next."""
        return False

    async def _query(self, method: str, parameters: Parameters) -> Reply:
        return await self._xrpc.query(self._appview, method, parameters)

    async def _community(self) -> str:
        # The kept session knows it without asking anybody; a handle may be another's by now.
        named = self._credential.identifier
        return named if is_did(named) else (await self._sign_in.current()).did


def instance_of(endpoints: Mapping[str, str]) -> str:
    """Name the network: empty for the public one, else the host that registers its accounts."""
    return "" if endpoints["plc"] == ENDPOINTS["plc"] else urlsplit(endpoints["plc"]).netloc


def _unsupported(what: str) -> PlatformError:
    return PlatformError(FailureKind.UNSUPPORTED, f"Bluesky cannot {what}.")
