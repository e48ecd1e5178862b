"""Cases: one entrant's evidence as the store gathers it, made into what the conditions look at.

Pure, but for where its words come from: nothing here asks anybody.
"""

from functools import cache

from contest_service.domain.accounts import AccountKey, Platform, Profile, Standing
from contest_service.domain.amendments import judge_by_version
from contest_service.domain.case import Case, Presence
from contest_service.domain.evidence import Action
from contest_service.domain.holding import hold
from contest_service.domain.judging import Judgement
from contest_service.domain.overrides import Overruling, overrule
from contest_service.flows.bench import Bench
from contest_service.store.cases import Gathered

_EVERY_ACTION = frozenset(Action)
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
    presences: dict[Action, list[Presence]] = {}
    for presence in gathered.presences:
        presences.setdefault(presence.action, []).append(presence)
    network = (gathered.platform, gathered.instance)
    unread = bench.unread.get(network)
    complete = _EVERY_ACTION - unread if unread else _EVERY_ACTION
    first_seen = min((each.seen_at for seen in presences.values() for each in seen), default=None)
    asked_since = bench.asked_since
    if asked_since is not None and (first_seen is None or first_seen > asked_since):
        complete -= {Action.FOLLOW}  # nobody knew this entrant when the question was asked
    profile = None
    if gathered.handle:
        profile = Profile(
            account=gathered.account,
            handle=gathered.handle,
            name=gathered.name or "",
            created_at=gathered.created_at,
            has_picture=gathered.has_picture,
            followers=gathered.followers,
            is_closed=gathered.is_closed,
            is_active=gathered.is_active,
            city=gathered.city or "",
            born=gathered.born or "",
            country=gathered.country or "",
        )
    return Case(
        account=gathered.account,
        opens_at=bench.opens_at,
        closes_at=bench.closes_at,
        presences={action: tuple(each) for action, each in presences.items()},
        complete=complete,
        profile=profile,
        standing=gathered.standing or Standing.VISIBLE,
        lists=frozenset(gathered.lists) if gathered.lists else _NONE,
        communities=bench.communities,
        untold=bench.untold.get(network, frozenset()),
        posts=(bench.posts.get(network, frozenset()),),
        quizzes=bench.quizzes,
        is_staff=bench.exclusions.is_staff(network, gathered.account),
        won_at=bench.exclusions.won_at(network, gathered.account),
        copied=bench.copies.of(network, gathered.account),
        overnamed=bench.copies.overnamed,
    )


def subject_of(gathered: Gathered) -> str:
    """The account as the draw protocol spells it."""
    return _network_of(gathered.platform, gathered.instance) + gathered.account


@cache
def _network_of(platform: str, instance: str) -> str:
    """What the subjects of all accounts of a network begin with."""
    return AccountKey(platform=Platform(platform), instance=instance, id="").subject
