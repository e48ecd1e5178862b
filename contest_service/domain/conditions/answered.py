"""The condition over answers to a question, which nobody can judge before they are opened."""

import enum
import functools
import re
from collections.abc import Sequence
from typing import Annotated, ClassVar

from contest_service.domain.case import Case, Finding, Presence, Verdict
from contest_service.domain.codes import find_codes
from contest_service.domain.conditions.base import (
    ABSENCE,
    Condition,
    Language,
    absence,
    comment_of,
    counted,
    is_present,
    reasons,
)
from contest_service.domain.conditions.limits import text
from contest_service.domain.conditions.spelling import (
    folded,
    holds_words,
    is_hashtag,
    numbers_of,
    words_of,
)
from contest_service.domain.errors import Fault
from contest_service.domain.evidence import Action

QUIZ = re.compile(r"[a-z][a-z0-9_-]{0,39}")
"""The code of a quiz."""
SEALED = "answers_sealed"
"""The reason while nobody may know which answers are right."""


class Comparing(enum.StrEnum):
    """How a comment is compared with the accepted answers."""

    WITHIN = "within"
    """One of them stands in it, as whole words."""
    WHOLE = "whole"
    """It is one of them, and says nothing else."""
    NUMBER = "number"
    """It names one of them, a whole number, and no other number. Without a number it is none."""


class Counting(enum.StrEnum):
    """Which of somebody's answers count."""

    FIRST = "first"
    """The first one, whatever became of it."""
    ANY = "any"
    """One that is right is enough."""
    ONLY = "only"
    """All of them: whoever answers in different ways has to be right each time."""


class Answered(Condition, frozen=True, kw_only=True, tag="answered", tag_field="kind"):
    """A comment under a contest post answers a question as the organiser fixed in advance.

    The accepted answers are not here: the rules hold a commitment to them, under the code `quiz`,
    and they are opened after the close. Until then it cannot be known whether an answer is right.

    Every comment is an answer that carries `hashtag`, if one is named, and no one-time code; an
    edited one is a further answer. Answers are compared without regard to case, signs and ё or е.
    One that is right counts while it is there; for the first and for all answers, those that were
    deleted count too. Where times do not tell which answer was first, it is the right one.
    """

    label: ClassVar = {Language.ENGLISH: "Quiz answer", Language.RUSSIAN: "Ответ на вопрос"}
    action: ClassVar[Action] = Action.COMMENT
    reasons: ClassVar = reasons(
        {
            Verdict.HOLDS: ("right_answer",),
            Verdict.UNKNOWN: (SEALED,),
            Verdict.FAILS: ("wrong_answer", "hashtag_missing", "no_number"),
        },
        ABSENCE,
    )
    quiz: str
    question: Annotated[str, text(300)]
    comparing: Comparing = Comparing.WITHIN
    counting: Counting = Counting.FIRST
    hashtag: Annotated[str, text(64, least=0)] = ""

    def judge(self, case: Case) -> Finding:
        comments = counted(case, Action.COMMENT)
        answers = list(filter(self._is_answer, comments))
        if not any(map(is_present, answers)):
            return self._nothing(case, comments, answers)
        if self.quiz not in case.quizzes:
            return Finding(verdict=Verdict.UNKNOWN, reason=SEALED, evidence=tuple(answers))
        accepted = case.quizzes[self.quiz]
        right = [seen for seen in answers if self._is_right(seen, accepted)]
        return self._decide(case, answers, right)

    def _nothing(
        self, case: Case, comments: Sequence[Presence], answers: Sequence[Presence]
    ) -> Finding:
        """Nothing is there that could be right: the same whatever the right answer is."""
        finding = absence(case, Action.COMMENT, answers)
        there = tuple(filter(is_present, comments))
        if finding.verdict is Verdict.UNKNOWN or answers or not there:
            return finding
        tagged = any(map(self._has_hashtag, there))
        if self.comparing is Comparing.NUMBER and tagged:
            return Finding(verdict=Verdict.FAILS, reason="no_number", evidence=there)
        if self.hashtag and not tagged:
            return Finding(verdict=Verdict.FAILS, reason="hashtag_missing", evidence=there)
        return finding

    def _decide(
        self, case: Case, answers: Sequence[Presence], right: Sequence[Presence]
    ) -> Finding:
        match self.counting:
            case Counting.FIRST:
                counting = [seen for seen in right if _may_be_first(case, seen, answers)]
            case Counting.ANY:
                counting = list(right)
            case Counting.ONLY:
                counting = list(right) if len(right) == len(answers) else []
        if not counting:
            unseen = absence(case, Action.COMMENT, [])
            if unseen.verdict is Verdict.UNKNOWN and self.counting is not Counting.ONLY:
                return unseen  # the right one may be among what we could not see
            return Finding(verdict=Verdict.FAILS, reason="wrong_answer", evidence=tuple(answers))
        there = tuple(filter(is_present, counting))
        if there:
            return Finding(verdict=Verdict.HOLDS, reason="right_answer", evidence=there)
        return absence(case, Action.COMMENT, counting)

    def _is_answer(self, comment: Presence) -> bool:
        if not self._has_hashtag(comment) or find_codes(comment.text):
            return False
        return self.comparing is not Comparing.NUMBER or bool(numbers_of(self._said(comment)))

    def _said(self, comment: Presence) -> str:
        """What a comment says, without the hashtag that makes it an answer."""
        if not self.hashtag:
            return comment.text
        tag = folded(f"#{self.hashtag}")
        return " ".join(word for word in comment.text.split() if folded(word) != tag)

    def _is_right(self, comment: Presence, answers: tuple[str, ...]) -> bool:
        said = self._said(comment)
        if self.comparing is Comparing.NUMBER:
            found = numbers_of(said)
            return len(found) == 1 and found <= _numbers(answers)
        words = words_of(said)
        if self.comparing is Comparing.WHOLE:
            return words in _texts(answers)
        return any(holds_words(words, answer) for answer in _texts(answers))

    def _has_hashtag(self, comment: Presence) -> bool:
        return not self.hashtag or folded(self.hashtag) in map(folded, comment.tags)

    def sentence(self, language: Language) -> str:
        place = 1 if language is Language.RUSSIAN else 0
        tag = _TAG[place].format(self.hashtag) if self.hashtag else ""
        said = _ASK[self.comparing][place].format(question=self.question, tag=tag)
        return said + _COUNT[self.counting][place]

    def faults(self) -> list[Fault]:
        faults = super().faults()
        if not QUIZ.fullmatch(self.quiz):
            detail = "give a code of small letters, digits, _ and -, a letter first, at most 40"
            faults.append(Fault(pointer="/quiz", detail=detail))
        if self.hashtag and not is_hashtag(self.hashtag):
            detail = "give the hashtag without its sign: letters, digits and _, at most 64"
            faults.append(Fault(pointer="/hashtag", detail=detail))
        return faults


_TAG = (", with the hashtag #{}", " с хештегом #{}")
_ASK = {
    Comparing.WITHIN: (
        "Answer the question “{question}” in a comment under the contest post{tag}",
        "Ответьте на вопрос «{question}» в комментарии под записью конкурса{tag}",
    ),
    Comparing.WHOLE: (
        "Answer the question “{question}” in a comment under the contest post{tag}, with the "
        "answer and nothing else",
        "Ответьте на вопрос «{question}» в комментарии под записью конкурса{tag}: только ответ и "
        "ничего больше",
    ),
    Comparing.NUMBER: (
        "Answer the question “{question}” in a comment under the contest post{tag}, with one "
        "number in digits and no other number",
        "Ответьте на вопрос «{question}» в комментарии под записью конкурса{tag}: одним числом, "
        "цифрами и без других чисел",
    ),
}
_COUNT = {
    Counting.FIRST: (
        "; your first answer counts, even if you delete or edit it",
        "; засчитывается первый ответ, даже если его удалить или изменить",
    ),
    Counting.ANY: ("; one right answer is enough", "; достаточно одного верного ответа"),
    Counting.ONLY: (
        "; if you answer more than once, every answer has to be right",
        "; если ответов несколько, верным должен быть каждый",
    ),
}


@functools.lru_cache(maxsize=1024)
def _numbers(answers: tuple[str, ...]) -> frozenset[int | None]:
    return frozenset(number for answer in answers for number in numbers_of(answer))


@functools.lru_cache(maxsize=1024)
def _texts(answers: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(map(words_of, answers))


def _may_be_first(case: Case, answer: Presence, answers: Sequence[Presence]) -> bool:
    """Whether no other answer is known to have been given before this one."""
    earliest = _bounds(case, answer)[0]
    return not any(
        _bounds(case, other)[1] < earliest or _is_former_version(other, answer)
        for other in answers
        if other is not answer
    )


def _bounds(case: Case, seen: Presence) -> tuple[int, int]:
    """The earliest and the latest time at which it can have been written."""
    if seen.at is not None:
        return seen.at, seen.at
    return (case.opens_at if seen.absent_at is None else seen.absent_at), seen.seen_at


def _is_former_version(other: Presence, answer: Presence) -> bool:
    """Whether the comment said the other before it was edited: both have the comment's time."""
    is_same = (other.account, *comment_of(other)) == (answer.account, *comment_of(answer))
    return is_same and other.seen_at < answer.seen_at
