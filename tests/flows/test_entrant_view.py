"""The table of entrants by everything that can be asked together, against a look at all of them."""

import itertools
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from contest_service.domain.judging import EntrantState
from contest_service.domain.marks import only_missing
from contest_service.flows.entrant_view import Order, Wanted, find_entrants
from contest_service.store import entrant_choice, entrants, signals, tallies
from contest_service.store.contests import Contest
from contest_service.store.entrants import JudgedRow
from contest_service.store.signals import Measurement
from contest_service.store.tallies import platform_of
from flows.test_figures import OUT, PEOPLE, made, row

WANTED = tuple(
    Wanted(
        state=state,
        reason=reason,
        missing=missing,
        platform=platform,
        least=least,
        search=search,
        by_name=by_name,
        limit=3,
    )
    for state, reason, missing, platform, least, search, by_name in itertools.product(
        (None, EntrantState.INVALID, EntrantState.VALID),
        ("", "liked.d"),
        (None, 0),
        ("", "vk", "bluesky"),
        (0, 30),
        ("", "an", "Ё"),
        (False, True),
    )
)
ERASE = """
UPDATE entrants SET subject = NULL, label = '', record = NULL, record_salt = NULL,
    erased_at = now()
WHERE id = ANY ($1)
"""
WAYS = ((2_000, 10_000, 10_000), (0, 0, 10_000), (0, 0, 2))
"""How many are collected, how many ids are walked by kinds, and how many are walked past."""


@pytest.fixture
async def contest(pool: "asyncpg.Pool[Any]", tmp_path: Any) -> Contest:
    return await made(pool, tmp_path)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_people=PEOPLE, chosen=st.lists(st.sampled_from(WANTED), min_size=8, max_size=8))
async def test_every_choice_shows_whom_a_look_at_all_shows(
    pool: "asyncpg.Pool[Any]",
    contest: Contest,
    monkeypatch: pytest.MonkeyPatch,
    given_people: list[tuple[int, str, str, str]],
    chosen: list[Wanted],
) -> None:
    key = (contest.workspace_id, contest.id)
    people = {each[0]: row(*each) for each in given_people}
    now = datetime.now(UTC)
    async with pool.acquire() as conn:
        outer = conn.transaction()
        await outer.start()
        if people:
            await entrants.write(conn, *key, list(people.values()), openings=[], at=now)
            measured = [_measured(each, number) for number, each in people.items() if number % 4]
            await signals.write(conn, contest, measured, at=now)
        tallied = await tallies.of_contest(conn, *key)
        for wanted, (collected, walked, looked_at) in itertools.product(chosen, WAYS):
            monkeypatch.setattr(entrant_choice, "MOST_COLLECTED", collected)
            monkeypatch.setattr(entrant_choice, "MOST_WALKED", walked)
            monkeypatch.setattr(entrant_choice, "MOST_LOOKED_AT", looked_at)
            await _check(conn, contest, wanted, tallied, ids=_naive(contest, people, wanted))
            await _check_list(conn, contest, people, wanted)
        await conn.execute(ERASE, [each.id for n, each in people.items() if n % 3 == 0])
        people |= {n: replace(each, label="") for n, each in people.items() if n % 3 == 0}
        for wanted in chosen:
            await _check(conn, contest, wanted, tallied, ids=_naive(contest, people, wanted))
        await outer.rollback()


def _score(number: int) -> int:
    return number * 37 % 101


def _measured(judged: JudgedRow, number: int) -> Measurement:
    return Measurement(
        entrant_id=judged.id, score=_score(number), strengths=(0,) * 8, facts={}, age_days=None
    )


def _naive(contest: Contest, people: dict[int, JudgedRow], wanted: Wanted) -> list[UUID]:
    rules = contest.definition.rules
    found = {
        number: each
        for number, each in people.items()
        if wanted.state in (None, each.state)
        and wanted.reason in ("", each.reason)
        and wanted.platform in ("", platform_of(each.subject))
        and (
            wanted.missing is None
            or (each.state in OUT and wanted.missing in only_missing(rules, each.marks))
        )
        and (not wanted.least or (number % 4 and _score(number) >= wanted.least))
        and (wanted.order is not Order.LABEL or each.label)
        and (not wanted.search or each.label.startswith((wanted.search, f"@{wanted.search}")))
    }
    match wanted.order:
        case Order.NEWEST:
            return sorted((each.id for each in found.values()), reverse=True)
        case Order.LABEL:
            named = sorted(found.values(), key=lambda each: (each.label.encode(), each.id))
            return [each.id for each in named]
        case Order.SCORE:
            scored = sorted(((_score(n), each.id) for n, each in found.items()), reverse=True)
            return [id_ for _, id_ in scored]


async def _check(
    conn: Any, contest: Contest, wanted: Wanted, tallied: Any, *, ids: list[UUID]
) -> None:
    """On to the end, and from the end back again; no page is longer than was asked for."""
    assert await _seen(conn, contest, wanted, tallied, count=len(ids)) == ids, wanted
    back = replace(wanted, is_back=True)
    assert await _seen(conn, contest, back, tallied, count=len(ids)) == ids, wanted


async def _check_list(
    conn: Any, contest: Contest, people: dict[int, JudgedRow], wanted: Wanted
) -> None:
    """The API's list, oldest first: no page but the last one is short."""
    asked = Wanted(state=wanted.state, reason=wanted.reason, least=wanted.least)
    seen: list[UUID] = []
    while True:
        page = await entrants.list_page(
            conn,
            contest.workspace_id,
            contest.id,
            state=asked.state,
            reason=asked.reason or None,
            score=asked.least or None,
            after=seen[-1] if seen else None,
            limit=3,
        )
        seen += [each.id for each in page]
        if len(page) < 3:
            break
    assert seen == sorted(_naive(contest, people, asked)), asked


async def _seen(
    conn: Any, contest: Contest, wanted: Wanted, tallied: Any, *, count: int
) -> list[UUID]:
    seen: list[UUID] = []
    for _ in range(100):
        page = await find_entrants(conn, contest, wanted, tallied)
        named_only = wanted.order is Order.LABEL and not wanted.search
        assert named_only or page.count in (None, count)
        assert len(page.rows) <= wanted.limit
        here = [each.id for each in page.rows]
        seen = [*here, *seen] if wanted.is_back else [*seen, *here]
        further = page.first if wanted.is_back else page.last
        if not further:
            return seen
        wanted = replace(wanted, start=further)
    raise AssertionError(f"pages never end: {wanted}")
