"""Particulars: who the organiser is by law, for which countries a contest is, and its privacy.

All of it is optional and printed in the terms as it was given: nobody checks that it is true. Where
nothing is given, the terms say nothing, and their bytes are those of contests before it. Pure.
"""

import enum
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from contest_service.domain.conditions import Language
from contest_service.domain.errors import Fault
from contest_service.domain.plain_text import text_faults
from contest_service.domain.wording import english, russian

MOST_COUNTRIES = 60
OLDEST = 99

_COUNTRY = re.compile(r"[A-Z]{2}")
_ADDRESS = re.compile(r"https?://[^\s/]+\.[^\s]+")
_INN: Mapping[int, tuple[tuple[int, ...], ...]] = {
    10: ((2, 4, 10, 3, 5, 9, 4, 6, 8),),
    12: ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)),
}
"""The weights of its first digits in each of its last ones, by its length."""


class Taxes(enum.StrEnum):
    """Who pays the tax on a prize."""

    WINNER = "winner"
    ORGANISER = "organiser"


class Particulars(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the law of many countries wants to be said of an organiser and a contest.

    `inn` and `ogrn` are the numbers of a Russian taxpayer and in the Russian register. `countries`
    are those for whose residents the contest is, by their two letters. `minimum_age` is in years.
    `site` and `privacy_notice` are web addresses.
    """

    legal_name: str = ""
    inn: str = ""
    ogrn: str = ""
    address: str = ""
    site: str = ""
    countries: tuple[str, ...] = ()
    minimum_age: int | None = None
    taxes: Taxes | None = None
    privacy_notice: str = ""


def particulars_faults(particulars: Particulars | None, at: str) -> list[Fault]:
    """What is wrong with the particulars."""
    if particulars is None:
        return []
    faults: list[Fault] = []
    for field, longest in (("legal_name", 200), ("address", 300)):
        if text := getattr(particulars, field):
            faults += text_faults(text, f"{at}/{field}", longest=longest)
    for field in ("site", "privacy_notice"):
        if text := getattr(particulars, field):
            faults += text_faults(text, f"{at}/{field}", longest=300)
            if not _ADDRESS.fullmatch(text):
                detail = "give a web address such as https://bakery.example/rules"
                faults.append(Fault(pointer=f"{at}/{field}", detail=detail))
    if particulars.inn and not is_inn(particulars.inn):
        detail = "is no INN: 10 or 12 digits, of which the last ones check the others"
        faults.append(Fault(pointer=f"{at}/inn", detail=detail))
    if particulars.ogrn and not is_ogrn(particulars.ogrn):
        detail = "is no OGRN: 13 or 15 digits, of which the last one checks the others"
        faults.append(Fault(pointer=f"{at}/ogrn", detail=detail))
    if particulars.minimum_age is not None and not 1 <= particulars.minimum_age <= OLDEST:
        detail = f"is in years and must lie between 1 and {OLDEST}; null for no limit"
        faults.append(Fault(pointer=f"{at}/minimum_age", detail=detail))
    return faults + _country_faults(particulars.countries, f"{at}/countries")


def _country_faults(countries: tuple[str, ...], at: str) -> list[Fault]:
    faults = [
        Fault(pointer=f"{at}/{place}", detail="give a country's two letters in upper case, as RU")
        for place, country in enumerate(countries)
        if not _COUNTRY.fullmatch(country)
    ]
    if "UK" in countries:
        detail = "the United Kingdom's letters are GB"
        faults.append(Fault(pointer=f"{at}/{countries.index('UK')}", detail=detail))
    if len(set(countries)) < len(countries):
        faults.append(Fault(pointer=at, detail="names a country twice; name each once"))
    if len(countries) > MOST_COUNTRIES:
        faults.append(Fault(pointer=at, detail=f"name at most {MOST_COUNTRIES} countries"))
    return faults


def is_inn(text: str) -> bool:
    """Tell whether a text is a taxpayer's number: of a company (10 digits) or a person (12)."""
    if not _are_digits(text):
        return False
    weights = _INN.get(len(text), ())
    return bool(weights) and all(_checks(text, row) for row in weights)


def _checks(text: str, weights: tuple[int, ...]) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(weights, text, strict=False))
    return total % 11 % 10 == int(text[len(weights)])


def is_ogrn(text: str) -> bool:
    """Tell whether a text is a number in the register: of a company (13 digits) or else (15)."""
    divisor = {13: 11, 15: 13}.get(len(text))
    if divisor is None or not _are_digits(text):
        return False
    return int(text[:-1]) % divisor % 10 == int(text[-1])


def _are_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def particulars_facts(particulars: Particulars | None) -> Mapping[str, Any]:
    """What the terms say of them to machines: only what was given."""
    if particulars is None:
        return {}
    given = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in msgspec.to_builtins(particulars).items()
        if value
    }
    return {"particulars": given} if given else {}


def particulars_paragraphs(particulars: Particulars | None, language: Language) -> Iterator[str]:
    """Say them to people."""
    if particulars is None:
        return
    named = [
        f"{label}{value}"
        for label, value in zip(
            _LABELS[language],
            (
                particulars.legal_name,
                particulars.inn,
                particulars.ogrn,
                particulars.address,
                particulars.site,
            ),
            strict=True,
        )
        if value
    ]
    if named:
        yield f"{_HEADINGS[language]}{', '.join(named)}."
    yield from _limits(particulars, language)
    if particulars.taxes is not None:
        yield _TAXES[language][particulars.taxes]
    if particulars.privacy_notice:
        yield _PRIVACY[language].format(address=particulars.privacy_notice)


def _limits(particulars: Particulars, language: Language) -> Iterator[str]:
    if particulars.countries:
        yield _COUNTRIES[language].format(countries=", ".join(particulars.countries))
    if particulars.minimum_age is not None:
        age = particulars.minimum_age
        if language is Language.RUSSIAN:
            yield f"Участник – не младше {russian(age, ('года', 'лет', 'лет'))}."
        else:
            yield f"Whoever takes part is at least {english(age, 'year')} old."


_HEADINGS = {
    Language.ENGLISH: "The organiser's particulars: ",
    Language.RUSSIAN: "Сведения об организаторе: ",
}
_LABELS = {
    Language.ENGLISH: ("", "INN ", "OGRN ", "address: ", "site: "),
    Language.RUSSIAN: ("", "ИНН ", "ОГРН ", "адрес: ", "сайт: "),
}
_COUNTRIES = {
    Language.ENGLISH: "The contest is for residents of: {countries}.",
    Language.RUSSIAN: "Конкурс – для тех, кто живёт в этих странах: {countries}.",
}
_TAXES = {
    Language.ENGLISH: {
        Taxes.WINNER: "Winners pay the tax on their prizes themselves, where there is one.",
        Taxes.ORGANISER: "The organiser pays the tax on the prizes, where there is one.",
    },
    Language.RUSSIAN: {
        Taxes.WINNER: "Налог на приз, если он есть, платит сам победитель.",
        Taxes.ORGANISER: "Налог на призы, если он есть, платит организатор.",
    },
}
_PRIVACY = {
    Language.ENGLISH: "How personal data is used: {address}",
    Language.RUSSIAN: "Как используются персональные данные: {address}",
}
