"""The kinds of conditions to choose from, each with what the contest's platforms tell of it."""

from collections.abc import Mapping

import msgspec

from contest_service.domain import catalogue
from contest_service.domain.accounts import Platform
from contest_service.domain.catalogue import Kind
from contest_service.domain.conditions import When
from contest_service.flows.foresee import HowTold, how_told
from contest_service.flows.runtime import Runtime, capabilities_for
from contest_service.platforms.base import Capabilities
from contest_service.store.rows import Connection
from contest_service.web.contest_words import Said, say_platform
from contest_service.web.language import Words
from contest_service.web.wizard.draft import Draft


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A kind, how one of it reads, and how it is told on each platform of the contest."""

    kind: str
    label: str
    sentence: str
    told: list[tuple[str, Said]]


async def offers_for(
    conn: Connection, rt: Runtime, draft: Draft, words: Words
) -> list[tuple[str, list[Offer]]]:
    """All kinds in the catalogue's order, under headings."""
    able = await _able(conn, rt, draft)
    headings = {
        "action": words.gettext("What somebody does"),
        "fact": words.gettext("What their profile shows"),
        "ours": words.gettext("What you know yourself"),
    }
    found: dict[str, list[Offer]] = {name: [] for name in headings}
    for kind in catalogue.kinds():
        found[_heading(kind)].append(_offer(kind, able, words))
    return [(heading, found[name]) for name, heading in headings.items()]


async def told_of(
    conn: Connection, rt: Runtime, draft: Draft, *, kind: Kind, words: Words
) -> list[tuple[str, Said]]:
    """How one kind is told on each platform of the contest."""
    return _told(kind, await _able(conn, rt, draft), words)


async def _able(conn: Connection, rt: Runtime, draft: Draft) -> dict[Platform, Capabilities]:
    """What each platform of the contest can tell, by the first of its posts there."""
    able: dict[Platform, Capabilities] = {}
    for post in draft.posts:
        if post.community_id in draft.communities and post.platform not in able:
            able[post.platform] = await capabilities_for(
                conn, rt, post.workspace_id, post.community_id
            )
    return able


def _heading(kind: Kind) -> str:
    if kind.action is not None:
        return "action"
    return "fact" if kind.fact else "ours"


def _offer(kind: Kind, able: Mapping[Platform, Capabilities], words: Words) -> Offer:
    return Offer(
        kind=kind.kind,
        label=kind.label[words.language],
        sentence=kind.example.sentences[When.CLOSE][words.language],
        told=_told(kind, able, words),
    )


def _told(
    kind: Kind, able: Mapping[Platform, Capabilities], words: Words
) -> list[tuple[str, Said]]:
    type_ = next(each for each in catalogue.every_kind() if catalogue.name_of(each) == kind.kind)
    return [
        (say_platform(platform.value, words), say_told(how_told(type_, each), words))
        for platform, each in able.items()
    ]


def say_told(how: HowTold, words: Words) -> Said:
    """Say how a platform lets a condition be known."""
    match how:
        case HowTold.LISTED:
            return Said(look="good", word=words.gettext("everybody who did it is listed"))
        case HowTold.ASKED:
            return Said(look="good", word=words.gettext("asked about each account"))
        case HowTold.LIVE:
            return Said(look="warn", word=words.gettext("known only while events come in"))
        case HowTold.OURS:
            return Said(look="good", word=words.gettext("known to this workspace"))
        case HowTold.NEVER:
            return Said(look="bad", word=words.gettext("cannot be known"))
