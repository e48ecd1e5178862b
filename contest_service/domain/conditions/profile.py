"""Conditions over the account: its age, its picture, whether it is open and in use."""

from typing import ClassVar

from contest_service.domain.accounts import Standing
from contest_service.domain.case import Case, Finding, Verdict
from contest_service.domain.conditions.base import Condition, Language
from contest_service.domain.errors import Fault
from contest_service.domain.wording import english, russian

_DAY = 86400


def unknown(case: Case) -> Finding:
    """Say that the profile leaves it open, and why."""
    hidden = case.standing is not Standing.VISIBLE
    reason = case.standing.value if hidden else "profile_does_not_tell"
    return Finding(verdict=Verdict.UNKNOWN, reason=reason)


class AccountAge(Condition, frozen=True, kw_only=True, tag="account_age", tag_field="kind"):
    """The account was at least `days` days old when the contest opened."""

    fact: ClassVar[str] = "created_at"
    days: int

    def judge(self, case: Case) -> Finding:
        if case.profile is None or case.profile.created_at is None:
            return unknown(case)
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

    fact: ClassVar[str] = "has_picture"

    def judge(self, case: Case) -> Finding:
        if case.profile is None or case.profile.has_picture is None:
            return unknown(case)
        facts = {"has_picture": case.profile.has_picture}
        if case.profile.has_picture:
            return Finding(verdict=Verdict.HOLDS, reason="picture_seen", facts=facts)
        return Finding(verdict=Verdict.FAILS, reason="no_picture", facts=facts)

    def sentence(self, language: Language) -> str:
        if language is Language.RUSSIAN:
            return "Поставьте фотографию профиля"
        return "Have a profile picture"


class ProfileOpen(Condition, frozen=True, kw_only=True, tag="profile_open", tag_field="kind"):
    """What the account publishes can be seen by everybody."""

    fact: ClassVar[str] = "is_closed"

    def judge(self, case: Case) -> Finding:
        if case.profile is None or case.profile.is_closed is None:
            return unknown(case)
        facts = {"is_closed": case.profile.is_closed}
        if case.profile.is_closed:
            return Finding(verdict=Verdict.FAILS, reason="profile_closed", facts=facts)
        return Finding(verdict=Verdict.HOLDS, reason="profile_open", facts=facts)

    def sentence(self, language: Language) -> str:
        if language is Language.RUSSIAN:
            return "Откройте профиль до закрытия конкурса"
        return "Keep your profile open until the close"


class Active(Condition, frozen=True, kw_only=True, tag="active", tag_field="kind"):
    """The account was neither deleted by its owner nor banned by the platform."""

    fact: ClassVar[str] = "is_active"

    def judge(self, case: Case) -> Finding:
        if case.profile is None or case.profile.is_active is None:
            return unknown(case)
        facts = {"is_active": case.profile.is_active}
        if case.profile.is_active:
            return Finding(verdict=Verdict.HOLDS, reason="account_active", facts=facts)
        return Finding(verdict=Verdict.FAILS, reason="account_not_active", facts=facts)

    def sentence(self, language: Language) -> str:
        if language is Language.RUSSIAN:
            return "Участвуют только действующие аккаунты: не удалённые и не заблокированные"
        return "Have an account in use, neither deleted nor banned"
