"""Contests that each rule of the linters objects to, and that it does not object to."""

from typing import Any

import msgspec

from contest_service.domain.amendments import Amendments
from contest_service.domain.conditions import (
    Commented,
    Entered,
    Follows,
    Language,
    Liked,
    NamedCommunity,
    Reposted,
    Unit,
)
from contest_service.domain.lint.venues import Venue
from contest_service.domain.money import Money
from contest_service.domain.particulars import Particulars, Taxes
from contest_service.domain.prizes import Draw, Tier
from contest_service.domain.rules import AllOf, AnyOf, Bonus, Rule, Tickets
from domain.cases import definition

EN, RU = Language.ENGLISH, Language.RUSSIAN
BAKERY = Particulars(
    legal_name="ООО «Пекарня»",
    inn="7707083893",
    address="Казань",
    countries=("RU",),
    privacy_notice="https://bakery.example/privacy",
)
CHANNEL = NamedCommunity(id="did:plc:channel", name="The channel")
Case = dict[str, Any]


def at(*countries: str, **particulars: Any) -> Particulars:
    return msgspec.structs.replace(BAKERY, countries=countries, **particulars)


def prizes(amount: int, currency: str, winners: int = 1) -> tuple[Draw, ...]:
    value = Money(amount=amount, currency=currency)
    return (Draw(tiers=(Tier(id="main", prize="A cake", winners=winners, value=value),)),)


def notes(*texts: str) -> dict[Language, tuple[str, ...]]:
    return {EN: texts}


def per(unit: Unit, most: int) -> Tickets:
    return Tickets(bonuses=(Bonus(rule=Commented(), tickets=1, per=unit, most=most),))


def prize(words: str) -> Case:
    draws = (Draw(tiers=(Tier(id="main", prize=words, winners=1),)),)
    return {"particulars": BAKERY, "draws": draws}


def changed(before: Rule, after: Rule) -> Case:
    """A change of the rules after which earlier entrants keep theirs."""
    kept = {"amendments": Amendments.AS_ENTERED}
    return kept | {"rules": after, "earlier": (definition(rules=before, **kept),)}


ALONG = "Участвуя в конкурсе, вы даёте согласие на обработку персональных данных."
VK, X = {"venues": {Venue.VK}}, {"venues": {Venue.X}}
CASES: dict[str, tuple[list[Case], list[Case]]] = {
    "contest.countries": ([{}, {"particulars": Particulars()}], [{"particulars": BAKERY}]),
    "vk.mentions": (
        [
            VK | {"rules": AllOf((Commented(mentions=2),))},
            VK | {"tickets": per(Unit.MENTION, 5)},
        ],
        [
            VK | {"rules": AllOf((Commented(mentions=1),))},
            {"venues": {Venue.BLUESKY}, "rules": AllOf((Commented(mentions=2),))},
        ],
    ),
    "vk.elsewhere": (
        [
            VK | {"rules": AllOf((Liked(), Follows(communities=(CHANNEL,))))},
            VK | {"rules": Entered()},
        ],
        [
            VK | {"rules": AllOf((Liked(), AnyOf((Follows(), Entered()))))},
            VK | {"rules": AnyOf((Liked(), Follows(communities=(CHANNEL,))))},
            {"rules": Entered()},
        ],
    ),
    "vk.amended": ([VK | {"is_amended": True}], [VK, {"is_amended": True}]),
    "vk.result-date": (
        [VK | {"texts": ("Лайк и репост, итоги скоро!",)}],
        [VK, VK | {"texts": ("Итоги 10 мая в 17:00",)}],
    ),
    "x.accounts": ([X], [X | {"notes": notes("Multiple accounts are not allowed.")}, VK]),
    "x.repeated": (
        [X | {"rules": AllOf((Commented(times=3),))}, X | {"tickets": per(Unit.COMMENT, 5)}],
        [X | {"rules": AllOf((Commented(),))}, VK | {"rules": AllOf((Commented(times=3),))}],
    ),
    "meta.release": (
        [{"venues": {Venue.INSTAGRAM}}, {"venues": {Venue.FACEBOOK}, "notes": notes("Instagram")}],
        [VK, {"venues": {Venue.INSTAGRAM}, "notes": notes("Instagram has no part in it.")}],
    ),
    "facebook.timelines": (
        [
            {"venues": {Venue.FACEBOOK}, "rules": AllOf((Reposted(),))},
            {"venues": {Venue.FACEBOOK}, "rules": AllOf((Commented(mentions=1),))},
        ],
        [{"venues": {Venue.FACEBOOK}}, VK | {"rules": AllOf((Reposted(),))}],
    ),
    "ru.organiser": (
        [{"particulars": at("RU", address="")}, {"particulars": at("RU", legal_name="")}],
        [{"particulars": BAKERY}, {"particulars": at("KZ", address="")}, {}],
    ),
    "ru.taxpayer": (
        [{"particulars": at("RU", inn="")}],
        [{"particulars": BAKERY}, {"particulars": at("RU", inn="", ogrn="1027700132195")}],
    ),
    "ru.delivery": (
        [{"particulars": BAKERY}],
        [
            {"particulars": BAKERY, "claim_within": 86400},
            {"particulars": BAKERY, "notes": {RU: ("Доставим по России до 1 июня.",)}},
        ],
    ),
    "ru.payment": (
        [
            {"particulars": BAKERY, "notes": {RU: ("Пришлите чек за покупку.",)}},
            {"particulars": BAKERY, "texts": ("Оплатите взнос 100 рублей",)},
        ],
        [
            {"particulars": BAKERY, "notes": {RU: ("Участие бесплатное, без покупки.",)}},
            {"particulars": BAKERY, "notes": {RU: ("Покупать ничего не нужно.",)}},
            {"notes": {RU: ("Пришлите чек.",)}},
        ],
    ),
    "ru.tax": (
        [{"particulars": BAKERY, "draws": prizes(400001, "RUB")}],
        [
            {"particulars": BAKERY, "draws": prizes(400000, "RUB", winners=9)},
            {"particulars": at("RU", taxes=Taxes.WINNER), "draws": prizes(400001, "RUB")},
            {"particulars": BAKERY, "draws": prizes(400001, "USD")},
            {"particulars": at("US"), "draws": prizes(400001, "RUB")},
        ],
    ),
    "ru.value": (
        [{"particulars": BAKERY}, {"particulars": BAKERY, "draws": prizes(1, "USD")}],
        [{"particulars": BAKERY, "draws": prizes(1, "RUB")}, {}],
    ),
    "us.payment": (
        [{"particulars": at("US"), "notes": notes("Buy a cake and send the receipt.")}],
        [
            {"particulars": at("US"), "notes": notes("No purchase necessary.")},
            {"particulars": at("US"), "notes": notes("You do not have to buy anything.")},
            {"notes": notes("Buy a cake.")},
        ],
    ),
    "us.no-purchase": (
        [{"particulars": at("US")}],
        [{"particulars": at("US"), "notes": notes("No purchase necessary.")}, {}],
    ),
    "us.value": (
        [{"particulars": at("US")}],
        [{"particulars": at("US"), "draws": prizes(1, "USD")}, {}],
    ),
    "us.florida": (
        [{"particulars": at("US"), "draws": prizes(250001, "USD", winners=2)}],
        [
            {"particulars": at("US"), "draws": prizes(250000, "USD", winners=2)},
            {"particulars": at("US"), "draws": prizes(10**9, "RUB")},
            {"draws": prizes(10**9, "USD")},
        ],
    ),
    "us.new-york": (
        [{"particulars": at("US"), "draws": prizes(500001, "USD")}],
        [{"particulars": at("US"), "draws": prizes(500000, "USD")}],
    ),
    "us.rhode-island": (
        [{"particulars": at("US"), "draws": prizes(50001, "USD")}],
        [{"particulars": at("US"), "draws": prizes(50000, "USD")}],
    ),
    "gb.promoter": (
        [{"particulars": at("GB", address="")}],
        [{"particulars": at("GB")}, {"particulars": at("RU", address="")}],
    ),
    "gb.winners": (
        [{"particulars": at("GB")}],
        [
            {"particulars": at("GB"), "naming": False},
            {"particulars": at("GB"), "notes": notes("Write to us to object to being named.")},
            {"particulars": at("RU")},
        ],
    ),
    "gb.amended": (
        [{"particulars": at("GB"), "is_amended": True}],
        [{"particulars": at("GB")}, {"particulars": at("US"), "is_amended": True}],
    ),
    "eu.privacy": (
        [
            {"particulars": at("DE", privacy_notice="")},
            {"particulars": at("GB", privacy_notice="")},
        ],
        [{"particulars": at("DE")}, {"particulars": at("US", privacy_notice="")}, {}],
    ),
    "ru.policy": (
        [{"particulars": at("RU", privacy_notice="")}],
        [{"particulars": BAKERY}, {"particulars": at("KZ", privacy_notice="")}],
    ),
    "ru.operator": ([{"particulars": at("RU", address="")}], [{"particulars": BAKERY}]),
    "ru.consent": (
        [{"particulars": BAKERY}],
        [
            {"particulars": BAKERY, "notes": notes("Winners consent to the use of their address.")},
            {"particulars": BAKERY, "texts": ("О персональных данных: bakery.example",)},
            {},
        ],
    ),
    "ru.consent-apart": (
        [
            {"particulars": BAKERY, "notes": {RU: (ALONG,)}},
            {"particulars": BAKERY, "texts": ("By entering you agree that we keep your data.",)},
        ],
        [
            {"particulars": BAKERY, "notes": {RU: ("Согласие на обработку данных отдельно.",)}},
            {"particulars": at("KZ"), "notes": {RU: (ALONG,)}},
        ],
    ),
    "ru.marking": (
        [
            {"particulars": BAKERY, "texts": ("Приз от нашего партнёра.",)},
            {"particulars": BAKERY, "texts": ("Спонсор – кофейня. Реклама.",)},
        ],
        [
            {"particulars": BAKERY, "texts": ("Спонсор – кофейня. Реклама. erid: 2Vtzq",)},
            {"particulars": BAKERY, "texts": ("Дарим наш торт",)},
            {"texts": ("Приз от нашего партнёра.",)},
        ],
    ),
    "ru.alcohol": (
        [prize("A bottle of wine"), prize("Бутылка вина")],
        [prize("Виноград"), prize("A window"), prize("Wine") | {"particulars": at("US")}],
    ),
    "ru.tobacco": ([prize("Кальян"), prize("A lighter")], [prize("Табуретка")]),
    "ru.medicine": ([prize("Таблетки от кашля")], [prize("Таблица умножения")]),
    "ru.age-mark": (
        [prize("Билет на концерт"), prize("A video game")],
        [prize("Билет на концерт, 12+"), prize("Торт"), {"particulars": BAKERY}],
    ),
    "ru.minors": (
        [{"particulars": BAKERY}, {"particulars": at("RU", minimum_age=14)}],
        [
            {"particulars": at("RU", minimum_age=18)},
            {"particulars": BAKERY, "notes": {RU: ("До 18 лет – с согласия родителей.",)}},
        ],
    ),
    "us.children": (
        [{"particulars": at("US")}, {"particulars": at("US", minimum_age=12)}],
        [
            {"particulars": at("US", minimum_age=13)},
            {"particulars": at("US"), "notes": notes("A parent enters for a child.")},
        ],
    ),
    "vk.age": (
        [VK | {"particulars": at("RU", minimum_age=13)}],
        [VK, VK | {"particulars": at("RU", minimum_age=14)}],
    ),
    "bluesky.age": (
        [{"venues": {Venue.BLUESKY}, "particulars": at("US", minimum_age=12)}],
        [{"venues": {Venue.BLUESKY}}, VK | {"particulars": at("US", minimum_age=12)}],
    ),
    "x.age": ([X | {"particulars": at("US", minimum_age=12)}], [X]),
    "meta.age": (
        [{"venues": {Venue.FACEBOOK}, "particulars": at("US", minimum_age=12)}],
        [{"venues": {Venue.INSTAGRAM}, "particulars": at("US", minimum_age=13)}],
    ),
    "contest.loosened": (
        [
            changed(AllOf((Liked(), Reposted())), Liked()),
            changed(Liked(), AnyOf((Liked(), Reposted()))),
            changed(Commented(times=2), Commented(times=1)),
        ],
        [
            changed(Liked(), AllOf((Liked(), Reposted()))),
            changed(AllOf((Liked(), Reposted())), AllOf((Reposted(), Liked()))),
            changed(AllOf((Liked(), Reposted())), Liked()) | {"amendments": Amendments.NEWEST},
        ],
    ),
    "contest.tightened": (
        [changed(Liked(), AllOf((Liked(), Reposted())))],
        [changed(AllOf((Liked(), Reposted())), Liked()), {"amendments": Amendments.AS_ENTERED}],
    ),
    "contest.chances": (
        [changed(Liked(), Liked()) | {"tickets": per(Unit.COMMENT, 5)}],
        [
            changed(Liked(), Liked()),
            changed(Liked(), Liked())
            | {"tickets": per(Unit.COMMENT, 5), "amendments": Amendments.NEWEST},
        ],
    ),
    "contest.post-changed": ([{"is_post_changed": True}], [{}]),
}
