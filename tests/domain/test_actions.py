"""Liked, reposted, quoted and follows: what each makes of every kind of presence."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from contest_service.domain.accounts import Standing
from contest_service.domain.case import Presence, Verdict
from contest_service.domain.conditions import Condition, Follows, Liked, Quoted, Reposted
from contest_service.domain.evidence import Action
from domain.cases import COMMUNITY, EVERYTHING, OTHER_POST, Row, case, did

HOLDS, FAILS, UNKNOWN, WITHDRAWN = (
    Verdict.HOLDS,
    Verdict.FAILS,
    Verdict.UNKNOWN,
    Verdict.WITHDRAWN,
)
BLOCKS, TAKEN_DOWN = Standing.BLOCKS_US, Standing.UNAVAILABLE


AGAIN: dict[str, Any] = {"ref": "at://action/2"}
Done = Callable[..., Presence]


def rows(action: Action) -> list[Row]:
    done = partial(did, action)
    unread = EVERYTHING - {action}
    other = Action.QUOTE if action is Action.LIKE else Action.LIKE
    return [
        Row("never", case(), FAILS, "not_seen"),
        Row("something else only", case(did(other, at=1500)), FAILS, "not_seen"),
        Row("not read yet", case(complete=unread), UNKNOWN, "not_read_yet"),
        Row("not read yet, but seen", case(done(at=1500), complete=unread), HOLDS, "seen"),
        *timed(done),
        *bounded(done),
        *undone(done),
        *hidden(done),
        *shown_again(done),
    ]


def timed(done: Done) -> list[Row]:
    return [
        Row("in the middle", case(done(at=1500)), HOLDS, "seen"),
        Row("at the very opening", case(done(at=1000)), HOLDS, "seen"),
        Row("a second before the opening", case(done(at=999)), FAILS, "outside_contest_time"),
        Row("at the very close", case(done(at=2000, seen=2060)), HOLDS, "seen"),
        Row("a second after it", case(done(at=2001, seen=2060)), FAILS, "outside_contest_time"),
        Row(
            "indexed in time, first seen late",
            case(done(at=1999, absent=2050, seen=2200)),
            HOLDS,
            "seen",
        ),
    ]


def bounded(done: Done) -> list[Row]:
    return [
        Row("no time, within the bounds", case(done(absent=1100, seen=1300)), HOLDS, "seen"),
        Row("no time, around the opening", case(done(absent=900, seen=1100)), HOLDS, "seen"),
        Row("no time, seen at the opening", case(done(absent=900, seen=1000)), HOLDS, "seen"),
        Row("no time, seen before it", case(done(seen=999)), FAILS, "outside_contest_time"),
        Row(
            "no time, first seen by the closing scan",
            case(done(absent=1900, seen=2060)),
            HOLDS,
            "seen",
        ),
        Row("no time, the closing scan is the first", case(done(seen=2060)), HOLDS, "seen"),
        Row(
            "no time, not there at the close",
            case(done(absent=2000, seen=2060)),
            FAILS,
            "outside_contest_time",
        ),
        Row(
            "no time, missed by the closing scan",
            case(done(absent=2050, seen=2200)),
            FAILS,
            "outside_contest_time",
        ),
    ]


def undone(done: Done) -> list[Row]:
    return [
        Row("undone", case(done(at=1500, withdrawn=1700)), WITHDRAWN, "undone"),
        Row(
            "undone, as the closing scan noticed",
            case(done(at=1500, withdrawn=2100)),
            WITHDRAWN,
            "undone",
        ),
        Row(
            "undone and redone",
            case(done(at=1500, withdrawn=1700), done(at=1800, seen=1900, **AGAIN)),
            HOLDS,
            "seen",
        ),
        Row(
            "undone, redone after the close",
            case(done(at=1500, withdrawn=2100), done(at=2010, seen=2060, **AGAIN)),
            WITHDRAWN,
            "undone",
        ),
        Row("early, undone", case(done(at=900, seen=950, withdrawn=1100)), FAILS, "not_seen"),
        Row(
            "early, undone, redone",
            case(done(at=900, seen=950, withdrawn=1100), done(at=1200, **AGAIN)),
            HOLDS,
            "seen",
        ),
        Row(
            "early and kept, once more in time",
            case(done(at=900, seen=950), done(at=1200, **AGAIN)),
            HOLDS,
            "seen",
        ),
        Row(
            "early, no time, redone between scans",
            case(done(seen=950, withdrawn=1100), done(absent=1050, seen=1100, **AGAIN)),
            HOLDS,
            "seen",
        ),
        Row(
            "undone on one post, kept on another",
            case(done(at=1500, withdrawn=1700), done(at=1500, target=OTHER_POST, **AGAIN)),
            HOLDS,
            "seen",
        ),
    ]


def hidden(done: Done) -> list[Row]:
    return [
        Row("blocks us and was never seen", case(standing=BLOCKS), UNKNOWN, "blocks_us"),
        Row(
            "blocked us after it",
            case(done(at=1500, hidden=1700), standing=BLOCKS),
            UNKNOWN,
            "blocks_us",
        ),
        Row("blocks us, yet is seen", case(done(at=1500), standing=BLOCKS), HOLDS, "seen"),
        Row(
            "undone, then blocked us",
            case(done(at=1500, withdrawn=1700), standing=BLOCKS),
            UNKNOWN,
            "blocks_us",
        ),
        Row(
            "taken down after it",
            case(done(at=1500, hidden=1700), standing=TAKEN_DOWN),
            UNKNOWN,
            "unavailable",
        ),
        Row("back, but not read since", case(done(at=1500, hidden=1700)), UNKNOWN, "was_hidden"),
        Row(
            "early, hidden at the last reading",
            case(done(at=900, seen=950, hidden=1700)),
            UNKNOWN,
            "was_hidden",
        ),
    ]


def shown_again(done: Done) -> list[Row]:
    return [
        Row(
            "back, and still there",
            case(done(at=1500, hidden=1700), done(at=1500, absent=1690, seen=1800)),
            HOLDS,
            "seen",
        ),
        Row(
            "no time, back after the close",
            case(done(absent=1100, seen=1300, hidden=2100), done(absent=2050, seen=2200)),
            HOLDS,
            "seen",
        ),
        Row(
            "no time, early, hidden, back",
            case(done(seen=950, hidden=1100), done(absent=1050, seen=1300)),
            FAILS,
            "outside_contest_time",
        ),
        Row(
            "back, then undone",
            case(done(at=1500, hidden=1600), done(at=1500, seen=1700, withdrawn=1900)),
            WITHDRAWN,
            "undone",
        ),
        Row(
            "undone while hidden, redone, undone",
            case(done(at=1200, hidden=1400), done(at=1600, seen=1700, withdrawn=1900, **AGAIN)),
            WITHDRAWN,
            "undone",
        ),
        Row(
            "hidden twice",
            case(done(at=1200, hidden=1400), done(at=1200, seen=1500, hidden=1700)),
            UNKNOWN,
            "was_hidden",
        ),
        Row(
            "undone, redone, hidden",
            case(done(at=1200, withdrawn=1400), done(at=1500, seen=1600, hidden=1800, **AGAIN)),
            UNKNOWN,
            "was_hidden",
        ),
        Row(
            "hidden on one post, undone on another",
            case(
                done(at=1200, hidden=1400),
                done(at=1500, seen=1600, withdrawn=1800, target=OTHER_POST, **AGAIN),
            ),
            UNKNOWN,
            "was_hidden",
        ),
    ]


def follow(**how: object) -> Presence:
    return did(Action.FOLLOW, target=COMMUNITY, **how)  # type: ignore[arg-type]


FOLLOWS = [
    Row("since the contest", case(follow(absent=1100, seen=1300)), HOLDS, "seen"),
    Row("since long before", case(follow(seen=10)), HOLDS, "seen"),
    Row("first asked at the close", case(follow(seen=2060)), HOLDS, "seen"),
    Row("first seen by the closing scan", case(follow(absent=1900, seen=2060)), HOLDS, "seen"),
    Row(
        "since after the close", case(follow(absent=2050, seen=2200)), FAILS, "outside_contest_time"
    ),
    Row(
        "since after the close, by its time",
        case(follow(at=2001, seen=2060)),
        FAILS,
        "outside_contest_time",
    ),
    Row("at the very close, by its time", case(follow(at=2000, seen=2060)), HOLDS, "seen"),
    Row("never", case(), FAILS, "not_seen"),
    Row("no longer", case(follow(seen=10, withdrawn=1700)), WITHDRAWN, "undone"),
    Row("no longer at the close", case(follow(seen=10, withdrawn=2100)), WITHDRAWN, "undone"),
    Row("no longer before the opening", case(follow(seen=10, withdrawn=900)), FAILS, "not_seen"),
    Row(
        "left and came back",
        case(follow(seen=10, withdrawn=1200), follow(absent=1300, seen=1400, ref="at://again")),
        HOLDS,
        "seen",
    ),
    Row(
        "left, came back too late",
        case(follow(seen=10, withdrawn=2100), follow(absent=2050, seen=2200, ref="at://again")),
        WITHDRAWN,
        "undone",
    ),
    Row("not asked yet", case(complete=EVERYTHING - {Action.FOLLOW}), UNKNOWN, "not_read_yet"),
    Row("blocks us", case(follow(seen=10, hidden=1200), standing=BLOCKS), UNKNOWN, "blocks_us"),
    Row(
        "unblocked us, still follows",
        case(follow(seen=10, hidden=2100), follow(absent=2050, seen=2200)),
        HOLDS,
        "seen",
    ),
    Row("hidden when last asked", case(follow(seen=10, hidden=2100)), UNKNOWN, "was_hidden"),
]

TABLE = [
    *((Liked(), row) for row in rows(Action.LIKE)),
    *((Reposted(), row) for row in rows(Action.REPOST)),
    *((Quoted(), row) for row in rows(Action.QUOTE)),
    *((Follows(), row) for row in FOLLOWS),
]


@pytest.mark.parametrize(
    ("condition", "row"),
    [pytest.param(*each, id=f"{type(each[0]).__name__}: {each[1].name}") for each in TABLE],
)
def test_a_presence_is_judged_as_the_table_says(condition: Condition, row: Row) -> None:
    finding = condition.judge(row.case)
    assert (finding.verdict, finding.reason) == (row.verdict, row.reason)


@pytest.mark.parametrize("verdict", [HOLDS, WITHDRAWN])
def test_a_verdict_on_something_done_shows_its_evidence(verdict: Verdict) -> None:
    for condition, row in TABLE:
        if row.verdict is verdict:
            assert condition.judge(row.case).evidence, row.name


def test_a_presence_joined_across_hiding_keeps_its_known_beginning() -> None:
    before = did(Action.REPOST, absent=1100, seen=1300, hidden=1500)
    after = did(Action.REPOST, absent=1490, seen=1700)
    (joined,) = Reposted().judge(case(after, before)).evidence
    assert (joined.absent_at, joined.seen_at, joined.gone_at) == (1100, 1300, None)
