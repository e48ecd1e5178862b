"""Comments: spellings of a hashtag, and what may not be asked for."""

import pytest

from contest_service.domain.case import Verdict
from contest_service.domain.conditions import Commented
from contest_service.domain.evidence import Action
from domain.cases import case, did


@pytest.mark.parametrize(
    ("asked", "tag"),
    [
        ("Straße", "straße"),
        ("STRASSE", "straße"),
        ("Чай", "чаи\u0306"),
        ("чаи\u0306", "чай"),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_spellings_of_a_hashtag_that_look_the_same_are_the_same(asked: str, tag: str) -> None:
    condition = Commented(hashtag=asked)
    assert condition.faults() == []
    assert condition.judge(case(did(Action.COMMENT, tags=[tag]))).verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("condition", "pointers"),
    [
        (Commented(), []),
        (Commented(times=100, words=1000, hashtag="a" * 64, mentions=20), []),
        (Commented(times=0, words=-1, mentions=-1), ["/times", "/words", "/mentions"]),
        (Commented(times=101, words=1001, mentions=21), ["/times", "/words", "/mentions"]),
        (Commented(hashtag="#cake"), ["/hashtag"]),
        (Commented(hashtag="two words"), ["/hashtag"]),
        (Commented(hashtag="a" * 65), ["/hashtag"]),
        (Commented(hashtag="\ud800"), ["/hashtag"]),
        (Commented(hashtag="a\0"), ["/hashtag"]),
        (Commented(times=2, posts=2, contains=("торт",), equals=("да",), number=0), []),
        (Commented(posts=2), ["/posts"]),
        (Commented(times=2, every=True), []),
        (Commented(times=2, posts=2, every=True), ["/every"]),
        (Commented(times=30, posts=21), ["/posts"]),
        (Commented(contains=("", "!!!", "x" * 101)), [f"/contains/{n}" for n in (0, 2, 1)]),
        (Commented(equals=("да",) * 21), ["/equals"]),
        (Commented(number=-1), ["/number"]),
        (Commented(uncommon=True), ["/uncommon"]),
    ],
)
def test_parameters_out_of_bounds_are_all_named(condition: Commented, pointers: list[str]) -> None:
    assert [fault.pointer for fault in condition.faults()] == pointers
