"""Signals of the account itself: its age, its profile, and the ids around its own."""

from typing import ClassVar

from contest_service.domain.conditions import Language
from contest_service.domain.signals import vk_ids
from contest_service.domain.signals.base import Facts, Sign, Surroundings, Trace, say, within
from contest_service.domain.signals.chances import strength_of
from contest_service.domain.wording import english, number, russian

_DAY = 86400
_NEW, _SETTLED = 7, 120
"""Days up to which an account is as new as can be, and from which it is not new any more."""
_FEW_FOLLOWERS = 10


def age_in_days(trace: Trace, opens_at: int) -> tuple[int, bool] | None:
    """Return how old an account was when the contest opened, and whether that is an estimate.

    An account that was made later is 0 days old. None where nothing tells.
    """
    if trace.created_at is not None:
        return max(0, (opens_at - trace.created_at) // _DAY), False
    if trace.number is None:
        return None
    return max(0, (opens_at - vk_ids.created_at(trace.number)) // _DAY), True


class AccountAge:
    """How new the account was when the contest opened, told by the platform or by its id.

    Strongest in the first week, nothing from 120 days on. An estimate that is months wide cannot
    tell a week from a month, so it is at most three quarters as strong.
    """

    name: ClassVar[str] = "account_age"
    version: ClassVar[int] = 1
    weight: ClassVar[int] = 35

    def read(self, trace: Trace, around: Surroundings) -> Sign | None:
        known = age_in_days(trace, around.opens_at)
        if known is None or known[0] >= _SETTLED:
            return None
        days, is_estimate = known
        new = min(1.0, (_SETTLED - days) / (_SETTLED - _NEW))
        strength = within(new * (75 if is_estimate else 100))
        if not strength:
            return None
        return Sign(strength=strength, facts={"days": days, "estimate": int(is_estimate)})

    def title(self, language: Language) -> str:
        return say(language, en="New account", ru="Новый аккаунт")

    def say(self, facts: Facts, language: Language) -> str:
        days = facts["days"]
        if facts["estimate"]:
            return say(
                language,
                en="Its id is one of the newest: by it, the account was made "
                f"{english(days, 'day')} before the contest opened, give or take "
                f"{english(vk_ids.WIDTH, 'day')}.",
                ru="Номер аккаунта – один из самых новых: судя по нему, аккаунт создан за "
                f"{russian(days, ('день', 'дня', 'дней'))} до открытия конкурса, с точностью до "
                f"{russian(vk_ids.WIDTH, ('дня', 'дней', 'дней'))}.",
            )
        if not days:
            return say(
                language,
                en="The account was made less than a day before the contest opened, or later.",
                ru="Аккаунт создан меньше чем за день до открытия конкурса или позже.",
            )
        return say(
            language,
            en=f"The account was made {english(days, 'day')} before the contest opened.",
            ru=f"Аккаунт создан за {russian(days, ('день', 'дня', 'дней'))} до открытия конкурса.",
        )


class EmptyProfile:
    """A profile that shows nothing: no picture, few followers, no city, no birthday.

    Only what the platform tells counts, and what a closed profile hides does not.
    """

    name: ClassVar[str] = "empty_profile"
    version: ClassVar[int] = 1
    weight: ClassVar[int] = 30

    def read(self, trace: Trace, around: Surroundings) -> Sign | None:
        if not trace.is_read:
            return None
        followers = trace.followers
        is_hidden = trace.is_closed is True or trace.number is None
        missing = {
            "picture": 45 * (trace.has_picture is False),
            "followers": 25 * (followers is not None and followers < _FEW_FOLLOWERS),
            "city": 15 * (not is_hidden and not trace.has_city),
            "birthday": 15 * (not is_hidden and not trace.has_birthday),
        }
        strength = sum(missing.values())
        # A city and a birthday that are not shown are nothing by themselves.
        if strength <= missing["city"] + missing["birthday"]:
            return None
        facts = {name: 1 for name, points in missing.items() if points and name != "followers"}
        if missing["followers"] and followers is not None:
            facts["followers"] = followers
        return Sign(strength=within(strength), facts=facts)

    def title(self, language: Language) -> str:
        return say(language, en="Empty profile", ru="Пустой профиль")

    def say(self, facts: Facts, language: Language) -> str:
        count = facts.get("followers", 0)
        words = {
            "picture": say(language, en="no picture", ru="нет фотографии"),
            "followers": say(
                language,
                en=english(count, "follower"),
                ru=russian(count, ("подписчик", "подписчика", "подписчиков")),
            ),
            "city": say(language, en="no city", ru="не указан город"),
            "birthday": say(language, en="no birthday", ru="не указан день рождения"),
        }
        shown = ", ".join(text for name, text in words.items() if name in facts)
        return say(language, en=f"The profile is empty: {shown}.", ru=f"Профиль пуст: {shown}.")


class AdjacentIds:
    """Entrants whose ids stand together beyond chance: accounts that were made in one go."""

    name: ClassVar[str] = "adjacent_ids"
    version: ClassVar[int] = 1
    weight: ClassVar[int] = 65

    def read(self, trace: Trace, around: Surroundings) -> Sign | None:
        if trace.number is None:
            return None
        near = around.neighbourhood.near(trace.number)
        if near is None or not (strength := within(strength_of(near.rare))):
            return None
        return Sign(strength=strength, facts={"others": near.others, "reach": near.reach})

    def title(self, language: Language) -> str:
        return say(language, en="Ids in a row", ru="Номера подряд")

    def say(self, facts: Facts, language: Language) -> str:
        others, reach = facts["others"], number(facts["reach"])
        return say(
            language,
            en=f"{english(others, 'other entrant')} "
            f"{'has an id' if others == 1 else 'have ids'} within {reach} of this one, many more "
            "than chance would put there: such accounts are made one after the other.",
            ru=f"Номера ещё {russian(others, ('участника', 'участников', 'участников'))} "
            f"отличаются от этого не больше чем на {reach} – намного чаще, чем бывает случайно. "
            "Так создают аккаунты подряд.",
        )
