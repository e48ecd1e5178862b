"""Venues: where a contest is shown, on platforms that are watched and on others. Pure."""

import enum
from collections.abc import Sequence

import msgspec

from contest_service.domain.contest import Definition


class Venue(enum.StrEnum):
    """A social network with rules of its own for contests, whether its posts are watched or not."""

    BLUESKY = "bluesky"
    VK = "vk"
    X = "x"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is linted: a definition, where it is shown, and the posts' texts as far as known.

    `is_amended` says that the rules changed after the start, or are about to; `earlier` are the
    definitions that were in force before, oldest first, as far as known. `is_post_changed` says
    that a post reads otherwise than it did when the contest started.
    """

    definition: Definition
    venues: frozenset[Venue]
    texts: Sequence[str] = ()
    is_amended: bool = False
    earlier: Sequence[Definition] = ()
    is_post_changed: bool = False
