"""Comments: how many, how long, with which hashtag, naming whom."""

import pytest

from contest_service.domain.accounts import Standing
from contest_service.domain.case import Presence, Verdict
from contest_service.domain.conditions import Commented
from contest_service.domain.evidence import Action
from domain.cases import COMMUNITY, EVERYTHING, ME, Row, case, did

HOLDS, FAILS, UNKNOWN, WITHDRAWN = (
    Verdict.HOLDS,
    Verdict.FAILS,
    Verdict.UNKNOWN,
    Verdict.WITHDRAWN,
)
ANNA, IVAN, OLGA = "did:plc:anna", "did:plc:ivan", "did:plc:olga"
UNREAD = EVERYTHING - {Action.COMMENT}


def said(number: int = 1, **how: object) -> Presence:
    return did(Action.COMMENT, **{"at": 1500, "ref": f"at://comment/{number}", **how})  # type: ignore[arg-type]


def gone(number: int = 1, **how: object) -> Presence:
    return said(number, **{"withdrawn": 1700, **how})


ONE = [
    Row("one", case(said()), HOLDS, "seen"),
    Row("at the very close", case(said(at=2000, seen=2060)), HOLDS, "seen"),
    Row("too late", case(said(at=2001, seen=2060)), FAILS, "outside_contest_time"),
    Row("too early", case(said(at=999, seen=999)), FAILS, "outside_contest_time"),
    Row("none", case(), FAILS, "not_seen"),
    Row("deleted", case(gone()), WITHDRAWN, "undone"),
    Row("deleted and written anew", case(gone(), said(2, at=1800)), HOLDS, "seen"),
    Row("deleted, anew too late", case(gone(), said(2, at=2001, seen=2060)), WITHDRAWN, "undone"),
    Row("not read yet", case(complete=UNREAD), UNKNOWN, "not_read_yet"),
    Row("blocks us", case(said(hidden=1700), standing=Standing.BLOCKS_US), UNKNOWN, "blocks_us"),
    Row("hidden when last read", case(said(hidden=1700)), UNKNOWN, "was_hidden"),
]
TWO = [
    Row("two", case(said(1), said(2)), HOLDS, "seen"),
    Row("one", case(said(1)), FAILS, "too_few_comments"),
    Row("one deleted of two", case(said(1), gone(2)), WITHDRAWN, "undone"),
    Row("both deleted", case(gone(1), gone(2)), WITHDRAWN, "undone"),
    Row("one deleted of one", case(gone(1)), FAILS, "too_few_comments"),
    Row(
        "the same one, gone for a while",
        case(gone(1), said(1, seen=1900)),
        FAILS,
        "too_few_comments",
    ),
    Row(
        "one in time, one late",
        case(said(1), said(2, at=2100, seen=2060)),
        FAILS,
        "too_few_comments",
    ),
    Row("one hidden of two", case(said(1), said(2, hidden=1700)), UNKNOWN, "was_hidden"),
    Row("one, the rest unread", case(said(1), complete=UNREAD), UNKNOWN, "not_read_yet"),
    Row(
        "one seen, now blocks us", case(said(1), standing=Standing.BLOCKS_US), UNKNOWN, "blocks_us"
    ),
]
LONG = [
    Row("just enough", case(said(text="what a cake")), HOLDS, "seen"),
    Row("one word short", case(said(text="nice cake")), FAILS, "comment_does_not_fit"),
    Row("signs are no words", case(said(text="nice – 🎂 !!! cake")), FAILS, "comment_does_not_fit"),
    Row("any white space", case(said(text=" what\n\ta\u00a0cake ")), HOLDS, "seen"),
    Row("Russian", case(said(text="какой вкусный торт")), HOLDS, "seen"),
    Row("no text", case(said(text="")), FAILS, "comment_does_not_fit"),
    Row(
        "short there, long deleted",
        case(said(1, text="nice"), gone(2, text="what a cake")),
        WITHDRAWN,
        "undone",
    ),
    Row(
        "long there, short deleted",
        case(said(1, text="what a cake"), gone(2, text="nice")),
        HOLDS,
        "seen",
    ),
    Row(
        "short there, long was late",
        case(said(1, text="nice"), said(2, at=2001, text="what a cake")),
        FAILS,
        "comment_does_not_fit",
    ),
    Row(
        "short there, long hidden",
        case(said(1, text="nice"), said(2, text="what a cake", hidden=1700)),
        UNKNOWN,
        "was_hidden",
    ),
    Row("short deleted", case(gone(text="nice")), FAILS, "comment_does_not_fit"),
]
TAGGED = [
    Row("tagged", case(said(tags=["торт"])), HOLDS, "seen"),
    Row("among others", case(said(tags=["cake", "торт"])), HOLDS, "seen"),
    Row("in upper case", case(said(tags=["ТОРТ"])), HOLDS, "seen"),
    Row("another tag", case(said(tags=["тортик"])), FAILS, "hashtag_missing"),
    Row("in the text only", case(said(text="#торт")), FAILS, "hashtag_missing"),
    Row("no tag", case(said()), FAILS, "hashtag_missing"),
    Row("tagged one deleted", case(said(1), gone(2, tags=["торт"])), WITHDRAWN, "undone"),
    Row(
        "tagged one late", case(said(1), said(2, at=2001, tags=["торт"])), FAILS, "hashtag_missing"
    ),
    Row("unread", case(said(1), complete=UNREAD), UNKNOWN, "not_read_yet"),
]
NAMING = [
    Row("two", case(said(mentions=[ANNA, IVAN])), HOLDS, "seen"),
    Row("more", case(said(mentions=[ANNA, IVAN, OLGA])), HOLDS, "seen"),
    Row(
        "over two comments", case(said(1, mentions=[ANNA]), said(2, mentions=[IVAN])), HOLDS, "seen"
    ),
    Row(
        "the same one twice",
        case(said(1, mentions=[ANNA]), said(2, mentions=[ANNA])),
        FAILS,
        "too_few_mentions",
    ),
    Row("oneself", case(said(mentions=[ANNA, ME])), FAILS, "too_few_mentions"),
    Row("the community", case(said(mentions=[ANNA, COMMUNITY])), FAILS, "too_few_mentions"),
    Row("nobody", case(said()), FAILS, "too_few_mentions"),
    Row(
        "in a deleted comment",
        case(said(1, mentions=[ANNA]), gone(2, mentions=[IVAN])),
        WITHDRAWN,
        "undone",
    ),
    Row(
        "oneself in a deleted comment",
        case(said(1, mentions=[ANNA]), gone(2, mentions=[ME])),
        FAILS,
        "too_few_mentions",
    ),
    Row(
        "in a late comment",
        case(said(1, mentions=[ANNA]), said(2, at=2001, mentions=[IVAN])),
        FAILS,
        "too_few_mentions",
    ),
    Row(
        "in a hidden comment",
        case(said(1, mentions=[ANNA]), said(2, mentions=[IVAN], hidden=1700)),
        UNKNOWN,
        "was_hidden",
    ),
]
ALL_AT_ONCE = [
    Row("fits", case(said(text="what a cake", tags=["торт"], mentions=[ANNA])), HOLDS, "seen"),
    Row(
        "mention where the tag is missing",
        case(
            said(1, text="what a cake", tags=["торт"]), said(2, text="what a cake", mentions=[ANNA])
        ),
        FAILS,
        "too_few_mentions",
    ),
    Row(
        "tag on one, words on another",
        case(said(1, text="cake", tags=["торт"]), said(2, text="what a cake")),
        FAILS,
        "comment_does_not_fit",
    ),
]
TABLE = [
    *((Commented(), row) for row in ONE),
    *((Commented(times=2), row) for row in TWO),
    *((Commented(words=3), row) for row in LONG),
    *((Commented(hashtag="Торт"), row) for row in TAGGED),
    *((Commented(mentions=2), row) for row in NAMING),
    *((Commented(words=3, hashtag="торт", mentions=1), row) for row in ALL_AT_ONCE),
]


@pytest.mark.parametrize(
    ("condition", "row"), [pytest.param(*each, id=f"{each[0]} {each[1].name}") for each in TABLE]
)
def test_comments_are_judged_as_the_table_says(condition: Commented, row: Row) -> None:
    finding = condition.judge(row.case)
    assert (finding.verdict, finding.reason) == (row.verdict, row.reason)


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
    assert condition.judge(case(said(tags=[tag]))).verdict is HOLDS


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
    ],
)
def test_parameters_out_of_bounds_are_all_named(condition: Commented, pointers: list[str]) -> None:
    assert [fault.pointer for fault in condition.faults()] == pointers
