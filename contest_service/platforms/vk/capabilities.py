"""What can be told on VK with the tokens that are connected, and what would tell more. Pure."""

from collections.abc import Collection
from types import MappingProxyType

from contest_service.domain.evidence import Action
from contest_service.platforms.base import BlindSpot, Capabilities, Support
from contest_service.platforms.vk.credential import Kind
from contest_service.platforms.vk.press import MOST_CHARACTERS

_ADMINISTRATOR = "Connect an administrator of the community with VK ID."
_READER = "Connect an application's service token, or an administrator with VK ID."
_COMMUNITY = "Connect a token from the community's settings."
_FACTS = frozenset({"has_picture", "followers", "is_closed", "is_active", "city", "born"})


def capabilities_of(kinds: Collection[Kind]) -> Capabilities:
    """Say what these kinds of token can tell; an administrator's is a user's."""
    reads = Kind.SERVICE in kinds or Kind.USER in kinds
    is_admin = Kind.USER in kinds
    is_ours = Kind.COMMUNITY in kinds
    listed_if_read = Support.LISTED if reads else Support.LIVE
    return Capabilities(
        actions=MappingProxyType(
            {
                Action.LIKE: listed_if_read,
                Action.REPOST: Support.LISTED if is_admin else Support.LIVE,
                Action.COMMENT: listed_if_read,
                Action.FOLLOW: Support.LISTED if is_ours or is_admin else Support.ASKED,
            }
        ),
        facts=_FACTS,
        lists_tell_profiles=False,
        text_limit=f"{MOST_CHARACTERS} characters, of which an emoji counts as two",
        blind_spots=tuple(_blind_spots(reads=reads, is_admin=is_admin, is_ours=is_ours)),
    )


def _blind_spots(*, reads: bool, is_admin: bool, is_ours: bool) -> list[BlindSpot]:
    spots: list[BlindSpot] = []
    if not reads:
        spots += [
            BlindSpot(
                action=Action.LIKE,
                note="Likes are known only from live events: those from before the connection, and "
                "those of times when events were lost, are missing.",
                mend=_READER,
            ),
            BlindSpot(
                action=Action.COMMENT,
                note="Comments are known only from live events: those from before the connection, "
                "and those of times when events were lost, are missing.",
                mend=_READER,
            ),
        ]
    if not is_admin:
        spots.append(
            BlindSpot(
                action=Action.REPOST,
                note="Reposts are known only from live events, which tell of none that was undone, "
                "and maybe of none by closed profiles.",
                mend=_ADMINISTRATOR,
            )
        )
    else:
        spots.append(
            BlindSpot(
                action=Action.REPOST,
                note="When a repost was made, and what was written with it, is shown of open "
                "profiles only.",
                mend="",
            )
        )
    if not is_ours and not is_admin:
        spots.append(
            BlindSpot(
                action=Action.FOLLOW,
                note="Members cannot be listed, so that each entrant is asked about.",
                mend=_COMMUNITY,
            )
        )
    return spots
