"""Texts ahead: what a contest will publish and write, as it will look on each platform.

The words, and how they are shortened, are those of announcements and notices; names, numbers and
hashes in them are examples. Asks nobody and writes nothing.
"""

import enum
import hashlib
import itertools
from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from contest_service.domain import texts
from contest_service.domain.accounts import Platform
from contest_service.domain.conditions import Language
from contest_service.domain.reasons import PersonReason
from contest_service.domain.schedule import unix
from contest_service.flows.runtime import Runtime
from contest_service.platforms.registry import press
from contest_service.store.contests import Contest

ENTRIES = 1204
"""As many entries as the example has."""
_HASH = hashlib.sha256(b"example").hexdigest()
_ENTRY = "0199c8f4-7d3a-7000-8000-%012d"
_NAMES = {
    Platform.BLUESKY: ("@ann.bsky.social", "@winner%d.bsky.social"),
    Platform.VK: ("@ann", "@winner%d"),
}
"""What somebody may be called there, and the rest."""


class Occasion(enum.StrEnum):
    """When something is said, in the order in which it can happen."""

    FREEZE = "freeze"
    RESULT = "result"
    MESSAGE = "message"
    MENTION = "mention"
    SUCCESSION = "succession"
    AMENDMENT = "amendment"
    VOID = "void"


class Foretold(msgspec.Struct, frozen=True, kw_only=True):
    """A text as it will look on a platform, in one language.

    `size` and `most` are characters as the platform counts them. `whole` is how many it would have
    if nothing were left out; where it `is_cut`, the rest stands behind the link.
    """

    occasion: Occasion
    platform: Platform
    language: Language
    text: str
    size: int
    most: int
    whole: int
    is_cut: bool


class _About(msgspec.Struct, frozen=True, kw_only=True):
    """A contest, and how its texts are said."""

    contest: Contest
    platform: Platform
    language: Language

    @property
    def usual(self) -> dict[str, Any]:
        """What all texts are told of the contest."""
        return {"title": self.contest.definition.title, "practice": self.contest.practice}

    @property
    def claim_within(self) -> int | None:
        return self.contest.definition.claim_within


def foretell(
    rt: Runtime, contest: Contest, platforms: Collection[Platform], language: Language
) -> list[Foretold]:
    """Every text of a contest on these platforms. Raises ConflictError without a beacon."""
    link = rt.contest_link(contest.id)
    round_ = rt.beacon_for(contest).first_round_at(unix(contest.draw_at))
    found = []
    for platform in platforms:
        about = _About(contest=contest, platform=platform, language=language)
        said = [*_before(about, round_), *_after(about, round_), *_of_changes(about)]
        found += [_fitted(occasion, about, text, link=link) for occasion, text in said]
    return found


def _fitted(occasion: Occasion, about: _About, text: str, *, link: str) -> Foretold:
    style = press(about.platform)
    fitted, whole = style.fit(text, link), f"{text}\n{link}"
    return Foretold(
        occasion=occasion,
        platform=about.platform,
        language=about.language,
        text=fitted,
        size=style.size(fitted),
        most=style.most,
        whole=style.size(whole),
        is_cut=fitted != whole,
    )


def _before(about: _About, round_: int) -> Iterator[tuple[Occasion, str]]:
    """What is said before the draw."""
    contest = about.contest
    yield (
        Occasion.FREEZE,
        texts.freeze_text(
            about.language,
            entries=ENTRIES,
            tickets=ENTRIES * contest.definition.tickets.base,
            freeze_hash=_HASH,
            round_=round_,
            draw_at=contest.draw_at,
            zone=contest.definition.schedule.zone,
            practice=contest.practice,
        ),
    )


def _after(about: _About, round_: int) -> Iterator[tuple[Occasion, str]]:
    """What is said once it is drawn, to everybody and to a winner."""
    definition = about.contest.definition
    tiers = _won(about)
    told: dict[str, Any] = {
        **about.usual,
        "prizes": [tiers[0].prize],
        "claim_within": about.claim_within,
    }
    yield (
        Occasion.RESULT,
        texts.result_text(
            about.language,
            tiers=tiers,
            entries=ENTRIES,
            round_=round_,
            claim_within=about.claim_within,
            **about.usual,
        ),
    )
    message = texts.message_text(about.language, organiser=definition.organiser, **told)
    yield Occasion.MESSAGE, message
    if definition.naming:
        first = tiers[0].winners[0]
        yield Occasion.MENTION, texts.mention_text(about.language, label=first, **told)


def _of_changes(about: _About) -> Iterator[tuple[Occasion, str]]:
    """What is said only if something changes."""
    first, second = _names(about, 2)
    succession = texts.succession_text(
        about.language,
        taken=[(about.contest.definition.draws[0].tiers[0].prize, second)],
        formers=[first],
        reason=PersonReason.UNREACHABLE,
        practice=about.contest.practice,
        claim_within=about.claim_within,
    )
    yield Occasion.SUCCESSION, succession
    reason, change = _EXAMPLES[about.language]
    amendment = texts.amendment_text(
        about.language, version=2, reason=reason, changes=[change], **about.usual
    )
    yield Occasion.AMENDMENT, amendment
    yield Occasion.VOID, texts.void_text(about.language, reason="cancelled", **about.usual)


_EXAMPLES = {
    Language.ENGLISH: ("an example of a reason", "An example of a change."),
    Language.RUSSIAN: ("пример причины", "Пример изменения."),
}


def _won(about: _About) -> list[texts.TierResult]:
    """A result in which nothing is left over."""
    tiers = [tier for draw in about.contest.definition.draws for tier in draw.tiers]
    names = iter(_names(about, sum(tier.winners for tier in tiers)))
    return [
        texts.TierResult(prize=tier.prize, winners=tuple(itertools.islice(names, tier.winners)))
        for tier in tiers
    ]


def _names(about: _About, count: int) -> list[str]:
    if not about.contest.definition.naming:
        return [_ENTRY % number for number in range(1, count + 1)]
    first, rest = _NAMES[about.platform]
    return [first, *(rest % number for number in range(2, count + 1))]
