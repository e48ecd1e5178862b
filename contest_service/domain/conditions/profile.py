"""Conditions over the account: its age, its picture, whether it is open and in use."""

from collections.abc import Hashable, Mapping
from typing import Annotated, ClassVar

from contest_service.domain.accounts import Standing
from contest_service.domain.case import Case, Finding, Verdict
from contest_service.domain.conditions.base import STILL, Condition, Language, Timed, When
from contest_service.domain.conditions.limits import whole
from contest_service.domain.wording import english, russian

_DAY = 86400
UNTOLD: Mapping[Verdict, tuple[str, ...]] = {
    Verdict.UNKNOWN: (
        "profile_does_not_tell",
        *(each.value for each in Standing if each is not Standing.VISIBLE),
    )
}
"""What `unknown` says."""


def unknown(case: Case) -> Finding:
    """Say that the profile leaves it open, and why."""
    hidden = case.standing is not Standing.VISIBLE
    reason = case.standing.value if hidden else "profile_does_not_tell"
    return Finding(verdict=Verdict.UNKNOWN, reason=reason)


class OfProfile(Timed, frozen=True, kw_only=True):
    """What the profile shows at the close, and if asked for, of winners still after the draw.

    A profile is read now and then, and nobody keeps what it showed in between: that it showed
    something once, or the whole time, could not be known of anybody, so neither can be asked.
    """

    moments: ClassVar[tuple[When, ...]] = (When.CLOSE, When.DRAW)

    def rests_on(self, case: Case) -> Hashable:
        """The fact, of everybody whose profile was read."""
        return None if case.profile is None else (getattr(case.profile, self.fact),)


class AccountAge(Condition, frozen=True, kw_only=True, tag="account_age", tag_field="kind"):
    """The account was at least `days` days old when the contest opened.

    That never changes, so it is asked at one moment only.
    """

    label: ClassVar = {Language.ENGLISH: "Account age", Language.RUSSIAN: "Возраст аккаунта"}
    reasons: ClassVar = {
        **UNTOLD,
        Verdict.HOLDS: ("old_enough",),
        Verdict.FAILS: ("account_too_new",),
    }
    fact: ClassVar[str] = "created_at"
    days: Annotated[int, whole(1, 3650)]

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


class HasPicture(OfProfile, frozen=True, kw_only=True, tag="has_picture", tag_field="kind"):
    """The account has a profile picture."""

    label: ClassVar = {Language.ENGLISH: "Profile picture", Language.RUSSIAN: "Фото профиля"}
    reasons: ClassVar = {**UNTOLD, Verdict.HOLDS: ("picture_seen",), Verdict.FAILS: ("no_picture",)}
    fact: ClassVar[str] = "has_picture"

    def judge(self, case: Case) -> Finding:
        if case.profile is None or case.profile.has_picture is None:
            return unknown(case)
        facts = {"has_picture": case.profile.has_picture}
        if case.profile.has_picture:
            return Finding(verdict=Verdict.HOLDS, reason="picture_seen", facts=facts)
        return Finding(verdict=Verdict.FAILS, reason="no_picture", facts=facts)

    def sentence(self, language: Language) -> str:
        is_still = self.moment is When.DRAW
        if language is Language.RUSSIAN:
            still = " и сохраните её до проверки победителей после розыгрыша" if is_still else ""
            return f"Поставьте фотографию профиля{still}"
        still = ", and keep one until the winners are checked after the draw" if is_still else ""
        return f"Have a profile picture{still}"


class ProfileOpen(OfProfile, frozen=True, kw_only=True, tag="profile_open", tag_field="kind"):
    """What the account publishes can be seen by everybody."""

    label: ClassVar = {Language.ENGLISH: "Open profile", Language.RUSSIAN: "Открытый профиль"}
    reasons: ClassVar = {
        **UNTOLD,
        Verdict.HOLDS: ("profile_open",),
        Verdict.FAILS: ("profile_closed",),
    }
    fact: ClassVar[str] = "is_closed"

    def judge(self, case: Case) -> Finding:
        if case.profile is None or case.profile.is_closed is None:
            return unknown(case)
        facts = {"is_closed": case.profile.is_closed}
        if case.profile.is_closed:
            return Finding(verdict=Verdict.FAILS, reason="profile_closed", facts=facts)
        return Finding(verdict=Verdict.HOLDS, reason="profile_open", facts=facts)

    def sentence(self, language: Language) -> str:
        is_still = self.moment is When.DRAW
        if language is Language.RUSSIAN:
            still = " и не закрывайте до проверки победителей после розыгрыша" if is_still else ""
            return f"Откройте профиль до закрытия конкурса{still}"
        until = "winners are checked after the draw" if is_still else "close"
        return f"Keep your profile open until the {until}"


class Active(OfProfile, frozen=True, kw_only=True, tag="active", tag_field="kind"):
    """The account was neither deleted by its owner nor banned by the platform."""

    label: ClassVar = {Language.ENGLISH: "Account in use", Language.RUSSIAN: "Действующий аккаунт"}
    reasons: ClassVar = {
        **UNTOLD,
        Verdict.HOLDS: ("account_active",),
        Verdict.FAILS: ("account_not_active",),
    }
    fact: ClassVar[str] = "is_active"

    def judge(self, case: Case) -> Finding:
        if case.profile is None or case.profile.is_active is None:
            return unknown(case)
        facts = {"is_active": case.profile.is_active}
        if case.profile.is_active:
            return Finding(verdict=Verdict.HOLDS, reason="account_active", facts=facts)
        return Finding(verdict=Verdict.FAILS, reason="account_not_active", facts=facts)

    def sentence(self, language: Language) -> str:
        said = "Have an account in use, neither deleted nor banned"
        if language is Language.RUSSIAN:
            said = "Участвуют только действующие аккаунты: не удалённые и не заблокированные"
        return said + STILL[language][self.moment]


class FollowersAtLeast(
    OfProfile, frozen=True, kw_only=True, tag="followers_at_least", tag_field="kind"
):
    """The account has at least `least` followers, as its profile shows."""

    label: ClassVar = {Language.ENGLISH: "Followers", Language.RUSSIAN: "Подписчики"}
    reasons: ClassVar = {
        **UNTOLD,
        Verdict.HOLDS: ("enough_followers",),
        Verdict.FAILS: ("too_few_followers",),
    }
    fact: ClassVar[str] = "followers"
    least: Annotated[int, whole(1, 10_000_000)]

    def judge(self, case: Case) -> Finding:
        if case.profile is None or case.profile.followers is None:
            return unknown(case)
        facts = {"followers": case.profile.followers}
        if case.profile.followers >= self.least:
            return Finding(verdict=Verdict.HOLDS, reason="enough_followers", facts=facts)
        return Finding(verdict=Verdict.FAILS, reason="too_few_followers", facts=facts)

    def sentence(self, language: Language) -> str:
        if language is Language.RUSSIAN:
            counted = russian(self.least, ("подписчика", "подписчиков", "подписчиков"))
            said = f"У аккаунта должно быть не меньше {counted}"
        else:
            said = f"Have an account with at least {english(self.least, 'follower')}"
        return said + STILL[language][self.moment]
