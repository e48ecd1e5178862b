"""Fraud signals: what each says of an account, by itself and beside others, and how they add up."""

import math
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.townsfolk import number_at
from contest_service.domain.accounts import Platform
from contest_service.domain.conditions import Language
from contest_service.domain.signals import scores, vk_ids
from contest_service.domain.signals.account import age_in_days
from contest_service.domain.signals.base import Signal, Surroundings, Trace
from contest_service.domain.signals.chances import rarity
from contest_service.domain.signals.groups import Coming, find_groups
from contest_service.domain.signals.neighbours import Neighbourhood
from contest_service.domain.signals.paces import Burst, find_bursts

DAY = 86400
OPENS_AT = 1_793_000_000
NOBODY = Surroundings(
    opens_at=OPENS_AT, offered=0, bursts={}, neighbourhood=Neighbourhood(()), groups={}
)


def trace(**known: Any) -> Trace:
    """An account on VK of which nothing stands out: an old one, with a full profile."""
    usual = {
        "platform": Platform.VK,
        "account": "15000000",
        "has_picture": True,
        "followers": 150,
        "is_closed": False,
        "has_city": True,
        "has_birthday": True,
    }
    return Trace(**{**usual, **known})


def strength(name: str, of: Trace, around: Surroundings = NOBODY) -> int:
    sign = scores.BY_NAME[name].read(of, around)
    return 0 if sign is None else sign.strength


def around(**known: Any) -> Surroundings:
    return msgspec.structs.replace(NOBODY, **known)


@pytest.mark.parametrize(
    ("days", "expected"), [(0, 100), (7, 100), (63, 50), (119, 1), (120, 0), (4000, 0)]
)
def test_an_account_is_new_for_four_months(days: int, expected: int) -> None:
    made = trace(created_at=OPENS_AT - days * DAY)
    assert strength("account_age", made) == expected


def test_an_id_tells_an_age_that_is_not_sure() -> None:
    newest = trace(account=str(number_at(OPENS_AT - 3 * DAY)))
    assert strength("account_age", newest) == 75
    assert strength("account_age", trace(account="did:plc:abc", platform=Platform.BLUESKY)) == 0
    later = trace(account=str(number_at(OPENS_AT + 30 * DAY)))
    assert age_in_days(later, OPENS_AT) == (0, True)


def test_points_of_ids_ascend_and_each_names_its_source() -> None:
    for one, next_ in zip(vk_ids.POINTS, vk_ids.POINTS[1:], strict=False):
        assert one.number < next_.number
        assert one.day < next_.day <= vk_ids.READ_ON
    assert all(point.source for point in vk_ids.POINTS)
    for point, at in zip(vk_ids.POINTS, vk_ids._TIMES, strict=True):
        assert abs(vk_ids.created_at(point.number) - at) <= 1


@given(st.integers(1, 2_000_000_000))
def test_a_later_id_is_never_older(number: int) -> None:
    assert vk_ids.created_at(number) <= vk_ids.created_at(number + 1000)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"has_picture": False, "followers": 0, "has_city": False, "has_birthday": False}, 100),
        ({"has_picture": False}, 45),
        ({"followers": 9}, 25),
        ({"followers": 10}, 0),
        ({"has_picture": None, "followers": None}, 0),
        ({"has_city": False, "has_birthday": False}, 0),
        ({"has_picture": False, "has_city": False, "has_birthday": False, "is_closed": True}, 45),
        ({"is_read": False, "has_picture": False}, 0),
    ],
)
def test_a_profile_is_empty_by_what_is_known_of_it(known: dict[str, Any], expected: int) -> None:
    assert strength("empty_profile", trace(**known)) == expected


def test_ids_in_a_row_stand_out_and_spread_ones_do_not() -> None:
    honest = [97_003 * number for number in range(1, 10_000)]
    farm = [800_000_000 + 3 * number for number in range(100)]
    near = Neighbourhood([*honest, *farm])
    assert strength("adjacent_ids", trace(account=str(farm[50])), around(neighbourhood=near)) == 100
    assert strength("adjacent_ids", trace(account=str(honest[50])), around(neighbourhood=near)) == 0
    crowded = Neighbourhood(range(1000, 21_000))
    assert not strength("adjacent_ids", trace(account="9000"), around(neighbourhood=crowded))


def test_a_burst_is_what_comes_and_goes_within_minutes() -> None:
    calm = {(1, minute): 3 for minute in range(1000)}
    bots = calm | {(1, 500): 60, (1, 501): 60}
    found = find_bursts(bots, until=1000)
    assert found == {(1, 500): Burst(count=60, usual=3), (1, 501): Burst(count=60, usual=3)}
    said = around(bursts=found)
    assert strength("burst", trace(places=(1,), minutes=(500,)), said) == 95
    assert strength("burst", trace(places=(1, 2), minutes=(400, 500)), said) == 0


def test_an_honest_crowd_comes_at_once_and_goes_slowly() -> None:
    counts = {(1, minute): 3 for minute in range(1000)}
    for minute in range(500, 620):  # a large page names the contest
        counts[1, minute] += round(120 * math.exp(-(minute - 500) / 25))
    assert find_bursts(counts, until=1000) == {}


def test_of_the_last_half_hour_nothing_is_said() -> None:
    counts = {(1, minute): 3 for minute in range(1000)} | {(1, 980): 90}
    assert find_bursts(counts, until=1000) == {}


def test_a_group_comes_together_and_regulars_do_not() -> None:
    regulars = [
        Coming(f"r{number}", contest, sha256(b"%d %d" % (number, contest)).digest()[0] % 97)
        for number in range(3000)
        for contest in (1, 2, 3)
    ]
    group = [Coming(f"g{number}", contest, 40) for number in range(20) for contest in (1, 2, 3)]
    found = find_groups([*regulars, *group])
    assert {f"g{number}" for number in range(20)} <= found.keys()
    assert min(found[f"g{number}"].rare for number in range(20)) > 6
    told = around(groups=found)
    assert strength("same_pattern", trace(account="g1"), told) == 100
    assert (
        sum(bool(strength("same_pattern", trace(account=f"r{n}"), told)) for n in range(3000)) < 9
    )


@pytest.mark.parametrize(
    ("reposted", "offered", "expected"),
    [(2, 2, 0), (3, 4, 75), (4, 5, 100), (4, 20, 27), (0, 9, 0)],
)
def test_whoever_reposts_every_contest_stands_out(
    reposted: int, offered: int, expected: int
) -> None:
    hunter = trace(reposted=reposted)
    assert strength("contest_reposts", hunter, around(offered=offered)) == expected


@pytest.mark.parametrize(
    ("words", "accounts", "expected"), [(12, 5, 100), (40, 90, 100), (8, 5, 67), (12, 2, 25)]
)
def test_a_long_text_of_many_is_copied(words: int, accounts: int, expected: int) -> None:
    copier = trace(copies=1, copied_words=words, copied_by=accounts)
    assert strength("copied_comments", copier) == expected


def test_leaving_once_is_a_weak_sign() -> None:
    assert [strength("joined_and_left", trace(left=left)) for left in range(5)] == [
        0, 40, 75, 100, 100,
    ]  # fmt: skip


@given(st.integers(0, 400), st.floats(0.001, 300))
def test_a_rarity_is_a_bound_of_the_true_chance(count: int, expected: float) -> None:
    below = sum(
        math.exp(-expected + k * math.log(expected) - math.lgamma(k + 1)) for k in range(count)
    )
    true = -math.log10(max(1 - below, 1e-12))
    assert rarity(count, expected) <= true + 1e-6 or true > 11


STRENGTHS = st.lists(st.integers(0, 100), min_size=8, max_size=8)


@given(STRENGTHS, st.integers(0, 7), STRENGTHS)
def test_a_score_never_falls_by_one_more_signal(
    strengths: list[int], place: int, weights: list[int]
) -> None:
    without = [each if at != place else 0 for at, each in enumerate(strengths)]
    low, high = (scores.score(each, weights) for each in (without, strengths))
    assert 0 <= low <= high <= 100


def test_one_signal_alone_gives_its_weight_and_no_weight_leaves_it_out() -> None:
    for place, signal in enumerate(scores.SIGNALS):
        alone = [100 if at == place else 0 for at in range(len(scores.SIGNALS))]
        assert scores.score(alone, scores.in_order({})) == signal.weight
        assert scores.score(alone, scores.in_order({signal.name: 0})) == 0


def test_faults_of_weights_name_what_there_is() -> None:
    faults = scores.weight_faults({"bots": 5, "burst": 101, "account_age": 0}, "/weights")
    assert [fault.pointer for fault in faults] == ["/weights/bots", "/weights/burst"]
    assert "account_age" in faults[0].detail


FACTS: dict[str, list[dict[str, int]]] = {
    "account_age": [{"days": days, "estimate": guess} for days in (0, 1, 2, 5) for guess in (0, 1)],
    "empty_profile": [{"picture": 1, "followers": 1, "city": 1, "birthday": 1}, {"followers": 0}],
    "adjacent_ids": [{"others": others, "reach": 1000} for others in (4, 21, 22)],
    "contest_reposts": [{"reposted": 3, "offered": offered} for offered in (3, 21)],
    "copied_comments": [{"copies": n, "words": 8 + n, "accounts": 1 + n} for n in (1, 2, 5, 20)],
    "burst": [{"count": count, "usual": usual, "at": 0} for count in (22, 30) for usual in (0, 1)],
    "same_pattern": [{"size": size, "contests": size} for size in (4, 22)],
    "joined_and_left": [{"left": left} for left in (1, 2, 5)],
}


@pytest.mark.parametrize("signal", scores.SIGNALS, ids=lambda signal: signal.name)
def test_every_signal_is_said_in_both_languages(signal: Signal) -> None:
    for facts in FACTS[signal.name]:
        en, ru = (signal.say(facts, language) for language in Language)
        assert en.endswith(".")
        assert ru.endswith(".")
        assert en.isascii() or "\u202f" in en
        assert any("а" <= letter <= "я" for letter in ru)
        assert "{" not in en + ru
    assert len({signal.title(language) for language in Language}) == 2


def test_plurals_are_those_of_the_language() -> None:
    left = scores.BY_NAME["joined_and_left"]
    said = [left.say({"left": n}, Language.RUSSIAN)[:8] for n in (1, 2, 5, 21)]
    assert [each.split()[1] for each in said] == ["раз", "раза", "раз", "раз"]
    reposts = scores.BY_NAME["contest_reposts"]
    assert "из 21 другого вашего конкурса" in reposts.say(
        {"reposted": 4, "offered": 21}, Language.RUSSIAN
    )
    assert "1 other contest " in reposts.say({"reposted": 1, "offered": 1}, Language.ENGLISH)
