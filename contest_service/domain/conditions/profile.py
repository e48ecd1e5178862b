"""Conditions over the profile: how old the account is, whether it has a picture."""

from contest_service.domain.accounts import Standing
from contest_service.domain.case import Case, Finding, Verdict
from contest_service.domain.conditions.base import Condition, Language
from contest_service.domain.errors import Fault
from contest_service.domain.wording import english, russian

_DAY = 86400


def _unknown(case: Case) -> Finding:
    hidden = case.standing is not Standing.VISIBLE
    reason = case.standing.value if hidden else "profile_does_not_tell"
    return Finding(verdict=Verdict.UNKNOWN, reason=reason)


class AccountAge(Condition, frozen=True, kw_only=True, tag="account_age", tag_field="kind"):
    """The account was at least `days` days old when the contest opened."""

    days: int

    def judge(self, case: Case) -> Finding:
        if case.profile is None or case.profile.created_at is None:
            return _unknown(case)
        # Some profiles name a year before 1970, which no record can hold.
        facts = {"created_at": max(0, case.profile.created_at)}
        if case.opens_at - case.profile.created_at >= self.days * _DAY:
            return Finding(verdict=Verdict.HOLDS, reason="old_enough", facts=facts)
        return Finding(verdict=Verdict.FAILS, reason="account_too_new", facts=facts)

    def sentence(self, language: Language) -> str:
        if language is Language.RUSSIAN:
            days = russian(self.days, ("дня", "дней", "дней"))
            return f"Аккаунту должно быть не меньше {days} к открытию конкурса"
        days = english(self.days, "day")
        return f"Have an account that was at least {days} old when the contest opened"

    def faults(self) -> list[Fault]:
        if 1 <= self.days <= 3650:
            return []
        return [Fault(pointer="/days", detail="must lie between 1 and 3650")]


class HasPicture(Condition, frozen=True, kw_only=True, tag="has_picture", tag_field="kind"):
    """The account has a profile picture."""

    def judge(self, case: Case) -> Finding:
        if case.profile is None or case.profile.has_picture is None:
            return _unknown(case)
        facts = {"has_picture": case.profile.has_picture}
        if case.profile.has_picture:
            return Finding(verdict=Verdict.HOLDS, reason="picture_seen", facts=facts)
        return Finding(verdict=Verdict.FAILS, reason="no_picture", facts=facts)

    def sentence(self, language: Language) -> str:
        if language is Language.RUSSIAN:
            return "Поставьте фотографию профиля"
        return "Have a profile picture"
