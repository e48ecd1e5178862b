"""Particulars and values of prizes: what is refused, and what the terms say of them."""

from typing import Any

import msgspec
import pytest

from contest_service.domain.changes import changes
from contest_service.domain.conditions import Language
from contest_service.domain.contest import definition_faults
from contest_service.domain.money import Money, say_money
from contest_service.domain.particulars import Particulars, Taxes, is_inn, is_ogrn
from contest_service.domain.plain_text import MOST_BYTES
from contest_service.domain.prizes import Draw, PrizePicture, Tier
from contest_service.domain.terms import rules_facts, terms_object
from domain.cases import definition, post

EN, RU = Language.ENGLISH, Language.RUSSIAN
WHOLE = Particulars(
    legal_name="ООО «Пекарня»",
    inn="7707083893",
    ogrn="1027700132195",
    address="Казань, ул. Баумана, 1",
    site="https://bakery.example",
    countries=("RU", "KZ"),
    minimum_age=21,
    taxes=Taxes.ORGANISER,
    privacy_notice="https://bakery.example/privacy",
)
VALUED = Tier(id="main", prize="A cake", winners=2, value=Money(amount=450050, currency="RUB"))


def terms(**changes: Any) -> dict[str, Any]:
    return terms_object(
        definition(**changes),
        contest="c",
        version=1,
        reason="",
        posts=[post()],
        verifiers=(),
        practice=False,
        round_=1,
        link="https://example.org",
    )


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("legal_name", " ", "/legal_name"),
        ("address", "a\0b", "/address"),
        ("inn", "7707083894", "/inn"),
        ("inn", "77070838", "/inn"),
        ("ogrn", "1027700132196", "/ogrn"),
        ("site", "bakery.example", "/site"),
        ("privacy_notice", "javascript:alert(1)", "/privacy_notice"),
        ("countries", ("ru",), "/countries/0"),
        ("countries", ("RU", "UK"), "/countries/1"),
        ("countries", ("RU", "RU"), "/countries"),
        (
            "countries",
            tuple(f"{a}{b}" for a in "ABC" for b in "ABCDEFGHIJKLMNOPQRSTU"),
            "/countries",
        ),
        ("minimum_age", 0, "/minimum_age"),
        ("minimum_age", 100, "/minimum_age"),
    ],
)
def test_nonsense_is_refused_where_it_stands(field: str, value: Any, pointer: str) -> None:
    wrong = msgspec.structs.replace(WHOLE, **{field: value})
    found = definition_faults(definition(particulars=wrong), practice=False)
    assert [fault.pointer for fault in found] == [f"/particulars{pointer}"]
    assert definition_faults(definition(particulars=WHOLE), practice=False) == []


@pytest.mark.parametrize(
    ("money", "pointers"),
    [
        (Money(amount=0, currency="RUB"), ["amount"]),
        (Money(amount=-1, currency="rub"), ["amount", "currency"]),
        (Money(amount=10**16, currency="₽"), ["amount", "currency"]),
        (Money(amount=1, currency="USD"), []),
    ],
)
def test_a_value_that_is_no_money_is_refused(money: Money, pointers: list[str]) -> None:
    tier = msgspec.structs.replace(VALUED, value=money)
    found = definition_faults(definition(draws=(Draw(tiers=(tier,)),)), practice=False)
    at = "/draws/0/tiers/0/value"
    assert [fault.pointer for fault in found] == [f"{at}/{pointer}" for pointer in pointers]


def test_numbers_of_taxpayers_check_themselves() -> None:
    assert is_inn("500100732259")
    assert not is_inn("500100732258")
    assert not is_inn("٧٧٠٧٠٨٣٨٩٣")
    assert is_ogrn("304500116000157")
    assert not is_ogrn("304500116000158")


def test_an_amount_is_said_with_the_decimals_of_its_currency() -> None:
    rubles = Money(amount=450050, currency="RUB")
    assert say_money(rubles, EN) == "4\u202f500.50\u00a0RUB"
    assert say_money(rubles, RU) == "4\u202f500,50\u00a0RUB"
    assert say_money(Money(amount=500000, currency="USD"), EN) == "5\u202f000\u00a0USD"
    assert say_money(Money(amount=1500, currency="JPY"), EN) == "1\u202f500\u00a0JPY"
    assert say_money(Money(amount=1005, currency="KWD"), EN) == "1.005\u00a0KWD"


def test_what_was_given_stands_in_the_terms_in_both_languages() -> None:
    built = terms(particulars=WHOLE, draws=(Draw(tiers=(VALUED,)),))
    english, russian = ("\n".join(built["texts"][each]) for each in ("en", "ru"))
    assert "ООО «Пекарня», INN 7707083893, OGRN 1027700132195, address: Казань" in english
    assert "ООО «Пекарня», ИНН 7707083893, ОГРН 1027700132195, адрес: Казань" in russian
    assert "residents of: RU, KZ." in english
    assert "at least 21 years old" in english
    assert "не младше 21 года." in russian
    assert "The organiser pays the tax" in english
    assert "Налог на призы, если он есть, платит организатор." in russian
    assert "https://bakery.example/privacy" in english
    assert "– A cake (4\u202f500,50\u00a0RUB): 2 победителя" in russian
    assert built["rules"]["particulars"]["countries"] == ["RU", "KZ"]
    assert built["rules"]["draws"][0]["tiers"][0]["value"] == {"amount": 450050, "currency": "RUB"}


def test_terms_without_particulars_are_the_same_to_the_byte_as_before_there_were_any() -> None:
    before = terms()
    assert "particulars" not in before["rules"]
    assert before["rules"]["draws"] == [
        {"tiers": [{"id": "main", "prize": "A cake", "winners": 1}]}
    ]
    assert terms(particulars=Particulars()) == before


def test_the_longest_particulars_fit_a_paragraph() -> None:
    longest = msgspec.structs.replace(
        WHOLE, legal_name="𝒳" * 200, address="𝒳" * 300, site="https://" + "𝒳" * 290 + ".x"
    )
    subject = definition(particulars=longest)
    assert definition_faults(subject, practice=False) == []
    texts = terms(particulars=longest)["texts"]
    assert max(len(each.encode()) for said in texts.values() for each in said) <= MOST_BYTES


def test_terms_say_of_a_picture_what_it_is_and_shows() -> None:
    picture = {"sha256": "ab" * 32, "text": "A cake with candles"}
    shown = msgspec.structs.replace(VALUED, picture=PrizePicture(**picture))
    (draw,) = terms(draws=(Draw(tiers=(shown,)),))["rules"]["draws"]
    assert draw["tiers"][0]["picture"] == picture


def test_events_say_nothing_of_values_and_pictures() -> None:
    picture = PrizePicture(sha256="ab" * 32, text="A cake")
    shown = msgspec.structs.replace(VALUED, picture=picture)
    facts = rules_facts(definition(draws=(Draw(tiers=(shown,)),)), most_tickets=1)
    assert facts["draws"] == [{"tiers": [{"id": "main", "prize": "A cake", "winners": 2}]}]


def test_an_amendment_says_which_particulars_and_values_changed() -> None:
    before = definition(particulars=WHOLE)
    after = msgspec.structs.replace(
        before,
        particulars=msgspec.structs.replace(WHOLE, minimum_age=18),
        draws=(Draw(tiers=(msgspec.structs.replace(VALUED, winners=1),)),),
    )
    assert changes(before, after, EN) == [
        "Prize: A cake (4\u202f500.50\u00a0RUB) – 1 winner (before: A cake – 1 winner)",
        "Said now: Whoever takes part is at least 18 years old.",
        "Not said any more: Whoever takes part is at least 21 years old.",
    ]
    assert changes(before, after, RU)[1:] == [
        "Теперь сказано: Участник – не младше 18 лет.",
        "Больше не сказано: Участник – не младше 21 года.",
    ]
