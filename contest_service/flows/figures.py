"""Figures: how a contest does, in numbers that are exact and cost nothing to ask for.

Everything comes from the tallies that the judge keeps, from the scans, and from the rules; no
record is read. A page of a contest asks once, and again at each ping.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from contest_service.domain.case import LETTERS, Verdict
from contest_service.domain.conditions import Language
from contest_service.domain.judging import EntrantState
from contest_service.domain.marks import only_missing
from contest_service.domain.rules import conditions
from contest_service.store import coverage, surveys, tallies
from contest_service.store.contests import Contest
from contest_service.store.coverage import Coverage
from contest_service.store.rows import Connection
from contest_service.store.surveys import Survey
from contest_service.store.tallies import Arrived, Tallied

MOST_POINTS = 120
"""Of a chart over time."""
_STEPS = (60, 300, 900, 3600, 6 * 3600, 86400)
"""Seconds between two points, the finest that fits first."""
_HOLDS = LETTERS[Verdict.HOLDS]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A condition of the rules, by its place: for how many it holds, and so do all before it.

    `only_missing` counts those whom nothing else keeps out.
    """

    place: int
    sentence: str
    holding: int
    so_far: int
    only_missing: int


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    state: EntrantState
    reason: str
    entrants: int


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """How many came by platform in each step of so many seconds, without gaps."""

    step: int
    times: list[datetime]
    counts: dict[str, list[int]]


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """A contest in numbers. `earlier` were judged by rules that are not in force any more."""

    entrants: int
    tickets: int
    by_state: Mapping[EntrantState, int]
    by_platform: Mapping[str, int]
    reasons: list[Reason]
    funnel: list[Step]
    earlier: int
    arrivals: Series
    coverage: list[Coverage]
    scans: list[Survey]


async def figures_of(conn: Connection, contest: Contest, language: Language) -> Figures:
    """Look up a contest's numbers as they stand."""
    key = (contest.workspace_id, contest.id)
    tallied = await tallies.of_contest(conn, *key)
    places = sum(1 for _ in conditions(contest.definition.rules))
    return Figures(
        entrants=sum(each.entrants for each in tallied),
        tickets=sum(each.tickets for each in tallied),
        by_state=tallies.by_state(tallied),
        by_platform=_by_platform(tallied),
        reasons=_reasons(tallied),
        funnel=_funnel(contest, tallied, language),
        earlier=sum(each.entrants for each in tallied if len(each.marks) != places),
        arrivals=await arrivals_of(conn, contest),
        coverage=await coverage.of_contest(conn, *key),
        scans=await surveys.of_contest(conn, *key),
    )


async def arrivals_of(conn: Connection, contest: Contest) -> Series:
    """When entrants came, in steps that make a chart of `MOST_POINTS` at most."""
    key = (contest.workspace_id, contest.id)
    span = await tallies.span_of(conn, *key)
    if span.first is None or span.last is None:
        return Series(step=_STEPS[0], times=[], counts={})
    step = step_for(span.last - span.first)
    return _series(await tallies.arrived(conn, *key, seconds=step), step)


def step_for(span: timedelta) -> int:
    """The seconds between two points of a chart over so much time."""
    seconds = span.total_seconds()
    for step in _STEPS:
        if seconds / step < MOST_POINTS - 1:
            return step
    days = int(seconds / _STEPS[-1] / (MOST_POINTS - 2)) + 1
    return days * _STEPS[-1]


def missing_marks(contest: Contest, tallied: Sequence[Tallied], place: int) -> list[str]:
    """The marks of those whom nothing but the condition at a place keeps out."""
    rules = contest.definition.rules
    marks = {each.marks for each in tallied if _is_out(each)}
    return sorted(each for each in marks if place in only_missing(rules, each))


def _series(found: Sequence[Arrived], step: int) -> Series:
    first, last = found[0].at, found[-1].at
    length = int((last - first).total_seconds()) // step + 1
    counts: dict[str, list[int]] = {}
    for each in found:
        line = counts.setdefault(each.platform, [0] * length)
        line[int((each.at - first).total_seconds()) // step] += each.entrants
    start = int(first.timestamp())
    times = [datetime.fromtimestamp(start + number * step, UTC) for number in range(length)]
    return Series(step=step, times=times, counts=counts)


def _by_platform(tallied: Sequence[Tallied]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for each in tallied:
        found[each.platform] += each.entrants
    return found


def _reasons(tallied: Sequence[Tallied]) -> list[Reason]:
    found: Counter[tuple[EntrantState, str]] = Counter()
    for each in tallied:
        found[each.state, each.reason] += each.entrants
    return [
        Reason(state=state, reason=reason, entrants=count)
        for (state, reason), count in found.most_common()
        if count
    ]


def _is_out(each: Tallied) -> bool:
    return each.state in (EntrantState.INVALID, EntrantState.CANNOT_VERIFY)


def _funnel(contest: Contest, tallied: Sequence[Tallied], language: Language) -> list[Step]:
    rules = contest.definition.rules
    asked = [condition for _, condition in conditions(rules)]
    fitting = [each for each in tallied if len(each.marks) == len(asked)]
    missing: Counter[int] = Counter()
    for each in filter(_is_out, fitting):
        for place in only_missing(rules, each.marks):
            missing[place] += each.entrants
    return [
        Step(
            place=place,
            sentence=condition.sentence(language),
            holding=sum(each.entrants for each in fitting if each.marks[place] == _HOLDS),
            so_far=sum(
                each.entrants for each in fitting if each.marks.startswith(_HOLDS * (place + 1))
            ),
            only_missing=missing[place],
        )
        for place, condition in enumerate(asked)
    ]
