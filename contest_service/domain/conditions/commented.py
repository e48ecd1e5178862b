"""The condition over comments: how many, how long, saying what, and naming how many accounts."""

import functools
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Annotated, ClassVar

from contest_service.domain.case import Case, Finding, Presence, Verdict
from contest_service.domain.conditions import comment_sentence
from contest_service.domain.conditions.actions import MOST_POSTS
from contest_service.domain.conditions.base import (
    ABSENCE,
    Language,
    Timed,
    Unit,
    absence,
    alike,
    comment_of,
    counted,
    posts_of,
    reasons,
)
from contest_service.domain.conditions.limits import some, text, whole
from contest_service.domain.conditions.moments import at_moment, lost_by
from contest_service.domain.conditions.spelling import (
    folded,
    holds_words,
    is_hashtag,
    numbers_of,
    words_of,
)
from contest_service.domain.errors import Fault
from contest_service.domain.evidence import Action


class Commented(Timed, frozen=True, kw_only=True, tag="commented", tag_field="kind"):
    """Enough comments that fit were written under a contest post.

    A comment fits if it has at least `words` words and, if one is named, carries `hashtag` (without
    the sign, any case). A word is anything between spaces with a letter or a digit in it. It says
    one of `contains` somewhere, is as a whole one of `equals`, and names `number` and no other
    number, as far as these are given; case, signs, and е for ё make no difference there. With
    `original` a copy of what somebody else wrote before does not fit.

    The comments that fit stand under at least `posts` posts, and name at least `mentions` different
    accounts together; neither the writer nor the contest's communities count, and with `uncommon`
    nobody whom the comments of too many entrants name.

    With `every` all this is asked of each of the contest's posts by itself, on the account's
    platform; of an entrant with several accounts, on all posts of one of their platforms.
    """

    label: ClassVar = {Language.ENGLISH: "Comment", Language.RUSSIAN: "Комментарий"}
    action: ClassVar[Action] = Action.COMMENT
    reasons: ClassVar = reasons(
        {
            Verdict.HOLDS: ("seen",),
            Verdict.WITHDRAWN: ("interrupted",),
            Verdict.FAILS: (
                "too_few_posts",
                "mentions_too_common",
                "too_few_mentions",
                "comment_copied",
                "hashtag_missing",
                "text_missing",
                "comment_does_not_fit",
                "too_few_comments",
            ),
        },
        ABSENCE,
    )
    units: ClassVar = (Unit.COMMENT, Unit.MENTION, Unit.POST)
    later: ClassVar = frozenset(
        {"moment", "posts", "contains", "equals", "number", "original", "uncommon", "every"}
    )
    times: Annotated[int, whole(1, 100)] = 1
    words: Annotated[int, whole(0, 1000)] = 0
    hashtag: Annotated[str, text(64, least=0)] = ""
    mentions: Annotated[int, whole(0, 20)] = 0
    posts: Annotated[int, whole(1, MOST_POSTS)] = 1
    contains: Annotated[tuple[Annotated[str, text(100)], ...], some(20)] = ()
    equals: Annotated[tuple[Annotated[str, text(100)], ...], some(20)] = ()
    number: Annotated[int | None, whole(0, 10**15)] = None
    original: bool = False
    uncommon: bool = False
    every: bool = False

    def rests_on(self, case: Case) -> Hashable:
        """That nothing was written, where others wrote nothing either."""
        return None if case.presences.get(Action.COMMENT) else alike(case, Action.COMMENT)

    def judge(self, case: Case) -> Finding:
        comments = counted(case, Action.COMMENT)
        fitting = [seen for seen in comments if self._fits(case, seen)]
        counting, gone = at_moment(fitting, self.moment)
        if self._is_enough(case, counting):
            return Finding(verdict=Verdict.HOLDS, reason="seen", evidence=tuple(counting))
        if self._is_enough(case, fitting):
            return absence(case, Action.COMMENT, gone, lost=lost_by(gone))
        never_enough = absence(case, Action.COMMENT, [])
        if not comments or never_enough.verdict is Verdict.UNKNOWN:
            return never_enough
        reason = self._shortfall(case, comments, fitting)
        return Finding(verdict=Verdict.FAILS, reason=reason, evidence=tuple(comments))

    def _fits(self, case: Case, comment: Presence) -> bool:
        return self._would_fit(comment) and not (self.original and comment.ref in case.copied)

    def _would_fit(self, comment: Presence) -> bool:
        return (
            (not self.words or _has_words(comment.text, self.words))
            and self._has_hashtag(comment)
            and self._says(comment.text)
        )

    def _has_hashtag(self, comment: Presence) -> bool:
        if not self.hashtag or self.hashtag in comment.tags:
            return True
        return folded(self.hashtag) in map(folded, comment.tags)

    def _says(self, said: str) -> bool:
        if self.number is not None and numbers_of(said) != {self.number}:
            return False
        if not self.contains and not self.equals:
            return True
        words = words_of(said)
        contains, equals = _words_of_each(self.contains), _words_of_each(self.equals)
        return (not contains or any(holds_words(words, each) for each in contains)) and (
            not equals or words in equals
        )

    def _is_enough(self, case: Case, comments: Sequence[Presence]) -> bool:
        if not self.every:
            return self._are_enough(case, comments)
        under = _by_post(comments)
        return any(
            posts and all(self._are_enough(case, under.get(post, ())) for post in posts)
            for posts in case.posts
        )

    def _are_enough(self, case: Case, comments: Sequence[Presence]) -> bool:
        if len(comments) < self.times:
            return False
        return (
            (self.times == 1 or _different(comments) >= self.times)
            and (self.posts == 1 or len(posts_of(comments)) >= self.posts)
            and (not self.mentions or len(self._named(case, comments)) >= self.mentions)
        )

    def _named(self, case: Case, comments: Collection[Presence]) -> set[str]:
        named = {account for seen in comments for account in seen.mentions}
        named.difference_update(case.communities, case.accounts if case.apart else (case.account,))
        return named - case.overnamed if self.uncommon else named

    def count(self, case: Case, finding: Finding, unit: Unit) -> int:
        """How many units of what holds a bonus counts; `unit` is one of `units`."""
        if unit is Unit.MENTION:
            return len(self._named(case, finding.evidence))
        return super().count(case, finding, unit)

    def _shortfall(
        self, case: Case, comments: Sequence[Presence], fitting: Sequence[Presence]
    ) -> str:
        if self.every:
            under = _by_post(fitting)
            if any(self._are_enough(case, each) for each in under.values()):
                return "too_few_posts"
            comments = _most(_by_post(comments), under)
            fitting = under.get(comments[0].target, ())
        if _different(fitting) >= self.times:
            if len(posts_of(fitting)) < self.posts:
                return "too_few_posts"
            anybody = {account for seen in fitting for account in seen.mentions}
            common = anybody & case.overnamed if self.uncommon else set()
            is_common = len(self._named(case, fitting)) + len(common) >= self.mentions
            return "mentions_too_common" if is_common else "too_few_mentions"
        if _different([seen for seen in comments if self._would_fit(seen)]) >= self.times:
            return "comment_copied"
        if not any(map(self._has_hashtag, comments)):
            return "hashtag_missing"
        if not any(self._says(seen.text) for seen in comments):
            return "text_missing"
        if _different(comments) >= self.times:
            return "comment_does_not_fit"
        return "too_few_comments"

    def sentence(self, language: Language) -> str:
        return comment_sentence.say(self, language)

    def faults(self) -> list[Fault]:
        faults = super().faults()
        if self.hashtag and not is_hashtag(self.hashtag):
            detail = "give the hashtag without its sign: letters, digits and _, at most 64"
            faults = [each for each in faults if each.pointer != "/hashtag"]
            faults.append(Fault(pointer="/hashtag", detail=detail))
        for field, given in (("contains", self.contains), ("equals", self.equals)):
            faults += [
                Fault(pointer=f"/{field}/{place}", detail="needs a letter or a digit")
                for place, each in enumerate(given)
                if each.strip() and not words_of(each)
            ]
        if self.every and self.posts > 1:
            detail = "goes without a number of posts: leave one of the two out"
            faults.append(Fault(pointer="/every", detail=detail))
        elif self.posts > max(1, self.times):
            detail = "must not be more than times: one comment stands under one post"
            faults.append(Fault(pointer="/posts", detail=detail))
        if self.uncommon and not self.mentions:
            detail = "says which mentions count: ask for mentions, too"
            faults.append(Fault(pointer="/uncommon", detail=detail))
        return faults


@functools.lru_cache(maxsize=256)
def _words_of_each(texts: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(map(words_of, texts))


def _by_post(comments: Sequence[Presence]) -> dict[str, list[Presence]]:
    under: dict[str, list[Presence]] = {}
    for seen in comments:
        under.setdefault(seen.target, []).append(seen)
    return under


def _most(
    comments: Mapping[str, Sequence[Presence]], fitting: Mapping[str, Sequence[Presence]]
) -> Sequence[Presence]:
    """The comments under the post at which the least is missing."""
    return max(
        comments.values(),
        key=lambda each: (_different(fitting.get(each[0].target, ())), _different(each)),
    )


def _different(comments: Collection[Presence]) -> int:
    """Count comments; one that was gone for a while, or was edited, is still one."""
    return len({comment_of(seen) for seen in comments})


def _has_words(said: str, least: int) -> bool:
    """Whether there are so many words in it; whatever comes after them is not looked at."""
    first = said.split(None, least)[:least]
    if len(first) == least and "".join(first).isalnum():
        return True  # as it is for nearly all that are written
    found = 0
    for word in said.split():
        if any(map(str.isalnum, word)):
            found += 1
            if found == least:
                return True
    return False
