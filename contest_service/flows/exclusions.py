"""Exclusions: what is known of accounts beside what they did: who is staff, and who has won before.

Both are few, whatever a contest's size, and are looked up once for all verdicts.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from contest_service.domain.amendments import Applied
from contest_service.domain.conditions import AnyCondition, NotListed, NotPastWinner
from contest_service.domain.rules import conditions
from contest_service.domain.schedule import unix
from contest_service.store import changes, staff, winners
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.store.staff import Staff

LONGEST_SILENCE = timedelta(days=2)
"""How old the last good answer about a community's staff may get while asking fails."""
_DAY = 86400

Network = tuple[str, str]
"""Platform and instance."""


@dataclass(frozen=True, kw_only=True)
class Exclusions:
    """Who is staff and who has won before; `told` are the networks that tell of all their staff."""

    staff: Mapping[Network, frozenset[str]]
    told: frozenset[Network]
    winners: Mapping[Network, Mapping[str, tuple[int, ...]]]

    def is_staff(self, network: Network, account: str) -> bool | None:
        """Whether an account helps to run a community of the contest; None if it is not told."""
        if account in self.staff.get(network, ()):
            return True
        return False if network in self.told else None

    def noted(self, network: Network) -> frozenset[str]:
        """The accounts that are staff, or won something."""
        return self.staff.get(network, frozenset()) | self.winners.get(network, {}).keys()

    def won_at(self, network: Network, account: str) -> tuple[int, ...]:
        """When an account won prizes of other contests, oldest first."""
        return self.winners.get(network, {}).get(account, ())


def asks_for_staff(versions: Iterable[Applied]) -> bool:
    """Whether any condition that counts is about who helps to run the contest's communities."""
    return any(each.asks_staff for each in asked_in(versions))


def lists_asked_for(versions: Iterable[Applied]) -> list[UUID]:
    """The lists of accounts that any condition that counts is about."""
    asked = (each for each in asked_in(versions) if isinstance(each, NotListed))
    return sorted({UUID(each.list_id) for each in asked})


def asked_in(versions: Iterable[Applied]) -> Iterator[AnyCondition]:
    """Every condition of rules and bonuses in some versions."""
    for version in versions:
        for rule in (version.rules, *(bonus.rule for bonus in version.tickets.bonuses)):
            yield from (condition for _, condition in conditions(rule))


async def read_exclusions(
    conn: Connection, contest: Contest, versions: Sequence[Applied]
) -> Exclusions:
    """Look up what the conditions of some versions of the contest's rules ask for."""
    by_network: dict[Network, set[str]] = {}
    untold: set[Network] = set()
    if asks_for_staff(versions):
        for each in await staff.of_contest(conn, contest.workspace_id, contest.id):
            network = (each.platform.value, each.instance)
            known = by_network.setdefault(network, set())
            if each.accounts is not None:
                known.update(each.accounts)
            if not is_told(each):
                untold.add(network)
    return Exclusions(
        staff={network: frozenset(known) for network, known in by_network.items()},
        told=frozenset(by_network.keys() - untold),
        winners=await _winners(conn, contest, versions),
    )


def is_told(known: Staff) -> bool:
    """Whether a list of staff is complete, and not too old to be believed."""
    if known.accounts is None or known.read_at is None or known.tried_at is None:
        return False
    return known.tried_at - known.read_at <= LONGEST_SILENCE


async def note_prizes(conn: Connection, contest: Contest, entries: Collection[UUID]) -> None:
    """Note that entries won or lost prizes: other contests may ask for it.

    In the transaction that writes it.
    """
    if contest.practice or not entries:
        return
    by_network: dict[Network, list[str]] = {}
    for each in await winners.accounts_of(conn, contest, entries):
        by_network.setdefault((each.platform.value, each.instance), []).append(each.id)
    for (platform, instance), accounts in by_network.items():
        await changes.note(
            conn, contest.workspace_id, accounts, platform=platform, instance=instance
        )


async def _winners(
    conn: Connection, contest: Contest, versions: Sequence[Applied]
) -> dict[Network, dict[str, tuple[int, ...]]]:
    days = [each.days for each in asked_in(versions) if isinstance(each, NotPastWinner)]
    found: dict[Network, dict[str, tuple[int, ...]]] = {}
    if days:
        since = unix(contest.closes_at) - max(days) * _DAY
        for each in await winners.of_others(conn, contest, since=since):
            of_network = found.setdefault((each.platform.value, each.instance), {})
            of_network[each.id] = (*of_network.get(each.id, ()), each.won_at)
    return found
