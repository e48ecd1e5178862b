"""Bench: what judging one contest rests on, apart from the entrants' own evidence.

Looked up once, before the first entrant. Whatever else all verdicts of a contest depend on belongs
here.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

import msgspec

from contest_service.domain.accounts import Standing
from contest_service.domain.amendments import Applied
from contest_service.domain.case import Case
from contest_service.domain.evidence import Action, TargetKind
from contest_service.domain.holding import Cause
from contest_service.domain.overrides import Overruling
from contest_service.domain.schedule import unix
from contest_service.flows.copies import Copies, read_copies
from contest_service.flows.exclusions import Exclusions, lists_asked_for, read_exclusions
from contest_service.flows.quiz import opened_answers
from contest_service.flows.versions import asked_by, counting
from contest_service.store import evidence, links, overrides, quarantines, targets
from contest_service.store.contests import Contest
from contest_service.store.evidence import Watched
from contest_service.store.rows import Connection
from contest_service.store.targets import StoredTarget

EDITION = 2
"""Higher whenever the program judges the same evidence in another way than before."""


Network = tuple[str, str]
"""A platform and an instance of it."""
_EVERY_ACTION = frozenset(Action)


@dataclass(frozen=True, kw_only=True)
class Common:
    """What the cases of all accounts of one network have in common."""

    case: Case
    """That of an account of which nothing is known."""
    case_of_new: Case
    """The same of an account that nobody knew yet when everybody was asked about."""
    noted: frozenset[str]
    """The accounts of which more is known than of all others: staff, winners, copies."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What judging one contest rests on, apart from the entrants' own evidence."""

    contest: Contest
    unread: Mapping[Network, frozenset[Action]]
    """By platform and instance: what was not read to its end, so that absence proves nothing."""
    posts: Mapping[Network, frozenset[str]]
    """The contest's posts by platform and instance, as the platform refers to them."""
    untold: Mapping[Network, frozenset[Action]]
    """By platform and instance: what the rules ask for and the platform never tells of."""
    asked_since: int | None
    """When everybody known by then was last asked about, where a platform has to be asked."""
    communities: frozenset[str]
    exclusions: Exclusions
    copies: Copies
    held: Mapping[str, Cause]
    """Who is held for checking, by stable id. Whoever changes it lets a judging come too late."""
    versions: tuple[Applied, ...]
    """The versions of the terms by which entrants are judged, oldest first."""
    quizzes: Mapping[str, tuple[str, ...]]
    """Accepted answers by quiz, of those that are opened."""
    rulings: Mapping[str, Overruling]
    """What persons set aside of verdicts, by subject."""
    linked: frozenset[str]
    """Subjects of accounts whose persons linked several: they are judged together."""
    moments: tuple[tuple[str, str], ...]
    """Evidence, and the scan as of which it is taken where it is not as it stands, by their ids."""

    @cached_property
    def lists(self) -> list[UUID]:
        """The lists of accounts that the rules ask about."""
        return lists_asked_for(self.versions)

    def common(self, network: Network) -> Common:
        """What the cases of a network have in common, looked up once."""
        found = self._common.get(network)
        if found is None:
            found = self._common[network] = self._common_of(network)
        return found

    @cached_property
    def _common(self) -> dict[Network, Common]:
        return {}

    def _common_of(self, network: Network) -> Common:
        complete = _EVERY_ACTION - self.unread.get(network, frozenset())
        nobody = Case(
            account="",
            opens_at=unix(self.contest.opens_at),
            closes_at=unix(self.contest.closes_at),
            presences={},
            complete=complete,
            profile=None,
            standing=Standing.VISIBLE,
            lists=frozenset(),
            communities=self.communities,
            is_staff=self.exclusions.is_staff(network, ""),
            overnamed=self.copies.overnamed,
            quizzes=self.quizzes,
            untold=self.untold.get(network, frozenset()),
            posts=(self.posts.get(network, frozenset()),),
        )
        return Common(
            case=nobody,
            case_of_new=msgspec.structs.replace(nobody, complete=complete - {Action.FOLLOW}),
            noted=self.exclusions.noted(network) | self.copies.noted(network),
        )


async def open_bench(conn: Connection, contest: Contest) -> Bench:
    """Look up what the judge must know before the first entrant."""
    watched = await evidence.watched(conn, contest.workspace_id, contest.id)
    unread: dict[tuple[str, str], set[Action]] = {}
    for each in watched:
        if each.is_live or each.scanned_since is None:
            unread.setdefault((each.platform, each.instance), set()).add(each.action)
    questions = [each.scanned_since for each in watched if each.kind is TargetKind.COMMUNITY]
    posts = await targets.posts(conn, contest.workspace_id, contest.id)
    communities = {post.author for post in posts}
    communities |= {each.ref for each in watched if each.kind is TargetKind.COMMUNITY}
    versions = await counting(conn, contest)
    return Bench(
        contest=contest,
        unread={key: frozenset(actions) for key, actions in unread.items()},
        posts=_by_network(posts),
        untold=_untold(versions, posts, watched),
        asked_since=min((unix(at) for at in questions if at is not None), default=None),
        communities=frozenset(communities),
        exclusions=await read_exclusions(conn, contest, versions),
        copies=await read_copies(conn, contest, versions),
        held=await quarantines.held(conn, contest),
        versions=versions,
        quizzes=await opened_answers(conn, contest),
        rulings=await overrides.rulings(conn, contest),
        linked=frozenset(each.subject for each in await links.members(conn, contest)),
        moments=tuple(
            (f"{each.target_id}:{each.action}", str(each.closing_scan_id)) for each in watched
        ),
    )


def by_version(bench: Bench, terms_version: int | None) -> Bench:
    """The bench for entrants of whom it is settled which version of the terms counts."""
    settled = tuple(each for each in bench.versions if each.version == terms_version)
    return replace(bench, versions=settled) if settled else bench


def digest(bench: Bench) -> bytes:
    """Hash all of the bench on which every verdict rests: everybody is judged anew when it changes.

    The rest of the bench is about some entrants; whoever changes it notes whom (`store.changes`).
    When everybody was asked about is compared by itself, since it only moves on.
    """
    resting = (
        EDITION,
        bench.contest.terms_version,
        bench.contest.definition,
        bench.contest.opens_at,
        bench.contest.closes_at,
        sorted((*key, sorted(actions)) for key, actions in bench.unread.items()),
        sorted((*key, sorted(actions)) for key, actions in bench.untold.items()),
        sorted((*key, sorted(refs)) for key, refs in bench.posts.items()),
        sorted(bench.communities),
        sorted(bench.exclusions.told),
        sorted(bench.copies.overnamed),
        bench.versions,
        bench.quizzes,
        bench.moments,
    )
    return hashlib.sha256(msgspec.json.encode(resting, order="deterministic")).digest()


def _by_network(posts: Sequence[StoredTarget]) -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for post in posts:
        found.setdefault((post.platform, post.instance), set()).add(post.ref)
    return {network: frozenset(refs) for network, refs in found.items()}


def _untold(
    versions: Sequence[Applied], posts: Sequence[StoredTarget], watched: Sequence[Watched]
) -> dict[tuple[str, str], frozenset[Action]]:
    """What each network's platform never tells of: it is asked for, and watched nowhere there."""
    asked = asked_by(versions) - {Action.ENTRY}
    told: dict[tuple[str, str], set[Action]] = {
        (post.platform, post.instance): set() for post in posts
    }
    for each in watched:
        told.setdefault((each.platform, each.instance), set()).add(each.action)
    return {network: frozenset(asked - actions) for network, actions in told.items()}
