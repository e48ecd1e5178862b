"""The terms: their shape, their limits, and what they promise in words."""

import re
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from contest_service.domain.conditions import (
    AccountAge,
    Commented,
    Follows,
    Language,
    Liked,
    NamedCommunity,
    NotListed,
    Quoted,
    Reposted,
    Unit,
    When,
)
from contest_service.domain.contest import MOST_CLAIM, Definition, definition_faults
from contest_service.domain.money import MOST_AMOUNT, Money
from contest_service.domain.particulars import Particulars
from contest_service.domain.prizes import MOST_TIERS, MOST_WINNERS, Draw, PrizePicture, Tier
from contest_service.domain.reasons import MEANINGS, PersonReason, SystemReason, meaning
from contest_service.domain.rules import (
    DEEPEST,
    MOST_BONUSES,
    AllOf,
    AnyOf,
    AtLeast,
    Bonus,
    Rule,
    Tickets,
    Unverified,
)
from contest_service.domain.terms import VerifierFile, reason_faults, rules_facts, terms_object
from contest_service.proof import canonical
from contest_service.proof.beacon import QUICKNET
from contest_service.proof.events import Rules, longest_result
from domain.cases import NOON, definition, post, schedule
from domain.presences import RULES

LINK = "https://contests.example/c/0198f1d2-7c1a-7000-8000-000000000001"
LIST = "0198f1d2-7c1a-7000-8000-00000000000a"
EN, RU = Language.ENGLISH, Language.RUSSIAN
CAKE = "🎂"


def terms(subject: Definition | None = None, **changes: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "contest": "c1",
        "version": 1,
        "reason": "",
        "posts": [post()],
        "verifiers": [],
        "practice": False,
        "round_": 35_123_456,
        "link": LINK,
    }
    return terms_object(subject or definition(), **(facts | changes))


def said(language: Language, subject: Definition | None = None, **changes: Any) -> str:
    return "\n".join(terms(subject, **changes)["texts"][language.value])


def test_terms_have_exactly_the_keys_of_the_protocol() -> None:
    built = terms()
    assert set(built) == {
        "v",
        "contest",
        "version",
        "reason",
        "rules",
        "schedule",
        "zone",
        "texts",
        "verifiers",
    }
    opens = int(NOON.timestamp())
    week = 7 * 86400
    assert built["schedule"] == {
        "opens_at": opens,
        "closes_at": opens + week,
        "freeze_at": opens + week + (7200 - 600) // 2,
        "draw_at": opens + week + 7200,
    }
    assert (built["v"], built["version"], built["zone"]) == ("drawproof/1", 1, "Europe/Moscow")
    assert set(built["texts"]) == {"en", "ru"}


def test_verifiers_stand_in_the_order_of_their_names() -> None:
    files = [VerifierFile(name=name, sha256="0" * 64) for name in ("verify.py", "verify.html")]
    assert [file["name"] for file in terms(verifiers=files)["verifiers"]] == [
        "verify.html",
        "verify.py",
    ]


def test_machine_rules_name_kind_version_and_every_parameter() -> None:
    rules = AllOf((Commented(times=2), AtLeast(1, (Liked(), AccountAge(days=3)))))
    bonus = Bonus(rule=Quoted(), tickets=4)
    built = terms(definition(rules=rules, tickets=Tickets(bonuses=(bonus,), cap=9)))["rules"]
    comment = {
        "kind": "commented",
        "version": 1,
        "times": 2,
        "words": 0,
        "hashtag": "",
        "mentions": 0,
    }
    assert built["conditions"] == {
        "kind": "all_of",
        "of": [
            comment,
            {
                "kind": "at_least",
                "n": 1,
                "of": [
                    {"kind": "liked", "version": 1},
                    {"kind": "account_age", "version": 1, "days": 3},
                ],
            },
        ],
    }
    assert built["tickets"] == {
        "base": 1,
        "bonuses": [{"rule": {"kind": "quoted", "version": 1}, "tickets": 4}],
        "cap": 9,
    }
    assert built["posts"][0] == {
        "platform": "bluesky",
        "instance": "",
        "ref": "at://did:plc:community/app.bsky.feed.post/1",
        "pin": "bafy1",
        "url": "https://bsky.app/profile/bakery.example/post/1",
    }


def test_machine_rules_name_what_came_later_only_where_it_says_more() -> None:
    bakery = NamedCommunity(id="did:plc:community", name="Bakery")
    rules = AllOf((Liked(moment=When.ONCE), Follows(communities=(bakery,)), Commented(number=7)))
    bonus = Bonus(rule=Liked(), tickets=1, per=Unit.POST, most=3)
    built = terms(definition(rules=rules, tickets=Tickets(bonuses=(bonus,))))["rules"]
    comment = {"times": 1, "words": 0, "hashtag": "", "mentions": 0, "number": 7}
    named = ({"id": "did:plc:community", "name": "Bakery"},)
    assert built["conditions"]["of"] == [
        {"kind": "liked", "version": 1, "moment": "once"},
        {"kind": "follows", "version": 1, "communities": named},
        {"kind": "commented", "version": 1, **comment},
    ]
    like = {"kind": "liked", "version": 1}
    assert built["tickets"]["bonuses"] == [{"rule": like, "tickets": 1, "per": "post", "most": 3}]


@given(rules=RULES)
@settings(max_examples=40)
def test_terms_of_any_rules_are_within_the_strict_profile(rules: Rule) -> None:
    bonus = Bonus(rule=rules, tickets=2)
    built = terms(definition(rules=rules, tickets=Tickets(bonuses=(bonus,))))
    assert canonical.decode(canonical.encode(built)) == built


def test_machines_read_how_winners_can_be_replaced() -> None:
    built = terms(definition(claim_within=3 * 86400))["rules"]
    assert built["claim_within"] == 3 * 86400
    assert built["disqualification"] == {
        "reasons": [reason.value for reason in PersonReason],
        "delay": 86400,
    }
    assert terms(practice=True)["rules"]["disqualification"]["delay"] == 60
    assert "claim_within" not in terms()["rules"]


def test_every_reason_means_something_in_every_language() -> None:
    codes = {*PersonReason, *SystemReason}
    assert set(MEANINGS) == codes
    assert all(set(words) == set(Language) for words in MEANINGS.values())
    assert all(re.fullmatch("[a-z][a-z0-9-]{0,39}", code) for code in codes)
    assert meaning("house-rule-7", RU) == "house-rule-7"


def largest() -> Definition:
    """A definition in which everything is as long as it may be."""
    named = NotListed(list_id=LIST, name=CAKE * 200)
    deep: Rule = AllOf((named,) * 49 + (Liked(),))
    for _ in range(DEEPEST - 2):
        deep = AnyOf((deep,))
    bonuses = (
        Bonus(rule=AllOf((named,) * 31), tickets=1),
        *[Bonus(rule=named, tickets=1)] * (MOST_BONUSES - 1),
    )
    tiers = tuple(
        Tier(
            id=f"{n:064}",
            prize=CAKE * 80,
            winners=MOST_WINNERS // MOST_TIERS,
            value=Money(amount=MOST_AMOUNT, currency="RUB"),
            picture=PrizePicture(sha256="ab" * 32, text=CAKE),
        )
        for n in range(MOST_TIERS)
    )
    return definition(
        title=CAKE * 200,
        organiser=CAKE * 200,
        rules=deep,
        draws=(Draw(tiers=tiers),),
        tickets=Tickets(bonuses=bonuses),
        notes={EN: ("я" * 2000,) * 32, RU: ("я" * 2000,) * 33},
        recheck_winners=True,
        claim_within=MOST_CLAIM,
        particulars=Particulars(
            legal_name=CAKE * 200,
            address=CAKE * 300,
            site="https://a." + CAKE * 290,
            countries=tuple(f"{a}{b}" for a in "ABC" for b in "ABCDEFGHIJKLMNOPQRST"),
            privacy_notice="https://a." + CAKE * 290,
        ),
    )


def test_the_largest_definition_fits_into_terms_and_events() -> None:
    subject = largest()
    assert definition_faults(subject, practice=False) == []
    posts = [msgspec.structs.replace(post(n), url="https://" + "a" * 2000) for n in range(20)]
    other = definition(notes={EN: ("ю" * 2000,) * 32, RU: ("ю" * 2000,) * 33})
    built = terms(subject, posts=posts, version=2, reason=CAKE * 1000, before=other)
    assert len(canonical.encode(built)) <= 1 << 20
    body = {**rules_facts(subject, most_tickets=100), "beacon": QUICKNET, "terms_sha256": "0" * 64}
    rules = msgspec.convert(body, Rules)
    assert len(canonical.encode(rules)) <= 1 << 19
    assert longest_result("c" * 36, rules) <= canonical.MAX_LINE


def test_the_event_repeats_what_the_terms_say() -> None:
    subject = definition(tickets=Tickets(base=2, bonuses=(Bonus(rule=Quoted(), tickets=3),)))
    facts, promised = rules_facts(subject, most_tickets=5), terms(subject)
    for field in ("opens_at", "closes_at", "draw_at"):
        assert facts[field] == promised["schedule"][field]
    assert facts["draws"] == promised["rules"]["draws"]
    assert (facts["max_weight"], facts["min_lead"]) == (5, 600)
    assert (facts["title"], facts["organiser"]) == ("Spring cakes", "Corner Bakery")


PROMISES: list[tuple[dict[str, Any], str, str]] = [
    ({}, "Spring cakes", "Spring cakes"),
    ({}, "Organiser: Corner Bakery", "Организатор: Corner Bakery"),
    ({}, "– Like the contest post", "– Поставьте лайк записи конкурса"),
    ({}, post().url, post().url),
    ({}, "3 May 2026, 15:00 UTC+03:00 (Europe/Moscow)", "3 мая 2026, 15:00 UTC+03:00"),
    ({}, "10 May 2026, 17:00 UTC+03:00", "10 мая 2026, 17:00 UTC+03:00 (Europe/Moscow)"),
    (
        {},
        "An action without a platform time that is first seen by the closing scan counts.",
        "Действие без времени площадки, впервые увиденное закрывающим чтением, засчитывается.",
    ),
    ({}, "Round 35123456 of the public beacon drand quicknet", "Раунд 35123456 публичного маяка"),
    ({}, "At least 10 minutes before the draw", "не позднее чем за 10 минут до розыгрыша"),
    ({}, f"Anyone can check the list and the draw: {LINK}", f"может каждый: {LINK}"),
    ({}, "– A cake: 1 winner", "– A cake: 1 победитель"),
    ({}, "agrees to be named in public", "вас назовут публично"),
    ({"naming": False}, "by the number of their entry", "по номеру участника"),
    ({}, "the account does not enter the draw", "аккаунт не участвует в розыгрыше"),
    ({"unverified": Unverified.ADMIT}, "does not keep anybody out", "не мешает участию"),
    ({"coverage": 75}, "less than 75 %", "меньше 75 %"),
    ({"recheck_winners": True}, "checked once more after the draw", "проверяют ещё раз"),
    ({"rules": Liked(moment=When.DRAW)}, "for what has to hold still", "выполнено и тогда"),
    ({"rules": Liked(moment=When.ONCE)}, "counts if it was seen once", "хоть раз увидели"),
    ({"rules": Liked(moment=When.WHOLE_TIME)}, "gone for a while", "не показали перерыва"),
    ({"rules": Follows(moment=When.WHOLE_TIME)}, "on the first list", "в первом списке"),
    ({"recheck_winners": True}, "takes over a prize later is checked", "позже, проверят так же"),
    ({"claim_within": 259200}, "the prize within 3 days of", "не позже чем через 3 дня после"),
    ({"claim_within": 3600}, "the prize within 1 hour of", "не позже чем через 1 час после"),
    (
        {},
        "could not be reached (unreachable); ",
        "связаться не удалось (unreachable); ",
    ),
    ({}, "Two persons have to agree", "Решение принимают двое"),
    ({}, "shown in public and takes effect 1 day later", "вступает в силу через 1 день"),
    ({"tickets": Tickets(base=2)}, "holds 2 tickets.", "получает 2 билета."),
    (
        {"tickets": Tickets(bonuses=(Bonus(rule=Reposted(), tickets=5),))},
        "+5 tickets: Repost the contest post",
        "+5 билетов: Сделайте репост",
    ),
    (
        {"rules": AllOf((Commented(mentions=1, words=2),))},
        "Mentions of yourself and of the organiser's accounts do not count.",
        "Отметки самого себя и аккаунтов организатора не считаются.",
    ),
    (
        {"rules": AllOf((Liked(), Follows()))},
        "It does not matter when you began to follow",
        "Когда вы подписались, неважно",
    ),
    ({"notes": {EN: ("No alcohol.",), RU: ("Без алкоголя.",)}}, "No alcohol.", "Без алкоголя."),
]


@pytest.mark.parametrize(("changes", "en", "ru"), PROMISES)
def test_a_promise_is_made_in_both_languages(changes: dict[str, Any], en: str, ru: str) -> None:
    subject = definition(**changes)
    assert en in said(EN, subject)
    assert ru in said(RU, subject)


def test_what_does_not_apply_is_not_said() -> None:
    plain = said(EN, definition(coverage=0))
    for absent in (
        "PRACTICE",
        "Mentions",
        "A word is",
        "follow",
        "own counters",
        "once more after",
        "takes over a prize later",
        "has to claim",
    ):
        assert absent not in plain


def test_both_languages_promise_equally_much() -> None:
    subject = largest()
    texts = terms(msgspec.structs.replace(subject, notes={}), practice=True)["texts"]
    assert len(texts["en"]) == len(texts["ru"])


def test_practice_says_first_that_it_proves_nothing() -> None:
    built = terms(practice=True)
    assert built["texts"]["en"][0].startswith("PRACTICE")
    assert built["texts"]["ru"][0].startswith("ТРЕНИРОВКА")
    assert "drand" not in said(EN, practice=True)


def test_an_amendment_says_why_and_the_notes_come_last() -> None:
    subject = definition(notes={EN: ("A note.",)})
    built = terms(subject, version=3, reason="The close moves by a day.")
    assert built["reason"] == "The close moves by a day."
    english = built["texts"]["en"]
    assert "Version 3 of these rules. What changed, and why:" in english
    assert "The close moves by a day." in english
    assert english[-1] == "A note."
    assert built["texts"]["ru"][-1] != "A note."


def test_several_posts_and_draws_are_said_to_be_several() -> None:
    tiers = (Tier(id="main", prize="A cake", winners=21),)
    subject = definition(draws=(Draw(tiers=tiers), Draw(tiers=tiers)))
    text = said(RU, subject, posts=[post(1), post(2)])
    assert "любой из этих записей" in text
    assert "Розыгрыш 2:\n– A cake: 21 победитель" in text


def test_clocks_that_change_during_a_contest_show_in_its_times() -> None:
    opens_at = NOON.replace(month=3, day=27)
    times = schedule(
        opens_at=opens_at,
        closes_at=opens_at + timedelta(days=7),
        draw_at=opens_at + timedelta(days=8),
        zone="Europe/Berlin",
    )
    text = said(EN, definition(schedule=times))
    assert "27 March 2026, 13:00 UTC+01:00" in text
    assert "3 April 2026, 14:00 UTC+02:00" in text


@pytest.mark.parametrize(
    ("reason", "fine"),
    [
        ("The venue burnt down.", True),
        ("Two\nlines.", True),
        ("", False),
        (" ", False),
        ("a\0", False),
    ],
)
def test_an_amendment_needs_a_reason_that_can_be_printed(reason: str, fine: bool) -> None:
    assert (reason_faults(reason) == []) is fine
