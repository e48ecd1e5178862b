"""The kinds of conditions. A new kind is one class in this folder and one line here."""

from contest_service.domain.conditions.actions import Liked, Quoted, Reposted
from contest_service.domain.conditions.answered import Answered
from contest_service.domain.conditions.base import Condition, Language, Unit, When
from contest_service.domain.conditions.commented import Commented
from contest_service.domain.conditions.lists import Entered, NotListed, NotPastWinner, NotStaff
from contest_service.domain.conditions.membership import Follows, Joined, NamedCommunity
from contest_service.domain.conditions.person import Age, City, Region
from contest_service.domain.conditions.profile import (
    AccountAge,
    Active,
    FollowersAtLeast,
    HasPicture,
    ProfileOpen,
)

AnyCondition = (
    Liked
    | Reposted
    | Quoted
    | Commented
    | Answered
    | Follows
    | Joined
    | Entered
    | AccountAge
    | HasPicture
    | ProfileOpen
    | Active
    | FollowersAtLeast
    | City
    | Region
    | Age
    | NotListed
    | NotStaff
    | NotPastWinner
)

__all__ = [
    "AccountAge",
    "Active",
    "Age",
    "Answered",
    "AnyCondition",
    "City",
    "Commented",
    "Condition",
    "Entered",
    "FollowersAtLeast",
    "Follows",
    "HasPicture",
    "Joined",
    "Language",
    "Liked",
    "NamedCommunity",
    "NotListed",
    "NotPastWinner",
    "NotStaff",
    "ProfileOpen",
    "Quoted",
    "Region",
    "Reposted",
    "Unit",
    "When",
]
