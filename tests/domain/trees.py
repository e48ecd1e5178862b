"""Rule trees for Hypothesis, and the naive oracle of what a tree means.

The leaves are conditions whose verdict is given in advance.
"""

from collections.abc import Iterator
from itertools import product

from hypothesis import strategies as st

from contest_service.domain.case import Case, Finding, Verdict
from contest_service.domain.conditions import Condition
from contest_service.domain.rules import AllOf, AnyOf, AtLeast, Group


class Given(Condition, frozen=True, kw_only=True, tag="given", tag_field="kind"):
    """A condition that finds what it was told."""

    verdict: Verdict

    def judge(self, case: Case) -> Finding:
        return Finding(verdict=self.verdict, reason="given")


Tree = Group | Given


def given_leaves(*verdicts: Verdict) -> tuple[Given, ...]:
    return tuple(Given(verdict=verdict) for verdict in verdicts)


def _group(branches: tuple[Tree, ...]) -> st.SearchStrategy[Group]:
    return st.one_of(
        st.just(AllOf(branches)),  # type: ignore[arg-type] # Given is a condition of the tests alone
        st.just(AnyOf(branches)),  # type: ignore[arg-type] # Given is a condition of the tests alone
        st.integers(1, len(branches)).map(lambda n: AtLeast(n, branches)),  # type: ignore[arg-type] # Given is a condition of the tests alone
    )


def trees(leaves: st.SearchStrategy[object], *, most: int) -> st.SearchStrategy[object]:
    """Trees over `leaves`, with at most about `most` of them."""
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, min_size=1, max_size=4).map(tuple).flatmap(_group),
        max_leaves=most,
    )


GIVEN_TREES = trees(st.sampled_from(Verdict).map(lambda verdict: Given(verdict=verdict)), most=7)


def leaves(tree: Tree) -> list[Given]:
    if isinstance(tree, Condition):
        return [tree]
    return [leaf for branch in tree.of for leaf in leaves(branch)]  # type: ignore[arg-type] # Given is a condition of the tests alone


def holds(tree: Tree, truths: Iterator[bool]) -> bool:
    """Evaluate a tree whose leaves are, from left to right, plainly true or false."""
    if isinstance(tree, Condition):
        return next(truths)
    branches = [holds(branch, truths) for branch in tree.of]  # type: ignore[arg-type] # Given is a condition of the tests alone
    match tree:
        case AllOf():
            return all(branches)
        case AnyOf():
            return any(branches)
        case AtLeast(n=n):
            return sum(branches) >= n


def naive_verdict(tree: Tree) -> Verdict:
    """Try all the ways in which what cannot be known may be: certain only if all agree.

    What surely does not hold is withdrawn if it might hold, had nothing been undone.
    """
    verdicts = [leaf.verdict for leaf in leaves(tree)]
    worlds = set(_in_all_worlds(tree, verdicts, undone=False))
    if worlds == {True}:
        return Verdict.HOLDS
    if worlds == {True, False}:
        return Verdict.UNKNOWN
    return Verdict.WITHDRAWN if any(_in_all_worlds(tree, verdicts, undone=True)) else Verdict.FAILS


def _in_all_worlds(tree: Tree, verdicts: list[Verdict], *, undone: bool) -> Iterator[bool]:
    values = {
        Verdict.HOLDS: (True,),
        Verdict.FAILS: (False,),
        Verdict.UNKNOWN: (True, False),
        Verdict.WITHDRAWN: (undone,),
    }
    for world in product(*(values[verdict] for verdict in verdicts)):
        yield holds(tree, iter(world))
