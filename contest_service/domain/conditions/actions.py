"""Conditions over a single action: liked, reposted, quoted, follows, joined."""

from typing import ClassVar

from contest_service.domain.case import Case, Finding, Presence, Verdict
from contest_service.domain.conditions.base import (
    Condition,
    Language,
    absence,
    counted,
    is_late,
    is_present,
    known,
)
from contest_service.domain.evidence import Action


class _Did(Condition, frozen=True, kw_only=True):
    """The action was done in the contest's time and is still there."""

    action: ClassVar[Action]
    sentences: ClassVar[dict[Language, str]]

    def judge(self, case: Case) -> Finding:
        candidates = counted(case, self.action)
        present = tuple(filter(is_present, candidates))
        if present:
            return Finding(verdict=Verdict.HOLDS, reason="seen", evidence=present)
        return absence(case, self.action, candidates)

    def sentence(self, language: Language) -> str:
        return self.sentences[language]


class Liked(_Did, frozen=True, kw_only=True, tag="liked", tag_field="kind"):
    """A contest post was liked."""

    action: ClassVar[Action] = Action.LIKE
    sentences: ClassVar[dict[Language, str]] = {
        Language.ENGLISH: "Like the contest post",
        Language.RUSSIAN: "Поставьте лайк записи конкурса",
    }


class Reposted(_Did, frozen=True, kw_only=True, tag="reposted", tag_field="kind"):
    """A contest post was reposted where everybody can see it."""

    action: ClassVar[Action] = Action.REPOST
    sentences: ClassVar[dict[Language, str]] = {
        Language.ENGLISH: "Repost the contest post and keep the repost until the close",
        Language.RUSSIAN: "Сделайте репост записи конкурса и сохраните его до закрытия",
    }

    def judge(self, case: Case) -> Finding:
        finding = super().judge(case)
        is_missing = finding.verdict is Verdict.WITHDRAWN or finding.reason == "not_seen"
        if is_missing and case.profile is not None and case.profile.is_closed:
            # What such a profile publishes may be there, and shown to its friends alone.
            return Finding(
                verdict=Verdict.UNKNOWN, reason="profile_closed", evidence=finding.evidence
            )
        return finding


class Quoted(_Did, frozen=True, kw_only=True, tag="quoted", tag_field="kind"):
    """A contest post was quoted."""

    action: ClassVar[Action] = Action.QUOTE
    sentences: ClassVar[dict[Language, str]] = {
        Language.ENGLISH: "Quote the contest post and keep the quote until the close",
        Language.RUSSIAN: "Процитируйте запись конкурса и сохраните цитату до закрытия",
    }


class Follows(Condition, frozen=True, kw_only=True, tag="follows", tag_field="kind"):
    """The account follows the community at the close, since whenever.

    A follow that ended before the contest opened has nothing to do with it.
    """

    action: ClassVar[Action] = Action.FOLLOW

    def judge(self, case: Case) -> Finding:
        follows = [
            seen
            for seen in known(case, Action.FOLLOW)
            if not is_late(case, seen) and (seen.gone_at is None or seen.gone_at >= case.opens_at)
        ]
        present = tuple(filter(is_present, follows))
        if present:
            return Finding(verdict=Verdict.HOLDS, reason="seen", evidence=present)
        return absence(case, Action.FOLLOW, follows)

    def sentence(self, language: Language) -> str:
        if language is Language.RUSSIAN:
            return "Будьте подписаны на сообщество в момент закрытия"
        return "Follow the community at the close"


class Joined(Condition, frozen=True, kw_only=True, tag="joined", tag_field="kind"):
    """The account became a follower of the community after the contest opened, and still is one.

    It is known by the platform's time, by a live event, or by a complete list since the opening on
    which the account did not stand yet. Whoever stood on the first list may have been there before.
    """

    action: ClassVar[Action] = Action.FOLLOW

    def judge(self, case: Case) -> Finding:
        follows = [seen for seen in known(case, Action.FOLLOW) if not is_late(case, seen)]
        present = tuple(filter(is_present, follows))
        if not present:
            return absence(case, Action.FOLLOW, [each for each in follows if _is_new(case, each)])
        if any(_is_new(case, seen) for seen in present):
            return Finding(verdict=Verdict.HOLDS, reason="joined_since", evidence=present)
        if all(_is_old(case, seen) for seen in present):
            return Finding(verdict=Verdict.FAILS, reason="joined_before", evidence=present)
        return Finding(verdict=Verdict.UNKNOWN, reason="joined_when_unknown", evidence=present)

    def sentence(self, language: Language) -> str:
        if language is Language.RUSSIAN:
            return "Подпишитесь на сообщество после открытия конкурса и оставайтесь подписаны"
        return "Follow the community after the contest has opened, and stay"


def _is_new(case: Case, seen: Presence) -> bool:
    """Whether it surely began since the opening."""
    if seen.at is not None:
        return seen.at >= case.opens_at
    was_absent = seen.absent_at is not None and seen.absent_at >= case.opens_at
    return was_absent or (seen.is_heard and seen.seen_at >= case.opens_at)


def _is_old(case: Case, seen: Presence) -> bool:
    """Whether it surely began before the opening."""
    return (seen.seen_at if seen.at is None else seen.at) < case.opens_at
