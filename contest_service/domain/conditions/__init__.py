"""The catalogue of conditions. A new kind is one class in this folder and one line here."""

from contest_service.domain.conditions.actions import Follows, Joined, Liked, Quoted, Reposted
from contest_service.domain.conditions.base import Condition, Language
from contest_service.domain.conditions.commented import Commented
from contest_service.domain.conditions.lists import NotListed
from contest_service.domain.conditions.person import Age, City
from contest_service.domain.conditions.profile import AccountAge, Active, HasPicture, ProfileOpen

AnyCondition = (
    Liked
    | Reposted
    | Quoted
    | Commented
    | Follows
    | Joined
    | AccountAge
    | HasPicture
    | ProfileOpen
    | Active
    | City
    | Age
    | NotListed
)

__all__ = [
    "AccountAge",
    "Active",
    "Age",
    "AnyCondition",
    "City",
    "Commented",
    "Condition",
    "Follows",
    "HasPicture",
    "Joined",
    "Language",
    "Liked",
    "NotListed",
    "ProfileOpen",
    "Quoted",
    "Reposted",
]
