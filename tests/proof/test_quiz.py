"""Quizzes: what was committed to before the start is what is opened after the close."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contest_service.proof.canonical import encode
from contest_service.proof.quiz import commit_quiz, quiz_bytes
from proof.browser import ROOT
from proof.generated import CONTEST, Made, jcs, tagged, write_folder
from proof.judges import Judges

SALT = bytes(range(32))
OPENED: dict[str, Any] = {
    "v": "drawproof/1",
    "contest": CONTEST,
    "quiz": "capital",
    "answers": ["Париж", "Paris", 'q"\\\u2028'],
    "salt": SALT.hex(),
}


def commitment(opened: dict[str, Any]) -> str:
    sealed = {key: opened[key] for key in ("answers", "contest", "quiz")}
    return tagged("quiz", bytes.fromhex(opened["salt"]), jcs(sealed)).hex()


def asking(*quizzes: dict[str, Any], **made: Any) -> Made:
    """A contest whose terms name these quizzes, all of them opened."""
    contest = Made(**made)
    contest.terms[0]["quizzes"] = [
        {"quiz": each["quiz"], "commitment": commitment(each)} for each in quizzes
    ]
    contest.extra = {name(each): jcs(each) for each in quizzes}
    return contest


def name(opened: dict[str, Any]) -> str:
    return f"quiz/{commitment(opened)}.json"


def test_the_example_of_the_specification_is_what_the_service_writes() -> None:
    text = (ROOT / "docs" / "draw-protocol.md").read_text()
    section = text[text.index("### 8.10") : text.index("## 9. Attacks")]
    stated = re.search(r"^    ([0-9a-f]{64})$", section, re.MULTILINE)
    file = re.search(r'^    (\{"answers".*\})$', section, re.MULTILINE)
    assert stated is not None
    assert file is not None
    opened = json.loads(file[1])
    given: dict[str, Any] = {
        "contest": "c-2026",
        "quiz": "capital",
        "answers": ["Париж", "Paris"],
        "salt": SALT,
    }
    assert quiz_bytes(**given).decode() == file[1]
    assert commit_quiz(**given).hex() == stated[1] == commitment(opened)


@pytest.mark.parametrize("upto", ["rules", "freeze", "close"])
def test_all_say_which_answers_were_fixed(upto: str, judges: Judges, tmp_path: Path) -> None:
    other = OPENED | {"quiz": "river", "answers": ["Seine"]}
    path = write_folder(tmp_path, asking(OPENED, other, upto=upto).files())
    facts = judges.agreed(path, about=upto)
    assert facts["verdict"] == ("verified" if upto == "close" else "pending")
    said = [each["text"] for each in facts["findings"] if each["code"] == "quiz-opened"]
    assert len(said) == 2
    assert "Париж; Paris" in said[0]
    assert "\\u{2028}" in said[0], "nothing of a bundle steers a terminal"


def test_answers_may_be_sealed_before_the_freeze_and_in_a_void(
    judges: Judges, tmp_path: Path
) -> None:
    made = asking(OPENED, upto="rules")
    made.extra = {}
    path = write_folder(tmp_path / "sealed", made.files())
    facts = judges.agreed(path, about="sealed")
    assert facts["verdict"] == "pending"
    assert [each["code"] for each in facts["findings"]].count("quiz-sealed") == 1


def test_a_quiz_keeps_its_answers_when_the_rules_change(judges: Judges, tmp_path: Path) -> None:
    made = asking(OPENED)
    second = copy.deepcopy(made.terms[0]) | {"version": 2, "reason": "A question more."}
    more = OPENED | {"quiz": "river", "answers": ["Seine"]}
    second["quizzes"].append({"quiz": "river", "commitment": commitment(more)})
    made.terms.append(second)
    made.extra |= {name(more): jcs(more)}
    path = write_folder(tmp_path, made.files())
    assert judges.agreed(path, about="amended")["verdict"] == "verified"


def changed(**values: Any) -> Callable[[Made], None]:
    """Other values in the file, which keeps its name."""

    def change(made: Made) -> None:
        made.extra[name(OPENED)] = encode_anything(OPENED | values)

    return change


def encode_anything(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def committed(**values: Any) -> Callable[[Made], None]:
    """The same in the terms and in the file, so that only the values can be wrong."""

    def change(made: Made) -> None:
        other = OPENED | values
        made.terms[0]["quizzes"][0] = {"quiz": other["quiz"], "commitment": commitment(other)}
        made.extra = {name(other): encode_anything(other)}

    return change


def in_terms(value: Any) -> Callable[[Made], None]:
    def change(made: Made) -> None:
        made.terms[0]["quizzes"] = value

    return change


def amended_answers(made: Made) -> None:
    other = OPENED | {"answers": ["London"]}
    second = copy.deepcopy(made.terms[0]) | {"version": 2, "reason": "Other answers."}
    second["quizzes"][0]["commitment"] = commitment(other)
    made.terms.append(second)
    made.extra |= {name(other): jcs(other)}


def without_file(made: Made) -> None:
    made.extra = {}


def unnamed_file(made: Made) -> None:
    made.extra |= {name(OPENED | {"answers": ["London"]}): jcs(OPENED | {"answers": ["London"]})}


def no_quiz_in_terms(made: Made) -> None:
    del made.terms[0]["quizzes"]


def dropped_by_an_amendment(made: Made) -> None:
    second = copy.deepcopy(made.terms[0]) | {"version": 2, "reason": "No question any more."}
    del second["quizzes"]
    made.terms.append(second)
    made.extra = {}


TERMS_COMMITMENT = {"quiz": "capital", "commitment": commitment(OPENED)}
DEFECTS: dict[str, Callable[[Made], None]] = {
    "an answer was added": changed(answers=[*OPENED["answers"], "Lutetia"]),
    "an answer was changed": changed(answers=["London"]),
    "answers in another order": changed(answers=OPENED["answers"][::-1]),
    "another salt": changed(salt="00" * 32),
    "a short salt": changed(salt="00" * 31),
    "of another quiz": changed(quiz="river"),
    "of another contest": changed(contest="another"),
    "an own contest, committed to": committed(contest="another"),
    "no answers, committed to": committed(answers=[]),
    "an empty answer, committed to": committed(answers=[""]),
    "a number as answer, committed to": committed(answers=[7]),
    "a quiz that is no code, committed to": committed(quiz="Capital city"),
    "another version of the format": changed(v="drawproof/2"),
    "a key more": changed(note="x"),
    "the file is missing after the freeze": without_file,
    "the file is missing of a quiz that an amendment dropped": dropped_by_an_amendment,
    "answers that no terms name": unnamed_file,
    "terms without the quiz": no_quiz_in_terms,
    "an amendment with other answers": amended_answers,
    "no quizzes, but the key": in_terms([]),
    "a quiz twice": in_terms([TERMS_COMMITMENT, TERMS_COMMITMENT]),
    "quizzes out of order": in_terms(
        [TERMS_COMMITMENT, {"quiz": "a", "commitment": commitment(OPENED)}]
    ),
    "a commitment that is no digest": in_terms([{"quiz": "capital", "commitment": "x"}]),
    "one commitment for two quizzes": in_terms(
        [{"quiz": "a", "commitment": commitment(OPENED)}, TERMS_COMMITMENT]
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_all_refuse_a_quiz_with_a_defect(defect: str, judges: Judges, tmp_path: Path) -> None:
    made = asking(OPENED)
    DEFECTS[defect](made)
    path = write_folder(tmp_path, made.files())
    assert judges.agreed(path, about=defect)["verdict"] == "refused"


def test_the_service_encodes_answers_as_the_profile_asks() -> None:
    opened = quiz_bytes(contest=CONTEST, quiz="capital", answers=OPENED["answers"], salt=SALT)
    assert opened == encode(OPENED)
