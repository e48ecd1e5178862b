"""The one protocol that every platform's adapter speaks.

An adapter is opened for one community: it holds that community's credential and endpoints, and it
never touches the database. Failures are `PlatformError`.
"""

import enum
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Protocol

import msgspec

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.evidence import Action, Asked, Counters, Page, Target


class Support(enum.StrEnum):
    """How a platform lets an action be known."""

    LISTED = "listed"
    """Everybody who did it can be listed, so absence can be proved by a complete scan."""
    ASKED = "asked"
    """It can be asked about one account at a time."""


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What an adapter declares about its platform. An action that is absent cannot be known."""

    actions: Mapping[Action, Support]
    text_limit: str
    """The platform's limit on a publication, in words for a person."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who a credential speaks for."""

    instance: str
    account: str
    handle: str
    name: str


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A publication that has not happened yet, as its outbox row holds it."""

    key: str
    """The platform's idempotency key, made by the press when the row was written."""
    created_at: datetime
    text: str
    """Already fitted by the press."""
    link: str
    """The address within `text` that is to be clickable; empty if there is none."""
    reply_to: Target | None


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """A publication that exists on the platform."""

    ref: str
    url: str


class SessionKeeper(Protocol):
    """Keeps an adapter's session between runs, so that signing in stays rare."""

    async def load(self) -> bytes | None: ...
    async def save(self, session: bytes) -> None: ...


class PlatformAdapter(Protocol):
    """A social network, as one community sees it."""

    capabilities: ClassVar[Capabilities]

    async def identify(self) -> Identity:
        """Sign in and say who the credential speaks for."""

    async def find_post(self, url: str) -> Target:
        """Resolve a post's address, as a browser shows it, to the exact post.

        Raises `PlatformError` GONE if there is none, MALFORMED if it is no address of a post.
        """

    async def community_target(self) -> Target:
        """The community itself as a target, for follows."""

    async def counters(self, post: Target) -> Counters:
        """Read a post's own counters. Raises GONE if the post, or its pinned version, is gone."""

    def scan(self, target: Target, action: Action, after: str | None) -> AsyncIterator[Page]:
        """List everybody who did `action`, page by page; `after` is a page's `next`.

        Several requests may be in flight; resuming from any `next` yields all that was not yet
        yielded. Only a scan that ends without an error proves anything about absence.
        """

    def ask(self, target: Target, action: Action, accounts: Sequence[str]) -> AsyncIterator[Asked]:
        """Ask about each of `accounts`; every account appears in exactly one answer."""

    async def standing(self, accounts: Sequence[str]) -> Mapping[str, Standing]:
        """Whether the community can see what each of `accounts` does."""

    async def remaining(self, action: Action, refs: Sequence[str]) -> frozenset[str]:
        """Which of these actions are still there although the list no longer shows them.

        A comment leaves a tree with the comment that it answered, though nobody undid it.
        """

    async def profiles(self, accounts: Sequence[str]) -> Sequence[Profile]:
        """Read profiles; an account that is unavailable is missing from the answer."""

    async def publish(self, draft: Draft) -> Publication:
        """Publish once: a second call with the same draft finds the first call's publication."""
