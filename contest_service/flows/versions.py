"""Versions: which versions of a contest's terms count for somebody, and what they ask for."""

from collections.abc import Iterable

from contest_service.domain.amendments import Amendments, Applied
from contest_service.domain.contest import Definition
from contest_service.domain.evidence import Action
from contest_service.domain.rules import actions_asked
from contest_service.store import versions
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection


async def counting(conn: Connection, contest: Contest) -> tuple[Applied, ...]:
    """The versions by which entrants are judged, oldest first: all of them, or the newest alone."""
    if contest.definition.amendments is Amendments.AS_ENTERED:
        known = await versions.of_contest(conn, contest)
        return tuple(_applied(each.definition, each.version, each.in_force_at) for each in known)
    return (_applied(contest.definition, contest.terms_version, 0),)


def asked_by(counting: Iterable[Applied]) -> frozenset[Action]:
    """What has to be known so that everybody can be judged, by whichever version it is."""
    asked = (actions_asked(each.rules, each.tickets) for each in counting)
    return frozenset(action for actions in asked for action in actions)


def _applied(definition: Definition, version: int, in_force_at: int) -> Applied:
    return Applied(
        version=version,
        in_force_at=in_force_at,
        rules=definition.rules,
        tickets=definition.tickets,
        unverified=definition.unverified,
    )
