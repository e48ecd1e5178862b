"""Quizzes: the accepted answers to a question of the rules, and what is wrong with them. Pure.

The rules name a quiz, its question and how answers are compared (`conditions.answered`). Salts and
commitments are `proof.quiz`'s.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from contest_service.domain.conditions import Language
from contest_service.domain.conditions.answered import Answered, Comparing
from contest_service.domain.conditions.spelling import numbers_of, words_of
from contest_service.domain.contest import Definition, every_condition
from contest_service.domain.errors import Fault
from contest_service.domain.plain_text import text_faults

MOST_ANSWERS = 100
LONGEST_ANSWER = 200
"""Characters."""


def questions(definition: Definition) -> Iterator[tuple[str, Answered]]:
    """Every condition that asks a question, with its JSON pointer in the definition."""
    for pointer, condition in every_condition(definition):
        if isinstance(condition, Answered):
            yield pointer, condition


def practice_answers(asked: Answered) -> tuple[str, ...]:
    """What is right in a dry run, which tells its answers within minutes: never the real ones."""
    return ("7",) if asked.comparing is Comparing.NUMBER else ("practice", "тренировка")


def quiz_paragraphs(
    definition: Definition, commitments: Mapping[str, str], language: Language
) -> Iterator[str]:
    """Say when right answers are told, what holds the organiser to them, and how they compare.

    `commitments` are in hex, by quiz.
    """
    asked = dict.fromkeys(each.quiz for _, each in questions(definition))
    if not asked:
        return
    is_russian = language is Language.RUSSIAN
    yield (
        "Правильные ответы закреплены до начала и скрыты от всех. Их откроют после закрытия, когда "
        "будут прочитаны все комментарии; до этого никто не узнает, верен ли ответ."
        if is_russian
        else "The right answers were fixed before the start and are sealed for everybody. They are "
        "opened after the close, when all comments have been read; until then nobody is told "
        "whether an answer is right."
    )
    for quiz in asked:
        if quiz in commitments:
            what = "Хеш ответов" if is_russian else "Hash of the answers"
            yield f"{what} ({quiz}): {commitments[quiz]}"
    yield (
        "При сравнении не важны заглавные буквы, е и ё, знаки и лишние пробелы. Изменённый "
        "комментарий считается ещё одним ответом."
        if is_russian
        else "Capital letters, е and ё, signs and extra spaces make no difference. A comment that "
        "was edited is one more answer."
    )


def question_faults(definition: Definition) -> list[Fault]:
    """Questions that differ under the same code: one commitment cannot answer both."""
    asked: dict[str, str] = {}
    return [
        Fault(pointer=f"{pointer}/quiz", detail="names another question already; give another code")
        for pointer, each in questions(definition)
        if asked.setdefault(each.quiz, each.question) != each.question
    ]


def answer_faults(answers: Sequence[str], asked: Iterable[Answered]) -> list[Fault]:
    """Everything that is wrong with accepted answers to a quiz that `asked` compare them with."""
    if not 1 <= len(answers) <= MOST_ANSWERS:
        return [Fault(pointer="/answers", detail=f"give 1 to {MOST_ANSWERS} accepted answers")]
    are_numbers = any(each.comparing is Comparing.NUMBER for each in asked)
    faults: list[Fault] = []
    for place, answer in enumerate(answers):
        at = f"/answers/{place}"
        wrong = text_faults(answer, at, longest=LONGEST_ANSWER)
        if not wrong and (detail := _detail(answer, are_numbers=are_numbers)):
            wrong = [Fault(pointer=at, detail=detail)]
        faults += wrong
    return faults


def _detail(answer: str, *, are_numbers: bool) -> str:
    if not words_of(answer):
        return "has neither a letter nor a digit, so no comment could be compared with it"
    found = numbers_of(answer)
    if are_numbers and (len(found) != 1 or None in found or any(map(str.isalpha, answer))):
        return "is not one whole number in digits, and the rules compare this answer as a number"
    return ""
