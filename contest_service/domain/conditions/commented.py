"""The condition over comments: how many, how long, with which hashtag, naming how many accounts."""

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

    A comment fits if it has at least `words` words, carries `hashtag` (without the sign, any case)
    if one is named, and names at least `mentions` accounts. Mentions are distinct over all of the
    entrant's comments together, and neither the writer nor the contest's communities count.
    """

    action: ClassVar[Action] = Action.COMMENT
    times: int = 1
    words: int = 0
    hashtag: str = ""
    mentions: int = 0

    def judge(self, case: Case) -> Finding:
        comments = counted(case, Action.COMMENT)
        present = [seen for seen in comments if is_present(seen)]
        fitting = tuple(seen for seen in present if self._fits(seen))
        named = {account for seen in fitting for account in seen.mentions}
        named -= case.communities | {case.account}
        if len(fitting) >= self.times and len(named) >= self.mentions:
            return Finding(verdict=Verdict.HOLDS, reason="seen", evidence=fitting)
        gone = [seen for seen in comments if not is_present(seen) and self._fits(seen)]
        if gone or not present:
            return absence(case, Action.COMMENT, gone)
        shortfall = absence(case, Action.COMMENT, [])
        if shortfall.verdict is Verdict.UNKNOWN:
            return shortfall
        return Finding(
            verdict=Verdict.FAILS, reason=self._shortfall(present, fitting), evidence=tuple(present)
        )

    def _fits(self, comment: Presence) -> bool:
        if self.words and len(comment.text.split()) < self.words:
            return False
        return not self.hashtag or self.hashtag.casefold() in comment.tags

    def _shortfall(self, present: list[Presence], fitting: tuple[Presence, ...]) -> str:
        if len(fitting) >= self.times:
            return "too_few_mentions"
        if self.hashtag and not any(self.hashtag.casefold() in seen.tags for seen in present):
            return "hashtag_missing"
        if len(present) >= self.times:
            return "comment_does_not_fit"
        return "too_few_comments"

    def sentence(self, language: Language) -> str:
        if language is Language.RUSSIAN:
            comments = russian(self.times, "комментарий", "комментария", "комментариев")
            parts = [f"Напишите {comments} под записью конкурса"]
            if self.words:
                parts.append(f"не короче {russian(self.words, 'слова', 'слов', 'слов')}")
            if self.hashtag:
                parts.append(f"с хештегом #{self.hashtag}")
            if self.mentions:
                accounts = russian(self.mentions, "аккаунт", "разных аккаунта", "разных аккаунтов")
                parts.append(f"и отметьте {accounts}")
            return " ".join(parts)
        parts = [f"Write {english(self.times, 'comment')} under the contest post"]
        if self.words:
            parts.append(f"of at least {english(self.words, 'word')}")
        if self.hashtag:
            parts.append(f"with the hashtag #{self.hashtag}")
        if self.mentions:
            parts.append(f"and mention {english(self.mentions, 'different account')}")
        return " ".join(parts)

    def faults(self) -> list[Fault]:
        faults = []
        for field, lowest, highest in (("times", 1, 100), ("words", 0, 1000), ("mentions", 0, 20)):
            if not lowest <= getattr(self, field) <= highest:
                detail = f"must lie between {lowest} and {highest}"
                faults.append(Fault(pointer=f"/{field}", detail=detail))
        if self.hashtag and (not self.hashtag.replace("_", "").isalnum() or len(self.hashtag) > 64):
            detail = "give the hashtag without its sign: letters, digits and _, at most 64"
            faults.append(Fault(pointer="/hashtag", detail=detail))
        return faults
