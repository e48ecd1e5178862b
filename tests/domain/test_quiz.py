"""Quizzes: what is sealed decides nothing, and what may be given as an answer."""

from typing import Any

import msgspec
import pytest

from contest_service.domain.answers import Moment, say_state
from contest_service.domain.case import Case
from contest_service.domain.conditions import Answered, Language, Liked
from contest_service.domain.conditions.answered import SEALED, Comparing, Counting
from contest_service.domain.evidence import Action
from contest_service.domain.judging import EntrantState, Judgement, judge_entrant
from contest_service.domain.quiz import answer_faults, question_faults, quiz_paragraphs
from contest_service.domain.rules import AllOf, AnyOf, Bonus, Rule, Tickets, Unverified
from domain.cases import NOON, case, definition, did

ASKED = Answered(quiz="capital", question="What is the capital of France?")
RIGHT, WRONG = "Paris", "London"
EN, RU = Language.ENGLISH, Language.RUSSIAN


def answered(text: str, *, opened: bool = False) -> Case:
    comment = did(Action.COMMENT, at=1500, text=text)
    made = case(did(Action.LIKE), comment)
    return msgspec.structs.replace(made, quizzes={"capital": (RIGHT,)}) if opened else made


def judged(of: Case, rules: Rule = ASKED, **given: Any) -> Judgement:
    usual = {"tickets": Tickets(), "unverified": Unverified.EXCLUDE}
    return judge_entrant(of, rules=rules, **(usual | given))


@pytest.mark.parametrize("counting", Counting)
@pytest.mark.parametrize("comparing", Comparing)
def test_while_answers_are_sealed_right_and_wrong_ones_are_judged_alike(
    comparing: Comparing, counting: Counting
) -> None:
    rules = AllOf((Liked(), msgspec.structs.replace(ASKED, comparing=comparing, counting=counting)))
    verdicts = [judged(answered(text), rules) for text in ("7 Paris", "8 London")]
    bare = [msgspec.json.encode((each.state, each.reason, each.tickets)) for each in verdicts]
    assert bare[0] == bare[1]
    assert verdicts[0].state is EntrantState.CANNOT_VERIFY
    assert verdicts[0].reason == f"answered.{SEALED}"


def test_nobody_is_admitted_who_may_have_answered_wrongly() -> None:
    admit = Unverified.ADMIT
    assert judged(answered(RIGHT), unverified=admit).state is EntrantState.CANNOT_VERIFY
    assert judged(answered(RIGHT), unverified=admit).reason == f"answered.{SEALED}"
    opened = judged(answered(RIGHT, opened=True), unverified=admit)
    assert opened.state is EntrantState.VALID
    wrong = judged(answered(WRONG, opened=True), unverified=admit)
    assert (wrong.state, wrong.reason) == (EntrantState.INVALID, "answered.wrong_answer")
    # Where the answer decides nothing, it is not waited for.
    assert judged(answered(WRONG), AnyOf((ASKED, Liked()))).state is EntrantState.VALID


def test_tickets_for_the_right_answer_come_when_it_is_opened() -> None:
    tickets = Tickets(bonuses=(Bonus(rule=ASKED, tickets=3),))
    held = [
        judged(answered(text, opened=opened), Liked(), tickets=tickets).tickets
        for text, opened in ((RIGHT, False), (WRONG, False), (RIGHT, True), (WRONG, True))
    ]
    assert held == [1, 1, 4, 1]


@pytest.mark.parametrize(
    ("answers", "comparing", "wrong"),
    [
        ((), Comparing.WITHIN, "/answers"),
        (("a",) * 101, Comparing.WITHIN, "/answers"),
        (("Paris", " "), Comparing.WITHIN, "/answers/1"),
        (("?!",), Comparing.WITHIN, "/answers/0"),
        (("a" * 201,), Comparing.WITHIN, "/answers/0"),
        (("a\u202eb",), Comparing.WITHIN, "/answers/0"),
        (("7 or 8",), Comparing.NUMBER, "/answers/0"),
        (("seven",), Comparing.NUMBER, "/answers/0"),
        (("9" * 40,), Comparing.NUMBER, "/answers/0"),
    ],
)
def test_answers_that_no_comment_could_be_compared_with_are_refused(
    answers: tuple[str, ...], comparing: Comparing, wrong: str
) -> None:
    asked = [msgspec.structs.replace(ASKED, comparing=comparing)]
    faults = answer_faults(answers, asked)
    assert [each.pointer for each in faults] == [wrong]


def test_answers_that_fit_have_no_faults() -> None:
    assert answer_faults(("Париж", "Paris"), [ASKED]) == []
    assert answer_faults(("1 000",), [msgspec.structs.replace(ASKED, comparing="number")]) == []
    assert answer_faults(("anything",), []) == []


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"quiz": "Capital"}, ["/quiz"]),
        ({"quiz": "", "question": ""}, ["/question", "/quiz"]),
        ({"hashtag": "#cake"}, ["/hashtag"]),
        ({"hashtag": "cake"}, []),
    ],
)
def test_a_question_s_parameters_are_checked(changes: dict[str, Any], pointers: list[str]) -> None:
    faults = msgspec.structs.replace(ASKED, **changes).faults()
    assert sorted(each.pointer for each in faults) == pointers


def test_one_code_is_of_one_question() -> None:
    other = msgspec.structs.replace(ASKED, question="And of Spain?")
    again = msgspec.structs.replace(ASKED, counting=Counting.ANY)
    assert question_faults(definition(rules=AllOf((ASKED, again, Liked())))) == []
    faults = question_faults(definition(rules=AllOf((ASKED, other))))
    assert [each.pointer for each in faults] == ["/rules/of/1/quiz"]


def test_the_sentence_says_how_answers_are_compared_and_counted() -> None:
    said = {
        (comparing, counting, language): msgspec.structs.replace(
            ASKED, comparing=comparing, counting=counting, hashtag="ответ"
        ).sentence(language)
        for comparing in Comparing
        for counting in Counting
        for language in Language
    }
    assert len(set(said.values())) == len(said)
    assert all("#ответ" in text and "What is the capital" in text for text in said.values())
    assert not any("{" in text for text in said.values())
    assert said[Comparing.WITHIN, Counting.FIRST, RU] == (
        "Ответьте на вопрос «What is the capital of France?» в комментарии под записью конкурса с "
        "хештегом #ответ; засчитывается первый ответ, даже если его удалить или изменить"
    )


def test_the_terms_name_the_hash_of_the_answers_and_never_the_answers() -> None:
    subject = definition(rules=AllOf((ASKED, Liked())))
    for language in Language:
        text = "\n".join(quiz_paragraphs(subject, {"capital": "ab" * 32}, language))
        assert f"(capital): {'ab' * 32}" in text
    assert list(quiz_paragraphs(definition(), {}, EN)) == []


@pytest.mark.parametrize(("language", "word"), [(EN, "after the close"), (RU, "после закрытия")])
def test_whoever_answered_is_told_when_it_is_known(language: Language, word: str) -> None:
    at = Moment(language=language, closes_at=NOON, zone="UTC", is_fixed=False)
    assert word in say_state(SEALED, 0, at).text
