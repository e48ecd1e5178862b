"""Groups: accounts that came at the same time as the same others, contest after contest.

Regulars take part in everything, and that is no sign of anything. But of all who took part in the
same three contests few come within the same ten minutes in each of them, and how few follows from
how many came in those minutes. Where many more do, somebody brings them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations

import msgspec

from contest_service.domain.signals.chances import rarity

TOGETHER = 600
"""Seconds within which accounts come together."""
CONTESTS = 3
"""In how many contests they have to."""
MOST_CONTESTS = 6
"""How many are looked at: the newest."""
FEWEST = 4
"""How many accounts at least."""


class Coming(msgspec.Struct, frozen=True, gc=False):
    """An account, by its subject, came to a contest, by number, in a stretch of ten minutes."""

    account: str
    contest: int
    stretch: int


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group's size, in how many contests it came together, and how unlikely that is."""

    size: int
    contests: int
    rare: float


def find_groups(comings: Iterable[Coming]) -> dict[str, Group]:
    """Find, for each account of a group, its most unlikely one.

    Who did not come to `CONTESTS` contests at least is left out. An account comes to a contest
    once: the first time counts, whatever order they are in.
    """
    by_account: dict[str, dict[int, int]] = defaultdict(dict)
    for each in comings:
        stretches = by_account[each.account]
        stretches[each.contest] = min(each.stretch, stretches.get(each.contest, each.stretch))
    regulars = {
        account: tuple(sorted(came.items()))
        for account, came in by_account.items()
        if len(came) >= CONTESTS
    }
    members: dict[tuple[tuple[int, int], ...], list[str]] = defaultdict(list)
    for account, came in regulars.items():
        for triple in combinations(came, CONTESTS):
            members[triple].append(account)
    shares = _shares(regulars)
    found: dict[str, Group] = {}
    contests = _contests_by_account(members)
    for triple, accounts in members.items():
        if len(accounts) < FEWEST:
            continue
        came_to = shares[tuple(contest for contest, _ in triple)]
        expected = float(came_to.total)
        for came_in in triple:
            expected *= came_to.of[came_in] / came_to.total
        rare = rarity(len(accounts), expected)
        for account in accounts:
            if account not in found or rare > found[account].rare:
                found[account] = Group(size=len(accounts), contests=contests[account], rare=rare)
    return found


class _Shares(msgspec.Struct):
    """Of those who came to the same three contests: how many in each stretch, and in all."""

    total: int
    of: Counter[tuple[int, int]]


def _shares(
    regulars: Mapping[str, tuple[tuple[int, int], ...]],
) -> Mapping[tuple[int, ...], _Shares]:
    shares: dict[tuple[int, ...], _Shares] = {}
    for came in regulars.values():
        for triple in combinations(came, CONTESTS):
            key = tuple(contest for contest, _ in triple)
            share = shares.setdefault(key, _Shares(total=0, of=Counter()))
            share.total += 1
            share.of.update(triple)
    return shares


def _contests_by_account(
    members: Mapping[tuple[tuple[int, int], ...], list[str]],
) -> Mapping[str, int]:
    """In how many contests each account came with a group."""
    contests: dict[str, set[int]] = defaultdict(set)
    for triple, accounts in members.items():
        if len(accounts) >= FEWEST:
            for account in accounts:
                contests[account] |= {contest for contest, _ in triple}
    return {account: len(found) for account, found in contests.items()}
