"""Conditions over an action on a post, which is there or not: liked, reposted, quoted."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Annotated, ClassVar

from contest_service.domain.accounts import Profile
from contest_service.domain.case import Case, Finding, Presence, Verdict
from contest_service.domain.conditions.base import (
    ABSENCE,
    Language,
    Timed,
    Unit,
    When,
    absence,
    alike,
    counted,
    posts_of,
    reasons,
)
from contest_service.domain.conditions.limits import whole
from contest_service.domain.conditions.moments import at_moment, lost_by
from contest_service.domain.errors import Fault
from contest_service.domain.evidence import Action
from contest_service.domain.wording import english, russian

MOST_POSTS = 20


class OnPosts(Timed, frozen=True, kw_only=True):
    """The action was done on enough of the contest's posts.

    `posts` is on how many different ones; any of them counts. With `every` it is on all that are on
    the account's platform; of an entrant with several accounts, on all of one of their platforms.
    """

    reasons: ClassVar = reasons(
        {
            Verdict.HOLDS: ("seen",),
            Verdict.WITHDRAWN: ("interrupted",),
            Verdict.FAILS: ("too_few_posts",),
        },
        ABSENCE,
    )
    units: ClassVar = (Unit.POST,)
    later: ClassVar = frozenset({"moment", "posts", "every"})
    action: ClassVar[Action]
    do: ClassVar[dict[Language, tuple[str, str, str]]]
    """What to do: with the contest post, with several posts, which `{}` counts, and with every."""
    it: ClassVar[dict[Language, tuple[str, str]]]
    """What was done then, on one post and on several."""
    hold: ClassVar[Mapping[Language, Mapping[When, str]]]
    """How it has to stay."""
    posts_counted: ClassVar[tuple[str, str, str]] = ("записи", "записей", "записей")
    posts: Annotated[int, whole(1, MOST_POSTS)] = 1
    every: bool = False

    def rests_on(self, case: Case) -> Hashable:
        """What was done, where others did just the same."""
        return alike(case, self.action)

    def judge(self, case: Case) -> Finding:
        done = counted(case, self.action)
        counting, gone = at_moment(done, self.moment)
        if self._is_enough(case, counting):
            return Finding(verdict=Verdict.HOLDS, reason="seen", evidence=tuple(counting))
        were_enough = gone if self._is_enough(case, done) else ()
        finding = absence(case, self.action, were_enough, lost=lost_by(were_enough))
        if finding.verdict is Verdict.FAILS and counting:
            return Finding(verdict=Verdict.FAILS, reason="too_few_posts", evidence=tuple(counting))
        return finding

    def _is_enough(self, case: Case, presences: Sequence[Presence]) -> bool:
        if self.every:
            done = posts_of(presences)
            return any(each and each <= done for each in case.posts)
        if self.posts == 1:
            return bool(presences)
        return len(posts_of(presences)) >= self.posts

    def sentence(self, language: Language) -> str:
        one, several, every = self.do[language]
        posts = english(self.posts, "post")
        if language is Language.RUSSIAN:
            posts = russian(self.posts, self.posts_counted)
        is_one = self.posts == 1 and not self.every
        do = every if self.every else one if is_one else several.format(posts)
        return do + self.hold[language][self.moment].format(it=self.it[language][not is_one])

    def faults(self) -> list[Fault]:
        faults = super().faults()
        if self.every and self.posts > 1:
            detail = "goes without a number of posts: leave one of the two out"
            faults.append(Fault(pointer="/every", detail=detail))
        return faults


class Liked(OnPosts, frozen=True, kw_only=True, tag="liked", tag_field="kind"):
    """A contest post was liked."""

    label: ClassVar = {Language.ENGLISH: "Like", Language.RUSSIAN: "Лайк"}
    action: ClassVar[Action] = Action.LIKE
    do: ClassVar = {
        Language.ENGLISH: (
            "Like the contest post",
            "Like at least {} of the contest",
            "Like every post of the contest on your platform",
        ),
        Language.RUSSIAN: (
            "Поставьте лайк записи конкурса",
            "Поставьте лайк не меньше чем {} конкурса",
            "Поставьте лайк каждой записи конкурса на вашей площадке",
        ),
    }
    it: ClassVar = {Language.ENGLISH: ("it", "them"), Language.RUSSIAN: ("его", "их")}
    hold: ClassVar = {
        Language.ENGLISH: {
            When.ONCE: "; you may take {it} back later",
            When.CLOSE: "",
            When.WHOLE_TIME: " and do not take {it} back until the close, not even for a while",
            When.DRAW: " and keep {it} until the winners are checked after the draw",
        },
        Language.RUSSIAN: {
            When.ONCE: "; потом {it} можно убрать",
            When.CLOSE: "",
            When.WHOLE_TIME: " и не убирайте {it} до закрытия даже на время",
            When.DRAW: " и сохраните {it} до проверки победителей после розыгрыша",
        },
    }
    posts_counted: ClassVar = ("записи", "записям", "записям")


_PUBLISHED: Mapping[Language, Mapping[When, str]] = {
    Language.ENGLISH: {
        When.ONCE: "; you may remove {it} later",
        When.CLOSE: " and keep {it} until the close",
        When.WHOLE_TIME: " and do not remove {it} until the close, not even for a while",
        When.DRAW: " and keep {it} until the winners are checked after the draw",
    },
    Language.RUSSIAN: {
        When.ONCE: "; потом {it} можно удалить",
        When.CLOSE: " и сохраните {it} до закрытия",
        When.WHOLE_TIME: " и не удаляйте {it} до закрытия даже на время",
        When.DRAW: " и сохраните {it} до проверки победителей после розыгрыша",
    },
}
"""What is said of a publication of one's own that has to stay, by moment."""


class Reposted(OnPosts, frozen=True, kw_only=True, tag="reposted", tag_field="kind"):
    """A contest post was reposted where everybody can see it."""

    label: ClassVar = {Language.ENGLISH: "Repost", Language.RUSSIAN: "Репост"}
    action: ClassVar[Action] = Action.REPOST
    reasons: ClassVar = reasons(OnPosts.reasons, {Verdict.UNKNOWN: ("profile_closed",)})
    do: ClassVar = {
        Language.ENGLISH: (
            "Repost the contest post",
            "Repost at least {} of the contest",
            "Repost every post of the contest on your platform",
        ),
        Language.RUSSIAN: (
            "Сделайте репост записи конкурса",
            "Сделайте репосты не меньше {} конкурса",
            "Сделайте репост каждой записи конкурса на вашей площадке",
        ),
    }
    it: ClassVar = {
        Language.ENGLISH: ("the repost", "the reposts"),
        Language.RUSSIAN: ("его", "их"),
    }
    hold: ClassVar = _PUBLISHED

    def rests_on(self, case: Case) -> Hashable:
        """What was done, where others did just the same, and whether it can be seen."""
        done = alike(case, self.action)
        return None if done is None else (done, _is_closed(case.profile))

    def judge(self, case: Case) -> Finding:
        finding = super().judge(case)
        is_missing = finding.verdict is Verdict.WITHDRAWN or finding.reason in _MISSING
        if is_missing and _is_closed(case.profile):
            # What such a profile publishes may be there, and shown to its friends alone.
            return Finding(
                verdict=Verdict.UNKNOWN, reason="profile_closed", evidence=finding.evidence
            )
        return finding


_MISSING = frozenset({"not_seen", "too_few_posts"})


def _is_closed(profile: Profile | None) -> bool:
    return profile is not None and bool(profile.is_closed)


class Quoted(OnPosts, frozen=True, kw_only=True, tag="quoted", tag_field="kind"):
    """A contest post was quoted."""

    label: ClassVar = {Language.ENGLISH: "Quote", Language.RUSSIAN: "Цитата"}
    action: ClassVar[Action] = Action.QUOTE
    do: ClassVar = {
        Language.ENGLISH: (
            "Quote the contest post",
            "Quote at least {} of the contest",
            "Quote every post of the contest on your platform",
        ),
        Language.RUSSIAN: (
            "Процитируйте запись конкурса",
            "Процитируйте не меньше {} конкурса",
            "Процитируйте каждую запись конкурса на вашей площадке",
        ),
    }
    it: ClassVar = {
        Language.ENGLISH: ("the quote", "the quotes"),
        Language.RUSSIAN: ("цитату", "цитаты"),
    }
    hold: ClassVar = _PUBLISHED
