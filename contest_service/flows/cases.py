"""Cases: one entrant's evidence as the store gathers it, made into what the conditions look at.

Pure, but for where its words come from: nothing here asks anybody.
"""

from functools import cache

from msgspec.structs import replace

from contest_service.domain.accounts import AccountKey, Platform, Standing
from contest_service.domain.amendments import judge_by_version
from contest_service.domain.case import Case, Presence
from contest_service.domain.evidence import Action
from contest_service.domain.holding import hold
from contest_service.domain.judging import Judgement
from contest_service.domain.overrides import Overruling, overrule
from contest_service.flows.bench import Bench
from contest_service.store.cases import Gathered

_NONE: frozenset[str] = frozenset()


def judge_case(bench: Bench, gathered: Gathered) -> Judgement:
    """Judge one entrant's evidence by the contest's rules, as far as nobody set that aside."""
    ruling = bench.rulings.get(subject_of(gathered)) if bench.rulings else None
    return judge_by(bench, case_of(bench, gathered), ruling)


def judge_by(bench: Bench, case: Case, ruling: Overruling | None) -> Judgement:
    """Judge a case, of one account or of several, by the rules that count for it.

    What persons set aside comes over that, and whoever counts then may be held for checking.
    """
    judged = judge_by_version(case, bench.versions)
    judged = overrule(judged, ruling, bench.contest.definition.tickets)
    if not bench.held:
        return judged
    causes = sorted(bench.held[each] for each in case.accounts & bench.held.keys())
    return hold(judged, causes[0]) if causes else judged


def case_of(bench: Bench, gathered: Gathered) -> Case:
    """Make a case of what was gathered."""
    network, account = (gathered.platform, gathered.instance), gathered.account
    common, asked_since = bench.common(network), bench.asked_since
    is_new = asked_since is not None
    presences: dict[Action, tuple[Presence, ...]] = {}
    for seen in gathered.presences:
        action = seen.action
        presences[action] = (*presences[action], seen) if action in presences else (seen,)
        if asked_since is not None and seen.seen_at <= asked_since:
            is_new = False
    case = replace(
        common.case_of_new if is_new else common.case,
        account=account,
        presences=presences,
        profile=gathered.profile,
        standing=gathered.standing or Standing.VISIBLE,
        lists=frozenset(gathered.lists) if gathered.lists else _NONE,
    )
    if account not in common.noted:
        return case
    return replace(
        case,
        is_staff=bench.exclusions.is_staff(network, account),
        won_at=bench.exclusions.won_at(network, account),
        copied=bench.copies.of(network, account),
    )


def subject_of(gathered: Gathered) -> str:
    """The account as the draw protocol spells it."""
    return _network_of(gathered.platform, gathered.instance) + gathered.account


@cache
def _network_of(platform: str, instance: str) -> str:
    """What the subjects of all accounts of a network begin with."""
    return AccountKey(platform=Platform(platform), instance=instance, id="").subject


def label_of(gathered: Gathered) -> str:
    """What people call the account; empty while its profile was never read."""
    return f"@{gathered.profile.handle}" if gathered.profile else ""
