"""The catalogue of conditions. A new kind is one class in this folder and one line here."""

from contest_service.domain.conditions.actions import Follows, Liked, Quoted, Reposted
from contest_service.domain.conditions.base import Condition, Language
from contest_service.domain.conditions.commented import Commented
from contest_service.domain.conditions.lists import NotListed
from contest_service.domain.conditions.profile import AccountAge, HasPicture

AnyCondition = Liked | Reposted | Quoted | Commented | Follows | AccountAge | HasPicture | NotListed

__all__ = [
    "AccountAge",
    "AnyCondition",
    "Commented",
    "Condition",
    "Follows",
    "HasPicture",
    "Language",
    "Liked",
    "NotListed",
    "Quoted",
    "Reposted",
]
