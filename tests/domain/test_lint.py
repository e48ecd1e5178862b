"""Linters: every rule has a contest that it objects to and one that it does not, as data."""

import inspect
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
from hypothesis import given

from contest_service.domain.conditions import (
    Commented,
    Follows,
    Language,
    Reposted,
)
from contest_service.domain.lint.linting import Lint, lint
from contest_service.domain.lint.rules import FILES, LintRule, Severity, read_rules
from contest_service.domain.lint.said import asks_to_pay, names_day
from contest_service.domain.lint.venues import Subject, Venue
from contest_service.domain.rules import AllOf, AnyOf, Rule
from contest_service.flows import lint as flow
from domain.cases import definition, schedule
from domain.lint_cases import BAKERY, CASES, EN, RU, Case, at
from domain.presences import RULES as RULES_OF_ALL_KINDS

RULES = flow.known_rules()
FOLDER = Path(inspect.getfile(LintRule)).parent
OLDEST = timedelta(days=548)
"""18 months."""


def linted(case: Case, language: Language = EN, rules: tuple[LintRule, ...] = RULES) -> Lint:
    given = dict(case)
    subject = Subject(
        venues=frozenset(given.pop("venues", ())),
        texts=given.pop("texts", ()),
        is_amended=given.pop("is_amended", False),
        earlier=given.pop("earlier", ()),
        is_post_changed=given.pop("is_post_changed", False),
        definition=definition(**given),
    )
    return lint(subject, rules, language)


def test_every_rule_has_its_cases() -> None:
    assert set(CASES) == {rule.code for rule in RULES}


@pytest.mark.parametrize("code", CASES)
def test_a_rule_objects_where_it_should_and_nowhere_else(code: str) -> None:
    wrong, right = CASES[code]
    for language in Language:
        for case in wrong:
            said = [each for each in linted(case, language).remarks if each.code == code]
            assert said, case
            for text in (text for each in said for text in (each.what, each.why, each.way_out)):
                assert "{" not in text
                assert text.endswith((".", "”", "»")), text
    for case in right:
        assert code not in {remark.code for remark in linted(case).remarks}, case


def test_every_text_is_there_in_both_languages_and_in_its_own_letters() -> None:
    for rule in RULES:
        english, russian = (msgspec.structs.astuple(rule.words(each)) for each in Language)
        for said in english:
            assert not any("а" <= char <= "я" for char in said.lower()), said
        for said in russian:
            assert any("а" <= char <= "я" for char in said.lower()), said


def test_sources_are_addresses_and_only_our_own_reminders_have_none() -> None:
    for rule in RULES:
        if rule.code.startswith("contest."):
            assert rule.source == ""
        else:
            address = urlsplit(rule.source)
            assert (address.scheme, bool(address.netloc)) == ("https", True), rule.code


def test_no_rule_was_checked_long_before_the_newest_of_its_file() -> None:
    """Measured from the file's own newest day, so that time alone breaks nothing."""
    by_file = {name: read_rules([(FOLDER / name).read_bytes()]) for name in FILES}
    for name, rules in by_file.items():
        newest = max(rule.checked for rule in rules)
        stale = [rule.code for rule in rules if newest - rule.checked > OLDEST]
        assert not stale, f"{name}: read the sources of {stale} again"


def test_a_rule_is_asked_only_for_contests_within_its_days() -> None:
    rule = msgspec.structs.replace(
        next(each for each in RULES if each.code == "ru.delivery"),
        valid_from=date(2026, 5, 10),
        valid_until=date(2026, 6, 1),
    )
    opens, draws = schedule().opens_at, schedule().draw_at
    assert (opens.date(), draws.date()) == (date(2026, 5, 3), date(2026, 5, 10))
    for days, expected in ((-1, 0), (0, 1), (29, 1), (30, 0)):
        moved = schedule(
            opens_at=opens + timedelta(days=days),
            closes_at=schedule().closes_at + timedelta(days=days),
            draw_at=draws + timedelta(days=days),
        )
        found = linted({"particulars": BAKERY, "schedule": moved}, rules=(rule,))
        assert (found.rules, len(found.remarks)) == (expected, expected), days


def test_warnings_come_first_and_are_counted() -> None:
    found = linted({"particulars": at("RU", "US", "GB", address=""), "venues": {Venue.VK}})
    severities = [remark.severity for remark in found.remarks]
    assert severities == sorted(severities, key=list(Severity).index)
    assert found.warnings == severities.count(Severity.WARNING) > 0
    assert found.hints == severities.count(Severity.HINT) > 0
    assert "no legal advice" in found.notice
    assert "не юридическая консультация" in linted({}, RU).notice


def test_a_plain_contest_hears_only_that_its_countries_are_not_known() -> None:
    """The sample of the README, but for its words."""
    follows_or = AllOf((Follows(), AnyOf((Reposted(), Commented(mentions=1)))))
    for venue in (Venue.BLUESKY, Venue.VK):
        found = linted({"rules": follows_or, "venues": {venue}})
        assert [remark.code for remark in found.remarks] == ["contest.countries"]


@given(RULES_OF_ALL_KINDS)
def test_whatever_the_rules_are_remarks_point_into_the_definition(rules: Rule) -> None:
    everywhere = at("RU", "US", "GB", "DE", legal_name="", inn="")
    case = {"rules": rules, "venues": set(Venue), "is_amended": True, "particulars": everywhere}
    whole = msgspec.to_builtins(definition(rules=rules, particulars=everywhere))
    for remark in linted(case).remarks:
        place = whole
        for part in remark.at.split("/")[1:]:
            place = place[int(part)] if part.isdigit() else place[part]


@pytest.mark.parametrize(
    ("word", "words"),
    [("покупк", ""), ("не нужно ", ""), ("without a ", ""), ("чек", ""), ("оплата ", "оплата")],
)
def test_a_text_of_one_word_repeated_is_read_to_its_end(word: str, words: str) -> None:
    assert asks_to_pay(word * 3000) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Buy two mugs", "Buy"),
        ("Нужна покупка от 500 рублей", "покупка"),
        ("Сохраните чек", "чек"),
        ("No purchase necessary", ""),
        ("Entry is free, without any payment", ""),
        ("Покупка не нужна", ""),
        ("Ничего покупать не нужно", ""),
        ("Вам не нужно ничего покупать", ""),
        ("Чек-лист пекаря и подарок через PayPal", ""),
    ],
)
def test_words_about_paying_are_found_unless_they_are_taken_back(text: str, words: str) -> None:
    assert asks_to_pay(text) == words


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("Итоги 10 мая", True),
        ("Результаты 10.05 в 18:00", True),
        ("Winners on May 10th", True),
        ("10 May", True),
        ("2026-05-10", True),
        ("Итоги 11 мая", False),
        ("110.05 рублей", False),
        ("Скоро", False),
    ],
)
def test_the_day_of_the_draw_is_found_in_a_post(text: str, is_named: bool) -> None:
    assert names_day(text, schedule().draw_at, "Europe/Moscow") is is_named


GOOD = (FOLDER / "contest.toml").read_text()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('objection = "countries_unsaid"', 'objection = "dreams"', "nothing finds"),
        ("valid_from = 2000-01-01", "valid_from = 2000-01-01\nvalid_until = 1999-01-01", "ends"),
        ("valid_from = 2000-01-01", "valid_from = 2000-01-01\nsince = 1", "unknown field"),
        ('what = "The contest', 'what = "{prize} The contest', "unknown facts"),
        ("[rules.en]", '[rules.threshold]\namount = 1\ncurrency = "RUB"\n[rules.en]', "threshold"),
    ],
)
def test_data_with_a_defect_is_refused(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(ValueError, match=said):
        read_rules([GOOD.replace(old, new, 1).encode()])


def test_two_rules_with_one_code_are_refused() -> None:
    with pytest.raises(ValueError, match="same code"):
        read_rules([GOOD.encode(), GOOD.encode()])
