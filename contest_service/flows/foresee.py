"""Foresee: what of a contest's rules its platforms cannot tell, said before it starts.

Asks nobody: it follows from the platforms and from the credentials that are connected, of which
kinds they are and when they end.
"""

import enum
from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

import msgspec

from contest_service.domain.conditions import (
    AnyCondition,
    Commented,
    Condition,
    Follows,
    Joined,
    Language,
    When,
)
from contest_service.domain.conditions.actions import OnPosts
from contest_service.domain.contest import every_condition
from contest_service.domain.errors import Fault
from contest_service.domain.evidence import Action
from contest_service.domain.judging import condition_name
from contest_service.flows import expiry
from contest_service.flows.foresee_words import WORDS, Words
from contest_service.flows.runtime import Runtime, capabilities_for
from contest_service.platforms.base import Capabilities, Support
from contest_service.store import communities, targets
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.store.targets import StoredTarget


class HowTold(enum.StrEnum):
    """How it is known whether a condition holds for an account of a platform."""

    LISTED = "listed"
    """Everybody who did it is listed, so that absence is proved, too."""
    ASKED = "asked"
    """The platform is asked about each account."""
    LIVE = "live"
    """Only live events tell of it, so that absence is never proved."""
    OURS = "ours"
    """The workspace itself knows it, whatever the platform tells."""
    NEVER = "never"
    """Nobody can be known to fulfil it."""


def how_told(kind: Condition | type[Condition], able: Capabilities) -> HowTold:
    """Say how a platform lets a kind of condition be known, with what is connected there."""
    if kind.asks_staff:
        return HowTold.ASKED if able.tells_staff else HowTold.NEVER
    if kind.fact:
        return HowTold.ASKED if kind.fact in able.facts else HowTold.NEVER
    if kind.action is None or kind.action is Action.ENTRY:
        return HowTold.OURS
    support = able.actions.get(kind.action)
    return HowTold.NEVER if support is None else HowTold(support.value)


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """A condition that cannot be judged, or not always, for entrants of one post.

    `at` and `condition` are empty where it is about all of them: the credential ends too early.
    `at` is the condition's JSON pointer in the definition, `is_never` whether nobody can be known
    to fulfil it; `note` says what cannot be known and `mend` what to connect, if anything helps.
    """

    at: str
    condition: str
    post_id: UUID
    post_url: str
    is_never: bool
    note: str
    mend: str


class _About(msgspec.Struct, frozen=True, kw_only=True):
    """One post, among all of the contest, and in which words it is spoken of."""

    post: StoredTarget
    posts: Sequence[StoredTarget]
    able: Capabilities
    words: Words


async def foresee(
    conn: Connection, rt: Runtime, contest: Contest, *, language: Language = Language.ENGLISH
) -> list[Foreseen]:
    """List what cannot be known, condition by condition, for each of the contest's posts."""
    found: list[Foreseen] = []
    posts = await targets.posts(conn, contest.workspace_id, contest.id)
    for post in posts:
        able = await capabilities_for(conn, rt, post.workspace_id, post.community_id)
        about = _About(post=post, posts=posts, able=able, words=WORDS[language])
        found += _of_post(contest, about)
        found += await _of_credential(conn, rt, contest, about)
    return found


def impossible(foreseen: Sequence[Foreseen], posts: int) -> list[Fault]:
    """The conditions that nobody can be known to fulfil on any of so many posts, as faults."""
    never: dict[str, list[Foreseen]] = {}
    for each in foreseen:
        if each.is_never:
            never.setdefault(each.at, []).append(each)
    return [
        Fault(pointer=f"/definition{at}", detail=f"cannot be known: {spots[0].note}")
        for at, spots in never.items()
        if len(spots) == posts
    ]


async def _of_credential(
    conn: Connection, rt: Runtime, contest: Contest, about: _About
) -> list[Foreseen]:
    post, language = about.post, about.words.language
    community = await communities.read(conn, post.workspace_id, post.community_id)
    closing = contest.definition.schedule.frozen_at
    note = (
        ""
        if community is None
        else expiry.ends_before(community, closing, now=rt.clock(), language=language)
    )
    if not note:
        return []
    return [
        Foreseen(
            at="",
            condition="",
            post_id=post.id,
            post_url=post.url,
            is_never=False,
            note=note,
            mend=expiry.mend(language),
        )
    ]


def _of_post(contest: Contest, about: _About) -> Iterator[Foreseen]:
    for at, condition in every_condition(contest.definition):
        notes = [
            *_notes(condition, about),
            *_of_number(condition, about),
            *_of_elsewhere(condition, about),
        ]
        for is_never, note, mend in notes:
            yield Foreseen(
                at=at,
                condition=condition_name(condition),
                post_id=about.post.id,
                post_url=about.post.url,
                is_never=is_never,
                note=note,
                mend=mend,
            )


def _notes(condition: AnyCondition, about: _About) -> Iterator[tuple[bool, str, str]]:
    """What cannot be known of one condition: whether never, what, and what would mend it."""
    able, words = about.able, about.words
    if how_told(condition, able) is HowTold.NEVER:
        yield True, _never(condition, about), ""
        return
    if unknown := _unknown_communities(condition, {each.author for each in about.posts}):
        yield True, words.unknown.format(names=words.either.join(unknown)), words.attach
        return
    if condition.action is None:
        return
    for spot in able.blind_spots:
        if spot.action is condition.action:
            yield False, spot.note[words.language], spot.mend.get(words.language, "")
    if condition.when in _WATCHED:
        yield False, words.between, ""
    is_asked = able.actions.get(condition.action) is Support.ASKED
    if condition.when is When.WHOLE_TIME and is_asked:
        yield False, words.before, ""


def _of_number(condition: AnyCondition, about: _About) -> Iterator[tuple[bool, str, str]]:
    """Whether it is asked for on more posts than there are, in all or on the post's platform."""
    post, posts, words = about.post, about.posts, about.words
    asked = condition.posts if isinstance(condition, OnPosts | Commented) else 1
    here = sum((each.platform, each.instance) == (post.platform, post.instance) for each in posts)
    if asked > len(posts):
        yield True, words.few.format(posts=words.count(len(posts)), asked=asked), words.attach_more
    elif asked > here:
        said = words.elsewhere.format(posts=words.count(here), platform=post.platform.label)
        yield False, said, ""


def _of_elsewhere(condition: AnyCondition, about: _About) -> Iterator[tuple[bool, str, str]]:
    """Whether it is about communities of another platform, where one account cannot follow them."""
    if not isinstance(condition, Follows | Joined) or not condition.communities:
        return
    post, posts, words = about.post, about.posts, about.words
    network = (post.platform, post.instance)
    here = {each.author for each in posts if (each.platform, each.instance) == network}
    away = {each.author for each in posts} - here
    named = [each.name for each in condition.communities if each.id in away]
    if named and (condition.every or len(named) == len(condition.communities)):
        names = words.both.join(named)
        yield False, words.away.format(names=names, platform=post.platform.label), ""


_WATCHED = frozenset({When.ONCE, When.WHOLE_TIME})


def _never(condition: AnyCondition, about: _About) -> str:
    words, platform = about.words, about.post.platform.label
    if condition.asks_staff:
        return words.no_staff.format(platform=platform)
    if condition.fact:
        return words.no_fact.format(platform=platform)
    action = condition.label[words.language].lower()
    return words.no_action.format(platform=platform, action=action)


def _unknown_communities(condition: AnyCondition, authors: Collection[str]) -> list[str]:
    """The communities that make a condition impossible, since nobody's follows of them are read."""
    if not isinstance(condition, Follows | Joined):
        return []
    unknown = [each.name for each in condition.communities if each.id not in authors]
    is_missing = condition.every or len(unknown) == len(condition.communities)
    return unknown if is_missing else []
