"""Figures and the table of entrants, against a count of everything by hand."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contest_service.domain.case import LETTERS, Verdict
from contest_service.domain.conditions import Language
from contest_service.domain.rules import conditions, verdict_of
from contest_service.flows import define
from contest_service.flows.figures import MOST_POINTS, figures_of, step_for
from contest_service.store import entrants, tallies
from contest_service.store.contests import Contest
from contest_service.store.entrants import JudgedRow
from flows.stage import definition, open_stage

RULES = {
    "kind": "all_of",
    "of": [
        {"kind": "liked"},
        {"kind": "any_of", "of": [{"kind": "reposted"}, {"kind": "commented"}]},
        {"kind": "follows"},
    ],
}
OUT = ("invalid", "cannot_verify")
MARKS = st.text(alphabet="hdcw", min_size=4, max_size=4)
PEOPLE = st.lists(
    st.tuples(
        st.integers(0, 12),
        MARKS,
        st.sampled_from(["vk:{}", "did:plc:{}", "vk@x.test:{}"]),
        st.sampled_from(["", "@ann", "@bob", "zoe", "Ёж"]),
    ),
    max_size=30,
)


def row(number: int, marks: str, subject: str, label: str) -> JudgedRow:
    state = "valid" if marks == "hhhh" else OUT[marks.count("c") % 2]
    return JudgedRow(
        id=UUID(int=number + 1),
        subject=subject.format(number),
        label=label,
        state=state,
        reason="all_conditions_hold" if state == "valid" else f"liked.{marks[0]}",
        tickets=1 if state == "valid" else 0,
        record=b"{}",
        record_salt=bytes(32),
        record_digest=bytes(32),
        platform="",
        marks=marks,
        entered_at=1_800_000_000 + number * 50,
    )


async def made(pool: "asyncpg.Pool[Any]", tmp_path: Any) -> Contest:
    async with open_stage(pool, tmp_path, ()) as stage, pool.acquire() as conn:
        return await define.create_contest(
            conn, stage.actor, definition(stage, rules=RULES), practice=True, now=stage.now()
        )


@pytest.fixture
async def contest(pool: "asyncpg.Pool[Any]", tmp_path: Any) -> Contest:
    return await made(pool, tmp_path)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(PEOPLE, min_size=1, max_size=3))
async def test_tallies_say_what_a_count_of_all_says(
    pool: "asyncpg.Pool[Any]", contest: Contest, batches: list[list[tuple[int, str, str, str]]]
) -> None:
    key = (contest.workspace_id, contest.id)
    now: dict[int, JudgedRow] = {}
    subjects: dict[int, tuple[str, str]] = {}
    async with pool.acquire() as conn:
        outer = conn.transaction()
        await outer.start()
        for batch in batches:
            rows = {}
            for number, marks, subject, label in batch:
                subject, label = subjects.setdefault(number, (subject, label))
                rows[number] = row(number, marks, subject, label)
            at = datetime.now(UTC)
            if rows:
                await entrants.write(conn, *key, list(rows.values()), openings=[], at=at)
            now |= rows
            await tallies.fold(conn, *key)
        await check_figures(conn, contest, list(now.values()))
        await outer.rollback()


async def check_figures(conn: Any, contest: Contest, people: list[JudgedRow]) -> None:
    found = await figures_of(conn, contest, Language.ENGLISH)
    assert found.entrants == len(people)
    assert found.tickets == sum(each.tickets for each in people)
    assert found.by_state == Counter(each.state for each in people)
    assert sum(found.by_platform.values()) == len(people)
    rules = contest.definition.rules
    for step in found.funnel:
        place = step.place
        assert step.holding == sum(each.marks[place] == "h" for each in people)
        assert step.so_far == sum(set(each.marks[: place + 1]) == {"h"} for each in people)
        missing = [p for p in people if p.state in OUT and place in naive_missing(rules, p.marks)]
        assert step.only_missing == len(missing)
    counted = sum(sum(line) for line in found.arrivals.counts.values())
    assert counted == len(people)
    assert len(found.arrivals.times) <= MOST_POINTS


def naive_missing(rules: Any, marks: str) -> list[int]:
    letters = {letter: verdict for verdict, letter in LETTERS.items()}
    pointers = [at for at, _ in conditions(rules)]

    def holds(text: str) -> bool:
        found = dict(zip(pointers, (letters[each] for each in text), strict=True))
        return verdict_of(rules, found) is Verdict.HOLDS

    return [
        place
        for place in range(len(marks))
        if not holds(marks) and holds(f"{marks[:place]}h{marks[place + 1 :]}")
    ]


@given(span=st.timedeltas(min_value=timedelta(), max_value=timedelta(days=20_000)))
def test_a_chart_has_only_so_many_points(span: timedelta) -> None:
    step = step_for(span)
    assert span.total_seconds() // step + 2 <= MOST_POINTS + 1
