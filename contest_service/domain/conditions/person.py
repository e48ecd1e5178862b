"""Conditions over the person as the profile shows them: the city, the age."""

from datetime import UTC, date, datetime
from typing import ClassVar

from contest_service.domain.case import Case, Finding, Verdict
from contest_service.domain.conditions.base import Condition, Language
from contest_service.domain.conditions.profile import unknown
from contest_service.domain.errors import Fault
from contest_service.domain.plain_text import text_faults
from contest_service.domain.wording import russian

OLDEST = 120
MOST_CITIES = 50


class City(Condition, frozen=True, kw_only=True, tag="city", tag_field="kind"):
    """The profile names one of these cities. Case, and е for ё, make no difference."""

    fact: ClassVar[str] = "city"
    names: tuple[str, ...]

    def judge(self, case: Case) -> Finding:
        if case.profile is None or not case.profile.city:
            return unknown(case)
        facts = {"city": case.profile.city}
        if _folded(case.profile.city) in map(_folded, self.names):
            return Finding(verdict=Verdict.HOLDS, reason="city_named", facts=facts)
        return Finding(verdict=Verdict.FAILS, reason="other_city", facts=facts)

    def sentence(self, language: Language) -> str:
        names = ", ".join(self.names)
        if language is Language.RUSSIAN:
            one = (
                "Укажите в профиле город"
                if len(self.names) == 1
                else "Укажите в профиле один из городов"
            )
            return f"{one}: {names}"
        one = "this city" if len(self.names) == 1 else "one of these cities"
        return f"Name {one} in your profile: {names}"

    def faults(self) -> list[Fault]:
        if not 1 <= len(self.names) <= MOST_CITIES:
            return [Fault(pointer="/names", detail=f"name 1 to {MOST_CITIES} cities")]
        return [
            fault
            for number, name in enumerate(self.names)
            for fault in text_faults(name, f"/names/{number}", longest=100)
        ]


def _folded(city: str) -> str:
    return " ".join(city.casefold().replace("ё", "е").split())


class Age(Condition, frozen=True, kw_only=True, tag="age", tag_field="kind"):
    """The person had `least` years, and not more than `most`, on the day the contest opened (UTC).

    As the profile says; most profiles hide the year, and then it cannot be known. `most` of 0 sets
    no upper end.
    """

    fact: ClassVar[str] = "born"
    least: int
    most: int = 0

    def judge(self, case: Case) -> Finding:
        if case.profile is None or not case.profile.born:
            return unknown(case)
        age = _age_on(datetime.fromtimestamp(case.opens_at, UTC).date(), case.profile.born)
        if age < self.least:
            return Finding(verdict=Verdict.FAILS, reason="too_young", facts={"age": age})
        if self.most and age > self.most:
            return Finding(verdict=Verdict.FAILS, reason="too_old", facts={"age": age})
        return Finding(verdict=Verdict.HOLDS, reason="age_fits", facts={"age": age})

    def sentence(self, language: Language) -> str:
        if language is Language.RUSSIAN:
            years = russian(self.most or self.least, ("года", "лет", "лет"))
            span = f"от {self.least} до {years}" if self.most else f"не меньше {years}"
            return f"Вам должно быть {span} к открытию конкурса, и дата рождения видна в профиле"
        span = f"{self.least} to {self.most}" if self.most else f"at least {self.least}"
        return f"Be {span} years old when the contest opens, as the profile shows"

    def faults(self) -> list[Fault]:
        faults = []
        if not 1 <= self.least <= OLDEST:
            faults.append(Fault(pointer="/least", detail=f"must lie between 1 and {OLDEST}"))
        if self.most and not self.least <= self.most <= OLDEST:
            faults.append(Fault(pointer="/most", detail=f"must lie between least and {OLDEST}"))
        return faults


def _age_on(day: date, born: str) -> int:
    birthday = date.fromisoformat(born)
    had_birthday = (day.month, day.day) >= (birthday.month, birthday.day)
    return max(0, day.year - birthday.year - (not had_birthday))
