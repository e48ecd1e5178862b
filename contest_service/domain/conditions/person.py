"""Conditions over the person as the profile shows them: the city, the country, the age."""

import functools
from collections.abc import Hashable
from datetime import UTC, date, datetime
from typing import Annotated, ClassVar

from contest_service.domain.case import Case, Finding, Verdict
from contest_service.domain.conditions.base import STILL, Language, When
from contest_service.domain.conditions.limits import some, text, whole
from contest_service.domain.conditions.profile import UNTOLD, OfProfile, unknown
from contest_service.domain.errors import Fault
from contest_service.domain.wording import english, russian

OLDEST = 120
MOST_CITIES = 50
MOST_OF_REGION = 200
MOST_COUNTRIES = 50
_SAID = 20
"""Cities of a region that its sentence names; the terms hold all of them."""
_KEEP: dict[Language, dict[When, str]] = {
    Language.ENGLISH: {
        When.CLOSE: "",
        When.DRAW: ", and keep it there until the winners are checked after the draw",
    },
    Language.RUSSIAN: {
        When.CLOSE: "",
        When.DRAW: " и не меняйте до проверки победителей после розыгрыша",
    },
}


class City(OfProfile, frozen=True, kw_only=True, tag="city", tag_field="kind"):
    """The profile names one of these cities. Case, and е for ё, make no difference."""

    label: ClassVar = {Language.ENGLISH: "City", Language.RUSSIAN: "Город"}
    reasons: ClassVar = {
        **UNTOLD,
        Verdict.HOLDS: ("city_named",),
        Verdict.FAILS: ("other_city",),
    }
    fact: ClassVar[str] = "city"
    names: Annotated[tuple[Annotated[str, text(100)], ...], some(MOST_CITIES, least=1)]

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
            return f"{one}{_KEEP[language][self.moment]}: {names}"
        one = "this city" if len(self.names) == 1 else "one of these cities"
        return f"Name {one} in your profile{_KEEP[language][self.moment]}: {names}"


class Region(OfProfile, frozen=True, kw_only=True, tag="region", tag_field="kind"):
    """The profile names a city or a country of this region.

    Profiles name no region, so the rules say which `cities` and `countries` belong to the one that
    they call `name`; one of them is enough. They are compared as `City` compares. Whoever names no
    city may live in one of the cities.
    """

    label: ClassVar = {Language.ENGLISH: "Region", Language.RUSSIAN: "Регион"}
    reasons: ClassVar = {
        **UNTOLD,
        Verdict.HOLDS: ("in_region",),
        Verdict.FAILS: ("outside_region",),
    }
    fact: ClassVar[str] = "city"
    later: ClassVar = frozenset({"moment", "countries"})
    name: Annotated[str, text(100)]
    cities: Annotated[tuple[Annotated[str, text(100)], ...], some(MOST_OF_REGION)] = ()
    countries: Annotated[tuple[Annotated[str, text(100)], ...], some(MOST_COUNTRIES)] = ()

    def rests_on(self, case: Case) -> Hashable:
        """The city, as elsewhere, and the country."""
        return None if case.profile is None else (case.profile.city, case.profile.country)

    def judge(self, case: Case) -> Finding:
        if case.profile is None:
            return unknown(case)
        asked = {
            "city": (self.cities, case.profile.city),
            "country": (self.countries, case.profile.country),
        }
        facts = {fact: told for fact, (names, told) in asked.items() if names and told}
        if any(_folded(facts[fact]) in map(_folded, asked[fact][0]) for fact in facts):
            return Finding(verdict=Verdict.HOLDS, reason="in_region", facts=facts)
        if any(names and not told for names, told in asked.values()):
            return unknown(case)
        return Finding(verdict=Verdict.FAILS, reason="outside_region", facts=facts)

    def sentence(self, language: Language) -> str:
        cities = ", ".join(self.cities[:_SAID])
        more = len(self.cities) - _SAID
        is_russian = language is Language.RUSSIAN
        if more > 0 and is_russian:
            cities += f" и ещё {russian(more, ('город', 'города', 'городов'))}"
        elif more > 0:
            cities += f" and {english(more, 'more city')}"
        places = "; ".join(filter(None, (", ".join(self.countries), cities)))
        keep = _KEEP[language][self.moment]
        if is_russian:
            what = _PLACES[bool(self.countries), bool(self.cities)][1]
            return f"Укажите в профиле {what} региона «{self.name}»{keep}: {places}"
        what = _PLACES[bool(self.countries), bool(self.cities)][0]
        return f"Name {what} of {self.name} in your profile{keep}: {places}"

    def faults(self) -> list[Fault]:
        faults = super().faults()
        if not self.cities and not self.countries:
            detail = "name a city or a country that belongs to the region"
            faults.append(Fault(pointer="/cities", detail=detail))
        return faults


_PLACES = {
    (False, False): ("", ""),
    (False, True): ("a city", "город"),
    (True, False): ("a country", "страну"),
    (True, True): ("a country or a city", "страну или город"),
}


@functools.lru_cache(maxsize=4096)
def _folded(place: str) -> str:
    return " ".join(place.casefold().replace("ё", "е").split())


class Age(OfProfile, frozen=True, kw_only=True, tag="age", tag_field="kind"):
    """The person had `least` years, and not more than `most`, on the day the contest opened (UTC).

    As the profile says; most profiles hide the year, and then it cannot be known. `most` of 0 sets
    no upper end.
    """

    label: ClassVar = {Language.ENGLISH: "Age", Language.RUSSIAN: "Возраст"}
    reasons: ClassVar = {
        **UNTOLD,
        Verdict.HOLDS: ("age_fits",),
        Verdict.FAILS: ("too_young", "too_old"),
    }
    fact: ClassVar[str] = "born"
    least: Annotated[int, whole(1, OLDEST)]
    most: Annotated[int, whole(0, OLDEST)] = 0

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
            said = f"Вам должно быть {span} к открытию конкурса, и дата рождения видна в профиле"
        else:
            span = f"{self.least} to {self.most}" if self.most else f"at least {self.least}"
            said = f"Be {span} years old when the contest opens, as the profile shows"
        return said + STILL[language][self.moment]

    def faults(self) -> list[Fault]:
        faults = super().faults()
        if self.most and self.most < self.least:
            detail = "must not be below least; 0 sets no upper end"
            faults.append(Fault(pointer="/most", detail=detail))
        return faults


def _age_on(day: date, born: str) -> int:
    birthday = date.fromisoformat(born)
    had_birthday = (day.month, day.day) >= (birthday.month, birthday.day)
    return max(0, day.year - birthday.year - (not had_birthday))
