"""Accounts on platforms, named by what never changes.

An account's key is its platform, its instance and its stable id, never the handle. The instance is
empty on the platform's public network; anywhere else it names the host, so that an account of a
practice network can never be taken for a real one.
"""

import enum

import msgspec


class Platform(enum.StrEnum):
    """A social network."""

    BLUESKY = "bluesky"


class AccountKey(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """The identity of an account: `id` is a DID on Bluesky."""

    platform: Platform
    instance: str = ""
    id: str

    @property
    def subject(self) -> str:
        """The account as the draw protocol spells it: a bare DID, or `bluesky@host:did:…`."""
        if not self.instance:
            return self.id
        return f"{self.platform}@{self.instance}:{self.id}"


class Standing(enum.StrEnum):
    """Whether a community can see what an account does.

    Whoever blocks the community, is blocked by it, or was taken down by the platform vanishes from
    its lists without having undone anything: what such an account did cannot be known.
    """

    VISIBLE = "visible"
    BLOCKS_US = "blocks_us"
    BLOCKED_BY_US = "blocked_by_us"
    UNAVAILABLE = "unavailable"


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What a platform shows of an account. None means that the platform did not tell."""

    account: str
    handle: str
    name: str = ""
    created_at: int | None = None
    """Unix seconds, by the platform's own clock."""
    has_picture: bool | None = None
    followers: int | None = None
