"""Conditions over a single action: liked, reposted, quoted, follows."""

from typing import ClassVar

from contest_service.domain.case import Case, Finding, Verdict
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
