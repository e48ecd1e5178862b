"""The condition over comments: how many, how long, with which hashtag, naming how many accounts."""

import unicodedata
from collections.abc import Collection
from typing import ClassVar

from contest_service.domain.case import Case, Finding, Presence, Verdict
from contest_service.domain.conditions.base import (
    Condition,
    Language,
    absence,
    counted,
    is_present,
)
from contest_service.domain.errors import Fault
from contest_service.domain.evidence import Action
from contest_service.domain.wording import english, russian


class Commented(Condition, frozen=True, kw_only=True, tag="commented", tag_field="kind"):
    """Enough comments that fit were written under a contest post.

    A comment fits if it has at least `words` words and, if one is named, carries `hashtag` (without
    the sign, any case). A word is anything between spaces with a letter or a digit in it. The
    comments that fit name at least `mentions` different accounts together; neither the writer nor
    the contest's communities count.
    """

    action: ClassVar[Action] = Action.COMMENT
    times: int = 1
    words: int = 0
    hashtag: str = ""
    mentions: int = 0

    def judge(self, case: Case) -> Finding:
        comments = counted(case, Action.COMMENT)
        fitting = [seen for seen in comments if self._fits(seen)]
        present = tuple(filter(is_present, fitting))
        if self._is_enough(case, present):
            return Finding(verdict=Verdict.HOLDS, reason="seen", evidence=present)
        if self._is_enough(case, fitting):
            gone = [seen for seen in fitting if not is_present(seen)]
            return absence(case, Action.COMMENT, gone)
        never_enough = absence(case, Action.COMMENT, [])
        if not comments or never_enough.verdict is Verdict.UNKNOWN:
            return never_enough
        reason = self._shortfall(comments, fitting)
        return Finding(verdict=Verdict.FAILS, reason=reason, evidence=tuple(comments))

    def _fits(self, comment: Presence) -> bool:
        long_enough = not self.words or _words(comment.text) >= self.words
        return long_enough and self._has_hashtag(comment)

    def _has_hashtag(self, comment: Presence) -> bool:
        return not self.hashtag or _folded(self.hashtag) in map(_folded, comment.tags)

    def _is_enough(self, case: Case, comments: Collection[Presence]) -> bool:
        named = {account for seen in comments for account in seen.mentions}
        named -= case.communities | {case.account}
        return _different(comments) >= self.times and len(named) >= self.mentions

    def _shortfall(self, comments: list[Presence], fitting: list[Presence]) -> str:
        if _different(fitting) >= self.times:
            return "too_few_mentions"
        if not any(map(self._has_hashtag, comments)):
            return "hashtag_missing"
        if _different(comments) >= self.times:
            return "comment_does_not_fit"
        return "too_few_comments"

    def sentence(self, language: Language) -> str:
        return self._in_russian() if language is Language.RUSSIAN else self._in_english()

    def _in_english(self) -> str:
        each = "each " if self.times > 1 else ""
        said = f"Write {english(self.times, 'comment')} under the contest post"
        if self.words:
            said += f", {each}of at least {english(self.words, 'word')}"
        if self.hashtag:
            said += f", {each}with the hashtag #{self.hashtag}"
        if self.mentions:
            kind = "account" if self.mentions == 1 else "different account"
            where = "them together" if self.times > 1 else "it"
            said += f", and mention at least {english(self.mentions, kind)} in {where}"
        return said

    def _in_russian(self) -> str:
        each = "каждый " if self.times > 1 else ""
        comments = russian(self.times, ("комментарий", "комментария", "комментариев"))
        said = f"Напишите {comments} под записью конкурса"
        if self.words:
            said += f", {each}не короче {russian(self.words, ('слова', 'слов', 'слов'))}"
        if self.hashtag:
            said += f", {each}с хештегом #{self.hashtag}"
        if self.mentions:
            accounts = russian(self.mentions, ("аккаунта", "разных аккаунтов", "разных аккаунтов"))
            where = "в них вместе" if self.times > 1 else "в нём"
            said += f", и отметьте {where} не меньше {accounts}"
        return said

    def faults(self) -> list[Fault]:
        faults = []
        for field, lowest, highest in (("times", 1, 100), ("words", 0, 1000), ("mentions", 0, 20)):
            if not lowest <= getattr(self, field) <= highest:
                detail = f"must lie between {lowest} and {highest}"
                faults.append(Fault(pointer=f"/{field}", detail=detail))
        if self.hashtag and (len(self.hashtag) > 64 or not all(map(_is_of_hashtag, self.hashtag))):
            detail = "give the hashtag without its sign: letters, digits and _, at most 64"
            faults.append(Fault(pointer="/hashtag", detail=detail))
        return faults


def _different(comments: Collection[Presence]) -> int:
    """Count comments; one that was gone for a while is still one."""
    return len({(seen.target, seen.ref) for seen in comments})


def _words(text: str) -> int:
    return sum(any(map(str.isalnum, word)) for word in text.split())


def _folded(hashtag: str) -> str:
    """Bring spellings of a hashtag together that look the same to a reader (UAX 31, caseless)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", hashtag).casefold())


def _is_of_hashtag(char: str) -> bool:
    # Marks are part of letters, in Hindi or in decomposed Russian.
    return char == "_" or unicodedata.category(char)[0] in "LMN"
