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
    VK = "vk"

    @property
    def label(self) -> str:
        """What people call it."""
        return {Platform.BLUESKY: "Bluesky", Platform.VK: "VK"}[self]


class AccountKey(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """The identity of an account.

    `id` is a DID on Bluesky, a number on VK, where a community's is negative.
    """

    platform: Platform
    instance: str = ""
    id: str

    @property
    def subject(self) -> str:
        """The account as the draw protocol spells it: a bare DID, `vk:1`, or `vk@host:1`."""
        if self.instance:
            return f"{self.platform}@{self.instance}:{self.id}"
        return self.id if self.platform is Platform.BLUESKY else f"{self.platform}:{self.id}"


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
    is_closed: bool | None = None
    """Whether what the account publishes is shown to its friends only."""
    is_active: bool | None = None
    """False for an account that its owner deleted or the platform banned."""
    city: str = ""
    """As the profile names it; empty where it names none."""
    born: str = ""
    """The date of birth, `YYYY-MM-DD`; empty where the profile does not show all of it."""
    country: str = ""
    """As the profile names it; empty where it names none."""
