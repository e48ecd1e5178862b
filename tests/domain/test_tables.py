"""Every kind of condition, case by case, as the tables in `data` say."""

from collections import Counter, defaultdict

import pytest

from contest_service.domain.accounts import Standing
from contest_service.domain.case import Verdict
from contest_service.domain.catalogue import every_kind, name_of
from contest_service.domain.conditions import When
from contest_service.domain.rules import judge
from domain.tables import Row, read_rows

ROWS = list(read_rows())
KINDS = {name_of(kind): kind for kind in every_kind()}
FEWEST = 10
HIDDEN = {each.value for each in Standing} | {"never_told"}
"""Reasons of absence that are tried for some kinds, and come from the same place for all."""


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{row.kind}: {row.name} {n}") for n, row in enumerate(ROWS)]
)
def test_a_case_is_judged_as_its_row_says(row: Row) -> None:
    assert row.condition.faults() == []
    finding = row.condition.judge(row.case)
    assert (finding.verdict, finding.reason) == (row.verdict, row.reason)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_is_remembered_of_other_cases_is_what_would_be_found(kind: str) -> None:
    for condition in (row.condition for row in ROWS if row.kind == kind):
        for case in (row.case for row in ROWS):
            if condition.rests_on(case) is not None:
                (judged,) = judge(condition, case).findings
                assert judged.finding == condition.judge(case)


def test_every_kind_has_its_rows() -> None:
    counts = Counter(row.kind for row in ROWS)
    assert set(counts) == set(KINDS)
    assert {kind: count for kind, count in counts.items() if count < FEWEST} == {}


def test_every_answer_of_every_kind_is_in_a_row() -> None:
    found = defaultdict(set)
    for row in ROWS:
        found[row.kind].add((row.verdict, row.reason))
    for name, kind in KINDS.items():
        declared = {(verdict, code) for verdict, codes in kind.reasons.items() for code in codes}
        assert found[name] <= declared, name
        missing = {each for each in declared - found[name] if each[1] not in HIDDEN}
        assert missing == set(), name


def test_what_cannot_be_known_is_in_a_row_of_every_kind_that_may_not_know() -> None:
    unsure = {row.kind for row in ROWS if row.verdict is Verdict.UNKNOWN}
    assert unsure == {name for name, kind in KINDS.items() if Verdict.UNKNOWN in kind.reasons}


def test_every_moment_of_every_kind_is_in_a_row() -> None:
    tried: defaultdict[str, set[When]] = defaultdict(set)
    for row in ROWS:
        tried[row.kind].add(row.condition.when)
    assert tried == {name: set(kind.moments) for name, kind in KINDS.items()}


@pytest.mark.parametrize("verdict", [Verdict.HOLDS, Verdict.WITHDRAWN])
def test_a_verdict_on_something_done_shows_its_evidence(verdict: Verdict) -> None:
    for row in ROWS:
        if row.verdict is verdict and row.condition.action is not None:
            assert row.condition.judge(row.case).evidence, row.name
